//! What a tree reads and what it needs to exist (dependency.c's `find_expr_references_walker`).

use super::tree::{Coercion, CoercionMethod, Constant, ConstantObject, Expr, Node, Query, RangeEntry, RangeKind};
use super::walk::{Part, Place, Walk};
use super::{ExprAnalysis, FunctionId, OperatorId, QueryAnalysis, Type};
use crate::catalog::{Dependency, ObjectId};

/// What a tree touches.
#[derive(Clone, Default, Debug)]
pub struct Needs {
    /// Each relation that is read or written by the tree itself (not through a view), with the columns.
    /// A row as a whole names no column.
    pub relations: Vec<(ObjectId, Vec<i16>)>,
    /// Functions of the catalog.
    pub functions: Vec<ObjectId>,
    /// Operators of the catalog.
    pub operators: Vec<ObjectId>,
    /// Types, and sequences, functions and other objects that constants name.
    pub others: Vec<ObjectId>,
    /// False when something could not be resolved, so that more may be needed.
    pub complete: bool,
}

impl Needs {
    /// As `pg_depend` has it.
    pub fn dependencies(&self) -> Vec<Dependency> {
        let on = |on, column| Dependency { column, ..Dependency::normal(on) };
        let relations = self.relations.iter().flat_map(|(id, columns)| {
            std::iter::once(on(*id, None)).chain(columns.iter().map(|&column| on(*id, Some(column))))
        });
        let objects = self.functions.iter().chain(&self.operators).chain(&self.others);
        relations.chain(objects.map(|&id| on(id, None))).collect()
    }

