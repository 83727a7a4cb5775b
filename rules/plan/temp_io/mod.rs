//! Rows that a node kept on disk for a second reading. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{plural, size};
use crate::rule::capture::memory::{Allotment, advice};
use crate::rule::capture::{Key, NodeRef, NodeType, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| !has_own_rule(node)) {
        let Some(own) = node.exclusive_buffers().filter(|own| own.temp_written > 0) else { continue };
        if !context.matters(node) {
            continue;
        }
        let what = match node.node_type {
            NodeType::CteScan => format!("rows of {}", name_of(node)),
            _ => "rows".to_owned(),
        };
        let written = own.temp_written as f64;
        let message = format!("{} keeps its {what} on disk, {}", node.node_type, size(written * 8.0));
        let place = node.key_span(Key::TempWrittenBlocks).unwrap_or_else(|| node.type_span());
        let finding = report.at(place, message);
        finding.label(context.cost(node)).subject(node.node_type.name());
        finding.note(format!(
            "{} written, {} read again",
            plural(written, "block"),
            plural(own.temp_read as f64, "block")
        ));
        // What is kept in memory takes about half as much again as on disk.
        finding.help(advice(context, written * 8.0 * 1.5, Allotment::WorkMem));
    }
}

/// Sorts, hash joins and hashed aggregates say more of themselves than that they write.
fn has_own_rule(node: &NodeRef<'_>) -> bool {
    use crate::rule::capture::NodeType::{Aggregate, Hash, HashJoin, IncrementalSort, Sort};
    matches!(node.node_type, Sort | IncrementalSort | Hash | HashJoin | Aggregate)
}
