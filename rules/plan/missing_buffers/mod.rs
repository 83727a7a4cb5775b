//! A plan that was run without counting blocks. The README beside this file is its manual and its test.

use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    if !context.plan.is_analyzed() || context.plan.has_buffers() {
        return;
    }
    let root = context.plan.root();
    let finding = report.at(root.type_span(), "run without counting blocks");
    finding.label("its time alone cannot be compared: it depends on the cache").subject("buffers");
    finding.help("capture it with explain (analyze, buffers, verbose, settings, format json)");
}
