//! NOT NULL as a constraint with a name of its own, as servers have it from 18 on.
//!
//! The catalog holds it as an object where a statement speaks of it; until then it is a mark on the column, and its
//! name follows from those of table and column.

use super::alter_table::Altered;
use super::naming::make_object_name;
use super::{Effect, Replay};
use crate::catalog::{Constraint, ConstraintKind, ObjectId};
use crate::syntax::{self, Ident, Name};

/// From here on NOT NULL is an object.
pub(crate) const SINCE: u8 = 18;

impl Replay {
    /// ADD [CONSTRAINT name] NOT NULL column.
    pub(super) fn add_not_null(&mut self, altered: Altered, written: &syntax::Constraint, column: Ident) -> Effect<()> {
        let number = self.column_of(altered.table, column)?;
        let is_set = self.column_at(altered.table, number).is_some_and(|column| column.not_null);
        self.set_not_null(altered, column)?;
        if self.settings.version < SINCE || is_set {
            return Ok(());
        }
        let name = written.name.map_or_else(|| self.not_null_name(altered.table, column.name), |name| name.name);
        let name = Ident { name, span: written.span };
        let tables = if altered.only { vec![altered.table] } else { self.with_descendants(altered.table) };
        for table in tables {
            let Some(number) = self.now().get(table).and_then(|it| Some(it.as_relation()?.column(column.name)?.number))
            else {
                continue;
            };
            if self.not_null_of(table, number).is_none() && self.constraint_named(table, name.name).is_none() {
                let is_own = table == altered.table;
                self.make_not_null(table, number, name, written.not_valid.is_none(), is_own)?;
            }
        }
        Ok(())
    }

    fn make_not_null(
        &mut self,
        table: ObjectId,
        column: i16,
        name: Ident,
        validated: bool,
        local: bool,
    ) -> Effect<ObjectId> {
        let kind = ConstraintKind::NotNull { column };
        let constraint = Constraint { validated, inherited: u16::from(!local), local, ..Constraint::new(table, kind) };
        self.add_constraint(table, name, constraint, Vec::new())
    }

    /// The constraint that a column's NOT NULL is, where it was named so far.
    pub(super) fn not_null_of(&self, table: ObjectId, column: i16) -> Option<ObjectId> {
        let is_it = |kind: &ConstraintKind| matches!(kind, ConstraintKind::NotNull { column: of } if *of == column);
        let mut constraints = self.now().constraints(table);
        constraints.find(|it| is_it(&it.is.kind)).map(|it| it.id)
    }

    /// The NOT NULL whose name nobody chose, as an object.
    pub(super) fn unnamed_not_null(&mut self, table: ObjectId, name: Ident) -> Option<ObjectId> {
        if self.settings.version < SINCE {
            return None;
        }
        let columns = self.now().get(table)?.as_relation()?.columns.clone();
        let unnamed = |number: i16| self.not_null_of(table, number).is_none();
        let column = columns
            .iter()
            .find(|it| it.not_null && unnamed(it.number) && self.not_null_name(table, it.name) == name.name)?;
        self.make_not_null(table, column.number, Ident { name: name.name, span: column.span }, true, true).ok()
    }

    fn not_null_name(&self, table: ObjectId, column: Name) -> Name {
        Name::from(&make_object_name(&self.name_of(table), Some(&column), "not_null"))
    }

    /// A primary key wants columns that are known to hold no null.
    pub(super) fn check_not_null_validated(
        &self,
        table: ObjectId,
        columns: &[i16],
        span: crate::source::Span,
    ) -> Effect<()> {
        for &column in columns {
            let Some(id) = self.not_null_of(table, column) else { continue };
            if self.now().get(id).and_then(|it| it.as_constraint()).is_some_and(|it| !it.validated) {
                let (name, of) = (self.name_of(id), self.name_of(table));
                let message = format!("incompatible NOT VALID constraint \"{name}\" on relation \"{of}\"");
                return Err(self.refuse_because("55000", span, message, id, "made here").help("validate it first"));
            }
        }
        Ok(())
    }
}
