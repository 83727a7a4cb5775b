//! Two indexes whose results are intersected. The README beside this file is its manual and its test.

use crate::rule::capture::{NodeType, index_conditions, name_of};
use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, advise_index, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::BitmapAnd) {
        let timed = node.inclusive_time().is_some();
        if node.never_executed() || !timed || !context.matters_with_inputs(node) {
            continue;
        }
        let table = name_of(node);
        let index = index_conditions(node);
        let finding =
            report.at(node.type_span(), format!("reads {} indexes of {table} to intersect them", index.names.len()));
        finding.label(context.cost_with_inputs(node)).subject(table);
        finding.note(format!("indexes {}", index.names.join(", ")));
        advise_index(context, finding, node, &index.conditions);
    }
}
