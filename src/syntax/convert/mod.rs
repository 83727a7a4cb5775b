//! From the parser's nodes to our statements.
//!
//! A converter walks one parse tree once, in the order of the text, and drops nothing that a rule
//! could ask for. It is bound in depth: what is nested deeper than [`MAX_DEPTH`] becomes `Opaque`, so
//! that neither the converter nor whoever walks, clones or drops its result runs out of stack.

mod call;
mod constructor;
mod ddl;
mod expr;
mod from;
mod opaque;
mod query;
#[cfg(test)]
mod tests;
mod types;
mod write;

use std::cell::Cell;
use std::ops::Deref;

use super::ffi::{Node, ParseError, ParseMode, Ptr, parse, raw};
use super::span::{Extent, Origin, Places};
use super::token::{Token, TokenKind, Tokens};
use super::{Expr, Statement, StatementKind, TypeName};
use crate::source::Span;

/// How many levels of expressions, queries and FROM items are followed.
const MAX_DEPTH: u32 = 500;

/// Why a text is no SQL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// The server's message, such as `syntax error at or near "form"`.
    pub message: String,
    /// The token that it points at; empty at the end of the text.
    pub span: Span,
}

/// What the grammar and the scanner refuse with another SQLSTATE than 42601, by parts of the message (gram.y, scan.l).
const OTHER_SQLSTATES: &[(&str, &str)] = &[
    (" constraints cannot be marked ", "0A000"),
    ("is not yet implemented", "0A000"),
    ("not yet implemented", "0A000"),
    ("is not implemented", "0A000"),
    ("is no longer supported", "0A000"),
    ("not supported on recursive views", "0A000"),
    ("current database cannot be changed", "0A000"),
    ("aggregates cannot have output arguments", "0A000"),
    ("unsafe use of string constant with Unicode escapes", "0A000"),
    ("unsafe use of \\' in a string literal", "22P06"),
    ("invalid Unicode escape value", "42601"),
    ("invalid Unicode escape", "22025"),
    ("precision for type float must be", "22023"),
    ("column number must be in range", "22023"),
    ("frame start cannot be", "42P20"),
    ("frame end cannot be", "42P20"),
    ("frame starting from", "42P20"),
    ("is reserved", "42939"),
];

impl SyntaxError {
    /// What the server calls it.
    pub fn sqlstate(&self) -> &'static str {
        let known = OTHER_SQLSTATES.iter().find(|(part, _)| self.message.contains(part));
        // A message may quote what the user wrote.
        known.filter(|_| !self.message.contains(" at or near ")).map_or("42601", |(_, sqlstate)| sqlstate)
    }
}

/// Parses a text of any number of statements. One mistake refuses all of them.
pub fn parse_statements(text: &str, origin: &Origin) -> Result<Vec<Statement>, SyntaxError> {
    parse_statements_of(text, &Tokens::of(text).tokens, origin)
}

/// Like [`parse_statements`], with the text's tokens, if they were read already.
pub fn parse_statements_of(text: &str, tokens: &[Token], origin: &Origin) -> Result<Vec<Statement>, SyntaxError> {
    let shown = without_open_comment(text, tokens);
    let tree = parse(shown, ParseMode::Statements).map_err(|error| error.at(tokens, origin))?;
    let converter = Converter::new(text, tokens, origin);
    Ok(tree.roots().of::<raw::RawStmt>().filter_map(|statement| converter.raw_statement(statement)).collect())
}

/// Whether a text is that many statements.
pub(super) fn are_statements(text: &str, count: usize) -> bool {
    parse(text, ParseMode::Statements).is_ok_and(|tree| tree.roots().of::<raw::RawStmt>().count() == count)
}

/// The text up to the opening of a comment that is never closed. The server refuses such a comment where it opens, but
/// its scanner looks at all that follows once more for each comment that is nested in it.
fn without_open_comment<'t>(text: &'t str, tokens: &[Token]) -> &'t str {
    let open = tokens.last().filter(|token| token.kind == TokenKind::Unterminated);
    match open.map(|token| token.start as usize) {
        Some(start) if text[start..].starts_with("/*") => &text[..start + 2],
        _ => text,
    }
}

