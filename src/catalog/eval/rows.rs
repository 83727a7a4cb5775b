//! The rows that are certainly in a table, as the INSERTs of the migrations show.
//!
//! They are worked out when they are asked for. What cannot be followed (an UPDATE, code, a trigger that writes) leaves
//! what was there before it in doubt; a value that is not known is `Unknown`.

use std::rc::Rc;

use super::expr::{Bound, Context};
use super::query::Cells;
use super::value::Value;
use super::{Evaluator, Halt, Result};
use crate::catalog::analyze::tree::{Command, Expr as Tree, Node};
use crate::catalog::analyze::walk::{Part, Walk};
use crate::catalog::analyze::{ExprAnalysis, FunctionId, Modifiers, Purpose, RangeEntry, Scope, Type};
use crate::catalog::{CatalogAt, Column, Kind, ObjectId, Relation, RelationClass, StatementId, TypeClass, TypeRef};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, Insert, QueryBody, ReferentialAction, StatementKind, TriggerTiming};

/// A row, by the numbers of its columns.
pub(super) type Row = Rc<[Value]>;

/// Rows of a table.
#[derive(Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    /// There are no others.
    pub all: bool,
}

/// Rows as one INSERT writes them.
pub(super) struct Written {
    /// The table that is named.
    table: ObjectId,
    pub rows: Vec<Row>,
    /// Columns that a sequence numbers in these rows.
    numbered: Vec<i16>,
    /// They are known to be all.
    all: bool,
}

/// What one statement did to the rows of a table.
enum Change {
    Added(Written),
    /// It may have changed any of them.
    InDoubt,
}

/// How many statements that wrote to a table are looked at.
const MOST_WRITES: usize = 16;

/// How many rows of one INSERT are looked at.
const MOST_ROWS: usize = 2_000;

