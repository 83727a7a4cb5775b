//! What a statement writes down: columns with their types, wherever a statement may hold them.

use super::{Ident, ObjectId, Persistence, StatementContext, StatementKind, TableActionKind};
use crate::catalog::TypeRef;
use crate::catalog::analyze::{Environment, type_named};
use crate::syntax::{ColumnDefinition, TableElement, TypeName};

/// A column whose type a statement writes.
#[derive(Clone, Copy)]
pub struct WrittenColumn<'a> {
    /// The column.
    pub name: Ident,
    /// Its type.
    pub ty: &'a TypeName,
    /// All of it; `None` where only its type is changed.
    pub definition: Option<&'a ColumnDefinition>,
}

impl WrittenColumn<'_> {
    /// Whether the type is this one of the server's, and no array of it.
    pub fn is(&self, names: &[&str]) -> bool {
        let own = self.ty.schema().is_none_or(|schema| schema.as_str() == "pg_catalog");
        own && self.ty.array_dimensions == 0 && !self.ty.percent_type && names.contains(&self.ty.name().as_str())
    }
}

/// The types that stand for a number of a sequence, with what is stored.
const SERIALS: &[(&str, &str)] = &[
    ("smallserial", "smallint"),
    ("serial2", "smallint"),
    ("serial", "integer"),
    ("serial4", "integer"),
    ("bigserial", "bigint"),
    ("serial8", "bigint"),
];

/// What a `serial` stores; `None` for any other type.
pub fn serial(ty: &TypeName) -> Option<&'static str> {
    let name = ty.name();
    let found = SERIALS.iter().find(|(serial, _)| *serial == name.as_str())?;
    (ty.array_dimensions == 0).then_some(found.1)
}

impl<'a> StatementContext<'a> {
    /// The columns whose types a statement that ran writes, those of temporary tables left out.
    pub fn written_columns(&self) -> Vec<WrittenColumn<'a>> {
        let of = |definition: &'a ColumnDefinition| {
            Some(WrittenColumn { name: definition.name, ty: definition.ty.as_ref()?, definition: Some(definition) })
        };
        match self.kind() {
            _ if !self.ran() => Vec::new(),
            StatementKind::CreateTable(create) if create.relation.persistence != Persistence::Temporary => {
                let columns = create.elements.iter().filter_map(|element| match element {
                    TableElement::Column(column) => Some(column),
                    _ => None,
                });
                columns.filter_map(of).collect()
            }
            StatementKind::AlterTable(alter) if !self.alters_temporary(alter) => {
                let columns = alter.actions.iter().filter_map(|action| match &action.kind {
                    TableActionKind::AddColumn { column, .. } => of(column),
                    TableActionKind::AlterColumnType { column, ty, .. } => {
                        Some(WrittenColumn { name: *column, ty, definition: None })
                    }
                    _ => None,
                });
                columns.collect()
            }
            _ => Vec::new(),
        }
    }

    fn alters_temporary(&self, alter: &crate::syntax::AlterTable) -> bool {
        self.find(&alter.relation.name).is_some_and(|table| self.is_temporary(table))
    }

    /// What a written type is where the statement stands; `None` where that is not known.
    pub fn resolved(&self, ty: &TypeName) -> Option<TypeRef> {
        let path = &self.executed.search_path;
        type_named(Environment::new(self.before, path, self.facts.server_version), ty)
    }

    /// The schema that an unqualified new relation went into.
    pub fn schema_of(&self, id: ObjectId) -> Option<ObjectId> {
        self.after.get(id)?.schema
    }
}
