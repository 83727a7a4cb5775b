//! Replay: runs the migrations against the catalog, one statement after the other, as the server would.
//!
//! A statement either has its whole effect, or none and a [`Refusal`] that says why. Each family of
//! statements has a file of its own; all of them are methods of [`Replay`].

mod execute;
mod names;
mod refuse;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Catalog, Executed, Mark, ObjectId, Outcome, Refusal, StatementId};
use crate::source::FileId;
use crate::syntax::{Name, Statement};

/// What the replayed server is like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerSettings {
    /// Major version, 14 to 18.
    pub version: u8,
    /// What an empty database holds.
    pub platform: Platform,
}

/// What an empty database holds beyond the system catalogs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Platform {
    /// `public` and nothing else.
    Plain,
    /// An empty Supabase project.
    Supabase(SupabaseSettings),
}

/// Platform settings of a Supabase project that change the catalog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupabaseSettings {
    /// New objects of `public` are granted to anon, authenticated and service_role (`legacy`); false
    /// for projects with the 2026 default, where nothing is granted.
    pub legacy_default_privileges: bool,
    /// pg_graphql is installed.
    pub pg_graphql: bool,
}

/// One file as the runner sends it.
pub struct Migration {
    /// The file.
    pub file: FileId,
    /// What of it is run, in order.
    pub statements: Vec<Arc<Statement>>,
    /// How the runner wraps it.
    pub transaction: TransactionMode,
}

/// How a runner wraps a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionMode {
    /// The whole file is one transaction block.
    File,
    /// Each statement is sent on its own.
    Statement,
}

/// Replays `migrations` in order over the empty database that `settings` describes.
pub fn replay(migrations: &[Migration], settings: &ServerSettings) -> Catalog {
    let mut replay = Replay::new(settings.clone());
    for migration in migrations {
        replay.run_file(migration);
    }
    replay.catalog
}

/// What one statement did: `Err` leaves no trace.
pub(crate) type Effect = Result<Outcome, Box<Refusal>>;

/// The state of a replay between two statements.
pub struct Replay {
    pub(crate) catalog: Catalog,
    pub(crate) settings: ServerSettings,
    pub(crate) session: Session,
    pub(crate) transaction: TransactionState,
    /// The statement that is being executed.
    pub(crate) current: StatementId,
}

/// What SET changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// search_path as set; `$user` stands for the role.
    pub search_path: Vec<Name>,
    /// The role whose privileges apply and who owns what is made.
    pub role: Option<ObjectId>,
    /// The role that logged in.
    pub session_role: Option<ObjectId>,
    /// Other settings that were set.
    pub settings: FxHashMap<Name, Arc<str>>,
}

/// Where a transaction stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransactionState {
    /// The number of this transaction.
    pub number: u32,
    /// A block opened by BEGIN, or by the runner.
    pub block: Option<Block>,
}

/// An open transaction block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What to undo to on ROLLBACK.
    pub mark: Mark,
    /// The session as it was.
    pub session: Session,
    /// The first statement of the block.
    pub first: StatementId,
    /// Savepoints, oldest first.
    pub savepoints: Vec<(Name, Mark, StatementId)>,
}

impl Replay {
    /// The empty database.
    pub fn new(settings: ServerSettings) -> Replay {
        Replay {
            catalog: Catalog::default(),
            settings,
            session: Session::default(),
            transaction: TransactionState::default(),
            current: StatementId::BASELINE,
        }
    }

    fn run_file(&mut self, migration: &Migration) {
        for statement in &migration.statements {
            self.run(migration.file, statement.clone(), None);
        }
    }

    /// Runs one statement; on a refusal nothing of it stays.
    pub(crate) fn run(&mut self, file: FileId, statement: Arc<Statement>, within: Option<StatementId>) {
        let (transaction, block) = (self.transaction.number, self.transaction.block.is_some());
        let search_path = self.effective_search_path();
        let role = self.session.role;
        let id = self.catalog.begin_statement(|id| Executed {
            id,
            file,
            statement: statement.clone(),
            within,
            transaction,
            in_transaction_block: block,
            rolled_back: false,
            outcome: Outcome::Done,
            search_path,
            role,
        });
        let caller = std::mem::replace(&mut self.current, id);
        let mark = self.catalog.mark();
        let outcome = self.execute(&statement).unwrap_or_else(|refusal| {
            self.catalog.undo_to(mark);
            Outcome::Refused(Arc::new(*refusal))
        });
        if let Some(executed) = self.catalog.statement_mut(id) {
            executed.outcome = outcome;
        }
        self.current = caller;
    }
}
