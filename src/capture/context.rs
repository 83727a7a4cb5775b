//! What plan rules share: whether a node is worth a word, what it is called, where its table was made.

use crate::catalog::{NameKey, NameSpace, ObjectId, Relation, Tag};
use crate::finding::Finding;
use crate::rule::PlanContext;
use crate::syntax::Name;

use super::figures;
use super::node::{Node, NodeType};
use super::plan::NodeRef;

impl<'a> PlanContext<'a> {
    /// Whether a node takes enough of the plan's time itself to be worth a word. Without times it is judged by its
    /// figures alone.
    pub fn matters(&self, node: NodeRef<'_>) -> bool {
        self.is_worth(node.exclusive_time())
    }

    /// The same of a node with all below it.
    pub fn matters_with_inputs(&self, node: NodeRef<'_>) -> bool {
        self.is_worth(node.inclusive_time())
    }

    /// Whether a time is worth a word in this plan; `None` without times.
    pub fn is_worth(&self, time: Option<f64>) -> bool {
        let (Some(time), Some(total)) = (time, self.plan.total_time()) else { return true };
        time >= self.settings.min_time && time >= self.settings.min_share * total
    }

    /// `96 % of 84.1 ms, 5,530 blocks`: what a node costs itself.
    pub fn cost(&self, node: NodeRef<'_>) -> String {
        self.cost_of(node.exclusive_time(), node.exclusive_buffers().map(|buffers| buffers.touched()))
    }

    /// What a node costs with all below it.
    pub fn cost_with_inputs(&self, node: NodeRef<'_>) -> String {
        self.cost_of(node.inclusive_time(), node.get().buffers.as_ref().map(|buffers| buffers.touched()))
    }

    /// `96 % of 84.1 ms, 5,530 blocks`, as far as it is known.
    pub fn cost_of(&self, time: Option<f64>, blocks: Option<u64>) -> String {
        let mut parts = Vec::new();
        if let (Some(time), Some(total)) = (time, self.plan.total_time().filter(|total| *total > 0.0)) {
            parts.push(format!("{} of {}", figures::percent(time / total), figures::time(total)));
        }
        if let Some(blocks) = blocks.filter(|blocks| *blocks > 0) {
            parts.push(figures::plural(blocks as f64, "block"));
        }
        parts.join(", ")
    }

    /// The table, materialized view or foreign table that a node reads or changes, by its name. A name without
    /// schema is looked for in `public` first; elsewhere only where there is no other of that name.
    pub fn relation_of(&self, node: NodeRef<'_>) -> Option<ObjectId> {
        let node = table_node(node)?;
        self.relation_named(node.schema.as_deref(), node.get().relation_name.as_deref()?)
    }

    /// The relation of this name, as [`PlanContext::relation_of`] finds it.
    pub fn relation_named(&self, schema: Option<&str>, name: &str) -> Option<ObjectId> {
        let name = Name::from(name);
        let within = |schema: &str| {
            let schema = self.catalog.schema(Name::from(schema))?;
            self.catalog.relation_in(schema, name)
        };
        match schema {
            Some(schema) => within(schema),
            None => within("public").or_else(|| self.only_relation(name)),
        }
    }

    fn only_relation(&self, name: Name) -> Option<ObjectId> {
        let schemas = self.catalog.objects().filter(|(_, object)| object.tag() == Tag::Schema);
        let named = schemas.flat_map(|(schema, _)| {
            self.catalog.named(NameKey { space: NameSpace::Relation, parent: Some(schema), name })
        });
        let mut named = named.copied();
        named.next().filter(|_| named.next().is_none())
    }

    /// The replayed relation that a node reads or changes.
    pub fn table(&self, node: NodeRef<'_>) -> Option<(ObjectId, &'a Relation)> {
        let id = self.relation_of(node)?;
        Some((id, self.catalog.get(id)?.as_relation()?))
    }

    /// Adds the place where a node's table was made.
    pub fn also_table(&self, finding: &mut Finding, node: NodeRef<'_>, message: &str) {
        if let Some(object) = self.relation_of(node).and_then(|id| self.catalog.get(id)) {
            finding.also(object.span, message);
        }
    }
}

/// The node that names the table which this node reads: a Bitmap Index Scan does not.
fn table_node(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    if node.get().relation_name.is_some() {
        return Some(node);
    }
    if !matches!(node.node_type, NodeType::BitmapIndexScan | NodeType::BitmapAnd | NodeType::BitmapOr) {
        return None;
    }
    node.ancestors().take(8).find(|above| above.node_type == NodeType::BitmapHeapScan)
}

/// What a node works on, as people call it: `orders`, `audit.orders`, or the node's own name.
pub fn name_of(node: NodeRef<'_>) -> String {
    let Some(named) = table_node(node) else { return unnamed(node.get()) };
    let relation = named.get().relation_name.as_deref().unwrap_or_default();
    match named.schema.as_deref() {
        Some(schema) if schema != "public" => format!("{schema}.{relation}"),
        _ => relation.to_owned(),
    }
}

fn unnamed(node: &Node) -> String {
    let own = node.cte_name.as_deref().or(node.function_name.as_deref()).or(node.alias.as_deref());
    own.map_or_else(|| node.node_type.name().to_owned(), str::to_owned)
}

/// The indexes that a scan or a bitmap reads, and what they find by.
pub struct IndexConditions<'a> {
    /// Names, each once.
    pub names: Vec<&'a str>,
    /// Conditions as printed.
    pub conditions: Vec<&'a str>,
}

/// The indexes that a scan, or a bitmap with all below it, reads.
pub fn index_conditions(node: NodeRef<'_>) -> IndexConditions<'_> {
    let mut found = IndexConditions { names: Vec::new(), conditions: Vec::new() };
    let bitmaps = node.descendants().filter(|below| below.node_type == NodeType::BitmapIndexScan);
    for scan in std::iter::once(node).chain(bitmaps).map(NodeRef::get) {
        let name = scan.index_name.as_deref().filter(|name| !found.names.contains(name));
        found.names.extend(name);
        found.conditions.extend(scan.index_cond.as_deref());
    }
    found
}

/// The Limit that a node's rows go to in their order, through nodes that keep it and stop when they are told to.
pub fn feeds_limit(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    use NodeType::{
        Append, GatherMerge, LockRows, Memoize, MergeAppend, NestedLoop, ProjectSet, Result, SubqueryScan, Unique,
    };
    let mut below = node;
    for above in node.ancestors().take(12) {
        match above.node_type {
            NodeType::Limit => return Some(above),
            NestedLoop if above.outer().is_some_and(|outer| outer.id() == below.id()) => {}
            Append | GatherMerge | LockRows | Memoize | MergeAppend | ProjectSet | Result | SubqueryScan | Unique => {}
            _ => return None,
        }
        below = above;
    }
    None
}

/// The alias of a partition is the partitioned table's with a number behind it.
pub(super) fn partitioned_name<'a>(node: NodeRef<'a>) -> Option<&'a str> {
    let above =
        node.ancestors().take(3).find(|above| matches!(above.node_type, NodeType::Append | NodeType::MergeAppend));
    above?;
    let (alias, relation) = (node.get().alias.as_deref()?, node.get().relation_name.as_deref()?);
    let (base, number) = alias.rsplit_once('_')?;
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && alias != relation && relation.starts_with(base)).then_some(base)
}
