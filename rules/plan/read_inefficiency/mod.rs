//! A table whose blocks are nearly empty. The README beside this file is its manual and its test.

use crate::rule::capture::figures::plural;
use crate::rule::capture::{NodeRef, NodeType, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::SeqScan) {
        let Some(blocks) = node.exclusive_buffers().map(|own| own.touched()) else { continue };
        let (Some(kept), loops) = (node.total_rows(), node.loops().unwrap_or(0.0)) else { continue };
        let rows = kept + node.total_rows_removed_by_filter().unwrap_or(0.0);
        // A row wider than a quarter of a block is moved out of line (TOAST), so that four fit at least.
        let sparse = rows < blocks as f64 && blocks >= context.settings.blocks && loops >= 1.0;
        // Only a scan that was read to its end says how many rows the blocks hold.
        if !sparse || !context.matters(node) || may_be_stopped(node) {
            continue;
        }
        let table = name_of(node);
        let message = format!("reads {} of {table} for {}", plural(blocks as f64, "block"), plural(rows, "row"));
        let finding = report.at(node.type_span(), message);
        finding.label(context.cost(node)).subject(table.clone());
        finding.note("fewer than one row in a block: the table is mostly free space or dead rows");
        finding.help(format!(
            "vacuum {table}; to give the space back: pg_repack, or vacuum full in a window without traffic"
        ));
        context.also_table(finding, node, "the table");
    }
}

fn may_be_stopped(node: NodeRef<'_>) -> bool {
    node.ancestors().any(|above| matches!(above.node_type, NodeType::Limit | NodeType::MergeJoin))
}
