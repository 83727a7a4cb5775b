//! What the filter of a scan asks of an index, and the index that would answer it.

use std::fmt;

use super::expression::Expression;
use super::node::Text;
use super::plan::NodeRef;

/// One of the conditions that a filter joins with AND.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// What is compared: a column, or an expression in the brackets that CREATE INDEX wants.
    pub on: Text,
    /// Whether `on` is a column and no expression.
    pub is_column: bool,
    /// How.
    pub kind: ConditionKind,
}

/// How a condition compares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConditionKind {
    /// `=` or `= ANY`, with something that is the same for all rows of the table.
    Equality,
    /// `<`, `>` and the like.
    Range,
    /// A boolean column that must be true.
    True,
    /// A boolean column that must be false.
    False,
    /// IS NULL.
    Null,
    /// IS NOT NULL.
    NotNull,
    /// LIKE 'abc%'.
    Prefix,
    /// LIKE '%abc%', ILIKE, a regular expression.
    Pattern,
    /// `@>` of jsonb.
    Contains,
    /// `@@`, `&&`, `?` and other operators that GIN serves.
    Gin,
}

/// The conditions of a scan's filter that an index could serve; those it could not are left out.
pub fn conditions(node: NodeRef<'_>, filter: &str) -> Vec<Condition> {
    let alias = node.get().alias.as_deref();
    let filter = Expression::parse(filter);
    filter.conjuncts().iter().filter_map(|one| condition(one, alias)).collect()
}

fn condition(expression: &Expression, alias: Option<&str>) -> Option<Condition> {
    match expression {
        Expression::Column { .. } => on(expression, ConditionKind::True, alias),
        Expression::Not(inner) => match &**inner {
            Expression::Column { .. } => on(inner, ConditionKind::False, alias),
            Expression::IsNull(of) => on(of, ConditionKind::NotNull, alias),
            _ => None,
        },
        Expression::IsNull(of) => on(of, ConditionKind::Null, alias),
        Expression::Operation { operator, left: Some(left), right } => {
            let straight = comparison(operator, right).filter(|_| right.is_fixed_for(alias));
            match straight.and_then(|kind| on(left, kind, alias)) {
                Some(found) => Some(found),
                None => {
                    let kind = comparison(commuted(operator)?, left).filter(|_| left.is_fixed_for(alias))?;
                    on(right, kind, alias)
                }
            }
        }
        _ => None,
    }
}

fn comparison(operator: &str, right: &Expression) -> Option<ConditionKind> {
    Some(match operator {
        "=" | "= ANY" => ConditionKind::Equality,
        "<" | "<=" | ">" | ">=" => ConditionKind::Range,
        "~~" => match right.without_casts() {
            Expression::Constant(pattern) if !pattern.starts_with(['%', '_']) => ConditionKind::Prefix,
            _ => ConditionKind::Pattern,
        },
        "~~*" | "~" | "~*" => ConditionKind::Pattern,
        "@>" => ConditionKind::Contains,
        "@@" | "&&" | "?" | "?|" | "?&" | "<@" => ConditionKind::Gin,
        _ => return None,
    })
}

/// The operator with its operands exchanged.
fn commuted(operator: &str) -> Option<&str> {
    Some(match operator {
        "=" => "=",
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        _ => return None,
    })
}

fn on(expression: &Expression, kind: ConditionKind, alias: Option<&str>) -> Option<Condition> {
    if let Expression::Column { table, name } = relabelled(expression) {
        let own = table.is_none() || table.as_deref() == alias;
        let name = crate::syntax::quote::quote_identifier(name);
        return own.then(|| Condition { on: name.into(), is_column: true, kind });
    }
    let columns = expression.columns();
    let own = columns.iter().all(|(table, _)| table.is_none() || *table == alias);
    if columns.is_empty() || !own || !is_immutable(expression) || kind > ConditionKind::Range {
        return None;
    }
    let on = match expression {
        Expression::Call { .. } => Printed(expression).to_string(),
        _ => format!("({})", Printed(expression)),
    };
    Some(Condition { on: on.into(), is_column: false, kind })
}

/// A varchar column is cast to text without being changed, and so is printed `(status)::text`.
fn relabelled(expression: &Expression) -> &Expression {
    match expression {
        Expression::Cast { of, to } if matches!(&**to, "text") && matches!(**of, Expression::Column { .. }) => of,
        _ => expression,
    }
}

/// Whether the expression may stand in an index: only functions and operators that are known not to depend on
/// anything but their arguments.
fn is_immutable(expression: &Expression) -> bool {
    const FUNCTIONS: [&str; 14] = [
        "lower",
        "upper",
        "btrim",
        "ltrim",
        "rtrim",
        "substring",
        "length",
        "md5",
        "abs",
        "left",
        "right",
        "reverse",
        "coalesce",
        "date_trunc",
    ];
    expression.all().iter().all(|one| match one {
        Expression::Call { name, arguments } => {
            // date_trunc of a timestamp with time zone depends on the session's zone, unless it was converted before.
            let zoned = &**name == "date_trunc" && !arguments.iter().any(is_at_time_zone);
            FUNCTIONS.contains(&name.to_lowercase().as_str()) && !zoned
        }
        Expression::Operation { operator, .. } => {
            matches!(&**operator, "->" | "->>" | "#>" | "#>>" | "||" | "AT TIME ZONE" | "+" | "-" | "*" | "/" | "%")
        }
        Expression::Column { .. } | Expression::Constant(_) => true,
        Expression::Cast { to, .. } => matches!(&**to, "text" | "integer" | "bigint" | "numeric" | "uuid"),
        _ => false,
    })
}

fn is_at_time_zone(expression: &Expression) -> bool {
    matches!(expression, Expression::Operation { operator, .. } if &**operator == "AT TIME ZONE")
}

/// An expression as it is written in CREATE INDEX: without the table's name.
struct Printed<'a>(&'a Expression);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Column { name, .. } => f.write_str(&crate::syntax::quote::quote_identifier(name)),
            Expression::Constant(text) if text.parse::<f64>().is_ok() => f.write_str(text),
            Expression::Constant(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Expression::Cast { of, to } => write!(f, "({})::{to}", Printed(of)),
            Expression::Operation { operator, left: Some(left), right } => {
                write!(f, "{} {operator} {}", Inner(left), Inner(right))
            }
            Expression::Call { name, arguments } => {
                write!(f, "{name}(")?;
                for (at, argument) in arguments.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Printed(argument))?;
                }
                f.write_str(")")
            }
            // Never part of what may stand in an index.
            _ => Ok(()),
        }
    }
}

/// An operand: operations within operations keep their brackets.
struct Inner<'a>(&'a Expression);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Operation { .. } => write!(f, "({})", Printed(self.0)),
            other => write!(f, "{}", Printed(other)),
        }
    }
}
