//! Scans whose filter throws away most of what they read.

use super::context::{name_of, partitioned_name};
use super::node::NodeType;
use super::plan::{NodeId, NodeRef, Plan};

/// A scan that reads in vain, or those of several partitions that have one remedy.
pub struct Waste<'a> {
    /// The scan that threw away most.
    pub worst: NodeRef<'a>,
    worst_removed: f64,
    /// How many scans there are.
    pub count: usize,
    /// Rows returned, over all scans, loops and processes.
    pub kept: f64,
    /// Rows thrown away by the filter, over all scans, loops and processes.
    pub removed: f64,
    /// ms, wall time of the scans alone; `None` without times.
    pub time: Option<f64>,
    /// Blocks touched by the scans alone; `None` without BUFFERS.
    pub blocks: Option<u64>,
    remedy: (NodeId, String),
}

impl Waste<'_> {
    /// Rows that were read.
    pub fn read(&self) -> f64 {
        self.kept + self.removed
    }

    /// Part of the rows read that was thrown away, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.read() > 0.0 { self.removed / self.read() } else { 0.0 }
    }

    /// The table, or the partitioned table.
    pub fn table(&self) -> String {
        let parent = partitioned_name(self.worst).filter(|_| self.count > 1);
        parent.map_or_else(|| name_of(self.worst), str::to_owned)
    }

    /// The filter of the worst scan.
    pub fn filter(&self) -> &str {
        self.worst.get().filter.as_deref().unwrap_or_default()
    }
}

/// All scans of these types with a filter that were run. Partitions of one table below one Append are one where
/// their filters differ by the alias alone.
pub fn wastes<'a>(plan: &'a Plan, types: &[NodeType]) -> Vec<Waste<'a>> {
    let mut all: Vec<Waste<'a>> = Vec::new();
    for node in plan.nodes() {
        let run = types.contains(&node.node_type) && node.get().filter.is_some() && !node.never_executed();
        let (Some(kept), Some(removed)) = (node.total_rows(), node.total_rows_removed_by_filter()) else { continue };
        if !run {
            continue;
        }
        let remedy = remedy(node);
        let blocks = node.exclusive_buffers().map(|buffers| buffers.touched());
        match all.last_mut().filter(|waste| waste.remedy == remedy) {
            Some(waste) => {
                if removed > waste.worst_removed {
                    (waste.worst, waste.worst_removed) = (node, removed);
                }
                waste.count += 1;
                waste.kept += kept;
                waste.removed += removed;
                waste.time = waste.time.zip(node.exclusive_time()).map(|(one, other)| one + other);
                waste.blocks = waste.blocks.zip(blocks).map(|(one, other)| one + other);
            }
            None => {
                let time = node.exclusive_time();
                all.push(Waste { worst: node, worst_removed: removed, count: 1, kept, removed, time, blocks, remedy });
            }
        }
    }
    all
}

fn remedy(node: NodeRef<'_>) -> (NodeId, String) {
    match (partitioned_name(node), node.get().parent) {
        (Some(parent), Some(above)) => {
            let alias = format!("{}.", node.get().alias.as_deref().unwrap_or_default());
            let filter = node.get().filter.as_deref().unwrap_or_default();
            (above, format!("{parent} {}", filter.replace(&alias, "")))
        }
        _ => (node.id(), String::new()),
    }
}
