//! What a definition demands of the rows that are there, and which of them do not comply.

use std::collections::HashSet;
use std::sync::Arc;

use super::rows::{Row, Rows, holds_rows, is_pure, place, quiet};
use super::value::{Truth, Value};
use super::{Evaluator, Halt, Result};
use crate::catalog::analyze::tree::{Expr as Tree, Node};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{ExprAnalysis, Modifiers, Purpose, RangeEntry, Scope, Type};
use crate::catalog::replay::{Effect, Replay, Stop};
use crate::catalog::{
    Column, Constraint, ConstraintKind, ForeignKey, Index, Key, Kind, Object, ObjectId, Relation, TypeClass, TypeRef,
};
use crate::source::Span;
use crate::syntax::{Expr, PartitionBoundKind, Statement, StatementKind, TableActionKind};

/// What the server says of a row that does not comply.
pub(super) struct Violation {
    pub sqlstate: &'static str,
    pub message: String,
}

impl Violation {
    pub fn new(sqlstate: &'static str, message: String) -> Violation {
        Violation { sqlstate, message }
    }
}

/// The rank of a check among those of one statement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Value,
    Index,
    Condition,
    Reference,
}

impl Replay {
    /// Refuses a definition that rows which are certainly there do not meet.
    pub(crate) fn check_rows_meet(&mut self, statement: &Statement) -> Effect<()> {
        let defines = matches!(
            statement.kind,
            StatementKind::AlterTable(_)
                | StatementKind::CreateIndex(_)
                | StatementKind::CreateTable(_)
                | StatementKind::AlterDomain(_)
        );
        if !defines || !self.catalog().has_row_writes() {
            return Ok(());
        }
        let current = self.current;
        let changed: Vec<ObjectId> = self.catalog().changed_in(current).collect();
        let file = self.current_file();
        let mut evaluator = Evaluator::about_rows(self, file, current);
        let found = evaluator.first_violation(&changed, statement);
        evaluator.give_back_fuel();
        match found {
            Ok(Some(violation)) => {
                let refusal = self.refuse(violation.sqlstate, statement.span, violation.message);
                Err(refusal.help("mend the rows that the migrations write, or write them after this"))
            }
            Ok(None) | Err(Halt::Unknown(_)) => Ok(()),
            Err(Halt::Raised(refusal)) => Err(Stop::Refused(refusal)),
        }
    }
}

