//! Code that runs while migrations are applied: DO blocks, calls of the project's own functions, queries over the
//! system catalogs that decide what is done.
//!
//! The code is interpreted over the replayed catalog. A value that cannot be known is
//! [`Value::Unknown`]; a decision that rests on one leaves what its branches may touch in doubt, and is
//! told once a block. Nothing is guessed, and everything is bounded.

mod aggregate;
mod call;
mod code;
mod condition;
mod convert;
mod cursor;
mod doubt;
mod event;
mod expr;
mod format;
mod functions;
mod json;
mod lookup;
mod narrow;
mod pattern;
mod query;
mod row_bounds;
mod row_checks;
mod row_values;
mod row_writes;
mod rows;
mod run;
mod statement;
mod tables;
mod time;
mod value;

pub(in crate::catalog) use event::DdlCommand;
pub(in crate::catalog) use narrow::NameIndex;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Refusal;
use super::replay::Replay;
use crate::catalog::{ObjectId, StatementId};
use crate::source::{FileId, Span};

use value::Oid;

/// Why evaluation ended early.
#[derive(Debug)]
pub(crate) enum Halt {
    /// An error that the server would raise too.
    Raised(Box<Refusal>),
    /// What comes next cannot be known.
    Unknown(Arc<str>),
}

/// The outcome of evaluation.
pub(crate) type Result<T> = std::result::Result<T, Halt>;

/// How many steps (expressions, rows, statements) one statement of a file may take.
const FUEL: u32 = 4_000_000;

/// A statement that code holds is resolved anew each time it runs: so many steps.
const RESOLVE: u32 = 20;

/// A text that EXECUTE runs is parsed as well, and may change the catalog.
const EXECUTE: u32 = 1_000;

/// So many steps one question about rows may take, and all of a replay together.
const ROWS: u32 = 200_000;
pub(in crate::catalog) const ALL_ROWS: u32 = 4_000_000;

/// How deep calls may nest.
const DEPTH: u32 = 24;

/// Runs the code of one statement.
pub(crate) struct Evaluator<'r> {
    pub replay: &'r mut Replay,
    /// The file whose statement is run.
    pub file: FileId,
    /// The statement that the code belongs to.
    pub within: StatementId,
    fuel: u32,
    depth: u32,
    /// What could not be known, told first.
    unknown: Option<Arc<str>>,
    /// What could not be followed may have left the code early.
    maybe_left: bool,
    /// A decision rested on a table having no rows, which only holds for a fresh database.
    assumed_empty: bool,
    /// The query that is run names something that is in doubt.
    doubtful: bool,
    /// What printing definitions needs of the history, with the edition of the catalog that it was read of.
    origins: Origins,
    /// Rows of system catalogs that queries look up by a column.
    lookups: lookup::Lookups,
    /// The changes of rows that are in the history already: a loop runs each many times.
    entered: FxHashSet<Span>,
    shapes: convert::Shapes,
    /// The rows that the migrations wrote are asked for, also by the queries of their INSERTs.
    knows_rows: bool,
    /// A partition that is looked past while rows are told apart.
    unseen: Option<ObjectId>,
}

/// See [`Evaluator::origins`].
type Origins = std::cell::RefCell<Option<((usize, u32), Arc<crate::catalog::deparse::Origins>)>>;

impl<'r> Evaluator<'r> {
    /// For a statement of a file.
    pub fn new(replay: &'r mut Replay, file: FileId, within: StatementId) -> Evaluator<'r> {
        Evaluator {
            replay,
            file,
            within,
            fuel: FUEL,
            depth: 0,
            unknown: None,
            maybe_left: false,
            assumed_empty: false,
            doubtful: false,
            origins: Origins::default(),
            lookups: lookup::Lookups::default(),
            entered: FxHashSet::default(),
            shapes: convert::Shapes::default(),
            knows_rows: false,
            unseen: None,
        }
    }

    /// For questions about rows that nobody wrote as code. All of a replay share their steps.
    fn about_rows(replay: &'r mut Replay, file: FileId, within: StatementId) -> Evaluator<'r> {
        let fuel = replay.row_steps.min(ROWS);
        replay.row_steps -= fuel;
        Evaluator { fuel, knows_rows: true, ..Evaluator::new(replay, file, within) }
    }

    /// What is left of the steps that were lent.
    fn give_back_fuel(&mut self) {
        self.replay.row_steps += self.fuel;
    }

    /// Takes a step; gives up where there were too many.
    fn step(&mut self) -> Result<()> {
        self.spend(1)
    }

    /// Takes so many steps at once.
    fn spend(&mut self, steps: u32) -> Result<()> {
        match self.fuel.checked_sub(steps) {
            Some(fuel) => {
                self.fuel = fuel;
                Ok(())
            }
            None => Err(Halt::Unknown("the code runs too long to be followed".into())),
        }
    }

    /// Notes the first thing that could not be known.
    fn note_unknown(&mut self, why: impl Into<Arc<str>>) {
        self.unknown.get_or_insert_with(|| why.into());
    }
}
