//! A hash join whose table did not fit in memory. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, plural};
use crate::rule::capture::memory::{Allotment, advice, hash_memory};
use crate::rule::capture::{Key, NodeRef, name_of};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes() {
        let Some(hash) = node.get().hash.as_ref().filter(|hash| hash.batches > 1) else { continue };
        if !context.is_worth(time(node)) {
            continue;
        }
        let rows = node.total_rows().unwrap_or(0.0);
        let message = format!("hashes {} in {} batches on disk", plural(rows, "row"), count(hash.batches as f64));
        let place = node.key_span(Key::HashBatches).unwrap_or_else(|| node.type_span());
        let finding = report.at(place, message);
        let temp = node.parent().and_then(|join| join.exclusive_buffers()).map(|own| own.temp_written);
        let temp = temp.zip(node.exclusive_buffers()).map(|(join, own)| join + own.temp_written);
        finding.label(context.cost_of(time(node), None)).subject(format!("hash of {}", below(node)));
        if let Some(temp) = temp.filter(|temp| *temp > 0) {
            finding
                .note(format!("{} written and read again, for both sides of the join", plural(temp as f64, "block")));
        }
        if hash.batches > hash.original_batches && hash.original_batches > 0 {
            finding.note(format!(
                "{} planned: more rows came than expected",
                plural(hash.original_batches as f64, "batch").replace("batchs", "batches")
            ));
        }
        if let Some(needed) = hash_memory(node) {
            finding.help(advice(context, needed, Allotment::HashMem));
        }
    }
}

/// ms of the hash table and of the join that probes it.
fn time(hash: NodeRef<'_>) -> Option<f64> {
    let join = hash.parent().and_then(|join| join.exclusive_time()).unwrap_or(0.0);
    Some(hash.exclusive_time()? + join)
}

fn below(hash: NodeRef<'_>) -> String {
    hash.outer().map_or_else(String::new, name_of)
}
