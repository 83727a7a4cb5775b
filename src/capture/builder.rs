//! Makes plans out of the events of a document, whatever the document's format.
//!
//! What stands around a plan does not matter: rows of a driver, a response of an API, a log entry. Any object with a
//! `Plan` is a planned statement; strings outside of plans are kept, since they may hold one.

use crate::source::{FileId, Span};

use super::exclusive::Exclusive;
use super::json::{Scalar, Sink};
use super::key::Key;
use super::memory;
use super::node::{Extra, Node, NodeType, ParentRelationship, TargetTable, Text, Worker};
use super::plan::{Facts, Format, Jit, KeySpan, NodeId, Plan, Query, Serialization, Trigger};
use super::slots::{self, Slot};
use super::unframe::Places;

/// A string outside of any plan.
pub(super) struct Loose {
    /// Its key; empty in an array.
    pub(super) key: Text,
    /// Which object it stands in.
    pub(super) object: u32,
    /// With its quotes, in the document.
    pub(super) start: u32,
    /// One past its closing quote.
    pub(super) end: u32,
}

/// Makes plans out of events.
pub(super) struct Builder<'a> {
    file: FileId,
    places: &'a Places,
    format: Format,
    frames: Vec<Frame>,
    drafts: Vec<Draft>,
    /// Keys of the nodes that are open; those of closed ones are in the draft.
    open_keys: Vec<KeySpan>,
    /// The plans that are complete.
    pub(super) plans: Vec<Plan>,
    /// Strings outside of any plan.
    pub(super) loose: Vec<Loose>,
}

/// A container that is open.
struct Frame {
    kind: Kind,
    key: Option<Key>,
    /// The name of a key that is none of ours.
    name: Text,
    key_start: u32,
    start: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Outside of any plan: an array.
    Envelope,
    /// Outside of any plan: an object, which is a planned statement as soon as it has a `Plan`.
    Statement,
    Node {
        id: u32,
        keys: u32,
    },
    Plans {
        id: u32,
    },
    Workers {
        id: u32,
    },
    Worker {
        id: u32,
    },
    /// A list of texts.
    List {
        id: u32,
        key: Key,
    },
    GroupingSets {
        id: u32,
    },
    GroupingSet {
        id: u32,
    },
    SortGroups {
        id: u32,
        key: Key,
    },
    SortSpace {
        id: u32,
        groups: Key,
        key: Key,
    },
    TargetTables {
        id: u32,
    },
    TargetTable {
        id: u32,
    },
    Settings,
    Planning,
    Triggers,
    Trigger,
    Jit {
        within: Key,
    },
    Serialization,
    /// Nothing in it is ours.
    Skip,
}

/// A planned statement that is not complete.
#[derive(Default)]
struct Draft {
    plan: Option<Plan>,
    query_text: Option<(Text, Span)>,
    query_parameters: Option<Text>,
}

