//! SELECT and the statements that write rows.
//!
//! Whether the planner reads a table from end to end depends on its size, so nothing here speaks of scans.

use super::maintenance::is_on;
use super::{TransactionRule, Work};
use crate::catalog::{Kind, ObjectId, Relation, RelationClass, Rule};
use crate::source::Span;
use crate::syntax::token::Tokens;
use crate::syntax::visit::{Visit, visit_data, visit_expr, visit_query, visit_statement};
use crate::syntax::{
    Copy, DataRef, Expr, ExprKind, Ident, LockMode, QualifiedName, Query, RelationRef, StatementKind, TableSource,
};

impl Work<'_> {
    pub(super) fn data(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Copy(copy) => self.copy(copy),
            StatementKind::DeclareCursor { query, .. } => {
                self.effects.transaction = TransactionRule::InsideOnly;
                self.query(query, true);
            }
            StatementKind::Explain { statement, options } if !is_on(options, "analyze") => match &statement.kind {
                StatementKind::CreateTableAs(create) => {
                    if let TableSource::Query(query) = &create.source {
                        self.query(query, true);
                    }
                }
                kind => self.planned(kind),
            },
            StatementKind::Prepare { statement, .. } | StatementKind::Explain { statement, .. } => {
                self.statement(&statement.kind)
            }
            _ => self.written(kind),
        }
    }

    fn copy(&mut self, copy: &Copy) {
        if let Some(table) = copy.relation.as_ref().and_then(|relation| self.find(&relation.name)) {
            self.lock(table, if copy.from { LockMode::RowExclusive } else { LockMode::AccessShare });
        }
        if let Some(query) = &copy.query {
            self.data_statement(query.as_ref());
        }
    }

    fn data_statement(&mut self, statement: DataRef<'_>) {
        let mut locks = Locks::default();
        visit_data(statement, &mut locks);
        self.take(locks);
    }

    fn written(&mut self, kind: &StatementKind) {
        self.planned(kind);
        if !self.is_replaced_by_rule(kind) {
            self.guarded_by_keys(kind);
            self.fire_triggers(kind);
        }
        self.rewritten_by_rules(kind);
    }

    /// What the statement takes before a row is touched.
    fn planned(&mut self, kind: &StatementKind) {
        self.left_out = self.left_out(kind);
        let mut locks = Locks::default();
        visit_statement(kind, &mut locks);
        let target = match kind {
            StatementKind::Insert(insert) => Some(&insert.relation),
            _ => None,
        };
        // INSERT opens indexes only to write to them, and the partition that a row goes to is known from its values alone.
        let own =
            locks.taken.iter().position(|(relation, mode)| Some(relation) == target && *mode == LockMode::RowExclusive);
        let own = own.map(|at| locks.taken.remove(at));
        self.take(locks);
        if let Some((relation, mode)) = own {
            let mut written = self.find(&relation.name);
            while let Some(table) = written {
                self.lock(table, mode);
                written = self.table_of_view(table);
            }
        }
    }

    /// The one table that a view shows, so that it can be written through the view.
    pub(super) fn table_of_view(&self, view: ObjectId) -> Option<ObjectId> {
        let relation = self.relation(view).filter(|it| it.class == RelationClass::View)?;
        match &relation.query.as_ref()?.reads[..] {
            [(only, _)] => Some(*only),
            _ => None,
        }
    }

    /// The rules on what is written.
    fn rules(&self, kind: &StatementKind) -> Vec<Rule> {
        use crate::syntax::PolicyCommand as Event;
        let (relation, event) = match kind {
            StatementKind::Insert(insert) => (&insert.relation, Event::Insert),
            StatementKind::Update(update) => (&update.relation, Event::Update),
            StatementKind::Delete(delete) => (&delete.relation, Event::Delete),
            _ => return Vec::new(),
        };
        let Some(table) = self.find(&relation.name) else { return Vec::new() };
        let rules = self.before.attached(table).filter_map(|(_, object)| match &object.kind {
            Kind::Rule(rule) if rule.event == event => Some(rule.clone()),
            _ => None,
        });
        rules.collect()
    }

    fn rewritten_by_rules(&mut self, kind: &StatementKind) {
        for rule in self.rules(kind) {
            rule.actions.iter().for_each(|action| self.rule_action(&action.kind));
        }
    }

    /// Whether a rule does something else instead. On a view there is no row that it could leave to the statement.
    fn is_replaced_by_rule(&self, kind: &StatementKind) -> bool {
        let on_view = |rule: &Rule| self.relation(rule.table).is_some_and(|it| it.class == RelationClass::View);
        self.rules(kind).iter().any(|rule| rule.instead && on_view(rule))
    }

    /// The relations that a query reads. Parse analysis alone (a view, WITH NO DATA) does not open the views' own tables.
    pub(super) fn query(&mut self, query: &Query, run: bool) {
        let mut locks = Locks::default();
        visit_query(query, &mut locks);
        if run { self.take(locks) } else { self.take_outermost(locks) }
    }

    /// An expression that is computed.
    pub(super) fn run_expression(&mut self, expr: &Expr) {
        let mut locks = Locks::default();
        visit_expr(expr, &mut locks);
        self.take(locks);
    }

    /// An expression that is analysed but not run.
    pub(super) fn expression(&mut self, expr: &Expr) {
        let mut locks = Locks::default();
        visit_expr(expr, &mut locks);
        self.take_outermost(locks);
    }

    /// A statement that is analysed but not run: an action of a rule, a line of an SQL-standard body.
    pub(super) fn rule_action(&mut self, kind: &StatementKind) {
        let mut locks = Locks::default();
        visit_statement(kind, &mut locks);
        self.take_outermost(locks);
    }

    fn take_outermost(&mut self, locks: Locks) {
        for (relation, mode) in locks.taken {
            if let Some(id) = self.find(&relation.name) {
                self.lock(id, mode);
            }
        }
    }

    fn take(&mut self, locks: Locks) {
        for (relation, mode) in locks.taken {
            let Some(id) = self.find(&relation.name) else { continue };
            self.lock(id, mode);
            self.lock_below(id, relation.only, mode);
        }
        for sequence in locks.sequences {
            self.lock_name(&sequence, LockMode::RowExclusive);
        }
        for function in locks.called {
            self.call(&function);
        }
    }

    /// A view's tables, and a table's children.
    pub(super) fn lock_below(&mut self, id: ObjectId, only: bool, mode: LockMode) {
        let mut waiting = vec![(id, only)];
        let mut seen = Vec::new();
        while let Some((id, only)) = waiting.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let targets = self.targets(id, only).into_iter().filter(|table| !self.left_out.contains(table));
            for table in targets.collect::<Vec<_>>() {
                self.lock(table, mode);
                let partitioned = self.is_partitioned(table);
                if partitioned || mode == LockMode::RowExclusive {
                    self.check_partition_bounds(table);
                }
                // The planner opens the indexes of a target with the target's own lock.
                if mode > LockMode::AccessShare && !(partitioned && self.version < 16 && !only) {
                    self.lock_indexes(table, mode);
                }
            }
            let is_view = |relation: &&Relation| relation.class == RelationClass::View;
            let reads = self.relation(id).filter(is_view).and_then(|relation| relation.query.clone());
            waiting.extend(reads.iter().flat_map(|query| query.reads.iter().map(|(relation, _)| (*relation, false))));
        }
    }
}