impl Evaluator<'_> {
    /// The rows of a table, its partitions' included, before the current statement.
    pub(super) fn rows_of(&mut self, table: ObjectId) -> Result<Rows> {
        let before = self.replay.catalog().before(self.within);
        let Some(relation) = before.relation(table) else { return Ok(Rows::default()) };
        let columns = relation.is.columns.len();
        let Some(made) = self.made_as_empty_table(table) else { return Ok(Rows::default()) };
        let below = if self.replay.is_partitioned(table) { self.replay.with_descendants(table) } else { vec![table] };
        let above = ancestors(before, table);
        let floor = self.last_cascade(&[&below[..], &above[..]].concat());
        let mut writes = self.writes_to(&[&below[..], &above[..]].concat());
        writes.retain(|&id| id > made.0 && id < self.within.0);
        let (mut all, mut found) = (true, Vec::new());
        for id in writes.into_iter().rev() {
            if id <= floor || found.len() == MOST_WRITES {
                all = false;
                break;
            }
            match self.change_by(StatementId(id))? {
                Change::Added(written) if above.contains(&written.table) || below.contains(&written.table) => {
                    all &= written.all;
                    found.push((id, written));
                }
                _ => {
                    all = false;
                    break;
                }
            }
        }
        found.reverse();
        if all {
            self.number(found.iter_mut().map(|(_, written)| written));
        }
        let mut rows = Vec::with_capacity(columns);
        for (id, written) in found {
            all &= self.add_own(table, StatementId(id), written, &above, &mut rows)?;
        }
        Ok(Rows { rows, all })
    }

    /// The rows of a table for code that reads it. Those that the code's own statement wrote are not followed.
    pub(super) fn rows_for_code(&mut self, table: ObjectId) -> Rows {
        let before = self.replay.catalog().before(self.within);
        let mut tables = self.replay.with_descendants(table);
        tables.extend(ancestors(before, table));
        let wrote = self.writes_to(&tables).last().is_some_and(|&id| id >= self.within.0);
        if wrote || self.doubtful {
            return Rows::default();
        }
        let mut asker = Evaluator::about_rows(self.replay, self.file, self.within);
        let rows = asker.rows_of(table);
        asker.give_back_fuel();
        rows.unwrap_or_default()
    }

    /// The CREATE TABLE of a table that was empty at first.
    fn made_as_empty_table(&self, table: ObjectId) -> Option<StatementId> {
        let made = self.replay.now().made_by(table)?;
        let executed = self.replay.catalog().statement(made)?;
        matches!(executed.statement.kind, StatementKind::CreateTable(_)).then_some(made)
    }

    fn writes_to(&self, tables: &[ObjectId]) -> Vec<u32> {
        let catalog = self.replay.catalog();
        let of = tables.iter().map(|&table| Some(table)).chain([None]);
        let mut writes: Vec<u32> = of.flat_map(|table| catalog.row_writes(table).iter().copied()).collect();
        writes.sort_unstable();
        writes.dedup();
        writes
    }

    /// The last statement that took rows of these tables along when it changed those that they reference.
    fn last_cascade(&self, tables: &[ObjectId]) -> u32 {
        let now = self.replay.now();
        let mut seen = tables.to_vec();
        let mut at = 0;
        let mut last = 0;
        while let Some(&table) = seen.get(at) {
            at += 1;
            let keys =
                now.foreign_keys(table).filter(|(_, key)| is_cascade(key.on_delete) || is_cascade(key.on_update));
            let parents: Vec<ObjectId> = keys.map(|(_, key)| key.references).filter(|it| !seen.contains(it)).collect();
            for &parent in &parents {
                let changes = self.writes_to(&self.replay.with_descendants(parent));
                let is_insert = |id: &u32| {
                    let executed = self.replay.catalog().statement(StatementId(*id));
                    executed.is_some_and(|it| matches!(it.statement.kind, StatementKind::Insert(_)))
                };
                last = changes.into_iter().rev().find(|id| !is_insert(id)).unwrap_or(0).max(last);
            }
            seen.extend(parents);
        }
        last
    }

    /// Adds those rows of an INSERT that are in the table; returns whether these are certainly all of them.
    fn add_own(
        &mut self,
        table: ObjectId,
        id: StatementId,
        written: Written,
        above: &[ObjectId],
        rows: &mut Vec<Row>,
    ) -> Result<bool> {
        let catalog = self.replay.catalog();
        let (then, before) = (catalog.before(id), catalog.before(self.within));
        let Some(target) = then.get(written.table).cloned() else { return Ok(false) };
        let Some(own) = before.get(table).cloned() else { return Ok(false) };
        let (Some(target), Some(own)) = (target.as_relation(), own.as_relation()) else { return Ok(false) };
        if !above.contains(&written.table) {
            rows.extend(written.rows.iter().map(|row| moved(row, target, own)));
            return Ok(true);
        }
        // What was no partition yet got nothing from above.
        if !ancestors(then, table).contains(&written.table) {
            return Ok(true);
        }
        let mut all = true;
        for row in &written.rows {
            match self.is_routed_to(table, written.table, target, row)? {
                Some(true) => rows.push(moved(row, target, own)),
                Some(false) => {}
                None => all = false,
            }
        }
        Ok(all)
    }

    /// Whether a row that was written to a partitioned table is in one of its partitions.
    fn is_routed_to(&mut self, leaf: ObjectId, root: ObjectId, of: &Relation, row: &Row) -> Result<Option<bool>> {
        let mut certain = true;
        let mut at = leaf;
        while at != root {
            let Some(parent) = self.replay.now().relation(at).and_then(|it| it.is.parents.first().copied()) else {
                return Ok(None);
            };
            let Some(object) = self.replay.now().get(parent).cloned() else { return Ok(None) };
            let Some(relation) = object.as_relation() else { return Ok(None) };
            let row = moved(row, of, relation);
            match self.takes(parent, at, &row)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => certain = false,
            }
            at = parent;
        }
        Ok(certain.then_some(true))
    }

    fn change_by(&mut self, id: StatementId) -> Result<Change> {
        let Some(executed) = self.replay.catalog().statement(id) else { return Ok(Change::InDoubt) };
        let (statement, path, rolled_back) =
            (executed.statement.clone(), executed.search_path.clone(), executed.rolled_back);
        let StatementKind::Insert(insert) = &statement.kind else { return Ok(Change::InDoubt) };
        let then = self.replay.catalog().before(id);
        let Some(table) = then.relation_along(&path, &insert.relation.name) else { return Ok(Change::InDoubt) };
        let Some(object) = then.get(table).cloned() else { return Ok(Change::InDoubt) };
        let Some(relation) = object.as_relation() else { return Ok(Change::InDoubt) };
        let conflict = insert.on_conflict.as_ref();
        if conflict.is_some_and(|conflict| conflict.update.is_some()) || rolled_back {
            return Ok(Change::InDoubt);
        }
        let plain = conflict.is_none() && insert.with.is_none() && insert.repeats.is_empty();
        let written = match plain && !self.may_change_rows(table) {
            true => {
                let after = std::mem::replace(&mut self.within, id);
                let written = self.inserted(table, relation, insert);
                self.within = after;
                written?
            }
            false => None,
        };
        let nothing = Written { table, rows: Vec::new(), numbered: Vec::new(), all: false };
        Ok(Change::Added(written.unwrap_or(nothing)))
    }

    /// Whether triggers or rules may change a row on its way, or keep it out.
    pub(super) fn may_change_rows(&self, table: ObjectId) -> bool {
        let changes = |kind: &Kind| match kind {
            Kind::Trigger(trigger) if trigger.timing == TriggerTiming::Before && trigger.events.insert => {
                !trigger.function.is_some_and(|function| self.replay.returns_only(function, &["new"]))
            }
            Kind::Rule(_) => true,
            _ => false,
        };
        let tables = self.replay.with_descendants(table);
        tables.into_iter().any(|table| self.replay.now().attached(table).any(|(_, object)| changes(&object.kind)))
    }

    /// The rows that an INSERT writes, or some of them; `None` where nothing is known of them.
    pub(super) fn inserted(
        &mut self,
        table: ObjectId,
        relation: &Relation,
        insert: &Insert,
    ) -> Result<Option<Written>> {
        let mut named = Vec::new();
        for column in &insert.columns {
            let Some(found) = relation.column(column.name.name).filter(|_| column.path.is_empty()) else {
                return Ok(None);
            };
            named.push(found);
        }
        if insert.columns.is_empty() {
            named.extend(&relation.columns);
        }
        let Some((given, all)) = self.given(insert, &named)? else { return Ok(None) };
        let width = given.first().map_or(0, Vec::len);
        let empty = empty_row(relation);
        let mut defaults = empty.clone();
        let mut numbered = Vec::new();
        for column in &relation.columns {
            if named.iter().take(width).any(|it| it.number == column.number) {
                continue;
            }
            defaults[place(column)] = self.default_of(column)?;
            if column.identity.is_some() || column.default.as_ref().is_some_and(|default| takes_number(default)) {
                numbered.push(column.number);
            }
        }
        let mut rows = Vec::with_capacity(given.len());
        for values in given {
            let mut row = defaults.clone();
            for (column, value) in named.iter().zip(values) {
                row[place(column)] = value;
            }
            rows.push(self.with_generated(table, relation, row)?);
        }
        Ok(Some(Written { table, rows, numbered, all }))
    }

    /// The values that an INSERT gives, row by row, and whether these are all rows.
    fn given(&mut self, insert: &Insert, named: &[&std::sync::Arc<Column>]) -> Result<Option<(Vec<Vec<Value>>, bool)>> {
        let Some(source) = &insert.source else { return Ok(Some((vec![Vec::new()], true))) };
        if let QueryBody::Values(values) = &source.body {
            if values.elided != 0 || values.rows.len() > MOST_ROWS || source.with.is_some() {
                return Ok(None);
            }
            let mut rows = Vec::with_capacity(values.rows.len());
            for row in &values.rows {
                let mut given = Vec::with_capacity(row.len());
                for (value, column) in row.iter().zip(named) {
                    given.push(match value.kind {
                        ExprKind::Default => self.default_of(column)?,
                        _ => self.constant_for(value, column)?,
                    });
                }
                rows.push(given);
            }
            return Ok(Some((rows, !values.rows.iter().flatten().any(takes_number))));
        }
        let Ok(analysis) = self.replay.analyze_query(&Scope::empty(), source) else { return Ok(None) };
        if analysis.query.incomplete || !is_pure(Walk::query(&analysis.query, &analysis.ranges)) {
            return Ok(None);
        }
        let context = Context { rows: None, parameters: &[], variables: &[], case: None };
        let found = self.query(&analysis.query, context)?;
        if found.rows.len() > MOST_ROWS {
            return Ok(None);
        }
        let types: Vec<Option<Type>> =
            analysis.query.targets.iter().filter(|target| !target.junk).map(|target| target.expr.ty).collect();
        let certain = found.rows.iter().filter(|row| row.certain);
        let all = !found.open && found.rows.iter().all(|row| row.certain);
        let mut rows = Vec::new();
        for row in certain {
            let mut given = Vec::with_capacity(row.values.len());
            for ((value, from), column) in row.values.iter().zip(&types).zip(named) {
                given.push(self.as_type(value.clone(), *from, column.ty.as_ref())?);
            }
            rows.push(given);
        }
        Ok(Some((rows, all)))
    }

    /// A value as one of a type; what the server would refuse is not known, for it did not.
    fn as_type(&mut self, value: Value, from: Option<Type>, to: Option<&TypeRef>) -> Result<Value> {
        let (Some(from), Some(to)) = (from, to) else { return Ok(Value::Unknown) };
        let target = Type { id: to.id, array: to.array };
        let modifiers = Modifiers::new(&to.modifiers);
        quiet(self.convert(value, from, target, modifiers, Span::NONE))
    }

    /// A value of VALUES or of a default, as one of its column's type.
    pub(super) fn constant_for(&mut self, expr: &Expr, column: &Column) -> Result<Value> {
        // A length would cut the text.
        let ty = column.ty.as_ref().map(|ty| TypeRef { modifiers: Vec::new(), ..ty.clone() });
        let purpose = Purpose::Default { column: column.name, ty };
        let Ok(analysis) = self.replay.analyze(&Scope::empty(), expr, &purpose) else { return Ok(Value::Unknown) };
        quiet(self.pure_value(&analysis, None))
    }

    /// What a column holds of which a row says nothing.
    pub(super) fn default_of(&mut self, column: &Column) -> Result<Value> {
        if column.identity.is_some() || column.generated.is_some() {
            return Ok(Value::Unknown);
        }
        match column.default.clone() {
            Some(default) => self.constant_for(&default, column),
            None => Ok(self.domain_default(column)),
        }
    }

    fn domain_default(&self, column: &Column) -> Value {
        let ty = column.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| self.replay.now().get(ty.id)?.as_type());
        match ty.map(|ty| &ty.class) {
            Some(TypeClass::Domain { default: Some(_), .. }) => Value::Unknown,
            _ if column.ty.is_none() => Value::Unknown,
            _ => Value::Null,
        }
    }

    /// Works out the generated columns of a row.
    fn with_generated(&mut self, table: ObjectId, relation: &Relation, mut row: Vec<Value>) -> Result<Row> {
        for column in &relation.columns {
            let Some(generated) = &column.generated else { continue };
            let purpose = Purpose::Generated { column: column.name, ty: column.ty.clone() };
            let scope = Scope::of(self.replay.now(), table);
            let Ok(analysis) = self.replay.analyze(&scope, &generated.expr, &purpose) else { continue };
            let cells: Row = row.clone().into();
            row[place(column)] = quiet(self.pure_value(&analysis, Some(&cells)))?;
        }
        Ok(row.into())
    }

    /// The value of an expression over a row, if it calls no code that could do more.
    pub(super) fn pure_value(&mut self, analysis: &ExprAnalysis, row: Option<&Row>) -> Result<Value> {
        if !is_pure(Walk::expr(&analysis.expr, &analysis.ranges)) {
            return Ok(Value::Unknown);
        }
        self.value_over(&analysis.expr, &analysis.ranges, row)
    }

    /// The value of an expression over a row.
    pub(super) fn value_over(&mut self, expr: &Tree, ranges: &[RangeEntry], row: Option<&Row>) -> Result<Value> {
        let cells = row.map(|row| Cells::Values(row.clone()));
        let bound = Bound { ranges, rows: vec![cells; ranges.len()], parent: None, ctes: Rc::default(), group: None };
        self.eval(expr, Context { rows: Some(&bound), parameters: &[], variables: &[], case: None })
    }

    /// Gives the rows the numbers of their sequences, where nothing but these rows took any.
    fn number<'w>(&self, written: impl Iterator<Item = &'w mut Written>) {
        let mut next: Vec<((ObjectId, i16), Option<(i64, i64)>)> = Vec::new();
        for written in written {
            for &column in &written.numbered {
                let key = (written.table, column);
                let at = next.iter().position(|(it, _)| *it == key).unwrap_or_else(|| {
                    next.push((key, self.untouched_sequence(key)));
                    next.len() - 1
                });
                let Some((number, step)) = &mut next[at].1 else { continue };
                for row in &mut written.rows {
                    let Some(row) = Rc::get_mut(row) else { continue };
                    row[usize::from(column.unsigned_abs()).saturating_sub(1)] = Value::Integer(*number);
                    *number += *step;
                }
            }
        }
    }

    /// Where the sequence of a column starts, and its step, if nothing was done to it since it was made.
    fn untouched_sequence(&self, (table, column): (ObjectId, i16)) -> Option<(i64, i64)> {
        let now = self.replay.now();
        let mut owned = now.dependents(table).filter_map(|(id, object, _)| match &object.kind {
            Kind::Sequence(sequence) if sequence.owned_by == Some((table, column)) => Some((id, sequence)),
            _ => None,
        });
        let (id, sequence) = owned.next()?;
        let untouched = now.changed_by(id) == now.made_by(id) && self.replay.catalog().row_writes(Some(id)).is_empty();
        untouched.then_some((sequence.start, sequence.increment))
    }
}

