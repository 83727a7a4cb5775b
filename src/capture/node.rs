//! One node of a plan, in EXPLAIN's own words.
//!
//! Times are in milliseconds and sizes in kB, as EXPLAIN prints them; a block is 8 kB. `actual_*` and
//! `rows_removed_*` are averages over the node's loops; everything else that was counted at run time
//! (blocks, fetches, searches, hits) is a total over all loops and processes.

use std::fmt;

use crate::source::Span;

use super::plan::NodeId;

macro_rules! node_types {
    ($($name:ident = $text:literal,)*) => {
        /// What a node does.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "each is the node of the same name")]
        pub enum NodeType {
            $($name,)*
            /// A node of an extension, of another server, or of a later version.
            Other(Box<str>),
        }

        impl NodeType {
            /// From EXPLAIN's word.
            pub fn named(name: &str) -> NodeType {
                match name {
                    $($text => NodeType::$name,)*
                    _ => NodeType::Other(name.into()),
                }
            }

            /// EXPLAIN's word.
            pub fn name(&self) -> &str {
                match self {
                    $(NodeType::$name => $text,)*
                    NodeType::Other(name) => name,
                }
            }
        }
    };
}

node_types! {
    SeqScan = "Seq Scan",
    IndexScan = "Index Scan",
    IndexOnlyScan = "Index Only Scan",
    BitmapIndexScan = "Bitmap Index Scan",
    BitmapHeapScan = "Bitmap Heap Scan",
    BitmapAnd = "BitmapAnd",
    BitmapOr = "BitmapOr",
    NestedLoop = "Nested Loop",
    HashJoin = "Hash Join",
    Hash = "Hash",
    MergeJoin = "Merge Join",
    Sort = "Sort",
    IncrementalSort = "Incremental Sort",
    Limit = "Limit",
    Aggregate = "Aggregate",
    Result = "Result",
    Append = "Append",
    MergeAppend = "Merge Append",
    Gather = "Gather",
    GatherMerge = "Gather Merge",
    Materialize = "Materialize",
    Memoize = "Memoize",
    SubqueryScan = "Subquery Scan",
    FunctionScan = "Function Scan",
    TableFunctionScan = "Table Function Scan",
    ValuesScan = "Values Scan",
    CteScan = "CTE Scan",
    NamedTuplestoreScan = "Named Tuplestore Scan",
    WorkTableScan = "WorkTable Scan",
    ForeignScan = "Foreign Scan",
    CustomScan = "Custom Scan",
    SampleScan = "Sample Scan",
    TidScan = "Tid Scan",
    TidRangeScan = "Tid Range Scan",
    ProjectSet = "ProjectSet",
    ModifyTable = "ModifyTable",
    RecursiveUnion = "Recursive Union",
    Group = "Group",
    WindowAgg = "WindowAgg",
    Unique = "Unique",
    SetOp = "SetOp",
    LockRows = "LockRows",
}

impl fmt::Display for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a node serves the one above it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ParentRelationship {
    /// The first or only input.
    Outer,
    /// The second input of a join.
    Inner,
    /// The query of a Subquery Scan.
    Subquery,
    /// An input of Append, BitmapAnd and the like.
    Member,
    /// Runs once, when its value is first asked for; a CTE is one too.
    InitPlan,
    /// Runs for each row, or once where it is hashed.
    SubPlan,
}

impl ParentRelationship {
    /// From EXPLAIN's word; an unknown one is an input like any other.
    pub fn named(name: &str) -> ParentRelationship {
        match name {
            "Inner" => ParentRelationship::Inner,
            "Subquery" => ParentRelationship::Subquery,
            "Member" => ParentRelationship::Member,
            "InitPlan" => ParentRelationship::InitPlan,
            "SubPlan" => ParentRelationship::SubPlan,
            _ => ParentRelationship::Outer,
        }
    }
}

/// A short text of the plan.
pub type Text = Box<str>;

