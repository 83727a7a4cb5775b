//! How much memory an operation wanted, and what may be said about work_mem.

use crate::rule::PlanContext;

use super::figures;
use super::key::Key;
use super::node::{Node, NodeType};
use super::plan::{Facts, KeySpan, NodeRef, Plan};

/// Bytes that a row takes in a sort besides its columns: its entry, its header, the allocator's rounding. Measured on
/// servers 14 to 18: 62 to 102.
const SORT_OVERHEAD: f64 = 80.0;
/// Bytes that a row takes in a hash table besides its columns. Measured on servers 14 to 18: 42 to 52.
const HASH_OVERHEAD: f64 = 50.0;
/// Bytes that a group takes in a hashed aggregate besides its columns. Measured on servers 14 to 18: 56 to 160.
const GROUP_OVERHEAD: f64 = 110.0;
/// Bytes that the bitmap keeps for a block (tbm_calculate_entries).
const BITMAP_ENTRY: f64 = 64.0;

/// kB that one process needs to sort in memory what this Sort got.
pub fn sort_memory(sort: NodeRef<'_>) -> Option<f64> {
    let rows = sort.outer().and_then(|input| input.actual_rows).or(sort.actual_rows)?;
    let computed = rows * (sort.plan_width? + SORT_OVERHEAD) / 1_024.0;
    // On disk rows lie closer than in memory.
    let on_disk = sort.get().sort.as_ref().and_then(|sort| sort.space_used).unwrap_or(0) as f64;
    Some(computed.max(on_disk * 1.2))
}

/// kB that one process needs to hash in one batch what this Hash got; of a shared table its part.
pub fn hash_memory(hash: NodeRef<'_>) -> Option<f64> {
    let computed = hash.actual_rows? * (hash.plan_width? + HASH_OVERHEAD) / 1_024.0;
    let details = hash.get().hash.as_ref()?;
    // The peak is of one batch; of a shared table it is what all processes hold together.
    let processes = if hash.parallel_aware { hash.actual_loops.unwrap_or(1.0).max(1.0) } else { 1.0 };
    let batches = (details.peak_memory_usage as f64) * (details.batches as f64) / processes;
    Some(if computed > 0.0 { computed } else { batches })
}

/// kB that one process needs to keep all groups of this Aggregate in memory.
pub fn aggregate_memory(aggregate: NodeRef<'_>) -> Option<f64> {
    let computed = aggregate.actual_rows? * (aggregate.plan_width? + GROUP_OVERHEAD) / 1_024.0;
    let details = aggregate.get().hash_aggregate.as_ref()?;
    Some(computed.max(details.disk_usage as f64))
}

/// kB that a bitmap over this many blocks needs to know each row.
pub fn bitmap_memory(blocks: f64) -> f64 {
    blocks * BITMAP_ENTRY / 1_024.0
}

/// What is allotted by work_mem times hash_mem_multiplier, and what by work_mem alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Allotment {
    /// Sorts, bitmaps, stored rows.
    WorkMem,
    /// Hash tables.
    HashMem,
}

/// Says which work_mem would do, or why none should: what a statement may take is work_mem times its operations times
/// its processes.
pub fn advice(context: &PlanContext<'_>, needed: f64, allotment: Allotment) -> String {
    let plan = context.plan;
    let multiplier = match allotment {
        Allotment::WorkMem => 1.0,
        Allotment::HashMem => hash_mem_multiplier(plan),
    };
    let mut wanted = needed / multiplier;
    if let Some(now) = plan.setting("work_mem").and_then(kilobytes) {
        // It did not do, whatever the computation says.
        wanted = wanted.max(now * 1.5);
    }
    let work_mem = round_up(wanted);
    let operations = plan.facts.memory_operations.max(1.0);
    let processes = plan.processes();
    let all = work_mem * operations * processes;
    if all > context.settings.memory_limit as f64 {
        let needed = figures::size(needed);
        return format!("it would need {needed} in memory, too much for work_mem: let it read fewer rows or columns");
    }
    let bound = match (operations > 1.0, processes > 1.0) {
        (false, false) => String::new(),
        (true, false) => format!(", at most {} for {operations} such operations", figures::size(all)),
        (false, true) => format!(", at most {} in {processes} processes", figures::size(all)),
        (true, true) => {
            format!(", at most {} for {operations} such operations in {processes} processes", figures::size(all))
        }
    };
    let needed = figures::size(needed);
    let doubled =
        if multiplier > 1.0 { format!(" (a hash table may take {multiplier} times as much)") } else { String::new() };
    format!("set local work_mem = '{}' for this statement: it needs about {needed}{doubled}{bound}", setting(work_mem))
}

/// Whether a node takes memory up to work_mem.
fn takes_memory(node: &Node) -> bool {
    match node.node_type {
        NodeType::Sort | NodeType::IncrementalSort | NodeType::Hash | NodeType::Memoize => true,
        NodeType::Materialize | NodeType::CteScan | NodeType::WindowAgg | NodeType::RecursiveUnion => true,
        NodeType::Aggregate | NodeType::SetOp => matches!(node.strategy.as_deref(), Some("Hashed" | "Mixed")),
        _ => false,
    }
}

/// What an advice asks of the whole plan.
pub(super) fn facts(nodes: &[Node], keys: &[KeySpan]) -> Facts {
    let workers = nodes.iter().filter(|node| node.is_gather());
    let most = workers.filter_map(|node| node.workers_launched.max(node.workers_planned)).max();
    // I/O times of temporary blocks came with 15, the others replace older keys in 17 and 18.
    let newer = [Key::TempIoReadTime, Key::SharedIoReadTime, Key::Disabled, Key::RunCondition];
    Facts {
        processes: 1.0 + most.unwrap_or(0) as f64,
        memory_operations: nodes.iter().filter(|node| takes_memory(node)).count() as f64,
        since_15: keys.iter().any(|printed| newer.contains(&printed.key)),
    }
}

/// The setting where it was printed; else the default, which is 2 from 15 on.
fn hash_mem_multiplier(plan: &Plan) -> f64 {
    let printed = plan.setting("hash_mem_multiplier").and_then(|value| value.parse().ok());
    printed.unwrap_or(if plan.facts.since_15 { 2.0 } else { 1.0 })
}

/// kB of a memory setting: `4MB`, `256kB`.
fn kilobytes(value: &str) -> Option<f64> {
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let number: f64 = value[..digits].parse().ok()?;
    let unit = match value[digits..].trim() {
        "kB" | "" => 1.0,
        "MB" => 1_024.0,
        "GB" => 1_048_576.0,
        _ => return None,
    };
    Some(number * unit)
}

/// The next size that people write, in kB: 1, 2, 4 … 64 MB, then steps of 32 MB.
fn round_up(kb: f64) -> f64 {
    let mb = (kb / 1_024.0).max(1.0);
    let rounded = if mb <= 64.0 { mb.log2().ceil().exp2() } else { (mb / 32.0).ceil() * 32.0 };
    rounded * 1_024.0
}

fn setting(kb: f64) -> String {
    format!("{:.0}MB", kb / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up_to_what_people_write() {
        let rounded: Vec<String> = [1.0, 1_025.0, 5_000.0, 70_000.0].map(|kb| setting(round_up(kb))).to_vec();
        assert_eq!(rounded, ["1MB", "2MB", "8MB", "96MB"]);
        assert_eq!(kilobytes("256kB"), Some(256.0));
        assert_eq!(kilobytes("4MB"), Some(4_096.0));
        assert_eq!(kilobytes("x"), None);
    }
}
