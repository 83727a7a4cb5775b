//! FORMAT TEXT: the tree that people paste.
//!
//! A node is a line with `(cost=…)`, its arrow's indentation says where it hangs, and the lines up to the next arrow are
//! its own. The words are turned back into the structured formats' keys: `Parallel Seq Scan on posts p` is a Seq Scan
//! with Parallel Aware, Relation Name and Alias.

use super::builder::Builder;
use super::json::{Scalar, Sink};
use super::node::NodeType;
use super::text_lines::{self as lines, Line, Pairs};

/// Whether a line is a node of a plan, so that a plan in TEXT form may start here.
pub(super) fn is_node(line: &str) -> bool {
    let Some(figures) = figures_at(line) else { return false };
    let name = line[..figures].trim().trim_start_matches("->").trim();
    !name.is_empty() && name.len() < 400 && !name.contains(':') && name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Where the brackets after a node's name start.
fn figures_at(line: &str) -> Option<usize> {
    let marks = ["(cost=", "(actual time=", "(actual rows=", "(never executed)"];
    let at = marks.iter().filter_map(|mark| memchr::memmem::find(line.as_bytes(), mark.as_bytes())).min()?;
    line[..at].ends_with(' ').then_some(at)
}

/// Whether a plan without costs may start here: a node that only a plan has, followed by an arrow or a property.
pub(super) fn is_bare_node(line: &str, next: &str) -> bool {
    let name = Name::parse(line.trim());
    let known = !matches!(name.node_type, NodeType::Other(_)) && line.trim().len() < 200;
    let next = next.trim_start();
    known && (next.starts_with("->  ") || lines::known_property(next))
}

/// Reads the plan whose root is the line at `start`; returns where it ends.
pub(super) fn read(text: &str, start: usize, builder: &mut Builder<'_>) -> usize {
    let (open, state) = (Vec::new(), State::Root);
    let mut reader = Reader { text, builder, open, state, label: None, worker: None, end: start };
    reader.builder.begin_object(start as u32);
    let mut at = start;
    while let Some(line) = lines::logical_line(text, at) {
        match reader.line(&line) {
            Step::Next => {
                at = line.next;
                if !line.content.is_empty() {
                    reader.end = line.end();
                }
            }
            Step::Stop => break,
        }
    }
    reader.finish();
    reader.end
}

/// Where in the plan the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the root.
    Root,
    /// In the tree.
    Tree,
    /// In the tree, after an empty line.
    Gap,
    /// Behind the tree: times, triggers.
    Summary,
    /// Behind the tree, in the lines of a block such as `JIT:`.
    Block(Block),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Planning,
    Jit,
}

enum Step {
    Next,
    Stop,
}

struct Reader<'a, 'b, 'c> {
    text: &'a str,
    builder: &'b mut Builder<'c>,
    /// The nodes that are open: the arrow's indentation, and how many inputs there were.
    open: Vec<OpenNode>,
    state: State,
    /// `InitPlan 1`, `CTE x`: what the next node is for.
    label: Option<Line<'a>>,
    /// Indentation of the `Worker 0:` whose lines follow.
    worker: Option<usize>,
    end: usize,
}

struct OpenNode {
    indent: Option<usize>,
    node_type: NodeType,
    inputs: u32,
    has_plans: bool,
    has_workers: bool,
}

impl<'a> Reader<'a, '_, '_> {
    fn line(&mut self, line: &Line<'a>) -> Step {
        if line.content.is_empty() {
            if self.state == State::Tree {
                self.state = State::Gap;
            }
            return Step::Next;
        }
        let arrow = line.content.starts_with("->");
        match self.state {
            State::Root => {
                self.begin_node(line, None);
                self.state = State::Tree;
                Step::Next
            }
            State::Tree | State::Gap if arrow => {
                self.begin_node(line, Some(line.indent));
                self.state = State::Tree;
                Step::Next
            }
            State::Tree if lines::is_label(line.content) => {
                self.label = Some(*line);
                Step::Next
            }
            _ => self.property_line(line),
        }
    }

