//! Everything that a piece of a statement holds: expressions, queries, relations, types.

use super::*;

/// A piece of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    Expr(&'a Expr),
    Query(&'a Query),
    /// INSERT, UPDATE, DELETE or MERGE within another statement.
    Data(DataRef<'a>),
    From(&'a FromItem),
    Relation(&'a RelationRef),
    Type(&'a TypeName),
}

/// Takes each part that [`Part::for_each_child`] finds.
pub type Visit<'v, 'a> = &'v mut dyn FnMut(Part<'a>);

impl<'a> Part<'a> {
    /// Calls `visit` for this part and all parts in it, in the order of the text as far as the forms allow,
    /// and does not go into a part for which it returns false.
    pub fn walk(self, visit: &mut dyn FnMut(Part<'a>) -> bool) {
        if visit(self) {
            self.for_each_child(&mut |child| child.walk(visit));
        }
    }

    /// Calls `visit` for the parts directly in this one.
    pub fn for_each_child(self, visit: Visit<'_, 'a>) {
        match self {
            Part::Expr(expr) => expr.for_each_child(visit),
            Part::Query(query) => query.for_each_child(visit),
            Part::Data(statement) => statement.for_each_child(visit),
            Part::From(item) => item.for_each_child(visit),
            Part::Type(ty) => exprs(&ty.modifiers, visit),
            Part::Relation(_) => {}
        }
    }
}

fn exprs<'a>(list: impl IntoIterator<Item = &'a Expr>, visit: Visit<'_, 'a>) {
    list.into_iter().for_each(|expr| visit(Part::Expr(expr)));
}

fn sorts<'a>(list: &'a [SortBy], visit: Visit<'_, 'a>) {
    exprs(list.iter().map(|sort| &sort.expr), visit);
}

fn targets<'a>(list: &'a [Target], visit: Visit<'_, 'a>) {
    exprs(list.iter().map(|target| &target.expr), visit);
}

fn from_items<'a>(list: &'a [FromItem], visit: Visit<'_, 'a>) {
    list.iter().for_each(|item| visit(Part::From(item)));
}

fn shapes<'a>(list: &'a [ColumnShape], visit: Visit<'_, 'a>) {
    list.iter().for_each(|column| visit(Part::Type(&column.ty)));
}

fn accessors<'a>(path: &'a [Accessor], visit: Visit<'_, 'a>) {
    for step in path {
        match step {
            Accessor::Field(_) | Accessor::Star => {}
            Accessor::Subscript(subscript) => visit(Part::Expr(subscript)),
            Accessor::Slice(low, high) => exprs(low.iter().chain(high), visit),
        }
    }
}

fn window<'a>(window: &'a WindowDefinition, visit: Visit<'_, 'a>) {
    exprs(&window.partition_by, visit);
    sorts(&window.order_by, visit);
    exprs(&window.frame, visit);
}

fn with<'a>(with: Option<&'a With>, visit: Visit<'_, 'a>) {
    let queries = with.into_iter().flat_map(|with| &with.queries);
    queries.for_each(|table| visit(table.statement.as_ref().as_part()));
}

fn groupings<'a>(list: &'a [Grouping], visit: Visit<'_, 'a>) {
    for grouping in list {
        match grouping {
            Grouping::Expr(expr) => visit(Part::Expr(expr)),
            Grouping::Empty => {}
            Grouping::Rollup(list) | Grouping::Cube(list) | Grouping::Sets(list) => groupings(list, visit),
        }
    }
}

fn assignments<'a>(list: &'a [Assignment], visit: Visit<'_, 'a>) {
    for assignment in list {
        accessors(&assignment.column.path, visit);
        visit(Part::Expr(&assignment.value));
    }
}

fn columns<'a>(list: &'a [TargetColumn], visit: Visit<'_, 'a>) {
    list.iter().for_each(|column| accessors(&column.path, visit));
}

impl Expr {
    /// The expressions directly in this one; those in a sub-select are not.
    pub fn operands(&self) -> Vec<&Expr> {
        let mut operands = Vec::new();
        self.for_each_child(&mut |part| {
            if let Part::Expr(expr) = part {
                operands.push(expr);
            }
        });
        operands
    }

