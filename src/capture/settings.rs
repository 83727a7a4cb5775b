//! From which figures on a plan is worth a word.

/// Thresholds of the plan rules. The defaults come from what people who tune queries for a living ask for.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanSettings {
    /// Part of the plan's time (0 to 1) that a node must take itself; nothing is said of cheaper ones.
    pub min_share: f64,
    /// ms that a node must take itself.
    pub min_time: f64,
    /// Rows that a sequential scan must read in vain.
    pub rows_read: f64,
    /// Part of the rows read (0 to 1) that must be thrown away.
    pub removed_share: f64,
    /// Rows that a filter behind an index must throw away.
    pub index_rows_removed: f64,
    /// Rows that a join filter must throw away.
    pub join_rows_removed: f64,
    /// Rows that a sort must get.
    pub sort_rows: f64,
    /// How many times the planner must be off.
    pub misestimate: f64,
    /// Rows there must be, planned or real, for a wrong estimate to matter.
    pub misestimate_rows: f64,
    /// How often the inner side of a nested loop must run.
    pub nested_loops: f64,
    /// Part of the time (0 to 1) that what is repeated must take.
    pub repeated_share: f64,
    /// ms that the plan must take for what is repeated to matter.
    pub repeated_time: f64,
    /// Rows that OFFSET must skip.
    pub offset_rows: f64,
    /// Rows that an index-only scan must look up in the table.
    pub heap_fetches: f64,
    /// Part of its rows (0 to 1) that those must be.
    pub heap_fetch_share: f64,
    /// Blocks (8 kB) that must be touched for the cache to matter.
    pub blocks: u64,
    /// Part of the blocks (0 to 1) that should be found in shared_buffers.
    pub cache_hit_ratio: f64,
    /// Part of the time (0 to 1) that triggers must take.
    pub trigger_share: f64,
    /// Part of the time (0 to 1) that just-in-time compilation must take.
    pub jit_share: f64,
    /// ms that planning must take.
    pub planning_time: f64,
    /// Rows that count(*) must read.
    pub count_rows: f64,
    /// kB that one statement's memory may grow to by an advice about work_mem.
    pub memory_limit: u64,
    /// What a statement may take, by its kind.
    pub targets: Targets,
}

/// What a statement should take and may take at most, ms.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Target {
    /// Aim.
    pub good: f64,
    /// Limit.
    pub acceptable: f64,
}

/// Targets by kind of statement.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Targets {
    /// One row by its key.
    pub key_lookup: Target,
    /// Rows of one table by an index.
    pub indexed_filter: Target,
    /// Tables joined along indexes.
    pub indexed_join: Target,
    /// One figure over few rows.
    pub small_aggregate: Target,
    /// Anything that reads much.
    pub report: Target,
    /// What changes much.
    pub background_job: Target,
}

const fn target(good: f64, acceptable: f64) -> Target {
    Target { good, acceptable }
}

impl Default for PlanSettings {
    fn default() -> PlanSettings {
        PlanSettings {
            min_share: 0.1,
            min_time: 1.0,
            rows_read: 10_000.0,
            removed_share: 0.9,
            index_rows_removed: 1_000.0,
            join_rows_removed: 10_000.0,
            sort_rows: 10_000.0,
            misestimate: 10.0,
            misestimate_rows: 1_000.0,
            nested_loops: 1_000.0,
            repeated_share: 0.3,
            repeated_time: 5.0,
            offset_rows: 1_000.0,
            heap_fetches: 1_000.0,
            heap_fetch_share: 0.1,
            blocks: 1_000,
            cache_hit_ratio: 0.95,
            trigger_share: 0.3,
            jit_share: 0.25,
            planning_time: 1.0,
            count_rows: 100_000.0,
            memory_limit: 1 << 20,
            targets: Targets {
                key_lookup: target(5.0, 10.0),
                indexed_filter: target(10.0, 50.0),
                indexed_join: target(50.0, 100.0),
                small_aggregate: target(100.0, 500.0),
                report: target(1_000.0, 5_000.0),
                background_job: target(30_000.0, 300_000.0),
            },
        }
    }
}
