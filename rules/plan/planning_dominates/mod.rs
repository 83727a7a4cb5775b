//! A statement that takes longer to plan than to run. The README beside this file is its manual and its test.

use crate::rule::capture::NodeType;
use crate::rule::capture::figures::{count, time};
use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let (Some(planning), Some(execution)) = (context.plan.planning_time, context.plan.execution_time) else { return };
    if planning <= execution || planning < context.settings.planning_time {
        return;
    }
    let root = context.plan.root();
    let message = format!("planning takes {}, running {}", time(planning), time(execution));
    let finding = report.at(root.type_span(), message);
    finding.label("planned longer than run").subject("planning");
    let read = context.plan.planning_buffers.as_ref().map_or(0, |buffers| buffers.shared_read);
    if read > 0 {
        finding.note(format!(
            "planning read {} blocks of the system catalogs: a first run in a session does",
            count(read as f64)
        ));
    }
    let parts = context.plan.nodes().filter(|node| node.partitioned_name().is_some()).count();
    let joins = context.plan.nodes().filter(|node| node.is_join()).count();
    finding.help(match (parts > 20, joins > 8) {
        (true, _) => "many partitions are planned: filter by the partition key with a constant, or have fewer of them",
        (_, true) => "many joins are ordered: a prepared statement keeps the plan",
        _ => "prepare the statement, so that its plan is kept",
    });
    if root.node_type == NodeType::ModifyTable {
        finding.note("of a statement that changes rows the partitions of its target are planned too");
    }
}
