//! What the server refuses of the rows that INSERT, UPDATE and DELETE write, where these and those beside them are known.

use std::collections::HashSet;
use std::sync::Arc;

use super::row_checks::Violation;
use super::rows::{Row, Rows, is_pure, place, quiet};
use super::value::{Truth, Value};
use super::{Evaluator, Halt, Result};
use crate::catalog::analyze::QueryAnalysis;
use crate::catalog::analyze::tree::{Command, Expr, Form, Node, Query, RangeKind};
use crate::catalog::analyze::walk::Walk;
use crate::catalog::replay::{Effect, Replay, Stop};
use crate::catalog::{
    Column, Constraint, ConstraintKind, ForeignKey, Index, IndexColumn, Kind, ObjectId, Relation, RelationClass,
};
use crate::syntax::{self as ir, DataRef, Insert, Name, QueryBody, ReferentialAction, TriggerTiming};

/// How many rows of one INSERT are looked at before they are written.
const MOST_ROWS: usize = 1_000;

/// Of how many statements that wrote to a table its rows are put together for the next one.
const MOST_WRITES: usize = 4;

impl Replay {
    /// Refuses rows that break a constraint for certain.
    pub(crate) fn check_rows_written(&mut self, data: DataRef<'_>, analysis: &QueryAnalysis) -> Effect<()> {
        let (relation, span) = match data {
            DataRef::Insert(insert) => (&insert.relation, insert.relation.name.span()),
            DataRef::Update(update) => (&update.relation, update.relation.name.span()),
            DataRef::Delete(delete) => (&delete.relation, delete.relation.name.span()),
            _ => return Ok(()),
        };
        let Some(table) = self.find_relation(&relation.name).filter(|_| !self.is_within_code()) else { return Ok(()) };
        let Some(object) = self.now().get(table).cloned() else { return Ok(()) };
        let Some(of) = object.as_relation() else { return Ok(()) };
        let is_table = matches!(of.class, RelationClass::Table | RelationClass::PartitionedTable);
        if !is_table || !of.columns_known || self.doubt_about(table).is_some() {
            return Ok(());
        }
        let (file, within) = (self.current_file(), self.current);
        let mut evaluator = Evaluator::about_rows(self, file, within);
        let found = match data {
            DataRef::Insert(insert) => evaluator.insert_violates(table, of, insert),
            _ => evaluator.change_violates(table, of, &analysis.query),
        };
        evaluator.give_back_fuel();
        match found {
            Ok(Some(violation)) => Err(self.refuse(violation.sqlstate, span, violation.message)),
            Ok(None) | Err(Halt::Unknown(_)) => Ok(()),
            Err(Halt::Raised(refusal)) => Err(Stop::Refused(refusal)),
        }
    }
}

