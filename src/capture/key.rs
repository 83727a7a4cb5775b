//! The words of EXPLAIN: every key that servers 9.3 to 18 print, and how to find one by its name.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

macro_rules! keys {
    ($($name:ident = $text:literal,)*) => {
        /// A key of EXPLAIN's structured output.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs, reason = "each is the key of the same name; the model documents the values")]
        pub enum Key {
            $($name,)*
        }

        const NAMES: &[(&str, Key)] = &[$(($text, Key::$name),)*];

        impl Key {
            /// As EXPLAIN prints it.
            pub fn name(self) -> &'static str {
                NAMES[self as usize].0
            }
        }
    };
}

keys! {
    // One planned statement.
    Plan = "Plan",
    Planning = "Planning",
    PlanningTime = "Planning Time",
    ExecutionTime = "Execution Time",
    TotalRuntime = "Total Runtime",
    QueryText = "Query Text",
    QueryParameters = "Query Parameters",
    QueryIdentifier = "Query Identifier",
    Settings = "Settings",
    Triggers = "Triggers",
    TriggerName = "Trigger Name",
    ConstraintName = "Constraint Name",
    Relation = "Relation",
    Time = "Time",
    Calls = "Calls",
    Jit = "JIT",
    Functions = "Functions",
    Options = "Options",
    Timing = "Timing",
    Generation = "Generation",
    Deform = "Deform",
    Inlining = "Inlining",
    Optimization = "Optimization",
    Expressions = "Expressions",
    Deforming = "Deforming",
    Emission = "Emission",
    Total = "Total",
    Serialization = "Serialization",
    OutputVolume = "Output Volume",
    Format = "Format",
    MemoryUsed = "Memory Used",
    MemoryAllocated = "Memory Allocated",
    // Every node.
    NodeType = "Node Type",
    ParentRelationship = "Parent Relationship",
    SubplanName = "Subplan Name",
    ParallelAware = "Parallel Aware",
    AsyncCapable = "Async Capable",
    Disabled = "Disabled",
    DisabledNodes = "Disabled Nodes",
    StartupCost = "Startup Cost",
    TotalCost = "Total Cost",
    PlanRows = "Plan Rows",
    PlanWidth = "Plan Width",
    ActualStartupTime = "Actual Startup Time",
    ActualTotalTime = "Actual Total Time",
    ActualRows = "Actual Rows",
    ActualLoops = "Actual Loops",
    Output = "Output",
    Plans = "Plans",
    Workers = "Workers",
    WorkerNumber = "Worker Number",
    // Blocks and what they cost.
    SharedHitBlocks = "Shared Hit Blocks",
    SharedReadBlocks = "Shared Read Blocks",
    SharedDirtiedBlocks = "Shared Dirtied Blocks",
    SharedWrittenBlocks = "Shared Written Blocks",
    LocalHitBlocks = "Local Hit Blocks",
    LocalReadBlocks = "Local Read Blocks",
    LocalDirtiedBlocks = "Local Dirtied Blocks",
    LocalWrittenBlocks = "Local Written Blocks",
    TempReadBlocks = "Temp Read Blocks",
    TempWrittenBlocks = "Temp Written Blocks",
    IoReadTime = "I/O Read Time",
    IoWriteTime = "I/O Write Time",
    SharedIoReadTime = "Shared I/O Read Time",
    SharedIoWriteTime = "Shared I/O Write Time",
    LocalIoReadTime = "Local I/O Read Time",
    LocalIoWriteTime = "Local I/O Write Time",
    TempIoReadTime = "Temp I/O Read Time",
    TempIoWriteTime = "Temp I/O Write Time",
    WalRecords = "WAL Records",
    WalFpi = "WAL FPI",
    WalBytes = "WAL Bytes",
    WalBuffersFull = "WAL Buffers Full",
    // Scans.
    RelationName = "Relation Name",
    Schema = "Schema",
    Alias = "Alias",
    IndexName = "Index Name",
    ScanDirection = "Scan Direction",
    IndexCond = "Index Cond",
    RecheckCond = "Recheck Cond",
    OrderBy = "Order By",
    Filter = "Filter",
    OneTimeFilter = "One-Time Filter",
    TidCond = "TID Cond",
    RowsRemovedByFilter = "Rows Removed by Filter",
    RowsRemovedByIndexRecheck = "Rows Removed by Index Recheck",
    HeapFetches = "Heap Fetches",
    IndexSearches = "Index Searches",
    ExactHeapBlocks = "Exact Heap Blocks",
    LossyHeapBlocks = "Lossy Heap Blocks",
    SamplingMethod = "Sampling Method",
    SamplingParameters = "Sampling Parameters",
    RepeatableSeed = "Repeatable Seed",
    FunctionName = "Function Name",
    FunctionCall = "Function Call",
    TableFunctionName = "Table Function Name",
    TableFunctionCall = "Table Function Call",
    CteName = "CTE Name",
    TuplestoreName = "Tuplestore Name",
    Operation = "Operation",
    Relations = "Relations",
    RemoteSql = "Remote SQL",
    CustomPlanProvider = "Custom Plan Provider",
    Storage = "Storage",
    MaximumStorage = "Maximum Storage",
    // Joins.
    JoinType = "Join Type",
    InnerUnique = "Inner Unique",
    HashCond = "Hash Cond",
    MergeCond = "Merge Cond",
    JoinFilter = "Join Filter",
    RowsRemovedByJoinFilter = "Rows Removed by Join Filter",
    // Hash and Memoize.
    HashBuckets = "Hash Buckets",
    OriginalHashBuckets = "Original Hash Buckets",
    HashBatches = "Hash Batches",
    OriginalHashBatches = "Original Hash Batches",
    PeakMemoryUsage = "Peak Memory Usage",
    CacheKey = "Cache Key",
    CacheMode = "Cache Mode",
    CacheHits = "Cache Hits",
    CacheMisses = "Cache Misses",
    CacheEvictions = "Cache Evictions",
    CacheOverflows = "Cache Overflows",
    // Sorts.
    SortKey = "Sort Key",
    PresortedKey = "Presorted Key",
    SortMethod = "Sort Method",
    SortSpaceUsed = "Sort Space Used",
    SortSpaceType = "Sort Space Type",
    FullSortGroups = "Full-sort Groups",
    PreSortedGroups = "Pre-sorted Groups",
    GroupCount = "Group Count",
    SortMethodsUsed = "Sort Methods Used",
    SortSpaceMemory = "Sort Space Memory",
    SortSpaceDisk = "Sort Space Disk",
    AverageSortSpaceUsed = "Average Sort Space Used",
    PeakSortSpaceUsed = "Peak Sort Space Used",
    // Aggregates and windows.
    Strategy = "Strategy",
    PartialMode = "Partial Mode",
    Command = "Command",
    GroupKey = "Group Key",
    GroupingSets = "Grouping Sets",
    GroupKeys = "Group Keys",
    HashKeys = "Hash Keys",
    HashKey = "Hash Key",
    PlannedPartitions = "Planned Partitions",
    HashAggBatches = "HashAgg Batches",
    DiskUsage = "Disk Usage",
    Window = "Window",
    RunCondition = "Run Condition",
    // Gather and Append.
    WorkersPlanned = "Workers Planned",
    WorkersLaunched = "Workers Launched",
    SingleCopy = "Single Copy",
    ParamsEvaluated = "Params Evaluated",
    SubplansRemoved = "Subplans Removed",
    // ModifyTable.
    TargetTables = "Target Tables",
    ConflictResolution = "Conflict Resolution",
    ConflictArbiterIndexes = "Conflict Arbiter Indexes",
    ConflictFilter = "Conflict Filter",
    RowsRemovedByConflictFilter = "Rows Removed by Conflict Filter",
    TuplesInserted = "Tuples Inserted",
    TuplesUpdated = "Tuples Updated",
    TuplesDeleted = "Tuples Deleted",
    TuplesSkipped = "Tuples Skipped",
    ConflictingTuples = "Conflicting Tuples",
}

/// Key names as FORMAT XML spells them: what is no part of an XML name is a hyphen there (ExplainXMLTag).
static BY_XML_NAME: LazyLock<FxHashMap<String, Key>> = LazyLock::new(|| {
    let spell = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-");
    NAMES.iter().map(|&(name, key)| (spell(name), key)).collect()
});

static BY_NAME: LazyLock<FxHashMap<&'static str, Key>> = LazyLock::new(|| NAMES.iter().copied().collect());

impl Key {
    /// The key of this name; `None` for one that no server of the community prints.
    pub fn named(name: &str) -> Option<Key> {
        BY_NAME.get(name).copied()
    }

    /// The key that FORMAT XML spells so.
    pub(super) fn xml_named(name: &str) -> Option<Key> {
        BY_XML_NAME.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_own_name() {
        for &(name, key) in NAMES {
            assert_eq!(Key::named(name), Some(key));
            assert_eq!(key.name(), name);
        }
        assert_eq!(Key::named("node type"), None);
    }
}
