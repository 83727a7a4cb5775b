//! Which node of one plan does the work of which node of the other.
//!
//! Plans of one query differ in the order of their joins and in how a table is read, so places in the tree say little.
//! What a node works on stays: the tables below it, and whether it reads, joins, sorts or groups them.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::capture::{NodeId, NodeRef, NodeType, Plan};

/// The nodes of two plans beside each other, in the order of the second; those that have no counterpart are alone.
pub type Aligned = Vec<(Option<NodeId>, Option<NodeId>)>;

/// Aligns two plans of one query.
pub fn align(before: &Plan, after: &Plan) -> Aligned {
    let one = Works::of(before);
    let other = Works::of(after);
    let mut partner: Vec<Option<NodeId>> = vec![None; after.len()];
    let mut taken = vec![false; before.len()];
    // With the names that the query gives its tables first: a table that is joined with itself is read twice.
    for exact in [true, false] {
        let mut free: FxHashMap<u64, Vec<NodeId>> = FxHashMap::default();
        for node in before.nodes().rev().filter(|node| !taken[node.id().0 as usize]) {
            free.entry(one.key(node, exact)).or_default().push(node.id());
        }
        for node in after.nodes() {
            let place = &mut partner[node.id().0 as usize];
            if place.is_none() {
                *place = free.get_mut(&other.key(node, exact)).and_then(Vec::pop);
                taken[place.map_or(0, |id| id.0 as usize)] |= place.is_some();
            }
        }
    }
    let mut aligned: Aligned =
        partner.into_iter().zip(after.nodes()).map(|(one, node)| (one, Some(node.id()))).collect();
    let gone = before.nodes().filter(|node| !taken[node.id().0 as usize]);
    aligned.extend(gone.map(|node| (Some(node.id()), None)));
    aligned
}

/// What a node does with what is below it, whatever way it goes about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Read,
    Find,
    Join,
    Sort,
    Group,
    Stop,
    Collect,
    Change,
    Append,
    /// Serves the node above in its own way.
    Help(std::mem::Discriminant<NodeType>),
}

fn class(node: NodeRef<'_>) -> Class {
    use NodeType::{
        Aggregate, Append, BitmapAnd, BitmapHeapScan, BitmapIndexScan, BitmapOr, CteScan, ForeignScan, FunctionScan,
        Gather, GatherMerge, Group, HashJoin, IncrementalSort, IndexOnlyScan, IndexScan, Limit, MergeAppend, MergeJoin,
        ModifyTable, NestedLoop, SampleScan, SeqScan, Sort, TidRangeScan, TidScan, Unique,
    };
    match node.node_type {
        SeqScan | IndexScan | IndexOnlyScan | BitmapHeapScan | TidScan | TidRangeScan | SampleScan | ForeignScan
        | FunctionScan | CteScan => Class::Read,
        BitmapIndexScan | BitmapAnd | BitmapOr => Class::Find,
        NestedLoop | HashJoin | MergeJoin => Class::Join,
        Sort | IncrementalSort => Class::Sort,
        Aggregate | Group | Unique => Class::Group,
        Limit => Class::Stop,
        Gather | GatherMerge => Class::Collect,
        ModifyTable => Class::Change,
        Append | MergeAppend => Class::Append,
        _ => Class::Help(std::mem::discriminant(&node.get().node_type)),
    }
}

/// For each node the set of tables below it, as bits that their names fall on.
struct Works {
    named: Vec<u128>,
    aliased: Vec<u128>,
}

impl Works {
    fn of(plan: &Plan) -> Works {
        let mut works = Works { named: vec![0; plan.len()], aliased: vec![0; plan.len()] };
        for node in plan.nodes().rev() {
            let at = node.id().0 as usize;
            let (named, aliased) = own(node);
            works.named[at] |= named;
            works.aliased[at] |= aliased;
            if let Some(parent) = node.parent() {
                works.named[parent.id().0 as usize] |= works.named[at];
                works.aliased[parent.id().0 as usize] |= works.aliased[at];
            }
        }
        works
    }

    fn key(&self, node: NodeRef<'_>, exact: bool) -> u64 {
        let at = node.id().0 as usize;
        let mut hasher = FxHasher::default();
        class(node).hash(&mut hasher);
        self.named[at].hash(&mut hasher);
        if exact {
            self.aliased[at].hash(&mut hasher);
            node.get().subplan_name.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// The bits of what a node reads itself, by the table's name and with the name the query gives it.
fn own(node: NodeRef<'_>) -> (u128, u128) {
    let of = node.get();
    let table = node.partitioned_name().or(of.relation_name.as_deref());
    let Some(name) = table.or(of.cte_name.as_deref()).or(of.function_name.as_deref()) else { return (0, 0) };
    let alias = if node.partitioned_name().is_some() { None } else { of.alias.as_deref() };
    (bits(&name), bits(&(name, alias)))
}

/// Three of the 128 bits: few enough for sets of many tables, enough to tell sets apart.
fn bits(name: &impl Hash) -> u128 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    let hash = hasher.finish();
    (1 << (hash >> 57)) | (1 << ((hash >> 40) & 127)) | (1 << ((hash >> 23) & 127))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::tests::plans;

    fn plan(text: &str) -> Plan {
        let node = |line: &str| line.replace('\'', "\"");
        plans(&format!("[{{\"Plan\": {}}}]", node(text))).remove(0)
    }

    #[test]
    fn nodes_are_aligned_by_what_they_work_on() {
        let scan = |kind: &str, table: &str| {
            format!("{{'Node Type': '{kind}', 'Relation Name': '{table}', 'Alias': '{table}'}}")
        };
        let before = plan(&format!(
            "{{'Node Type': 'Hash Join', 'Plans': [{}, {{'Node Type': 'Hash', 'Plans': [{}]}}]}}",
            scan("Seq Scan", "orders"),
            scan("Seq Scan", "customers")
        ));
        let after = plan(&format!(
            "{{'Node Type': 'Nested Loop', 'Plans': [{}, {}]}}",
            scan("Seq Scan", "customers"),
            scan("Index Scan", "orders")
        ));
        let aligned = align(&before, &after);
        let titles: Vec<(String, String)> = aligned
            .iter()
            .map(|(one, other)| {
                let title = |plan: &Plan, id: &Option<NodeId>| id.map_or("-".to_owned(), |id| plan.node(id).title());
                (title(&before, one), title(&after, other))
            })
            .collect();
        let pairs: Vec<String> = titles.into_iter().map(|(one, other)| format!("{one} > {other}")).collect();
        assert_eq!(
            pairs,
            [
                "Hash Join > Nested Loop",
                "Seq Scan on customers > Seq Scan on customers",
                "Seq Scan on orders > Index Scan using - on orders".replace(" using -", "").as_str(),
                "Hash > -"
            ]
        );
    }
}
