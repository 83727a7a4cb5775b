//! Whether the bound of a new partition fits its table and leaves the other partitions what is theirs.

use std::cmp::Ordering;

use super::{Effect, Replay};
use crate::catalog::analyze::{Purpose, Scope};
use crate::catalog::bound::{BoundValue, order_of_ends};
use crate::catalog::{Key, ObjectId, PartitionKey, Relation, datetime};
use crate::syntax::{Expr, ExprKind, Name, PartitionBound, PartitionBoundKind as Kind, PartitionStrategy};

impl Replay {
    /// Refuses a bound that is of another kind than the table's, empty, or overlaps with another partition's.
    pub(crate) fn check_bound(&mut self, table: ObjectId, bound: &PartitionBound, name: Name) -> Effect<()> {
        let Some(relation) = self.now().relation(table) else { return Ok(()) };
        let Some(key) = relation.is.partition_key.clone() else { return Ok(()) };
        let types = self.key_types(relation.is, &key);
        self.check_bound_kind(&key, bound)?;
        self.check_bound_values(table, &key, bound)?;
        self.check_bound_not_empty(bound, name, &types)?;
        for partition in self.partitions(table) {
            let Some(sibling) = self.now().relation(partition) else { continue };
            let Some(taken) = &sibling.is.bound else { continue };
            if let Some(message) = conflict(bound, taken, name, sibling.name(), &types) {
                return Err(self.refuse_because(
                    "42P17",
                    bound.span,
                    message,
                    partition,
                    "this partition is made here",
                ));
            }
        }
        Ok(())
    }

    /// What the texts of a bound are, column by column.
    fn key_types(&self, relation: &Relation, key: &PartitionKey) -> Vec<KeyType> {
        let utc = self.session.settings.get(&Name::from("timezone")).is_none();
        let of_column = |key: &Key| {
            let Key::Column(number) = key else { return KeyType::Other };
            let Some(ty) = relation.column_number(*number).and_then(|column| column.ty.as_ref()) else {
                return KeyType::Other;
            };
            let base = self.base_type(ty);
            match self.now().get(base.id).map_or("", |object| object.name.as_str()) {
                "date" => KeyType::Date,
                "timestamp" => KeyType::Timestamp,
                "timestamptz" if utc => KeyType::Zoned,
                "int2" | "int4" | "int8" => KeyType::Integer,
                _ => KeyType::Other,
            }
        };
        key.keys.iter().map(of_column).collect()
    }

    fn check_bound_kind(&self, key: &PartitionKey, bound: &PartitionBound) -> Effect<()> {
        let message = match (key.strategy, &bound.kind) {
            (PartitionStrategy::Hash, Kind::Default) => "a hash-partitioned table may not have a default partition",
            (_, Kind::Default)
            | (PartitionStrategy::List, Kind::List(_))
            | (PartitionStrategy::Range, Kind::Range { .. })
            | (PartitionStrategy::Hash, Kind::Hash { .. }) => return Ok(()),
            (PartitionStrategy::List, _) => "invalid bound specification for a list partition",
            (PartitionStrategy::Range, _) => "invalid bound specification for a range partition",
            (PartitionStrategy::Hash, _) => "invalid bound specification for a hash partition",
        };
        Err(self.refuse("42P16", bound.span, message))
    }

    /// Each value must be one of its column's type.
    fn check_bound_values(&mut self, table: ObjectId, key: &PartitionKey, bound: &PartitionBound) -> Effect<()> {
        let (first, second, wanted) = match &bound.kind {
            Kind::List(values) => (values, None, None),
            Kind::Range { from, to } => (from, Some(to), Some(key.keys.len())),
            Kind::Hash { .. } | Kind::Default => return Ok(()),
        };
        let ends = [("FROM", Some(first)), ("TO", second)];
        for (word, values) in ends.into_iter().filter_map(|(word, values)| Some((word, values?))) {
            if wanted.is_some_and(|wanted| wanted != values.len()) {
                let message = format!("{word} must specify exactly one value per partitioning column");
                return Err(self.refuse("42P16", bound.span, message));
            }
            for (at, value) in values.iter().enumerate() {
                let column = key.keys.get(if wanted.is_some() { at } else { 0 }).and_then(|key| key.column());
                let ty = column.and_then(|column| self.column_at(table, column)?.ty.clone());
                if ty.is_some() && !matches!(value.kind, ExprKind::Column(_)) {
                    self.analyze(&Scope::empty(), value, &Purpose::PartitionBound { ty })?;
                }
            }
        }
        Ok(())
    }

