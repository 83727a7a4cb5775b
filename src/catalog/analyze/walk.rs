//! Walks over analysed trees: children, and the range entries that a column belongs to.

use super::tree::{
    Aggregate, Expr, FromNode, Node, Query, RangeEntry, RangeKind, SetNode, SortKey, SubscriptStep, Target, Var,
};

/// A part of a tree.
#[derive(Clone, Copy, Debug)]
pub enum Part<'t> {
    /// An expression.
    Expr(&'t Expr),
    /// A query.
    Query(&'t Query),
}

/// A part, with the queries around it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'t> {
    /// The part.
    pub part: Part<'t>,
    frame: usize,
}

struct Frame<'t> {
    ranges: &'t [RangeEntry],
    parent: Option<usize>,
}

/// Visits all parts of a tree, a part before its own parts, in the order they are written. No recursion.
pub struct Walk<'t> {
    frames: Vec<Frame<'t>>,
    stack: Vec<Place<'t>>,
    pending: Option<Place<'t>>,
}

impl<'t> Walk<'t> {
    /// The parts of an expression whose columns belong to `ranges`.
    pub fn expr(expr: &'t Expr, ranges: &'t [RangeEntry]) -> Walk<'t> {
        Walk::new(Part::Expr(expr), ranges)
    }

    /// The parts of a query within a scope that has `ranges`.
    pub fn query(query: &'t Query, ranges: &'t [RangeEntry]) -> Walk<'t> {
        Walk::new(Part::Query(query), ranges)
    }

    fn new(part: Part<'t>, ranges: &'t [RangeEntry]) -> Walk<'t> {
        let frames = vec![Frame { ranges, parent: None }];
        Walk { frames, stack: vec![Place { part, frame: 0 }], pending: None }
    }

    /// Leaves out what is below the part that was given last.
    pub fn skip_children(&mut self) {
        self.pending = None;
    }

    /// The entry that a column of the part given last belongs to.
    pub fn range(&self, place: &Place<'t>, var: &Var) -> Option<&'t RangeEntry> {
        let mut frame = &self.frames[place.frame];
        for _ in 0..var.levels_up {
            frame = &self.frames[frame.parent?];
        }
        frame.ranges.get(var.range as usize)
    }

    /// How many queries the part lies within, beyond the tree's own scope.
    pub fn depth(&self, place: &Place<'t>) -> usize {
        let mut depth = 0;
        let mut frame = &self.frames[place.frame];
        while let Some(parent) = frame.parent {
            depth += 1;
            frame = &self.frames[parent];
        }
        depth
    }

    fn descend(&mut self, place: Place<'t>) {
        let from = self.stack.len();
        match place.part {
            Part::Expr(expr) => {
                expr.for_each_part(&mut |part| self.stack.push(Place { part, frame: place.frame }));
            }
            Part::Query(query) => {
                self.frames.push(Frame { ranges: &query.ranges, parent: Some(place.frame) });
                let frame = self.frames.len() - 1;
                query.for_each_part(&mut |part| self.stack.push(Place { part, frame }));
            }
        }
        self.stack[from..].reverse();
    }
}

impl<'t> Iterator for Walk<'t> {
    type Item = Place<'t>;

    fn next(&mut self) -> Option<Place<'t>> {
        if let Some(place) = self.pending.take() {
            self.descend(place);
        }
        let place = self.stack.pop()?;
        self.pending = Some(place);
        Some(place)
    }
}

type Visit<'v, 't> = &'v mut dyn FnMut(Part<'t>);

