//! Walks over the tokens of PL/pgSQL code: blocks, and which kind a statement is.

use super::ast::*;
use super::sql::{Code, Piece, SqlKind};
use crate::source::Span;
use crate::syntax::split::Splitter;
use crate::syntax::token::{Token, TokenKind};
use crate::syntax::{Ident, Label, SyntaxError, literal};

/// Blocks, branches and loops within each other; what is deeper is [`CodeStatementKind::Unknown`].
const MAX_DEPTH: u32 = 100;

/// Where reading has come to, and the SQL found so far.
pub(super) struct Reader<'a> {
    code: &'a Code,
    tokens: &'a [Token],
    pub(super) at: usize,
    depth: u32,
    pieces: Vec<Piece>,
    /// The first token at which something turned out to be no statement.
    stumble: Option<usize>,
}

/// Words that end a list of statements.
const ENDS: &[&str] = &["end", "else", "elsif", "elseif", "when"];

impl<'a> Reader<'a> {
    pub(super) fn new(code: &'a Code, tokens: &'a [Token]) -> Reader<'a> {
        Reader { code, tokens, at: 0, depth: 0, pieces: Vec::new(), stumble: None }
    }

    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }

    /// What the server would say of the first place where reading made no sense.
    pub(super) fn error(&self) -> Option<SyntaxError> {
        let index = self.stumble?;
        let message = match self.token(index) {
            Some(token) => format!("syntax error at or near \"{}\"", token.text(&self.code.text)),
            None => "syntax error at end of input".to_owned(),
        };
        Some(SyntaxError { message, span: self.span(index, index + 1) })
    }

    // --- tokens ---------------------------------------------------------------------------------

    pub(super) fn token(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    pub(super) fn is_word(&self, index: usize, word: &str) -> bool {
        self.token(index).is_some_and(|token| token.is_word(&self.code.text, word))
    }

    pub(super) fn is_any_word(&self, index: usize, words: &[&str]) -> bool {
        self.token(index).is_some_and(|token| token.is_any_word(&self.code.text, words))
    }

    pub(super) fn is_kind(&self, index: usize, kind: TokenKind) -> bool {
        self.token(index).is_some_and(|token| token.kind == kind)
    }

    pub(super) fn is_operator(&self, index: usize, operator: &str) -> bool {
        self.token(index).is_some_and(|token| token.is_operator(&self.code.text, operator))
    }

    /// Goes past this word if it stands here.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(self.at, word);
        self.at += usize::from(found);
        found
    }

    /// Goes past this word; `None` where it does not stand here.
    pub(super) fn expect_word(&mut self, word: &str) -> Option<()> {
        self.eat_word(word).then_some(())
    }

    /// Goes past a token of this kind if it stands here.
    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.is_kind(self.at, kind);
        self.at += usize::from(found);
        found
    }

    /// The first token from `from` on, outside of all brackets, for which `stop` holds; else the next
    /// semicolon, which no bracket hides, or the end.
    pub(super) fn find(&self, from: usize, stop: impl Fn(usize) -> bool) -> usize {
        let mut open = 0_usize;
        for index in from..self.tokens.len() {
            let kind = self.tokens[index].kind;
            if kind == TokenKind::Semicolon || (open == 0 && stop(index)) {
                return index;
            }
            match kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => open += 1,
                TokenKind::RightParen | TokenKind::RightBracket => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Like [`Reader::find`] for words of the grammar; `a.loop` is none.
    pub(super) fn find_word(&self, from: usize, words: &[&str]) -> usize {
        self.find(from, |index| self.is_keyword(index, words))
    }

    fn is_keyword(&self, index: usize, words: &[&str]) -> bool {
        let is_field = index > 0 && self.is_kind(index - 1, TokenKind::Dot);
        self.is_any_word(index, words) && !is_field
    }

    /// Whether the token at this place ends a statement of SQL.
    pub(super) fn ends_statement(&self, splitter: &mut Splitter) -> bool {
        self.token(self.at).is_some_and(|token| splitter.ends_statement(&self.code.text, token))
    }

    /// The span of a run of tokens.
    pub(super) fn span(&self, first: usize, end: usize) -> Span {
        let length = self.code.text.len() as u32;
        let start = self.token(first).map_or(length, |token| token.start);
        let end = end.checked_sub(1).and_then(|last| self.token(last)).map_or(start, |token| token.end);
        self.code.origin.span(start, end.max(start))
    }

    // --- names and pieces of SQL ----------------------------------------------------------------

    /// The name at this token.
    pub(super) fn ident_at(&self, index: usize) -> Option<Ident> {
        let token = self.token(index).filter(|token| token.is_name() || token.kind == TokenKind::Param)?;
        Some(Ident::new(literal::identifier(token.text(&self.code.text)), self.span(index, index + 1)))
    }

    pub(super) fn ident(&mut self) -> Option<Ident> {
        let ident = self.ident_at(self.at)?;
        self.at += 1;
        Some(ident)
    }

    /// The constant at this place.
    pub(super) fn string(&mut self) -> Option<Label> {
        let token = self.token(self.at).filter(|token| token.kind == TokenKind::String)?;
        let first = self.at;
        let mut text = literal::string(token.text(&self.code.text))?.into_owned();
        self.at += 1;
        // A constant may go on after a line end.
        while let Some(more) = self.token(self.at).filter(|token| token.kind == TokenKind::String) {
            text.push_str(&literal::string(more.text(&self.code.text))?);
            self.at += 1;
        }
        Some(Label { text: text.into(), span: self.span(first, self.at) })
    }

    /// `a.b.c`, at most as many parts as a column can have.
    pub(super) fn dotted(&mut self) -> Option<Box<[Ident]>> {
        let mut parts = vec![self.ident()?];
        while self.is_kind(self.at, TokenKind::Dot) {
            let Some(part) = self.ident_at(self.at + 1) else { break };
            parts.push(part);
            self.at += 2;
        }
        Some(parts.into())
    }

    /// The tokens from here to `end` as a piece of SQL; `None` where there are none.
    pub(super) fn sql_to(&mut self, end: usize, kind: SqlKind, cut: Option<(u32, u32)>) -> Option<Sql> {
        let (first, last) = (self.token(self.at)?, self.token(end.checked_sub(1)?)?);
        if end <= self.at {
            return None;
        }
        let span = self.span(self.at, end);
        let index = self.pieces.len() as u32;
        self.pieces.push(Piece { start: first.start, end: last.end, kind, cut });
        self.at = end;
        Some(Sql { span, index })
    }

    /// An expression up to a token that `find` gave.
    pub(super) fn expression_to(&mut self, end: usize) -> Option<Sql> {
        self.sql_to(end, SqlKind::Expression, None)
    }

    /// An expression up to one of these words or the semicolon.
    pub(super) fn expression_before(&mut self, words: &[&str]) -> Option<Sql> {
        self.expression_to(self.find_word(self.at, words))
    }

    /// Expressions with commas between them, up to one of these words or the semicolon.
    pub(super) fn expressions_before(&mut self, words: &[&str]) -> Option<Vec<Sql>> {
        let mut expressions = Vec::new();
        loop {
            let ends = |index| self.is_kind(index, TokenKind::Comma) || self.is_keyword(index, words);
            expressions.push(self.expression_to(self.find(self.at, ends))?);
            if !self.eat(TokenKind::Comma) {
                return Some(expressions);
            }
        }
    }

    // --- statements -----------------------------------------------------------------------------

    /// `#option value` lines before the code.
    pub(super) fn options(&mut self) -> Vec<(Ident, Ident)> {
        let mut options = Vec::new();
        while self.is_operator(self.at, "#") {
            let (Some(name), Some(value)) = (self.ident_at(self.at + 1), self.ident_at(self.at + 2)) else { break };
            options.push((name, value));
            self.at += 3;
        }
        options
    }

    /// Everything; reading goes on after what nobody understands.
    pub(super) fn body(&mut self) -> Vec<CodeStatement> {
        let mut statements = Vec::new();
        let is_block = |reader: &Reader| reader.is_any_word(reader.at, &["begin", "declare"]);
        while self.at < self.tokens.len() {
            let first = self.at;
            if !statements.is_empty() || !(is_block(self) || self.is_operator(self.at, "<<")) {
                self.stumble();
                self.at = self.tokens.len();
                statements.push(self.unknown(first));
                break;
            }
            statements.push(self.statement());
        }
        statements
    }

    /// Statements up to a word that ends them.
    pub(super) fn statements(&mut self) -> Vec<CodeStatement> {
        let mut statements = Vec::new();
        self.depth += 1;
        while self.at < self.tokens.len() && !self.is_any_word(self.at, ENDS) && !self.is_exception_section() {
            if !self.eat(TokenKind::Semicolon) {
                statements.push(self.statement());
            }
        }
        self.depth -= 1;
        statements
    }

    fn is_exception_section(&self) -> bool {
        self.is_word(self.at, "exception") && self.is_word(self.at + 1, "when")
    }

    /// One statement and its semicolon.
    fn statement(&mut self) -> CodeStatement {
        let first = self.at;
        let kind = self.statement_kind();
        // Only the outermost block may go without a semicolon.
        let may_end_here = self.depth == 0 && self.at >= self.tokens.len();
        let statement = match kind {
            Some(kind) if may_end_here || self.is_kind(self.at, TokenKind::Semicolon) => {
                CodeStatement { span: self.span(first, self.at), kind }
            }
            _ => {
                self.stumble();
                self.at = self.find(self.at, |_| false);
                self.unknown(first)
            }
        };
        self.eat(TokenKind::Semicolon);
        statement
    }

    /// Notes that what stands here makes no sense. Too deep is no nonsense.
    pub(super) fn stumble(&mut self) {
        if self.depth <= MAX_DEPTH && self.stumble.is_none() {
            self.stumble = Some(self.at);
        }
    }

    fn unknown(&self, first: usize) -> CodeStatement {
        CodeStatement { span: self.span(first, self.at), kind: CodeStatementKind::Unknown }
    }

    fn statement_kind(&mut self) -> Option<CodeStatementKind> {
        if self.depth > MAX_DEPTH {
            self.at = self.tokens.len();
            return None;
        }
        if self.is_operator(self.at, "<<") {
            return self.labelled();
        }
        if let Some(assignment) = self.assignment() {
            return Some(assignment);
        }
        let word = self.token(self.at).filter(|token| token.kind == TokenKind::Word)?;
        let word = word.text(&self.code.text).to_ascii_lowercase();
        self.statement_of(&word)
    }

    /// The statement that begins with this word here. `None` where it is not what the word promises.
    fn statement_of(&mut self, word: &str) -> Option<CodeStatementKind> {
        match word {
            "begin" | "declare" => self.block(None),
            "if" => self.if_(),
            "case" => self.case(),
            "loop" | "while" | "for" | "foreach" => self.loop_(None),
            "exit" => self.exit(false),
            "continue" => self.exit(true),
            "return" => self.return_(),
            "raise" => self.raise(),
            "assert" => self.assert(),
            "perform" => self.perform(),
            "execute" => self.execute(),
            "get" => self.get_diagnostics(),
            "open" => self.open(),
            "fetch" => self.fetch(false),
            "move" => self.fetch(true),
            "close" => self.close(),
            "commit" => self.transaction().map(|chain| CodeStatementKind::Commit { chain }),
            "rollback" => self.transaction().map(|chain| CodeStatementKind::Rollback { chain }),
            "null" => self.null(),
            _ => self.sql_statement(),
        }
    }

    fn labelled(&mut self) -> Option<CodeStatementKind> {
        let label = self.ident_at(self.at + 1).filter(|_| self.is_operator(self.at + 2, ">>"))?;
        self.at += 3;
        if self.is_any_word(self.at, &["begin", "declare"]) { self.block(Some(label)) } else { self.loop_(Some(label)) }
    }

    /// `[DECLARE …] BEGIN … [EXCEPTION …] END [label]`
    fn block(&mut self, label: Option<Ident>) -> Option<CodeStatementKind> {
        let declarations = if self.is_word(self.at, "declare") { self.declarations() } else { Vec::new() };
        self.expect_word("begin")?;
        let mut block = Block { label, declarations, statements: self.statements(), handlers: Vec::new() };
        if self.is_exception_section() {
            self.at += 1;
            while self.is_word(self.at, "when") {
                block.handlers.push(self.handler()?);
            }
        }
        self.expect_word("end")?;
        self.eat_label();
        Some(CodeStatementKind::Block(Box::new(block)))
    }

    /// The label that may be written once more after END.
    pub(super) fn eat_label(&mut self) {
        if self.ident_at(self.at).is_some() {
            self.at += 1;
        }
    }

    fn handler(&mut self) -> Option<Handler> {
        let first = self.at;
        self.expect_word("when")?;
        let mut conditions = vec![self.condition()?];
        while self.eat_word("or") {
            conditions.push(self.condition()?);
        }
        self.expect_word("then")?;
        let statements = self.statements();
        Some(Handler { span: self.span(first, self.at), conditions, statements })
    }

    /// `unique_violation` or `SQLSTATE '23505'`.
    pub(super) fn condition(&mut self) -> Option<Condition> {
        if self.is_word(self.at, "sqlstate") && self.is_kind(self.at + 1, TokenKind::String) {
            self.at += 1;
            return self.string().map(Condition::SqlState);
        }
        self.ident().map(Condition::Name)
    }
}
