//! A parallel plan that got fewer workers than it was made for. The README beside this file is its manual and its test.

use crate::rule::capture::Key;
use crate::rule::capture::figures::count;
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.is_gather() && !node.never_executed()) {
        let (Some(planned), Some(launched)) = (node.workers_planned, node.workers_launched) else { continue };
        let planned = planned as f64 * node.loops().unwrap_or(1.0).max(1.0);
        if launched as f64 >= planned || !context.matters_with_inputs(node) {
            continue;
        }
        let got = if launched == 0 { "none".to_owned() } else { count(launched as f64) };
        let message = format!("{} workers planned, {got} launched", count(planned));
        let finding = report.at(node.key_span(Key::WorkersLaunched).unwrap_or_else(|| node.type_span()), message);
        finding.label(context.cost_with_inputs(node)).subject("workers");
        match context.plan.setting("max_parallel_workers") {
            Some(setting) => finding.note(format!("max_parallel_workers is {setting} in this session")),
            None => finding.note("other statements had them, or max_worker_processes is too small"),
        };
        finding
            .help("raise max_parallel_workers, or lower max_parallel_workers_per_gather so that plans ask for fewer");
    }
}
