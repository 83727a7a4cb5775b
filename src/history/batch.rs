//! One statement instead of many that differ in one value.

use crate::syntax::token::{Token, TokenKind, Tokens};

/// One statement for all rows of a loop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// The statement; `$1` is an array of the values.
    pub statement: String,
    /// The column that was compared; `None` for INSERT.
    pub column: Option<String>,
}

/// Writes the statement that does at once what a loop does one by one. `varying` are the constants that differ, by
/// their number; `None` where that is not known.
///
/// `None` where no statement is sure to do the same: several values differ, or a LIMIT counts rows of each run.
pub fn batched(statement: &str, varying: Option<&[usize]>) -> Option<Batch> {
    let text = statement.trim().trim_end_matches(';').trim_end();
    let tokens = Tokens::of(text).tokens;
    let first = tokens.first()?;
    if first.is_word(text, "insert") {
        return insert(text, &tokens);
    }
    let known = ["select", "delete", "update"];
    let counts = ["limit", "offset", "fetch", "with", "union", "distinct", "returning"];
    if !first.is_any_word(text, &known) || tokens.iter().any(|token| token.is_any_word(text, &counts)) {
        return None;
    }
    let value = varying_value(text, &tokens, varying)?;
    let (column_from, column) = compared_column(text, &tokens, value)?;
    let token = tokens[value];
    let mut out = format!("{}any($1){}", &text[..token.start as usize], &text[after_cast(text, &tokens, value)..]);
    let qualified = &text[column_from..tokens[value - 2].end as usize];
    if first.is_word(text, "select") {
        out = with_column(out, text, &tokens, qualified, &column)?;
    }
    Some(Batch { statement: out, column: Some(column) })
}

/// Index of the token that is another one in each run.
fn varying_value(text: &str, tokens: &[Token], varying: Option<&[usize]>) -> Option<usize> {
    let of = |kinds: &[TokenKind]| -> Vec<usize> {
        tokens.iter().enumerate().filter(|(_, token)| kinds.contains(&token.kind)).map(|(at, _)| at).collect()
    };
    let parameters = of(&[TokenKind::Param]);
    let compared = |at: &usize| compared_column(text, tokens, *at).is_some();
    let candidates = if parameters.is_empty() { of(&[TokenKind::String, TokenKind::Number]) } else { parameters };
    match varying {
        Some([one]) => candidates.get(*one).copied().filter(compared),
        Some(_) => None,
        None => match candidates.as_slice() {
            [one] => Some(*one).filter(compared),
            _ => None,
        },
    }
}

/// The column before `=` and a value: where its qualified name starts, and its own name.
fn compared_column(text: &str, tokens: &[Token], value: usize) -> Option<(usize, String)> {
    let (column, operator) = (tokens.get(value.checked_sub(2)?)?, tokens.get(value - 1)?);
    if !operator.is_operator(text, "=") || !column.is_name() {
        return None;
    }
    // SET a = 1 is no comparison.
    let clause =
        tokens[..value].iter().rev().find(|token| token.is_any_word(text, &["where", "set", "on", "having"]))?;
    if !clause.is_word(text, "where") {
        return None;
    }
    let mut from = value - 2;
    while from >= 2 && tokens[from - 1].kind == TokenKind::Dot && tokens[from - 2].is_name() {
        from -= 2;
    }
    let word = column.text(text);
    let name = match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.to_lowercase(),
    };
    Some((tokens[from].start as usize, name))
}

/// Where the text goes on behind a value and its cast: `$1::int` becomes `any($1)`, an array of any type.
fn after_cast(text: &str, tokens: &[Token], value: usize) -> usize {
    let end = tokens[value].end as usize;
    let is_cast = tokens.get(value + 1).is_some_and(|token| token.kind == TokenKind::TypeCast);
    match tokens.get(value + 2).filter(|token| is_cast && token.is_name()) {
        Some(name) => name.end as usize,
        None => end.min(text.len()),
    }
}

