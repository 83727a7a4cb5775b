//! Schemas and extensions.

use super::*;

impl Converter<'_> {
    pub(super) fn create_schema(&self, stmt: &raw::CreateSchemaStmt, mut c: Cursor) -> StatementKind {
        c.eat("create schema");
        if stmt.if_not_exists {
            c.eat("if not exists");
        }
        let name = c.maybe_ident(&stmt.schemaname);
        let authorization = stmt.authrole.get().map(|role| self.role(role));
        if authorization.is_some() {
            c.eat("authorization");
            c.bump();
        }
        let elements = stmt.schemaElts.nodes().zip(schema_elements(c));
        StatementKind::CreateSchema(Box::new(CreateSchema {
            name,
            authorization,
            if_not_exists: stmt.if_not_exists,
            elements: elements.map(|(element, piece)| self.part(element, piece)).collect(),
        }))
    }

    pub(super) fn create_extension(&self, stmt: &raw::CreateExtensionStmt, mut c: Cursor) -> StatementKind {
        // Without a handler, CREATE LANGUAGE is CREATE EXTENSION to the parser.
        c.eat_any(&["create or replace", "create"]);
        c.eat("trusted");
        c.eat("procedural");
        c.eat_any(&["extension", "language"]);
        if stmt.if_not_exists {
            c.eat("if not exists");
        }
        let name = c.name(&stmt.extname);
        c.eat("with");
        let options = self.definitions(&stmt.options, c);
        StatementKind::CreateExtension { name, if_not_exists: stmt.if_not_exists, options }
    }

    pub(super) fn alter_extension(&self, stmt: &raw::AlterExtensionStmt, mut c: Cursor) -> StatementKind {
        c.eat("alter extension");
        StatementKind::AlterExtension { name: c.name(&stmt.extname), options: self.definitions(&stmt.options, c) }
    }
}

/// The elements of CREATE SCHEMA follow each other without anything between them. Each starts with
/// CREATE or GRANT, which are reserved: elsewhere they are a privilege, `WITH GRANT OPTION`, or a
/// label after AS or a dot.
fn schema_elements(c: Cursor) -> impl Iterator<Item = Cursor> {
    let places = c.places();
    let starts = |index: &usize| {
        let before = index.wrapping_sub(1);
        let starts_nothing = places.is_any(before, &["as", "with", "grant"])
            || matches!(places.kind(before), TokenKind::Dot | TokenKind::Comma);
        places.is_any(*index, &["create", "grant"]) && !(starts_nothing && *index > c.index())
    };
    let firsts: Vec<usize> = places.outside_brackets(c.rest()).filter(starts).collect();
    let ends: Vec<usize> = firsts.iter().skip(1).copied().chain([c.rest().end]).collect();
    firsts.into_iter().zip(ends).map(move |(first, end)| c.between(first, end))
}