/// Parses one expression, such as those in PL/pgSQL code.
pub fn parse_expression(text: &str, origin: &Origin) -> Result<Expr, SyntaxError> {
    let tokens = Tokens::of(text).tokens;
    let tree = parse(text, ParseMode::Expression).map_err(|error| error.at(&tokens, origin))?;
    let converter = Converter::new(text, &tokens, origin);
    converter.only_expression(tree.roots()).ok_or_else(|| not_one("expression", &converter))
}

/// Parses the name of a type.
pub fn parse_type(text: &str, origin: &Origin) -> Result<TypeName, SyntaxError> {
    let tokens = Tokens::of(text).tokens;
    let tree = parse(text, ParseMode::TypeName).map_err(|error| error.at(&tokens, origin))?;
    let converter = Converter::new(text, &tokens, origin);
    let ty = tree.roots().of::<raw::TypeName>().next();
    ty.map(|ty| converter.type_name(ty)).ok_or_else(|| not_one("type", &converter))
}

fn not_one(what: &str, converter: &Converter) -> SyntaxError {
    SyntaxError { message: format!("not one {what}"), span: converter.span(Extent::new(0, converter.end())) }
}

impl ParseError {
    fn at(self, tokens: &[Token], origin: &Origin) -> SyntaxError {
        let offset = self.offset as u32;
        let token = tokens.get(tokens.partition_point(|token| token.end <= offset));
        let end = token.filter(|token| token.start <= offset).map_or(offset, |token| token.end);
        SyntaxError { message: self.message, span: origin.span(offset, end) }
    }
}

/// A converted piece and the tokens it takes.
#[derive(Clone, Debug)]
struct Placed<T> {
    value: T,
    at: Extent,
}

/// Collects into a list without room to spare: statements are held for long.
trait Exact: Iterator + Sized {
    fn exact(self) -> Vec<Self::Item> {
        // A list of nodes has mostly as many as it may have at most; then it is allocated once.
        let most = self.size_hint().1.unwrap_or(0);
        let mut list = Vec::with_capacity(most);
        list.extend(self);
        list.shrink_to_fit();
        list
    }
}

impl<I: Iterator> Exact for I {}

/// Walks one parse tree.
struct Converter<'a> {
    places: Places<'a>,
    depth: Cell<u32>,
    /// The end of the last token that anything converted so far in this query takes.
    reach: Cell<usize>,
    /// The same for the whole statement: how far the walk has come.
    walked: Cell<usize>,
    /// Where the expression that is being converted ends at the latest.
    limit: Cell<usize>,
}

impl<'a> Deref for Converter<'a> {
    type Target = Places<'a>;

    fn deref(&self) -> &Places<'a> {
        &self.places
    }
}

impl<'a> Converter<'a> {
    fn new(text: &'a str, tokens: &'a [Token], origin: &'a Origin) -> Converter<'a> {
        Converter {
            places: Places::new(text, tokens, origin),
            depth: Cell::new(0),
            reach: Cell::new(0),
            walked: Cell::new(0),
            limit: Cell::new(tokens.len()),
        }
    }

    /// The walk has come to the token before `end`.
    fn reached(&self, end: usize) {
        self.reach.set(self.reach.get().max(end));
        self.walked.set(self.walked.get().max(end));
    }

    /// Runs `f` one level deeper; `None` where that is too deep.
    fn deeper<T>(&self, f: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = f();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }

    fn raw_statement(&self, statement: &raw::RawStmt) -> Option<Statement> {
        let first = self.at(statement.stmt_location.max(0));
        let end = match statement.stmt_len {
            0 => self.end(),
            len => self.at(statement.stmt_location.max(0) + len),
        };
        Some(self.statement(statement.stmt.node()?, Extent::new(first, end)))
    }

    /// A statement that takes exactly these tokens.
    fn statement(&self, node: Node, at: Extent) -> Statement {
        self.reach.set(at.first);
        self.walked.set(at.first);
        let kind = match self.data_statement(node) {
            Some(statement) => statement.into_kind(),
            None => self.utility(node, at),
        };
        Statement { span: self.span(at), written: self.is_written(), kind }
    }

    /// Whether spans of what is read are exact.
    fn is_written(&self) -> bool {
        !matches!(self.origin(), Origin::Elsewhere(_))
    }
}
