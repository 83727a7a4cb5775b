//! An index that is walked for its order while a filter looks for few rows. The README beside this file is its manual
//! and its test.

use crate::rule::capture::figures::{count, plural, shorten};
use crate::rule::capture::{Key, NodeType, feeds_limit, name_of, wastes};
use crate::rule::{Check, PlanContext, Report, Rule, advise_index, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for scan in wastes(context.plan, &[NodeType::IndexScan, NodeType::IndexOnlyScan]) {
        let settings = context.settings;
        let much = scan.removed >= settings.index_rows_removed && scan.share() >= settings.removed_share;
        let Some(limit) = feeds_limit(scan.worst).filter(|_| much && context.is_worth(scan.time)) else { continue };
        let table = name_of(scan.worst);
        let index = scan.worst.get().index_name.as_deref().unwrap_or("an index");
        let kept = if scan.kept < 0.5 { "none".to_owned() } else { count(scan.kept) };
        let message = format!("walks {} in order of {index} to keep {kept}", plural(scan.read(), "row"));
        let place = scan.worst.key_span(Key::IndexName).unwrap_or_else(|| scan.worst.type_span());
        let finding = report.at(place, message);
        finding.label(context.cost_of(scan.time, scan.blocks)).subject(table);
        finding.also(limit.type_span(), "the planner hoped to fill this early");
        finding.note(format!("filter {}", shorten(scan.filter(), 200)));
        advise_index(context, finding, scan.worst, &[scan.filter()]);
    }
}
