//! One file's statements, and a finding for each part that is none.

use std::ops::Range;
use std::sync::Arc;

use super::guard::guarded;
use crate::finding::{Finding, Severity};
use crate::source::{FileId, Sources, Span};
use crate::syntax::split;
use crate::syntax::token::Tokens;
use crate::syntax::{Origin, Statement, SyntaxError, parse_statements};

/// What one file holds.
#[derive(Default)]
pub struct Parsed {
    /// In order.
    pub statements: Vec<Arc<Statement>>,
    /// Syntax errors.
    pub problems: Vec<Finding>,
}

/// Parses these parts of a file.
pub fn parse(sources: &Sources, file: FileId, ranges: &[Range<u32>]) -> Parsed {
    let text = &sources.file(file).text;
    let mut parsed = Parsed::default();
    for range in ranges {
        let place = Span::new(file, range.start, range.start);
        let part = &text[range.start as usize..range.end as usize];
        let work = || parse_part(part, file, range.start, &mut parsed);
        if let Err(finding) = guarded("reading this file", place, work) {
            parsed.problems.push(finding);
        }
    }
    parsed
}

/// The whole part at once; where that fails, statement by statement.
fn parse_part(text: &str, file: FileId, base: u32, into: &mut Parsed) {
    if let Ok(statements) = parse_statements(text, &Origin::verbatim(file, base)) {
        into.statements.extend(statements.into_iter().map(Arc::new));
        return;
    }
    let tokens = Tokens::of(text);
    for piece in split::statements(text, &tokens.tokens) {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
        let sql = &text[first.start as usize..last.end as usize];
        match parse_statements(sql, &Origin::verbatim(file, base + first.start)) {
            Ok(statements) => into.statements.extend(statements.into_iter().map(Arc::new)),
            Err(error) => into.problems.push(syntax_error(error)),
        }
    }
}

fn syntax_error(error: SyntaxError) -> Finding {
    let mut finding = Finding::new("syntax_error", error.span, error.message);
    finding.severity = Severity::Error;
    finding
}