/// One node.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What it does. In TEXT form `HashAggregate`, `Parallel Seq Scan` and `Insert on t` are taken apart.
    pub node_type: NodeType,
    /// The whole node with all below it (TEXT: its lines, without those of its children).
    pub span: Span,
    /// The node above it.
    pub parent: Option<NodeId>,
    /// One past the last node below it, in document order.
    pub(super) end: NodeId,
    /// The keys that were printed, in the plan's arena.
    pub(super) keys: std::ops::Range<u32>,
    /// How it serves the node above.
    pub parent_relationship: Option<ParentRelationship>,
    /// `InitPlan 1 (returns $0)` (to 16), `InitPlan 1` (17), `SubPlan 2`, `CTE name`.
    pub subplan_name: Option<Text>,
    /// Works on a share of what all processes work on.
    pub parallel_aware: bool,
    /// May run while another node waits (14).
    pub async_capable: bool,
    /// Chosen although an enable_* setting forbids it (18).
    pub disabled: bool,

    /// Planner's cost before the first row.
    pub startup_cost: Option<f64>,
    /// Planner's cost to the end, of one loop.
    pub total_cost: Option<f64>,
    /// Planner's number of rows of one loop; of one process below Gather.
    pub plan_rows: Option<f64>,
    /// Planner's width of a row, bytes.
    pub plan_width: Option<f64>,
    /// Time to the first row, ms, average of the loops.
    pub actual_startup_time: Option<f64>,
    /// Time to the last row with all nodes below, ms, average of the loops.
    pub actual_total_time: Option<f64>,
    /// Rows returned, average of the loops; a whole number up to 17.
    pub actual_rows: Option<f64>,
    /// How often it was started, over all processes; 0: never executed. Absent without ANALYZE.
    pub actual_loops: Option<f64>,

    /// The table.
    pub relation_name: Option<Text>,
    /// Its schema; VERBOSE alone prints it.
    pub schema: Option<Text>,
    /// The name the query gives it.
    pub alias: Option<Text>,
    /// The index; its schema is never printed.
    pub index_name: Option<Text>,
    /// Forward, Backward or NoMovement.
    pub scan_direction: Option<Text>,
    /// What the index finds by.
    pub index_cond: Option<Text>,
    /// What is tested again on the rows of a lossy block or operator.
    pub recheck_cond: Option<Text>,
    /// The distance a nearest-neighbour scan orders by.
    pub order_by: Option<Text>,
    /// What rows are tested by after they were read or joined.
    pub filter: Option<Text>,
    /// What is tested once, before anything is read.
    pub one_time_filter: Option<Text>,
    /// What a Tid (Range) Scan finds by.
    pub tid_cond: Option<Text>,
    /// Hash Join's condition.
    pub hash_cond: Option<Text>,
    /// Merge Join's condition.
    pub merge_cond: Option<Text>,
    /// What joined rows are tested by.
    pub join_filter: Option<Text>,
    /// What ends a window early (15).
    pub run_condition: Option<Text>,
    /// Inner, Left, Full, Right, Semi, Anti, Right Anti (16), Right Semi (18).
    pub join_type: Option<Text>,
    /// At most one row of the inner side fits a row of the outer.
    pub inner_unique: bool,
    /// Rows the filter threw away, average of the loops.
    pub rows_removed_by_filter: Option<f64>,
    /// Rows the join filter threw away, average of the loops.
    pub rows_removed_by_join_filter: Option<f64>,
    /// Rows the recheck threw away, average of the loops.
    pub rows_removed_by_index_recheck: Option<f64>,
    /// Rows whose block was not all-visible, so that the table was read, total.
    pub heap_fetches: Option<u64>,
    /// Descents of the index (18), total.
    pub index_searches: Option<u64>,
    /// Blocks whose rows the bitmap knew, total; of the leader alone up to 17.
    pub exact_heap_blocks: Option<u64>,
    /// Blocks that the bitmap knew only as a whole, total; of the leader alone up to 17.
    pub lossy_heap_blocks: Option<u64>,

    /// What a row is made of (VERBOSE).
    pub output: Vec<Text>,
    /// Sort keys with DESC, COLLATE and NULLS, or the order below Merge Append and Gather Merge.
    pub sort_key: Vec<Text>,
    /// The first of the sort keys, in which the input is ordered already.
    pub presorted_key: Vec<Text>,
    /// Group keys.
    pub group_key: Vec<Text>,
    /// The keys of each grouping set.
    pub grouping_sets: Vec<Vec<Text>>,
    /// Plain, Sorted, Hashed, Mixed.
    pub strategy: Option<Text>,
    /// Simple, Partial, Finalize.
    pub partial_mode: Option<Text>,
    /// SetOp's: Intersect, Intersect All, Except, Except All.
    pub command: Option<Text>,
    /// ModifyTable's or Foreign Scan's: Select, Insert, Update, Delete, Merge.
    pub operation: Option<Text>,
    /// The CTE that a CTE Scan or WorkTable Scan reads.
    pub cte_name: Option<Text>,
    /// The function of a Function Scan or Table Function Scan; absent for ROWS FROM of several.
    pub function_name: Option<Text>,
    /// The call with its arguments (VERBOSE).
    pub function_call: Option<Text>,
    /// What is sent to the other server (VERBOSE).
    pub remote_sql: Option<Text>,
    /// What an extension's Custom Scan calls itself.
    pub custom_plan_provider: Option<Text>,
    /// Partitions that were left out at run time.
    pub subplans_removed: Option<u64>,
    /// Processes that Gather asked for, besides its own.
    pub workers_planned: Option<u64>,
    /// Processes that Gather got, total over its loops.
    pub workers_launched: Option<u64>,
    /// Parameters that Gather computes for its workers (to 16).
    pub params_evaluated: Vec<Text>,

    /// Blocks, with those of all nodes below (BUFFERS).
    pub buffers: Option<Box<Buffers>>,
    /// Write-ahead log, with that of all nodes below (WAL, 13).
    pub wal: Option<Box<Wal>>,
    /// Sort and Incremental Sort.
    pub sort: Option<Box<Sort>>,
    /// Hash.
    pub hash: Option<Box<Hash>>,
    /// Memoize.
    pub memoize: Option<Box<Memoize>>,
    /// Hashed Aggregate.
    pub hash_aggregate: Option<Box<HashAggregate>>,
    /// Where rows are kept for a second reading (18).
    pub storage: Option<Box<Storage>>,
    /// ModifyTable.
    pub modify: Option<Box<Modify>>,
    /// What each worker did; without the leader.
    pub workers: Vec<Worker>,
    /// Keys that no server of the community prints, with their values' places.
    pub extra: Vec<Extra>,
}