    fn property_line(&mut self, line: &Line<'a>) -> Step {
        if self.summary_line(line) {
            return Step::Next;
        }
        match self.state {
            State::Tree => self.node_line(line),
            State::Block(block) if lines::property(line.content).is_some() && !is_node(line.content) => {
                self.block_line(line, block);
                Step::Next
            }
            _ => Step::Stop,
        }
    }

    // --- nodes ------------------------------------------------------------------------------------

    fn begin_node(&mut self, line: &Line<'a>, indent: Option<usize>) {
        while self.open.len() > 1 && self.open.last().is_some_and(|open| open.indent >= indent) {
            self.end_node();
        }
        self.end_workers();
        self.enter_parent();
        let content = line.content.trim_start_matches("->").trim_start();
        let start = line.start + line.content.len() - content.len();
        let figures = figures_at(content).unwrap_or(content.len());
        let name = Name::parse(content[..figures].trim_end());
        self.builder.begin_object(line.start as u32);
        self.relationship();
        let end = start + content[..figures].trim_end().len();
        self.plain("Node Type", start, end, name.node_type.name());
        for (key, value) in name.implied() {
            self.plain(key, start, end, value);
        }
        self.figures(&content[figures..], start + figures);
        let node_type = name.node_type;
        self.open.push(OpenNode { indent, node_type, inputs: 0, has_plans: false, has_workers: false });
    }

    /// Opens `Plan` of the statement or `Plans` of the node above.
    fn enter_parent(&mut self) {
        let at = self.end as u32;
        match self.open.last_mut() {
            None => self.builder.key("Plan", at, at),
            Some(parent) if !parent.has_plans => {
                parent.has_plans = true;
                self.builder.key("Plans", at, at);
                self.builder.begin_array(at);
            }
            Some(_) => {}
        }
    }

    /// How the node serves the one above; the first and second inputs of a join stand in that order.
    fn relationship(&mut self) {
        if let Some(label) = self.label.take() {
            let relationship = if label.content.starts_with("SubPlan") { "SubPlan" } else { "InitPlan" };
            self.plain("Parent Relationship", label.start, label.end(), relationship);
            self.plain("Subplan Name", label.start, label.end(), label.content);
            return;
        }
        let Some(parent) = self.open.last_mut() else { return };
        parent.inputs += 1;
        use NodeType::{Append, BitmapAnd, BitmapOr, MergeAppend, ModifyTable, SubqueryScan};
        let relationship = match parent.node_type {
            Append | MergeAppend | BitmapAnd | BitmapOr => "Member",
            SubqueryScan => "Subquery",
            ModifyTable if parent.inputs > 1 => "Member",
            _ if parent.inputs == 2 => "Inner",
            _ => "Outer",
        };
        let at = self.end;
        self.plain("Parent Relationship", at, at, relationship);
    }

    /// `(cost=0.00..1.00 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)`
    fn figures(&mut self, figures: &str, start: usize) {
        if let Some(never) = figures.find("(never executed)") {
            let at = start + never;
            for key in ["Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"] {
                self.plain(key, at, at + "(never executed)".len(), "0");
            }
        }
        let (costs, actual) = figures.split_at(figures.find("(actual ").unwrap_or(figures.len()));
        let names = ["Startup Cost", "Total Cost", "Plan Rows", "Plan Width"];
        self.bracket(costs, start, &["cost=", "..", "rows=", "width="], &names);
        let names = ["Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"];
        self.bracket(actual, start + costs.len(), &["time=", "..", "rows=", "loops="], &names);
    }

    fn bracket(&mut self, text: &str, start: usize, marks: &[&str], names: &[&str]) {
        let mut from = 0;
        for (mark, name) in marks.iter().zip(names) {
            let Some(found) = text[from..].find(mark) else { continue };
            let number = from + found + mark.len();
            let len = lines::number_len(&text[number..]);
            if len > 0 {
                self.plain(name, start + number, start + number + len, &text[number..number + len]);
                from = number + len;
            }
        }
    }

    fn end_node(&mut self) {
        self.end_workers();
        let at = self.end as u32;
        if let Some(open) = self.open.pop() {
            if open.has_plans {
                self.builder.end_array(at);
            }
            self.builder.end_object(at);
        }
    }

    fn end_tree(&mut self) {
        while !self.open.is_empty() {
            self.end_node();
        }
    }