const AGGREGATES: &[&str] = &[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "array_agg",
    "json_agg",
    "jsonb_agg",
    "string_agg",
    "bool_or",
    "bool_and",
    "every",
];

/// Sees to it that each row of a SELECT tells which of the values it belongs to.
fn with_column(out: String, text: &str, tokens: &[Token], qualified: &str, column: &str) -> Option<String> {
    let from = tokens.iter().position(|token| token.is_word(text, "from"))?;
    let list = &tokens[1..from];
    let selected =
        list.iter().any(|token| token.is_operator(text, "*") || token.text(text).trim_matches('"') == column);
    let calls =
        list.windows(2).any(|pair| pair[0].is_any_word(text, AGGREGATES) && pair[1].kind == TokenKind::LeftParen);
    let grouped = tokens.iter().any(|token| token.is_word(text, "group"));
    if grouped || calls && tokens.iter().any(|token| token.is_any_word(text, &["order", "having", "over"])) {
        return None;
    }
    if selected && !calls {
        return Some(out);
    }
    let at = tokens[0].end as usize;
    let out = format!("{} {qualified},{}", &out[..at], &out[at..]);
    Some(if calls { format!("{out} group by {qualified}") } else { out })
}

/// `insert into t (a, b) values ($1, $2), ($3, $4), …`
fn insert(text: &str, tokens: &[Token]) -> Option<Batch> {
    let values = tokens.iter().position(|token| token.is_word(text, "values"))?;
    let open = tokens.get(values + 1).filter(|token| token.kind == TokenKind::LeftParen)?;
    let mut depth = 0;
    let close = tokens[values + 1..].iter().find(|token| {
        match token.kind {
            TokenKind::LeftParen => depth += 1,
            TokenKind::RightParen => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let row = crate::compare::normal::query(&text[open.start as usize..close.end as usize]);
    let head = &text[..tokens[values].end as usize];
    let statement = format!("{head} {row}, {row}, …{}", &text[close.end as usize..]);
    Some(Batch { statement, column: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statement: &str, varying: Option<&[usize]>) -> Option<String> {
        batched(statement, varying).map(|batch| batch.statement)
    }

    #[test]
    fn one_value_becomes_an_array() {
        let batch = batched("SELECT * FROM customers WHERE id = 7", Some(&[0])).unwrap();
        assert_eq!(batch.statement, "SELECT * FROM customers WHERE id = any($1)");
        assert_eq!(batch.column.as_deref(), Some("id"));
        let qualified = "select c.id, c.name from customers c where c.\"id\" = $1::bigint and c.live;";
        let expected = "select c.id, c.name from customers c where c.\"id\" = any($1) and c.live";
        assert_eq!(of(qualified, None).as_deref(), Some(expected));
        assert_eq!(
            of("select name from t where a = 1 and b = 'x'", Some(&[1])).as_deref(),
            Some("select b, name from t where a = 1 and b = any($1)")
        );
        assert_eq!(
            of("select count(*) from o where o.customer_id = $1", None).as_deref(),
            Some("select o.customer_id, count(*) from o where o.customer_id = any($1) group by o.customer_id")
        );
        assert_eq!(of("delete from t where id = $1", None).as_deref(), Some("delete from t where id = any($1)"));
        assert_eq!(
            of("insert into t (a, b) values ($1, $2)", None).as_deref(),
            Some("insert into t (a, b) values (?, ?), (?, ?), …")
        );
    }

    #[test]
    fn where_more_differs_nothing_is_written() {
        for statement in [
            "select * from t where a = $1 and b = $2",
            "select * from t where a = $1 limit 1",
            "select * from t where a > $1",
            "update t set a = $1",
            "select distinct b from t where a = $1",
            "with x as (select 1) select * from t where a = $1",
            "",
            "vacuum",
        ] {
            assert_eq!(of(statement, None), None, "{statement}");
        }
        assert_eq!(of("select * from t where a = 1 and b = 2", Some(&[0, 1])), None);
        assert_eq!(of("select * from t where a = 1", Some(&[])), None);
    }
}