/// Blocks of 8 kB that were touched, and the time it took (track_io_timing). Totals.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Buffers {
    /// Found in shared_buffers.
    pub shared_hit: u64,
    /// Asked of the operating system.
    pub shared_read: u64,
    /// Changed.
    pub shared_dirtied: u64,
    /// Written out to make room.
    pub shared_written: u64,
    /// Of temporary tables, found.
    pub local_hit: u64,
    /// Of temporary tables, asked of the operating system.
    pub local_read: u64,
    /// Of temporary tables, changed.
    pub local_dirtied: u64,
    /// Of temporary tables, written out.
    pub local_written: u64,
    /// Of sorts, hashes and the like that did not fit in memory, read back.
    pub temp_read: u64,
    /// Of sorts, hashes and the like that did not fit in memory, written.
    pub temp_written: u64,
    /// ms; `I/O Read Time` up to 16.
    pub shared_read_time: f64,
    /// ms; `I/O Write Time` up to 16.
    pub shared_write_time: f64,
    /// ms (17).
    pub local_read_time: f64,
    /// ms (17).
    pub local_write_time: f64,
    /// ms (15).
    pub temp_read_time: f64,
    /// ms (15).
    pub temp_write_time: f64,
}

impl Buffers {
    /// Blocks of tables and indexes that were looked at: hit and read, shared and local.
    pub fn touched(&self) -> u64 {
        let shared = self.shared_hit.saturating_add(self.shared_read);
        shared.saturating_add(self.local_hit).saturating_add(self.local_read)
    }
}

/// Write-ahead log. Totals.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Wal {
    /// Records.
    pub records: u64,
    /// Full-page images.
    pub fpi: u64,
    /// Bytes.
    pub bytes: u64,
    /// How often the WAL buffers were full (18).
    pub buffers_full: u64,
}

/// What a sort did.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sort {
    /// quicksort, top-N heapsort, external sort, external merge, still in progress.
    pub method: Option<Text>,
    /// kB.
    pub space_used: Option<u64>,
    /// Memory or Disk.
    pub space_type: Option<Text>,
    /// Incremental Sort: groups that were sorted by all keys.
    pub full_sort_groups: Option<SortGroups>,
    /// Incremental Sort: groups that were sorted by the keys not yet in order.
    pub pre_sorted_groups: Option<SortGroups>,
}