/// `'name'` or `'name'::regclass`.
fn constant_text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::String(text) => Some(text),
        ExprKind::Cast(cast) => constant_text(&cast.expr),
        _ => None,
    }
}

/// The text of a regclass constant as a name.
fn relation_name(text: &str, span: Span) -> Option<QualifiedName> {
    let tokens = Tokens::of(text).tokens;
    let parts: Vec<Ident> = tokens
        .iter()
        .filter(|token| token.is_name())
        .map(|token| {
            let written = token.text(text);
            let name = written.strip_prefix('"').and_then(|it| it.strip_suffix('"')).map(|it| it.replace("\"\"", "\""));
            Ident::new(name.unwrap_or_else(|| written.to_ascii_lowercase()), span)
        })
        .collect();
    let (name, before) = parts.split_last()?;
    Some(QualifiedName { database: None, schema: before.last().copied(), name: *name })
}

/// The relations of a statement with the lock that each takes.
#[derive(Default)]
pub(super) struct Locks {
    pub(super) taken: Vec<(RelationRef, LockMode)>,
    /// Sequences that nextval and setval are called for.
    sequences: Vec<QualifiedName>,
    /// Functions that are called.
    called: Vec<QualifiedName>,
}

impl Visit for Locks {
    fn reads(&mut self, relation: &RelationRef, row_locks: bool) {
        let mode = if row_locks { LockMode::RowShare } else { LockMode::AccessShare };
        self.taken.push((relation.clone(), mode));
    }

    fn writes(&mut self, relation: &RelationRef) {
        self.taken.push((relation.clone(), LockMode::RowExclusive));
    }

    fn expr(&mut self, expr: &Expr) {
        let ExprKind::Call(call) = &expr.kind else { return };
        self.called.push(call.function.clone());
        if !matches!(call.function.name.as_str(), "nextval" | "setval" | "currval") {
            return;
        }
        let text = call.args.first().and_then(|arg| constant_text(&arg.value));
        self.sequences.extend(text.and_then(|text| relation_name(text, expr.span)));
    }
}