    fn of<'t>(mut walk: Walk<'t>) -> Needs {
        let mut needs = Needs { complete: true, ..Needs::default() };
        while let Some(place) = walk.next() {
            match place.part {
                Part::Expr(expr) => needs.add_expr(&walk, &place, expr),
                Part::Query(query) => needs.add_query(query),
            }
        }
        for (_, columns) in &mut needs.relations {
            columns.sort_unstable();
        }
        needs
    }

    fn add_query(&mut self, query: &Query) {
        self.complete &= !query.incomplete;
        query.group_keys.iter().for_each(|key| push_new(&mut self.others, *key));
        for range in &query.ranges {
            self.add_range(range);
            if let RangeKind::Join(join) = &range.kind {
                for (left, right) in &join.merged_from {
                    self.add_local(query, left.levels_up, left.range, left.column);
                    self.add_local(query, right.levels_up, right.range, right.column);
                }
            }
        }
        for write in query.writes.iter().filter(|write| write.column > 0) {
            if let Some(result) = query.result {
                self.add_local(query, 0, result, write.column);
            }
        }
    }

    fn add_local(&mut self, query: &Query, levels_up: u16, range: u32, column: i16) {
        if let (0, Some(range)) = (levels_up, query.ranges.get(range as usize)) {
            self.add_column(range, column);
        }
    }

    fn add_range(&mut self, range: &RangeEntry) {
        match &range.kind {
            RangeKind::Relation { id, .. } => {
                self.columns_of(*id);
            }
            RangeKind::Functions { functions, .. } => {
                let types = functions.iter().flat_map(|function| &function.definition).map(|column| column.ty);
                types.for_each(|ty| self.add_type(ty));
            }
            RangeKind::Unknown => self.complete = false,
            _ => {}
        }
        self.complete &= range.columns_known;
    }

    fn add_expr<'t>(&mut self, walk: &Walk<'t>, place: &Place<'t>, expr: &Expr) {
        match &expr.node {
            Node::Var(var) => match walk.range(place, var) {
                Some(range) => self.add_column(range, var.column),
                None => self.complete = false,
            },
            Node::Constant(constant) => {
                self.add_type(expr.ty);
                self.add_constant(constant);
            }
            Node::Param(_) | Node::Array(_) | Node::Row(_) | Node::DomainValue => self.add_type(expr.ty),
            Node::Call(call) => self.add_function(call.function),
            Node::Aggregate(aggregate) => self.add_function(aggregate.function),
            Node::Window(window) => self.add_function(window.function),
            Node::Operator(it) | Node::Distinct(it) | Node::NullIf(it) => self.add_operator(it.operator),
            Node::ScalarArray(it) => self.add_operator(it.operator),
            Node::Sublink(it) => it.operators.iter().for_each(|&operator| self.add_operator(operator)),
            Node::RowCompare(it) => it.operators.iter().for_each(|&operator| self.add_operator(operator)),
            Node::Coercion(it) => self.add_coercion(it, expr.ty),
            Node::Unknown(_) | Node::Constructor { .. } => self.complete = false,
            _ => {}
        }
    }

    fn add_coercion(&mut self, coercion: &Coercion, ty: Option<Type>) {
        match coercion.method {
            CoercionMethod::Function(function) => self.add_function(Some(function)),
            CoercionMethod::Unknown => self.complete = false,
            CoercionMethod::Length => {}
            CoercionMethod::Relabel
            | CoercionMethod::InOut
            | CoercionMethod::Array
            | CoercionMethod::Row
            | CoercionMethod::Domain => self.add_type(ty),
        }
    }

    fn add_column(&mut self, range: &RangeEntry, column: i16) {
        if let RangeKind::Relation { id, .. } = &range.kind {
            let columns = self.columns_of(*id);
            if column != 0 && !columns.contains(&column) {
                columns.push(column);
            }
        }
    }

    fn columns_of(&mut self, id: ObjectId) -> &mut Vec<i16> {
        let at = self.relations.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            self.relations.push((id, Vec::new()));
            self.relations.len() - 1
        });
        &mut self.relations[at].1
    }

    fn add_constant(&mut self, constant: &Constant) {
        let Constant::Object { id, .. } = constant else { return };
        match *id {
            ConstantObject::Object(id) => push_new(&mut self.others, id),
            ConstantObject::Function(id) => self.add_function(Some(id)),
            ConstantObject::Type(ty) => self.add_type(Some(ty)),
        }
    }

    fn add_function(&mut self, function: Option<FunctionId>) {
        match function {
            Some(FunctionId::Object(id)) => push_new(&mut self.functions, id),
            Some(FunctionId::System(_)) => {}
            None => self.complete = false,
        }
    }

    fn add_operator(&mut self, operator: Option<OperatorId>) {
        match operator {
            Some(OperatorId::Object(id)) => push_new(&mut self.operators, id),
            Some(OperatorId::System(_)) => {}
            None => self.complete = false,
        }
    }

    fn add_type(&mut self, ty: Option<Type>) {
        if let Some(ty) = ty {
            push_new(&mut self.others, ty.id);
        }
    }
}

fn push_new(ids: &mut Vec<ObjectId>, id: ObjectId) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

impl ExprAnalysis {
    /// The columns of the scope's first relation, in the order in which they are first written.
    pub fn own_columns(&self) -> Vec<i16> {
        let mut columns = Vec::new();
        let mut walk = Walk::expr(&self.expr, &self.ranges);
        while let Some(place) = walk.next() {
            let Part::Expr(Expr { node: Node::Var(var), .. }) = place.part else { continue };
            let own = var.range == 0 && var.levels_up as usize == walk.depth(&place);
            if own && var.column > 0 && !columns.contains(&var.column) {
                columns.push(var.column);
            }
        }
        columns
    }

    /// What the expression reads and needs. The relation whose expression it is counts as read where a
    /// column of it is named.
    pub fn needs(&self) -> Needs {
        Needs::of(Walk::expr(&self.expr, &self.ranges))
    }
}

impl QueryAnalysis {
    /// What the query reads, writes and needs.
    pub fn needs(&self) -> Needs {
        Needs::of(Walk::query(&self.query, &self.ranges))
    }
}
