//! Where the value of a key belongs: tables from [`Key`] to the fields of the model.

use super::key::Key;
use super::node::{Buffers, HashAggregate, Memoize, Node, Sort, SortGroups, SortSpace, TargetTable, Text, Wal, Worker};
use super::plan::{Jit, Serialization, Trigger};

/// A field that takes one value.
pub(super) enum Slot<'a> {
    Text(&'a mut Option<Text>),
    Float(&'a mut Option<f64>),
    Number(&'a mut f64),
    Count(&'a mut Option<u64>),
    Total(&'a mut u64),
    Flag(&'a mut bool),
}

impl Slot<'_> {
    /// Reads a value as printed; one of the wrong kind leaves the field as it was.
    pub(super) fn fill(self, text: &str) {
        match self {
            Slot::Text(field) => *field = Some(text.into()),
            Slot::Float(field) => *field = float(text).or(*field),
            Slot::Number(field) => *field = float(text).unwrap_or(*field),
            Slot::Count(field) => *field = count(text).or(*field),
            Slot::Total(field) => *field = count(text).unwrap_or(*field),
            Slot::Flag(field) => *field = matches!(text, "true" | "1"),
        }
    }
}

/// A number as EXPLAIN prints it: digits with at most a point among them, in one pass; anything else the long way.
pub(super) fn float(text: &str) -> Option<f64> {
    const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let mut digits: u64 = 0;
    let mut decimals = None;
    for byte in text.bytes() {
        match (byte, decimals) {
            (b'0'..=b'9', _) => {
                digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                decimals = decimals.map(|count| count + 1);
            }
            (b'.', None) => decimals = Some(0),
            _ => return long_float(text),
        }
    }
    // Up to 15 digits both the number and the power of ten are exact, so that the quotient is the nearest one.
    match text.len() {
        2..=16 => Some(digits as f64 / POWERS[decimals.unwrap_or(0)]),
        1 if decimals.is_none() => Some(digits as f64),
        _ => long_float(text),
    }
}

fn long_float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A count; 18 prints some with decimals.
pub(super) fn count(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| float(text).filter(|number| *number >= 0.0).map(|number| number as u64))
}

/// The field of a node that takes one value.
pub(super) fn node(node: &mut Node, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::SubplanName => Slot::Text(&mut node.subplan_name),
        Key::ParallelAware => Slot::Flag(&mut node.parallel_aware),
        Key::AsyncCapable => Slot::Flag(&mut node.async_capable),
        Key::Disabled => Slot::Flag(&mut node.disabled),
        Key::StartupCost => Slot::Float(&mut node.startup_cost),
        Key::TotalCost => Slot::Float(&mut node.total_cost),
        Key::PlanRows => Slot::Float(&mut node.plan_rows),
        Key::PlanWidth => Slot::Float(&mut node.plan_width),
        Key::ActualStartupTime => Slot::Float(&mut node.actual_startup_time),
        Key::ActualTotalTime => Slot::Float(&mut node.actual_total_time),
        Key::ActualRows => Slot::Float(&mut node.actual_rows),
        Key::ActualLoops => Slot::Float(&mut node.actual_loops),
        Key::RelationName => Slot::Text(&mut node.relation_name),
        Key::Schema => Slot::Text(&mut node.schema),
        Key::Alias => Slot::Text(&mut node.alias),
        Key::IndexName => Slot::Text(&mut node.index_name),
        Key::ScanDirection => Slot::Text(&mut node.scan_direction),
        Key::IndexCond => Slot::Text(&mut node.index_cond),
        Key::RecheckCond => Slot::Text(&mut node.recheck_cond),
        Key::OrderBy => Slot::Text(&mut node.order_by),
        Key::Filter => Slot::Text(&mut node.filter),
        Key::OneTimeFilter => Slot::Text(&mut node.one_time_filter),
        Key::TidCond => Slot::Text(&mut node.tid_cond),
        Key::HashCond => Slot::Text(&mut node.hash_cond),
        Key::MergeCond => Slot::Text(&mut node.merge_cond),
        Key::JoinFilter => Slot::Text(&mut node.join_filter),
        Key::RunCondition => Slot::Text(&mut node.run_condition),
        Key::JoinType => Slot::Text(&mut node.join_type),
        Key::InnerUnique => Slot::Flag(&mut node.inner_unique),
        Key::RowsRemovedByFilter => Slot::Float(&mut node.rows_removed_by_filter),
        Key::RowsRemovedByJoinFilter => Slot::Float(&mut node.rows_removed_by_join_filter),
        Key::RowsRemovedByIndexRecheck => Slot::Float(&mut node.rows_removed_by_index_recheck),
        Key::HeapFetches => Slot::Count(&mut node.heap_fetches),
        Key::IndexSearches => Slot::Count(&mut node.index_searches),
        Key::ExactHeapBlocks => Slot::Count(&mut node.exact_heap_blocks),
        Key::LossyHeapBlocks => Slot::Count(&mut node.lossy_heap_blocks),
        Key::Strategy => Slot::Text(&mut node.strategy),
        Key::PartialMode => Slot::Text(&mut node.partial_mode),
        Key::Command => Slot::Text(&mut node.command),
        Key::Operation => Slot::Text(&mut node.operation),
        Key::CteName | Key::TuplestoreName => Slot::Text(&mut node.cte_name),
        Key::FunctionName | Key::TableFunctionName => Slot::Text(&mut node.function_name),
        Key::FunctionCall | Key::TableFunctionCall => Slot::Text(&mut node.function_call),
        Key::RemoteSql => Slot::Text(&mut node.remote_sql),
        Key::CustomPlanProvider => Slot::Text(&mut node.custom_plan_provider),
        Key::SubplansRemoved => Slot::Count(&mut node.subplans_removed),
        Key::WorkersPlanned => Slot::Count(&mut node.workers_planned),
        Key::WorkersLaunched => Slot::Count(&mut node.workers_launched),
        _ => return node_detail(node, key),
    })
}

fn node_detail(node: &mut Node, key: Key) -> Option<Slot<'_>> {
    use super::node::NodeType;
    Some(match key {
        Key::PeakMemoryUsage => match node.node_type {
            NodeType::Memoize => Slot::Total(&mut node.memoize.get_or_insert_default().peak_memory_usage),
            NodeType::Aggregate => Slot::Total(&mut node.hash_aggregate.get_or_insert_default().peak_memory_usage),
            _ => Slot::Total(&mut node.hash.get_or_insert_default().peak_memory_usage),
        },
        Key::HashBuckets => Slot::Total(&mut node.hash.get_or_insert_default().buckets),
        Key::OriginalHashBuckets => Slot::Total(&mut node.hash.get_or_insert_default().original_buckets),
        Key::HashBatches => Slot::Total(&mut node.hash.get_or_insert_default().batches),
        Key::OriginalHashBatches => Slot::Total(&mut node.hash.get_or_insert_default().original_batches),
        Key::Storage => Slot::Text(&mut node.storage.get_or_insert_default().kind),
        Key::MaximumStorage => Slot::Total(&mut node.storage.get_or_insert_default().maximum),
        Key::ConflictResolution => Slot::Text(&mut node.modify.get_or_insert_default().conflict_resolution),
        Key::ConflictFilter => Slot::Text(&mut node.modify.get_or_insert_default().conflict_filter),
        Key::RowsRemovedByConflictFilter => {
            Slot::Float(&mut node.modify.get_or_insert_default().rows_removed_by_conflict_filter)
        }
        Key::TuplesInserted => Slot::Float(&mut node.modify.get_or_insert_default().tuples_inserted),
        Key::TuplesUpdated => Slot::Float(&mut node.modify.get_or_insert_default().tuples_updated),
        Key::TuplesDeleted => Slot::Float(&mut node.modify.get_or_insert_default().tuples_deleted),
        Key::TuplesSkipped => Slot::Float(&mut node.modify.get_or_insert_default().tuples_skipped),
        Key::ConflictingTuples => Slot::Float(&mut node.modify.get_or_insert_default().conflicting_tuples),
        Key::WalRecords | Key::WalFpi | Key::WalBytes | Key::WalBuffersFull => {
            wal(node.wal.get_or_insert_default(), key)?
        }
        _ if is_sort(key) => sort(node.sort.get_or_insert_default(), key)?,
        _ if is_memoize(key) => memoize(node.memoize.get_or_insert_default(), key)?,
        _ if is_hash_aggregate(key) => hash_aggregate(node.hash_aggregate.get_or_insert_default(), key)?,
        _ if is_buffers(key) => buffers(node.buffers.get_or_insert_default(), key)?,
        _ => return None,
    })
}

