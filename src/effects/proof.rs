//! What existing constraints prove, so that the server need not read the rows.
//!
//! The server proves by its general predicate logic; here is what it amounts to for the constraints that people
//! write for this purpose: conjunctions of `IS NOT NULL`, comparisons with constants, IN and BETWEEN.

use std::cmp::Ordering;

use super::prune::mirrored;
use crate::catalog::bound::{BoundValue as Value, strip_casts as strip};
use crate::catalog::{CatalogAt, Column, Constraint, ConstraintKind, Key, ObjectId};
use crate::syntax::{Expr, ExprKind, Name, PartitionBoundKind, PartitionStrategy};

/// Whether a valid CHECK that is not dropped by the same statement says that the column holds no null.
pub(super) fn column_is_not_null(catalog: CatalogAt<'_>, table: ObjectId, column: &Column, dropped: &[Name]) -> bool {
    let checks =
        catalog.constraints(table).filter(|it| !dropped.contains(&it.name())).filter_map(|it| valid_check(it.is));
    checks.into_iter().any(|check| says_not_null(check, column.name))
}

fn valid_check(constraint: &Constraint) -> Option<&Expr> {
    match &constraint.kind {
        ConstraintKind::Check { expr, .. } if constraint.validated && constraint.enforced => Some(expr),
        _ => None,
    }
}

fn says_not_null(check: &Expr, column: Name) -> bool {
    match &check.kind {
        ExprKind::NullTest(test) => test.negated && is_column(&test.expr, column),
        ExprKind::And(parts) => parts.iter().any(|part| says_not_null(part, column)),
        ExprKind::Not(inner) => {
            matches!(&inner.kind, ExprKind::NullTest(test) if !test.negated && is_column(&test.expr, column))
        }
        _ => false,
    }
}

pub(super) fn is_column(expr: &Expr, column: Name) -> bool {
    matches!(&expr.kind, ExprKind::Column(reference) if reference.column().is_some_and(|name| name.name == column))
}

/// Whether a partition takes what no other one takes.
pub(super) fn is_default(catalog: CatalogAt<'_>, table: ObjectId) -> bool {
    let bound = catalog.get(table).and_then(|object| object.as_relation()?.bound.clone());
    bound.is_some_and(|bound| matches!(bound.kind, PartitionBoundKind::Default))
}

/// Whether a table's constraints already say that all its rows fit the bounds it gets.
pub(super) fn implied_by_constraints(before: CatalogAt<'_>, after: CatalogAt<'_>, partition: ObjectId) -> bool {
    let Some((key, bound)) = key_and_bound(after, partition) else { return false };
    let Some(known) = known(before, partition, key) else { return false };
    match &bound.kind {
        PartitionBoundKind::List(values) => {
            let taken: Vec<Value> = values.iter().filter_map(Value::of).collect();
            let takes_null = values.iter().any(|value| matches!(strip(value).kind, ExprKind::Null));
            (known.not_null || takes_null)
                && known.values.is_some_and(|values| values.iter().all(|value| taken.contains(value)))
        }
        PartitionBoundKind::Range { from, to } => {
            let (Some(from), Some(to)) = (range_end(from), range_end(to)) else { return false };
            known.not_null && known.starts_at_or_after(&from) && known.ends_before(&to)
        }
        PartitionBoundKind::Hash { .. } | PartitionBoundKind::Default => false,
    }
}

/// Whether the default partition's constraints already exclude every row of a new partition.
pub(super) fn default_excludes(
    before: CatalogAt<'_>,
    after: CatalogAt<'_>,
    default: ObjectId,
    partition: ObjectId,
) -> bool {
    let Some((key, bound)) = key_and_bound(after, partition) else { return false };
    let Some(known) = known(before, default, key) else { return false };
    match &bound.kind {
        PartitionBoundKind::List(values) => {
            let taken: Option<Vec<Value>> = values.iter().map(Value::of).collect();
            taken.is_some_and(|taken| taken.iter().all(|value| known.excludes(value)))
        }
        PartitionBoundKind::Range { from, to } => {
            let (Some(from), Some(to)) = (range_end(from), range_end(to)) else { return false };
            known.lies_outside(&from, &to)
        }
        PartitionBoundKind::Hash { .. } | PartitionBoundKind::Default => false,
    }
}

