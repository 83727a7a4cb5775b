//! count(*) over many rows. The README beside this file is its manual and its test.

use crate::rule::capture::figures::plural;
use crate::rule::capture::{NodeRef, NodeType, name_of};
use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| is_count(*node)) {
        let Some(scan) = scan(node) else { continue };
        let rows = scan.total_rows().unwrap_or(0.0);
        if rows < context.settings.count_rows || !context.matters_with_inputs(node) {
            continue;
        }
        let table = name_of(scan);
        let finding = report.at(node.type_span(), format!("counts {} of {table} one by one", plural(rows, "row")));
        finding.label(context.cost_with_inputs(node)).subject(table.clone());
        finding.help(format!(
            "where an estimate will do: select reltuples::bigint from pg_class where oid = '{table}'::regclass"
        ));
        finding.help("where it must be exact: keep the number in a table that triggers maintain");
    }
}

/// count(*) and nothing else: an aggregate without groups that needs no column of its rows.
fn is_count(node: NodeRef<'_>) -> bool {
    let plain = node.node_type == NodeType::Aggregate && node.strategy.as_deref() == Some("Plain");
    let whole = plain && node.partial_mode.as_deref() != Some("Partial");
    match node.get().output.as_slice() {
        [] => whole && node.plan_width == Some(8.0) && scan(node).is_some_and(|scan| scan.plan_width == Some(0.0)),
        [one] => whole && one.contains("count(*)"),
        _ => false,
    }
}

/// The scan whose rows are counted, without a filter.
fn scan(count: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let mut node = count.outer()?;
    for _ in 0..4 {
        match node.node_type {
            NodeType::SeqScan | NodeType::IndexOnlyScan => {
                return Some(node).filter(|scan| scan.filter.is_none() && scan.index_cond.is_none());
            }
            NodeType::Gather | NodeType::Aggregate => node = node.outer()?,
            _ => return None,
        }
    }
    None
}
