//! What only the end of the history tells: that a missing object is made by a later statement.

use std::sync::Arc;

use super::{Replay, refuse::Missing};
use crate::catalog::{Outcome, StatementId};

impl Replay {
    /// Adds to each refusal for a missing object where it is made too late, if it is.
    pub(super) fn add_hindsight(&mut self) {
        for missing in std::mem::take(&mut self.missing) {
            if let Some(made) = self.made_later(&missing) {
                self.point_to(missing, made);
            }
        }
    }

    fn made_later(&self, missing: &Missing) -> Option<StatementId> {
        let later = self.catalog.name_history(missing.key).take_while(|(since, _)| *since > missing.statement);
        later.filter(|(_, ids)| !ids.is_empty()).map(|(since, _)| since).last()
    }

    fn point_to(&mut self, missing: Missing, made: StatementId) {
        let Some(place) = self.catalog.statement(made).map(|made| made.statement.span) else { return };
        let Some(statement) = self.catalog.statement_mut(missing.statement) else { return };
        if let Outcome::Refused(refusal) = &mut statement.outcome {
            let label = format!("{} is created only here, later in the order", missing.key.name);
            Arc::make_mut(refusal).labels.push((place, label));
        }
    }
}
