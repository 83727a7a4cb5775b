//! PREPARE, EXECUTE, DEALLOCATE and cursors: what the session keeps under a name.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::Outcome;
use crate::catalog::analyze::Scope;
use crate::syntax::{DataRef, Ident, Query, Statement};

impl Replay {
    pub(super) fn prepare(&mut self, name: Ident, statement: &Statement) -> Effect {
        if self.session.prepared.contains_key(&name.name) {
            let message = format!("prepared statement \"{}\" already exists", name.name);
            return Err(self.refuse("42P05", name.span, message));
        }
        let kept = Arc::new(statement.clone());
        self.change_session(false, |_, session| {
            Arc::make_mut(&mut session.prepared).insert(name.name, kept.clone());
        });
        Ok(Outcome::Done)
    }

    /// The prepared statement; it counts as what the current one runs.
    pub(super) fn run_prepared(&mut self, name: Ident) -> Effect<Arc<Statement>> {
        let Some(statement) = self.session.prepared.get(&name.name).cloned() else {
            return Err(self.refuse_not_prepared(name));
        };
        self.catalog.note_code_data(self.current, statement.clone());
        Ok(statement)
    }

    pub(super) fn deallocate(&mut self, name: Option<Ident>) -> Effect {
        if let Some(name) = name.filter(|name| !self.session.prepared.contains_key(&name.name)) {
            return Err(self.refuse_not_prepared(name));
        }
        self.change_session(false, |_, session| match name {
            Some(name) => drop(Arc::make_mut(&mut session.prepared).remove(&name.name)),
            None => session.prepared = Arc::default(),
        });
        Ok(Outcome::Done)
    }

    fn refuse_not_prepared(&self, name: Ident) -> super::Stop {
        self.refuse("26000", name.span, format!("prepared statement \"{}\" does not exist", name.name))
    }

    // --- cursors --------------------------------------------------------------------------------

    /// A cursor WITH HOLD needs no block, and which one that is the tree does not say.
    pub(super) fn declare_cursor(&mut self, name: Ident, query: &Query) -> Effect {
        self.analyze_to_run(&Scope::empty(), DataRef::Select(query))?;
        self.change_session(false, |_, session| {
            Arc::make_mut(&mut session.cursors).insert(name.name);
        });
        Ok(Outcome::Done)
    }

    /// FETCH and MOVE.
    pub(super) fn cursor(&mut self, name: Ident) -> Effect {
        if self.session.cursors.contains(&name.name) {
            return Ok(Outcome::Done);
        }
        Err(self.refuse("34000", name.span, format!("cursor \"{}\" does not exist", name.name)))
    }

    pub(super) fn close_cursor(&mut self, name: Option<Ident>) -> Effect {
        if let Some(name) = name {
            self.cursor(name)?;
        }
        self.change_session(false, |_, session| match name {
            Some(name) => drop(Arc::make_mut(&mut session.cursors).remove(&name.name)),
            None => session.cursors = Arc::default(),
        });
        Ok(Outcome::Done)
    }
}