    fn check_bound_not_empty(&self, bound: &PartitionBound, name: Name, types: &[KeyType]) -> Effect<()> {
        let (sqlstate, message) = match &bound.kind {
            Kind::Range { from, to } => match order(from, to, types) {
                Some(Ordering::Equal | Ordering::Greater) => {
                    ("42P17", format!("empty range bound specified for partition \"{name}\""))
                }
                _ => return Ok(()),
            },
            Kind::Hash { modulus, .. } if *modulus <= 0 => {
                ("42P16", "modulus for hash partition must be an integer value greater than zero".to_owned())
            }
            Kind::Hash { modulus, remainder } if remainder >= modulus => {
                ("42P16", "remainder for hash partition must be less than modulus".to_owned())
            }
            _ => return Ok(()),
        };
        Err(self.refuse(sqlstate, bound.span, message))
    }
}

/// Why two partitions cannot stand side by side; `None` where they can, or where the text does not tell.
fn conflict(
    new: &PartitionBound,
    taken: &PartitionBound,
    name: Name,
    other: Name,
    types: &[KeyType],
) -> Option<String> {
    let overlap = || format!("partition \"{name}\" would overlap partition \"{other}\"");
    match (&new.kind, &taken.kind) {
        (Kind::Default, Kind::Default) => {
            Some(format!("partition \"{name}\" conflicts with existing default partition \"{other}\""))
        }
        (Kind::List(new), Kind::List(taken)) => {
            let ty = types.first().copied().unwrap_or(KeyType::Other);
            let taken: Vec<BoundValue> = taken.iter().filter_map(|value| ty.value(value)).collect();
            new.iter().filter_map(|value| ty.value(value)).any(|value| taken.contains(&value)).then(overlap)
        }
        (Kind::Range { from, to }, Kind::Range { from: other_from, to: other_to }) => {
            let before = |end, start| order(end, start, types).map(|order| order == Ordering::Less);
            (before(from, other_to)? && before(other_from, to)?).then(overlap)
        }
        (Kind::Hash { modulus, remainder }, Kind::Hash { modulus: other_modulus, remainder: other_remainder }) => {
            let (small, large) = (*modulus.min(other_modulus), *modulus.max(other_modulus));
            if small <= 0 {
                return None;
            }
            if large % small != 0 {
                return Some("every hash partition modulus must be a factor of the next larger modulus".to_owned());
            }
            (remainder % small == other_remainder % small).then(overlap)
        }
        _ => None,
    }
}

fn order(a: &[Expr], b: &[Expr], types: &[KeyType]) -> Option<Ordering> {
    let values = |ends: &[Expr]| ends.iter().zip(types).map(|(end, ty)| ty.value(end)).collect::<Option<Vec<_>>>();
    order_of_ends(&values(a)?, &values(b)?)
}

/// The type of a key, as far as it tells the order of constants.
#[derive(Clone, Copy)]
enum KeyType {
    Date,
    Timestamp,
    /// timestamptz, with the session in UTC.
    Zoned,
    Integer,
    Other,
}

impl KeyType {
    /// The value of a bound: of what is a point in time or a number, that.
    fn value(self, end: &Expr) -> Option<BoundValue> {
        let value = BoundValue::of(end)?;
        let BoundValue::Text(text) = &value else { return Some(value) };
        let at = match self {
            KeyType::Date => datetime::parse_date(text).map(|date| date.to_datetime(jiff::civil::Time::midnight())),
            KeyType::Timestamp => datetime::parse_timestamp(text, false),
            KeyType::Zoned => datetime::parse_timestamp(text, true),
            KeyType::Integer => return Some(text.trim().parse().map_or(value, BoundValue::Number)),
            KeyType::Other => None,
        };
        let since = at.map(|at| at.duration_since(jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0)));
        Some(since.map_or(value, |since| BoundValue::Number(since.as_micros() as f64)))
    }
}
