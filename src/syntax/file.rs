//! A whole file: its statements, and what is no statement.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::hint::{self, starts_statement};
use super::mask::{Mask, MaskKind, blank_templates, mask};
use super::runs::{LeftOut, RUN, Run, Runs};
use super::split;
use super::token::{Lexer, Token, TokenKind};
use super::{Cut, Name, Origin, QueryBody, Statement, StatementKind, SyntaxError, parse_statements_of};
use crate::source::{FileId, Span};

/// What a file holds.
#[derive(Default, Debug)]
pub struct ParsedFile {
    /// In order.
    pub statements: Vec<Arc<Statement>>,
    /// What the server would refuse to read.
    pub broken: Vec<BrokenStatement>,
    /// Statements whose templates or variables leave no SQL: nobody can know what they say.
    pub unreadable: Vec<Span>,
    /// psql's commands, COPY data, variables and templates; only looked for where the text does not
    /// parse as it is.
    pub masks: Vec<Mask>,
}

/// A part of a file that is no SQL.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokenStatement {
    /// All of it, as far as that can be told.
    pub span: Span,
    /// Where and what the server complains about.
    pub error: SyntaxError,
    /// What may have been meant.
    pub hint: Option<String>,
}

/// Parses these parts of a file, which are cut between characters and between statements.
pub fn parse_file(file: FileId, text: &str, ranges: &[Range<u32>]) -> ParsedFile {
    let mut parser = Parser { file, parsed: ParsedFile::default(), inserts: FxHashMap::default(), hints: 0 };
    for range in ranges {
        parser.range(text, range.start as usize..range.end as usize);
    }
    parser.parsed
}

/// Hints are found by trying, so that a file of nothing but errors gets only so many.
const MOST_HINTS: u32 = 50;

/// Of INSERTs into one table, this many are kept.
const INSERTS: u32 = 64;

/// What an INSERT names.
#[derive(PartialEq, Eq, Hash)]
struct Table {
    schema: Option<Name>,
    name: Name,
    columns: Box<[Name]>,
    /// How long what stands before the rows is, and what comes after them.
    head: u32,
    tail: u32,
}

/// How many INSERTs are kept, and which statement is the last of them.
#[derive(Clone, Copy, Default)]
struct Kept {
    count: u32,
    last: usize,
}

/// Words that begin statements which stand in no routine.
const DEFINITIONS: &[&str] = &["create", "alter", "drop", "grant", "revoke", "comment"];

struct Parser {
    file: FileId,
    parsed: ParsedFile,
    inserts: FxHashMap<Table, Kept>,
    hints: u32,
}

/// Whether the rest of a text makes sense.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Sound,
    /// A quote is never closed, so that inside and outside of quotes are mixed up.
    InsideOut,
}

/// What a piece comes after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// A statement, or nothing.
    Statement,
    /// What is no statement.
    Broken,
    /// A routine whose code is not in quotes.
    LostCode,
}

impl After {
    /// Whether a piece belongs to what is broken before it.
    fn continues(self, text: &str, piece: &[Token]) -> bool {
        match self {
            After::Statement => false,
            After::Broken => !starts_statement(text, piece[0]),
            After::LostCode => !piece[0].is_any_word(text, DEFINITIONS),
        }
    }

    /// What comes after a piece that continues this.
    fn next(self, text: &str, piece: &[Token]) -> After {
        if self == After::LostCode && piece[0].is_word(text, "language") { After::Broken } else { self }
    }
}

impl Parser {
    /// Run by run as it is; from the first run on that does not parse, without what is no SQL.
    fn range(&mut self, text: &str, range: Range<usize>) {
        let mut text = Cow::Borrowed(text.get(..range.end).unwrap_or(text));
        let mut is_masked = false;
        let mut at = range.start;
        while let Some(run) = Runs::new(&text, at..text.len(), RUN).next() {
            let has_data = run.ends_with_copy && !is_masked;
            let parsed = if has_data { None } else { self.parse(&text, &run.tokens, run.rows).ok() };
            if parsed.is_none() && !is_masked {
                is_masked = true;
                let masked = mask(&text, run.start() as usize..text.len());
                at = run.start() as usize;
                if !masked.masks.is_empty() || has_data {
                    self.parsed.masks.extend(masked.masks);
                    text = Cow::Owned(masked.text);
                    continue;
                }
            }
            match parsed {
                Some(statements) => self.keep(statements),
                None if self.pieces(&text, &run) == Rest::InsideOut => return,
                None => {}
            }
            at = run.end() as usize;
        }
    }