    fn finish(&mut self) {
        self.end_tree();
        self.end_block();
        self.builder.end_object(self.end as u32);
    }

    // --- the lines of a node ----------------------------------------------------------------------

    fn node_line(&mut self, line: &Line<'a>) -> Step {
        if let Some((_, rest)) = lines::worker_line(line.content) {
            self.begin_worker(line, rest);
            return Step::Next;
        }
        if self.worker.is_some_and(|indent| line.indent <= indent) {
            self.end_workers();
        }
        let Some((name, value)) = lines::property(line.content) else { return Step::Stop };
        if !lines::known_property(line.content) && line.indent == 0 {
            return Step::Stop;
        }
        self.property(name, value, line);
        Step::Next
    }

    fn property(&mut self, name: &'a str, value: &'a str, line: &Line<'a>) {
        if let Some(pairs) = Pairs::of(name, value) {
            return self.pairs(&pairs, line);
        }
        let from = line.end() - value.len();
        if let Some(list) = lines::list_key(name) {
            self.builder.key(list, line.start as u32, from as u32);
            self.builder.begin_array(from as u32);
            for item in lines::split_list(value) {
                let at = lines::offset_in(self.text, item);
                self.builder.scalar(Scalar::String(item.into()), at as u32, (at + item.len()) as u32);
            }
            self.builder.end_array(line.end() as u32);
            return;
        }
        self.plain(name, line.start, line.end(), value);
    }

    fn pairs(&mut self, pairs: &Pairs<'_>, line: &Line<'a>) {
        let mut group = None;
        for (within, key, value) in &pairs.all {
            if *within != group {
                self.group(group, *within, line);
                group = *within;
            }
            self.plain(key, line.start, line.end(), value);
        }
        self.group(group, None, line);
    }

    /// Closes one nested object and opens another: `Full-sort Groups` and the space within.
    fn group(&mut self, from: Option<(&str, Option<&str>)>, to: Option<(&str, Option<&str>)>, line: &Line<'a>) {
        let (start, end) = (line.start as u32, line.end() as u32);
        let (outer_from, inner_from) = from.map_or((None, None), |(outer, inner)| (Some(outer), inner));
        let (outer_to, inner_to) = to.map_or((None, None), |(outer, inner)| (Some(outer), inner));
        if inner_from.is_some() {
            self.builder.end_object(end);
        }
        if outer_from != outer_to {
            if outer_from.is_some() {
                self.builder.end_object(end);
            }
            if let Some(outer) = outer_to {
                self.builder.key(outer, start, end);
                self.builder.begin_object(start);
            }
        }
        if let Some(inner) = inner_to {
            self.builder.key(inner, start, end);
            self.builder.begin_object(start);
        }
    }

    // --- workers ----------------------------------------------------------------------------------

    fn begin_worker(&mut self, line: &Line<'a>, rest: &'a str) {
        let (number, _) = lines::worker_line(line.content).unwrap_or(("0", ""));
        let at = line.start as u32;
        let Some(open) = self.open.last_mut() else { return };
        if open.has_workers {
            self.builder.end_object(at);
        } else {
            open.has_workers = true;
            self.builder.key("Workers", at, at);
            self.builder.begin_array(at);
        }
        self.builder.begin_object(at);
        self.worker = Some(line.indent);
        self.plain("Worker Number", line.start, line.end(), number);
        let names = ["Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"];
        let start = line.end() - rest.len();
        match lines::property(rest) {
            Some((name, value)) if !rest.starts_with("actual ") => self.property(name, value, line),
            _ => self.bracket(rest, start, &["time=", "..", "rows=", "loops="], &names),
        }
    }

    fn end_workers(&mut self) {
        let at = self.end as u32;
        self.worker = None;
        if let Some(open) = self.open.last_mut().filter(|open| open.has_workers) {
            open.has_workers = false;
            self.builder.end_object(at);
            self.builder.end_array(at);
        }
    }

    // --- behind the tree --------------------------------------------------------------------------

