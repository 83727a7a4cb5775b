//! Walks all of a statement's queries and expressions, without resolving names.

use super::{
    Accessor, Assignment, ConflictTarget, DataStatement, Delete, Expr, ExprKind, FromItem, FromKind, Grouping,
    IndexKey, Insert, Merge, MergeAction, Name, Query, QueryBody, RelationRef, Select, SortBy, StatementKind,
    SubqueryKind, Target, Update, WindowDefinition, With,
};

/// What a walk tells about.
pub trait Visit {
    /// A relation that rows are read from (not the name of a WITH query); `locks` where FOR UPDATE or the like is about it.
    fn reads(&mut self, relation: &RelationRef, locks: bool) {
        let _ = (relation, locks);
    }

    /// A relation that rows are written to.
    fn writes(&mut self, relation: &RelationRef) {
        let _ = relation;
    }

    /// An expression, before the expressions in it.
    fn expr(&mut self, expr: &Expr) {
        let _ = expr;
    }
}

/// Walks a statement that reads or writes rows; others have no query of their own to walk.
pub fn visit_statement(kind: &StatementKind, visitor: &mut dyn Visit) {
    let mut walk = Walk { visitor, names: Vec::new() };
    match kind {
        StatementKind::Select(query) => walk.query(query),
        StatementKind::Insert(insert) => walk.insert(insert),
        StatementKind::Update(update) => walk.update(update),
        StatementKind::Delete(delete) => walk.delete(delete),
        StatementKind::Merge(merge) => walk.merge(merge),
        _ => {}
    }
}

/// Walks a query or a statement that writes rows.
pub fn visit_data(statement: &DataStatement, visitor: &mut dyn Visit) {
    Walk { visitor, names: Vec::new() }.data(statement);
}

/// Walks a query.
pub fn visit_query(query: &Query, visitor: &mut dyn Visit) {
    Walk { visitor, names: Vec::new() }.query(query);
}

/// Walks an expression.
pub fn visit_expr(expr: &Expr, visitor: &mut dyn Visit) {
    Walk { visitor, names: Vec::new() }.expr(expr);
}

struct Walk<'v> {
    visitor: &'v mut dyn Visit,
    /// The WITH queries in sight.
    names: Vec<Name>,
}

