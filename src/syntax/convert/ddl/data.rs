//! COPY, TRUNCATE, LOCK, VACUUM, ANALYZE.

use super::*;

/// The words that VACUUM and ANALYZE take without parentheses.
const VACUUM_WORDS: &[&str] = &["full", "freeze", "verbose", "analyze", "analyse"];

/// The lock modes by the server's numbers (`storage/lockdefs.h`), from 1 on.
const LOCK_MODES: [LockMode; 8] = [
    LockMode::AccessShare,
    LockMode::RowShare,
    LockMode::RowExclusive,
    LockMode::ShareUpdateExclusive,
    LockMode::Share,
    LockMode::ShareRowExclusive,
    LockMode::Exclusive,
    LockMode::AccessExclusive,
];

impl Converter<'_> {
    pub(super) fn copy(&self, stmt: &raw::CopyStmt, mut c: Cursor) -> StatementKind {
        c.eat("copy");
        let binary = if c.is_ahead(1, "from") || c.is_ahead(1, "to") { None } else { c.eat("binary") };
        let mut query = None;
        let mut columns = Vec::new();
        let relation = stmt.relation.get().map(|_| self.take_relation(&stmt.relation, &mut c));
        if let Some(inside) = c.parens() {
            match stmt.query.node() {
                Some(node) => {
                    self.reached(inside.index());
                    query = self.data_statement(node);
                }
                None => columns = inside.names(&stmt.attlist),
            }
        }
        let mut options = self.copy_options(stmt, c);
        if let (Some(word), Some(first)) = (binary, options.first_mut()) {
            (first.span, first.name.span) = (word, word);
        }
        StatementKind::Copy(Box::new(Copy {
            relation,
            query,
            columns,
            from: stmt.is_from,
            file: optional_text(&stmt.filename),
            program: stmt.is_program,
            options,
            filter: self.optional_expr(&stmt.whereClause),
        }))
    }

    /// Options in parentheses, or the old ones without.
    fn copy_options(&self, stmt: &raw::CopyStmt, mut c: Cursor) -> Vec<Definition> {
        c.eat_any(&["from", "to"]);
        c.eat("program");
        if c.eat_any(&["stdin", "stdout"]).is_none() {
            c.string();
        }
        c.eat("with");
        if let Some(inside) = c.parens() {
            return self.definitions(&stmt.options, inside);
        }
        let mut clause = c;
        if stmt.whereClause.node().is_some() && clause.skip_to(&["where"]) {
            c = c.until(clause.index());
        }
        let options = stmt.options.list().into_iter().flat_map(|list| self.options_in_a_row(list, c));
        options.map(|(option, piece)| self.definition(option, piece.without_tail(&["with"]))).collect()
    }

    pub(super) fn truncate(&self, stmt: &raw::TruncateStmt) -> StatementKind {
        StatementKind::Truncate {
            relations: self.relations(&stmt.relations),
            restart_identity: stmt.restart_seqs,
            behavior: behavior(stmt.behavior),
        }
    }

    pub(super) fn lock(&self, stmt: &raw::LockStmt) -> StatementKind {
        let mode = usize::try_from(stmt.mode).ok().and_then(|mode| LOCK_MODES.get(mode.wrapping_sub(1)));
        StatementKind::Lock {
            relations: self.relations(&stmt.relations),
            mode: mode.copied().unwrap_or(LockMode::AccessExclusive),
            nowait: stmt.nowait,
        }
    }

    pub(super) fn vacuum(&self, stmt: &raw::VacuumStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["vacuum", "analyze", "analyse"]);
        let start = c;
        let options = if c.is_kind(TokenKind::LeftParen) {
            self.definitions_in_parens(&stmt.options, &mut c)
        } else {
            while c.eat_any(VACUUM_WORDS).is_some() {}
            self.definitions(&stmt.options, start.until(c.index()))
        };
        let relations = stmt.rels.of::<raw::VacuumRelation>().map(|relation| {
            let names = &relation.va_cols;
            let relation = self.take_relation(&relation.relation, &mut c);
            VacuumRelation { relation, columns: c.names_in_parens(names) }
        });
        StatementKind::Vacuum { vacuum: stmt.is_vacuumcmd, options, relations: relations.collect() }
    }
}
