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
    let work = || parse_file(file, text, ranges);
    match guarded("reading this file", Span::new(file, 0, 0), work) {
        Ok(parsed) => {
            let problems = parsed.broken.into_iter().map(syntax_error).collect();
            Parsed { statements: parsed.statements, problems }
        }
        Err(finding) => Parsed { statements: Vec::new(), problems: vec![finding] },
    }
}

fn syntax_error(broken: BrokenStatement) -> Finding {
    let mut finding = Finding::new("syntax_error", broken.error.span, broken.error.message);
    finding.severity = Severity::Error;
    if let Some(hint) = broken.hint {
        finding.help(hint);
    }
    finding
}
