//! One file's statements, and a finding for each part that is none.

use std::ops::Range;
use std::sync::Arc;

use super::guard::guarded;
use crate::finding::{Finding, Severity};
use crate::source::{FileId, Sources, Span};
use crate::syntax::{BrokenStatement, Statement, parse_file};

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
    match guarded("reading this file", Span::new(file, 0, 0), || parse_file(file, text, ranges)) {
        Ok(parsed) => Parsed {
            statements: parsed.statements,
            problems: parsed.broken.into_iter().map(|broken| syntax_error(sources, broken)).collect(),
        },
        Err(failure) => Parsed { statements: Vec::new(), problems: vec![failure] },
    }
}

/// What is opened and never closed reaches to the end of the file, so the server's message holds all of that.
const UNTERMINATED: &[&str] = &[
    "unterminated quoted string",
    "unterminated quoted identifier",
    "unterminated bit string literal",
    "unterminated hexadecimal string literal",
    "unterminated dollar-quoted string",
    "unterminated /* comment",
];

fn syntax_error(sources: &Sources, broken: BrokenStatement) -> Finding {
    let BrokenStatement { error, hint, .. } = broken;
    let open = UNTERMINATED.iter().find(|message| error.message.starts_with(**message));
    let mut finding = match open {
        Some(message) => Finding::new("syntax_error", opening(sources, error.span), *message),
        None => Finding::new("syntax_error", error.span, first_line(&error.message)),
    };
    if open.is_some() {
        finding.label("opened here and never closed");
    }
    finding.severity = Severity::Error;
    if let Some(hint) = hint {
        finding.help(hint);
    }
    finding
}

/// The quotation mark at which a constant opens, with what is before it: `E'`, `$body$`.
fn opening(sources: &Sources, span: Span) -> Span {
    let text = sources.slice(span);
    let marks = ['\'', '"', '$', '*'];
    let first = text.find(marks).map_or(text.len().min(1), |at| at + 1);
    let end = match text[..first].ends_with('$') {
        true => text[first..].find('$').map_or(first, |at| first + at + 1),
        false => first,
    };
    Span::new(span.file, span.start, span.start + end as u32)
}

/// The server quotes whole tokens, which may go over many lines.
fn first_line(message: &str) -> String {
    match message.split_once(['\n', '\r']) {
        Some((first, _)) => format!("{first}…\""),
        None => message.to_owned(),
    }
}