    /// Calls `visit` for the parts directly in this expression.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        match &self.kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::String(_)
            | ExprKind::BitString(_)
            | ExprKind::Column(_)
            | ExprKind::Param(_)
            | ExprKind::SqlValue(_)
            | ExprKind::Default
            | ExprKind::CurrentOf(_)
            | ExprKind::Opaque => {}
            ExprKind::And(list)
            | ExprKind::Or(list)
            | ExprKind::Coalesce(list)
            | ExprKind::Greatest(list)
            | ExprKind::Least(list)
            | ExprKind::Row(list)
            | ExprKind::Array(list)
            | ExprKind::Grouping(list) => exprs(list, visit),
            ExprKind::Not(expr) => visit(Part::Expr(expr)),
            ExprKind::Operator(it) => exprs(it.left.iter().chain([&it.right]), visit),
            ExprKind::Quantified(it) => exprs([&it.left, &it.right], visit),
            ExprKind::Distinct(it) | ExprKind::NullIf(it) => exprs([&it.left, &it.right], visit),
            ExprKind::In(it) => exprs([&it.expr].into_iter().chain(&it.list), visit),
            ExprKind::Like(it) => exprs([&it.expr, &it.pattern].into_iter().chain(&it.escape), visit),
            ExprKind::Between(it) => exprs([&it.expr, &it.low, &it.high], visit),
            ExprKind::Collate(it) => visit(Part::Expr(&it.expr)),
            ExprKind::NullTest(it) => visit(Part::Expr(&it.expr)),
            ExprKind::BooleanTest(it) => visit(Part::Expr(&it.expr)),
            ExprKind::Cast(it) => {
                visit(Part::Expr(&it.expr));
                visit(Part::Type(&it.ty));
            }
            ExprKind::Case(it) => {
                let arms = it.arms.iter().flat_map(|(condition, result)| [condition, result]);
                exprs(it.operand.iter().chain(arms).chain(&it.otherwise), visit);
            }
            ExprKind::Indirection(it) => {
                visit(Part::Expr(&it.base));
                accessors(&it.path, visit);
            }
            ExprKind::Constructor(it) => {
                exprs(&it.args, visit);
                it.ty.iter().for_each(|ty| visit(Part::Type(ty)));
            }
            ExprKind::Subquery(it) => it.for_each_child(visit),
            ExprKind::Call(it) => it.for_each_child(visit),
        }
    }
}

impl Subquery {
    fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        if let SubqueryKind::Any { test, .. } | SubqueryKind::All { test, .. } = &self.kind {
            visit(Part::Expr(test));
        }
        visit(Part::Query(&self.query));
    }
}

impl Call {
    fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        exprs(self.args.iter().map(|arg| &arg.value), visit);
        sorts(&self.order_by, visit);
        exprs(&self.filter, visit);
        self.over.iter().for_each(|over| window(over, visit));
    }
}

impl Query {
    /// Calls `visit` for the parts directly in this query.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        with(self.with.as_deref(), visit);
        match &self.body {
            QueryBody::Select(select) => select.for_each_child(visit),
            QueryBody::Values(values) => exprs(values.rows.iter().flatten(), visit),
            QueryBody::SetOperation(operation) => {
                visit(Part::Query(&operation.left));
                visit(Part::Query(&operation.right));
            }
            QueryBody::Opaque => {}
        }
        sorts(&self.order_by, visit);
        exprs(self.limit.as_deref().into_iter().chain(self.offset.as_deref()), visit);
        let locked = self.locking.iter().flat_map(|locking| &locking.relations);
        locked.for_each(|relation| visit(Part::Relation(relation)));
    }
}

impl Select {
    fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        exprs(self.distinct.iter().flatten(), visit);
        targets(&self.targets, visit);
        self.into.iter().for_each(|into| visit(Part::Relation(&into.relation)));
        from_items(&self.from, visit);
        exprs(&self.filter, visit);
        groupings(&self.group_by, visit);
        exprs(&self.having, visit);
        self.windows.iter().for_each(|it| window(it, visit));
    }
}

