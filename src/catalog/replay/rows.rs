//! Tables of which the migrations themselves show that they hold rows, and what those rows forbid.

use super::{Effect, Replay};
use crate::catalog::{Column, Executed, ObjectId, Outcome, TypeClass};
use crate::syntax::{
    AlterTable, Expr, ExprKind, FromKind, Ident, Insert, Name, QualifiedName, QueryBody, RelationRef, Select,
    StatementKind, TableActionKind as Action, TriggerTiming,
};

/// What a statement says about the rows of a table.
enum Rows {
    /// It wrote some, into these columns; none are named where all are written.
    Written(Vec<Name>),
    /// It may have taken them away, or filled what was empty.
    InDoubt,
    /// Nothing.
    Untouched,
}

impl Replay {
    /// Refuses NOT NULL where a row that the migrations wrote has a null there.
    pub(super) fn check_rows(&self, table: ObjectId, alter: &AlterTable) -> Effect<()> {
        for action in &alter.actions {
            match &action.kind {
                Action::AddColumn { column, .. } => self.check_new_column(table, column.name)?,
                Action::SetNotNull { column } => self.check_no_null(table, *column)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn check_new_column(&self, table: ObjectId, name: Ident) -> Effect<()> {
        let Some(column) = self.now().relation(table).and_then(|it| it.is.column(name.name)) else { return Ok(()) };
        let is_new = self.now().made_by(table) != Some(self.current);
        if !is_new || !self.must_be_filled(column) || !self.has_rows(table) {
            return Ok(());
        }
        let message = format!("column \"{}\" of relation \"{}\" contains null values", name.name, self.name_of(table));
        let help = "add the column without NOT NULL, fill it, then set NOT NULL; or give it a default";
        Err(self.refuse("23502", name.span, message).help(help))
    }

    /// Whether a row that is there already needs a value that nothing gives it.
    fn must_be_filled(&self, column: &Column) -> bool {
        let is_filled = column.default.is_some() || column.identity.is_some() || column.generated.is_some();
        if is_filled {
            return false;
        }
        let domain = column.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| self.now().get(ty.id)?.as_type());
        match domain.map(|ty| &ty.class) {
            Some(TypeClass::Domain { default: Some(_), .. }) => false,
            Some(TypeClass::Domain { not_null, .. }) => *not_null || column.not_null,
            _ => column.not_null,
        }
    }

    fn check_no_null(&self, table: ObjectId, name: Ident) -> Effect<()> {
        let tables = self.with_descendants(table);
        let has_null = tables.into_iter().any(|table| {
            self.now().may_hold_rows(table)
                && self.last_rows(table).is_some_and(|columns| {
                    !columns.is_empty() && !columns.contains(&name.name) && self.was_empty_without(table, name.name)
                })
        });
        if !has_null {
            return Ok(());
        }
        let message = format!("column \"{}\" of relation \"{}\" contains null values", name.name, self.name_of(table));
        Err(self.refuse("23502", name.span, message).help("fill it before"))
    }

    /// Whether a column is null in a new row that does not name it.
    fn was_empty_without(&self, table: ObjectId, name: Name) -> bool {
        let column = self.now().relation(table).and_then(|it| it.is.column(name));
        column.is_some_and(|it| it.default.is_none() && it.identity.is_none() && it.generated.is_none())
    }

    fn has_rows(&self, table: ObjectId) -> bool {
        let tables = self.with_descendants(table);
        tables.into_iter().any(|table| self.now().may_hold_rows(table) && self.last_rows(table).is_some())
    }

    /// The columns that the last statement which certainly wrote rows to a table wrote to; `None` where none did, or
    /// where what came later may have changed that.
    fn last_rows(&self, table: ObjectId) -> Option<Vec<Name>> {
        let made = self.now().made_by(table)?;
        // A trigger may fill a row, or keep it out.
        let mut triggers = self.now().triggers(table);
        if triggers.any(|it| it.is.events.insert && it.is.timing == TriggerTiming::Before) {
            return None;
        }
        let since = self.catalog.statements().iter().rev().take_while(|executed| executed.id > made);
        for executed in since.filter(|executed| !executed.rolled_back && executed.id != self.current) {
            match self.rows_after(executed, table) {
                Rows::Written(columns) => return Some(columns),
                Rows::InDoubt => return None,
                Rows::Untouched => {}
            }
        }
        None
    }

    fn rows_after(&self, executed: &Executed, table: ObjectId) -> Rows {
        let is_it = |name: &QualifiedName| self.was_named(executed, name) == Some(table);
        let touches = |relation: &RelationRef| is_it(&relation.name);
        match (&executed.outcome, &executed.statement.kind) {
            (Outcome::Refused(_) | Outcome::Skipped, _) => Rows::Untouched,
            (Outcome::Unknown(_), _) => Rows::InDoubt,
            (_, StatementKind::Insert(insert)) if touches(&insert.relation) && writes_rows(insert) => {
                Rows::Written(insert.columns.iter().map(|column| column.name.name).collect())
            }
            (_, StatementKind::Update(update)) if touches(&update.relation) => Rows::InDoubt,
            // What a foreign key takes along is not followed.
            (_, StatementKind::Delete(_) | StatementKind::Truncate { .. } | StatementKind::Merge(_)) => Rows::InDoubt,
            (_, StatementKind::Do(_) | StatementKind::Call(_)) => Rows::InDoubt,
            _ => Rows::Untouched,
        }
    }

    /// The relation that a name stood for when a statement ran.
    fn was_named(&self, executed: &Executed, name: &QualifiedName) -> Option<ObjectId> {
        self.catalog.before(executed.id).relation_along(&executed.search_path, name)
    }
}

/// Whether an INSERT writes at least one row, whatever the tables hold.
fn writes_rows(insert: &Insert) -> bool {
    if insert.on_conflict.is_some() || insert.with.is_some() {
        return false;
    }
    let Some(source) = &insert.source else { return true };
    if source.limit.is_some() || source.offset.is_some() {
        return false;
    }
    match &source.body {
        QueryBody::Values(_) => true,
        QueryBody::Select(select) => is_a_series(select),
        _ => false,
    }
}

/// `SELECT … FROM generate_series(1, 100)`, or without FROM.
fn is_a_series(select: &Select) -> bool {
    if select.filter.is_some() || select.having.is_some() || !select.group_by.is_empty() {
        return false;
    }
    match &select.from[..] {
        [] => true,
        [only] => match &only.kind {
            FromKind::Functions(functions) => matches!(&functions.functions[..], [(call, _)] if counts_up(call)),
            _ => false,
        },
        _ => false,
    }
}

fn counts_up(call: &Expr) -> bool {
    let ExprKind::Call(call) = &call.kind else { return false };
    let number = |at: usize| match call.args.get(at).map(|arg| &arg.value.kind) {
        Some(ExprKind::Integer(number)) => Some(*number),
        _ => None,
    };
    call.function.name.as_str() == "generate_series" && number(0).zip(number(1)).is_some_and(|(from, to)| from <= to)
}
