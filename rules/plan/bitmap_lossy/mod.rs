//! A bitmap that had to forget which rows of a block it meant. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, plural};
use crate::rule::capture::memory::{Allotment, advice, bitmap_memory};
use crate::rule::capture::{Key, NodeRef, NodeType, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| node.node_type == NodeType::BitmapHeapScan) {
        let (exact, lossy) = blocks(node);
        if lossy == 0.0 || !context.matters(node) {
            continue;
        }
        let table = name_of(node);
        let message = format!("bitmap of {table} is lossy for {} of {}", count(lossy), plural(exact + lossy, "block"));
        let place = node.key_span(Key::LossyHeapBlocks).unwrap_or_else(|| node.type_span());
        let finding = report.at(place, message);
        finding.label(context.cost(node)).subject(table);
        if let Some(removed) = node.total_rows_removed_by_index_recheck().filter(|removed| *removed > 0.0) {
            finding.note(format!("{} of these blocks were read and tested in vain", plural(removed, "row")));
        }
        finding.help(advice(context, bitmap_memory(exact + lossy), Allotment::WorkMem));
    }
}

/// Blocks of the leader and of those workers that print their own (18), exact and lossy.
fn blocks(node: NodeRef<'_>) -> (f64, f64) {
    let node = node.get();
    let exact = node.workers.iter().filter_map(|worker| worker.exact_heap_blocks).sum::<u64>();
    let lossy = node.workers.iter().filter_map(|worker| worker.lossy_heap_blocks).sum::<u64>();
    let own = (node.exact_heap_blocks.unwrap_or(0), node.lossy_heap_blocks.unwrap_or(0));
    ((exact + own.0) as f64, (lossy + own.1) as f64)
}