impl Walk<'_> {
    fn data(&mut self, statement: &DataStatement) {
        match statement {
            DataStatement::Select(query) => self.query(query),
            DataStatement::Insert(insert) => self.insert(insert),
            DataStatement::Update(update) => self.update(update),
            DataStatement::Delete(delete) => self.delete(delete),
            DataStatement::Merge(merge) => self.merge(merge),
        }
    }

    /// Runs `inside` with the names of a WITH in sight.
    fn with(&mut self, with: Option<&With>, inside: impl FnOnce(&mut Self)) {
        let outer = self.names.len();
        for common in with.iter().flat_map(|with| &with.queries) {
            if with.is_some_and(|with| with.recursive) {
                self.names.push(common.name.name);
            }
            self.data(&common.statement);
            self.names.push(common.name.name);
        }
        inside(self);
        self.names.truncate(outer);
    }

    fn reads(&mut self, relation: &RelationRef, locks: bool) {
        let common = relation.name.schema.is_none() && self.names.contains(&relation.name.name.name);
        if !common {
            self.visitor.reads(relation, locks);
        }
    }

    fn query(&mut self, query: &Query) {
        self.with(query.with.as_deref(), |walk| {
            match &query.body {
                QueryBody::Select(select) => walk.select(select, query),
                QueryBody::Values(values) => values.rows.iter().flatten().for_each(|expr| walk.expr(expr)),
                QueryBody::SetOperation(operation) => {
                    walk.query(&operation.left);
                    walk.query(&operation.right);
                }
                QueryBody::Opaque => {}
            }
            walk.sorts(&query.order_by);
            query.limit.iter().chain(&query.offset).for_each(|expr| walk.expr(expr));
        });
    }

    fn select(&mut self, select: &Select, query: &Query) {
        select.distinct.iter().flatten().for_each(|expr| self.expr(expr));
        self.targets(&select.targets);
        for item in &select.from {
            self.from(item, query);
        }
        select.filter.iter().chain(&select.having).for_each(|expr| self.expr(expr));
        select.group_by.iter().for_each(|grouping| self.grouping(grouping));
        select.windows.iter().for_each(|window| self.window(window));
    }

    fn targets(&mut self, targets: &[Target]) {
        targets.iter().for_each(|target| self.expr(&target.expr));
    }

    fn sorts(&mut self, sorts: &[SortBy]) {
        sorts.iter().for_each(|sort| self.expr(&sort.expr));
    }

    fn grouping(&mut self, grouping: &Grouping) {
        match grouping {
            Grouping::Expr(expr) => self.expr(expr),
            Grouping::Empty => {}
            Grouping::Rollup(parts) | Grouping::Cube(parts) | Grouping::Sets(parts) => {
                parts.iter().for_each(|part| self.grouping(part));
            }
        }
    }

    fn window(&mut self, window: &WindowDefinition) {
        window.partition_by.iter().chain(&window.frame).for_each(|expr| self.expr(expr));
        self.sorts(&window.order_by);
    }

    fn from(&mut self, item: &FromItem, query: &Query) {
        match &item.kind {
            FromKind::Relation(relation) => {
                let locks = is_locked(relation, query);
                self.reads(relation, locks);
            }
            FromKind::Subquery { query, .. } => self.query(query),
            FromKind::Functions(functions) => functions.functions.iter().for_each(|(call, _)| self.expr(call)),
            FromKind::Join(join) => {
                self.from(&join.left, query);
                self.from(&join.right, query);
                join.on.iter().for_each(|on| self.expr(on));
            }
            FromKind::Sample { relation, args, repeatable, .. } => {
                self.from(relation, query);
                args.iter().for_each(|arg| self.expr(arg));
                repeatable.iter().for_each(|seed| self.expr(seed));
            }
            FromKind::Table(table) => table.args.iter().for_each(|arg| self.expr(arg)),
            FromKind::Opaque => {}
        }
    }

    fn insert(&mut self, insert: &Insert) {
        self.with(insert.with.as_deref(), |walk| {
            walk.visitor.writes(&insert.relation);
            insert.source.iter().for_each(|query| walk.query(query));
            if let Some(conflict) = &insert.on_conflict {
                if let Some(ConflictTarget::Columns { elements, filter }) = &conflict.target {
                    let keys = elements.iter().filter_map(|element| match &element.key {
                        IndexKey::Expr(expr) => Some(expr),
                        IndexKey::Column(_) => None,
                    });
                    keys.chain(filter).for_each(|expr| walk.expr(expr));
                }
                if let Some(update) = &conflict.update {
                    walk.assignments(&update.set);
                    update.filter.iter().for_each(|expr| walk.expr(expr));
                }
            }
            walk.targets(&insert.returning);
        });
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            self.accessors(&assignment.column.path);
            self.expr(&assignment.value);
        }
    }

    fn update(&mut self, update: &Update) {
        self.with(update.with.as_deref(), |walk| {
            walk.visitor.writes(&update.relation);
            walk.assignments(&update.set);
            update.from.iter().for_each(|item| walk.from_unlocked(item));
            update.filter.iter().for_each(|expr| walk.expr(expr));
            walk.targets(&update.returning);
        });
    }

    fn delete(&mut self, delete: &Delete) {
        self.with(delete.with.as_deref(), |walk| {
            walk.visitor.writes(&delete.relation);
            delete.using.iter().for_each(|item| walk.from_unlocked(item));
            delete.filter.iter().for_each(|expr| walk.expr(expr));
            walk.targets(&delete.returning);
        });
    }

    fn merge(&mut self, merge: &Merge) {
        self.with(merge.with.as_deref(), |walk| {
            walk.visitor.writes(&merge.relation);
            walk.from_unlocked(&merge.source);
            walk.expr(&merge.on);
            for arm in &merge.arms {
                arm.condition.iter().for_each(|expr| walk.expr(expr));
                match &arm.action {
                    MergeAction::Update(set) => walk.assignments(set),
                    MergeAction::Insert { values, .. } => values.iter().for_each(|expr| walk.expr(expr)),
                    MergeAction::Nothing | MergeAction::Delete => {}
                }
            }
            walk.targets(&merge.returning);
        });
    }

    /// FROM of a statement that has no FOR UPDATE.
    fn from_unlocked(&mut self, item: &FromItem) {
        let nothing = Query {
            span: item.span,
            with: None,
            body: QueryBody::Opaque,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            locking: Vec::new(),
        };
        self.from(item, &nothing);
    }

    fn accessors(&mut self, path: &[Accessor]) {
        for accessor in path {
            match accessor {
                Accessor::Subscript(expr) => self.expr(expr),
                Accessor::Slice(from, to) => from.iter().chain(to).for_each(|expr| self.expr(expr)),
                Accessor::Field(_) | Accessor::Star => {}
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        self.visitor.expr(expr);
        match &expr.kind {
            ExprKind::Subquery(subquery) => {
                match &subquery.kind {
                    SubqueryKind::Any { test, .. } | SubqueryKind::All { test, .. } => self.expr(test),
                    SubqueryKind::Exists | SubqueryKind::Scalar | SubqueryKind::Array => {}
                }
                self.query(&subquery.query);
            }
            ExprKind::Call(call) => {
                call.args.iter().for_each(|arg| self.expr(&arg.value));
                self.sorts(&call.order_by);
                call.filter.iter().for_each(|filter| self.expr(filter));
                call.over.iter().for_each(|window| self.window(window));
            }
            ExprKind::Indirection(indirection) => {
                self.expr(&indirection.base);
                self.accessors(&indirection.path);
            }
            _ => {
                for part in expr.kind.operands() {
                    self.expr(part);
                }
            }
        }
    }
}

/// Whether FOR UPDATE and the like are about this relation: named after OF, or nothing is.
fn is_locked(relation: &RelationRef, query: &Query) -> bool {
    let name = relation.alias.as_ref().map_or(relation.name.name.name, |alias| alias.name.name);
    query.locking.iter().any(|locking| {
        locking.relations.is_empty() || locking.relations.iter().any(|named| named.name.name.name == name)
    })
}

impl ExprKind {
    /// The direct operands, where the expression has no more to it than operands.
    pub fn operands(&self) -> Vec<&Expr> {
        match self {
            ExprKind::Cast(cast) => vec![&cast.expr],
            ExprKind::Operator(operation) => operation.left.iter().chain([&operation.right]).collect(),
            ExprKind::Quantified(quantified) => vec![&quantified.left, &quantified.right],
            ExprKind::Distinct(comparison) | ExprKind::NullIf(comparison) => vec![&comparison.left, &comparison.right],
            ExprKind::In(list) => [&list.expr].into_iter().chain(&list.list).collect(),
            ExprKind::Like(like) => [&like.expr, &like.pattern].into_iter().chain(&like.escape).collect(),
            ExprKind::Between(between) => vec![&between.expr, &between.low, &between.high],
            ExprKind::And(parts)
            | ExprKind::Or(parts)
            | ExprKind::Coalesce(parts)
            | ExprKind::Greatest(parts)
            | ExprKind::Least(parts)
            | ExprKind::Row(parts)
            | ExprKind::Array(parts)
            | ExprKind::Grouping(parts) => parts.iter().collect(),
            ExprKind::Not(inner) => vec![inner],
            ExprKind::Case(case) => {
                let arms = case.arms.iter().flat_map(|(when, then)| [when, then]);
                case.operand.iter().chain(arms).chain(&case.otherwise).collect()
            }
            ExprKind::Collate(collate) => vec![&collate.expr],
            ExprKind::NullTest(test) => vec![&test.expr],
            ExprKind::BooleanTest(test) => vec![&test.expr],
            ExprKind::Constructor(constructor) => constructor.args.iter().collect(),
            _ => Vec::new(),
        }
    }
}
