//! A sort of many rows. The README beside this file is its manual and its test.

use crate::rule::capture::figures::plural;
use crate::rule::capture::{Key, NodeRef, NodeType, feeds_limit, tell_unused_order};
use crate::rule::{Check, PlanContext, Report, Rule, index_for_order, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::Sort) {
        let rows = node.outer().and_then(|input| input.total_rows()).unwrap_or(0.0);
        if rows < context.settings.sort_rows || on_disk(node) {
            continue;
        }
        // To find the first few, all were read and sorted: an order that is there already would spare both.
        let limit = feeds_limit(node);
        let worth = if limit.is_some() { context.matters_with_inputs(node) } else { context.matters(node) };
        let keys = node.get().sort_key.join(", ");
        let index = index_for_order(context, node);
        if !worth || limit.is_none() && index.is_none() && !context.matters(node) {
            continue;
        }
        let kept = node.total_rows().unwrap_or(rows);
        let message = match limit {
            Some(_) if kept < rows / 2.0 => format!("sorts {} to return {}", plural(rows, "row"), plural(kept, "row")),
            _ => format!("sorts {}", plural(rows, "row")),
        };
        let place = node.key_span(Key::SortKey).unwrap_or_else(|| node.type_span());
        let finding = report.at(place, message);
        finding.label(context.cost(node)).subject(keys.clone());
        if tell_unused_order(context, finding, node) {
            continue;
        }
        match index {
            Some(index) => finding.help(format!("an index gives this order without sorting: {index}")),
            None => finding.help("sort fewer rows: filter or aggregate before"),
        };
    }
}

/// sort_spill says more of it.
fn on_disk(node: NodeRef<'_>) -> bool {
    let workers = node.get().workers.iter().filter_map(|worker| worker.sort.as_deref());
    let mut all = node.get().sort.as_deref().into_iter().chain(workers);
    all.any(|sort| sort.space_type.as_deref() == Some("Disk"))
}
