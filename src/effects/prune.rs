//! Which partitions a condition or a row can be about: the server's pruning, as far as constants tell.
//!
//! The values of a partition key fall into cells: the values of a list, the ranges between bounds, NULL, and all
//! others. A condition leaves cells over, and those belong to partitions.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::hash::{Hashed, satisfies};
use crate::catalog::bound::{BoundValue as Value, order_of_ends, strip_casts};
use crate::catalog::{CatalogAt, Key, ObjectId, TypeClass};
use crate::syntax::{Between, Expr, ExprKind, InList, Name, Operation, PartitionBoundKind, PartitionStrategy};

/// The cells of a partitioned table.
pub(super) struct Space<'a> {
    catalog: CatalogAt<'a>,
    table: ObjectId,
    keys: &'a [Key],
    /// What is known of the types of the keys.
    types: Vec<Compared>,
    cells: Vec<Cell>,
}

/// Values of the key that are in the same place.
struct Cell {
    holds: Holds,
    /// Where they are; `None` where there is no place for them.
    partition: Option<ObjectId>,
}

enum Holds {
    Null,
    Value(Value),
    /// From the first end up to, and without, the other.
    Range(Vec<Value>, Vec<Value>),
    /// What is in no list.
    Others,
    Hash {
        modulus: u64,
        remainder: u64,
    },
}

/// How values of a type compare, as far as it shows in constants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    Integer,
    /// Values are equal only where their texts are.
    Text,
    /// The same, but stored in another way.
    Label,
    Unknown,
}

/// What a condition says about one column of the key.
#[derive(Default)]
struct Said {
    values: Option<Vec<Value>>,
    excluded: Vec<Value>,
    /// The value, and whether it is itself included.
    lower: Option<(Value, bool)>,
    upper: Option<(Value, bool)>,
    is_null: bool,
    is_not_null: bool,
}

/// How many combinations of values are tried one by one.
const COMBINATIONS: usize = 100;

impl<'a> Space<'a> {
    /// `None` where the bounds are not all known.
    pub(super) fn of(catalog: CatalogAt<'a>, table: ObjectId) -> Option<Space<'a>> {
        let key = catalog.get(table)?.as_relation()?.partition_key.as_ref()?;
        let mut default = None;
        let mut cells = Vec::new();
        for partition in catalog.children(table) {
            let place = |holds| Cell { holds, partition: Some(partition) };
            match &catalog.get(partition)?.as_relation()?.bound.as_ref()?.kind {
                PartitionBoundKind::Default => default = Some(partition),
                PartitionBoundKind::Hash { modulus, remainder } => {
                    let (modulus, remainder) = (u64::try_from(*modulus).ok()?, u64::try_from(*remainder).ok()?);
                    cells.push(place(Holds::Hash { modulus, remainder }));
                }
                PartitionBoundKind::List(values) => {
                    for value in values {
                        cells.push(match Value::of(value)? {
                            Value::Null => place(Holds::Null),
                            value => place(Holds::Value(value)),
                        });
                    }
                }
                PartitionBoundKind::Range { from, to } => cells.push(place(Holds::Range(ends(from)?, ends(to)?))),
            }
        }
        match key.strategy {
            PartitionStrategy::Range => add_gaps(&mut cells, key.keys.len(), default)?,
            PartitionStrategy::List => cells.push(Cell { holds: Holds::Others, partition: default }),
            PartitionStrategy::Hash => {}
        }
        let is_null = |cell: &Cell| matches!(cell.holds, Holds::Null);
        if key.strategy != PartitionStrategy::Hash && !cells.iter().any(is_null) {
            cells.push(Cell { holds: Holds::Null, partition: default });
        }
        let types = key.keys.iter().map(|key| compared(catalog, table, key)).collect();
        Some(Space { catalog, table, keys: &key.keys, types, cells })
    }

    /// The partitions in which no row can meet a condition.
    pub(super) fn excluded(&self, filter: &Expr, is_own: &dyn Fn(&Expr) -> bool) -> Vec<ObjectId> {
        let left = self.left_over(filter, is_own);
        let partitions: BTreeSet<ObjectId> = left.iter().filter_map(|&cell| self.cells[cell].partition).collect();
        let mut others = self.catalog.children(self.table);
        others.retain(|partition| !partitions.contains(partition));
        others
    }

    /// The partition that takes a row with these constants as its key; `None` where that is not certain.
    pub(super) fn place_of(&self, row: &[Value]) -> Option<ObjectId> {
        let said: Vec<Said> = row
            .iter()
            .map(|value| match value {
                Value::Null => Said { is_null: true, ..Said::default() },
                value => Said { values: Some(vec![value.clone()]), ..Said::default() },
            })
            .collect();
        let left: Vec<&Cell> = self.cells.iter().filter(|cell| self.may_hold(cell, &said)).collect();
        if let [only] = left[..] { only.partition } else { None }
    }

    fn left_over(&self, filter: &Expr, is_own: &dyn Fn(&Expr) -> bool) -> BTreeSet<usize> {
        if let ExprKind::Or(arms) = &filter.kind {
            return arms.iter().flat_map(|arm| self.left_over(arm, is_own)).collect();
        }
        let mut said: Vec<Said> = self.keys.iter().map(|_| Said::default()).collect();
        let mut either = Vec::new();
        self.learn(filter, is_own, &mut said, &mut either);
        let possible = self.cells.iter().enumerate().filter(|(_, cell)| self.may_hold(cell, &said));
        let mut left: BTreeSet<usize> = possible.map(|(at, _)| at).collect();
        for arms in either {
            let arms = self.left_over(arms, is_own);
            left.retain(|cell| arms.contains(cell));
        }
        left
    }

    /// Takes a conjunction apart; `either` gets the disjunctions in it.
    fn learn<'e>(
        &self,
        filter: &'e Expr,
        is_own: &dyn Fn(&Expr) -> bool,
        said: &mut [Said],
        either: &mut Vec<&'e Expr>,
    ) {
        match &filter.kind {
            ExprKind::And(parts) => parts.iter().for_each(|part| self.learn(part, is_own, said, either)),
            ExprKind::Or(_) => either.push(filter),
            _ => {
                for (key, said) in self.keys.iter().zip(said) {
                    let is_key = |expr: &Expr| self.is_key(expr, key) && is_own(expr);
                    said.learn(filter, &is_key);
                }
            }
        }
    }

