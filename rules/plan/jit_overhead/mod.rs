//! Compilation that takes much of a statement's time. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent, time};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let (Some(total), Some(jit)) = (context.plan.total_time(), &context.plan.jit) else { return };
    let Some(sum) = jit.total_time else { return };
    // The sum over all processes: each compiles for itself, at the same time.
    let own = sum / context.plan.processes();
    if own < context.settings.jit_share * total || own < context.settings.min_time {
        return;
    }
    let message = format!("compiling takes {} of {}", time(own), time(total));
    let finding = report.at(jit.span.unwrap_or(context.plan.span), message);
    finding.label(format!("{} for {} functions", percent(own / total), count(jit.functions as f64))).subject("jit");
    let costly =
        [(jit.optimization_time, "optimization"), (jit.inlining_time, "inlining"), (jit.emission_time, "emission")];
    let worst = costly.into_iter().max_by(|one, other| one.0.total_cmp(&other.0));
    if let Some((_, word)) = worst.filter(|(spent, _)| *spent > sum / 2.0) {
        finding.note(format!("most of it is {word}"));
    }
    finding.help("set local jit = off for this statement, or raise jit_above_cost above the plan's cost");
}