/// The one partition key column, and the bounds. Keys of several columns and of expressions are not followed.
fn key_and_bound(
    catalog: CatalogAt<'_>,
    partition: ObjectId,
) -> Option<(Name, std::sync::Arc<crate::syntax::PartitionBound>)> {
    let relation = catalog.get(partition)?.as_relation()?;
    let parent = *relation.parents.first()?;
    let key = catalog.get(parent)?.as_relation()?.partition_key.clone()?;
    if key.strategy == PartitionStrategy::Hash {
        return None;
    }
    let [Key::Column(number)] = key.keys[..] else { return None };
    Some((catalog.column_name(parent, number), relation.bound.clone()?))
}

fn range_end(values: &[Expr]) -> Option<Value> {
    if let [only] = values { Value::of(only) } else { None }
}

/// What the valid CHECKs (and NOT NULL) of a table say about one column.
#[derive(Default, Debug)]
struct Known {
    not_null: bool,
    /// The value, and whether it is itself included.
    lower: Option<(Value, bool)>,
    upper: Option<(Value, bool)>,
    values: Option<Vec<Value>>,
    excluded: Vec<Value>,
}

fn known(catalog: CatalogAt<'_>, table: ObjectId, column: Name) -> Option<Known> {
    let not_null = catalog.get(table)?.as_relation()?.column(column)?.not_null;
    let mut known = Known { not_null, ..Known::default() };
    for check in catalog.constraints(table).filter_map(|it| valid_check(it.is)) {
        known.learn(check, column);
    }
    Some(known)
}

impl Known {
    fn learn(&mut self, check: &Expr, column: Name) {
        match &check.kind {
            ExprKind::And(parts) => parts.iter().for_each(|part| self.learn(part, column)),
            ExprKind::NullTest(_) | ExprKind::Not(_) => self.not_null |= says_not_null(check, column),
            ExprKind::Between(between)
                if !between.negated && !between.symmetric && is_column(&between.expr, column) =>
            {
                self.lower = Value::of(&between.low).map(|value| (value, true)).or(self.lower.take());
                self.upper = Value::of(&between.high).map(|value| (value, true)).or(self.upper.take());
            }
            ExprKind::In(list) if is_column(&list.expr, column) => {
                let values: Option<Vec<Value>> = list.list.iter().map(Value::of).collect();
                match values {
                    Some(values) if list.negated => self.excluded.extend(values),
                    Some(values) => self.values = Some(values),
                    None => {}
                }
            }
            ExprKind::Operator(operation) => self.learn_comparison(operation, column),
            _ => {}
        }
    }

    fn learn_comparison(&mut self, operation: &crate::syntax::Operation, column: Name) {
        let Some(left) = &operation.left else { return };
        let operator = operation.operator.name.as_str();
        let (operator, constant) = if is_column(strip(left), column) {
            (operator, Value::of(&operation.right))
        } else if is_column(strip(&operation.right), column) {
            (mirrored(operator), Value::of(left))
        } else {
            return;
        };
        let Some(constant) = constant else { return };
        match operator {
            "=" => self.values = Some(vec![constant]),
            "<>" | "!=" => self.excluded.push(constant),
            ">" => self.lower = Some((constant, false)),
            ">=" => self.lower = Some((constant, true)),
            "<" => self.upper = Some((constant, false)),
            "<=" => self.upper = Some((constant, true)),
            _ => {}
        }
    }

    fn starts_at_or_after(&self, from: &Value) -> bool {
        if let Some(values) = &self.values {
            return values.iter().all(|value| from.at_most(value));
        }
        *from == Value::Lowest || self.lower.as_ref().is_some_and(|(lower, _)| from.at_most(lower))
    }

    fn ends_before(&self, to: &Value) -> bool {
        let below = |value: &Value| value.order(to) == Some(Ordering::Less);
        if let Some(values) = &self.values {
            return values.iter().all(below);
        }
        let upper = |(upper, included): &(Value, bool)| below(upper) || (!included && upper == to);
        *to == Value::Highest || self.upper.as_ref().is_some_and(upper)
    }

    fn excludes(&self, value: &Value) -> bool {
        self.excluded.contains(value) || self.values.as_ref().is_some_and(|values| !values.contains(value))
    }

    fn lies_outside(&self, from: &Value, to: &Value) -> bool {
        if let Some(values) = &self.values {
            return values.iter().all(|value| to.at_most(value) || value.order(from) == Some(Ordering::Less));
        }
        let above = self.lower.as_ref().is_some_and(|(lower, _)| to.at_most(lower));
        let below = |(upper, included): &(Value, bool)| {
            upper.order(from) == Some(Ordering::Less) || (!included && upper == from)
        };
        above || self.upper.as_ref().is_some_and(below)
    }
}