    /// Parses tokens of a text, without the rows that are left out.
    fn parse(&self, text: &str, tokens: &[Token], rows: Option<LeftOut>) -> Result<Vec<Statement>, SyntaxError> {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Ok(Vec::new()) };
        let (start, end) = (first.start, last.end);
        let rows = rows.filter(|rows| start <= rows.start && rows.end <= end);
        let part = |start: u32, end: u32| &text[start as usize..end as usize];
        let shown = match rows {
            Some(rows) => Cow::Owned([part(start, rows.start), part(rows.end, end)].concat()),
            None => Cow::Borrowed(part(start, end)),
        };
        let cut = rows.map(|rows| Cut { at: rows.start - start, len: rows.end - rows.start, rows: rows.rows });
        let shift = |at: u32| at - start - cut.filter(|cut| at - start > cut.at).map_or(0, |cut| cut.len);
        let shifted = |token: &Token| Token { kind: token.kind, start: shift(token.start), end: shift(token.end) };
        let tokens: Vec<Token> = tokens.iter().map(shifted).collect();
        parse_statements_of(&shown, &tokens, &Origin::Verbatim { file: self.file, base: start, cut })
    }

    fn keep(&mut self, statements: Vec<Statement>) {
        for statement in statements {
            if !self.is_more_of_the_same(&statement) {
                // What it does may change what becomes of the next INSERT.
                if !writes_rows(&statement.kind) {
                    self.inserts.clear();
                }
                self.parsed.statements.push(Arc::new(statement));
            }
        }
    }

    /// Counts one more of many INSERTs into one table as rows of the last one that is kept.
    fn is_more_of_the_same(&mut self, statement: &Statement) -> bool {
        let Some((table, rows)) = plain_insert(statement) else { return false };
        let kept = self.inserts.entry(table).or_default();
        if kept.count < INSERTS {
            *kept = Kept { count: kept.count + 1, last: self.parsed.statements.len() };
            return false;
        }
        let last = self.parsed.statements.get_mut(kept.last).and_then(Arc::get_mut);
        if let Some(StatementKind::Insert(insert)) = last.map(|last| &mut last.kind) {
            insert.repeats.push(statement.span);
            if let Some(QueryBody::Values(values)) = insert.source.as_mut().map(|source| &mut source.body) {
                values.elided += rows;
            }
        }
        true
    }

    // --- what does not parse --------------------------------------------------------------------

    /// Parses each statement of a run by itself.
    fn pieces(&mut self, text: &str, run: &Run) -> Rest {
        let mut after = After::Statement;
        for piece in split::statements(text, &run.tokens) {
            if after.continues(text, piece) {
                let span = self.span(piece);
                if let Some(last) = self.parsed.broken.last_mut() {
                    last.span = last.span.to(span);
                }
                after = after.next(text, piece);
                continue;
            }
            match self.parse(text, piece, run.rows) {
                Ok(statements) => {
                    self.keep(statements);
                    after = After::Statement;
                }
                Err(_) if self.has_templates(text, piece) => after = After::Statement,
                Err(error) => {
                    self.broken(text, piece, error);
                    if after == After::Statement && is_inside_out(text, piece) {
                        return Rest::InsideOut;
                    }
                    after = if has_lost_code(text, piece) { After::LostCode } else { After::Broken };
                }
            }
        }
        Rest::Sound
    }

    fn span(&self, piece: &[Token]) -> Span {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return Span::NONE };
        Span::new(self.file, first.start, last.end)
    }

    /// Whether a piece that does not parse holds templates or variables, for which nobody is to blame.
    /// A template may have been taken for a name where it stands for nothing: tried here.
    fn has_templates(&mut self, text: &str, piece: &[Token]) -> bool {
        let span = self.span(piece);
        let first = self.parsed.masks.partition_point(|mask| mask.end <= span.start);
        let within = self.parsed.masks[first..].iter().take_while(|mask| mask.start < span.end);
        let within: Vec<Mask> = within.filter(|mask| mask.kind != MaskKind::PsqlCommand).copied().collect();
        if within.is_empty() {
            return false;
        }
        let blanked = blank_templates(&text[span.range()], span.start, &within);
        match super::parse_statements(&blanked, &Origin::verbatim(self.file, span.start)) {
            Ok(statements) => self.keep(statements),
            Err(_) => self.parsed.unreadable.push(span),
        }
        true
    }

    /// Reports a piece; what is sound in it is kept.
    fn broken(&mut self, text: &str, mut piece: &[Token], mut error: SyntaxError) {
        // Statements without a semicolon between them: the server stumbles over the second's first word.
        while self.hints < MOST_HINTS {
            let at = piece.partition_point(|token| token.start < error.span.start);
            let begins = piece.get(at).is_some_and(|&token| starts_statement(text, token));
            let before = if at > 0 && begins { self.parse(text, &piece[..at], None).ok() } else { None };
            let Some(before) = before else { break };
            self.hints += 1;
            let span = self.span(&piece[..at]);
            self.keep(before);
            let hint = Some("a semicolon is missing before it".to_owned());
            self.parsed.broken.push(BrokenStatement { span, error, hint });
            piece = &piece[at..];
            match self.parse(text, piece, None) {
                Ok(statements) => return self.keep(statements),
                Err(next) => error = next,
            }
        }
        self.hints += 1;
        let hint = if self.hints <= MOST_HINTS { hint::hint(text, piece, error.span.start) } else { None };
        self.parsed.broken.push(BrokenStatement { span: self.span(piece), error, hint });
        self.keep_parts(text, piece);
    }

    /// A rule or a routine whose end is lost takes in what follows it. What changes rows may well be
    /// its own; the rest is not.
    fn keep_parts(&mut self, text: &str, piece: &[Token]) {
        for part in split::at_every_semicolon(piece).into_iter().skip(1) {
            if part[0].is_any_word(text, DEFINITIONS) {
                let statements = self.parse(text, part, None).unwrap_or_default();
                self.keep(statements);
            }
        }
    }
}

