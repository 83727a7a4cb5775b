//! Refusals: the SQLSTATE, the place, and why in terms of the history.

use std::sync::Arc;

use super::Replay;
use crate::catalog::{NameKey, ObjectId, Refusal, StatementId};
use crate::source::Span;
use crate::syntax::Name;

/// Why a statement has no effect.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The server would refuse it.
    Refused(Box<Refusal>),
    /// Whether the server would refuse it cannot be known.
    Unknown(Arc<str>),
}

/// A name that a refused statement looked for.
#[derive(Clone)]
pub(super) struct Missing {
    pub statement: StatementId,
    pub key: NameKey,
}

impl Replay {
    /// The name of an object, for messages.
    pub(crate) fn name_of(&self, id: ObjectId) -> Name {
        self.now().get(id).map(|object| object.name).unwrap_or_default()
    }

    /// A refusal without more to say.
    pub(crate) fn refuse(&self, sqlstate: &'static str, span: Span, message: impl Into<String>) -> Stop {
        let message = message.into();
        Stop::Refused(Box::new(Refusal { sqlstate, span, message, labels: Vec::new(), help: None }))
    }

    /// A refusal because of another object: the label at its place says `why`.
    pub(crate) fn refuse_because(
        &self,
        sqlstate: &'static str,
        span: Span,
        message: impl Into<String>,
        other: ObjectId,
        why: impl Into<String>,
    ) -> Stop {
        let place = self.now().get(other).map_or(Span::NONE, |object| object.span);
        self.refuse(sqlstate, span, message).label(place, why)
    }

    /// A refusal because nothing has this name: says what became of what once had it. Where code that could
    /// not be followed may have made it, nothing is known instead.
    pub(crate) fn refuse_undefined(
        &mut self,
        sqlstate: &'static str,
        span: Span,
        message: impl Into<String>,
        key: NameKey,
    ) -> Stop {
        if let Some(why) = self.doubt_about_key(key) {
            return Stop::Unknown(why);
        }
        self.missing.push(Missing { statement: self.current, key });
        let refusal = self.refuse(sqlstate, span, message);
        match self.last_end_of(key) {
            Some((place, what)) => refusal.label(place, what),
            None => refusal,
        }
    }

    /// A refusal because something is missing that no name key stands for.
    pub(crate) fn refuse_missing(
        &self,
        sqlstate: &'static str,
        span: Span,
        message: impl Into<String>,
        name: Name,
    ) -> Stop {
        match self.doubt.about(name) {
            Some(why) => Stop::Unknown(why),
            None => self.refuse(sqlstate, span, message),
        }
    }

    /// Where the last object of this name was dropped or lost it.
    pub(super) fn last_end_of(&self, key: NameKey) -> Option<(Span, String)> {
        let mut later: Option<(StatementId, &[ObjectId])> = None;
        for (since, ids) in self.catalog.name_history(key) {
            if let (Some((ended, [])), Some(&id)) = (later, ids.first()) {
                let place = self.catalog.statement(ended)?.statement.span;
                let fate = self.catalog.after(ended).get(id);
                return Some((
                    place,
                    match fate {
                        Some(object) if object.name != key.name => format!("renamed to {} here", object.name),
                        Some(_) => "moved to another schema here".to_owned(),
                        None => "dropped here".to_owned(),
                    },
                ));
            }
            later = Some((since, ids));
        }
        None
    }
}

impl Stop {
    /// Adds a second place.
    #[must_use]
    pub(crate) fn label(mut self, span: Span, text: impl Into<String>) -> Stop {
        if let (Stop::Refused(refusal), false) = (&mut self, span.is_none()) {
            refusal.labels.push((span, text.into()));
        }
        self
    }

    /// Takes another place.
    #[must_use]
    pub(crate) fn at(mut self, span: Span) -> Stop {
        if let Stop::Refused(refusal) = &mut self {
            refusal.span = span;
        }
        self
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Stop {
        if let Stop::Refused(refusal) = &mut self {
            refusal.help = Some(text.into());
        }
        self
    }
}