impl Expr {
    /// Calls `visit` for the expressions and queries directly below.
    pub fn for_each_part<'t>(&'t self, visit: Visit<'_, 't>) {
        match &self.node {
            Node::Constant(_)
            | Node::Var(_)
            | Node::Param(_)
            | Node::Variable(_)
            | Node::CaseTest
            | Node::SqlValue(_)
            | Node::DomainValue
            | Node::Default
            | Node::CurrentOf(_) => {}
            Node::And(list)
            | Node::Or(list)
            | Node::Array(list)
            | Node::Coalesce(list)
            | Node::Greatest(list)
            | Node::Least(list)
            | Node::Grouping(list)
            | Node::Unknown(list)
            | Node::Constructor { args: list, .. } => exprs(list, visit),
            Node::Call(call) => exprs(&call.args, visit),
            Node::Aggregate(aggregate) => aggregate.for_each_part(visit),
            Node::Window(window) => {
                exprs(&window.args, visit);
                exprs(&window.filter, visit);
            }
            Node::Operator(operation) | Node::Distinct(operation) | Node::NullIf(operation) => {
                exprs(&operation.left, visit);
                visit(Part::Expr(&operation.right));
            }
            Node::ScalarArray(it) => {
                visit(Part::Expr(&it.left));
                visit(Part::Expr(&it.right));
            }
            Node::Not(arg) | Node::NamedArgument { value: arg, .. } => visit(Part::Expr(arg)),
            Node::Sublink(it) => {
                exprs(&it.test, visit);
                visit(Part::Query(&it.query));
            }
            Node::Field(it) => visit(Part::Expr(&it.base)),
            Node::Subscript(it) => {
                visit(Part::Expr(&it.base));
                for step in &it.path {
                    match step {
                        SubscriptStep::Index(index) => visit(Part::Expr(index)),
                        SubscriptStep::Slice(low, high) => {
                            exprs(low, visit);
                            exprs(high, visit);
                        }
                    }
                }
            }
            Node::Coercion(it) => visit(Part::Expr(&it.arg)),
            Node::Case(case) => {
                exprs(&case.operand, visit);
                for (condition, result) in &case.arms {
                    visit(Part::Expr(condition));
                    visit(Part::Expr(result));
                }
                visit(Part::Expr(&case.otherwise));
            }
            Node::Row(row) => exprs(&row.fields, visit),
            Node::RowCompare(it) => {
                exprs(&it.left, visit);
                exprs(&it.right, visit);
            }
            Node::NullTest(it) => visit(Part::Expr(&it.arg)),
            Node::BooleanTest(it) => visit(Part::Expr(&it.arg)),
            Node::Collate(it) => visit(Part::Expr(&it.arg)),
        }
    }
}

impl Aggregate {
    fn for_each_part<'t>(&'t self, visit: Visit<'_, 't>) {
        exprs(&self.direct_args, visit);
        exprs(&self.args, visit);
        sort_keys(&self.order_by, visit);
        exprs(&self.filter, visit);
    }
}

impl Query {
    /// Calls `visit` for the expressions and queries directly below.
    pub fn for_each_part<'t>(&'t self, visit: Visit<'_, 't>) {
        for cte in &self.ctes {
            visit(Part::Query(&cte.query));
        }
        targets(&self.targets, visit);
        for range in &self.ranges {
            range.for_each_part(visit);
        }
        for node in &self.from {
            node.for_each_part(visit);
        }
        exprs(&self.filter, visit);
        exprs(&self.having, visit);
        for window in &self.windows {
            exprs(&window.frame, visit);
        }
        exprs(&self.limit, visit);
        exprs(&self.offset, visit);
        if let Some(node) = &self.set_operation {
            node.for_each_part(visit);
        }
        for write in &self.writes {
            exprs(&write.value, visit);
        }
        exprs(&self.row_values, visit);
        exprs(&self.more_values, visit);
        targets(&self.returning, visit);
    }
}

impl RangeEntry {
    fn for_each_part<'t>(&'t self, visit: Visit<'_, 't>) {
        match &self.kind {
            RangeKind::Subquery { query, .. } => visit(Part::Query(query)),
            RangeKind::Functions { functions, .. } => functions.iter().for_each(|it| visit(Part::Expr(&it.expr))),
            RangeKind::Values { rows, .. } => rows.iter().for_each(|row| exprs(row, visit)),
            RangeKind::Table { args, .. } => exprs(args, visit),
            RangeKind::Join(join) => {
                join.columns[..join.merged].iter().for_each(|(_, expr)| visit(Part::Expr(expr)));
            }
            RangeKind::Relation { .. } | RangeKind::Cte { .. } | RangeKind::Unknown => {}
        }
    }
}

impl FromNode {
    fn for_each_part<'t>(&'t self, visit: Visit<'_, 't>) {
        let mut nodes = vec![self];
        while let Some(node) = nodes.pop() {
            if let FromNode::Join(join) = node {
                exprs(&join.on, visit);
                nodes.extend([&join.right, &join.left]);
            }
        }
    }
}

impl SetNode {
    fn for_each_part<'t>(&'t self, visit: Visit<'_, 't>) {
        let mut nodes = vec![self];
        while let Some(node) = nodes.pop() {
            match node {
                SetNode::Leaf(query) => visit(Part::Query(query)),
                SetNode::Operation { left, right, .. } => nodes.extend([&**right, &**left]),
            }
        }
    }
}

fn exprs<'t>(list: impl IntoIterator<Item = &'t Expr>, visit: Visit<'_, 't>) {
    list.into_iter().for_each(|expr| visit(Part::Expr(expr)));
}

fn targets<'t>(list: &'t [Target], visit: Visit<'_, 't>) {
    list.iter().for_each(|target| visit(Part::Expr(&target.expr)));
}

fn sort_keys<'t>(list: &'t [SortKey], visit: Visit<'_, 't>) {
    list.iter().for_each(|key| visit(Part::Expr(&key.expr)));
}
