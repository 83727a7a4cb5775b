//! What a query asks of a table's rows, as an index could answer it.

use crate::capture::Expression;
use crate::syntax::quote::quote_identifier;

use super::table::Table;

/// What an index would hold: a column or an expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Key {
    /// As CREATE INDEX writes it, an expression in its brackets.
    pub sql: String,
    /// The column, where it is one.
    pub column: Option<String>,
    /// The columns that it reads.
    pub columns: Vec<String>,
}

/// How a key is tested.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Test {
    /// `=` with one value.
    Equal,
    /// `= ANY` or `IN`, with this many values (0: known at run time only).
    In(usize),
    /// `>`, `>=`.
    Above,
    /// `<`, `<=`.
    Below,
    /// Two rows are compared: the keys behind the first one.
    Row(Vec<Key>),
    /// IS NULL.
    Null,
    /// IS NOT NULL.
    NotNull,
    /// A boolean that must be true.
    True,
    /// A boolean that must be false.
    False,
    /// LIKE 'abc%'.
    Prefix,
    /// LIKE '%abc%', ILIKE, a regular expression, with three letters in a row to look for.
    Pattern,
    /// `@>`.
    Contains,
    /// `?`, `?|`, `?&`, `&&`, `<@`, `@@`, `@?`: what else GIN or GiST answer.
    Gin(String),
}

/// One condition.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// What is tested.
    pub key: Key,
    /// How.
    pub test: Test,
    /// The constants it is compared with; none where they are known at run time only.
    pub values: Vec<String>,
    /// The other table whose column it is compared with.
    pub joined: Option<String>,
}

/// What one conjunct of a filter is good for.
#[derive(Clone, PartialEq, Debug)]
pub enum Conjunct {
    /// An index can answer it.
    One(Condition),
    /// One of several must hold, and an index can answer each.
    Any(Vec<Vec<Condition>>),
    /// No index can, and why.
    Unusable(Obstacle),
}

/// Why no index can answer a condition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Obstacle {
    /// `<>`, NOT LIKE and the like keep what they do not name.
    Negated,
    /// OR over things of which one has no index.
    Or,
    /// `value = ANY (column)`.
    Element,
    /// A column is cast or computed with in a way that no index may hold.
    Wrapped,
    /// The value is another one for each row, or may be.
    PerRow,
    /// The pattern has no three letters in a row.
    Pattern,
    /// What it says is not understood.
    Other,
}

/// A condition belongs to a table where its columns have no name before them or the table's alias.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The table.
    pub table: &'a Table<'a>,
    /// Its alias in the query.
    pub alias: Option<&'a str>,
    /// A column without a table's name is this table's.
    pub alone: bool,
}

impl Side<'_> {
    pub(super) fn owns(&self, table: Option<&str>) -> bool {
        match table {
            None => self.alone,
            Some(table) => self.alias.is_some_and(|alias| alias == table || self.is_part_of(alias, table)),
        }
    }

    /// Above Append the alias is the partitioned table's, `events`, below it `events_1`.
    fn is_part_of(&self, alias: &str, whole: &str) -> bool {
        let number = alias.strip_prefix(whole).and_then(|rest| rest.strip_prefix('_'));
        let numbered = number.is_some_and(|number| !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()));
        numbered && self.table.is_partitioned()
    }

    fn is_own(&self, expression: &Expression) -> bool {
        let columns = expression.columns();
        !columns.is_empty() && columns.iter().all(|(table, _)| self.owns(*table))
    }
}

/// What the conjuncts of a filter are good for.
pub fn conjuncts(filter: &Expression, side: Side<'_>) -> Vec<Conjunct> {
    filter.conjuncts().iter().map(|one| conjunct(one, side)).collect()
}

fn conjunct(expression: &Expression, side: Side<'_>) -> Conjunct {
    if let Expression::Or(arms) = expression {
        return any(arms, side);
    }
    match condition(expression, side) {
        Ok(found) => Conjunct::One(found),
        Err(obstacle) => Conjunct::Unusable(obstacle),
    }
}