/// An error means that the value is not what it seems: the statement went well.
pub(super) fn quiet(value: Result<Value>) -> Result<Value> {
    match value {
        Err(Halt::Raised(_)) => Ok(Value::Unknown),
        value => value,
    }
}

/// Whether nothing in an expression or query does more than to compute.
pub(super) fn is_pure(mut walk: Walk<'_>) -> bool {
    walk.all(|place| match place.part {
        Part::Expr(Tree { node: Node::Call(call), .. }) => {
            let own = !matches!(call.function, Some(FunctionId::System(_)));
            !own && !matches!(call.name.as_str(), "set_config" | "setval" | "nextval")
        }
        Part::Query(query) => query.command == Command::Select,
        Part::Expr(_) => true,
    })
}

fn is_cascade(action: ReferentialAction) -> bool {
    !matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict)
}

/// The partitioned tables that a table is in.
fn ancestors(catalog: CatalogAt<'_>, table: ObjectId) -> Vec<ObjectId> {
    let mut found = Vec::new();
    let mut at = table;
    while let Some(relation) = catalog.relation(at).filter(|it| it.is.bound.is_some()) {
        let Some(&parent) = relation.is.parents.first() else { break };
        found.push(parent);
        at = parent;
    }
    found
}

/// Whether an expression takes a number of a sequence, as columns with numbers of their own do by default.
fn takes_number(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if call.function.name.as_str() == "nextval")
}

/// Where a column's value is in a row.
pub(super) fn place(column: &Column) -> usize {
    usize::from(column.number.unsigned_abs()).saturating_sub(1)
}

fn empty_row(relation: &Relation) -> Vec<Value> {
    vec![Value::Unknown; relation.columns.iter().map(|column| place(column) + 1).max().unwrap_or(0)]
}

/// A row of one table as one of another, column by column of the same name and type.
pub(super) fn moved(row: &Row, from: &Relation, to: &Relation) -> Row {
    let mut values = empty_row(to);
    for column in &to.columns {
        let same = from.column(column.name).filter(|it| it.ty == column.ty);
        if let Some(value) = same.and_then(|it| row.get(place(it))) {
            values[place(column)] = value.clone();
        }
    }
    values.into()
}

/// Whether a relation can hold rows of its own.
pub(super) fn holds_rows(class: RelationClass) -> bool {
    matches!(class, RelationClass::Table | RelationClass::PartitionedTable)
}
