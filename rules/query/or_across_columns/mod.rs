//! OR over columns of two tables, which no index can answer. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conditions, conjuncts, is_fixed, range_name};
use crate::rule::tree::{Expr, Node, Query};
use crate::rule::{Check, ColumnUse, Level, Place, QueryContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::At(Severity::Info)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() || context.place == Place::Policy {
        return;
    }
    for block in context.blocks() {
        let all = conditions(block);
        let others = all.iter().filter(|condition| !matches!(condition.node, Node::Or(_)));
        // Another condition that an index answers leaves few rows for the OR to be tested on.
        if others.into_iter().any(|condition| narrows(context, block, condition)) {
            continue;
        }
        for condition in &all {
            let Node::Or(arms) = &condition.node else { continue };
            let tables: Option<Vec<ColumnUse<'_>>> = arms.iter().map(|arm| found_by(context, block, arm)).collect();
            let Some(tables) = tables.filter(|tables| tables.len() >= 2) else { continue };
            let [first, rest @ ..] = tables.as_slice() else { continue };
            let Some(other) = rest.iter().find(|other| other.range != first.range) else { continue };
            let finding = report.at(condition.span, "OR over two tables keeps either from being searched");
            let name = |column: &ColumnUse<'_>| format!("{}.{}", range_name(block, column.range), column.column.name);
            finding.label(format!("{} or {}: tested after the join", name(first), name(other)));
            finding.help("one query for each, joined by UNION: it drops duplicates, which OR does not make");
        }
    }
}

/// The column that one arm of an OR could be found by.
fn found_by<'a>(context: &QueryContext<'a>, block: &'a Query, arm: &Expr) -> Option<ColumnUse<'a>> {
    conjuncts(arm).into_iter().find_map(|condition| {
        let (operator, left, right, _) = comparison(condition)?;
        let by = |own: &Expr, value: &Expr| context.column(block, own).filter(|_| is_fixed(value));
        (operator == "=").then(|| by(left, right).or_else(|| by(right, left))).flatten()
    })
}

fn narrows<'a>(context: &QueryContext<'a>, block: &'a Query, condition: &Expr) -> bool {
    found_by(context, block, condition).is_some_and(|column| context.index_on(column).is_some())
}
