//! PL/pgSQL code: its statements and the SQL in them, at their places in the file.
//!
//! A reader of our own over the tokens. The server's needs a catalog (types, row types, arguments) and
//! knows no place but a line; what it refuses without one is most often right.

mod ast;
mod control;
mod declare;
mod reader;
mod simple;
mod sql;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use memchr::memmem;
use rustc_hash::FxHashMap;

pub use ast::*;
pub use sql::{KnownSql, SqlKind};

use self::reader::Reader;
use self::sql::{Code, Piece};
use super::mask::mask;
use super::token::{Token, TokenKind, Tokens};
use super::{CodeText, Expr, ExprKind, Ident, QueryBody, Statement, StatementKind, SyntaxError, TypeName};

/// The code of a function, procedure or DO.
#[derive(Debug)]
pub struct Body {
    /// `#variable_conflict use_column` and the like: name and value.
    pub options: Vec<(Ident, Ident)>,
    /// The outermost block; whatever follows it is [`CodeStatementKind::Unknown`].
    pub statements: Vec<CodeStatement>,
    /// Where the server would refuse to read on. What it says about the SQL within,
    /// [`Body::statement`] knows.
    pub error: Option<SyntaxError>,
    /// Templates stand in it, which were read as if they were names. What is wrong in it may be right
    /// once they are filled in.
    pub templated: bool,
    code: Code,
    pieces: Vec<Piece>,
    /// Those of the code, until the SQL in it is parsed.
    tokens: Mutex<Vec<Token>>,
    parsed: OnceLock<Vec<Result<Arc<Statement>, SyntaxError>>>,
}

/// The types that code names, by their pieces.
#[derive(Debug)]
pub struct Types(FxHashMap<u32, TypeName>);

impl Types {
    /// The type that a piece is.
    pub fn get(&self, sql: Sql) -> Option<&TypeName> {
        self.0.get(&sql.index)
    }
}

/// Reads code. The SQL in it is parsed when it is first asked for.
pub fn parse(code: &CodeText) -> Body {
    let mut code = Code::new(code);
    let mut tokens = Tokens::of(&code.text);
    let templated = memmem::find(code.text.as_bytes(), b"{{").is_some()
        || tokens.tokens.iter().any(|token| token.kind == TokenKind::Bad);
    let masked = templated.then(|| mask(&code.text, 0..code.text.len())).filter(|masked| !masked.masks.is_empty());
    let templated = masked.is_some();
    if let Some(masked) = masked {
        code.text = masked.text.into();
        tokens = Tokens::of(&code.text);
    }
    let mut reader = Reader::new(&code, &tokens.tokens);
    let options = reader.options();
    let statements = reader.body();
    let error = reader.error();
    let pieces = reader.into_pieces();
    let tokens = Mutex::new(sql::kept_tokens(tokens.tokens));
    Body { options, statements, error, templated, code, pieces, tokens, parsed: OnceLock::new() }
}

impl Body {
    /// Shows every statement, in the order of the text.
    pub fn walk<'a>(&'a self, mut see: impl FnMut(&'a CodeStatement)) {
        for statement in &self.statements {
            statement.walk(&mut see);
        }
    }

    /// Every piece of SQL with what it is read as, in the order of the text.
    pub fn sql(&self) -> impl Iterator<Item = (Sql, SqlKind)> + '_ {
        let place = |piece: &Piece| self.code.origin.span(piece.start, piece.end);
        self.pieces.iter().zip(0..).map(move |(piece, index)| (Sql { span: place(piece), index }, piece.kind))
    }

    /// The text of a piece as it is written, an INTO clause included.
    pub fn text(&self, sql: Sql) -> &str {
        let piece = self.pieces.get(sql.index as usize);
        piece.and_then(|piece| self.code.text.get(piece.start as usize..piece.end as usize)).unwrap_or("")
    }

    /// The statement that a piece is, or why the server would refuse it. An expression is a SELECT
    /// without that word, a type is the one of `SELECT NULL::type`.
    pub fn statement(&self, sql: Sql) -> Result<&Arc<Statement>, &SyntaxError> {
        let parsed = self.parsed.get_or_init(|| {
            let tokens = std::mem::take(&mut *self.tokens.lock().unwrap_or_else(PoisonError::into_inner));
            sql::parse_pieces(&self.code, &tokens, &self.pieces)
        });
        parsed[sql.index as usize].as_ref()
    }

    /// The expression that a piece is; `None` where it is more than that (`a FROM t`) or no SQL.
    pub fn expression(&self, sql: Sql) -> Option<&Expr> {
        only_expression(self.statement(sql).ok()?)
    }

    /// The type that a piece is.
    pub fn type_name(&self, sql: Sql) -> Option<&TypeName> {
        only_type(self.statement(sql).ok()?)
    }

    /// Whether all SQL in it is SQL, types aside, without a look at what it says.
    pub fn is_sql(&self, known: &mut KnownSql) -> bool {
        sql::are_sql(&self.code, self.pieces.iter().filter(|piece| piece.kind != SqlKind::Type), known)
    }

    /// The types in it, read without all other SQL.
    pub fn types(&self) -> Types {
        let types = self.pieces.iter().zip(0..).filter(|(piece, _)| piece.kind == SqlKind::Type);
        let (pieces, places): (Vec<Piece>, Vec<u32>) = types.map(|(piece, place)| (*piece, place)).unzip();
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let read = sql::parse_pieces(&self.code, &tokens, &pieces);
        let named = read.into_iter().zip(places).filter_map(|(statement, place)| {
            let statement = statement.ok()?;
            Some((place, only_type(&statement)?.clone()))
        });
        Types(named.collect())
    }
}

/// The expression that a SELECT is nothing more than.
fn only_expression(statement: &Statement) -> Option<&Expr> {
    let StatementKind::Select(query) = &statement.kind else { return None };
    let QueryBody::Select(select) = &query.body else { return None };
    let is_alone = select.from.is_empty() && select.filter.is_none() && query.with.is_none();
    match &select.targets[..] {
        [target] if is_alone => Some(&target.expr),
        _ => None,
    }
}

/// The type of `SELECT NULL::type`.
fn only_type(statement: &Statement) -> Option<&TypeName> {
    match &only_expression(statement)?.kind {
        ExprKind::Cast(cast) => Some(&cast.ty),
        _ => None,
    }
}
