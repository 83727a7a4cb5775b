//! One file's statements, and a finding for each part that is none.

use std::ops::Range;
use std::sync::Arc;

use super::guard::guarded;
use crate::catalog::replay::Gap;
use crate::finding::{Finding, Severity};
use crate::source::{FileId, Sources, Span};
use crate::syntax::mask::{Mask, MaskKind};
use crate::syntax::token::Tokens;
use crate::syntax::{BrokenStatement, Name, ParsedFile, Statement, StatementKind, parse_file};

/// What one file holds.
#[derive(Default)]
pub struct Parsed {
    /// In order.
    pub statements: Vec<Arc<Statement>>,
    /// What is left out of them because nobody can know what it says.
    pub gaps: Vec<Gap>,
    /// Syntax errors.
    pub problems: Vec<Finding>,
}

/// Parses these parts of a file.
pub fn parse(sources: &Sources, file: FileId, ranges: &[Range<u32>]) -> Parsed {
    let text = &sources.file(file).text;
    match guarded("reading this file", Span::new(file, 0, 0), || parse_file(file, text, ranges)) {
        Ok(parsed) => without_gaps(sources, parsed),
        Err(failure) => Parsed { problems: vec![failure], ..Parsed::default() },
    }
}

fn without_gaps(sources: &Sources, parsed: ParsedFile) -> Parsed {
    // What is broken is no gap: the server refuses it.
    let mut gaps: Vec<Gap> = parsed.unreadable.iter().map(|&span| gap(sources, span, true)).collect();
    let (whole, filled): (Vec<_>, Vec<_>) =
        parsed.statements.into_iter().partition(|statement| !has_placeholder(&parsed.masks, statement.span));
    gaps.extend(filled.iter().map(|statement| gap(sources, statement.span, !is_data(&statement.kind))));
    gaps.sort_by_key(|gap| gap.span);
    let problems = parsed.broken.into_iter().map(|broken| syntax_error(sources, broken)).collect();
    Parsed { statements: whole, gaps, problems }
}

/// Whether something in the statement stands for text that is filled in later.
fn has_placeholder(masks: &[Mask], span: Span) -> bool {
    let after = &masks[masks.partition_point(|mask| mask.start < span.start)..];
    let inside = after.iter().take_while(|mask| mask.start < span.end);
    inside.into_iter().any(|mask| matches!(mask.kind, MaskKind::Template | MaskKind::Variable))
}

/// Whether a statement leaves the schema alone, whatever is filled in.
fn is_data(kind: &StatementKind) -> bool {
    use StatementKind::{Copy, Delete, Insert, Merge, Select, Update};
    matches!(kind, Select(_) | Insert(_) | Update(_) | Delete(_) | Merge(_) | Copy(_))
}

fn gap(sources: &Sources, span: Span, anything: bool) -> Gap {
    let text = &sources.file(span.file).text;
    let tokens = Tokens::of_range(text, span.range()).tokens;
    let words = tokens.into_iter().filter(|token| token.is_name());
    Gap { span, names: words.map(|word| unquote(word.text(text))).collect(), anything }
}

/// A word as the server knows it.
fn unquote(word: &str) -> Name {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => Name::from(quoted.replace("\"\"", "\"").as_str()),
        None => Name::from(word.to_lowercase().as_str()),
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
    let BrokenStatement { span, error, hint } = broken;
    let open = UNTERMINATED.iter().find(|message| error.message.starts_with(**message));
    let mut finding = match open {
        Some(message) => Finding::new("syntax_error", opening(sources, error.span), *message),
        None => Finding::new("syntax_error", error.span, first_line(&error.message)),
    };
    if open.is_some() {
        finding.label("opened here and never closed");
    }
    finding.statement = span;
    finding.sqlstate(error.sqlstate()).severity = Severity::Error;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn what_the_server_refuses_leaves_no_gap() {
        let mut sources = Sources::default();
        let text = "create tabel typo (id int);\ncreate table {{ .Schema }}.filled (id int,);\n";
        let file = sources.add(SourceFile::new("1.sql", text));
        let parsed = parse(&sources, file, std::slice::from_ref(&(0..text.len() as u32)));
        assert_eq!(parsed.problems.len(), 1);
        let [gap] = &parsed.gaps[..] else { panic!("{:?}", parsed.gaps) };
        assert!(gap.names.contains(&Name::from("filled")) && !gap.names.contains(&Name::from("typo")));
    }
}
