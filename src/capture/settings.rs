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

/// How a setting is written in `pglint.toml`, and where its value goes.
#[derive(Clone, Copy)]
pub enum Setting {
    /// A part of the whole, from 0 to 1.
    Share(fn(&mut PlanSettings) -> &mut f64),
    /// ms, rows or how often: a number from 0.
    Number(fn(&mut PlanSettings) -> &mut f64),
    /// Blocks or kB: a whole number from 0.
    Whole(fn(&mut PlanSettings) -> &mut u64),
}

/// A kind of statement in `[plan.targets]`, and where its target goes.
pub type TargetSetting = (&'static str, fn(&mut Targets) -> &mut Target);

impl PlanSettings {
    /// The keys of `[plan]`.
    pub const KEYS: &[(&'static str, Setting)] = &[
        ("min_share", Setting::Share(|settings| &mut settings.min_share)),
        ("min_time", Setting::Number(|settings| &mut settings.min_time)),
        ("rows_read", Setting::Number(|settings| &mut settings.rows_read)),
        ("removed_share", Setting::Share(|settings| &mut settings.removed_share)),
        ("index_rows_removed", Setting::Number(|settings| &mut settings.index_rows_removed)),
        ("join_rows_removed", Setting::Number(|settings| &mut settings.join_rows_removed)),
        ("sort_rows", Setting::Number(|settings| &mut settings.sort_rows)),
        ("misestimate", Setting::Number(|settings| &mut settings.misestimate)),
        ("misestimate_rows", Setting::Number(|settings| &mut settings.misestimate_rows)),
        ("nested_loops", Setting::Number(|settings| &mut settings.nested_loops)),
        ("repeated_share", Setting::Share(|settings| &mut settings.repeated_share)),
        ("repeated_time", Setting::Number(|settings| &mut settings.repeated_time)),
        ("offset_rows", Setting::Number(|settings| &mut settings.offset_rows)),
        ("heap_fetches", Setting::Number(|settings| &mut settings.heap_fetches)),
        ("heap_fetch_share", Setting::Share(|settings| &mut settings.heap_fetch_share)),
        ("blocks", Setting::Whole(|settings| &mut settings.blocks)),
        ("cache_hit_ratio", Setting::Share(|settings| &mut settings.cache_hit_ratio)),
        ("trigger_share", Setting::Share(|settings| &mut settings.trigger_share)),
        ("jit_share", Setting::Share(|settings| &mut settings.jit_share)),
        ("planning_time", Setting::Number(|settings| &mut settings.planning_time)),
        ("count_rows", Setting::Number(|settings| &mut settings.count_rows)),
        ("memory_limit", Setting::Whole(|settings| &mut settings.memory_limit)),
    ];
}

impl Targets {
    /// The keys of `[plan.targets]`: each an aim and a limit in ms.
    pub const KEYS: &[TargetSetting] = &[
        ("key_lookup", |targets| &mut targets.key_lookup),
        ("indexed_filter", |targets| &mut targets.indexed_filter),
        ("indexed_join", |targets| &mut targets.indexed_join),
        ("small_aggregate", |targets| &mut targets.small_aggregate),
        ("report", |targets| &mut targets.report),
        ("background_job", |targets| &mut targets.background_job),
    ];
}
