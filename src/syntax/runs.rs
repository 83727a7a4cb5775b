//! Cuts a text into runs of statements that are parsed at once.
//!
//! The parser takes 7 to 15 times the memory of its text, so that a large text is read a run at a
//! time; and of a long VALUES list only the first rows are shown to it.

use super::split::Splitter;
use super::token::{Lexer, Token, TokenKind};

/// A run ends with the statement that reaches this many bytes.
pub(super) const RUN: usize = 256 << 10;

/// Of a VALUES list, this many rows are kept,
const ROWS: u32 = 64;

/// and this many bytes, if one row is not more.
const ROW_BYTES: u32 = 16 << 10;

/// Some whole statements.
pub(super) struct Run {
    /// Places are those in the whole text. Those of the rows that are left out are missing.
    pub tokens: Vec<Token>,
    /// Rows that are left out.
    pub rows: Option<LeftOut>,
    /// The run ends with COPY … FROM STDIN; data would follow.
    pub ends_with_copy: bool,
}

/// A part of a VALUES list.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeftOut {
    pub start: u32,
    pub end: u32,
    pub rows: u32,
}

impl Run {
    /// From the first token on.
    pub(super) fn start(&self) -> u32 {
        self.tokens.first().map_or(0, |token| token.start)
    }

    /// To the end of the last token.
    pub(super) fn end(&self) -> u32 {
        self.tokens.last().map_or(0, |token| token.end)
    }
}

/// Reads runs one after the other.
pub(super) struct Runs<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// A run ends with the statement that reaches this many bytes.
    limit: usize,
}

/// Follows a VALUES list.
#[derive(Clone, Copy)]
struct List {
    start: u32,
    /// Open brackets within a row.
    depth: u32,
    /// The last token is the comma after a row.
    after_comma: bool,
    rows: u32,
    /// How many of the run's tokens are kept, once there are enough rows.
    kept: Option<usize>,
}

impl<'a> Runs<'a> {
    pub(super) fn new(text: &'a str, range: std::ops::Range<usize>, limit: usize) -> Runs<'a> {
        Runs { text, lexer: Lexer::new(text, range), limit }
    }

    /// The next run with at least one token.
    pub(super) fn next(&mut self) -> Option<Run> {
        // Definitions have a token in 8 to 12 bytes.
        let tokens = Vec::with_capacity(self.lexer.rest().min(self.limit) / 8);
        let mut run = Run { tokens, rows: None, ends_with_copy: false };
        let mut splitter = Splitter::default();
        let mut list = None;
        let mut first = 0;
        while let Some(token) = self.lexer.next() {
            let ends = splitter.ends_statement(self.text, token);
            self.follow(&mut list, &mut run, token);
            if !ends {
                continue;
            }
            run.ends_with_copy = self.is_copy_from_stdin(&run.tokens[first.min(run.tokens.len())..]);
            first = run.tokens.len();
            let is_full = (token.end - run.start()) as usize >= self.limit;
            if is_full || run.rows.is_some() || run.ends_with_copy {
                break;
            }
        }
        (!run.tokens.is_empty()).then_some(run)
    }

    /// Takes a token into the run, and a long list's rows out of it.
    #[inline]
    fn follow(&self, list: &mut Option<List>, run: &mut Run, token: Token) {
        match list {
            None => {
                let opens = token.kind == TokenKind::LeftParen && run.rows.is_none();
                if opens && run.tokens.last().is_some_and(|previous| previous.is_word(self.text, "values")) {
                    *list = Some(List { start: token.start, depth: 1, after_comma: false, rows: 0, kept: None });
                }
                run.tokens.push(token);
            }
            Some(open) => {
                run.tokens.push(token);
                if !open.follow(run, token) {
                    *list = None;
                }
            }
        }
    }

    fn is_copy_from_stdin(&self, statement: &[Token]) -> bool {
        let is = |token: &Token, word| token.is_word(self.text, word);
        statement.first().is_some_and(|token| is(token, "copy"))
            && statement.windows(2).any(|pair| is(&pair[0], "from") && is(&pair[1], "stdin"))
    }
}

impl List {
    /// Whether the list goes on.
    fn follow(&mut self, run: &mut Run, token: Token) -> bool {
        let after_comma = std::mem::take(&mut self.after_comma);
        match (token.kind, self.depth) {
            (TokenKind::Semicolon, _) => return false,
            (TokenKind::Comma, 0) => self.after_comma = true,
            (TokenKind::LeftParen, 0) if after_comma => self.depth = 1,
            (_, 0) => return false,
            (TokenKind::LeftParen, _) => self.depth += 1,
            (TokenKind::RightParen, 1) => {
                self.depth = 0;
                self.end_row(run, token);
            }
            (TokenKind::RightParen, _) => self.depth -= 1,
            _ => {}
        }
        true
    }

    fn end_row(&mut self, run: &mut Run, last: Token) {
        self.rows += 1;
        if let Some(kept) = self.kept {
            let start = run.tokens[kept - 1].end;
            run.tokens.truncate(kept);
            let rows = run.rows.map_or(0, |left_out| left_out.rows) + 1;
            run.rows = Some(LeftOut { start, end: last.end, rows });
        } else if self.rows >= ROWS || last.end - self.start >= ROW_BYTES {
            self.kept = Some(run.tokens.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, limit: usize) -> Vec<Run> {
        let mut runs = Runs::new(text, 0..text.len(), limit);
        std::iter::from_fn(|| runs.next()).collect()
    }

    fn places(text: &str, limit: usize) -> Vec<&str> {
        let place = |run: &Run| &text[run.start() as usize..run.end() as usize];
        runs(text, limit).iter().map(place).collect()
    }

    #[test]
    fn a_run_ends_with_a_statement() {
        let text = " -- a\nselect 1; select 2 ; -- b\n select 3 -- c\n";
        assert_eq!(places(text, usize::MAX), ["select 1; select 2 ; -- b\n select 3"]);
        assert_eq!(places(text, 10), ["select 1; select 2 ;", "select 3"]);
        assert_eq!(places(text, 0), ["select 1;", "select 2 ;", "select 3"]);
        assert_eq!(places(" -- a", 0), [""; 0]);
    }

    #[test]
    fn copy_data_is_not_read_as_sql() {
        assert_eq!(places("select 1; copy t from stdin; ' select 2", usize::MAX)[0], "select 1; copy t from stdin;");
    }

    #[test]
    fn rows_beyond_the_first_are_left_out() {
        let rows = |count| vec!["(1, f(2))"; count].join(", ");
        let text = format!("insert into t values {} on conflict do nothing; select 1", rows(100));
        let found = runs(&text, usize::MAX);
        let left_out = found[0].rows.expect("more rows than are kept");
        assert_eq!(left_out.rows, 36);
        let shown = format!("{}{}", &text[..left_out.start as usize], &text[left_out.end as usize..]);
        assert_eq!(shown, format!("insert into t values {} on conflict do nothing; select 1", rows(64)));
        assert!(found[0].tokens.iter().all(|token| token.end <= left_out.start || token.start >= left_out.end));
        assert_eq!(places(&text, usize::MAX)[1], "select 1");
        assert!(runs(&format!("select * from (values {}) t", rows(64)), usize::MAX)[0].rows.is_none());
    }

    #[test]
    fn a_mistake_behind_the_rows_stays() {
        for tail in [",;", " (1);", ", (1;"] {
            let text = format!("insert into t values {}{tail}", vec!["(1)"; 100].join(","));
            let left_out = runs(&text, usize::MAX)[0].rows.expect("more rows than are kept");
            assert_eq!(&text[left_out.end as usize..], tail);
        }
    }
}
