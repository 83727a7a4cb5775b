//! A scan of a whole table that throws nearly all of it away. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, plural, shorten};
use crate::rule::capture::{NodeType, wastes};
use crate::rule::{Check, PlanContext, Report, Rule, advise_index, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for scan in wastes(context.plan, &[NodeType::SeqScan]) {
        let much = scan.read() >= context.settings.rows_read && scan.share() >= context.settings.removed_share;
        if !much || !context.is_worth(scan.time) {
            continue;
        }
        let table = scan.table();
        let kept = if scan.kept < 0.5 { "none".to_owned() } else { count(scan.kept) };
        let message = format!("reads {} of {table} to keep {kept}", plural(scan.read(), "row"));
        let finding = report.at(scan.worst.type_span(), message);
        finding.label(context.cost_of(scan.time, scan.blocks)).subject(table);
        finding.note(format!("filter {}", shorten(scan.filter(), 200)));
        if scan.count > 1 {
            finding.note(format!("the same in {} partitions", scan.count));
        }
        advise_index(context, finding, scan.worst, &[scan.filter()]);
    }
}
