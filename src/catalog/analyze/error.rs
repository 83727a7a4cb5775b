//! What the server would say.

use crate::catalog::{NameKey, ObjectId, Refusal};
use crate::source::Span;
use crate::syntax::Name;

/// A certain refusal, and what is missing where that is the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The refusal, without a word on the history.
    pub refusal: Refusal,
    /// What is not there.
    pub missing: Option<Missing>,
}

/// What is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    /// An object: the names it could have had, one for each schema it was looked for in.
    Named(Vec<NameKey>),
    /// A column of a relation.
    Column(ObjectId, Name),
    /// A schema.
    Schema(Name),
}

/// The outcome of analysis.
pub type Result<T, E = Box<Error>> = std::result::Result<T, E>;

impl Error {
    /// A refusal with its SQLSTATE and place.
    pub fn new(sqlstate: &'static str, span: Span, message: impl Into<String>) -> Box<Error> {
        let message = message.into();
        let refusal = Refusal { sqlstate, span, message, labels: Vec::new(), help: None };
        Box::new(Error { refusal, missing: None })
    }

    /// Says what is missing.
    #[must_use]
    pub fn missing(mut self: Box<Self>, missing: Missing) -> Box<Error> {
        self.missing = Some(missing);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Error> {
        self.refusal.help = Some(help.into());
        self
    }
}
