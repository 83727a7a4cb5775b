//! A nested loop whose inner side runs very often. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, plural, shorten};
use crate::rule::capture::{NodeRef, NodeType, name_of};
use crate::rule::{Check, Finding, PlanContext, Report, Rule, advise_index, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for join in context.plan.nodes().filter(|node| node.node_type == NodeType::NestedLoop) {
        let Some(inner) = join.inner() else { continue };
        let loops = inner.loops().unwrap_or(0.0);
        let share = inner.inclusive_share().unwrap_or(0.0);
        let often = loops >= context.settings.nested_loops && share >= context.settings.repeated_share;
        if !often || !context.is_worth(inner.inclusive_time()) {
            continue;
        }
        let what = source(inner);
        let finding = report.at(join.type_span(), format!("looks into {what} {}", plural(loops, "time")));
        finding.label(context.cost_with_inputs(inner)).subject(what.clone());
        finding.also(inner.type_span(), "this side runs once for each row of the other");
        advise(context, finding, join, inner);
    }
}

/// What the inner side reads, for people.
fn source(inner: NodeRef<'_>) -> String {
    let scan =
        std::iter::once(inner).chain(inner.descendants().take(6)).find(|node| node.get().relation_name.is_some());
    scan.map_or_else(|| name_of(inner), name_of)
}

fn advise(context: &PlanContext<'_>, finding: &mut Finding, join: NodeRef<'_>, inner: NodeRef<'_>) {
    let scan = std::iter::once(inner).chain(inner.descendants().take(4));
    let filtered = scan.into_iter().find(|node| node.node_type == NodeType::SeqScan);
    if let Some(scan) = filtered {
        // Below Materialize the table is read once, and the rows are compared again and again.
        let condition = scan.get().filter.as_deref().or(join.get().join_filter.as_deref());
        if let Some(condition) = condition {
            finding.note(format!("each time all rows are tested by {}", shorten(condition, 160)));
            advise_index(context, finding, scan, &[condition]);
            return;
        }
    }
    let outer = join.outer();
    let planned = outer.and_then(|outer| outer.plan_rows).unwrap_or(0.0).max(1.0);
    let came = outer.and_then(|outer| outer.actual_rows).unwrap_or(0.0);
    if came >= planned * context.settings.misestimate {
        finding.note(format!(
            "the planner expected {} and chose this join for them, {} came",
            plural(planned, "row"),
            count(came)
        ));
        finding.help("mend the guess first (analyze, create statistics): for so many rows a hash join is cheaper");
        return;
    }
    finding.help("ask for fewer outer rows: filter, aggregate or limit them before the join");
}
