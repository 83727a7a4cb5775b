//! BEGIN, COMMIT, ROLLBACK and savepoints.

use std::sync::Arc;

use super::{Effect, Replay, Session};
use crate::catalog::{Mark, Outcome, StatementId};
use crate::source::{FileId, Span};
use crate::syntax::{Ident, Name, ObjectKind, Statement, StatementKind, Transaction};

/// Where a transaction stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransactionState {
    /// The number of this transaction.
    pub number: u32,
    /// A block opened by BEGIN, or by the runner.
    pub block: Option<Block>,
    /// The statements of the file that are in no block of its own are transactions, too.
    pub batch: bool,
    /// Nobody knows whether the runner opens one for the whole file: what would end with a statement may stay.
    pub unknown: bool,
    /// The runner sends what cannot run in a transaction by itself.
    pub sends_apart: bool,
}

/// An open transaction block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What ROLLBACK comes back to.
    start: Point,
    /// The session as COMMIT leaves it: without SET LOCAL.
    pub after_commit: Session,
    /// Savepoints, oldest first.
    savepoints: Vec<(Name, Point)>,
    /// Opened by BEGIN, so that it only ends where the file says so.
    explicit: bool,
}

/// A state to come back to.
#[derive(Clone, Debug)]
struct Point {
    mark: Mark,
    session: Session,
    after_commit: Session,
    /// The first statement that is undone.
    next: StatementId,
}

impl Replay {
    /// A statement outside a block is a transaction of its own.
    pub(super) fn start_transaction(&mut self) {
        if self.transaction.block.is_none() {
            self.transaction.number += 1;
        }
    }

    /// Whether a transaction block is open.
    pub(crate) fn in_block(&self) -> bool {
        self.transaction.block.is_some()
    }

    /// Opens a block; within one, nothing happens (the server warns).
    pub(super) fn begin_block(&mut self) {
        if self.transaction.block.is_some() {
            return;
        }
        self.transaction.number += 1;
        let after_commit = self.session.clone();
        let start = self.point(&after_commit);
        self.transaction.block = Some(Block { start, after_commit, savepoints: Vec::new(), explicit: false });
    }

    /// Runs a statement of a file, in a transaction or by itself as the runner has it.
    pub(super) fn run_in_order(&mut self, file: FileId, statement: &Arc<Statement>) {
        let within_batch =
            self.transaction.sends_apart && self.transaction.block.as_ref().is_some_and(|it| !it.explicit);
        let apart = within_batch && runs_apart(&statement.kind);
        if apart {
            self.commit_block();
        }
        self.run(file, statement.clone(), None);
        self.refuse_repeats(file, statement);
        match &statement.kind {
            StatementKind::Transaction(Transaction::Begin { .. }) => {
                if let Some(block) = &mut self.transaction.block {
                    block.explicit = true;
                }
            }
            // What follows on the end of a block is again one transaction.
            _ if self.transaction.batch && self.transaction.block.is_none() => self.begin_block(),
            _ => {}
        }
    }

    /// Closes a block and keeps what it did.
    pub(super) fn commit_block(&mut self) {
        if let Some(block) = self.transaction.block.take() {
            self.session = block.after_commit;
            self.drop_at_commit();
            self.catalog.commit();
        }
    }

    /// Temporary tables with ON COMMIT DROP.
    pub(super) fn drop_at_commit(&mut self) {
        for table in std::mem::take(&mut self.drop_on_commit) {
            if self.now().get(table).is_some() {
                self.drop_quietly(table);
            }
        }
    }

    fn rollback_block(&mut self) {
        if let Some(block) = self.transaction.block.take() {
            self.drop_on_commit.clear();
            self.go_back(&block.start);
        }
    }

    fn point(&self, after_commit: &Session) -> Point {
        Point {
            mark: self.catalog.mark(),
            session: self.session.clone(),
            after_commit: after_commit.clone(),
            next: StatementId(self.catalog.statements().len() as u32 + 1),
        }
    }

    fn go_back(&mut self, point: &Point) {
        self.catalog.undo_to(point.mark);
        self.session = point.session.clone();
        for id in point.next.0..self.current.0 {
            if let Some(statement) = self.catalog.statement_mut(StatementId(id)) {
                statement.rolled_back = true;
            }
        }
    }

