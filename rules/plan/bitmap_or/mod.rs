//! OR over several columns below an order and a limit. The README beside this file is its manual and its test.

use crate::rule::capture::{NodeType, conditions, index_conditions, name_of};
use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::BitmapOr) {
        let above: Vec<_> = node.ancestors().take(6).map(|above| above.get().node_type.clone()).collect();
        let sorted = above.contains(&NodeType::Sort) && above.contains(&NodeType::Limit);
        let heap = node.ancestors().take(6).find(|above| above.node_type == NodeType::BitmapHeapScan);
        let Some(heap) = heap.filter(|heap| sorted && heap.inclusive_time().is_some()) else { continue };
        if node.never_executed() || !context.matters_with_inputs(heap) {
            continue;
        }
        let index = index_conditions(node);
        let mut columns: Vec<_> =
            index.conditions.iter().flat_map(|one| conditions(node, one)).map(|one| one.on).collect();
        columns.dedup();
        if columns.len() < 2 {
            continue;
        }
        let table = name_of(node);
        let message = format!("collects all rows of {table} that fit one of {} conditions", columns.len());
        let finding = report.at(node.type_span(), message);
        finding.label(context.cost_with_inputs(heap)).subject(table);
        finding.note(format!("OR over {}, then sorted and cut off by LIMIT", columns.join(", ")));
        finding.help("ask once for each condition, each with its ORDER BY and LIMIT, and join the answers with UNION");
    }
}
