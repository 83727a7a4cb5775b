//! A plan that found few of its blocks in the cache. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent, plural, time};
use crate::rule::capture::{Key, NodeRef, name_of};
use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let root = context.plan.root();
    let Some(all) = root.get().buffers.as_deref().filter(|_| context.plan.is_analyzed()) else { return };
    let touched = all.shared_hit + all.shared_read;
    let hit = all.shared_hit as f64 / touched.max(1) as f64;
    if touched < context.settings.blocks
        || hit >= context.settings.cache_hit_ratio
        || !reads_cost(context, all.shared_read_time)
    {
        return;
    }
    let worst = worst(context);
    let message = format!(
        "reads {} of {} from outside the cache",
        count(all.shared_read as f64),
        plural(touched as f64, "block")
    );
    let place = worst.key_span(Key::SharedReadBlocks).unwrap_or_else(|| worst.type_span());
    let finding = report.at(place, message);
    let own = worst.exclusive_buffers().unwrap_or_default();
    finding.label(format!("{} of them for {}", count(own.shared_read as f64), name_of(worst))).subject(name_of(worst));
    finding.note(format!(
        "{} found in the cache, {} is the aim",
        percent(hit),
        percent(context.settings.cache_hit_ratio)
    ));
    if all.shared_read_time > 0.0 {
        finding.note(format!("{} spent reading", time(all.shared_read_time)));
    }
    finding.help(
        "run it again: what is read now is cached then; where it stays so, touch fewer blocks or raise shared_buffers",
    );
}

/// Where reading was timed it must have taken its share; where it was not, the number of blocks decides.
fn reads_cost(context: &PlanContext<'_>, read_time: f64) -> bool {
    read_time == 0.0 || context.is_worth(Some(read_time))
}

/// The node that read most itself.
fn worst<'a>(context: &PlanContext<'a>) -> NodeRef<'a> {
    let read = |node: &NodeRef<'_>| node.exclusive_buffers().map_or(0, |own| own.shared_read);
    // The first of equals, so that the answer does not depend on how the search is done.
    context.plan.nodes().rev().max_by_key(read).unwrap_or_else(|| context.plan.root())
}
