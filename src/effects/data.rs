//! SELECT and the statements that write rows.
//!
//! Whether the planner reads a table from end to end depends on its size, so nothing here speaks of scans.

use super::tree::tree;
use super::{TransactionRule, Work};
use crate::catalog::ObjectId;
use crate::syntax::visit::{Visit, visit_data, visit_expr, visit_query, visit_statement};
use crate::syntax::{Copy, DataStatement, Expr, LockMode, Query, RelationRef, StatementKind};

impl Work<'_> {
    pub(super) fn data(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Copy(copy) => self.copy(copy),
            StatementKind::DeclareCursor { query, .. } => {
                self.effects.transaction = TransactionRule::InsideOnly;
                self.query(query, true);
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
            self.data_statement(query);
        }
    }

    fn data_statement(&mut self, statement: &DataStatement) {
        let mut locks = Locks::default();
        visit_data(statement, &mut locks);
        self.take(locks);
    }

    fn written(&mut self, kind: &StatementKind) {
        let mut locks = Locks::default();
        visit_statement(kind, &mut locks);
        self.take(locks);
    }

    /// The relations that a query reads. Parse analysis alone (a view, WITH NO DATA) does not open the views' own tables.
    pub(super) fn query(&mut self, query: &Query, run: bool) {
        let mut locks = Locks::default();
        visit_query(query, &mut locks);
        if run { self.take(locks) } else { self.take_outermost(locks) }
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
            self.lock_below(id, mode);
            if mode == LockMode::RowExclusive {
                self.lock_indexes(id, LockMode::RowExclusive);
            }
        }
    }

    /// A view's tables, and a table's children.
    fn lock_below(&mut self, id: ObjectId, mode: LockMode) {
        let mut waiting = vec![id];
        let mut seen = Vec::new();
        while let Some(id) = waiting.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            for table in tree(self.before, id) {
                self.lock(table, mode);
            }
            let reads = self.relation(id).and_then(|relation| relation.query.clone());
            waiting.extend(reads.iter().flat_map(|query| query.reads.iter().map(|(relation, _)| *relation)));
        }
    }
}

/// The relations of a statement with the lock that each takes.
#[derive(Default)]
struct Locks {
    taken: Vec<(RelationRef, LockMode)>,
}

impl Visit for Locks {
    fn reads(&mut self, relation: &RelationRef, row_locks: bool) {
        let mode = if row_locks { LockMode::RowShare } else { LockMode::AccessShare };
        self.taken.push((relation.clone(), mode));
    }

    fn writes(&mut self, relation: &RelationRef) {
        self.taken.push((relation.clone(), LockMode::RowExclusive));
    }
}
