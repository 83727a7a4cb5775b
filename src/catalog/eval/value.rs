//! Values of code that runs, as far as they are known.

use std::cmp::Ordering;
use std::sync::Arc;

use super::time::Moment;
use crate::catalog::ObjectId;
use crate::catalog::analyze::{FunctionId, Type};
use crate::syntax::Name;

/// A value. What is not known is [`Value::Unknown`], which is no NULL.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    Unknown,
    Null,
    Bool(bool),
    Integer(i64),
    /// An integer of which only the limits are known.
    Between(i64, i64),
    /// numeric and the floating types.
    Number(f64),
    Time(Moment),
    /// text and every type that is kept as its text.
    Text(Arc<str>),
    /// A text of which parts are not known (`None`).
    Template(Arc<[Option<Arc<str>>]>),
    Array(Arc<[Value]>),
    Row(Arc<[(Name, Value)]>),
    /// The oid of an object, or a reg* value.
    Object(Oid),
}

/// What an oid stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Oid {
    Object(ObjectId),
    Type(Type),
    Function(FunctionId),
    /// The rule that makes a relation a view.
    ViewRule(ObjectId),
    /// InvalidOid, PUBLIC.
    Zero,
}

/// What an attempt to tell came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Truth {
    True,
    False,
    Null,
    Unknown,
}

impl Value {
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Arc::from(text.as_ref()))
    }

    pub fn name(name: Name) -> Value {
        Value::Text(Arc::from(name.as_str()))
    }

    pub fn object(id: ObjectId) -> Value {
        Value::Object(Oid::Object(id))
    }

    /// An object's oid, 0 where there is none.
    pub fn optional_object(id: Option<ObjectId>) -> Value {
        Value::Object(id.map_or(Oid::Zero, Oid::Object))
    }

    pub fn array(values: impl IntoIterator<Item = Value>) -> Value {
        Value::Array(values.into_iter().collect())
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown | Value::Template(_) | Value::Between(..))
    }

    /// Whether any part of it is not known.
    pub fn has_unknown(&self) -> bool {
        match self {
            Value::Array(values) => values.iter().any(Value::has_unknown),
            Value::Row(fields) => fields.iter().any(|(_, value)| value.has_unknown()),
            value => value.is_unknown(),
        }
    }

    pub fn truth(&self) -> Truth {
        match self {
            Value::Bool(true) => Truth::True,
            Value::Bool(false) => Truth::False,
            Value::Null => Truth::Null,
            _ => Truth::Unknown,
        }
    }

    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => Some(*value as f64),
            Value::Number(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a text begins with that is not known to its end.
    pub fn beginning(&self) -> Option<&str> {
        match self {
            Value::Template(parts) => parts.first()?.as_deref(),
            _ => None,
        }
    }

    /// Whether two values are equal, by the types' own rules as far as these are plain.
    pub fn equals(&self, other: &Value) -> Truth {
        match (self, other) {
            (Value::Unknown, _) | (_, Value::Unknown) => Truth::Unknown,
            (Value::Null, _) | (_, Value::Null) => Truth::Null,
            (Value::Template(parts), other) | (other, Value::Template(parts)) => template_equals(parts, other),
            (Value::Array(a), Value::Array(b)) => {
                if a.len() != b.len() {
                    return Truth::False;
                }
                all(a.iter().zip(b.iter()).map(|(a, b)| a.equals_or_both_null(b)))
            }
            (Value::Row(a), Value::Row(b)) => all(a.iter().zip(b.iter()).map(|(a, b)| a.1.equals_or_both_null(&b.1))),
            _ => match self.compare(other) {
                Some(ordering) => Truth::from(ordering == Ordering::Equal),
                None => Truth::Unknown,
            },
        }
    }

    /// Within arrays and rows NULL equals NULL.
    fn equals_or_both_null(&self, other: &Value) -> Truth {
        match (self, other) {
            (Value::Null, Value::Null) => Truth::True,
            (Value::Null, other) | (other, Value::Null) if !other.is_unknown() => Truth::False,
            _ => self.equals(other),
        }
    }

    /// The order of two values; `None` where it is not known (texts are ordered by a collation that is not
    /// known, but equal ones are equal in all).
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::Time(a), Value::Time(b)) => a.compare(*b),
            (Value::Between(_, most), Value::Integer(number)) if most < number => Some(Ordering::Less),
            (Value::Between(least, _), Value::Integer(number)) if least > number => Some(Ordering::Greater),
            (Value::Integer(_), Value::Between(..)) => other.compare(self).map(Ordering::reverse),
            (Value::Object(a), Value::Object(b)) if a == b => Some(Ordering::Equal),
            // Which of two oids is the greater one is not known; that they differ is.
            (Value::Object(_), Value::Object(_)) => Some(Ordering::Less),
            (Value::Object(Oid::Zero), Value::Integer(number)) => Some(0.cmp(number)),
            (Value::Integer(number), Value::Object(Oid::Zero)) => Some(number.cmp(&0)),
            (Value::Object(_), Value::Integer(0)) => Some(Ordering::Greater),
            (Value::Integer(0), Value::Object(_)) => Some(Ordering::Less),
            (a, b) => a.as_number()?.partial_cmp(&b.as_number()?),
        }
    }

    /// A value that stands for it where rows are grouped or made distinct.
    pub fn key(&self) -> String {
        format!("{self:?}")
    }
}

