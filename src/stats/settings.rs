//! From which figures on something in the statistics is worth a word.

/// Thresholds of the rules about statistics.
#[derive(Clone, PartialEq, Debug)]
pub struct StatsSettings {
    /// ms on average from which on a statement is mentioned.
    pub slow_mean: f64,
    /// ms on average from which on that is a warning.
    pub slow_mean_warning: f64,
    /// ms on average from which on that is an error.
    pub slow_mean_error: f64,
    /// Calls that a statement must have for its average to say something.
    pub slow_calls: f64,
    /// How many statements are listed, by mean and by total time.
    pub top_statements: f64,
    /// Part of all time (0 to 1) that a statement must take to be hot.
    pub hot_share: f64,
    /// Rows that a sequential scan reads on average.
    pub rows_per_scan: f64,
    /// Rows that a table must have.
    pub table_rows: f64,
    /// Part of a table's scans (0 to 1) that should be by an index.
    pub index_usage: f64,
    /// Part of a table's rows (0 to 1) that may be dead.
    pub dead_share: f64,
    /// Rows that must be dead, or changed since ANALYZE.
    pub changed_rows: f64,
    /// How many times larger than its rows a table may be.
    pub bloat: f64,
    /// Part of the blocks (0 to 1) that should be found in shared_buffers.
    pub cache_hit_ratio: f64,
    /// Blocks that must have been asked for, for that to say something.
    pub blocks: f64,
}

/// A threshold by its name in pglint.toml.
pub type StatsKey = (&'static str, fn(&mut StatsSettings) -> &mut f64);

impl StatsSettings {
    /// All thresholds.
    pub const KEYS: &'static [StatsKey] = &[
        ("slow_mean", |it| &mut it.slow_mean),
        ("slow_mean_warning", |it| &mut it.slow_mean_warning),
        ("slow_mean_error", |it| &mut it.slow_mean_error),
        ("slow_calls", |it| &mut it.slow_calls),
        ("top_statements", |it| &mut it.top_statements),
        ("hot_share", |it| &mut it.hot_share),
        ("rows_per_scan", |it| &mut it.rows_per_scan),
        ("table_rows", |it| &mut it.table_rows),
        ("index_usage", |it| &mut it.index_usage),
        ("dead_share", |it| &mut it.dead_share),
        ("changed_rows", |it| &mut it.changed_rows),
        ("bloat", |it| &mut it.bloat),
        ("cache_hit_ratio", |it| &mut it.cache_hit_ratio),
        ("blocks", |it| &mut it.blocks),
    ];
}

impl Default for StatsSettings {
    fn default() -> StatsSettings {
        StatsSettings {
            slow_mean: 50.0,
            slow_mean_warning: 100.0,
            slow_mean_error: 500.0,
            slow_calls: 2.0,
            top_statements: 20.0,
            hot_share: 0.1,
            rows_per_scan: 10_000.0,
            table_rows: 10_000.0,
            index_usage: 0.95,
            dead_share: 0.2,
            changed_rows: 1_000.0,
            bloat: 2.0,
            cache_hit_ratio: 0.95,
            blocks: 10_000.0,
        }
    }
}
