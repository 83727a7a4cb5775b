//! IF, CASE and the loops.

use super::ast::*;
use super::reader::Reader;
use super::sql::SqlKind;
use crate::syntax::Ident;
use crate::syntax::token::TokenKind;

impl Reader<'_> {
    pub(super) fn if_(&mut self) -> Option<CodeStatementKind> {
        let mut arms = Vec::new();
        // IF, ELSIF or ELSEIF.
        loop {
            self.at += 1;
            let condition = self.expression_before(&["then"])?;
            self.expect_word("then")?;
            arms.push((condition, self.statements()));
            if !self.is_any_word(self.at, &["elsif", "elseif"]) {
                break;
            }
        }
        let otherwise = self.eat_word("else").then(|| self.statements());
        self.expect_word("end")?;
        self.expect_word("if")?;
        Some(CodeStatementKind::If { arms, otherwise })
    }

    pub(super) fn case(&mut self) -> Option<CodeStatementKind> {
        self.expect_word("case")?;
        let operand = self.expression_before(&["when"]);
        let mut arms = Vec::new();
        while self.eat_word("when") {
            let values = self.expression_before(&["then"])?;
            self.expect_word("then")?;
            arms.push((values, self.statements()));
        }
        let otherwise = self.eat_word("else").then(|| self.statements());
        self.expect_word("end")?;
        self.expect_word("case")?;
        Some(CodeStatementKind::Case { operand, arms, otherwise })
    }

    /// `LOOP … END LOOP [label]` and what may stand before it.
    pub(super) fn loop_(&mut self, label: Option<Ident>) -> Option<CodeStatementKind> {
        let kind = if self.eat_word("while") {
            LoopKind::While(self.expression_before(&["loop"])?)
        } else if self.eat_word("for") {
            self.for_()?
        } else if self.eat_word("foreach") {
            self.foreach()?
        } else {
            LoopKind::Forever
        };
        self.expect_word("loop")?;
        let statements = self.statements();
        self.expect_word("end")?;
        self.expect_word("loop")?;
        self.eat_label();
        Some(CodeStatementKind::Loop(Box::new(Loop { label, kind, statements })))
    }

    fn for_(&mut self) -> Option<LoopKind> {
        let targets = self.targets()?;
        self.expect_word("in")?;
        if self.eat_word("execute") {
            let query = self.expression_before(&["using", "loop"])?;
            let using = if self.eat_word("using") { self.expressions_before(&["loop"])? } else { Vec::new() };
            return Some(LoopKind::Execute { targets, query, using });
        }
        let end = self.find_word(self.at, &["loop"]);
        let dots = self.find(self.at, |index| index >= end || self.is_kind(index, TokenKind::DotDot));
        if dots < end {
            return self.range(&targets, dots);
        }
        if self.is_cursor(end) {
            let cursor = self.ident()?;
            let args = self.cursor_arguments()?;
            self.at = end;
            return Some(LoopKind::Cursor { targets, cursor, args });
        }
        let query = self.sql_to(end, SqlKind::Statement, None)?;
        Some(LoopKind::Query { targets, query })
    }

    /// `name` or `name (arguments)` up to `end`; a query has more words than that.
    fn is_cursor(&self, end: usize) -> bool {
        if self.ident_at(self.at).is_none() || self.is_word(self.at, "values") {
            return false;
        }
        let after_name = self.at + 1;
        if !self.is_kind(after_name, TokenKind::LeftParen) {
            return after_name == end;
        }
        self.find(after_name + 1, |index| self.is_kind(index, TokenKind::RightParen)) + 1 == end
    }

    fn range(&mut self, targets: &[Target], dots: usize) -> Option<LoopKind> {
        let variable = *targets.first()?.parts.first()?;
        let reverse = self.eat_word("reverse");
        let from = self.expression_to(dots)?;
        self.at += 1;
        let to = self.expression_before(&["by", "loop"])?;
        let step = if self.eat_word("by") { Some(self.expression_before(&["loop"])?) } else { None };
        Some(LoopKind::Range { variable, reverse, from, to, step })
    }

    fn foreach(&mut self) -> Option<LoopKind> {
        let targets = self.targets()?;
        let slice = self.eat_word("slice");
        self.at += usize::from(slice);
        self.expect_word("in")?;
        self.expect_word("array")?;
        let array = self.expression_before(&["loop"])?;
        Some(LoopKind::Array { targets, slice, array })
    }

    pub(super) fn exit(&mut self, continues: bool) -> Option<CodeStatementKind> {
        self.at += 1;
        let label = if self.is_word(self.at, "when") { None } else { self.ident() };
        let when = if self.eat_word("when") { Some(self.expression_before(&[])?) } else { None };
        Some(CodeStatementKind::Exit { continues, label, when })
    }
}
