//! A captured plan: one arena of nodes in document order, and what stands around them.

use std::ops::Deref;

use crate::source::{FileId, Span};

use super::exclusive::Exclusive;
use super::key::Key;
use super::node::{Buffers, Extra, Node, Text};

/// A node of one plan; 0 is the root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The root.
    pub const ROOT: NodeId = NodeId(0);
}

/// How a plan was printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// FORMAT JSON.
    Json,
    /// FORMAT TEXT.
    Text,
    /// FORMAT YAML.
    Yaml,
    /// FORMAT XML.
    Xml,
}

/// The plan of one statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The file it was read from.
    pub file: FileId,
    /// All of it.
    pub span: Span,
    /// How it was printed.
    pub format: Format,
    /// What was planned, where it is known.
    pub query: Option<Query>,
    /// The log entry it came from.
    pub log: Option<LogEntry>,
    /// ms.
    pub planning_time: Option<f64>,
    /// ms, triggers included; up to 9.3 `Total Runtime`.
    pub execution_time: Option<f64>,
    /// Blocks that planning touched (13).
    pub planning_buffers: Option<Box<Buffers>>,
    /// kB that planning used (MEMORY, 17).
    pub planning_memory_used: Option<u64>,
    /// kB that planning took (MEMORY, 17).
    pub planning_memory_allocated: Option<u64>,
    /// Planner settings that differ from the built-in default, as printed (SETTINGS, 12).
    pub settings: Vec<(Text, Text)>,
    /// compute_query_id's number (VERBOSE, 14).
    pub query_identifier: Option<i64>,
    /// Triggers that fired; their time is in no node (before 18's AFTER triggers and foreign keys).
    pub triggers: Vec<Trigger>,
    /// Just-in-time compilation.
    pub jit: Option<Box<Jit>>,
    /// What turning rows into text took (SERIALIZE, 17).
    pub serialization: Option<Box<Serialization>>,
    /// Keys that no server of the community prints, with their values' places.
    pub extra: Vec<Extra>,
    pub(super) nodes: Vec<Node>,
    pub(super) keys: Vec<KeySpan>,
    pub(super) exclusive: Exclusive,
    pub(super) facts: Facts,
}

/// What is asked of the whole plan often enough to be known beforehand.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Facts {
    /// The most processes that worked on a part of the plan.
    pub(super) processes: f64,
    /// Nodes that take memory up to work_mem.
    pub(super) memory_operations: f64,
    /// A key was printed that servers print since 15.
    pub(super) since_15: bool,
}

/// Where a key and its value stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct KeySpan {
    pub(super) key: Key,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A statement's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// As written.
    pub text: Text,
    /// Where: in the capture, or in the file beside it.
    pub span: Span,
    /// `Query Parameters` of auto_explain (16), as printed.
    pub parameters: Option<Text>,
}

/// What a server log says of a plan.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct LogEntry {
    /// The time stamp as printed; empty where the prefix has none.
    pub timestamp: Text,
    /// The process, session or line prefix that tells one connection from another; empty where there is none.
    pub session: Text,
    /// ms that the whole statement took.
    pub duration: f64,
}

/// A trigger that fired.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Trigger {
    /// Where its time stands.
    pub span: Option<Span>,
    /// tgname; `RI_ConstraintTrigger_…` for a foreign key.
    pub name: Text,
    /// The constraint it checks.
    pub constraint_name: Option<Text>,
    /// The table.
    pub relation: Option<Text>,
    /// ms, all calls; absent with TIMING OFF.
    pub time: Option<f64>,
    /// How often it ran.
    pub calls: f64,
}

/// Just-in-time compilation of a whole statement. Times in ms, the sum over all processes.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Jit {
    /// Where its time stands.
    pub span: Option<Span>,
    /// Functions made.
    pub functions: u64,
    /// Whether functions were inlined.
    pub inlining: bool,
    /// Whether the code was optimized.
    pub optimization: bool,
    /// Time to make the code.
    pub generation_time: f64,
    /// Part of it for tuple deforming (17).
    pub deform_time: f64,
    /// Time to inline.
    pub inlining_time: f64,
    /// Time to optimize.
    pub optimization_time: f64,
    /// Time to emit machine code.
    pub emission_time: f64,
    /// All of it; absent without ANALYZE.
    pub total_time: Option<f64>,
}

/// What turning rows into text took (17).
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Serialization {
    /// ms.
    pub time: Option<f64>,
    /// kB.
    pub output_volume: u64,
    /// text or binary.
    pub format: Option<Text>,
    /// Blocks, of TOAST mostly.
    pub buffers: Option<Box<Buffers>>,
}

