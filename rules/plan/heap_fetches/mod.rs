//! An index-only scan that looks into the table after all. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent, plural};
use crate::rule::capture::{Key, NodeType, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::IndexOnlyScan) {
        // Heap fetches are a total, rows are of one loop.
        let fetches = node.heap_fetches.unwrap_or(0) as f64;
        let rows = node.total_rows().unwrap_or(0.0) + node.total_rows_removed_by_filter().unwrap_or(0.0);
        let settings = context.settings;
        let many = fetches >= settings.heap_fetches && fetches >= settings.heap_fetch_share * rows;
        if !many || !context.matters(node) {
            continue;
        }
        let table = name_of(node);
        let message = format!("index-only scan looks up {} of {} in {table}", count(fetches), plural(rows, "row"));
        let finding = report.at(node.key_span(Key::HeapFetches).unwrap_or_else(|| node.type_span()), message);
        finding.label(context.cost(node)).subject(table.clone());
        if rows >= fetches {
            finding.note(format!(
                "{} of the rows are in blocks that VACUUM has not marked all-visible",
                percent(fetches / rows)
            ));
        }
        finding.help(format!("vacuum {table}; where it happens again: alter table {table} set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02)"));
        context.also_table(finding, node, "the table");
    }
}