fn any(arms: &[Expression], side: Side<'_>) -> Conjunct {
    let mut found = Vec::new();
    for arm in arms {
        let parts = conjuncts(arm, side);
        let conditions: Vec<Condition> = parts
            .into_iter()
            .filter_map(|part| if let Conjunct::One(condition) = part { Some(condition) } else { None })
            .collect();
        if !conditions.iter().any(|condition| condition.is_selective()) {
            return Conjunct::Unusable(Obstacle::Or);
        }
        found.push(conditions);
    }
    Conjunct::Any(found)
}

impl Condition {
    /// Whether it names values; IS NULL and flags only say of which kind a row is.
    pub fn is_selective(&self) -> bool {
        !matches!(self.test, Test::Null | Test::NotNull | Test::True | Test::False)
    }

    /// Whether it fixes the key to one value.
    pub fn fixes(&self) -> bool {
        matches!(self.test, Test::Equal | Test::Null | Test::True | Test::False | Test::In(1))
    }

    /// Whether a NULL cannot pass it.
    pub fn is_strict(&self) -> bool {
        self.test != Test::Null
    }

    /// As the condition of a partial index; `None` where that could not say it.
    pub fn predicate(&self) -> Option<String> {
        let key = &self.key.sql;
        Some(match &self.test {
            Test::Null => format!("{key} is null"),
            Test::NotNull => format!("{key} is not null"),
            Test::True => key.clone(),
            Test::False => format!("not {key}"),
            Test::Equal if self.values.len() == 1 => format!("{key} = {}", quoted(&self.values[0])),
            _ => return None,
        })
    }
}

/// A value as a constant of whatever type it is compared with.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// The condition that an expression is.
pub fn condition(expression: &Expression, side: Side<'_>) -> Result<Condition, Obstacle> {
    match expression {
        Expression::Column { .. } => flag(expression, Test::True, side),
        Expression::Not(inner) => match &**inner {
            Expression::Column { .. } => flag(inner, Test::False, side),
            Expression::IsNull(of) => flag(of, Test::NotNull, side),
            _ => Err(Obstacle::Negated),
        },
        Expression::IsNull(of) => flag(of, Test::Null, side),
        Expression::Operation { operator, left: Some(left), right } => operation(operator, left, right, side),
        Expression::SubPlan(_) => Err(Obstacle::PerRow),
        _ => Err(Obstacle::Other),
    }
}

fn flag(of: &Expression, test: Test, side: Side<'_>) -> Result<Condition, Obstacle> {
    Ok(Condition { key: key(of, side)?, test, values: Vec::new(), joined: None })
}

fn operation(operator: &str, left: &Expression, right: &Expression, side: Side<'_>) -> Result<Condition, Obstacle> {
    if let (Expression::Other(keys), Expression::Other(values)) = (left, right) {
        return row(operator, keys, values, side);
    }
    if operator == "IS" {
        // `done IS TRUE` keeps what `done` keeps.
        let test =
            if matches!(right, Expression::Constant(word) if &**word == "true") { Test::True } else { Test::False };
        return flag(left, test, side);
    }
    if side.is_own(left) && !reads(right, side) {
        return compared(operator, left, right, side);
    }
    if operator == "= ANY" && matches!(right, Expression::Column { .. }) && side.is_own(right) && !reads(left, side) {
        return Err(Obstacle::Element);
    }
    if side.is_own(right) && !reads(left, side) {
        return compared(commuted(operator).ok_or(Obstacle::Other)?, right, left, side);
    }
    Err(Obstacle::PerRow)
}

/// Whether an expression reads a column of the table.
fn reads(expression: &Expression, side: Side<'_>) -> bool {
    expression.columns().iter().any(|(table, _)| side.owns(*table))
}

fn compared(operator: &str, own: &Expression, value: &Expression, side: Side<'_>) -> Result<Condition, Obstacle> {
    if matches!(operator, "<>" | "!=" | "!~~" | "!~~*" | "!~" | "!~*" | "<> ALL" | "IS DISTINCT FROM") {
        return Err(Obstacle::Negated);
    }
    if !is_steady(value, side.table) {
        return Err(Obstacle::PerRow);
    }
    let test = test(operator, value)?;
    let joined = value.columns().first().and_then(|(table, _)| table.map(str::to_owned));
    let (key, test) = match (key(own, side)?, test) {
        (key, Test::Equal) if side.table.is_boolean(&key) => (key, boolean(value)),
        other => other,
    };
    Ok(Condition { key, test, values: constants(value), joined })
}