impl Plan {
    /// The topmost node. A plan has at least one: the readers make no other.
    pub fn root(&self) -> NodeRef<'_> {
        self.node(NodeId::ROOT)
    }

    /// The node of an id that this plan gave out.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { plan: self, id }
    }

    /// All nodes, each before those below it.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeRef<'_>> + ExactSizeIterator {
        (0..self.nodes.len() as u32).map(|id| self.node(NodeId(id)))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node; never so for what the readers return.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether the statement was run (ANALYZE).
    pub fn is_analyzed(&self) -> bool {
        self.nodes.first().is_some_and(|root| root.actual_loops.is_some())
    }

    /// Whether it was run with TIMING.
    pub fn has_timing(&self) -> bool {
        self.nodes.first().is_some_and(|root| root.actual_total_time.is_some())
    }

    /// Whether blocks were counted (BUFFERS).
    pub fn has_buffers(&self) -> bool {
        self.nodes.iter().any(|node| node.buffers.is_some())
    }

    /// ms that the whole took, planning left out: Execution Time, or else the root's time.
    pub fn total_time(&self) -> Option<f64> {
        let root = self.nodes.first().and_then(|root| Some(root.actual_total_time? * root.actual_loops?));
        match (self.execution_time, root) {
            (Some(execution), Some(root)) => Some(execution.max(root)),
            (execution, root) => execution.or(root),
        }
    }

    /// ms that triggers took; part of Execution Time.
    pub fn trigger_time(&self) -> f64 {
        self.triggers.iter().filter_map(|trigger| trigger.time).sum()
    }

    /// The most processes that worked on a part of the plan: workers and the one that was asked.
    pub fn processes(&self) -> f64 {
        self.facts.processes
    }

    /// The value of a planner setting that differs from the built-in default.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(setting, _)| &**setting == name).map(|(_, value)| &**value)
    }
}

/// A node with the plan around it.
#[derive(Clone, Copy)]
pub struct NodeRef<'a> {
    plan: &'a Plan,
    id: NodeId,
}

impl Deref for NodeRef<'_> {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.get()
    }
}

impl<'a> NodeRef<'a> {
    /// The node, for as long as the plan lives.
    pub fn get(self) -> &'a Node {
        &self.plan.nodes[self.id.0 as usize]
    }

    /// Its id.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Its plan.
    pub fn plan(self) -> &'a Plan {
        self.plan
    }

    /// The node above.
    pub fn parent(self) -> Option<NodeRef<'a>> {
        self.get().parent.map(|id| self.plan.node(id))
    }

    /// The nodes above, nearest first.
    pub fn ancestors(self) -> impl Iterator<Item = NodeRef<'a>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// The nodes directly below, InitPlans and SubPlans among them.
    pub fn children(self) -> impl Iterator<Item = NodeRef<'a>> {
        let end = self.get().end;
        let next = move |id: NodeId| (id < end).then(|| self.plan.node(id));
        std::iter::successors(next(NodeId(self.id.0 + 1)), move |child| next(child.get().end))
    }

    /// All nodes below, each before those below it.
    pub fn descendants(self) -> impl Iterator<Item = NodeRef<'a>> {
        (self.id.0 + 1..self.get().end.0).map(move |id| self.plan.node(NodeId(id)))
    }

    /// Whether `other` is this node or below it.
    pub fn contains(self, other: NodeId) -> bool {
        self.id <= other && other < self.get().end
    }

    /// The inputs: the nodes directly below that are neither InitPlan nor SubPlan.
    pub fn inputs(self) -> impl Iterator<Item = NodeRef<'a>> {
        use super::node::ParentRelationship::{InitPlan, SubPlan};
        self.children().filter(|child| !matches!(child.parent_relationship, Some(InitPlan | SubPlan)))
    }

    /// A join's second input, any other node's first one being `outer`.
    pub fn inner(self) -> Option<NodeRef<'a>> {
        self.inputs().nth(1)
    }

    /// The first input.
    pub fn outer(self) -> Option<NodeRef<'a>> {
        self.inputs().next()
    }

    /// Where the key and its value stand, `"Filter": "(a = 1)"`; `None` where the key was not printed.
    pub fn key_span(self, key: Key) -> Option<Span> {
        let node = self.get();
        let keys = &self.plan.keys[node.keys.start as usize..node.keys.end as usize];
        let found = keys.iter().find(|printed| printed.key == key)?;
        Some(Span::new(self.plan.file, found.start, found.end))
    }

    /// Where its type stands, `"Node Type": "Seq Scan"`.
    pub fn type_span(self) -> Span {
        self.key_span(Key::NodeType).unwrap_or(self.get().span)
    }

    /// ms that this node took with all below it, as wall time: below Gather the processes' time is divided by their
    /// number. What a CTE or InitPlan took is in the node that ran it first. `None` without times.
    pub fn inclusive_time(self) -> Option<f64> {
        self.plan.exclusive.inclusive_time(self.id)
    }

    /// ms that this node took without those below it, as wall time; never negative, and the sum over all nodes is the
    /// root's time (with what data-modifying CTEs took after the root was done). `None` without times.
    pub fn exclusive_time(self) -> Option<f64> {
        self.plan.exclusive.time(self.id)
    }

    /// Blocks that this node touched without those below it. `None` without BUFFERS.
    pub fn exclusive_buffers(self) -> Option<Buffers> {
        self.plan.exclusive.buffers(&self.plan.nodes, self.id)
    }

    /// The part of the plan's whole time that this node took itself, from 0 to 1. `None` without times.
    pub fn time_share(self) -> Option<f64> {
        share(self.exclusive_time()?, self.plan.total_time()?)
    }

    /// The part of the plan's whole time that this node and those below it took, from 0 to 1. `None` without times.
    pub fn inclusive_share(self) -> Option<f64> {
        share(self.inclusive_time()?, self.plan.total_time()?)
    }

    /// The partitioned table that this node scans a partition of, by the alias: it is the table's with a number.
    pub fn partitioned_name(self) -> Option<&'a str> {
        super::context::partitioned_name(self)
    }

    /// The Gather (Merge) whose workers run this node.
    pub fn gather(self) -> Option<NodeRef<'a>> {
        self.plan.exclusive.gather(self.id).map(|id| self.plan.node(id))
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole).clamp(0.0, 1.0))
}