/// Groups of an Incremental Sort.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SortGroups {
    /// How many.
    pub count: u64,
    /// As [`Sort::method`].
    pub methods: Vec<Text>,
    /// kB: average, peak; absent where no group was sorted in memory.
    pub memory: Option<SortSpace>,
    /// kB: average, peak; absent where no group was sorted on disk.
    pub disk: Option<SortSpace>,
}

/// What groups of an Incremental Sort used.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SortSpace {
    /// kB.
    pub average: u64,
    /// kB.
    pub peak: u64,
}

/// What a Hash did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Hash {
    /// Buckets in the end.
    pub buckets: u64,
    /// Buckets as planned.
    pub original_buckets: u64,
    /// Batches in the end; more than 1 are written to disk.
    pub batches: u64,
    /// Batches as planned.
    pub original_batches: u64,
    /// kB.
    pub peak_memory_usage: u64,
}

/// What a Memoize did (14).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Memoize {
    /// The parameters that a result is kept by.
    pub cache_key: Option<Text>,
    /// logical or binary.
    pub cache_mode: Option<Text>,
    /// Answered from the cache.
    pub hits: u64,
    /// Run.
    pub misses: u64,
    /// Thrown out to make room.
    pub evictions: u64,
    /// Results too big to keep.
    pub overflows: u64,
    /// kB.
    pub peak_memory_usage: u64,
}

/// What a hashed Aggregate did (13).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct HashAggregate {
    /// Partitions that the planner thought would be written to disk.
    pub planned_partitions: u64,
    /// More than 1 are written to disk.
    pub batches: u64,
    /// kB.
    pub peak_memory_usage: u64,
    /// kB.
    pub disk_usage: u64,
}

/// Where rows are kept for a second reading (18).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Storage {
    /// Memory or Disk.
    pub kind: Option<Text>,
    /// kB.
    pub maximum: u64,
}

/// What a ModifyTable did.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Modify {
    /// Several partitions, where there are.
    pub target_tables: Vec<TargetTable>,
    /// NOTHING or UPDATE.
    pub conflict_resolution: Option<Text>,
    /// The indexes that a conflict is seen by.
    pub conflict_arbiter_indexes: Vec<Text>,
    /// WHERE of DO UPDATE.
    pub conflict_filter: Option<Text>,
    /// Rows that the filter left alone, average of the loops.
    pub rows_removed_by_conflict_filter: Option<f64>,
    /// Rows.
    pub tuples_inserted: Option<f64>,
    /// Rows (MERGE, 15).
    pub tuples_updated: Option<f64>,
    /// Rows (MERGE, 15).
    pub tuples_deleted: Option<f64>,
    /// Rows (MERGE, 15).
    pub tuples_skipped: Option<f64>,
    /// Rows.
    pub conflicting_tuples: Option<f64>,
}

/// A table that a ModifyTable changes.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TargetTable {
    /// The table.
    pub relation_name: Option<Text>,
    /// Its schema (VERBOSE).
    pub schema: Option<Text>,
    /// The name the query gives it.
    pub alias: Option<Text>,
}

/// What one worker did.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Worker {
    /// From 0.
    pub number: u64,
    /// ms, average of its loops (VERBOSE).
    pub actual_startup_time: Option<f64>,
    /// ms, average of its loops (VERBOSE).
    pub actual_total_time: Option<f64>,
    /// Rows, average of its loops (VERBOSE).
    pub actual_rows: Option<f64>,
    /// How often it started the node (VERBOSE).
    pub actual_loops: Option<f64>,
    /// Blocks, with those of all nodes below.
    pub buffers: Option<Box<Buffers>>,
    /// Its own sort.
    pub sort: Option<Box<Sort>>,
    /// Its own hash aggregate.
    pub hash_aggregate: Option<Box<HashAggregate>>,
    /// Its own cache.
    pub memoize: Option<Box<Memoize>>,
    /// Blocks whose rows the bitmap knew (18).
    pub exact_heap_blocks: Option<u64>,
    /// Blocks that the bitmap knew only as a whole (18).
    pub lossy_heap_blocks: Option<u64>,
}

/// A key that the model does not know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extra {
    /// The key.
    pub name: Text,
    /// Its value.
    pub value: Span,
}

