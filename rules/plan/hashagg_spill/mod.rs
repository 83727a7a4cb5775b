//! A hashed aggregate whose groups did not fit in memory. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{plural, shorten, size};
use crate::rule::capture::memory::{Allotment, advice, aggregate_memory};
use crate::rule::capture::{HashAggregate, Key, NodeRef};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes() {
        let spilled = parts(node).any(|part| part.batches > 1 || part.disk_usage > 0);
        if !spilled || !context.matters(node) {
            continue;
        }
        let disk: u64 = parts(node).map(|part| part.disk_usage).sum();
        let groups = node.total_rows().unwrap_or(0.0);
        let message = format!("keeps {} on disk, {}", plural(groups, "group"), size(disk as f64));
        let keys = [Key::DiskUsage, Key::HashAggBatches];
        let place = keys.into_iter().find_map(|key| node.key_span(key)).unwrap_or_else(|| node.type_span());
        let finding = report.at(place, message);
        let keys = node.get().group_key.join(", ");
        finding.label(context.cost(node)).subject(format!("groups by {keys}"));
        if !keys.is_empty() {
            finding.note(format!("group key {}", shorten(&keys, 160)));
        }
        if let Some(needed) = aggregate_memory(node) {
            finding.help(advice(context, needed, Allotment::HashMem));
        }
    }
}

/// What the leader and each worker did.
fn parts(node: NodeRef<'_>) -> impl Iterator<Item = &HashAggregate> {
    let node = node.get();
    let workers = node.workers.iter().filter_map(|worker| worker.hash_aggregate.as_deref());
    node.hash_aggregate.as_deref().into_iter().chain(workers)
}