    /// Reads a line that stands behind the tree, whatever its indentation; false for any other.
    fn summary_line(&mut self, line: &Line<'a>) -> bool {
        let Some((name, value)) = lines::property(line.content) else { return false };
        let next = match name {
            "Planning" if value.is_empty() => State::Block(Block::Planning),
            "JIT" if value.is_empty() => State::Block(Block::Jit),
            "Planning Time" | "Planning time" | "Execution Time" | "Execution time" | "Total runtime" | "Settings"
            | "Query Identifier" | "Serialization" => State::Summary,
            _ if lines::trigger(line.content).is_some() => State::Summary,
            _ => return false,
        };
        self.end_tree();
        self.end_block();
        self.summary(name, value, line, next);
        self.state = next;
        true
    }

    fn summary(&mut self, name: &str, value: &str, line: &Line<'a>, next: State) {
        let (start, end) = (line.start, line.end());
        if let Some(trigger) = lines::trigger(line.content) {
            self.builder.key("Triggers", start as u32, end as u32);
            self.builder.begin_array(start as u32);
            self.object(&trigger, line);
            self.builder.end_array(end as u32);
            return;
        }
        match (name, next) {
            ("Planning" | "JIT", State::Block(_)) => {
                self.builder.key(name, start as u32, end as u32);
                self.builder.begin_object(start as u32);
            }
            ("Settings", _) => {
                self.builder.key(name, start as u32, end as u32);
                self.object(&lines::settings(value), line);
            }
            ("Serialization", _) => {
                self.builder.key(name, start as u32, end as u32);
                self.object(&lines::serialization(value), line);
            }
            ("Query Identifier", _) => self.plain(name, start, end, value),
            _ => {
                let key = match name {
                    "Planning time" => "Planning Time",
                    "Execution time" => "Execution Time",
                    "Total runtime" => "Total Runtime",
                    _ => name,
                };
                self.plain(key, start, end, value.trim_end_matches(" ms"));
            }
        }
    }

    fn block_line(&mut self, line: &Line<'a>, block: Block) {
        let Some((name, value)) = lines::property(line.content) else { return };
        match block {
            Block::Planning => {
                let pairs = if name == "Memory" { Some(Pairs::memory(value)) } else { Pairs::of(name, value) };
                if let Some(pairs) = pairs {
                    self.pairs(&pairs, line);
                }
            }
            Block::Jit => self.jit_line(name, value, line),
        }
    }

    fn jit_line(&mut self, name: &str, value: &str, line: &Line<'a>) {
        match name {
            "Functions" => self.plain(name, line.start, line.end(), value),
            "Options" | "Timing" => {
                self.builder.key(name, line.start as u32, line.end() as u32);
                self.object(&lines::jit(value), line);
            }
            _ => {}
        }
    }

    fn end_block(&mut self) {
        if let State::Block(_) = self.state {
            self.builder.end_object(self.end as u32);
        }
    }

    fn object(&mut self, pairs: &[(&str, &str)], line: &Line<'a>) {
        self.builder.begin_object(line.start as u32);
        for (key, value) in pairs {
            self.plain(key, line.start, line.end(), value);
        }
        self.builder.end_object(line.end() as u32);
    }

    /// A key with a value that is shown as the text between two places.
    fn plain(&mut self, key: &str, start: usize, end: usize, value: &str) {
        self.builder.key(key, start as u32, end as u32);
        self.builder.scalar(Scalar::String(value.into()), start as u32, end as u32);
    }
}

/// A node's first words, taken apart.
struct Name<'a> {
    node_type: NodeType,
    parallel: bool,
    async_capable: bool,
    keys: Vec<(&'static str, &'a str)>,
}