/// The field of a worker that takes one value.
pub(super) fn worker(worker: &mut Worker, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::WorkerNumber => Slot::Total(&mut worker.number),
        Key::ActualStartupTime => Slot::Float(&mut worker.actual_startup_time),
        Key::ActualTotalTime => Slot::Float(&mut worker.actual_total_time),
        Key::ActualRows => Slot::Float(&mut worker.actual_rows),
        Key::ActualLoops => Slot::Float(&mut worker.actual_loops),
        Key::ExactHeapBlocks => Slot::Count(&mut worker.exact_heap_blocks),
        Key::LossyHeapBlocks => Slot::Count(&mut worker.lossy_heap_blocks),
        // Memoize prints its hits first.
        Key::PeakMemoryUsage => match &mut worker.memoize {
            Some(memoize) => Slot::Total(&mut memoize.peak_memory_usage),
            None => Slot::Total(&mut worker.hash_aggregate.get_or_insert_default().peak_memory_usage),
        },
        _ if is_sort(key) => sort(worker.sort.get_or_insert_default(), key)?,
        _ if is_memoize(key) => memoize(worker.memoize.get_or_insert_default(), key)?,
        _ if is_hash_aggregate(key) => hash_aggregate(worker.hash_aggregate.get_or_insert_default(), key)?,
        _ if is_buffers(key) => buffers(worker.buffers.get_or_insert_default(), key)?,
        _ => return None,
    })
}

