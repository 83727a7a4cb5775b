//! Replay: runs the migrations against the catalog, one statement after the other, as the server would.
//!
//! A statement either has its whole effect, or none and a [`super::Refusal`] that says why. Each family of
//! statements has a file of its own; all of them are methods of [`Replay`].

mod aggregate;
mod ahead;
mod alter_parts;
mod alter_table;
mod analysis;
mod body;
mod bounds;
mod calls;
mod code;
mod coerce;
mod column;
mod constraint;
mod create;
mod data;
mod deferred;
mod depend;
mod domain;
mod doubt;
mod drop;
mod execute;
mod extension;
mod function;
mod grant;
mod hindsight;
mod index;
mod limits;
mod names;
pub(crate) mod naming;
mod newer;
mod not_null;
mod opclass;
mod options;
mod other;
mod partition;
mod permission;
mod plpgsql;
mod policy;
mod prepared;
mod publication;
mod refuse;
mod rename;
mod role;
mod rows;
mod rule;
mod schema;
mod sequence;
mod session;
mod setting;
mod signature;
mod start;
mod table;
mod tablespace;
mod transaction;
mod trigger;
mod type_;
mod upkeep;
mod view;
mod written;

use std::borrow::Borrow;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::analyze::Scope;
use super::eval::{DdlCommand, NameIndex};
use super::{Catalog, CatalogAt, Executed, ObjectId, Outcome, StatementId};
use crate::source::{FileId, Span};
use crate::syntax::plpgsql::KnownSql;
use crate::syntax::{Name, Statement, StatementKind};

pub use ahead::Ahead;
pub(crate) use doubt::{Doubt, GAP};
pub(crate) use refuse::Stop;
pub(crate) use session::Session;
pub(crate) use transaction::TransactionState;

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
    /// What of it nobody can read, in order.
    pub gaps: Vec<Gap>,
    /// How the runner wraps it.
    pub transaction: TransactionMode,
    /// What the whole history holds.
    pub ahead: Arc<Ahead>,
}

/// A statement that cannot be read: what fills a template in it is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Where it is.
    pub span: Span,
    /// The words in it: whatever has such a name may have been made or dropped.
    pub names: Vec<Name>,
    /// A name may be hidden in it, so that anything may have been.
    pub anything: bool,
}

/// How a runner wraps a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionMode {
    /// The whole file is one transaction block.
    File,
    /// The whole file is one transaction, but what cannot run in one is sent by itself and parts it in two.
    Batch,
    /// Each statement is sent on its own.
    Statement,
    /// Nobody says what the runner is: as if each statement was sent on its own, but for what would be gone then.
    Unknown,
    /// The file is sent as one string: the server makes one transaction of its statements where there
    /// are several, and a BEGIN or COMMIT among them ends it.
    Query,
}

/// Replays `migrations` in order over the empty database that `settings` describes.
pub fn replay(migrations: impl IntoIterator<Item: Borrow<Migration>>, settings: &ServerSettings) -> Catalog {
    let mut replay = Replay::new(settings.clone());
    for migration in migrations {
        replay.run_file(migration.borrow());
    }
    replay.add_hindsight();
    replay.catalog.settle();
    replay.catalog
}

/// What one statement did: `Err` leaves no trace.
pub(crate) type Effect<T = Outcome> = Result<T, Stop>;

/// The state of a replay between two statements.
#[derive(Clone)]
pub struct Replay {
    pub(crate) catalog: Catalog,
    pub(crate) settings: ServerSettings,
    pub(crate) session: Session,
    pub(crate) transaction: TransactionState,
    /// What may be there though replay did not see it made.
    pub(crate) doubt: Doubt,
    /// The settings with a dot that the connection has set.
    placeholders: FxHashSet<Name>,
    /// What the history holds further on.
    ahead: Arc<Ahead>,
    /// The SQL in code that is made again, each wording once.
    known_sql: KnownSql,
    /// The last file held nothing but settings, which would be in vain if they ended with it.
    keeps_settings: bool,
    /// The statement that is being executed.
    pub(crate) current: StatementId,
    /// The schemas that names are looked up in while it is, in order.
    pub(crate) path: Arc<[ObjectId]>,
    /// What the code around the statement declares, where its query may name that.
    pub(crate) code_scope: Scope,
    /// Tables with ON COMMIT DROP of the open transaction.
    pub(crate) drop_on_commit: Vec<ObjectId>,
    /// The constraints that were ever made under a name; of those that live, generated names stay clear.
    constraint_names: FxHashMap<Name, Vec<ObjectId>>,
    /// How many steps may still be spent on the rows that the migrations wrote.
    pub(in crate::catalog) row_steps: u32,
    /// Names that were not there, to look up again when all has run.
    missing: Vec<refuse::Missing>,
    /// The entries that ALTER DEFAULT PRIVILEGES ever made.
    default_privileges: Vec<ObjectId>,
    /// What the statements have made whose event triggers run, the innermost last.
    pub(crate) ddl_commands: Vec<Vec<DdlCommand>>,
    /// The functions of the system that statements have named, by their place in the table of those.
    system_routines: FxHashMap<u32, ObjectId>,
    /// The objects that ever had each name, for code that asks.
    pub(crate) names_ever: NameIndex,
}

/// Whether a file does no more than to set up the session for those after it.
fn only_settings(statements: &[Arc<Statement>]) -> bool {
    !statements.is_empty() && statements.iter().all(|it| matches!(it.kind, StatementKind::Set(_)))
}

