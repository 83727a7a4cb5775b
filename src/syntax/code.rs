//! Code in a string constant, and what was read of it: whoever needs that next shares it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::plpgsql::{self, Body};
use super::{CodeText, Origin, Statement, SyntaxError, parse_statements};
use crate::source::Span;

/// The statements of code in SQL, or why the server would refuse it.
pub type CodeStatements = Result<Vec<Arc<Statement>>, SyntaxError>;

/// What was read of one piece of code; all copies of the code share it.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Read>>);

#[derive(Clone, Default)]
enum Read {
    #[default]
    Nothing,
    Body(Arc<Body>),
    Statements(Arc<CodeStatements>),
}

impl CodeText {
    /// Code that nobody has read yet.
    pub fn new(span: Span, inner: Span, text: Arc<str>, verbatim: bool) -> CodeText {
        CodeText { span, inner, text, verbatim, kept: Kept::default() }
    }

    /// The code as PL/pgSQL.
    pub fn body(&self) -> Arc<Body> {
        if let Read::Body(body) = self.kept.get() {
            return body;
        }
        let body = Arc::new(plpgsql::parse(self));
        self.kept.set(Read::Body(body.clone()));
        body
    }

    /// The code as statements of SQL.
    pub fn statements(&self) -> Arc<CodeStatements> {
        if let Read::Statements(statements) = self.kept.get() {
            return statements;
        }
        let origin = match self.verbatim {
            true => Origin::verbatim(self.inner.file, self.inner.start),
            false => Origin::Elsewhere(self.span),
        };
        let statements = parse_statements(&self.text, &origin);
        let statements = Arc::new(statements.map(|statements| statements.into_iter().map(Arc::new).collect()));
        self.kept.set(Read::Statements(statements.clone()));
        statements
    }

    /// Lets go of what was read: it is large, and will hardly be asked for again.
    pub fn forget(&self) {
        self.kept.set(Read::Nothing);
    }
}

impl Kept {
    fn get(&self) -> Read {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, read: Read) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = read;
    }
}

/// What was read says nothing that the code does not.
impl PartialEq for Kept {
    fn eq(&self, _: &Kept) -> bool {
        true
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn code_is_read_once_and_by_all_copies() {
        let text = "begin perform f(); end";
        let inner = Span::new(FileId(0), 0, text.len() as u32);
        let code = CodeText::new(inner, inner, text.into(), true);
        let (copy, body) = (code.clone(), code.body());
        assert!(Arc::ptr_eq(&copy.body(), &body));
        copy.forget();
        assert!(!Arc::ptr_eq(&code.body(), &body));
        assert!(code.statements().is_err());
    }
}