fn is_sort(key: Key) -> bool {
    matches!(key, Key::SortMethod | Key::SortSpaceUsed | Key::SortSpaceType)
}

fn sort(sort: &mut Sort, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::SortMethod => Slot::Text(&mut sort.method),
        Key::SortSpaceUsed => Slot::Count(&mut sort.space_used),
        Key::SortSpaceType => Slot::Text(&mut sort.space_type),
        _ => return None,
    })
}

fn is_memoize(key: Key) -> bool {
    (Key::CacheKey..=Key::CacheOverflows).contains(&key)
}

fn memoize(memoize: &mut Memoize, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::CacheKey => Slot::Text(&mut memoize.cache_key),
        Key::CacheMode => Slot::Text(&mut memoize.cache_mode),
        Key::CacheHits => Slot::Total(&mut memoize.hits),
        Key::CacheMisses => Slot::Total(&mut memoize.misses),
        Key::CacheEvictions => Slot::Total(&mut memoize.evictions),
        Key::CacheOverflows => Slot::Total(&mut memoize.overflows),
        _ => return None,
    })
}

fn is_hash_aggregate(key: Key) -> bool {
    matches!(key, Key::PlannedPartitions | Key::HashAggBatches | Key::DiskUsage)
}

fn hash_aggregate(aggregate: &mut HashAggregate, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::PlannedPartitions => Slot::Total(&mut aggregate.planned_partitions),
        Key::HashAggBatches => Slot::Total(&mut aggregate.batches),
        Key::DiskUsage => Slot::Total(&mut aggregate.disk_usage),
        _ => return None,
    })
}

/// Whether the key is one of [`Buffers`].
pub(super) fn is_buffers(key: Key) -> bool {
    (Key::SharedHitBlocks..=Key::TempIoWriteTime).contains(&key)
}

/// The counter of a key.
pub(super) fn buffers(buffers: &mut Buffers, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::SharedHitBlocks => Slot::Total(&mut buffers.shared_hit),
        Key::SharedReadBlocks => Slot::Total(&mut buffers.shared_read),
        Key::SharedDirtiedBlocks => Slot::Total(&mut buffers.shared_dirtied),
        Key::SharedWrittenBlocks => Slot::Total(&mut buffers.shared_written),
        Key::LocalHitBlocks => Slot::Total(&mut buffers.local_hit),
        Key::LocalReadBlocks => Slot::Total(&mut buffers.local_read),
        Key::LocalDirtiedBlocks => Slot::Total(&mut buffers.local_dirtied),
        Key::LocalWrittenBlocks => Slot::Total(&mut buffers.local_written),
        Key::TempReadBlocks => Slot::Total(&mut buffers.temp_read),
        Key::TempWrittenBlocks => Slot::Total(&mut buffers.temp_written),
        Key::IoReadTime | Key::SharedIoReadTime => Slot::Number(&mut buffers.shared_read_time),
        Key::IoWriteTime | Key::SharedIoWriteTime => Slot::Number(&mut buffers.shared_write_time),
        Key::LocalIoReadTime => Slot::Number(&mut buffers.local_read_time),
        Key::LocalIoWriteTime => Slot::Number(&mut buffers.local_write_time),
        Key::TempIoReadTime => Slot::Number(&mut buffers.temp_read_time),
        Key::TempIoWriteTime => Slot::Number(&mut buffers.temp_write_time),
        _ => return None,
    })
}

fn wal(wal: &mut Wal, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::WalRecords => Slot::Total(&mut wal.records),
        Key::WalFpi => Slot::Total(&mut wal.fpi),
        Key::WalBytes => Slot::Total(&mut wal.bytes),
        Key::WalBuffersFull => Slot::Total(&mut wal.buffers_full),
        _ => return None,
    })
}