    fn is_key(&self, expr: &Expr, key: &Key) -> bool {
        match (key, &expr.kind) {
            (Key::Column(number), ExprKind::Column(column)) => {
                let name: Name = self.catalog.column_name(self.table, *number);
                column.column().is_some_and(|column| column.name == name)
            }
            (Key::Expr(key), _) => **key == *expr,
            _ => false,
        }
    }

    /// Whether a row of which this is said may be in the cell.
    fn may_hold(&self, cell: &Cell, said: &[Said]) -> bool {
        match &cell.holds {
            Holds::Null => said.iter().any(|said| said.is_null) || !said.iter().any(Said::is_strict),
            Holds::Value(value) => {
                let textual = matches!(self.types[..], [Compared::Text | Compared::Label]);
                said.iter().all(|said| said.allows(value, textual))
            }
            Holds::Others => said.iter().all(|said| !said.is_null && self.allows_others(said)),
            Holds::Range(from, to) => {
                !said.iter().any(|said| said.is_null) && may_meet(from, to, said, &mut Vec::new(), COMBINATIONS)
            }
            Holds::Hash { modulus, remainder } => {
                let may_be = |key: &[Hashed<'_>]| satisfies(key, *modulus, *remainder);
                self.any_key(said, &mut Vec::new(), COMBINATIONS, &may_be)
            }
        }
    }

    /// Whether one of the keys that are said passes a test; true where the keys are not all known.
    fn any_key<'v>(
        &self,
        said: &'v [Said],
        key: &mut Vec<Hashed<'v>>,
        budget: usize,
        test: &dyn Fn(&[Hashed<'_>]) -> bool,
    ) -> bool {
        let Some(next) = said.get(key.len()) else { return test(key) };
        if next.is_null {
            key.push(Hashed::Null);
            let passes = self.any_key(said, key, budget, test);
            key.pop();
            return passes;
        }
        let Some(values) = next.values.as_ref().filter(|values| values.len() <= budget) else { return true };
        values.iter().any(|value| {
            let Some(value) = hashed(value, self.types[key.len()]) else { return true };
            key.push(value);
            let passes = self.any_key(said, key, budget / values.len(), test);
            key.pop();
            passes
        })
    }

    /// Whether a value may be one that no list has.
    fn allows_others(&self, said: &Said) -> bool {
        let is_listed =
            |value: &Value| self.cells.iter().any(|cell| matches!(&cell.holds, Holds::Value(it) if it == value));
        said.values.as_ref().is_none_or(|values| values.iter().any(|value| !is_listed(value)))
    }
}

impl Said {
    /// Whether NULL does not meet it.
    fn is_strict(&self) -> bool {
        let compares = self.values.is_some() || self.lower.is_some() || self.upper.is_some();
        compares || !self.excluded.is_empty() || self.is_not_null
    }

    fn learn(&mut self, filter: &Expr, is_key: &dyn Fn(&Expr) -> bool) {
        match &filter.kind {
            ExprKind::NullTest(test) if is_key(&test.expr) => {
                self.is_null |= !test.negated;
                self.is_not_null |= test.negated;
            }
            ExprKind::In(list) if is_key(strip_casts(&list.expr)) => self.learn_list(list),
            ExprKind::Between(between) if is_key(strip_casts(&between.expr)) => self.learn_between(between),
            ExprKind::Operator(operation) => self.learn_comparison(operation, is_key),
            _ => {}
        }
    }

    fn learn_list(&mut self, list: &InList) {
        let Some(values) = list.list.iter().map(Value::of).collect::<Option<Vec<_>>>() else { return };
        if list.negated {
            self.excluded.extend(values);
        } else {
            self.is_one_of(values);
        }
    }

    fn learn_between(&mut self, between: &Between) {
        if between.negated || between.symmetric {
            return;
        }
        if let (Some(low), Some(high)) = (Value::of(&between.low), Value::of(&between.high)) {
            self.is_above(low, true);
            self.is_below(high, true);
        }
    }

    fn learn_comparison(&mut self, operation: &Operation, is_key: &dyn Fn(&Expr) -> bool) {
        let Some(left) = &operation.left else { return };
        let operator = operation.operator.name.as_str();
        let (operator, constant) = if is_key(strip_casts(left)) {
            (operator, Value::of(&operation.right))
        } else if is_key(strip_casts(&operation.right)) {
            (mirrored(operator), Value::of(left))
        } else {
            return;
        };
        let Some(constant) = constant else { return };
        match operator {
            "=" => self.is_one_of(vec![constant]),
            "<>" | "!=" => self.excluded.push(constant),
            ">" | ">=" => self.is_above(constant, operator == ">="),
            "<" | "<=" => self.is_below(constant, operator == "<="),
            _ => {}
        }
    }

    fn is_one_of(&mut self, values: Vec<Value>) {
        match &mut self.values {
            Some(known) => known.retain(|value| values.contains(value)),
            None => self.values = Some(values),
        }
    }

    fn is_above(&mut self, value: Value, included: bool) {
        tighten(&mut self.lower, value, included, Ordering::Greater);
    }

    fn is_below(&mut self, value: Value, included: bool) {
        tighten(&mut self.upper, value, included, Ordering::Less);
    }

    fn allows(&self, value: &Value, textual: bool) -> bool {
        let differs = |other: &Value| match other.order(value) {
            Some(order) => order.is_ne(),
            None => textual && other != value,
        };
        let is_past = |(end, included): &(Value, bool), outward: Ordering| match value.order(end) {
            Some(Ordering::Equal) => !included,
            order => order == Some(outward),
        };
        !self.is_null
            && !self.values.as_ref().is_some_and(|values| values.iter().all(differs))
            && !self.excluded.contains(value)
            && !self.lower.as_ref().is_some_and(|lower| is_past(lower, Ordering::Less))
            && !self.upper.as_ref().is_some_and(|upper| is_past(upper, Ordering::Greater))
    }
}

/// Moves an end, with whether it is included, to a value that lies further in.
fn tighten(end: &mut Option<(Value, bool)>, value: Value, included: bool, inward: Ordering) {
    let is_tighter = |(known, was): &(Value, bool)| match value.order(known) {
        Some(Ordering::Equal) => *was && !included,
        order => order == Some(inward),
    };
    if end.as_ref().is_none_or(is_tighter) {
        *end = Some((value, included));
    }
}

/// Whether a range of keys holds one of which this is said. Equal values of the first columns count, and then what is
/// said about one more.
fn may_meet(from: &[Value], to: &[Value], said: &[Said], equal: &mut Vec<Value>, budget: usize) -> bool {
    let next = said.get(equal.len());
    if let Some(values) = next.and_then(|said| said.values.as_ref()) {
        if values.len() > budget {
            return true;
        }
        return values.iter().any(|value| {
            equal.push(value.clone());
            let meets = may_meet(from, to, said, equal, budget / values.len());
            equal.pop();
            meets
        });
    }
    let end = |bound: Option<&(Value, bool)>, open: Value, closed: Value| {
        let mut end = equal.clone();
        let included = match bound {
            Some((value, included)) => {
                end.push(value.clone());
                *included
            }
            None => true,
        };
        end.resize(from.len(), if included { open } else { closed });
        end
    };
    let lowest = end(next.and_then(|said| said.lower.as_ref()), Value::Lowest, Value::Highest);
    let highest = end(next.and_then(|said| said.upper.as_ref()), Value::Highest, Value::Lowest);
    // The upper end of the cell is not in it; the query's own are, as far as their columns go.
    let starts_before_end = order_of_ends(&lowest, to).is_none_or(Ordering::is_lt);
    let exact = equal.len() == from.len();
    let reaches_start =
        order_of_ends(from, &highest).is_none_or(|order| if exact { order.is_le() } else { order.is_lt() });
    starts_before_end && reaches_start
}

/// Puts the ranges in order and adds what is between them.
fn add_gaps(cells: &mut Vec<Cell>, columns: usize, default: Option<ObjectId>) -> Option<()> {
    let mut ranges: Vec<Cell> = Vec::new();
    for cell in cells.drain(..) {
        let mut at = 0;
        while at < ranges.len() && order_of_ends(cell.from()?, ranges[at].from()?)?.is_gt() {
            at += 1;
        }
        ranges.insert(at, cell);
    }
    let mut start = vec![Value::Lowest; columns];
    for range in ranges {
        let Holds::Range(from, to) = &range.holds else { return None };
        if order_of_ends(&start, from)?.is_lt() {
            cells.push(Cell { holds: Holds::Range(start, from.clone()), partition: default });
        }
        start = to.clone();
        cells.push(range);
    }
    let end = vec![Value::Highest; columns];
    if order_of_ends(&start, &end)?.is_lt() {
        cells.push(Cell { holds: Holds::Range(start, end), partition: default });
    }
    Some(())
}

impl Cell {
    fn from(&self) -> Option<&[Value]> {
        match &self.holds {
            Holds::Range(from, _) => Some(from),
            _ => None,
        }
    }
}

fn ends(values: &[Expr]) -> Option<Vec<Value>> {
    values.iter().map(Value::of).collect()
}

fn compared(catalog: CatalogAt<'_>, table: ObjectId, key: &Key) -> Compared {
    let Key::Column(number) = key else { return Compared::Unknown };
    let ty = catalog.column(table, *number).and_then(|column| column.ty.clone());
    let Some(object) = ty.filter(|ty| !ty.array).and_then(|ty| catalog.get(ty.id)) else { return Compared::Unknown };
    match object.name.as_str() {
        "int2" | "int4" | "int8" => Compared::Integer,
        "text" | "varchar" => Compared::Text,
        "name" => Compared::Label,
        _ if object.as_type().is_some_and(|ty| matches!(ty.class, TypeClass::Enum { .. })) => Compared::Label,
        _ => Compared::Unknown,
    }
}

/// A constant as the type's hash function reads it.
fn hashed(value: &Value, ty: Compared) -> Option<Hashed<'_>> {
    match (value, ty) {
        (Value::Null, _) => Some(Hashed::Null),
        (Value::Number(number), Compared::Integer) if number.fract() == 0.0 => Some(Hashed::Integer(*number as i64)),
        (Value::Text(text), Compared::Integer) => text.parse().ok().map(Hashed::Integer),
        (Value::Text(text), Compared::Text) => Some(Hashed::Text(text)),
        _ => None,
    }
}

/// The operator with its sides exchanged.
pub(super) fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}
