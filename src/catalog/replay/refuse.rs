//! Refusals: the SQLSTATE, the place, and why in terms of the history.

use super::Replay;
use crate::catalog::{NameKey, Refusal};
use crate::source::Span;

impl Replay {
    /// A refusal without more to say.
    pub(crate) fn refuse(&self, sqlstate: &'static str, span: Span, message: impl Into<String>) -> Box<Refusal> {
        Box::new(Refusal { sqlstate, span, message: message.into(), labels: Vec::new(), help: None })
    }

    /// A refusal because a name is unknown: says where it was dropped, when it once was there.
    pub(crate) fn refuse_undefined(
        &self,
        sqlstate: &'static str,
        span: Span,
        message: impl Into<String>,
        key: NameKey,
    ) -> Box<Refusal> {
        let mut refusal = self.refuse(sqlstate, span, message);
        let gone = self.catalog.name_history(key).find(|(_, ids)| ids.is_empty());
        if let Some(statement) = gone.and_then(|(id, _)| self.catalog.statement(id)) {
            refusal.labels.push((statement.statement.span, format!("{} was dropped or renamed here", key.name)));
        }
        refusal
    }
}
