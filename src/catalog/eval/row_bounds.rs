//! Whether a partition takes a row of which the values are known.

use std::cmp::Ordering;

use super::rows::{Row, place, quiet};
use super::value::Value;
use super::{Evaluator, Result};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::{Column, Key, ObjectId};
use crate::syntax::{Expr, ExprKind, PartitionBoundKind};

/// The end of a range.
enum End {
    Lowest,
    Highest,
    At(Value),
}

impl Evaluator<'_> {
    /// Whether a partition takes a row of its parent.
    pub(super) fn takes(&mut self, parent: ObjectId, partition: ObjectId, row: &Row) -> Result<Option<bool>> {
        let Some(key) = self.partition_key(parent) else { return Ok(None) };
        let values: Vec<Value> = key.iter().map(|it| row.get(place(it)).cloned().unwrap_or(Value::Unknown)).collect();
        let Some(bound) = self.bound_of(partition) else { return Ok(None) };
        if !matches!(bound, PartitionBoundKind::Default) {
            return self.is_within(&key, &values, &bound);
        }
        let mut certain = true;
        for sibling in self.replay.partitions(parent).into_iter().filter(|it| *it != partition) {
            if self.unseen == Some(sibling) {
                continue;
            }
            let Some(bound) = self.bound_of(sibling) else { return Ok(None) };
            match self.is_within(&key, &values, &bound)? {
                Some(true) => return Ok(Some(false)),
                Some(false) => {}
                None => certain = false,
            }
        }
        Ok(certain.then_some(true))
    }

    /// Whether no partition takes a row.
    pub(super) fn is_homeless(&mut self, table: ObjectId, row: &Row) -> Result<bool> {
        for partition in self.replay.partitions(table) {
            if self.takes(table, partition, row)? != Some(false) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The columns of the key; `None` where an expression is among them.
    fn partition_key(&self, table: ObjectId) -> Option<Vec<Column>> {
        let relation = self.replay.now().relation(table)?;
        let key = relation.is.partition_key.as_ref()?;
        let column = |key: &Key| match key {
            Key::Column(number) => relation.is.column_number(*number).map(|column| (**column).clone()),
            Key::Expr(_) => None,
        };
        key.keys.iter().map(column).collect()
    }

    fn bound_of(&self, partition: ObjectId) -> Option<PartitionBoundKind> {
        let relation = self.replay.now().relation(partition)?;
        relation.is.bound.as_ref().map(|bound| bound.kind.clone())
    }

    fn is_within(&mut self, key: &[Column], row: &[Value], bound: &PartitionBoundKind) -> Result<Option<bool>> {
        match bound {
            PartitionBoundKind::List(values) => {
                let (Some(value), Some(column)) = (row.first(), key.first()) else { return Ok(None) };
                let mut certain = !value.is_unknown();
                for end in values {
                    let end = self.bound_value(end, column)?;
                    match (value, &end) {
                        (Value::Null, Value::Null) => return Ok(Some(true)),
                        (Value::Null, end) | (end, Value::Null) => certain &= !end.is_unknown(),
                        _ => match order(value, &end) {
                            Some(Ordering::Equal) => return Ok(Some(true)),
                            Some(_) => {}
                            // Texts that differ are no equals.
                            None if matches!((value, &end), (Value::Text(_), Value::Text(_))) => {}
                            None => certain = false,
                        },
                    }
                }
                Ok(certain.then_some(false))
            }
            PartitionBoundKind::Range { from, to } => {
                if row.contains(&Value::Null) {
                    return Ok(Some(false));
                }
                let (from, to) = (self.end(from, key)?, self.end(to, key)?);
                let above = compare(row, &from).map(Ordering::is_ge);
                let below = compare(row, &to).map(Ordering::is_lt);
                Ok(match (above, below) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                })
            }
            PartitionBoundKind::Hash { .. } | PartitionBoundKind::Default => Ok(None),
        }
    }

    fn end(&mut self, values: &[Expr], key: &[Column]) -> Result<Vec<End>> {
        let mut ends = Vec::with_capacity(values.len());
        for (value, column) in values.iter().zip(key) {
            let word = match &value.kind {
                ExprKind::Column(column) => column.column().map(|it| it.name),
                _ => None,
            };
            ends.push(match word.as_ref().map(|word| word.as_str()) {
                Some("minvalue") => End::Lowest,
                Some("maxvalue") => End::Highest,
                _ => End::At(self.bound_value(value, column)?),
            });
        }
        Ok(ends)
    }

    fn bound_value(&mut self, value: &Expr, column: &Column) -> Result<Value> {
        if matches!(value.kind, ExprKind::Null) {
            return Ok(Value::Null);
        }
        let ty = column.ty.as_ref().map(|ty| self.replay.base_type(ty));
        let purpose = Purpose::PartitionBound { ty };
        match self.replay.analyze(&Scope::empty(), value, &purpose) {
            Ok(analysis) => quiet(self.pure_value(&analysis, None)),
            Err(_) => Ok(Value::Unknown),
        }
    }
}

/// The order of a row and the end of a range, column by column.
fn compare(row: &[Value], end: &[End]) -> Option<Ordering> {
    for (value, end) in row.iter().zip(end) {
        match end {
            End::Lowest => return Some(Ordering::Greater),
            End::Highest => return Some(Ordering::Less),
            End::At(end) => match order(value, end)? {
                Ordering::Equal => {}
                unequal => return Some(unequal),
            },
        }
    }
    Some(Ordering::Equal)
}

/// How texts are ordered depends on their collation.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => (a == b).then_some(Ordering::Equal),
        (a, b) if a.is_unknown() || b.is_unknown() => None,
        (a, b) => a.compare(b),
    }
}
