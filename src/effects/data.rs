//! SELECT and the statements that write rows.
//!
//! Whether the planner reads a table from end to end depends on its size, so nothing here speaks of scans.

use super::maintenance::is_on;
use super::{TransactionRule, Work};
use crate::catalog::{Column, Kind, ObjectId, Relation, RelationClass};
use crate::source::Span;
use crate::syntax::token::Tokens;
use crate::syntax::visit::{Visit, visit_data, visit_expr, visit_query, visit_statement};
use crate::syntax::{
    Copy, DataRef, Expr, ExprKind, Ident, Insert, LockMode, Merge, MergeAction, Name, QualifiedName, Query, QueryBody,
    ReferentialAction, RelationRef, StatementKind,
};

impl Work<'_> {
    pub(super) fn data(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Copy(copy) => self.copy(copy),
            StatementKind::DeclareCursor { query, .. } => {
                self.effects.transaction = TransactionRule::InsideOnly;
                self.query(query, true);
            }
            StatementKind::Explain { statement, options } if !is_on(options, "analyze") => {
                self.planned(&statement.kind);
            }
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
        self.guarded_by_keys(kind);
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
    fn table_of_view(&self, view: ObjectId) -> Option<ObjectId> {
        let relation = self.relation(view).filter(|it| it.class == RelationClass::View)?;
        match &relation.query.as_ref()?.reads[..] {
            [(only, _)] => Some(*only),
            _ => None,
        }
    }

    /// The actions of rules on what is written.
    fn rewritten_by_rules(&mut self, kind: &StatementKind) {
        use crate::syntax::PolicyCommand as Event;
        let (relation, event) = match kind {
            StatementKind::Insert(insert) => (&insert.relation, Event::Insert),
            StatementKind::Update(update) => (&update.relation, Event::Update),
            StatementKind::Delete(delete) => (&delete.relation, Event::Delete),
            _ => return,
        };
        let Some(table) = self.find(&relation.name) else { return };
        let rules = self.before.attached(table).filter_map(|(_, object)| match &object.kind {
            Kind::Rule(rule) if rule.event == event => Some(rule.actions.clone()),
            _ => None,
        });
        for actions in rules.collect::<Vec<_>>() {
            actions.iter().for_each(|action| self.rule_action(&action.kind));
        }
    }

    /// Foreign keys lock rows of the other side.
    fn guarded_by_keys(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Insert(insert) => self.inserted(insert),
            StatementKind::Update(update) => {
                let Some(table) = self.find(&update.relation.name) else { return };
                let set: Vec<Name> = update.set.iter().map(|it| it.column.name.name).collect();
                self.lock_referenced(table, |column| set.contains(&column));
            }
            StatementKind::Delete(delete) => {
                if let Some(table) = self.find(&delete.relation.name) {
                    self.deleted(self.table_of_view(table).unwrap_or(table));
                }
            }
            StatementKind::Merge(merge) => self.merged(merge),
            _ => {}
        }
    }

    /// Each arm of MERGE is what it would be alone.
    fn merged(&mut self, merge: &Merge) {
        let Some(table) = self.find(&merge.relation.name) else { return };
        for arm in &merge.arms {
            match &arm.action {
                MergeAction::Update(set) => {
                    let set: Vec<Name> = set.iter().map(|it| it.column.name.name).collect();
                    self.lock_referenced(table, |column| set.contains(&column));
                }
                MergeAction::Insert { columns, .. } => {
                    let named: Vec<Name> = columns.iter().map(|column| column.name.name).collect();
                    if !named.is_empty() {
                        self.lock_sequences_of_defaults(table, &named);
                    }
                    self.lock_referenced(table, |column| named.is_empty() || named.contains(&column));
                }
                MergeAction::Delete => self.deleted(table),
                MergeAction::Nothing => {}
            }
        }
    }

    fn inserted(&mut self, insert: &Insert) {
        let Some(table) = self.find(&insert.relation.name) else { return };
        if insert.on_conflict.is_some() {
            self.lock_indexes(table, LockMode::RowExclusive);
        }
        let named: Vec<Name> = insert.columns.iter().map(|column| column.name.name).collect();
        // A column that is left out takes its default from a sequence, where it has one.
        if !named.is_empty() {
            self.lock_sequences_of_defaults(table, &named);
        }
        let all = self.column_names(table);
        for partition in self.partitions_written(table, insert) {
            self.lock(partition, LockMode::RowExclusive);
        }
        let nulls = null_columns(insert, if named.is_empty() { &all } else { &named });
        self.lock_referenced(table, |column| (named.is_empty() || named.contains(&column)) && !nulls.contains(&column));
    }

    fn lock_sequences_of_defaults(&mut self, table: ObjectId, given: &[Name]) {
        for sequence in self.sequences(table) {
            let Some(Kind::Sequence(is)) = self.before.get(sequence).map(|object| &object.kind) else { continue };
            let column = is.owned_by.and_then(|(_, column)| self.before.column(table, column));
            let fills = |column: &Column| column.default.is_some() || column.identity.is_some();
            if column.is_some_and(|column| fills(column) && !given.contains(&column.name)) {
                self.lock(sequence, LockMode::RowExclusive);
            }
        }
    }

    /// The rows that new values reference are locked against deletion.
    fn lock_referenced(&mut self, table: ObjectId, written: impl Fn(Name) -> bool) {
        let keys: Vec<ObjectId> = self
            .before
            .foreign_keys(table)
            .filter(|(constraint, key)| {
                let columns = self.before.column_names(table, &key.columns);
                !constraint.is.initially_deferred && columns.into_iter().any(&written)
            })
            .map(|(_, key)| key.references)
            .collect();
        for referenced in keys {
            self.lock(referenced, LockMode::RowShare);
            self.lock_indexes(referenced, LockMode::RowShare);
        }
    }

    /// What references deleted rows is deleted, cut loose, or locked while it is asked.
    fn deleted(&mut self, table: ObjectId) {
        let mut waiting = vec![table];
        let mut seen = vec![table];
        while let Some(table) = waiting.pop() {
            let keys: Vec<_> =
                self.before.referencing(table).map(|(constraint, key)| (constraint.is.of, key.on_delete)).collect();
            for (referencing, action) in keys {
                let asks = matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict);
                let mode = if asks { LockMode::RowShare } else { LockMode::RowExclusive };
                self.lock(referencing, mode);
                self.lock_indexes(referencing, mode);
                if action == ReferentialAction::Cascade && !seen.contains(&referencing) {
                    seen.push(referencing);
                    waiting.push(referencing);
                }
            }
        }
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
                // The planner opens the indexes of a target with the target's own lock.
                let partitioned = self.relation(table).is_some_and(|it| it.partition_key.is_some());
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

/// Columns that all rows of a VALUES list set to NULL.
fn null_columns(insert: &Insert, columns: &[Name]) -> Vec<Name> {
    let Some(QueryBody::Values(values)) = insert.source.as_ref().map(|query| &query.body) else { return Vec::new() };
    let is_null =
        |at: usize| values.rows.iter().all(|row| row.get(at).is_some_and(|it| matches!(it.kind, ExprKind::Null)));
    let columns = columns.iter().enumerate().filter(|(at, _)| values.elided == 0 && is_null(*at));
    columns.map(|(_, column)| *column).collect()
}

/// The relations of a statement with the lock that each takes.
#[derive(Default)]
struct Locks {
    taken: Vec<(RelationRef, LockMode)>,
    /// Sequences that nextval and setval are called for.
    sequences: Vec<QualifiedName>,
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
        if !matches!(call.function.name.as_str(), "nextval" | "setval" | "currval") {
            return;
        }
        let text = call.args.first().and_then(|arg| constant_text(&arg.value));
        self.sequences.extend(text.and_then(|text| relation_name(text, expr.span)));
    }
}