/// `done = true` is `done`.
fn boolean(value: &Expression) -> Test {
    match value.without_casts() {
        Expression::Constant(word) if matches!(&**word, "true" | "t") => Test::True,
        Expression::Constant(word) if matches!(&**word, "false" | "f") => Test::False,
        _ => Test::Equal,
    }
}

fn test(operator: &str, value: &Expression) -> Result<Test, Obstacle> {
    Ok(match operator {
        "=" | "IS NOT DISTINCT FROM" => Test::Equal,
        "= ANY" => Test::In(constants(value).len()),
        ">" | ">=" => Test::Above,
        "<" | "<=" => Test::Below,
        "^@" => Test::Prefix,
        "~~" => match value.without_casts() {
            Expression::Constant(pattern) => like(pattern)?,
            _ => return Err(Obstacle::Pattern),
        },
        "~~*" | "~" | "~*" => match value.without_casts() {
            Expression::Constant(pattern) if has_trigram(pattern) => Test::Pattern,
            Expression::Constant(_) => return Err(Obstacle::Pattern),
            _ => Test::Pattern,
        },
        "@>" => Test::Contains,
        "@@" | "@@@" | "&&" | "?" | "?|" | "?&" | "<@" | "@?" => Test::Gin(operator.to_owned()),
        _ => return Err(Obstacle::Other),
    })
}

fn like(pattern: &str) -> Result<Test, Obstacle> {
    match pattern.find(['%', '_', '\\']) {
        None => Ok(Test::Equal),
        Some(at) if at >= 2 || at == 1 && !has_trigram(pattern) => Ok(Test::Prefix),
        _ if has_trigram(pattern) => Ok(Test::Pattern),
        _ => Err(Obstacle::Pattern),
    }
}

/// Whether a pattern holds three letters or digits in a row, which is what a trigram index looks for.
fn has_trigram(pattern: &str) -> bool {
    pattern.split(|c: char| !c.is_alphanumeric()).any(|run| run.chars().count() >= 3)
}

/// `(created_at, id) < ('2025-01-15', 200000)`.
fn row(operator: &str, keys: &[Expression], values: &[Expression], side: Side<'_>) -> Result<Condition, Obstacle> {
    let (operator, keys, values) = if keys.iter().all(|key| side.is_own(key)) {
        (operator, keys, values)
    } else {
        (commuted(operator).ok_or(Obstacle::Other)?, values, keys)
    };
    let steady = values.iter().all(|value| !reads(value, side) && is_steady(value, side.table));
    if !matches!(operator, "<" | "<=" | ">" | ">=") || !steady {
        return Err(Obstacle::Other);
    }
    let mut all = keys.iter().map(|one| key(one, side)).collect::<Result<Vec<Key>, Obstacle>>()?;
    if all.is_empty() {
        return Err(Obstacle::Other);
    }
    let first = all.remove(0);
    Ok(Condition { key: first, test: Test::Row(all), values: Vec::new(), joined: None })
}

/// The operator with its operands exchanged.
fn commuted(operator: &str) -> Option<&str> {
    Some(match operator {
        "=" | "&&" | "<>" | "!=" | "IS NOT DISTINCT FROM" | "IS DISTINCT FROM" => operator,
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        "@>" => "<@",
        "<@" => "@>",
        "@@" => "@@",
        _ => return None,
    })
}

/// Whether a value stays the same while the table is read.
fn is_steady(value: &Expression, table: &Table<'_>) -> bool {
    value.all().iter().all(|one| match one {
        Expression::Call { name, .. } => table.is_stable_function(name),
        Expression::SubPlan(name) => name.starts_with("InitPlan"),
        Expression::Opaque => false,
        _ => true,
    })
}