impl Node {
    /// A node of which nothing is known yet.
    pub(super) fn new(id: NodeId, parent: Option<NodeId>, span: Span) -> Node {
        Node {
            node_type: NodeType::Other(Text::default()),
            span,
            parent,
            end: NodeId(id.0 + 1),
            keys: 0..0,
            parent_relationship: None,
            subplan_name: None,
            parallel_aware: false,
            async_capable: false,
            disabled: false,
            startup_cost: None,
            total_cost: None,
            plan_rows: None,
            plan_width: None,
            actual_startup_time: None,
            actual_total_time: None,
            actual_rows: None,
            actual_loops: None,
            relation_name: None,
            schema: None,
            alias: None,
            index_name: None,
            scan_direction: None,
            index_cond: None,
            recheck_cond: None,
            order_by: None,
            filter: None,
            one_time_filter: None,
            tid_cond: None,
            hash_cond: None,
            merge_cond: None,
            join_filter: None,
            run_condition: None,
            join_type: None,
            inner_unique: false,
            rows_removed_by_filter: None,
            rows_removed_by_join_filter: None,
            rows_removed_by_index_recheck: None,
            heap_fetches: None,
            index_searches: None,
            exact_heap_blocks: None,
            lossy_heap_blocks: None,
            output: Vec::new(),
            sort_key: Vec::new(),
            presorted_key: Vec::new(),
            group_key: Vec::new(),
            grouping_sets: Vec::new(),
            strategy: None,
            partial_mode: None,
            command: None,
            operation: None,
            cte_name: None,
            function_name: None,
            function_call: None,
            remote_sql: None,
            custom_plan_provider: None,
            subplans_removed: None,
            workers_planned: None,
            workers_launched: None,
            params_evaluated: Vec::new(),
            buffers: None,
            wal: None,
            sort: None,
            hash: None,
            memoize: None,
            hash_aggregate: None,
            storage: None,
            modify: None,
            workers: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// How often it was started; `None` without ANALYZE.
    pub fn loops(&self) -> Option<f64> {
        self.actual_loops
    }

    /// Whether ANALYZE says that it never ran. Nothing that depends on run time may be said of it.
    pub fn never_executed(&self) -> bool {
        self.actual_loops == Some(0.0)
    }

    /// Rows returned over all loops. Up to 17 the average is rounded, so this may be off by half a row a loop.
    pub fn total_rows(&self) -> Option<f64> {
        Some(self.actual_rows? * self.actual_loops?)
    }

    /// Rows the filter threw away over all loops.
    pub fn total_rows_removed_by_filter(&self) -> Option<f64> {
        Some(self.rows_removed_by_filter? * self.actual_loops?)
    }

    /// Rows the join filter threw away over all loops.
    pub fn total_rows_removed_by_join_filter(&self) -> Option<f64> {
        Some(self.rows_removed_by_join_filter? * self.actual_loops?)
    }

    /// Rows the recheck threw away over all loops.
    pub fn total_rows_removed_by_index_recheck(&self) -> Option<f64> {
        Some(self.rows_removed_by_index_recheck? * self.actual_loops?)
    }

    /// Whether it joins two inputs.
    pub fn is_join(&self) -> bool {
        matches!(self.node_type, NodeType::NestedLoop | NodeType::HashJoin | NodeType::MergeJoin)
    }

    /// Whether workers run what is below it.
    pub fn is_gather(&self) -> bool {
        matches!(self.node_type, NodeType::Gather | NodeType::GatherMerge)
    }

    /// `CTE` name of a node that is one.
    pub fn cte(&self) -> Option<&str> {
        self.subplan_name.as_deref()?.strip_prefix("CTE ")
    }

    /// All texts that are expressions, in the order EXPLAIN prints them.
    pub fn expressions(&self) -> impl Iterator<Item = &str> {
        let single = [
            &self.one_time_filter,
            &self.index_cond,
            &self.recheck_cond,
            &self.order_by,
            &self.tid_cond,
            &self.hash_cond,
            &self.merge_cond,
            &self.join_filter,
            &self.filter,
            &self.run_condition,
            &self.function_call,
        ];
        let lists = [&self.output, &self.sort_key, &self.group_key];
        single.into_iter().flatten().map(|text| &**text).chain(lists.into_iter().flatten().map(|text| &**text))
    }
}
