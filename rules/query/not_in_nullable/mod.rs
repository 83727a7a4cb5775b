//! NOT IN over values that can be NULL keeps no row at all as soon as one is. The README beside this file is its manual and its test.

use crate::rule::query::conjuncts;
use crate::rule::tree::{Expr, Node, Query, Sublink, SublinkKind};
use crate::rule::{Check, Level, QueryContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Query(check), level: Some(Level::At(Severity::Warning)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.compares_with_rows() {
        return;
    }
    for block in context.blocks() {
        for expr in block.filter.iter().chain(&block.having).flat_map(conjuncts) {
            if let Some(sublink) = not_in(expr) {
                check_query(context, expr, &sublink.query, report);
            }
        }
    }
}

/// `x NOT IN (SELECT …)`, as the grammar writes it: NOT (x = ANY (SELECT …)); and `x <> ALL (SELECT …)`, the same.
fn not_in(expr: &Expr) -> Option<&Sublink> {
    if let Node::Sublink(sublink) = &expr.node {
        let unequal = sublink.operator.is_some_and(|operator| matches!(operator.as_str(), "<>" | "!="));
        return Some(&**sublink).filter(|sublink| unequal && sublink.kind == SublinkKind::All);
    }
    let Node::Not(inner) = &expr.node else { return None };
    match &inner.node {
        Node::Sublink(sublink) if sublink.kind == SublinkKind::Any => Some(sublink),
        _ => None,
    }
}

fn check_query<'a>(context: &QueryContext<'a>, expr: &Expr, query: &'a Query, report: &mut Report) {
    let [target] = query.targets.as_slice() else { return };
    let simple = query.set_operation.is_none() && query.group_by.is_empty();
    if !simple || context.is_nullable(query, &target.expr) != Some(true) {
        return;
    }
    let yields = match context.column(query, &target.expr) {
        Some(column) => column.column.name.to_string(),
        None => "a value".to_owned(),
    };
    let finding = report.at(expr.span, "NOT IN keeps no row at all once the list holds a NULL");
    finding.label(format!("{yields} can be NULL"));
    if let Some(column) = context.column(query, &target.expr) {
        finding.also(column.column.span, "nothing says that it is not");
    }
    finding.help("ask with NOT EXISTS, or leave NULLs out: where … is not null");
}
