//! Constants in partition bounds and CHECKs, as far as their order shows in the text.

use std::cmp::Ordering;

use crate::syntax::{Expr, ExprKind};

/// A constant of a constraint or a bound.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum BoundValue {
    Number(f64),
    Text(Box<str>),
    Bool(bool),
    Null,
    Lowest,
    Highest,
}

impl BoundValue {
    /// The constant that an expression is; `None` where it is anything else.
    pub(crate) fn of(expr: &Expr) -> Option<BoundValue> {
        match &strip_casts(expr).kind {
            ExprKind::Integer(number) => Some(BoundValue::Number(*number as f64)),
            ExprKind::Float(number) => number.parse().ok().map(BoundValue::Number),
            ExprKind::String(text) => Some(BoundValue::Text(text.clone())),
            ExprKind::Bool(value) => Some(BoundValue::Bool(*value)),
            ExprKind::Null => Some(BoundValue::Null),
            ExprKind::Column(reference) => match reference.column()?.as_str() {
                "minvalue" => Some(BoundValue::Lowest),
                "maxvalue" => Some(BoundValue::Highest),
                _ => None,
            },
            ExprKind::Operator(operation) if operation.left.is_none() && operation.operator.name.as_str() == "-" => {
                match BoundValue::of(&operation.right)? {
                    BoundValue::Number(number) => Some(BoundValue::Number(-number)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `None` where the order depends on a type or collation that the text does not show.
    pub(crate) fn order(&self, other: &BoundValue) -> Option<Ordering> {
        match (self, other) {
            (a, b) if a == b => Some(Ordering::Equal),
            (BoundValue::Lowest, _) | (_, BoundValue::Highest) => Some(Ordering::Less),
            (BoundValue::Highest, _) | (_, BoundValue::Lowest) => Some(Ordering::Greater),
            (BoundValue::Number(a), BoundValue::Number(b)) => a.partial_cmp(b),
            (BoundValue::Text(a), BoundValue::Text(b)) => order_of_dates(a, b),
            _ => None,
        }
    }

    pub(crate) fn at_most(&self, other: &BoundValue) -> bool {
        self.order(other).is_some_and(Ordering::is_le)
    }
}

/// The order of two ends of ranges over several columns.
pub(crate) fn order_of_ends(a: &[BoundValue], b: &[BoundValue]) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        match a.order(b)? {
            // What follows MINVALUE or MAXVALUE does not count.
            Ordering::Equal if matches!(a, BoundValue::Lowest | BoundValue::Highest) => return Some(Ordering::Equal),
            Ordering::Equal => {}
            unequal => return Some(unequal),
        }
    }
    Some(Ordering::Equal)
}

/// `2026-01-31` and the same with a time: text order is time order where the times are written alike.
fn order_of_dates(a: &str, b: &str) -> Option<Ordering> {
    let (Some((day_a, rest_a)), Some((day_b, rest_b))) = (iso_date(a), iso_date(b)) else { return None };
    (rest_a == rest_b).then(|| day_a.cmp(day_b))
}

fn iso_date(text: &str) -> Option<(&str, &str)> {
    let (day, rest) = text.split_at_checked(10)?;
    let bytes = day.as_bytes();
    let is_date =
        bytes[4] == b'-' && bytes[7] == b'-' && [0, 1, 2, 3, 5, 6, 8, 9].iter().all(|&at| bytes[at].is_ascii_digit());
    is_date.then_some((day, rest))
}

/// An expression without the casts around it.
pub(crate) fn strip_casts(expr: &Expr) -> &Expr {
    let mut expr = expr;
    while let ExprKind::Cast(cast) = &expr.kind {
        expr = &cast.expr;
    }
    expr
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{BoundValue, order_of_ends};

    fn text(text: &str) -> BoundValue {
        BoundValue::Text(text.into())
    }

    #[test]
    fn dates_have_an_order_where_times_are_alike() {
        assert_eq!(text("2024-01-01").order(&text("2025-01-01")), Some(Ordering::Less));
        assert_eq!(text("2024-01-01 00:00+00").order(&text("2025-01-01 00:00+00")), Some(Ordering::Less));
        assert_eq!(text("2024-01-01").order(&text("2024-01-01 00:00")), None);
        assert_eq!(text("a").order(&text("b")), None);
    }

    #[test]
    fn ends_are_compared_column_by_column() {
        let end = |a: f64, b: BoundValue| [BoundValue::Number(a), b];
        assert_eq!(order_of_ends(&end(1.0, text("a")), &end(2.0, text("b"))), Some(Ordering::Less));
        assert_eq!(order_of_ends(&end(1.0, text("a")), &end(1.0, text("b"))), None);
        assert_eq!(order_of_ends(&end(1.0, BoundValue::Lowest), &end(1.0, text("b"))), Some(Ordering::Less));
    }
}