impl<'a> Name<'a> {
    fn parse(text: &'a str) -> Name<'a> {
        let mut name = Name { node_type: NodeType::Result, parallel: false, async_capable: false, keys: Vec::new() };
        let mut rest = text;
        for (prefix, key) in [("Async ", ""), ("Parallel ", ""), ("Partial ", "Partial"), ("Finalize ", "Finalize")] {
            let Some(after) = rest.strip_prefix(prefix) else { continue };
            rest = after;
            match prefix {
                "Async " => name.async_capable = true,
                "Parallel " => name.parallel = true,
                _ => name.keys.push(("Partial Mode", key)),
            }
        }
        let (head, index, target) = lines::name_parts(rest);
        name.node_type = name.take_head(head);
        if let Some(index) = index {
            name.keys.push(("Index Name", index));
        }
        if let Some(target) = target {
            name.take_target(target);
        }
        name
    }

    /// The words before `using` and `on`.
    fn take_head(&mut self, head: &'a str) -> NodeType {
        let aggregate = match head {
            "Aggregate" => Some("Plain"),
            "HashAggregate" => Some("Hashed"),
            "GroupAggregate" => Some("Sorted"),
            "MixedAggregate" => Some("Mixed"),
            _ => None,
        };
        if let Some(strategy) = aggregate {
            self.keys.push(("Strategy", strategy));
            return NodeType::Aggregate;
        }
        if let Some(scan) = head.strip_suffix(" Backward") {
            self.keys.push(("Scan Direction", "Backward"));
            return NodeType::named(scan);
        }
        if matches!(head, "Insert" | "Update" | "Delete" | "Merge") {
            self.keys.push(("Operation", head));
            return NodeType::ModifyTable;
        }
        if let Some(operation) = head.strip_prefix("Foreign ").filter(|word| *word != "Scan") {
            self.keys.push(("Operation", operation));
            return NodeType::ForeignScan;
        }
        if let Some(provider) = head.strip_prefix("Custom Scan (") {
            self.keys.push(("Custom Plan Provider", provider.trim_end_matches(')')));
            return NodeType::CustomScan;
        }
        self.take_join(head).or_else(|| self.take_set_operation(head)).unwrap_or_else(|| {
            let node_type = NodeType::named(head);
            if matches!(node_type, NodeType::IndexScan | NodeType::IndexOnlyScan) {
                self.keys.push(("Scan Direction", "Forward"));
            }
            node_type
        })
    }

    /// `Hash Left Join`, `Nested Loop Semi Join`, `Merge Join`.
    fn take_join(&mut self, head: &'a str) -> Option<NodeType> {
        let joins =
            [("Hash", NodeType::HashJoin), ("Merge", NodeType::MergeJoin), ("Nested Loop", NodeType::NestedLoop)];
        for (word, node_type) in joins {
            let Some(kind) = head.strip_prefix(word) else { continue };
            let kind = match kind {
                "" if node_type == NodeType::NestedLoop => "Inner",
                " Join" => "Inner",
                _ => kind.strip_prefix(' ')?.strip_suffix(" Join")?,
            };
            self.keys.push(("Join Type", kind));
            return Some(node_type);
        }
        None
    }

    /// `HashSetOp Intersect All`.
    fn take_set_operation(&mut self, head: &'a str) -> Option<NodeType> {
        let at = head.find("SetOp")?;
        self.keys.push(("Strategy", if at > 0 { "Hashed" } else { "Sorted" }));
        self.keys.push(("Command", head[at + "SetOp".len()..].trim()));
        Some(NodeType::SetOp)
    }

    /// What stands after `on`: `public.posts p`.
    fn take_target(&mut self, target: &'a str) {
        let (qualified, alias) = lines::split_alias(target);
        let (schema, name) = lines::split_schema(qualified);
        use NodeType::{BitmapIndexScan, CteScan, FunctionScan, NamedTuplestoreScan, SubqueryScan};
        use NodeType::{TableFunctionScan, ValuesScan, WorkTableScan};
        let key = match self.node_type {
            BitmapIndexScan => return self.keys.push(("Index Name", name)),
            SubqueryScan | ValuesScan => return self.keys.push(("Alias", name)),
            CteScan | WorkTableScan => "CTE Name",
            NamedTuplestoreScan => "Tuplestore Name",
            FunctionScan => "Function Name",
            TableFunctionScan => "Table Function Name",
            _ => "Relation Name",
        };
        self.keys.push((key, name));
        if let Some(schema) = schema {
            self.keys.push(("Schema", schema));
        }
        self.keys.push(("Alias", alias.unwrap_or(name)));
    }

    fn implied(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let flags = [("Parallel Aware", self.parallel), ("Async Capable", self.async_capable)];
        flags.into_iter().filter(|(_, set)| *set).map(|(key, _)| (key, "true")).chain(self.keys.iter().copied())
    }
}
