//! From a statement to the method that carries it out.

use super::{Effect, Replay};
use crate::catalog::Outcome;
use crate::syntax::{Statement, StatementKind};

impl Replay {
    /// Carries out one statement.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::Checkpoint => Ok(Outcome::Done),
            _ => Ok(Outcome::Done),
        }
    }
}
