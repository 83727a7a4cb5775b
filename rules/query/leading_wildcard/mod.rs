//! A pattern that starts with a wildcard, and no trigram index. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conditions, plain};
use crate::rule::tree::{Constant, Expr, Node, Query};
use crate::rule::{Check, ColumnUse, Key, Level, QueryContext, Report, Rule, Severity, quote_identifier, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::At(Severity::Info)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() {
        return;
    }
    for block in context.blocks() {
        for condition in conditions(block) {
            let Some((operator @ ("~~" | "~~*"), left, right, _)) = comparison(condition) else { continue };
            let Some(column) = context.column(block, left).filter(|_| starts_open(right)) else { continue };
            // The server's own tables take no index.
            let own = column.column.span.is_none();
            if own || has_trigrams(context, column) || is_narrowed(context, block, column.range) {
                continue;
            }
            let name = column.column.name;
            let finding =
                report.at(condition.span, format!("every row is read: the pattern for {name} is open in front"));
            finding.label("an index in the order of the texts does not help");
            finding.also(column.column.span, "no index of trigrams is on it");
            let words = if operator == "~~*" { "ilike" } else { "like" };
            let table = context.catalog.sql_name(column.table);
            finding.help(format!(
                "for {words}: create extension pg_trgm; create index concurrently on {table} using gin ({} gin_trgm_ops);",
                quote_identifier(&name)
            ));
        }
    }
}

/// Whether another condition on the table leaves few rows: by an index, or as a join, which is what wants an index first.
fn is_narrowed<'a>(context: &QueryContext<'a>, block: &'a Query, range: u32) -> bool {
    conditions(block).into_iter().any(|condition| {
        let Some(("=", left, right, _)) = comparison(condition) else { return false };
        let of_range = |side: &Expr| context.column(block, side).filter(|column| column.range == range);
        let joins =
            |side: &Expr| matches!(&plain(side).node, Node::Var(var) if var.levels_up > 0 || var.range != range);
        [(left, right), (right, left)]
            .into_iter()
            .any(|(own, other)| of_range(own).is_some_and(|column| joins(other) || context.index_on(column).is_some()))
    })
}

/// `'%…'`, `'%' || $1 || '%'`.
fn starts_open(pattern: &Expr) -> bool {
    match &plain(pattern).node {
        Node::Constant(Constant::Text(text)) => {
            text.starts_with(['%', '_']) && text.trim_matches(['%', '_']).len() >= 3
        }
        Node::Operator(it) if it.name.as_str() == "||" => it.left.as_ref().is_some_and(is_open),
        Node::Call(call) if call.name.as_str() == "concat" => call.args.first().is_some_and(is_open),
        _ => false,
    }
}

/// The first part of a pattern that is put together.
fn is_open(part: &Expr) -> bool {
    match &plain(part).node {
        Node::Constant(Constant::Text(text)) => text.starts_with('%'),
        Node::Operator(it) if it.name.as_str() == "||" => it.left.as_ref().is_some_and(is_open),
        _ => false,
    }
}

fn has_trigrams(context: &QueryContext<'_>, column: ColumnUse<'_>) -> bool {
    context.catalog.indexes(column.table).any(|index| {
        index.is.keys.iter().any(|key| {
            let class = key.operator_class.is_some_and(|class| class.contains("trgm") || class.contains("bigm"));
            let on = match &key.key {
                Key::Column(number) => *number == column.column.number,
                Key::Expr(expr) => context.sources.slice(expr.span).contains(column.column.name.as_str()),
            };
            let other = matches!(index.is.access_method.as_str(), "pgroonga" | "rum" | "bm25");
            on && (class || other)
        })
    })
}
