//! The tables that a plan reads, and what it asks of them.

use crate::capture::{Expression, NodeRef, NodeType, Plan, SortKey, feeds_limit};

use super::access::{Access, Figures, Order, OrderKey, Probe};
use super::candidate::Candidate;
use super::condition::{Condition, Conjunct, Side, Test, conjuncts, key};
use super::table::{Knowledge, Table};

/// Rows that an access keeps that kept none: a part of a table is above nought.
const NONE_KEPT: f64 = 0.5;

/// All accesses of a plan, those to partitions of one table as one.
pub fn accesses<'a>(plan: &Plan, knowledge: Knowledge<'a>) -> Vec<Access<'a>> {
    let mut all: Vec<Access<'a>> = Vec::new();
    for node in plan.nodes().filter(|node| is_scan(*node) && !node.never_executed()) {
        let Some(access) = scan(node, knowledge) else { continue };
        let same = |other: &&mut Access<'a>| access.table.is_partitioned() && is_same(other, &access);
        match all.iter_mut().find(same) {
            Some(other) => add_partition(other, &access),
            None => all.push(access),
        }
    }
    all.extend(super::foreign_key::checks(plan, knowledge));
    all
}

/// How a scan's table is read, with the other partitions of the same table.
pub fn access_of<'a>(node: NodeRef<'_>, knowledge: Knowledge<'a>) -> Option<Access<'a>> {
    let node = std::iter::once(node).chain(node.ancestors().take(8)).find(|node| is_scan(*node))?;
    let own = scan(node, knowledge)?;
    if !own.table.is_partitioned() {
        return Some(own);
    }
    accesses(node.plan(), knowledge).into_iter().find(|other| is_same(other, &own))
}

/// Whether two partitions of a table are asked the same.
fn is_same(one: &Access<'_>, other: &Access<'_>) -> bool {
    one.table.is_same(&other.table) && one.conditions == other.conditions && one.order == other.order
}

fn is_scan(node: NodeRef<'_>) -> bool {
    use NodeType::{BitmapHeapScan, IndexOnlyScan, IndexScan, SeqScan};
    matches!(node.node_type, SeqScan | IndexScan | IndexOnlyScan | BitmapHeapScan) && node.get().relation_name.is_some()
}

/// Another partition of the same table: they have one index.
fn add_partition(whole: &mut Access<'_>, part: &Access<'_>) {
    let (sum, add) = (&mut whole.figures, &part.figures);
    sum.rows += add.rows;
    sum.pages += add.pages;
    sum.blocks += add.blocks;
    sum.sorted = sum.sorted.max(add.sorted);
    // None is counted as half a row, once.
    let counted = |kept: f64| if kept > NONE_KEPT { kept } else { 0.0 };
    sum.kept = sum.kept.zip(add.kept).map(|(one, other)| (counted(one) + counted(other)).max(NONE_KEPT));
    sum.time = sum.time.zip(add.time).map(|(one, other)| one + other);
    sum.counted &= add.counted;
}

/// The table that a scan reads; of a partition whose schema is not known the table that its name says.
fn table_of<'a>(node: NodeRef<'_>, knowledge: Knowledge<'a>) -> Option<Table<'a>> {
    let table = Table::named(knowledge, node.schema.as_deref(), node.get().relation_name.as_deref()?);
    match super::partition::whole(node).filter(|_| !table.is_known()) {
        Some(whole) => Some(table.of_partitions(whole)),
        None => Some(table),
    }
}

