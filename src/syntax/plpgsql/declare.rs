//! DECLARE.

use super::ast::*;
use super::reader::Reader;
use super::sql::SqlKind;
use crate::syntax::token::TokenKind;

impl Reader<'_> {
    /// `DECLARE …` up to BEGIN; the word may stand before each declaration.
    pub(super) fn declarations(&mut self) -> Vec<Declaration> {
        let mut declarations = Vec::new();
        while self.token(self.at).is_some() && !self.is_word(self.at, "begin") {
            if self.eat_word("declare") || self.eat(TokenKind::Semicolon) {
                continue;
            }
            let first = self.at;
            let Some(name) = self.ident() else { break };
            let kind = self.declared_as().filter(|_| self.is_kind(self.at, TokenKind::Semicolon));
            if kind.is_none() {
                self.stumble();
                self.at = self.find(self.at, |_| false);
            }
            let kind = kind.unwrap_or(DeclarationKind::Unknown);
            declarations.push(Declaration { span: self.span(first, self.at), name, kind });
        }
        declarations
    }

    fn declared_as(&mut self) -> Option<DeclarationKind> {
        if self.is_word(self.at, "alias") && self.is_word(self.at + 1, "for") {
            self.at += 2;
            return self.ident().map(|of| DeclarationKind::Alias { of });
        }
        let scroll = self.scroll();
        if scroll.is_some() || self.is_word(self.at, "cursor") {
            return self.cursor(scroll);
        }
        let constant = self.eat_word("constant");
        let ty = self.variable_type(&["default", "not", "collate"])?;
        if self.eat_word("collate") {
            self.dotted()?;
        }
        let not_null = self.eat_word("not");
        if not_null {
            self.expect_word("null")?;
        }
        let has_default = self.eat_assignment() || self.eat_word("default");
        let default = if has_default { Some(self.expression_before(&[])?) } else { None };
        Some(DeclarationKind::Variable { constant, ty, not_null, default })
    }

    /// `:=` or `=`.
    pub(super) fn eat_assignment(&mut self) -> bool {
        let found = self.is_kind(self.at, TokenKind::ColonEquals) || self.is_operator(self.at, "=");
        self.at += usize::from(found);
        found
    }

    /// `SCROLL` or `NO SCROLL` before CURSOR or FOR.
    pub(super) fn scroll(&mut self) -> Option<bool> {
        let no = self.is_word(self.at, "no");
        if !self.is_word(self.at + usize::from(no), "scroll") {
            return None;
        }
        self.at += 1 + usize::from(no);
        Some(!no)
    }

    fn cursor(&mut self, scroll: Option<bool>) -> Option<DeclarationKind> {
        self.expect_word("cursor")?;
        let mut args = Vec::new();
        if self.eat(TokenKind::LeftParen) {
            while !self.eat(TokenKind::RightParen) {
                let name = self.ident()?;
                args.push((name, self.variable_type(&[])?));
                self.eat(TokenKind::Comma);
            }
        }
        if !self.eat_word("is") {
            self.expect_word("for")?;
        }
        let query = self.sql_to(self.find(self.at, |_| false), SqlKind::Statement, None)?;
        Some(DeclarationKind::Cursor { scroll, args, query })
    }

    /// A type up to one of these words, a comma, a value or the end.
    fn variable_type(&mut self, words: &[&str]) -> Option<VariableType> {
        let first = self.at;
        let end = self.find(first, |index| {
            let is_end = |kind| self.is_kind(index, kind);
            self.is_any_word(index, words)
                || self.is_operator(index, "=")
                || [TokenKind::ColonEquals, TokenKind::Comma, TokenKind::RightParen].into_iter().any(is_end)
        });
        let Some(percent) = (first..end).find(|&index| self.is_operator(index, "%")) else {
            return self.sql_to(end, SqlKind::Type, None).map(VariableType::Type);
        };
        let name = self.dotted().filter(|_| self.at == percent)?;
        let is_column = self.is_word(percent + 1, "type");
        let is_row = self.is_word(percent + 1, "rowtype");
        let span = self.span(first, end);
        self.at = end;
        match (is_column, is_row) {
            (true, _) => Some(VariableType::ColumnType { span, name }),
            (_, true) => Some(VariableType::RowType { span, name }),
            _ => None,
        }
    }
}