    pub(super) fn transaction(&mut self, statement: &Transaction, span: Span) -> Effect {
        match statement {
            Transaction::Begin { .. } => self.begin_block(),
            Transaction::Commit { chain } => {
                self.commit_block();
                self.chain(*chain);
            }
            Transaction::Rollback { chain } => {
                self.rollback_block();
                self.chain(*chain);
            }
            Transaction::Savepoint(name) => self.savepoint(*name)?,
            Transaction::Release(name) => self.release(*name)?,
            Transaction::RollbackTo(name) => self.rollback_to(*name)?,
            // The rows that a prepared transaction wrote come with COMMIT PREPARED; nothing here needs to wait for it.
            Transaction::Prepare => self.commit_block(),
            Transaction::CommitPrepared => self.refuse_in_block("COMMIT PREPARED", span)?,
            Transaction::RollbackPrepared => self.refuse_in_block("ROLLBACK PREPARED", span)?,
        }
        Ok(Outcome::Done)
    }

    fn chain(&mut self, chain: bool) {
        if chain {
            self.begin_block();
        }
    }

    fn savepoint(&mut self, name: Ident) -> Effect<()> {
        let Some(block) = self.transaction.block.take() else {
            return Err(self.refuse("25P01", name.span, "SAVEPOINT can only be used in transaction blocks"));
        };
        let point = self.point(&block.after_commit);
        let mut savepoints = block.savepoints;
        savepoints.push((name.name, point));
        self.transaction.block = Some(Block { savepoints, ..block });
        Ok(())
    }

    fn release(&mut self, name: Ident) -> Effect<()> {
        let at = self.find_savepoint(name, "RELEASE SAVEPOINT")?;
        if let Some(block) = &mut self.transaction.block {
            block.savepoints.truncate(at);
        }
        Ok(())
    }

    fn rollback_to(&mut self, name: Ident) -> Effect<()> {
        let at = self.find_savepoint(name, "ROLLBACK TO SAVEPOINT")?;
        let Some(block) = &mut self.transaction.block else { return Ok(()) };
        block.savepoints.truncate(at + 1);
        let point = block.savepoints[at].1.clone();
        block.after_commit = point.after_commit.clone();
        self.go_back(&point);
        Ok(())
    }

    fn find_savepoint(&self, name: Ident, command: &str) -> Effect<usize> {
        let Some(block) = &self.transaction.block else {
            let message = format!("{command} can only be used in transaction blocks");
            return Err(self.refuse("25P01", name.span, message));
        };
        let found = block.savepoints.iter().rposition(|(savepoint, _)| *savepoint == name.name);
        found.ok_or_else(|| self.refuse("3B001", name.span, format!("savepoint \"{}\" does not exist", name.name)))
    }

    /// Whether code runs the statement that runs now: then it is in the transaction of that code.
    pub(crate) fn is_within_code(&self) -> bool {
        self.catalog.statement(self.current).is_some_and(|it| it.within.is_some())
    }

    /// Refuses what cannot run in a transaction block.
    pub(crate) fn refuse_in_block(&self, command: &str, span: Span) -> Effect<()> {
        if self.is_within_code() {
            return Err(self.refuse("25001", span, format!("{command} cannot be executed from a function")));
        }
        if self.transaction.block.is_none() {
            return Ok(());
        }
        Err(self.refuse("25001", span, format!("{command} cannot run inside a transaction block")))
    }
}

/// What the Supabase CLI sends by itself since its version 2.109, DROP INDEX since one a little later.
fn runs_apart(statement: &StatementKind) -> bool {
    match statement {
        StatementKind::CreateIndex(create) => create.concurrently.is_some(),
        StatementKind::Drop(drop) => drop.kind == ObjectKind::Index && drop.concurrently.is_some(),
        StatementKind::Reindex(reindex) => reindex.concurrently.is_some(),
        StatementKind::Vacuum { vacuum, .. } => *vacuum,
        StatementKind::AlterSystem { .. } | StatementKind::Cluster { .. } => true,
        _ => false,
    }
}