fn scan<'a>(node: NodeRef<'_>, knowledge: Knowledge<'a>) -> Option<Access<'a>> {
    let table = table_of(node, knowledge)?;
    if !table.takes_indexes() {
        return None;
    }
    let side = Side { table: &table, alias: node.alias.as_deref(), alone: true };
    let mut parts: Vec<Conjunct> = Vec::new();
    for text in found_by(node).into_iter().chain(node.get().filter.as_deref()) {
        for part in conjuncts(&Expression::parse(text), side) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    let (conditions, any, obstacles) = sorted_out(parts);
    let joined: Vec<Condition> = conditions.iter().filter(|condition| condition.joined.is_some()).cloned().collect();
    let conditions: Vec<Condition> = conditions.into_iter().filter(|condition| condition.joined.is_none()).collect();
    let mut joins = join_probes(node, side);
    let conditions = without_partition_bounds(conditions, &table);
    let own = node.loops().unwrap_or(1.0);
    let joins_own = joined.clone();
    if !joined.is_empty() {
        let found = node.total_rows().or(node.plan_rows).unwrap_or(1.0);
        joins.push(Probe { conditions: joined, rows: own.max(1.0), found: found.max(0.5), each: true });
    }
    let order = order(node, side, &conditions);
    let needed = needed(node, side);
    let mut figures = figures(node, &table, &conditions, order.is_some());
    if !joins_own.is_empty() {
        // What it kept, it kept by the join too.
        figures.kept = None;
    }
    let index = used_index(node);
    let span = node.type_span();
    let searched = searched(node, side, &conditions);
    Some(Access {
        span,
        conditions,
        searched,
        policy: Vec::new(),
        any,
        obstacles,
        joins,
        order,
        needed,
        figures,
        index,
        foreign_key: None,
        table,
    })
}

/// A range that ends where partitions do leaves whole partitions out; within those that are left it says nothing.
pub(super) fn without_partition_bounds(conditions: Vec<Condition>, table: &Table<'_>) -> Vec<Condition> {
    let columns = table.partition_columns();
    if columns.is_empty() {
        return conditions;
    }
    let edges = table.partition_edges();
    let only = conditions.iter().all(|condition| matches!(condition.test, Test::Above | Test::Below));
    let is_bound = |condition: &Condition| {
        let range = matches!(condition.test, Test::Above | Test::Below);
        let by_key = range && condition.key.column.as_ref().is_some_and(|column| columns.contains(column));
        // Of a value that is known at run time only nobody can say where it lies.
        by_key && condition.values.first().map_or(!only, |value| edges.iter().any(|edge| is_same_edge(value, edge)))
    };
    conditions.into_iter().filter(|condition| !is_bound(condition)).collect()
}

/// `2025-02-01 00:00:00+00` is `2025-02-01`.
fn is_same_edge(value: &str, edge: &str) -> bool {
    shortest(value) == shortest(edge)
}

/// A time without the zone of Greenwich, and without hours, minutes and seconds that are nought.
fn shortest(time: &str) -> &str {
    let time = time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00")).unwrap_or(time);
    let time = time.strip_suffix("+00").unwrap_or(time);
    let day = time.trim_end_matches(":00");
    day.strip_suffix(" 00").or_else(|| day.strip_suffix("T00")).unwrap_or(time)
}

/// The conditions that an index was searched by, and the rows that it found.
fn searched(node: NodeRef<'_>, side: Side<'_>, conditions: &[Condition]) -> Option<(Vec<Condition>, f64)> {
    let text = found_by(node)?;
    let found = conjuncts(&Expression::parse(text), side);
    let own =
        found.into_iter().filter_map(|one| if let Conjunct::One(condition) = one { Some(condition) } else { None });
    let own: Vec<Condition> = own.filter(|condition| conditions.contains(condition)).collect();
    let read = node.actual_rows? + node.rows_removed_by_filter.unwrap_or(0.0);
    let shared = if is_shared(node) { node.loops().unwrap_or(1.0) / runs(node) } else { 1.0 };
    (!own.is_empty() && !is_stopped(node)).then(|| (own, (read * shared).max(0.5)))
}

type SortedOut = (Vec<Condition>, Vec<Vec<Vec<Condition>>>, Vec<super::condition::Obstacle>);

pub(super) fn sorted_out(parts: Vec<Conjunct>) -> SortedOut {
    let (mut conditions, mut any, mut obstacles) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        match part {
            Conjunct::One(condition) => conditions.push(condition),
            Conjunct::Any(arms) => any.push(arms),
            Conjunct::Unusable(obstacle) => obstacles.push(obstacle),
        }
    }
    (conditions, any, obstacles)
}

/// What an index was searched by.
fn found_by<'p>(node: NodeRef<'p>) -> Option<&'p str> {
    match node.node_type {
        NodeType::BitmapHeapScan => node.get().recheck_cond.as_deref(),
        _ => node.get().index_cond.as_deref(),
    }
}

fn used_index(node: NodeRef<'_>) -> Option<String> {
    let own = node.get().index_name.as_deref();
    let mut bitmaps = node.descendants().filter_map(|below| below.get().index_name.as_deref());
    own.or_else(|| bitmaps.next()).map(str::to_owned)
}

/// Processes' loops of a node as runs of the whole: below Gather each process does its share once.
fn runs(node: NodeRef<'_>) -> f64 {
    let loops = node.loops().unwrap_or(1.0).max(1.0);
    match node.gather() {
        Some(gather) => gather.loops().unwrap_or(1.0).max(1.0),
        None => loops,
    }
}

/// Whether the processes below Gather share the rows of a node.
fn is_shared(node: NodeRef<'_>) -> bool {
    node.gather().is_some() && (node.parallel_aware || node.descendants().any(|below| below.parallel_aware))
}