impl FromIterator<(Name, Value)> for Value {
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(fields: I) -> Value {
        Value::Row(fields.into_iter().collect())
    }
}

/// A text with gaps can differ for sure from a text that lacks its known parts.
fn template_equals(parts: &[Option<Arc<str>>], other: &Value) -> Truth {
    let Value::Text(text) = other else { return Truth::Unknown };
    // What is not known may call for quotes around what is.
    if text.contains(['"', '\'']) {
        return Truth::Unknown;
    }
    let prefix = parts.first().and_then(Option::as_deref).unwrap_or("");
    let suffix = parts.last().and_then(Option::as_deref).unwrap_or("");
    let holds_all = parts.iter().flatten().all(|part| text.contains(&**part));
    match holds_all && text.starts_with(prefix) && text.ends_with(suffix) {
        true => Truth::Unknown,
        false => Truth::False,
    }
}

/// True where all are, false where one is false.
pub(crate) fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    truths.into_iter().fold(Truth::True, Truth::and)
}

/// True where one is, false where all are false.
pub(crate) fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    truths.into_iter().fold(Truth::False, Truth::or)
}

impl Truth {
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            (Truth::Null, _) | (_, Truth::Null) => Truth::Null,
            _ => Truth::True,
        }
    }

    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "SQL's NOT, beside its AND and OR")]
    pub fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            other => other,
        }
    }

    pub fn value(self) -> Value {
        match self {
            Truth::True => Value::Bool(true),
            Truth::False => Value::Bool(false),
            Truth::Null => Value::Null,
            Truth::Unknown => Value::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

/// Puts texts together, keeping what is known of each.
pub(crate) fn concat(values: &[Value]) -> Value {
    let mut parts: Vec<Option<Arc<str>>> = Vec::new();
    let mut push = |part: Option<Arc<str>>| match (parts.last_mut(), part) {
        (Some(Some(last)), Some(part)) => *last = format!("{last}{part}").into(),
        (Some(None), None) => {}
        (_, part) => parts.push(part),
    };
    for value in values {
        match value {
            Value::Text(text) => push(Some(text.clone())),
            Value::Template(own) => own.iter().for_each(|part| push(part.clone())),
            _ => push(None),
        }
    }
    match &parts[..] {
        [] => Value::text(""),
        [Some(text)] => Value::Text(text.clone()),
        _ => Value::Template(parts.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_answers_and_null() {
        use Truth::*;
        assert_eq!(False.and(Unknown), False);
        assert_eq!(Null.and(Unknown), Unknown);
        assert_eq!(True.or(Unknown), True);
        assert_eq!(Null.or(False), Null);
        assert_eq!(Value::Unknown.equals(&Value::Null), Unknown);
        assert_eq!(Value::Null.equals(&Value::Integer(1)), Null);
    }

    #[test]
    fn texts_with_gaps() {
        let gap = concat(&[Value::text("drop table "), Value::Unknown, Value::text(" cascade")]);
        assert!(gap.is_unknown());
        assert_eq!(gap.equals(&Value::text("create table x")), Truth::False);
        assert_eq!(gap.equals(&Value::text("drop table x cascade")), Truth::Unknown);
        assert_eq!(concat(&[Value::text("a"), Value::text("b")]), Value::text("ab"));
    }
}