impl FromItem {
    /// Calls `visit` for the parts directly in this element of FROM.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        match &self.kind {
            FromKind::Relation(relation) => visit(Part::Relation(relation)),
            FromKind::Subquery { query, .. } => visit(Part::Query(query)),
            FromKind::Functions(it) => {
                for (function, columns) in &it.functions {
                    visit(Part::Expr(function));
                    shapes(columns, visit);
                }
                shapes(&it.columns, visit);
            }
            FromKind::Join(it) => {
                visit(Part::From(&it.left));
                visit(Part::From(&it.right));
                exprs(&it.on, visit);
            }
            FromKind::Sample { relation, args, repeatable, .. } => {
                visit(Part::From(relation));
                exprs(args.iter().chain(repeatable.as_deref()), visit);
            }
            FromKind::Table(it) => {
                exprs(&it.args, visit);
                it.columns.iter().filter_map(|(_, ty)| ty.as_ref()).for_each(|ty| visit(Part::Type(ty)));
            }
            FromKind::Opaque => {}
        }
    }
}

impl<'a> DataRef<'a> {
    /// As a part of something.
    pub fn as_part(self) -> Part<'a> {
        match self {
            DataRef::Select(query) => Part::Query(query),
            other => Part::Data(other),
        }
    }

    /// Calls `visit` for the parts directly in this statement; a SELECT's are those of its query.
    pub fn for_each_child(self, visit: Visit<'_, 'a>) {
        match self {
            DataRef::Select(query) => query.for_each_child(visit),
            DataRef::Insert(insert) => insert.for_each_child(visit),
            DataRef::Update(update) => update.for_each_child(visit),
            DataRef::Delete(delete) => delete.for_each_child(visit),
            DataRef::Merge(merge) => merge.for_each_child(visit),
        }
    }
}

impl Insert {
    /// Calls `visit` for the parts directly in this statement.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        with(self.with.as_deref(), visit);
        visit(Part::Relation(&self.relation));
        columns(&self.columns, visit);
        self.source.iter().for_each(|source| visit(Part::Query(source)));
        if let Some(conflict) = &self.on_conflict {
            conflict.for_each_child(visit);
        }
        targets(&self.returning, visit);
    }
}

impl OnConflict {
    fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        if let Some(ConflictTarget::Columns { elements, filter }) = &self.target {
            for element in elements {
                if let IndexKey::Expr(expr) = &element.key {
                    visit(Part::Expr(expr));
                }
            }
            exprs(filter, visit);
        }
        if let Some(update) = &self.update {
            assignments(&update.set, visit);
            exprs(&update.filter, visit);
        }
    }
}

impl Update {
    /// Calls `visit` for the parts directly in this statement.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        with(self.with.as_deref(), visit);
        visit(Part::Relation(&self.relation));
        assignments(&self.set, visit);
        from_items(&self.from, visit);
        exprs(&self.filter, visit);
        targets(&self.returning, visit);
    }
}

impl Delete {
    /// Calls `visit` for the parts directly in this statement.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        with(self.with.as_deref(), visit);
        visit(Part::Relation(&self.relation));
        from_items(&self.using, visit);
        exprs(&self.filter, visit);
        targets(&self.returning, visit);
    }
}

impl Merge {
    /// Calls `visit` for the parts directly in this statement.
    pub fn for_each_child<'a>(&'a self, visit: Visit<'_, 'a>) {
        with(self.with.as_deref(), visit);
        visit(Part::Relation(&self.relation));
        visit(Part::From(&self.source));
        visit(Part::Expr(&self.on));
        for arm in &self.arms {
            exprs(&arm.condition, visit);
            match &arm.action {
                MergeAction::Nothing | MergeAction::Delete => {}
                MergeAction::Update(set) => assignments(set, visit),
                MergeAction::Insert { columns: list, values } => {
                    columns(list, visit);
                    exprs(values, visit);
                }
            }
        }
        targets(&self.returning, visit);
    }
}