/// Processes among which the planner divides the rows of a node; the leader does less the more workers there are.
fn sharers(node: NodeRef<'_>) -> f64 {
    let workers =
        node.gather().filter(|_| is_shared(node)).and_then(|gather| gather.workers_planned).unwrap_or(0) as f64;
    workers + if workers > 0.0 { (1.0 - 0.3 * workers).max(0.0) } else { 1.0 }
}

/// Rows that a node gave in one run, over all processes.
fn rows_out(node: NodeRef<'_>) -> f64 {
    let rows = match node.actual_rows {
        Some(rows) if is_shared(node) => rows * node.loops().unwrap_or(1.0) / runs(node),
        Some(rows) if node.gather().is_some() => rows,
        Some(rows) => rows * node.loops().unwrap_or(1.0),
        None => node.plan_rows.unwrap_or(1.0),
    };
    // Averages are rounded, and few rows over several processes to nothing.
    if rows < 0.5 { 0.5 } else { rows }
}

fn figures(node: NodeRef<'_>, table: &Table<'_>, conditions: &[Condition], ordered: bool) -> Figures {
    let analyzed = node.loops().is_some();
    let is_whole = node.node_type == NodeType::SeqScan;
    let filter = node.get().filter.is_some() || found_by(node).is_some();
    let runs = runs(node);
    let shared = if is_shared(node) { node.loops().unwrap_or(1.0) / runs } else { 1.0 };
    let kept = node.actual_rows.map(|rows| rows * shared);
    let removed = node.rows_removed_by_filter.unwrap_or(0.0) * shared;
    let read = kept.map(|kept| kept + removed);
    let stopped = is_stopped(node);
    let counted = is_whole && analyzed && !stopped;
    let blocks = node.get().buffers.as_ref().map(|buffers| buffers.touched() as f64);
    let width = table_width(node, table);
    let known = table.rows();
    let rows = match (counted, read, known) {
        (true, Some(read), _) => read,
        (_, _, Some(known)) => known,
        (_, read, None) if !filter => read.or(node.plan_rows).unwrap_or(0.0),
        (_, read, None) => read.unwrap_or(0.0).max(unknown_rows(node, is_whole)).max(read.unwrap_or(0.0) * 2.0),
    };
    let measured = blocks.filter(|_| counted).map(|blocks| blocks / runs);
    let pages = measured.or(table.pages()).unwrap_or((rows * width / 8192.0).ceil()).max(1.0);
    let time = node.exclusive_time().map(|time| time * if node.gather().is_some() { shared.max(1.0) } else { 1.0 });
    let plain = conditions.is_empty() && !filter;
    let kept_of_all = match (counted, analyzed) {
        (true, _) if !plain => kept.map(|kept| kept.max(NONE_KEPT)),
        // What a scan saw before it was stopped stands for the rest.
        (_, true) if stopped && removed >= 1000.0 => kept.map(|kept| (rows * kept / (kept + removed)).max(NONE_KEPT)),
        (_, true) => kept.filter(|_| !stopped && !is_whole),
        // The planner's own estimate.
        (_, false) => {
            node.plan_rows.filter(|_| is_whole && !plain && !stopped).map(|rows| (rows * sharers(node)).max(NONE_KEPT))
        }
    };
    Figures {
        rows: rows.max(1.0),
        counted,
        pages,
        kept: kept_of_all,
        blocks: blocks.unwrap_or(if is_whole { pages * runs } else { read.unwrap_or(10.0) * runs }),
        time,
        runs,
        sorted: if ordered { sorted_rows(node) } else { 0.0 },
        analyzed,
    }
}

/// Whether a LIMIT ended the scan early, so that it did not see all rows.
fn is_stopped(node: NodeRef<'_>) -> bool {
    feeds_limit(node).is_some_and(|limit| match (limit.plan_rows, limit.actual_rows) {
        (Some(planned), Some(actual)) => actual >= planned,
        _ => true,
    })
}

/// The rows of a table of which only a part was seen: by the cost of reading all of it, else many.
fn unknown_rows(node: NodeRef<'_>, is_whole: bool) -> f64 {
    let seen = node.actual_rows.or(node.plan_rows).unwrap_or(1.0);
    match node.total_cost.filter(|_| is_whole) {
        // A row costs 0.0125, and about 80 of them share a page that costs 1.
        Some(cost) => (cost / 0.025).max(seen),
        None => (seen * 20.0).max(50_000.0),
    }
}

fn table_width(node: NodeRef<'_>, table: &Table<'_>) -> f64 {
    let columns: f64 = table.columns().map(|column| table.width(&column.name)).sum();
    if columns > 0.0 { columns + 28.0 } else { node.plan_width.unwrap_or(60.0).max(20.0) + 28.0 }
}