/// The constants of a value, those of an array one by one.
fn constants(value: &Expression) -> Vec<String> {
    match value.without_casts() {
        Expression::Constant(text) => match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some("") => Vec::new(),
            Some(list) if !list.contains(['"', '{', ':']) => list.split(',').map(str::to_owned).collect(),
            _ => vec![text.to_string()],
        },
        Expression::Other(parts) => parts.iter().flat_map(constants).collect(),
        _ => Vec::new(),
    }
}

/// What an index would hold of an expression of one table.
pub fn key(expression: &Expression, side: Side<'_>) -> Result<Key, Obstacle> {
    if !side.is_own(expression) {
        return Err(Obstacle::PerRow);
    }
    let expression = &without_relabels(expression, side.table);
    if let Expression::Column { name, .. } = expression {
        let sql = quote_identifier(name).into_owned();
        return Ok(Key { sql, column: Some(name.to_string()), columns: vec![name.to_string()] });
    }
    let columns: Vec<String> = expression.columns().iter().map(|(_, name)| (*name).to_owned()).collect();
    if columns.len() > 3 {
        return Err(Obstacle::Wrapped);
    }
    let sql = match expression {
        Expression::Call { .. } => print(expression),
        // An implicit cast is better answered by a value of the column's own type.
        Expression::Cast { of, to } if is_column(of) && !matches!(&**to, "date" | "text") => None,
        // What is computed is better compared with what it is computed from.
        Expression::Operation { operator, .. } if matches!(&**operator, "+" | "-" | "*" | "/" | "%") => None,
        Expression::Operation { .. } | Expression::Cast { .. } => print(expression).map(|text| format!("({text})")),
        _ => None,
    };
    let sql = sql.filter(|sql| side.table.may_index(sql)).ok_or(Obstacle::Wrapped)?;
    Ok(Key { sql, column: None, columns })
}

fn is_column(expression: &Expression) -> bool {
    matches!(expression, Expression::Column { .. })
}

/// A varchar column is cast to text without being changed, and so is printed `(status)::text`, wherever it stands.
fn without_relabels(expression: &Expression, table: &Table<'_>) -> Expression {
    let all = |list: &[Expression]| list.iter().map(|one| without_relabels(one, table)).collect();
    match expression {
        Expression::Cast { of, to } => {
            let of = without_relabels(of, table);
            let text = matches!(&**to, "text" | "character varying" | "varchar");
            match &of {
                Expression::Column { name, .. } if text && table.is_text(name) => of,
                _ => Expression::Cast { of: Box::new(of), to: to.clone() },
            }
        }
        Expression::Call { name, arguments } => Expression::Call { name: name.clone(), arguments: all(arguments) },
        Expression::Operation { operator, left, right } => Expression::Operation {
            operator: operator.clone(),
            left: left.as_ref().map(|left| Box::new(without_relabels(left, table))),
            right: Box::new(without_relabels(right, table)),
        },
        other => other.clone(),
    }
}

/// An expression as it is written in CREATE INDEX: without the table's name.
pub fn print(expression: &Expression) -> Option<String> {
    Some(match expression {
        Expression::Column { name, .. } => quote_identifier(name).into_owned(),
        Expression::Constant(text) if text.parse::<f64>().is_ok() => text.to_string(),
        Expression::Constant(text) if matches!(&**text, "true" | "false" | "NULL") => text.to_string(),
        Expression::Constant(text) => quoted(text),
        Expression::Cast { of, to } => format!("({})::{to}", print(of)?),
        Expression::Operation { operator, left: Some(left), right } => {
            format!("{} {operator} {}", operand(left)?, operand(right)?)
        }
        Expression::Call { name, arguments } => {
            let arguments: Option<Vec<String>> = arguments.iter().map(print).collect();
            let arguments = arguments?.join(", ");
            let name = name.to_lowercase();
            if name == "coalesce" { format!("coalesce({arguments})") } else { format!("{name}({arguments})") }
        }
        _ => return None,
    })
}

/// An operand: operations within operations keep their brackets.
fn operand(expression: &Expression) -> Option<String> {
    let text = print(expression)?;
    Some(if matches!(expression, Expression::Operation { .. }) { format!("({text})") } else { text })
}
