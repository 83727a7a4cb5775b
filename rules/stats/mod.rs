//! Rules about exported statistics.

use crate::rule::Rule;

pub mod autovacuum_settings;
pub mod dead_tuples;
pub mod hot_statement;
pub mod invalid_index;
pub mod low_cache_hit_ratio;
pub mod low_index_usage;
pub mod memory_settings;
pub mod redundant_index_cost;
pub mod seq_scanned_table;
pub mod slow_statement;
pub mod stale_statistics;
pub mod table_bloat;
pub mod unused_index;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &autovacuum_settings::RULE,
    &dead_tuples::RULE,
    &hot_statement::RULE,
    &invalid_index::RULE,
    &low_cache_hit_ratio::RULE,
    &low_index_usage::RULE,
    &memory_settings::RULE,
    &redundant_index_cost::RULE,
    &seq_scanned_table::RULE,
    &slow_statement::RULE,
    &stale_statistics::RULE,
    &table_bloat::RULE,
    &unused_index::RULE,
];