impl<'a> Builder<'a> {
    /// A builder for a document of `file` whose positions `places` translates.
    pub(super) fn new(file: FileId, format: Format, places: &'a Places) -> Builder<'a> {
        Builder {
            file,
            places,
            format,
            frames: Vec::new(),
            drafts: Vec::new(),
            open_keys: Vec::new(),
            plans: Vec::new(),
            loose: Vec::new(),
        }
    }

    /// Whether a plan has started and is not complete.
    pub(super) fn is_within_plan(&self) -> bool {
        self.drafts.iter().any(|draft| draft.plan.as_ref().is_some_and(|plan| !plan.nodes.is_empty()))
    }

    /// What the innermost open node is, for a message about where a plan is cut off.
    pub(super) fn open_node(&self) -> Option<&Node> {
        let id = self.frames.iter().rev().find_map(|frame| match frame.kind {
            Kind::Node { id, .. } => Some(id),
            _ => None,
        })?;
        self.drafts.last()?.plan.as_ref()?.nodes.get(id as usize)
    }

    fn span(&self, start: u32, end: u32) -> Span {
        self.places.span(self.file, start, end)
    }

    fn plan(&mut self) -> &mut Plan {
        let (file, format) = (self.file, self.format);
        if self.drafts.is_empty() {
            self.drafts.push(Draft::default());
        }
        let last = self.drafts.len() - 1;
        self.drafts[last].plan.get_or_insert_with(|| empty_plan(file, format))
    }

    fn node(&mut self, id: u32) -> &mut Node {
        &mut self.plan().nodes[id as usize]
    }

    fn begin(&mut self, at: u32, object: bool) {
        let kind = match self.frames.last() {
            None => outside(object),
            Some(frame) => {
                let (kind, key) = (frame.kind, frame.key);
                self.begin_within(kind, key, object, at)
            }
        };
        if kind == Kind::Statement {
            self.drafts.push(Draft::default());
        }
        self.frames.push(Frame { kind, key: None, name: Text::default(), key_start: at, start: at });
    }

    fn begin_within(&mut self, outer: Kind, key: Option<Key>, object: bool, at: u32) -> Kind {
        match (outer, key, object) {
            (Kind::Envelope, ..) => outside(object),
            (Kind::Statement, Some(Key::Plan), true) => self.begin_node(None, at),
            (Kind::Statement, Some(key), _) => self.begin_in_statement(key, object),
            (Kind::Statement, None, _) => outside(object),
            (Kind::Plans { id }, _, true) => self.begin_node(Some(NodeId(id)), at),
            (Kind::Node { id, .. }, Some(key), _) => begin_in_node(self.node(id), id, key, object),
            (Kind::Workers { id }, _, true) => {
                self.node(id).workers.push(Worker::default());
                Kind::Worker { id }
            }
            (Kind::SortGroups { id, key: groups }, Some(key), true) => Kind::SortSpace { id, groups, key },
            (Kind::GroupingSets { id }, _, true) => {
                self.node(id).grouping_sets.push(Vec::new());
                Kind::GroupingSet { id }
            }
            (Kind::GroupingSet { id }, key, false) if key != Some(Key::SortKey) => Kind::GroupingSet { id },
            (Kind::TargetTables { id }, _, true) => {
                self.node(id).modify.get_or_insert_default().target_tables.push(TargetTable::default());
                Kind::TargetTable { id }
            }
            (Kind::Triggers, _, true) => {
                self.plan().triggers.push(Trigger::default());
                Kind::Trigger
            }
            (Kind::Jit { .. }, Some(within), true) => Kind::Jit { within },
            _ => Kind::Skip,
        }
    }

    fn begin_in_statement(&mut self, key: Key, object: bool) -> Kind {
        match (key, object) {
            (Key::Settings, true) => Kind::Settings,
            (Key::Planning, true) => Kind::Planning,
            (Key::Triggers, false) => Kind::Triggers,
            (Key::Jit, true) => {
                self.plan().jit.get_or_insert_default();
                Kind::Jit { within: Key::Jit }
            }
            (Key::Serialization, true) => {
                self.plan().serialization.get_or_insert_default();
                Kind::Serialization
            }
            _ => outside(object),
        }
    }

    fn begin_node(&mut self, parent: Option<NodeId>, at: u32) -> Kind {
        let span = self.span(at, at);
        let keys = self.open_keys.len() as u32;
        let nodes = &mut self.plan().nodes;
        // A second `Plan` in one object is no form of ours.
        if parent.is_none() && !nodes.is_empty() {
            return Kind::Skip;
        }
        let id = nodes.len() as u32;
        nodes.push(Node::new(NodeId(id), parent, span));
        Kind::Node { id, keys }
    }

    fn end(&mut self, end: u32) {
        let Some(frame) = self.frames.pop() else { return };
        let span = self.span(frame.start, end);
        match frame.kind {
            Kind::Node { id, keys } => self.end_node(id, keys, span),
            Kind::Statement => self.end_statement(span),
            _ => {}
        }
        self.end_value(end);
    }

    fn end_node(&mut self, id: u32, keys: u32, span: Span) {
        let printed = self.open_keys.split_off(keys as usize);
        let plan = self.plan();
        let from = plan.keys.len() as u32;
        plan.keys.extend(printed);
        let to = plan.keys.len() as u32;
        let count = plan.nodes.len() as u32;
        let node = &mut plan.nodes[id as usize];
        node.keys = from..to;
        node.span = span;
        node.end = NodeId(count);
    }

    fn end_statement(&mut self, span: Span) {
        let Some(Draft { plan: Some(mut plan), query_text, query_parameters }) = self.drafts.pop() else { return };
        if plan.nodes.first().is_none_or(|root| root.node_type.name().is_empty()) {
            return;
        }
        plan.span = span;
        plan.query = query_text.map(|(text, span)| Query { text, span, parameters: query_parameters });
        finish(&mut plan);
        self.plans.push(plan);
    }

    /// Remembers where the key of a node and its value stand, and keys that are none of ours.
    fn end_value(&mut self, end: u32) {
        let Some(frame) = self.frames.last_mut() else { return };
        let (kind, key, start) = (frame.kind, frame.key.take(), frame.key_start);
        let name = std::mem::take(&mut frame.name);
        match (kind, key) {
            (Kind::Node { .. }, Some(key)) => {
                let span = self.span(start, end);
                self.open_keys.push(KeySpan { key, start: span.start, end: span.end });
            }
            (Kind::Node { id, .. }, None) if !name.is_empty() => {
                let value = self.span(start, end);
                self.node(id).extra.push(Extra { name, value });
            }
            (Kind::Trigger, Some(Key::Time)) => {
                let span = self.span(start, end);
                if let Some(trigger) = self.plan().triggers.last_mut() {
                    trigger.span = Some(span);
                }
            }
            (Kind::Jit { within: Key::Timing }, Some(Key::Total)) => {
                let span = self.span(start, end);
                if let Some(jit) = &mut self.plan().jit {
                    jit.span = Some(span);
                }
            }
            (Kind::Statement, None) if !name.is_empty() => {
                let value = self.span(start, end);
                if let Some(plan) = self.drafts.last_mut().and_then(|draft| draft.plan.as_mut()) {
                    plan.extra.push(Extra { name, value });
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, value: &Scalar<'_>, start: u32, end: u32) {
        let Some(frame) = self.frames.last() else { return self.keep_loose(value, start, end) };
        let text = value.as_str();
        if *value == Scalar::Plain("null") {
            return;
        }
        match (frame.kind, frame.key) {
            (Kind::Envelope, _) | (Kind::Statement, None) => self.keep_loose(value, start, end),
            (Kind::Statement, Some(key)) => self.statement_value(key, value, start, end),
            (Kind::Node { id, .. }, Some(key)) => self.node_value(id, key, text),
            (Kind::Worker { id }, Some(key)) => {
                let worker = self.node(id).workers.last_mut();
                fill(worker.and_then(|worker| slots::worker(worker, key)), text);
            }
            (Kind::List { id, key }, _) => {
                if let Some(list) = slots::list(self.node(id), key) {
                    list.push(text.into());
                }
            }
            (Kind::GroupingSet { id }, _) => {
                if let Some(set) = self.node(id).grouping_sets.last_mut() {
                    set.push(text.into());
                }
            }
            (Kind::TargetTable { id }, Some(key)) => {
                let table = self.node(id).modify.as_mut().and_then(|modify| modify.target_tables.last_mut());
                fill(table.and_then(|table| slots::target_table(table, key)), text);
            }
            (Kind::SortGroups { id, key: groups }, _) => self.sort_groups_value(id, groups, text),
            (Kind::SortSpace { id, groups, key: space }, Some(key)) => {
                let groups = slots::sort_groups(self.node(id), groups);
                let space = groups.and_then(|groups| slots::sort_space(groups, space));
                fill(space.and_then(|space| slots::sort_space_slot(space, key)), text);
            }
            _ => self.statement_detail(text),
        }
    }

    fn sort_groups_value(&mut self, id: u32, groups: Key, text: &str) {
        let key = self.frames.last().and_then(|frame| frame.key);
        let Some(groups) = slots::sort_groups(self.node(id), groups) else { return };
        match key {
            Some(Key::GroupCount) => groups.count = slots::count(text).unwrap_or(0),
            _ => groups.methods.push(text.into()),
        }
    }

    fn node_value(&mut self, id: u32, key: Key, text: &str) {
        let node = self.node(id);
        match key {
            Key::NodeType => node.node_type = NodeType::named(text),
            Key::ParentRelationship => node.parent_relationship = Some(ParentRelationship::named(text)),
            // pg_overexplain's count of what an enable_* setting forbids, in and below the node.
            Key::DisabledNodes => {}
            // Index names and keys that a list usually holds.
            _ => match slots::list(node, key) {
                Some(list) => list.push(text.into()),
                None => fill(slots::node(node, key), text),
            },
        }
    }

    fn statement_value(&mut self, key: Key, value: &Scalar<'_>, start: u32, end: u32) {
        let text = value.as_str();
        let span = self.span(start, end);
        match key {
            Key::QueryText => {
                if let Some(draft) = self.drafts.last_mut() {
                    draft.query_text = Some((text.into(), span));
                }
            }
            Key::QueryParameters => {
                if let Some(draft) = self.drafts.last_mut() {
                    draft.query_parameters = Some(text.into());
                }
            }
            Key::QueryIdentifier => self.plan().query_identifier = text.parse().ok(),
            Key::PlanningTime => fill(Some(Slot::Float(&mut self.plan().planning_time)), text),
            Key::ExecutionTime | Key::TotalRuntime => fill(Some(Slot::Float(&mut self.plan().execution_time)), text),
            Key::NodeType => self.bare_node(text),
            _ => self.keep_loose(value, start, end),
        }
    }

    /// A node without the object around it: somebody copied the inside of `Plan`.
    fn bare_node(&mut self, node_type: &str) {
        let Some(frame) = self.frames.last() else { return };
        let start = frame.start;
        if self.drafts.last().is_some_and(|draft| draft.plan.is_some()) {
            return;
        }
        let kind = self.begin_node(None, start);
        self.node(0).node_type = NodeType::named(node_type);
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = kind;
        }
    }

    fn statement_detail(&mut self, text: &str) {
        let Some(frame) = self.frames.last() else { return };
        let (kind, key, name) = (frame.kind, frame.key, frame.name.clone());
        let plan = self.plan();
        match (kind, key) {
            (Kind::Settings, key) => {
                let name = key.map_or(name, |key| key.name().into());
                plan.settings.push((name, text.into()));
            }
            (Kind::Planning, Some(Key::MemoryUsed)) => plan.planning_memory_used = slots::count(text),
            (Kind::Planning, Some(Key::MemoryAllocated)) => plan.planning_memory_allocated = slots::count(text),
            (Kind::Planning, Some(key)) if slots::is_buffers(key) => {
                fill(slots::buffers(plan.planning_buffers.get_or_insert_default(), key), text);
            }
            (Kind::Trigger, Some(key)) => {
                let Some(trigger) = plan.triggers.last_mut() else { return };
                match key {
                    Key::TriggerName => trigger.name = text.into(),
                    _ => fill(slots::trigger(trigger, key), text),
                }
            }
            (Kind::Jit { within }, Some(key)) => {
                let jit: &mut Jit = plan.jit.get_or_insert_default();
                fill(slots::jit(jit, within, key), text);
            }
            (Kind::Serialization, Some(key)) => {
                let serialization: &mut Serialization = plan.serialization.get_or_insert_default();
                fill(slots::serialization(serialization, key), text);
            }
            _ => {}
        }
    }

    fn keep_loose(&mut self, value: &Scalar<'_>, start: u32, end: u32) {
        if matches!(value, Scalar::String(_)) {
            let frame = self.frames.last();
            let key = frame
                .map_or(Text::default(), |frame| frame.key.map_or_else(|| frame.name.clone(), |key| key.name().into()));
            let object = frame.map_or(0, |frame| frame.start);
            self.loose.push(Loose { key, object, start, end });
        }
    }
}

impl Sink for Builder<'_> {
    fn begin_object(&mut self, at: u32) {
        self.begin(at, true);
    }

    fn end_object(&mut self, end: u32) {
        let bare = match self.frames.last() {
            Some(Frame { kind: Kind::Node { .. }, start, .. }) if self.is_bare() => Some(*start),
            _ => None,
        };
        self.end(end);
        if let Some(start) = bare {
            let span = self.span(start, end);
            self.end_statement(span);
        }
    }

    fn begin_array(&mut self, at: u32) {
        self.begin(at, false);
    }

    fn end_array(&mut self, end: u32) {
        self.end(end);
    }

    fn key(&mut self, name: &str, start: u32, _end: u32) {
        let key = Key::named(name);
        if let Some(frame) = self.frames.last_mut() {
            frame.key = key;
            frame.key_start = start;
            if key.is_none() {
                frame.name = name.into();
            }
        }
    }

    fn scalar(&mut self, value: Scalar<'_>, start: u32, end: u32) {
        self.value(&value, start, end);
        self.end_value(end);
    }
}

impl Builder<'_> {
    /// Whether the innermost frame is a root node without a statement around it.
    fn is_bare(&self) -> bool {
        match self.frames.as_slice() {
            [.., outer, _] => {
                matches!(outer.kind, Kind::Envelope) || outer.kind == Kind::Statement && outer.key != Some(Key::Plan)
            }
            [_] => true,
            [] => false,
        }
    }
}

fn outside(object: bool) -> Kind {
    if object { Kind::Statement } else { Kind::Envelope }
}

fn begin_in_node(node: &mut Node, id: u32, key: Key, object: bool) -> Kind {
    match (key, object) {
        (Key::Plans, false) => Kind::Plans { id },
        (Key::Workers, false) => Kind::Workers { id },
        (Key::GroupingSets, false) => Kind::GroupingSets { id },
        (Key::TargetTables, false) => Kind::TargetTables { id },
        (Key::FullSortGroups | Key::PreSortedGroups, true) => Kind::SortGroups { id, key },
        (_, false) if slots::list(node, key).is_some() => Kind::List { id, key },
        _ => Kind::Skip,
    }
}

fn fill(slot: Option<Slot<'_>>, text: &str) {
    if let Some(slot) = slot {
        slot.fill(text);
    }
}

/// A plan of which nothing is known yet.
fn empty_plan(file: FileId, format: Format) -> Plan {
    Plan {
        file,
        span: Span::new(file, 0, 0),
        format,
        query: None,
        log: None,
        planning_time: None,
        execution_time: None,
        planning_buffers: None,
        planning_memory_used: None,
        planning_memory_allocated: None,
        settings: Vec::new(),
        query_identifier: None,
        triggers: Vec::new(),
        jit: None,
        serialization: None,
        extra: Vec::new(),
        nodes: Vec::new(),
        keys: Vec::new(),
        exclusive: Exclusive::default(),
        facts: Facts::default(),
    }
}

fn finish(plan: &mut Plan) {
    plan.nodes.shrink_to_fit();
    plan.keys.shrink_to_fit();
    plan.facts = memory::facts(&plan.nodes, &plan.keys);
    plan.exclusive = Exclusive::new(&plan.nodes, plan.execution_time);
}