impl Replay {
    /// The empty database. The first of its kind is made, and the others share what it holds.
    pub fn new(settings: ServerSettings) -> Replay {
        static MADE: Mutex<Vec<Replay>> = Mutex::new(Vec::new());
        // A panic elsewhere leaves a list that is whole.
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = made.iter().find(|replay| replay.settings == settings) {
            return found.clone();
        }
        let mut replay = Replay::without_objects(settings);
        replay.load_baseline();
        replay.catalog.freeze();
        made.push(replay.clone());
        replay
    }

    fn without_objects(settings: ServerSettings) -> Replay {
        Replay {
            catalog: Catalog::default(),
            settings,
            session: Session::default(),
            transaction: TransactionState::default(),
            doubt: Doubt::default(),
            placeholders: FxHashSet::default(),
            ahead: Arc::default(),
            known_sql: KnownSql::default(),
            keeps_settings: false,
            current: StatementId::BASELINE,
            path: Arc::default(),
            code_scope: Scope::empty(),
            drop_on_commit: Vec::new(),
            constraint_names: FxHashMap::default(),
            row_steps: crate::catalog::eval::ALL_ROWS,
            missing: Vec::new(),
            default_privileges: Vec::new(),
            ddl_commands: Vec::new(),
            system_routines: FxHashMap::default(),
            names_ever: NameIndex::default(),
        }
    }

    /// The catalog as it is while the current statement runs.
    pub(crate) fn now(&self) -> CatalogAt<'_> {
        self.catalog.end()
    }

    /// The server's major version.
    pub fn version(&self) -> u8 {
        self.settings.version
    }

    pub(crate) fn catalog_mut(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    /// The catalog so far.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Runs one file, after those that ran before.
    pub fn run_file(&mut self, migration: &Migration) {
        if !self.keeps_settings {
            self.reset_all();
        }
        self.keeps_settings = only_settings(&migration.statements);
        self.ahead = migration.ahead.clone();
        let count = migration.statements.len() + migration.gaps.len();
        // A query of several statements is a transaction even without BEGIN, and the next one begins with COMMIT.
        let is_query = migration.transaction == TransactionMode::Query && count > 1;
        self.transaction.batch = is_query || migration.transaction == TransactionMode::Batch;
        self.transaction.sends_apart = migration.transaction == TransactionMode::Batch;
        self.transaction.unknown = migration.transaction == TransactionMode::Unknown;
        if self.transaction.batch || migration.transaction == TransactionMode::File {
            self.begin_block();
        }
        let mut gaps = migration.gaps.iter().peekable();
        for statement in &migration.statements {
            while let Some(gap) = gaps.next_if(|gap| gap.span.start <= statement.span.start) {
                self.doubt_gap(gap);
            }
            self.run_in_order(migration.file, statement);
        }
        gaps.for_each(|gap| self.doubt_gap(gap));
        // A block that the file leaves open: the runner commits its own, and takes an open one for done.
        self.commit_block();
        self.drop_at_commit();
    }

    /// Runs one statement; on a refusal nothing of it stays.
    pub(crate) fn run(&mut self, file: FileId, statement: Arc<Statement>, within: Option<StatementId>) {
        if within.is_none() {
            self.start_transaction();
        }
        let (id, caller) = self.begin(file, statement.clone(), within);
        let outcome = self.attempt(&statement);
        if let Some(executed) = self.catalog.statement_mut(id) {
            executed.outcome = outcome;
        }
        self.end(caller);
        if within.is_none() && self.transaction.block.is_none() {
            if !self.transaction.unknown {
                self.drop_at_commit();
            }
            self.catalog.commit();
        }
    }

    /// Enters a statement into the history; what follows is its doing until `end`. Code is in a transaction always.
    pub(crate) fn begin(
        &mut self,
        file: FileId,
        statement: Arc<Statement>,
        within: Option<StatementId>,
    ) -> (StatementId, StatementId) {
        let (transaction, block) = (self.transaction.number, self.transaction.block.is_some() || within.is_some());
        self.refresh_path();
        let (search_path, role) = (self.path.clone(), self.session.role);
        let time_zone = self.session.settings.get(&Name::from("timezone")).cloned();
        let id = self.catalog.begin_statement(|id| Executed {
            id,
            file,
            statement,
            within,
            transaction,
            in_transaction_block: block,
            rolled_back: false,
            outcome: Outcome::Done,
            search_path,
            time_zone,
            role,
        });
        self.doubt.begin(id);
        (id, std::mem::replace(&mut self.current, id))
    }

    /// Goes on with the statement that was interrupted.
    pub(crate) fn end(&mut self, caller: StatementId) {
        self.current = caller;
    }

    fn check_and_execute(&mut self, statement: &Statement) -> Effect {
        self.check_grammar(statement)?;
        self.check_limits(statement)?;
        self.check_options(statement)?;
        self.check_permission(statement)?;
        self.check_no_checks_pending(statement)?;
        let first = self.catalog.object_count();
        let outcome = self.execute(statement)?;
        self.check_rows_meet(statement)?;
        self.note_checks(statement);
        match outcome {
            Outcome::Done => self.fire_event_triggers(statement, first),
            outcome => Ok(outcome),
        }
    }

    /// Carries a statement out, or takes back what it began.
    fn attempt(&mut self, statement: &Statement) -> Outcome {
        let mark = self.catalog.mark();
        match self.check_and_execute(statement) {
            Ok(outcome) => outcome,
            Err(Stop::Refused(refusal)) => {
                self.catalog.undo_to(mark);
                Outcome::Refused(Arc::new(*refusal))
            }
            Err(Stop::Unknown(why)) => {
                self.catalog.undo_to(mark);
                self.doubt_effects_of(statement);
                Outcome::Unknown(why)
            }
        }
    }
}
