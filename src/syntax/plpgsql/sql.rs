//! The SQL in PL/pgSQL code, parsed in batches: a call of the parser costs more than most pieces.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::syntax::convert::{are_statements, parse_statements_of};
use crate::syntax::pieces::Pieces;
use crate::syntax::token::{Token, TokenKind, Tokens};
use crate::syntax::{CodeText, Origin, Statement, SyntaxError};

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

    /// The tokens of that.
    fn prefix_tokens(self) -> &'static [Token] {
        const SELECT: Token = Token { kind: TokenKind::Word, start: 0, end: 6 };
        const NULL: Token = Token { kind: TokenKind::Word, start: 7, end: 11 };
        const CAST: Token = Token { kind: TokenKind::TypeCast, start: 11, end: 13 };
        match self {
            SqlKind::Statement => &[],
            SqlKind::Expression => &[SELECT],
            SqlKind::Type => &[SELECT, NULL, CAST],
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

impl Piece {
    /// What of it is sent to the parser.
    fn parts(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let (first, rest) = match self.cut {
            None => ((self.start, self.end), None),
            Some((start, end)) => ((self.start, start), Some((end, self.end))),
        };
        std::iter::once(first).chain(rest)
    }
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
    fn append(&self, start: u32, end: u32, tokens: &[Token], joined: &mut Joined) {
        let from = joined.text.len() as u32;
        joined.text.push_str(self.text.get(start as usize..end as usize).unwrap_or(""));
        let first = tokens.partition_point(|token| token.start < start);
        let own = tokens[first..].iter().take_while(|token| token.start < end);
        joined.tokens.extend(own.map(|token| token.moved(token.start - start + from)));
        match &self.origin {
            Origin::Pieces(own) => own.copy_part(start, end, from, &mut joined.pieces),
            other => joined.pieces.continue_at(from, other.span(start, start).start),
        }
    }
}

/// A text that is put together, with its tokens.
struct Joined {
    text: String,
    tokens: Vec<Token>,
    pieces: Pieces,
}

/// The tokens of code, to be taken over into texts that are put together of it; none where they could be others there.
pub(super) fn kept_tokens(tokens: Vec<Token>) -> Vec<Token> {
    let is_open = |token: &Token| matches!(token.kind, TokenKind::Unterminated | TokenKind::Bad);
    if tokens.iter().any(is_open) { Vec::new() } else { tokens }
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

/// SQL that the parser took before, each wording once.
pub type KnownSql = FxHashSet<Box<str>>;

/// Whether the parser takes all of these pieces; of what it read nothing is kept. What is new is `known` then.
pub(super) fn are_sql<'p>(code: &Code, pieces: impl Iterator<Item = &'p Piece>, known: &mut KnownSql) -> bool {
    let (mut text, mut new) = (String::new(), Vec::new());
    for piece in pieces {
        let start = text.len();
        text.push_str(piece.kind.prefix());
        for (start, end) in piece.parts() {
            text.push_str(code.text.get(start as usize..end as usize).unwrap_or(""));
        }
        if known.contains(&text[start..]) {
            text.truncate(start);
            continue;
        }
        new.push(start..text.len());
        text.push_str(";\n");
    }
    let are_sql = new.is_empty() || are_statements(&text, new.len());
    if are_sql {
        known.extend(new.into_iter().map(|range| text[range].into()));
    }
    are_sql
}

/// Enough for a call of the parser to pay, and little enough to be held.
const BATCH: usize = 64 << 10;

/// Parses all pieces of code with these tokens.
pub(super) fn parse_pieces(
    code: &Code,
    tokens: &[Token],
    pieces: &[Piece],
) -> Vec<Result<Arc<Statement>, SyntaxError>> {
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
        parse_batch(code, tokens, batch, &mut parsed);
        rest = after;
    }
    parsed
}

/// Parses several pieces at once. Where that fails, each half by itself, so that one bad piece does
/// not make every other a call of its own.
fn parse_batch(code: &Code, tokens: &[Token], batch: &[Piece], parsed: &mut Vec<Result<Arc<Statement>, SyntaxError>>) {
    let (text, joined_tokens, origin) = join(code, tokens, batch);
    match parse_statements_of(&text, &joined_tokens, &origin) {
        Ok(statements) if statements.len() == batch.len() => {
            parsed.extend(statements.into_iter().map(|statement| Ok(Arc::new(statement))))
        }
        result if batch.len() == 1 => parsed.push(Err(refusal(code, batch[0], result))),
        _ => {
            let (first, second) = batch.split_at(batch.len() / 2);
            parse_batch(code, tokens, first, parsed);
            parse_batch(code, tokens, second, parsed);
        }
    }
}

fn refusal(code: &Code, piece: Piece, result: Result<Vec<Statement>, SyntaxError>) -> SyntaxError {
    result.err().unwrap_or_else(|| SyntaxError {
        message: "not one statement".to_owned(),
        span: code.origin.span(piece.start, piece.end),
    })
}

fn join(code: &Code, tokens: &[Token], batch: &[Piece]) -> (String, Vec<Token>, Origin) {
    let place = |at: u32| code.origin.span(at, at).start;
    let file = code.origin.span(0, 0).file;
    let mut joined = Joined { text: String::new(), tokens: Vec::new(), pieces: Pieces::at(file, 0) };
    for piece in batch {
        let from = joined.text.len() as u32;
        joined.pieces.insert_at(from, place(piece.start));
        joined.text.push_str(piece.kind.prefix());
        joined.tokens.extend(piece.kind.prefix_tokens().iter().map(|token| token.moved(from + token.start)));
        piece.parts().for_each(|(start, end)| code.append(start, end, tokens, &mut joined));
        let end = joined.text.len() as u32;
        joined.pieces.insert_at(end, code.origin.span(piece.end, piece.end).end);
        joined.text.push_str(";\n");
        joined.tokens.push(Token { kind: TokenKind::Semicolon, start: end, end: end + 1 });
    }
    let Joined { text, tokens: joined_tokens, pieces } = joined;
    let joined_tokens = if tokens.is_empty() { Tokens::of(&text).tokens } else { joined_tokens };
    debug_assert_eq!(joined_tokens, Tokens::of(&text).tokens, "{text}");
    let origin = match &code.origin {
        Origin::Elsewhere(span) => Origin::Elsewhere(*span),
        _ => Origin::Pieces(Arc::new(pieces)),
    };
    (text, joined_tokens, origin)
}
