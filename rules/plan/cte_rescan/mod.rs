//! A CTE whose rows are read from end to end again and again. The README beside this file is its manual and its test.

use crate::rule::capture::figures::plural;
use crate::rule::capture::{Key, NodeType, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

/// So often it must be read for the reading to matter.
const LOOPS: f64 = 10.0;

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::CteScan) {
        let loops = node.loops().unwrap_or(0.0);
        let read = node.total_rows().unwrap_or(0.0) + node.total_rows_removed_by_filter().unwrap_or(0.0);
        if loops <= LOOPS || read < context.settings.rows_read || !context.matters(node) {
            continue;
        }
        let name = name_of(node);
        let message = format!("reads all rows of CTE {name} {}, {} in all", plural(loops, "time"), plural(read, "row"));
        let finding = report.at(node.key_span(Key::CteName).unwrap_or_else(|| node.type_span()), message);
        finding.label(context.cost(node)).subject(name);
        finding
            .help("a CTE has no index: join it by an equality, so that it is hashed once, or make it a table with one");
    }
}
