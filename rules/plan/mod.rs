//! Rules about captured plans.

use crate::rule::Rule;

pub mod bitmap_and;
pub mod bitmap_lossy;
pub mod bitmap_or;
pub mod buffer_miss;
pub mod cte_rescan;
pub mod hash_spill;
pub mod hashagg_spill;
pub mod heap_fetches;
pub mod index_filter_inefficient;
pub mod jit_overhead;
pub mod join_filter_discard;
pub mod large_offset_plan;
pub mod missing_buffers;
pub mod nested_loop_many;
pub mod no_partition_pruning;
pub mod planning_dominates;
pub mod read_inefficiency;
pub mod rls_unwrapped_plan;
pub mod row_misestimate;
pub mod seq_scan_filtered;
pub mod slow_count;
pub mod slow_query;
pub mod sort_large;
pub mod sort_spill;
pub mod subplan_expensive;
pub mod temp_io;
pub mod trigger_time;
pub mod workers_not_launched;
pub mod wrong_index_for_limit;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &bitmap_and::RULE,
    &bitmap_lossy::RULE,
    &bitmap_or::RULE,
    &buffer_miss::RULE,
    &cte_rescan::RULE,
    &hash_spill::RULE,
    &hashagg_spill::RULE,
    &heap_fetches::RULE,
    &index_filter_inefficient::RULE,
    &jit_overhead::RULE,
    &join_filter_discard::RULE,
    &large_offset_plan::RULE,
    &missing_buffers::RULE,
    &nested_loop_many::RULE,
    &no_partition_pruning::RULE,
    &planning_dominates::RULE,
    &read_inefficiency::RULE,
    &rls_unwrapped_plan::RULE,
    &row_misestimate::RULE,
    &seq_scan_filtered::RULE,
    &slow_count::RULE,
    &slow_query::RULE,
    &sort_large::RULE,
    &sort_spill::RULE,
    &subplan_expensive::RULE,
    &temp_io::RULE,
    &trigger_time::RULE,
    &workers_not_launched::RULE,
    &wrong_index_for_limit::RULE,
];
