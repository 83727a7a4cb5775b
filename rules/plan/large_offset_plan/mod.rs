//! OFFSET that makes rows only to skip them. The README beside this file is its manual and its test.

use crate::rule::capture::NodeType;
use crate::rule::capture::figures::{count, plural};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::Limit) {
        let Some(input) = node.outer() else { continue };
        let (Some(made), Some(returned)) = (input.total_rows(), node.total_rows()) else { continue };
        let skipped = made - returned;
        if skipped < context.settings.offset_rows || !context.matters_with_inputs(node) {
            continue;
        }
        let message = format!("skips {} to return {}", plural(skipped, "row"), count(returned));
        let finding = report.at(node.type_span(), message);
        finding.label(context.cost_with_inputs(node)).subject("offset");
        finding.help(
            "page by the last row seen: where (sort key, id) > ($1, $2) order by … limit n, with an index on both",
        );
    }
}
