//! An index that finds many rows of which few are kept. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, plural, shorten};
use crate::rule::capture::{Key, NodeType, feeds_limit, index_conditions, wastes};
use crate::rule::{Check, PlanContext, Report, Rule, advise_index, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let types = [NodeType::IndexScan, NodeType::IndexOnlyScan, NodeType::BitmapHeapScan];
    for scan in wastes(context.plan, &types) {
        let settings = context.settings;
        let much = scan.removed >= settings.index_rows_removed && scan.share() >= settings.removed_share;
        // An index that is walked for its order is wrong_index_for_limit's.
        if !much || !context.is_worth(scan.time) || feeds_limit(scan.worst).is_some() {
            continue;
        }
        let table = scan.table();
        let index = index_conditions(scan.worst);
        let kept = if scan.kept < 0.5 { "none".to_owned() } else { count(scan.kept) };
        let message = format!("finds {} of {table} by index to keep {kept}", plural(scan.read(), "row"));
        let place = scan.worst.key_span(Key::Filter).unwrap_or_else(|| scan.worst.type_span());
        let finding = report.at(place, message);
        finding.label(context.cost_of(scan.time, scan.blocks)).subject(table);
        let name = index.names.join(", ");
        let by = index.conditions.join(" and ");
        if !by.is_empty() {
            finding.note(format!("{name} finds by {}", shorten(&by, 160)));
        }
        if scan.count > 1 {
            finding.note(format!("the same in {} partitions", scan.count));
        }
        let mut conditions = index.conditions;
        conditions.push(scan.filter());
        advise_index(context, finding, scan.worst, &conditions);
    }
}
