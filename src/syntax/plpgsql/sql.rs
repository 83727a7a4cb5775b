//! The SQL in PL/pgSQL code, parsed in batches: a call of the parser costs more than most pieces.

use std::sync::Arc;

use crate::syntax::pieces::Pieces;
use crate::syntax::{CodeText, Origin, Statement, SyntaxError, parse_statements};

/// What a piece of SQL is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SqlKind {
    /// A whole statement.
    Statement,
    /// What may follow SELECT.
    Expression,
    /// The name of a type.
    Type,
}

impl SqlKind {
    /// What makes a statement of it.
    fn prefix(self) -> &'static str {
        match self {
            SqlKind::Statement => "",
            SqlKind::Expression => "SELECT ",
            SqlKind::Type => "SELECT NULL::",
        }
    }
}

/// A piece of SQL in the code; places are those in the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub start: u32,
    pub end: u32,
    pub kind: SqlKind,
    /// INTO and its targets.
    pub cut: Option<(u32, u32)>,
}

/// The code and where it stands.
#[derive(Debug)]
pub(super) struct Code {
    pub text: Arc<str>,
    pub origin: Origin,
}

impl Code {
    pub(super) fn new(code: &CodeText) -> Code {
        Code { text: Arc::clone(&code.text), origin: origin(code) }
    }

    /// Takes `start..end` over into a text that is put together.
    fn append(&self, start: u32, end: u32, text: &mut String, pieces: &mut Pieces) {
        let from = text.len() as u32;
        text.push_str(self.text.get(start as usize..end as usize).unwrap_or(""));
        match &self.origin {
            Origin::Pieces(own) => own.copy_part(start, end, from, pieces),
            other => pieces.continue_at(from, other.span(start, start).start),
        }
    }
}

/// Where the code's bytes are. With quotes doubled and nothing else escaped, that can be told exactly.
fn origin(code: &CodeText) -> Origin {
    let file = code.inner.file;
    if code.verbatim {
        return Origin::verbatim(file, code.inner.start);
    }
    let quotes = memchr::memchr_iter(b'\'', code.text.as_bytes());
    if code.text.len() + quotes.clone().count() != code.inner.len() as usize {
        return Origin::Elsewhere(code.inner);
    }
    let mut pieces = Pieces::at(file, code.inner.start);
    for (before, quote) in quotes.enumerate() {
        let after = quote as u32 + 1;
        pieces.glue_at(after, code.inner.start + after + before as u32 + 1);
    }
    Origin::Pieces(Arc::new(pieces))
}

/// Enough for a call of the parser to pay, and little enough to be held.
const BATCH: usize = 64 << 10;

/// Parses all pieces.
pub(super) fn parse_pieces(code: &Code, pieces: &[Piece]) -> Vec<Result<Arc<Statement>, SyntaxError>> {
    let mut parsed = Vec::with_capacity(pieces.len());
    let mut rest = pieces;
    while !rest.is_empty() {
        let mut length = 0;
        let fits = |piece: &&Piece| {
            length += (piece.end - piece.start) as usize;
            length <= BATCH
        };
        let count = rest.iter().take_while(fits).count().max(1);
        let (batch, after) = rest.split_at(count);
        parse_batch(code, batch, &mut parsed);
        rest = after;
    }
    parsed
}

/// Parses several pieces at once. Where that fails, each half by itself, so that one bad piece does
/// not make every other a call of its own.
fn parse_batch(code: &Code, batch: &[Piece], parsed: &mut Vec<Result<Arc<Statement>, SyntaxError>>) {
    let (text, origin) = join(code, batch);
    match parse_statements(&text, &origin) {
        Ok(statements) if statements.len() == batch.len() => {
            parsed.extend(statements.into_iter().map(|statement| Ok(Arc::new(statement))))
        }
        result if batch.len() == 1 => parsed.push(Err(refusal(code, batch[0], result))),
        _ => {
            let (first, second) = batch.split_at(batch.len() / 2);
            parse_batch(code, first, parsed);
            parse_batch(code, second, parsed);
        }
    }
}

fn refusal(code: &Code, piece: Piece, result: Result<Vec<Statement>, SyntaxError>) -> SyntaxError {
    result.err().unwrap_or_else(|| SyntaxError {
        message: "not one statement".to_owned(),
        span: code.origin.span(piece.start, piece.end),
    })
}

fn join(code: &Code, batch: &[Piece]) -> (String, Origin) {
    let place = |at: u32| code.origin.span(at, at).start;
    let file = code.origin.span(0, 0).file;
    let mut text = String::new();
    let mut pieces = Pieces::at(file, 0);
    for piece in batch {
        pieces.insert_at(text.len() as u32, place(piece.start));
        text.push_str(piece.kind.prefix());
        match piece.cut {
            None => code.append(piece.start, piece.end, &mut text, &mut pieces),
            Some((start, end)) => {
                code.append(piece.start, start, &mut text, &mut pieces);
                code.append(end, piece.end, &mut text, &mut pieces);
            }
        }
        pieces.insert_at(text.len() as u32, code.origin.span(piece.end, piece.end).end);
        text.push_str(";\n");
    }
    let origin = match &code.origin {
        Origin::Elsewhere(span) => Origin::Elsewhere(*span),
        _ => Origin::Pieces(Arc::new(pieces)),
    };
    (text, origin)
}
