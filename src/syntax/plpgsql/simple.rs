//! Statements without statements in them.

use super::ast::*;
use super::reader::Reader;
use super::sql::SqlKind;
use crate::syntax::Ident;
use crate::syntax::split::Splitter;
use crate::syntax::token::TokenKind;

/// Words after RAISE.
const LEVELS: [(&str, RaiseLevel); 6] = [
    ("debug", RaiseLevel::Debug),
    ("log", RaiseLevel::Log),
    ("info", RaiseLevel::Info),
    ("notice", RaiseLevel::Notice),
    ("warning", RaiseLevel::Warning),
    ("exception", RaiseLevel::Exception),
];

impl Reader<'_> {
    /// `target := value`; `None`, and nothing read, where it is no assignment.
    pub(super) fn assignment(&mut self) -> Option<CodeStatementKind> {
        let first = self.at;
        let target = self.target().filter(|_| self.eat_assignment());
        if target.is_none() {
            self.at = first;
        }
        let value = target.as_ref().and_then(|_| self.expression_before(&[]));
        Some(CodeStatementKind::Assign { target: target?, value: value? })
    }

    /// `a`, `a.b`, `a[1].b`
    fn target(&mut self) -> Option<Target> {
        let first = self.at;
        let mut parts = vec![self.ident()?];
        let mut subscripted = false;
        loop {
            if self.is_kind(self.at, TokenKind::Dot) {
                parts.push(self.ident_at(self.at + 1)?);
                self.at += 2;
            } else if self.is_kind(self.at, TokenKind::LeftBracket) {
                self.at = self.find(self.at + 1, |index| self.is_kind(index, TokenKind::RightBracket)) + 1;
                subscripted = true;
            } else {
                return Some(Target { span: self.span(first, self.at), parts: parts.into(), subscripted });
            }
        }
    }

    /// Targets with commas between them, as after INTO: no subscripts.
    pub(super) fn targets(&mut self) -> Option<Vec<Target>> {
        let mut targets = Vec::new();
        loop {
            let first = self.at;
            let parts = self.dotted()?;
            targets.push(Target { span: self.span(first, self.at), parts, subscripted: false });
            if !self.eat(TokenKind::Comma) {
                return Some(targets);
            }
        }
    }

    /// `INTO [STRICT] target, …`, with INTO at this place.
    fn into(&mut self) -> Option<IntoTargets> {
        let first = self.at;
        self.expect_word("into")?;
        let strict = self.eat_word("strict");
        let targets = self.targets()?;
        Some(IntoTargets { span: self.span(first, self.at), strict, targets })
    }

    pub(super) fn null(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        Some(CodeStatementKind::Null)
    }

    pub(super) fn perform(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        self.expression_before(&[]).map(CodeStatementKind::Perform)
    }

    pub(super) fn return_(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        let is_alone = self.is_kind(self.at + 1, TokenKind::Semicolon);
        if self.is_word(self.at, "query") && !is_alone {
            self.at += 1;
            if self.eat_word("execute") {
                let query = self.expression_before(&["using"])?;
                return Some(CodeStatementKind::ReturnExecute { query, using: self.using()? });
            }
            let end = self.find(self.at, |_| false);
            return self.sql_to(end, SqlKind::Statement, None).map(CodeStatementKind::ReturnQuery);
        }
        let is_next = self.eat_word("next");
        let value = self.expression_before(&[]);
        Some(if is_next { CodeStatementKind::ReturnNext(value) } else { CodeStatementKind::Return(value) })
    }

    /// `USING a, b`, if it stands here, up to INTO or the semicolon.
    fn using(&mut self) -> Option<Vec<Sql>> {
        if self.eat_word("using") { self.expressions_before(&["into"]) } else { Some(Vec::new()) }
    }

    pub(super) fn execute(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        let query = self.expression_before(&["into", "using"])?;
        let (mut into, mut using) = (None, Vec::new());
        // Either may come first.
        while self.is_any_word(self.at, &["into", "using"]) {
            if self.is_word(self.at, "into") {
                into = Some(self.into()?);
            } else {
                using = self.using()?;
            }
        }
        Some(CodeStatementKind::Execute { query, into, using })
    }

    pub(super) fn raise(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        let level = LEVELS.iter().find(|(word, _)| self.is_word(self.at, word));
        self.at += usize::from(level.is_some());
        let again = level.is_none() && self.is_kind(self.at, TokenKind::Semicolon);
        let mut raise = Raise {
            level: level.map_or(RaiseLevel::Exception, |&(_, level)| level),
            again,
            condition: None,
            format: None,
            args: Vec::new(),
            options: Vec::new(),
        };
        if self.is_kind(self.at, TokenKind::String) {
            raise.format = Some(self.string()?);
            if self.eat(TokenKind::Comma) {
                raise.args = self.expressions_before(&["using"])?;
            }
        } else if !again && !self.is_word(self.at, "using") {
            raise.condition = Some(self.condition()?);
        }
        if self.eat_word("using") {
            raise.options = self.raise_options()?;
        }
        Some(CodeStatementKind::Raise(Box::new(raise)))
    }

    fn raise_options(&mut self) -> Option<Vec<(Ident, Sql)>> {
        let mut options = Vec::new();
        loop {
            let name = self.ident()?;
            if !self.eat_assignment() {
                return None;
            }
            let end = self.find(self.at, |index| self.is_kind(index, TokenKind::Comma));
            options.push((name, self.expression_to(end)?));
            if !self.eat(TokenKind::Comma) {
                return Some(options);
            }
        }
    }

    pub(super) fn assert(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        let mut parts = self.expressions_before(&[])?.into_iter();
        Some(CodeStatementKind::Assert { condition: parts.next()?, message: parts.next() })
    }

    pub(super) fn get_diagnostics(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        let stacked = self.eat_word("stacked");
        self.eat_word("current");
        self.expect_word("diagnostics")?;
        let mut items = Vec::new();
        loop {
            let target = self.target().filter(|_| self.eat_assignment())?;
            items.push((target, self.ident()?));
            if !self.eat(TokenKind::Comma) {
                return Some(CodeStatementKind::GetDiagnostics { stacked, items });
            }
        }
    }

    pub(super) fn open(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        let cursor = self.ident()?;
        self.scroll();
        if !self.eat_word("for") {
            let args = self.cursor_arguments()?;
            self.at = self.find(self.at, |_| false);
            return Some(CodeStatementKind::Open { cursor, source: OpenSource::Declared(args) });
        }
        let source = if self.eat_word("execute") {
            let query = self.expression_before(&["using"])?;
            OpenSource::Execute { query, using: self.using()? }
        } else {
            let end = self.find(self.at, |_| false);
            OpenSource::Query(self.sql_to(end, SqlKind::Statement, None)?)
        };
        Some(CodeStatementKind::Open { cursor, source })
    }

    /// `(value, name := value …)` behind the name of a cursor.
    pub(super) fn cursor_arguments(&mut self) -> Option<Vec<CursorArgument>> {
        let mut args = Vec::new();
        if !self.eat(TokenKind::LeftParen) {
            return Some(args);
        }
        while !self.eat(TokenKind::RightParen) {
            let is_named = self.is_kind(self.at + 1, TokenKind::ColonEquals) || self.is_operator(self.at + 1, "=>");
            let name = if is_named { self.ident() } else { None };
            self.at += usize::from(is_named);
            let ends = |index| [TokenKind::Comma, TokenKind::RightParen].iter().any(|kind| self.is_kind(index, *kind));
            let value = self.expression_to(self.find(self.at, ends))?;
            args.push(CursorArgument { name, value });
            self.eat(TokenKind::Comma);
        }
        Some(args)
    }

    /// `FETCH [direction {FROM | IN}] cursor INTO targets`
    pub(super) fn fetch(&mut self, moves: bool) -> Option<CodeStatementKind> {
        self.at += 1;
        let end = self.find_word(self.at, &["into"]);
        let from = self.find_word(self.at, &["from", "in"]);
        // A direction may stand without FROM; the cursor is the last word in any case.
        let first = self.at;
        self.at = if from < end { from + 1 } else { end.checked_sub(1)?.max(self.at) };
        let directed = self.at - first - usize::from(from < end);
        let next = directed == 0 || (directed == 1 && self.is_any_word(first, &["next", "forward"]));
        let cursor = self.ident()?;
        let targets = if moves { Vec::new() } else { self.into()?.targets };
        Some(CodeStatementKind::Fetch { cursor, next, targets })
    }

    pub(super) fn close(&mut self) -> Option<CodeStatementKind> {
        self.at += 1;
        self.ident().map(CodeStatementKind::Close)
    }

    /// `COMMIT [AND [NO] CHAIN]`
    pub(super) fn transaction(&mut self) -> Option<bool> {
        self.at += 1;
        if !self.eat_word("and") {
            return Some(false);
        }
        let no = self.eat_word("no");
        self.expect_word("chain")?;
        Some(!no)
    }

    /// A statement of SQL, with the INTO that PL/pgSQL takes out of it.
    pub(super) fn sql_statement(&mut self) -> Option<CodeStatementKind> {
        let first = self.at;
        let is_import = self.is_word(first, "import");
        let mut splitter = Splitter::default();
        let mut clause: Option<(IntoTargets, (u32, u32))> = None;
        while let Some(token) = self.token(self.at) {
            if self.ends_statement(&mut splitter) {
                break;
            }
            let before = self.at.wrapping_sub(1);
            let names_table = self.is_any_word(before, &["insert", "merge"]) || self.is_kind(before, TokenKind::Dot);
            if clause.is_none() && !is_import && !names_table && self.is_word(self.at, "into") {
                let into = self.into()?;
                let end = self.token(self.at - 1).map_or(token.end, |last| last.end);
                clause = Some((into, (token.start, end)));
            } else {
                self.at += 1;
            }
        }
        let end = std::mem::replace(&mut self.at, first);
        let (into, cut) = clause.unzip();
        let sql = self.sql_to(end, SqlKind::Statement, cut)?;
        Some(CodeStatementKind::Sql { sql, into })
    }
}