impl Evaluator<'_> {
    fn first_violation(&mut self, changed: &[ObjectId], statement: &Statement) -> Result<Option<Violation>> {
        let mut ranked: Vec<(Rank, ObjectId)> = Vec::new();
        for &id in changed {
            let Some(object) = self.replay.now().get(id) else { continue };
            let rank = match &object.kind {
                Kind::Relation(relation) if holds_rows(relation.class) => Rank::Value,
                Kind::Index(index) if index.unique => Rank::Index,
                Kind::Constraint(it) if it.validated && it.enforced => match it.kind {
                    ConstraintKind::ForeignKey(_) => Rank::Reference,
                    _ => Rank::Condition,
                },
                Kind::Type(_) => Rank::Condition,
                _ => continue,
            };
            ranked.push((rank, id));
        }
        ranked.sort_unstable();
        for (_, id) in ranked {
            let before = self.replay.catalog().before(self.within).get(id).cloned();
            let Some(object) = self.replay.now().get(id).cloned() else { continue };
            let found = match &object.kind {
                Kind::Relation(relation) => self.relation_violated(id, relation, before.as_deref(), statement)?,
                Kind::Index(index) if before.is_none() => self.index_violated(&object, index)?,
                Kind::Constraint(it) if !was_checked(before.as_deref()) => self.constraint_violated(&object, it)?,
                Kind::Type(ty) => {
                    let newly = |class: &TypeClass| matches!(class, TypeClass::Domain { not_null: true, .. });
                    let was = before.as_ref().and_then(|it| it.as_type()).is_some_and(|ty| newly(&ty.class));
                    if newly(&ty.class) && !was { self.domain_null(id)? } else { None }
                }
                _ => None,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The rows of a table as the current statement leaves them, as far as that is known.
    fn rows_after(&mut self, table: ObjectId, statement: &Statement) -> Result<Rows> {
        if !self.replay.now().may_hold_rows(table) && !self.gets_rows_from_above(table) {
            return Ok(Rows::default());
        }
        let rows = self.rows_of(table)?;
        let before = self.replay.catalog().before(self.within).get(table).cloned();
        let now = self.replay.now().get(table).cloned();
        let (Some(before), Some(now)) = (before, now) else { return Ok(Rows::default()) };
        let (Some(before), Some(now)) = (before.as_relation(), now.as_relation()) else { return Ok(Rows::default()) };
        if rows.rows.is_empty() {
            return Ok(rows);
        }
        let width = now.columns.iter().map(|column| place(column) + 1).max().unwrap_or(0);
        let mut values: Vec<Vec<Value>> = rows.rows.iter().map(|row| row.to_vec()).collect();
        values.iter_mut().for_each(|row| row.resize(width, Value::Unknown));
        for column in &now.columns {
            match before.column_number(column.number) {
                None => {
                    let value = self.default_of(column)?;
                    values.iter_mut().for_each(|row| row[place(column)] = value.clone());
                }
                Some(old) if old.ty != column.ty => {
                    self.convert_column(table, old, column, statement, &rows.rows, &mut values)?;
                }
                Some(_) => {}
            }
        }
        Ok(Rows { rows: values.into_iter().map(Into::into).collect(), all: rows.all })
    }

    fn gets_rows_from_above(&self, table: ObjectId) -> bool {
        self.replay.now().relation(table).is_some_and(|it| it.is.bound.is_some() || it.is.partition_key.is_some())
    }

    /// The values of a column that gets another type.
    fn convert_column(
        &mut self,
        table: ObjectId,
        old: &Column,
        new: &Column,
        statement: &Statement,
        rows: &[Row],
        values: &mut [Vec<Value>],
    ) -> Result<()> {
        let using = using_of(statement, new);
        let scope = Scope::of(self.replay.catalog().before(self.within), table);
        let ty = new.ty.as_ref().map(|ty| TypeRef { modifiers: Vec::new(), ..ty.clone() });
        let analysis = match using {
            Some(using) => {
                let purpose = Purpose::AlterTypeUsing { column: new.name, ty };
                match self.replay.analyze(&scope, using, &purpose) {
                    Ok(analysis) if is_pure(Walk::expr(&analysis.expr, &analysis.ranges)) => Some(analysis),
                    _ => None,
                }
            }
            None => None,
        };
        for (row, values) in rows.iter().zip(values) {
            values[place(new)] = match (&analysis, using) {
                (Some(analysis), _) => self.value_over(&analysis.expr, &analysis.ranges, Some(row))?,
                (None, Some(_)) => Value::Unknown,
                (None, None) => {
                    let (Some(from), Some(to)) = (&old.ty, &new.ty) else { continue };
                    let value = row.get(place(old)).cloned().unwrap_or(Value::Unknown);
                    let of = |ty: &TypeRef| Type { id: ty.id, array: ty.array };
                    self.convert(value, of(from), of(to), Modifiers::NONE, Span::NONE)?
                }
            };
            if let Some(it) = new.ty.as_ref().and_then(|ty| self.misfit(&values[place(new)], ty)) {
                return Err(Halt::Raised(Box::new(self.refusal(it.sqlstate, statement.span, it.message))));
            }
        }
        Ok(())
    }

    fn relation_violated(
        &mut self,
        id: ObjectId,
        relation: &Relation,
        before: Option<&Object>,
        statement: &Statement,
    ) -> Result<Option<Violation>> {
        let Some(old) = before.and_then(|it| it.as_relation()) else {
            return self.default_partition_violated(id, relation);
        };
        let is_new = |column: &Column| old.column_number(column.number).is_none();
        let changed = |column: &Arc<Column>| {
            old.column_number(column.number).is_none_or(|it| it.ty != column.ty || (column.not_null && !it.not_null))
        };
        // The default is computed once, whether there are rows or not.
        for column in relation.columns.iter().filter(|column| is_new(column) && relation.partition_key.is_none()) {
            let value = self.default_of(column)?;
            if let Some(violation) = column.ty.as_ref().and_then(|ty| self.misfit(&value, ty)) {
                return Ok(Some(violation));
            }
        }
        let attached = old.bound.is_none() && relation.bound.is_some();
        if !attached && !relation.columns.iter().any(changed) {
            return Ok(None);
        }
        let rows = self.rows_after(id, statement)?;
        for column in relation.columns.iter().filter(|column| changed(column)) {
            let ty = column.ty.clone();
            let must = column.not_null && self.is_enforced_not_null(id, column.number);
            if let Some(violation) = self.null_in(id, column, &rows).filter(|_| must) {
                return Ok(Some(violation));
            }
            for row in &rows.rows {
                let value = &row[place(column)];
                let outside = match &ty {
                    Some(ty) if is_new(column) || old.column(column.name).is_some_and(|it| it.ty != column.ty) => {
                        self.outside_domain(value, ty)?
                    }
                    _ => None,
                };
                if outside.is_some() {
                    return Ok(outside);
                }
            }
        }
        if !attached {
            return Ok(None);
        }
        let Some(&parent) = relation.parents.first() else { return Ok(None) };
        let Some(above) = self.replay.now().get(parent).cloned() else { return Ok(None) };
        let Some(above) = above.as_relation() else { return Ok(None) };
        for row in &rows.rows {
            if self.takes(parent, id, &super::rows::moved(row, relation, above))? == Some(false) {
                let message =
                    format!("partition constraint of relation \"{}\" is violated by some row", self.name_of(id));
                return Ok(Some(Violation::new("23514", message)));
            }
        }
        self.default_partition_violated(id, relation)
    }

    /// Whether NOT NULL holds for the rows that are there: since 18 it may wait for VALIDATE.
    fn is_enforced_not_null(&self, table: ObjectId, number: i16) -> bool {
        let waits = |it: &Constraint| {
            matches!(it.kind, ConstraintKind::NotNull { column } if column == number) && !it.validated
        };
        !self.replay.now().constraints(table).any(|it| waits(it.is))
    }

    /// A new partition takes what may be in the default one already.
    fn default_partition_violated(&mut self, id: ObjectId, relation: &Relation) -> Result<Option<Violation>> {
        let (Some(bound), Some(&parent)) = (&relation.bound, relation.parents.first()) else { return Ok(None) };
        if matches!(bound.kind, PartitionBoundKind::Default) {
            return Ok(None);
        }
        let is_default = |id: &ObjectId| {
            let bound = self.replay.now().relation(*id).and_then(|it| it.is.bound.as_ref());
            bound.is_some_and(|bound| matches!(bound.kind, PartitionBoundKind::Default))
        };
        let Some(default) = self.replay.partitions(parent).into_iter().find(is_default) else { return Ok(None) };
        let (Some(own), Some(above)) =
            (self.replay.now().get(default).cloned(), self.replay.now().get(parent).cloned())
        else {
            return Ok(None);
        };
        let (Some(own), Some(above)) = (own.as_relation(), above.as_relation()) else { return Ok(None) };
        for row in &self.rows_before_partition(default, id)?.rows {
            if self.takes(parent, id, &super::rows::moved(row, own, above))? == Some(true) {
                let message = format!(
                    "updated partition constraint for default partition \"{}\" would be violated by some row",
                    self.name_of(default)
                );
                return Ok(Some(Violation::new("23514", message)));
            }
        }
        Ok(None)
    }

    /// The rows of the default partition as long as another partition is left out of sight.
    fn rows_before_partition(&mut self, default: ObjectId, without: ObjectId) -> Result<Rows> {
        self.unseen = Some(without);
        let rows = self.rows_of(default);
        self.unseen = None;
        rows
    }

    // --- constraints ------------------------------------------------------------------------------

    fn constraint_violated(&mut self, object: &Object, it: &Constraint) -> Result<Option<Violation>> {
        match &it.kind {
            ConstraintKind::Check { expr, .. } if self.replay.now().relation(it.of).is_some() => {
                self.check_violated(object, it.of, expr)
            }
            ConstraintKind::Check { expr, .. } => self.domain_check_violated(it.of, expr),
            ConstraintKind::ForeignKey(key) => self.key_violated(object, it.of, key),
            ConstraintKind::Exclude { index, operators, .. } if operators.iter().all(|it| it.as_str() == "=") => {
                let index = self.replay.now().get(*index).and_then(|it| it.as_index()).cloned();
                let rows = self.rows_now(it.of)?;
                let message = format!("could not create exclusion constraint \"{}\"", object.name);
                match index {
                    Some(index) if self.has_duplicates(&index, &rows)? => Ok(Some(Violation::new("23P01", message))),
                    _ => Ok(None),
                }
            }
            ConstraintKind::NotNull { column } if *column > 0 => {
                let Some(relation) = self.replay.now().relation(it.of) else { return Ok(None) };
                let Some(column) = relation.is.column_number(*column).cloned() else { return Ok(None) };
                let rows = self.rows_now(it.of)?;
                Ok(self.null_in(it.of, &column, &rows))
            }
            _ => Ok(None),
        }
    }

    fn null_in(&self, table: ObjectId, column: &Column, rows: &Rows) -> Option<Violation> {
        if !rows.rows.iter().any(|row| row.get(place(column)) == Some(&Value::Null)) {
            return None;
        }
        let message =
            format!("column \"{}\" of relation \"{}\" contains null values", column.name, self.name_of(table));
        Some(Violation::new("23502", message))
    }

    fn check_violated(&mut self, object: &Object, table: ObjectId, check: &Expr) -> Result<Option<Violation>> {
        let rows = self.rows_now(table)?;
        let Some(analysis) = self.condition(table, check) else { return Ok(None) };
        for row in &rows.rows {
            if self.holds(&analysis, row)? == Truth::False {
                let of = self.name_of(table);
                let message =
                    format!("check constraint \"{}\" of relation \"{of}\" is violated by some row", object.name);
                return Ok(Some(Violation::new("23514", message)));
            }
        }
        Ok(None)
    }

    /// The rows of a table while the current statement is looked at from its end.
    pub(super) fn rows_now(&mut self, table: ObjectId) -> Result<Rows> {
        let current = self.replay.catalog().statement(self.within).map(|it| it.statement.clone());
        match current {
            Some(statement) => self.rows_after(table, &statement),
            None => Ok(Rows::default()),
        }
    }

    /// A CHECK that can be computed.
    pub(super) fn condition(&mut self, table: ObjectId, check: &Expr) -> Option<ExprAnalysis> {
        let scope = Scope::of(self.replay.now(), table);
        let analysis = self.replay.analyze(&scope, check, &Purpose::Check).ok()?;
        (is_pure(Walk::expr(&analysis.expr, &analysis.ranges))
            && self.compares_plainly(&analysis.expr, &analysis.ranges))
        .then_some(analysis)
    }

    /// Whether no value is compared whose text says less than its type does: JSON, fixed-length strings.
    pub(super) fn compares_plainly(&self, expr: &Tree, ranges: &[RangeEntry]) -> bool {
        Walk::expr(expr, ranges).all(|place| match place.part {
            Part::Expr(Tree { node: Node::Operator(it), .. }) => {
                it.left.as_ref().is_none_or(|left| left.ty.is_some_and(|ty| !self.has_several_texts(ty)))
            }
            _ => true,
        })
    }

    /// Whether equal values of a type may be written in several ways.
    fn has_several_texts(&self, ty: Type) -> bool {
        let base = self.replay.base_type(&TypeRef { id: ty.id, modifiers: Vec::new(), array: false });
        let name = self.replay.now().get(base.id).map(|object| object.name);
        name.is_none_or(|name| matches!(name.as_str(), "bpchar" | "json" | "jsonb" | "xml" | "citext"))
    }

    pub(super) fn holds(&mut self, analysis: &ExprAnalysis, row: &Row) -> Result<Truth> {
        Ok(quiet(self.value_over(&analysis.expr, &analysis.ranges, Some(row)))?.truth())
    }

    fn key_violated(&mut self, object: &Object, table: ObjectId, key: &ForeignKey) -> Result<Option<Violation>> {
        if key.period {
            return Ok(None);
        }
        let rows = self.rows_now(table)?;
        if rows.rows.is_empty() {
            return Ok(None);
        }
        let Some(keys) = self.keys_of(table, &rows, &key.columns) else { return Ok(None) };
        let Some(there) = self.referenced_keys(key)? else { return Ok(None) };
        if keys.into_iter().flatten().all(|key| there.contains(&key)) {
            return Ok(None);
        }
        let of = self.name_of(table);
        let message = format!("insert or update on table \"{of}\" violates foreign key constraint \"{}\"", object.name);
        Ok(Some(Violation::new("23503", message)))
    }

    /// The keys that can be referenced; `None` where they are not all known.
    pub(super) fn referenced_keys(&mut self, key: &ForeignKey) -> Result<Option<HashSet<Vec<String>>>> {
        let parents = self.rows_of(key.references)?;
        if !parents.all {
            return Ok(None);
        }
        let Some(keys) = self.keys_of(key.references, &parents, &key.referenced_columns) else { return Ok(None) };
        if keys.len() != parents.rows.len() || keys.iter().any(Option::is_none) {
            return Ok(None);
        }
        Ok(Some(keys.into_iter().flatten().collect()))
    }

    /// The key of each row, as texts that are equal where the values are; `None` of one with a null or a value
    /// that is not known, and `None` of all where the type does not allow that.
    #[allow(clippy::type_complexity, reason = "a key for each row")]
    pub(super) fn keys_of(&self, table: ObjectId, rows: &Rows, columns: &[i16]) -> Option<Vec<Option<Vec<String>>>> {
        let relation = self.replay.now().relation(table)?;
        let columns: Option<Vec<&Arc<Column>>> = columns.iter().map(|it| relation.is.column_number(*it)).collect();
        let columns = columns?;
        for column in &columns {
            let ty = column.ty.as_ref()?;
            if ty.array || self.has_several_texts(Type { id: ty.id, array: false }) {
                return None;
            }
        }
        let key = |row: &Row| columns.iter().map(|column| plain(row.get(place(column))?)).collect();
        Some(rows.rows.iter().map(key).collect())
    }

    fn index_violated(&mut self, object: &Object, index: &Index) -> Result<Option<Violation>> {
        let rows = self.rows_now(index.table)?;
        if self.has_duplicates(index, &rows)? {
            let message = format!("could not create unique index \"{}\"", object.name);
            return Ok(Some(Violation::new("23505", message)));
        }
        Ok(None)
    }

    /// Whether two of the rows certainly have the same key.
    pub(super) fn has_duplicates(&mut self, index: &Index, rows: &Rows) -> Result<bool> {
        let Some(predicate) = self.predicate_of(index) else { return Ok(false) };
        let mut columns = Vec::with_capacity(index.keys.len());
        for key in &index.keys {
            columns.push(match &key.key {
                Key::Column(number) => (Some(*number), None),
                Key::Expr(expr) => {
                    let scope = Scope::of(self.replay.now(), index.table);
                    let Ok(analysis) = self.replay.analyze(&scope, expr, &Purpose::Index) else { return Ok(false) };
                    if !is_pure(Walk::expr(&analysis.expr, &analysis.ranges)) {
                        return Ok(false);
                    }
                    (None, Some(analysis))
                }
            });
        }
        let mut seen: HashSet<Vec<String>> = HashSet::new();
        for row in &rows.rows {
            let counts = match &predicate {
                Some(predicate) => self.holds(predicate, row)?,
                None => Truth::True,
            };
            if counts != Truth::True {
                continue;
            }
            let mut key = Vec::with_capacity(columns.len());
            for column in &columns {
                let value = match column {
                    (Some(number), _) => row.get(usize::from(number.unsigned_abs()).saturating_sub(1)).cloned(),
                    (_, Some(analysis)) => Some(quiet(self.value_over(&analysis.expr, &analysis.ranges, Some(row)))?),
                    _ => None,
                };
                key.extend(value.as_ref().and_then(|value| match value {
                    Value::Null if index.nulls_not_distinct => Some("\0".to_owned()),
                    value => plain(value),
                }));
            }
            if key.len() == columns.len() && !seen.insert(key) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The condition of a partial index; `None` where it cannot be computed.
    #[allow(clippy::option_option, reason = "not computable, no condition, or the condition")]
    fn predicate_of(&mut self, index: &Index) -> Option<Option<ExprAnalysis>> {
        match &index.predicate {
            None => Some(None),
            Some(predicate) => self.condition(index.table, predicate).map(Some),
        }
    }

    pub(super) fn name_of(&self, id: ObjectId) -> String {
        self.replay.now().get(id).map(|object| object.name.to_string()).unwrap_or_default()
    }
}

/// Whether a constraint held for all rows before.
fn was_checked(before: Option<&Object>) -> bool {
    before.and_then(|it| it.as_constraint()).is_some_and(|it| it.validated && it.enforced)
}

/// USING of the action that changes the type of a column.
fn using_of<'s>(statement: &'s Statement, of: &Column) -> Option<&'s Expr> {
    let StatementKind::AlterTable(alter) = &statement.kind else { return None };
    alter.actions.iter().find_map(|action| match &action.kind {
        TableActionKind::AlterColumnType { column, using, .. } if column.name == of.name => using.as_ref(),
        _ => None,
    })
}

/// A text for a value that is equal where the values are; `None` for NULL and what is not known.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.0}")),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Time(moment) => Some(format!("{moment:?}")),
        _ => None,
    }
}