/// The table and how many rows, of an INSERT that only adds rows to it.
fn plain_insert(statement: &Statement) -> Option<(Table, u32)> {
    let StatementKind::Insert(insert) = &statement.kind else { return None };
    let source = insert.source.as_ref()?;
    let QueryBody::Values(values) = &source.body else { return None };
    if insert.with.is_some() || !insert.returning.is_empty() {
        return None;
    }
    let name = &insert.relation.name;
    let table = Table {
        schema: name.schema.map(|schema| schema.name),
        name: name.name.name,
        columns: insert.columns.iter().map(|column| column.name.name).collect(),
        head: source.span.start - statement.span.start,
        tail: statement.span.end.saturating_sub(source.span.end),
    };
    Some((table, values.rows.len() as u32 + values.elided))
}

/// Whether a statement leaves all objects as they are; but for functions that it may call.
fn writes_rows(statement: &StatementKind) -> bool {
    use StatementKind as K;
    matches!(
        statement,
        K::Select(_) | K::Insert(_) | K::Update(_) | K::Delete(_) | K::Merge(_) | K::Copy(_) | K::Transaction(_)
    )
}

/// Whether this is a routine or DO whose code does not stand in quotes, or such code alone.
fn has_lost_code(text: &str, piece: &[Token]) -> bool {
    let is = |index: usize, words: &[&str]| piece.get(index).is_some_and(|token| token.is_any_word(text, words));
    let kind = if is(1, &["or"]) { 3 } else { 1 };
    if is(0, &["begin", "declare"]) {
        return true;
    }
    let is_routine = is(0, &["create"]) && is(kind, &["function", "procedure"]);
    let before_code =
        if is(0, &["do"]) { Some(0) } else { (kind..piece.len()).find(|&at| is_routine && is(at, &["as"])) };
    before_code.is_some_and(|at| piece.get(at + 1).is_none_or(|token| token.kind != TokenKind::String))
}

/// Whether a quote in this piece may be the one that mixes up inside and outside: it has quotes, and in
/// the end one is open.
fn is_inside_out(text: &str, piece: &[Token]) -> bool {
    let is_quote = |token: &Token| !matches!(text.as_bytes()[token.start as usize], b'$' | b'/');
    let has_quotes = piece.iter().any(|token| {
        matches!(token.kind, TokenKind::String | TokenKind::QuotedIdent | TokenKind::Unterminated) && is_quote(token)
    });
    let last = || Lexer::new(text, piece[0].start as usize..text.len()).last();
    has_quotes && last().is_some_and(|token| token.kind == TokenKind::Unterminated && is_quote(&token))
}

#[cfg(test)]
mod tests;