/// The field of a node that takes a list.
pub(super) fn list(node: &mut Node, key: Key) -> Option<&mut Vec<Text>> {
    Some(match key {
        Key::Output => &mut node.output,
        Key::SortKey => &mut node.sort_key,
        Key::PresortedKey => &mut node.presorted_key,
        Key::GroupKey => &mut node.group_key,
        Key::ParamsEvaluated => &mut node.params_evaluated,
        Key::ConflictArbiterIndexes => &mut node.modify.get_or_insert_default().conflict_arbiter_indexes,
        _ => return None,
    })
}

/// The groups of an Incremental Sort.
pub(super) fn sort_groups(node: &mut Node, key: Key) -> Option<&mut SortGroups> {
    let sort = node.sort.get_or_insert_default();
    match key {
        Key::FullSortGroups => Some(sort.full_sort_groups.get_or_insert_default()),
        Key::PreSortedGroups => Some(sort.pre_sorted_groups.get_or_insert_default()),
        _ => None,
    }
}

/// What the groups of an Incremental Sort used.
pub(super) fn sort_space(groups: &mut SortGroups, key: Key) -> Option<&mut SortSpace> {
    match key {
        Key::SortSpaceMemory => Some(groups.memory.get_or_insert_default()),
        Key::SortSpaceDisk => Some(groups.disk.get_or_insert_default()),
        _ => None,
    }
}

/// The figures of an Incremental Sort.
pub(super) fn sort_space_slot(space: &mut SortSpace, key: Key) -> Option<Slot<'_>> {
    match key {
        Key::AverageSortSpaceUsed => Some(Slot::Total(&mut space.average)),
        Key::PeakSortSpaceUsed => Some(Slot::Total(&mut space.peak)),
        _ => None,
    }
}

/// The field of a trigger.
pub(super) fn trigger(trigger: &mut Trigger, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::ConstraintName => Slot::Text(&mut trigger.constraint_name),
        Key::Relation => Slot::Text(&mut trigger.relation),
        Key::Time => Slot::Float(&mut trigger.time),
        Key::Calls => Slot::Number(&mut trigger.calls),
        _ => return None,
    })
}

/// The field of a table that a ModifyTable changes.
pub(super) fn target_table(table: &mut TargetTable, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::RelationName => Slot::Text(&mut table.relation_name),
        Key::Schema => Slot::Text(&mut table.schema),
        Key::Alias => Slot::Text(&mut table.alias),
        _ => return None,
    })
}

/// The field of JIT, its options and timing among them. 17 prints Generation as an object of Deform and Total.
pub(super) fn jit(jit: &mut Jit, within: Key, key: Key) -> Option<Slot<'_>> {
    Some(match (within, key) {
        (Key::Jit, Key::Functions) => Slot::Total(&mut jit.functions),
        (Key::Options, Key::Inlining) => Slot::Flag(&mut jit.inlining),
        (Key::Options, Key::Optimization) => Slot::Flag(&mut jit.optimization),
        (Key::Timing, Key::Generation) | (Key::Generation, Key::Total) => Slot::Number(&mut jit.generation_time),
        (Key::Generation, Key::Deform) => Slot::Number(&mut jit.deform_time),
        (Key::Timing, Key::Inlining) => Slot::Number(&mut jit.inlining_time),
        (Key::Timing, Key::Optimization) => Slot::Number(&mut jit.optimization_time),
        (Key::Timing, Key::Emission) => Slot::Number(&mut jit.emission_time),
        (Key::Timing, Key::Total) => Slot::Float(&mut jit.total_time),
        _ => return None,
    })
}

/// The field of Serialization.
pub(super) fn serialization(serialization: &mut Serialization, key: Key) -> Option<Slot<'_>> {
    Some(match key {
        Key::Time => Slot::Float(&mut serialization.time),
        Key::OutputVolume => Slot::Total(&mut serialization.output_volume),
        Key::Format => Slot::Text(&mut serialization.format),
        _ if is_buffers(key) => buffers(serialization.buffers.get_or_insert_default(), key)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_nearest_ones() {
        for text in ["0", "0.000", "1.10", "412880", "84.117", "-3.5", "1e18", "9007199254740993", "0.1", "1."] {
            assert_eq!(float(text), text.parse().ok(), "{text}");
        }
        assert_eq!(float(""), None);
        assert_eq!(float("."), None);
        assert_eq!(float("inf"), None);
        assert_eq!(count("18446744073709551615"), Some(u64::MAX));
        assert_eq!(count("3.00"), Some(3));
        assert_eq!(count("-1"), None);
    }
}
