//! The statement that was explained, from the file beside its plan.

use crate::source::{FileId, Span};
use crate::syntax::split;
use crate::syntax::token::{Token, Tokens};

use super::log;
use super::plan::{Plan, Query};

/// Gives the plans of a capture the statements of the file beside it: the last one where there is one plan, since what
/// stands before it prepares; each its own where there are as many as plans. A plan that knows its statement keeps it.
pub fn query_beside(plans: &mut [Plan], file: FileId, text: &str) {
    let statements = explained(text);
    let first = match plans.len() {
        1 => statements.len().saturating_sub(1),
        count if count == statements.len() => 0,
        _ => return,
    };
    for (plan, &(start, end)) in plans.iter_mut().zip(&statements[first..]) {
        let text = text[start as usize..end as usize].into();
        let span = Span::new(file, start, end);
        plan.query.get_or_insert(Query { text, span, parameters: None });
    }
}

/// The statements that can be explained, without EXPLAIN.
fn explained(text: &str) -> Vec<(u32, u32)> {
    let tokens = Tokens::of(text).tokens;
    let statements = split::statements(text, &tokens).into_iter();
    let place = |statement: &[Token]| Some((statement.first()?.start, statement.last()?.end));
    let is_query = |statement: &&[Token]| {
        let words = [
            "select", "with", "insert", "update", "delete", "merge", "values", "table", "explain", "execute", "create",
        ];
        statement.first().is_some_and(|first| first.is_any_word(text, &words) || first.text(text) == "(")
    };
    let found = statements.filter(is_query).filter_map(place);
    let bare = |(start, end): (u32, u32)| {
        let statement = &text[start as usize..end as usize];
        let skip = log::explain_options(statement).unwrap_or(0);
        let skip = skip + statement[skip..].len() - statement[skip..].trim_start().len();
        (start + skip as u32, end)
    };
    found.map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        explained(text).into_iter().map(|(start, end)| &text[start as usize..end as usize]).collect()
    }

    #[test]
    fn statements_without_what_prepares_and_explains_them() {
        assert_eq!(of("set work_mem = '4MB'; -- x\nselect 1;\n"), ["select 1"]);
        assert_eq!(of("explain (analyze, buffers)\nselect 1;"), ["select 1"]);
        assert_eq!(of("EXPLAIN ANALYZE VERBOSE update t set a = 1"), ["update t set a = 1"]);
        assert_eq!(of("(select 1) union (select 2);"), ["(select 1) union (select 2)"]);
        assert_eq!(of("analyze t;"), [""; 0]);
    }
}
