//! A subquery that runs again for each row. The README beside this file is its manual and its test.

use crate::rule::capture::figures::plural;
use crate::rule::capture::{Key, NodeRef, ParentRelationship, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let total = context.plan.total_time().unwrap_or(0.0);
    if total < context.settings.repeated_time {
        return;
    }
    // Subqueries within one that was reported are part of its time.
    let mut reported_to = 0;
    for node in context.plan.nodes() {
        let again = node.parent_relationship == Some(ParentRelationship::SubPlan) && node.loops().unwrap_or(0.0) >= 2.0;
        let share = node.inclusive_share().unwrap_or(0.0);
        if !again || share < context.settings.repeated_share || node.id().0 < reported_to {
            continue;
        }
        reported_to = node.descendants().last().map_or(node.id().0, |last| last.id().0) + 1;
        let what = source(node);
        let message = format!("runs a subquery on {what} {}", plural(node.loops().unwrap_or(0.0), "time"));
        let place = node.key_span(Key::SubplanName).unwrap_or_else(|| node.type_span());
        let finding = report.at(place, message);
        finding.label(context.cost_with_inputs(node)).subject(what);
        if let Some(owner) = node.parent() {
            finding.also(owner.type_span(), "once for each row of this");
        }
        finding.help("write it as a join: aggregate the subquery's table by its key once, and join the result");
    }
}

fn source(node: NodeRef<'_>) -> String {
    let scan = std::iter::once(node).chain(node.descendants().take(12)).find(|node| node.get().relation_name.is_some());
    scan.map_or_else(|| name_of(node), name_of)
}