fn sorted_rows(node: NodeRef<'_>) -> f64 {
    let sort = node.ancestors().find(|above| matches!(above.node_type, NodeType::Sort | NodeType::IncrementalSort));
    sort.and_then(NodeRef::outer).map_or(0.0, rows_out)
}

/// The joins above that could look this table's rows up one by one.
fn join_probes(node: NodeRef<'_>, side: Side<'_>) -> Vec<Probe> {
    let mut probes = Vec::new();
    let mut below = node;
    for above in node.ancestors() {
        if matches!(above.node_type, NodeType::Limit | NodeType::Aggregate | NodeType::WindowAgg | NodeType::CteScan) {
            break;
        }
        if above.is_join() {
            probes.extend(probe(above, below, side));
        }
        below = above;
    }
    probes
}

fn probe(join: NodeRef<'_>, below: NodeRef<'_>, side: Side<'_>) -> Option<Probe> {
    let is_inner = join.inner().is_some_and(|inner| inner.id() == below.id());
    let kind = join.join_type.as_deref().unwrap_or("Inner");
    // The side whose rows are all kept cannot be looked up by those of the other.
    let may = match kind {
        "Inner" => true,
        "Left" | "Semi" | "Anti" => is_inner,
        "Right" | "Right Anti" | "Right Semi" => !is_inner,
        _ => false,
    };
    let other = if is_inner { join.outer()? } else { join.inner()? };
    if !may || below.parent_relationship.is_none() {
        return None;
    }
    let side = Side { alone: false, ..side };
    let texts = [&join.get().hash_cond, &join.get().merge_cond, &join.get().join_filter];
    let mut conditions = Vec::new();
    for text in texts.into_iter().flatten() {
        for part in conjuncts(&Expression::parse(text), side) {
            match part {
                Conjunct::One(condition) if condition.test == Test::Equal && condition.joined.is_some() => {
                    conditions.push(condition);
                }
                _ => {}
            }
        }
    }
    let found = if matches!(kind, "Anti" | "Right Anti") { rows_out(other) } else { rows_out(join) };
    (!conditions.is_empty()).then(|| Probe { conditions, rows: rows_out(other), found, each: false })
}

/// The order that the rows of a scan are brought into, through nodes that keep them in order.
fn order(node: NodeRef<'_>, side: Side<'_>, conditions: &[Condition]) -> Option<Order> {
    use NodeType::{
        Aggregate, Append, Gather, GatherMerge, HashJoin, IncrementalSort, Limit, LockRows, MergeAppend, NestedLoop,
        Result, Sort, SubqueryScan,
    };
    let mut below = node;
    let mut joined = false;
    for above in node.ancestors().take(12) {
        match above.node_type {
            Sort | IncrementalSort => return sort_order(above, side).filter(|order| !joined || order.limit.is_some()),
            Aggregate => return extremum(above, side),
            Limit => return index_order(node, above, side, conditions),
            NestedLoop if above.outer().is_some_and(|outer| outer.id() == below.id()) => {}
            HashJoin if is_looked_up(above, below) => joined = true,
            Append | Gather | GatherMerge | LockRows | MergeAppend | Result | SubqueryScan => {}
            _ => return None,
        }
        below = above;
    }
    None
}

/// A join that adds at most one row of another table, by its key: where few rows are wanted they can be looked up
/// one by one, in the order of this side.
fn is_looked_up(join: NodeRef<'_>, below: NodeRef<'_>) -> bool {
    let is_outer = join.outer().is_some_and(|outer| outer.id() == below.id());
    let keeps = matches!(join.join_type.as_deref(), None | Some("Inner" | "Left"));
    is_outer && keeps && join.inner_unique
}

fn sort_order(sort: NodeRef<'_>, side: Side<'_>) -> Option<Order> {
    let mut keys = Vec::new();
    for text in &sort.get().sort_key {
        let sort = SortKey::parse(text);
        let key = key(&sort.expression, side).ok()?;
        let nulls_first = sort.nulls_first.unwrap_or(sort.descending);
        keys.push(OrderKey { key, descending: sort.descending, nulls_first });
    }
    let limit = feeds_limit(sort).and_then(|limit| limit.actual_rows.or(limit.plan_rows));
    let limit = limit.map(|rows| rows.max(1.0));
    (!keys.is_empty()).then_some(Order { keys, limit })
}

