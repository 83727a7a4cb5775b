//! Aggregates over the rows of a group.

use std::cmp::Ordering;
use std::rc::Rc;

use super::expr::{Bound, Context, Group};
use super::value::{Truth, Value, all, any, concat};
use super::{Evaluator, Result};
use crate::catalog::analyze::tree::{Aggregate, SortKey};

impl Evaluator<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate, context: Context<'_>) -> Result<Value> {
        if aggregate.levels_up > 0 || !aggregate.direct_args.is_empty() {
            return Ok(Value::Unknown);
        }
        let Some((bound, group)) = context.rows.and_then(|bound| Some((bound, bound.group?))) else {
            return Ok(Value::Unknown);
        };
        let Some(mut rows) = self.aggregated(aggregate, bound, group, context)? else { return Ok(Value::Unknown) };
        if aggregate.distinct {
            let mut seen = rustc_hash::FxHashSet::default();
            rows.retain(|(values, _)| seen.insert(values.iter().map(Value::key).collect::<String>()));
        }
        rows.sort_by(|(_, a), (_, b)| order(&aggregate.order_by, a, b));
        let values: Vec<Value> =
            rows.iter().map(|(values, _)| values.first().cloned().unwrap_or(Value::Null)).collect();
        let separator = rows.first().and_then(|(values, _)| values.get(1).cloned());
        Ok(fold(aggregate.name.as_str(), aggregate.star, &values, separator.as_ref()))
    }

    /// The arguments and sort keys for each row that counts; `None` where it is not known which do.
    #[allow(clippy::type_complexity, reason = "arguments and sort keys of each row")]
    fn aggregated(
        &mut self,
        aggregate: &Aggregate,
        outer: &Bound<'_>,
        group: Group<'_>,
        context: Context<'_>,
    ) -> Result<Option<Vec<(Vec<Value>, Vec<Value>)>>> {
        if !group.complete {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for (row, certain) in group.rows {
            self.step()?;
            let bound = Bound {
                ranges: outer.ranges,
                rows: row.clone(),
                parent: outer.parent,
                ctes: Rc::clone(&outer.ctes),
                group: None,
            };
            let inner = Context { rows: Some(&bound), ..context };
            let counts = match &aggregate.filter {
                Some(filter) => self.eval(filter, inner)?.truth(),
                None => Truth::True,
            };
            match counts {
                Truth::True if *certain => {}
                Truth::True | Truth::Unknown => return Ok(None),
                _ => continue,
            }
            let keys = aggregate.order_by.iter().map(|key| self.eval(&key.expr, inner)).collect::<Result<_>>()?;
            rows.push((self.eval_all(&aggregate.args, inner)?, keys));
        }
        Ok(Some(rows))
    }
}

fn order(keys: &[SortKey], a: &[Value], b: &[Value]) -> Ordering {
    for ((key, a), b) in keys.iter().zip(a).zip(b) {
        let ordering = match (a, b) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) => {
                if key.order.nulls_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (_, Value::Null) => {
                if key.order.nulls_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (a, b) => {
                let ordering = a.compare(b).unwrap_or(Ordering::Equal);
                if key.order.descending { ordering.reverse() } else { ordering }
            }
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

fn fold(name: &str, star: bool, values: &[Value], separator: Option<&Value>) -> Value {
    let present = || values.iter().filter(|value| !matches!(value, Value::Null));
    let unsure = values.iter().any(Value::is_unknown);
    match name {
        "count" if star => Value::Integer(values.len() as i64),
        "count" if !unsure => Value::Integer(present().count() as i64),
        "array_agg" if values.is_empty() => Value::Null,
        "array_agg" => Value::array(values.iter().cloned()),
        "string_agg" => {
            let mut parts: Vec<Value> = Vec::new();
            for value in present() {
                if !parts.is_empty() {
                    parts.extend(separator.cloned());
                }
                parts.push(value.clone());
            }
            if parts.is_empty() { Value::Null } else { concat(&parts) }
        }
        "bool_and" | "every" if present().next().is_some() => all(present().map(Value::truth)).value(),
        "bool_or" if present().next().is_some() => any(present().map(Value::truth)).value(),
        "bool_and" | "every" | "bool_or" => Value::Null,
        "min" | "max" if !unsure => {
            let wanted = if name == "max" { Ordering::Greater } else { Ordering::Less };
            let mut best: Option<&Value> = None;
            for value in present() {
                match best.map(|best| value.compare(best)) {
                    None => best = Some(value),
                    Some(Some(ordering)) if ordering == wanted => best = Some(value),
                    Some(Some(_)) => {}
                    Some(None) => return Value::Unknown,
                }
            }
            best.cloned().unwrap_or(Value::Null)
        }
        "sum" if !unsure => match present().map(Value::as_integer).collect::<Option<Vec<_>>>() {
            Some(numbers) if numbers.is_empty() => Value::Null,
            Some(numbers) => Value::Integer(numbers.into_iter().fold(0, i64::saturating_add)),
            None => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}