impl Evaluator<'_> {
    fn insert_violates(&mut self, table: ObjectId, relation: &Relation, insert: &Insert) -> Result<Option<Violation>> {
        let many = match insert.source.as_ref().map(|source| &source.body) {
            Some(QueryBody::Values(values)) => values.rows.len() > MOST_ROWS,
            _ => false,
        };
        if many || !insert.repeats.is_empty() || self.may_change_rows(table) {
            return Ok(None);
        }
        let Some(written) = self.inserted(table, relation, insert)? else { return Ok(None) };
        for row in &written.rows {
            if let Some(violation) = self.row_violates(table, relation, row)? {
                return Ok(Some(violation));
            }
        }
        let new = Rows { rows: written.rows, all: false };
        let unique = insert.on_conflict.is_none() && !self.is_written_often(table);
        if unique && let Some(name) = self.repeats_a_key_of(table, &new)? {
            let message = format!("duplicate key value violates unique constraint \"{name}\"");
            return Ok(Some(Violation::new("23505", message)));
        }
        self.lacks_parent(table, &new, |_| true)
    }

    /// What a single row breaks by itself.
    fn row_violates(&mut self, table: ObjectId, relation: &Relation, row: &Row) -> Result<Option<Violation>> {
        for column in &relation.columns {
            let (Some(value), Some(ty)) = (row.get(place(column)), &column.ty) else { continue };
            if let Some(violation) = self.misfit(value, ty) {
                return Ok(Some(violation));
            }
            if let Some(violation) = self.outside_domain(value, ty)? {
                return Ok(Some(violation));
            }
        }
        if self.replay.is_partitioned(table) && self.is_homeless(table, row)? {
            let message = format!("no partition of relation \"{}\" found for row", self.name_of(table));
            return Ok(Some(Violation::new("23514", message)));
        }
        let null =
            relation.columns.iter().find(|column| column.not_null && row.get(place(column)) == Some(&Value::Null));
        if let Some(column) = null {
            let message = format!(
                "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                column.name,
                self.name_of(table)
            );
            return Ok(Some(Violation::new("23502", message)));
        }
        for (name, check) in self.checks_of(table) {
            let Some(analysis) = self.condition(table, &check) else { continue };
            if self.holds(&analysis, row)? == Truth::False {
                let of = self.name_of(table);
                let message = format!("new row for relation \"{of}\" violates check constraint \"{name}\"");
                return Ok(Some(Violation::new("23514", message)));
            }
        }
        if self.is_outside_bound(table, relation, row)? {
            let message = format!("new row for relation \"{}\" violates partition constraint", self.name_of(table));
            return Ok(Some(Violation::new("23514", message)));
        }
        Ok(None)
    }

    /// The CHECKs that are enforced, in the order in which the server looks at them.
    fn checks_of(&self, table: ObjectId) -> Vec<(Name, Arc<ir::Expr>)> {
        let check = |constraint: &Constraint| match &constraint.kind {
            ConstraintKind::Check { expr, .. } if constraint.enforced => Some(expr.clone()),
            _ => None,
        };
        let constraints = self.replay.now().constraints(table);
        let mut checks: Vec<(Name, Arc<ir::Expr>)> =
            constraints.filter_map(|it| Some((it.name(), check(it.is)?))).collect();
        checks.sort_unstable_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        checks
    }

    fn is_outside_bound(&mut self, table: ObjectId, relation: &Relation, row: &Row) -> Result<bool> {
        if relation.bound.is_none() {
            return Ok(false);
        }
        let Some(&parent) = relation.parents.first() else { return Ok(false) };
        let Some(above) = self.replay.now().get(parent).cloned() else { return Ok(false) };
        let Some(above) = above.as_relation() else { return Ok(false) };
        Ok(self.takes(parent, table, &super::rows::moved(row, relation, above))? == Some(false))
    }

    /// The unique index of which new rows, beside those that are there, certainly have a key twice.
    fn repeats_a_key_of(&mut self, table: ObjectId, new: &Rows) -> Result<Option<Name>> {
        if !self.replay.now().indexes(table).any(|it| it.is.unique) {
            return Ok(None);
        }
        let mut rows = self.rows_of(table)?;
        rows.rows.extend(new.rows.iter().cloned());
        self.repeats_a_key(table, rows, None)
    }

    /// The unique index, of those on written columns, of which rows certainly have a key twice.
    fn repeats_a_key(&mut self, table: ObjectId, rows: Rows, written: Option<&HashSet<i16>>) -> Result<Option<Name>> {
        let concerns = |index: &Index| {
            let own = |key: &IndexColumn| key.key.column().is_none_or(|it| written.is_none_or(|all| all.contains(&it)));
            index.unique && index.valid && index.keys.iter().any(own)
        };
        let indexes: Vec<(Name, Index)> = self
            .replay
            .now()
            .indexes(table)
            .filter(|it| concerns(it.is))
            .map(|it| (it.name(), it.is.clone()))
            .collect();
        for (name, index) in indexes {
            if !self.is_deferred_key(&index) && self.has_duplicates(&index, &rows)? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    fn is_deferred_key(&self, index: &Index) -> bool {
        let constraint = index.constraint.and_then(|id| self.replay.now().get(id)?.as_constraint());
        constraint.is_some_and(|it| self.waits(it))
    }

    /// Whether a constraint is looked at when the transaction ends.
    fn waits(&self, constraint: &Constraint) -> bool {
        constraint.deferrable && self.replay.session.checks_deferred.unwrap_or(constraint.initially_deferred)
    }

    fn is_written_often(&self, table: ObjectId) -> bool {
        self.replay.catalog().row_writes(Some(table)).len() > MOST_WRITES
    }

    /// The first foreign key of the given kind of which a row certainly finds no row to reference.
    fn lacks_parent(
        &mut self,
        table: ObjectId,
        new: &Rows,
        counts: impl Fn(&ForeignKey) -> bool,
    ) -> Result<Option<Violation>> {
        let keys: Vec<(Name, ForeignKey)> = self
            .replay
            .now()
            .foreign_keys(table)
            .filter(|(it, key)| it.is.enforced && !self.waits(it.is) && !key.period && counts(key))
            .map(|(it, key)| (it.name(), key.clone()))
            .collect();
        for (name, key) in keys {
            if self.is_written_often(key.references) {
                continue;
            }
            let Some(mine) = self.keys_of(table, new, &key.columns) else { continue };
            if mine.iter().all(Option::is_none) {
                continue;
            }
            let Some(mut there) = self.referenced_keys(&key)? else { continue };
            if key.references == table {
                let Some(own) = self.keys_of(table, new, &key.referenced_columns) else { continue };
                // A key among the new rows that is not known may be any.
                if own.iter().any(Option::is_none) {
                    continue;
                }
                there.extend(own.into_iter().flatten());
            }
            if mine.into_iter().flatten().any(|key| !there.contains(&key)) {
                let of = self.name_of(table);
                let message = format!("insert or update on table \"{of}\" violates foreign key constraint \"{name}\"");
                return Ok(Some(Violation::new("23503", message)));
            }
        }
        Ok(None)
    }

    // --- UPDATE and DELETE ------------------------------------------------------------------------

    fn change_violates(&mut self, table: ObjectId, relation: &Relation, query: &Query) -> Result<Option<Violation>> {
        let plain = query.ranges.len() == 1 && query.from.is_empty() && query.ctes.is_empty() && !query.incomplete;
        let is_it =
            matches!(query.ranges.first().map(|it| &it.kind), Some(RangeKind::Relation { id, .. }) if *id == table);
        if !plain || !is_it || self.is_written_often(table) || self.may_change(table, query.command) {
            return Ok(None);
        }
        let computed = query.filter.iter().chain(query.writes.iter().filter_map(|it| it.value.as_ref()));
        for expr in computed {
            if !is_pure(Walk::expr(expr, &query.ranges)) || !self.compares_plainly(expr, &query.ranges) {
                return Ok(None);
            }
        }
        let rows = self.rows_of(table)?;
        let mut all = rows.all;
        let (mut matched, mut left) = (Rows::default(), Rows::default());
        for row in rows.rows {
            let truth = match &query.filter {
                Some(filter) => quiet(self.value_over(filter, &query.ranges, Some(&row)))?.truth(),
                None => Truth::True,
            };
            match truth {
                Truth::True => matched.rows.push(row),
                Truth::False | Truth::Null => left.rows.push(row),
                Truth::Unknown => all = false,
            }
        }
        if matched.rows.is_empty() {
            if all {
                self.replay.catalog_mut().note_rowless(self.within);
            }
            return Ok(None);
        }
        if query.command == Command::Delete {
            return self.is_referenced(table, &matched, &left, |_| true, |key| key.on_delete);
        }
        self.update_violates(table, relation, query, &matched, &left)
    }

    fn update_violates(
        &mut self,
        table: ObjectId,
        relation: &Relation,
        query: &Query,
        matched: &Rows,
        left: &Rows,
    ) -> Result<Option<Violation>> {
        let mut new = Rows::default();
        let written: Vec<&Arc<Column>> =
            query.writes.iter().filter_map(|write| relation.column_number(write.column)).collect();
        if written.len() != query.writes.len() {
            return Ok(None);
        }
        for row in &matched.rows {
            let mut values = row.to_vec();
            for (write, column) in query.writes.iter().zip(&written) {
                values[place(column)] = match &write.value {
                    Some(value) => quiet(self.value_over(before_length(value), &query.ranges, Some(row)))?,
                    None => self.default_of(column)?,
                };
            }
            let row: Row = values.into();
            if let Some(violation) = self.row_violates(table, relation, &row)? {
                return Ok(Some(violation));
            }
            new.rows.push(row);
        }
        let columns: HashSet<i16> = query.writes.iter().map(|write| write.column).collect();
        let mut beside = Rows { rows: left.rows.clone(), all: false };
        beside.rows.extend(new.rows.iter().cloned());
        if let Some(name) = self.repeats_a_key(table, beside, Some(&columns))? {
            let message = format!("duplicate key value violates unique constraint \"{name}\"");
            return Ok(Some(Violation::new("23505", message)));
        }
        let touches = |own: &[i16]| own.iter().any(|column| columns.contains(column));
        let gone = self.keys_lost(table, matched, &new, &columns);
        if let Some(gone) = gone
            && let Some(violation) =
                self.is_referenced(table, &gone, left, |key| touches(&key.referenced_columns), |key| key.on_update)?
        {
            return Ok(Some(violation));
        }
        self.lacks_parent(table, &new, |key| touches(&key.columns))
    }

    /// The old rows of which a written column certainly gets another value.
    fn keys_lost(&self, table: ObjectId, old: &Rows, new: &Rows, columns: &HashSet<i16>) -> Option<Rows> {
        let columns: Vec<i16> = columns.iter().copied().collect();
        let (before, after) = (self.keys_of(table, old, &columns)?, self.keys_of(table, new, &columns)?);
        let differs = |(a, b): (&Option<Vec<String>>, &Option<Vec<String>>)| a.is_some() && b.is_some() && a != b;
        let kept = old.rows.iter().zip(before.iter().zip(&after)).filter(|(_, keys)| differs(*keys));
        Some(Rows { rows: kept.map(|(row, _)| row.clone()).collect(), all: false })
    }

    /// The first foreign key by which a row is referenced that goes, where its action forbids that.
    fn is_referenced(
        &mut self,
        table: ObjectId,
        gone: &Rows,
        left: &Rows,
        counts: impl Fn(&ForeignKey) -> bool,
        action: fn(&ForeignKey) -> ReferentialAction,
    ) -> Result<Option<Violation>> {
        let forbids = |constraint: &Constraint, key: &ForeignKey| match action(key) {
            ReferentialAction::Restrict => true,
            ReferentialAction::NoAction => !self.waits(constraint),
            _ => false,
        };
        let keys: Vec<(Name, ObjectId, ForeignKey)> = self
            .replay
            .now()
            .referencing(table)
            .filter(|(it, key)| it.is.enforced && counts(key) && !key.period && forbids(it.is, key))
            .map(|(it, key)| (it.name(), it.is.of, key.clone()))
            .collect();
        for (name, child, key) in keys {
            if self.is_written_often(child) {
                continue;
            }
            let children =
                if child == table { Rows { rows: left.rows.clone(), all: false } } else { self.rows_of(child)? };
            let Some(lost) = self.keys_of(table, gone, &key.referenced_columns) else { continue };
            let Some(wanted) = self.keys_of(child, &children, &key.columns) else { continue };
            let lost: HashSet<Vec<String>> = lost.into_iter().flatten().collect();
            if wanted.into_iter().flatten().any(|key| lost.contains(&key)) {
                let restricts = action(&key) == ReferentialAction::Restrict && self.replay.version() >= 18;
                let message = format!(
                    "update or delete on table \"{}\" violates foreign key constraint \"{name}\" on table \"{}\"",
                    self.name_of(table),
                    self.name_of(child)
                );
                return Ok(Some(Violation::new(if restricts { "23001" } else { "23503" }, message)));
            }
        }
        Ok(None)
    }

    /// Whether triggers or rules may do something else with the rows of an UPDATE or DELETE.
    fn may_change(&self, table: ObjectId, command: Command) -> bool {
        let changes = |kind: &Kind| match kind {
            Kind::Trigger(it) if it.timing == TriggerTiming::Before => {
                let (fires, returned) = match command {
                    Command::Delete => (it.events.delete, "old"),
                    _ => (it.events.update, "new"),
                };
                fires && !it.function.is_some_and(|function| self.replay.returns_only(function, &[returned]))
            }
            Kind::Rule(_) => true,
            _ => false,
        };
        let tables = self.replay.with_descendants(table);
        tables.into_iter().any(|table| self.replay.now().attached(table).any(|(_, object)| changes(&object.kind)))
    }
}

/// A value before it is cut to the length of its column, which the server refuses where that takes anything away.
fn before_length(value: &Expr) -> &Expr {
    match &value.node {
        Node::Coercion(it) if it.form == Form::ImplicitCast && !value.modifiers.is_none() => before_length(&it.arg),
        _ => value,
    }
}