/// `max(created_at)` is the first row from the end.
fn extremum(aggregate: NodeRef<'_>, side: Side<'_>) -> Option<Order> {
    if !aggregate.get().group_key.is_empty() || aggregate.get().output.len() != 1 {
        return None;
    }
    let output = aggregate.get().output[0].as_ref();
    // Of the workers, or of the partitions, each finds its own.
    let output = output.strip_prefix("(PARTIAL ").and_then(|text| text.strip_suffix(')')).unwrap_or(output);
    let output = output.strip_prefix("PARTIAL ").unwrap_or(output);
    let Expression::Call { name, arguments } = Expression::parse(output) else { return None };
    let descending = match &*name {
        "max" => true,
        "min" => false,
        _ => return None,
    };
    let [argument] = arguments.as_slice() else { return None };
    let key = key(argument, side).ok().filter(|key| key.column.is_some())?;
    // An index gives NULLs at one end; the server skips them.
    Some(Order { keys: vec![OrderKey { key, descending, nulls_first: descending }], limit: Some(1.0) })
}

/// The order that an index gave to a LIMIT, while a filter threw most of its rows away.
fn index_order(node: NodeRef<'_>, limit: NodeRef<'_>, side: Side<'_>, conditions: &[Condition]) -> Option<Order> {
    if node.node_type != NodeType::IndexScan && node.node_type != NodeType::IndexOnlyScan {
        return None;
    }
    let used = node.get().index_name.as_deref()?;
    let index = side.table.indexes().into_iter().find(|index| index.name().as_str() == used)?;
    let index = Candidate::of_index(side.table, index);
    let backward = node.get().scan_direction.as_deref() == Some("Backward");
    let fixed = |sql: &str| conditions.iter().any(|condition| condition.fixes() && condition.key.sql == sql);
    let keys = index.keys.iter().skip_while(|key| fixed(&key.key.sql)).take(1).map(|key| OrderKey {
        key: key.key.clone(),
        descending: key.descending != backward,
        nulls_first: key.nulls_first != backward,
    });
    let keys: Vec<OrderKey> = keys.collect();
    let rows = limit.actual_rows.or(limit.plan_rows).unwrap_or(1.0).max(1.0);
    (!keys.is_empty()).then_some(Order { keys, limit: Some(rows) })
}

/// The columns of the table that are needed above the scan; `None` where the plan does not say.
fn needed(node: NodeRef<'_>, side: Side<'_>) -> Option<Vec<String>> {
    let root = node.plan().root();
    let printed = |above: NodeRef<'_>| !above.get().output.is_empty();
    if matches!(root.node_type, NodeType::ModifyTable) || !printed(root) {
        return None;
    }
    let alone = node.plan().nodes().filter(|other| other.get().relation_name.is_some()).count() == 1;
    let side = Side { alone: alone && side.alone, ..side };
    let mut texts: Vec<&str> = root.get().output.iter().map(|text| &**text).collect();
    for above in node.ancestors() {
        let makes = matches!(
            above.node_type,
            NodeType::Aggregate
                | NodeType::WindowAgg
                | NodeType::Result
                | NodeType::ProjectSet
                | NodeType::SubqueryScan
        );
        let node = above.get();
        texts.extend(node.output.iter().filter(|_| makes).map(|text| &**text));
        let conditions = [&node.filter, &node.hash_cond, &node.merge_cond, &node.join_filter];
        texts.extend(conditions.into_iter().flatten().map(|text| &**text));
        texts.extend(node.sort_key.iter().chain(&node.group_key).map(|text| &**text));
    }
    let mut columns: Vec<String> = Vec::new();
    for text in texts {
        let expression = Expression::parse(text.strip_prefix("PARTIAL ").unwrap_or(text));
        let expressions = expression.all();
        if expressions.contains(&&Expression::Opaque) {
            return None;
        }
        let own = expression.columns().into_iter().filter(|(table, _)| side.owns(*table));
        columns.extend(own.map(|(_, name)| name.to_owned()));
    }
    columns.sort_unstable();
    columns.dedup();
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::is_same_edge;

    #[test]
    fn an_edge_is_the_same_however_it_is_written() {
        for value in ["2025-02-01", "2025-02-01 00:00:00+00", "2025-02-01 00:00+00", "2025-02-01T00:00:00Z"] {
            assert!(is_same_edge(value, "2025-02-01"), "{value}");
            assert!(is_same_edge("2025-02-01 00:00+00", value), "{value}");
        }
        assert!(is_same_edge("700", "700"));
        for value in ["2025-02-01 10:00:00+00", "2025-02-02", "2025-02-01 00:00:00+02", "2025-02-01 00:30"] {
            assert!(!is_same_edge(value, "2025-02-01"), "{value}");
        }
    }
}
