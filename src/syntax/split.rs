//! Where one statement ends and the next begins, without parsing.

use super::token::{Token, TokenKind};

/// Tells which semicolons end a statement; is shown every token of a text in turn.
///
/// Only two statements hold semicolons of their own: `CREATE RULE … DO (a; b)` and routines with
/// `BEGIN ATOMIC … END`. Nowhere else does a bracket count, so that a lost one spoils one statement.
#[derive(Clone, Copy, Default, Debug)]
pub struct Splitter {
    head: Head,
    previous: Previous,
    /// Open parentheses, in CREATE RULE.
    parentheses: u32,
    /// Open BEGIN ATOMIC, in CREATE FUNCTION and PROCEDURE.
    atomic: u32,
}

/// What the first words of a statement say.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Head {
    #[default]
    Start,
    Create,
    CreateOr,
    Rule,
    Routine,
    Other,
}

/// What was before the present token, in a routine.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Previous {
    #[default]
    Other,
    Begin,
    /// `;` or ATOMIC: where END ends the body.
    Statement,
}

impl Splitter {
    /// Whether `token` is a semicolon that ends a statement.
    #[inline]
    pub fn ends_statement(&mut self, text: &str, token: Token) -> bool {
        // What most tokens are: not the first ones, and in no statement that holds semicolons.
        let is_plain = self.head == Head::Other && token.kind != TokenKind::Semicolon;
        !is_plain && self.follow(text, token)
    }

    fn follow(&mut self, text: &str, token: Token) -> bool {
        match self.head {
            Head::Other => {}
            Head::Start | Head::Create | Head::CreateOr => self.head = self.next_head(text, token),
            Head::Rule => self.in_rule(token),
            Head::Routine => self.in_routine(text, token),
        }
        let ends = token.kind == TokenKind::Semicolon && self.parentheses == 0 && self.atomic == 0;
        if ends {
            *self = Splitter::default();
        }
        ends
    }

    fn next_head(&self, text: &str, token: Token) -> Head {
        let is = |word| token.is_word(text, word);
        match self.head {
            Head::Start if is("create") => Head::Create,
            Head::Create if is("or") => Head::CreateOr,
            Head::CreateOr if is("replace") => Head::Create,
            Head::Create if is("rule") => Head::Rule,
            Head::Create if is("function") || is("procedure") => Head::Routine,
            _ => Head::Other,
        }
    }

    fn in_rule(&mut self, token: Token) {
        match token.kind {
            TokenKind::LeftParen => self.parentheses += 1,
            TokenKind::RightParen => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
    }

    fn in_routine(&mut self, text: &str, token: Token) {
        self.previous = match (self.previous, token.kind) {
            (_, TokenKind::Semicolon) => Previous::Statement,
            (Previous::Begin, TokenKind::Word) if token.is_word(text, "atomic") => {
                self.atomic += 1;
                Previous::Statement
            }
            // The END of a CASE never follows a semicolon.
            (Previous::Statement, TokenKind::Word) if token.is_word(text, "end") => {
                self.atomic = self.atomic.saturating_sub(1);
                Previous::Other
            }
            (_, TokenKind::Word) if token.is_word(text, "begin") => Previous::Begin,
            _ => Previous::Other,
        };
    }
}

/// The statements of a text, each without its semicolon; empty ones are left out.
pub fn statements<'t>(text: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let mut splitter = Splitter::default();
    split_by(tokens, |token| splitter.ends_statement(text, token))
}

/// What lies between semicolons, wherever they stand: a second try for what is no statement.
pub fn at_every_semicolon(tokens: &[Token]) -> Vec<&[Token]> {
    split_by(tokens, |token| token.kind == TokenKind::Semicolon)
}

fn split_by(tokens: &[Token], mut is_end: impl FnMut(Token) -> bool) -> Vec<&[Token]> {
    let pieces = tokens.split(|&token| is_end(token));
    pieces.filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::Tokens;

    fn pieces(text: &str) -> Vec<&str> {
        let tokens = Tokens::of(text).tokens;
        let text_of = |piece: &[Token]| {
            let (first, last) = (piece[0], piece[piece.len() - 1]);
            &text[first.start as usize..last.end as usize]
        };
        statements(text, &tokens).into_iter().map(text_of).collect()
    }

    #[test]
    fn statements_are_those_of_the_server() {
        let texts = [
            "select 1; select ';'; ; /* ; */ select 2",
            "create rule r as on insert to t do also (select 1; select 2); select 3",
            "create or replace rule r as on insert to t do (insert into a values (1);); select 3",
            "create function f() returns int begin atomic select case when a then 1 end; select 2; end; select 3",
            "create or replace procedure f() begin atomic; end; select 3",
            "create function f() returns int begin atomic select 1 as end; end; begin; end; select 3",
            "create function atomic() returns int return 1; begin; select 1; end",
            "create table rule (a int); create function f() returns int as $$begin; end$$ language sql; select 1",
        ];
        for text in texts {
            let parsed = pg_query::split_with_parser(text).expect("a text that the server can read");
            let parsed: Vec<_> = parsed.into_iter().map(str::trim).collect();
            assert_eq!(pieces(text), parsed, "{text}");
        }
    }

    #[test]
    fn a_lost_bracket_spoils_one_statement() {
        assert_eq!(pieces("create table t (a int; select 1"), ["create table t (a int", "select 1"]);
    }

    #[test]
    fn a_second_try_splits_everywhere() {
        let text = "create rule r as on insert to t do (select 1; select 2";
        let tokens = Tokens::of(text).tokens;
        assert_eq!(statements(text, &tokens).len(), 1);
        assert_eq!(at_every_semicolon(&tokens).len(), 2);
    }
}
