//! From a statement to the method that carries it out.

use super::{Effect, Replay};
use crate::syntax::{Statement, StatementKind};

impl Replay {
    /// Carries out one statement.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Effect {
        match &statement.kind {
            StatementKind::Transaction(transaction) => self.transaction(transaction, statement.span),
            StatementKind::Set(set) => self.set(set),
            StatementKind::Drop(drop) => self.drop(drop),
            StatementKind::Rename(rename) => self.rename(rename),
            StatementKind::SetSchema { object, if_exists, schema } => self.set_schema(object, *if_exists, *schema),
            StatementKind::SetOwner { object, owner } => self.set_owner(object, owner),
            _ => self.execute_other(statement),
        }
    }
}
