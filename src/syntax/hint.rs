//! What may have been meant by a statement that is no SQL.
//!
//! Signs of other dialects are known by sight. Slips are found by trying: one word replaced, one comma
//! put in or taken out; it is what was meant if the server then reads on.

use super::ffi::{ParseMode, parse};
use super::keyword::{KEYWORDS, is_keyword};
use super::token::{Token, TokenKind};

/// Words that a statement of SQL can begin with.
#[rustfmt::skip]
const STARTS: &[&str] = &[
    "abort", "alter", "analyze", "begin", "call", "checkpoint", "close", "cluster", "comment", "commit", "copy",
    "create", "deallocate", "declare", "delete", "discard", "do", "drop", "end", "execute", "explain", "fetch", "grant",
    "import", "insert", "listen", "load", "lock", "merge", "move", "notify", "prepare", "reassign", "refresh",
    "reindex", "release", "reset", "revoke", "rollback", "savepoint", "security", "select", "set", "show", "start",
    "table", "truncate", "unlisten", "update", "vacuum", "values", "with",
];

/// Whether a statement of SQL can begin with this token.
pub(super) fn starts_statement(text: &str, token: Token) -> bool {
    token.is_any_word(text, STARTS)
}

/// Words, and what to say where they stand: one word at the place of the error, several near it.
type Sign = (&'static [&'static str], &'static str);

/// What PostgreSQL has no such form of.
const SIGNS: &[Sign] = &[
    (&["policy", "if", "not", "exists"], "CREATE POLICY has no IF NOT EXISTS; put DROP POLICY IF EXISTS before it"),
    (
        &["constraint", "if", "not", "exists"],
        "ADD CONSTRAINT has no IF NOT EXISTS; put DROP CONSTRAINT IF EXISTS before it",
    ),
    (&["trigger", "if", "not", "exists"], "CREATE TRIGGER has no IF NOT EXISTS; use CREATE OR REPLACE TRIGGER"),
    (&["function", "if", "not", "exists"], "CREATE FUNCTION has no IF NOT EXISTS; use CREATE OR REPLACE FUNCTION"),
    (&["procedure", "if", "not", "exists"], "CREATE PROCEDURE has no IF NOT EXISTS; use CREATE OR REPLACE PROCEDURE"),
    (&["view", "if", "not", "exists"], "CREATE VIEW has no IF NOT EXISTS; use CREATE OR REPLACE VIEW"),
    (&["type", "if", "not", "exists"], "CREATE TYPE has no IF NOT EXISTS; look in pg_type first, in a DO block"),
    (&["domain", "if", "not", "exists"], "CREATE DOMAIN has no IF NOT EXISTS; look in pg_type first, in a DO block"),
    (&["role", "if", "not", "exists"], "CREATE ROLE has no IF NOT EXISTS; look in pg_roles first, in a DO block"),
    (&["user", "if", "not", "exists"], "CREATE USER has no IF NOT EXISTS; look in pg_roles first, in a DO block"),
    (
        &["publication", "if", "not", "exists"],
        "CREATE PUBLICATION has no IF NOT EXISTS; look in pg_publication first, in a DO block",
    ),
    (&["database", "if", "not", "exists"], "CREATE DATABASE has no IF NOT EXISTS"),
    (&["replace", "policy"], "CREATE POLICY has no OR REPLACE; put DROP POLICY IF EXISTS before it"),
    (&["replace", "table"], "CREATE TABLE has no OR REPLACE; use IF NOT EXISTS"),
    (&["replace", "index"], "CREATE INDEX has no OR REPLACE; use IF NOT EXISTS"),
    (&["replace", "sequence"], "CREATE SEQUENCE has no OR REPLACE; use IF NOT EXISTS"),
    (&["replace", "schema"], "CREATE SCHEMA has no OR REPLACE; use IF NOT EXISTS"),
    (&["replace", "type"], "CREATE TYPE has no OR REPLACE"),
    (&["replace", "materialized"], "CREATE MATERIALIZED VIEW has no OR REPLACE; drop it first"),
    (&["auto_increment"], "AUTO_INCREMENT is MySQL's; use GENERATED ALWAYS AS IDENTITY"),
    (&["autoincrement"], "AUTOINCREMENT is SQLite's; use GENERATED ALWAYS AS IDENTITY"),
    (&["engine"], "ENGINE is MySQL's; leave it out"),
    (&["charset"], "CHARSET is MySQL's; leave it out"),
    (&["unsigned"], "UNSIGNED is MySQL's; use a CHECK"),
    (&["insert", "or", "replace"], "INSERT OR REPLACE is SQLite's; use ON CONFLICT … DO UPDATE"),
    (&["insert", "or", "ignore"], "INSERT OR IGNORE is SQLite's; use ON CONFLICT DO NOTHING"),
    (&["insert", "ignore"], "INSERT IGNORE is MySQL's; use ON CONFLICT DO NOTHING"),
    (&["replace", "into"], "REPLACE INTO is MySQL's; use INSERT … ON CONFLICT … DO UPDATE"),
    (&["on", "duplicate", "key"], "ON DUPLICATE KEY is MySQL's; use ON CONFLICT … DO UPDATE"),
    (&["modify"], "MODIFY is MySQL's; use ALTER COLUMN"),
    (&["change", "column"], "CHANGE COLUMN is MySQL's; use RENAME COLUMN and ALTER COLUMN"),
    (&["pragma"], "PRAGMA is SQLite's"),
    (&["delimiter"], "DELIMITER is MySQL's; a function's body stands in dollar quotes"),
    (&["go"], "GO is SQL Server's; a semicolon ends a statement"),
    (&["use"], "USE is MySQL's; a connection has one database"),
    (&["exec"], "EXEC is SQL Server's; use SELECT or CALL"),
    (&["identity"], "IDENTITY alone is SQL Server's; use GENERATED ALWAYS AS IDENTITY"),
    (&["nvarchar"], "NVARCHAR is SQL Server's; use text"),
];

/// What PL/pgSQL has and SQL has not.
const PROCEDURAL: &[&str] = &[
    "if",
    "else",
    "elsif",
    "elseif",
    "for",
    "foreach",
    "while",
    "loop",
    "raise",
    "perform",
    "return",
    "exception",
    "exit",
];

/// Trying takes as many parses as there are ideas.
const LONGEST_TRIED: usize = 16 << 10;

/// What may have been meant by this piece, in which the server stumbles at byte `error` of the text.
pub(super) fn hint(text: &str, piece: &[Token], error: u32) -> Option<String> {
    let first = piece.first()?;
    let at = piece.partition_point(|token| token.end <= error);
    if let Some(hint) = sign(text, piece, at) {
        return Some(hint);
    }
    let stumbles_over_code = piece.get(at).is_some_and(|token| token.is_any_word(text, PROCEDURAL));
    let begins_code = first.is_any_word(text, &["begin", "declare"]) && stumbles_over_code;
    if begins_code || first.is_any_word(text, PROCEDURAL) {
        return Some("this is PL/pgSQL, which stands in a function or a DO block".to_owned());
    }
    // No word before it closes what is open to the end.
    if piece.get(at).is_some_and(|token| token.kind == TokenKind::Unterminated) {
        return None;
    }
    let end = piece.last()?.end;
    let statement = text.get(first.start as usize..end as usize)?;
    let trial = Trial { statement, base: first.start, text, piece, at };
    if statement.len() <= LONGEST_TRIED { trial.slip() } else { None }
}

/// Signs that begin at most three tokens before the one the server stumbles over.
fn sign(text: &str, piece: &[Token], at: usize) -> Option<String> {
    let near = at.saturating_sub(3)..(at + 1).min(piece.len());
    let stands = |words: &[&str], from: usize| {
        words
            .iter()
            .enumerate()
            .all(|(ahead, word)| piece.get(from + ahead).is_some_and(|token| token.is_word(text, word)))
    };
    for index in near {
        let token = piece[index].text(text);
        if piece[index].kind == TokenKind::Operator && token.contains('`') {
            return Some("names are quoted with \" and not with `".to_owned());
        }
        if token.contains(['‘', '’', '“', '”']) && piece[index].kind == TokenKind::Word {
            return Some("these are typographic quotes; SQL has ' and \"".to_owned());
        }
        if token.contains('\u{a0}') && piece[index].kind != TokenKind::String {
            return Some("there is a no-break space in it, which belongs to the word".to_owned());
        }
        if let Some((_, hint)) =
            SIGNS.iter().find(|(words, _)| (index == at || words.len() > 1) && stands(words, index))
        {
            return Some((*hint).to_owned());
        }
    }
    if piece.get(at).is_some_and(|token| token.kind == TokenKind::Bad && token.text(text) == "$") {
        return Some("a dollar quote is $$ or $name$".to_owned());
    }
    let is_comment = piece.get(at).is_some_and(|token| {
        token.kind == TokenKind::Operator && (token.text(text).starts_with('#') || token.text(text).starts_with("//"))
    });
    is_comment.then(|| "a comment begins with --".to_owned())
}

/// A statement in which one thing is changed at a time.
struct Trial<'a> {
    /// The statement's text.
    statement: &'a str,
    /// Where it begins in the whole text.
    base: u32,
    text: &'a str,
    piece: &'a [Token],
    /// The token the server stumbles over; past the last one at the end.
    at: usize,
}

impl Trial<'_> {
    fn slip(&self) -> Option<String> {
        let token = self.piece.get(self.at);
        let before = self.at.checked_sub(1).map(|index| self.piece[index]);
        if before.is_some_and(|token| token.kind == TokenKind::Comma && self.reads(token, "")) {
            return Some("remove the comma before it".to_owned());
        }
        if let Some(word) = self.misspelt() {
            return Some(format!("did you mean {word}?"));
        }
        if self.reads_with(",") {
            return Some("a comma is missing before it".to_owned());
        }
        for word in ["as", "on", "to", "from", "into", "table", "=", "("] {
            if self.reads_with(word) {
                return Some(format!("{} is missing before it", word.to_uppercase()));
            }
        }
        let closes = token.is_some_and(|token| token.kind == TokenKind::RightParen);
        if closes && token.is_some_and(|token| self.reads(*token, "")) {
            return Some("this parenthesis closes nothing".to_owned());
        }
        self.reads_with(")").then(|| "a closing parenthesis is missing before it".to_owned())
    }

    /// A word that a keyword was meant by: the one the server stumbles over, or one just before it.
    fn misspelt(&self) -> Option<&'static str> {
        let from = self.at.saturating_sub(2);
        let words = self.piece[from..(self.at + 1).min(self.piece.len())].iter().rev();
        words.filter(|token| token.kind == TokenKind::Word).find_map(|token| {
            let word = token.text(self.text).to_ascii_lowercase();
            if word.len() < 2 || is_keyword(&word) {
                return None;
            }
            near_keywords(&word).into_iter().find(|keyword| self.reads(*token, keyword))
        })
    }

    /// Whether the server reads on with `replacement` instead of a token.
    fn reads(&self, token: Token, replacement: &str) -> bool {
        self.accepts(token.start, token.end, replacement)
    }

    /// Whether the server reads on with `insertion` before the token it stumbles over.
    fn reads_with(&self, insertion: &str) -> bool {
        let end = self.base + self.statement.len() as u32;
        let place = self.piece.get(self.at).map_or(end, |token| token.start);
        self.accepts(place, place, insertion)
    }

    /// Whether the changed statement is read to its end, or at least three tokens further.
    fn accepts(&self, start: u32, end: u32, replacement: &str) -> bool {
        let (before, after) =
            (&self.statement[..(start - self.base) as usize], &self.statement[(end - self.base) as usize..]);
        let changed = format!("{before} {replacement} {after}");
        let Err(error) = parse(&changed, ParseMode::Statements) else { return true };
        let further = self.piece.get(self.at + 3).map(|token| token.start - self.base);
        let grown = changed.len() as i64 - self.statement.len() as i64;
        further.is_some_and(|further| error.offset as i64 - grown >= i64::from(further))
    }
}

/// Keywords that are one slip away, or two if the word is long.
fn near_keywords(word: &str) -> Vec<&'static str> {
    let most = if word.len() <= 5 { 1 } else { 2 };
    let near = |keyword: &&str| keyword.len().abs_diff(word.len()) <= most;
    let distance = |keyword: &'static str| (strsim::osa_distance(word, keyword), keyword);
    let mut found: Vec<_> = KEYWORDS.iter().copied().filter(near).map(distance).collect();
    found.retain(|(distance, _)| *distance <= most);
    found.sort_unstable();
    found.truncate(6);
    found.into_iter().map(|(_, keyword)| keyword).collect()
}

#[cfg(test)]
mod tests {
    use super::super::token::Tokens;
    use super::*;

    /// The hint for a text of one statement.
    fn hint_for(text: &str) -> Option<String> {
        let error = parse(text, ParseMode::Statements).err().expect("a text that is no SQL");
        hint(text, &Tokens::of(text).tokens, error.offset as u32)
    }

    #[test]
    fn slips_are_recognized() {
        let slips = [
            ("create polcy p on t", "did you mean policy?"),
            ("creat table t (a int)", "did you mean create?"),
            ("create table t (a int primry key, b text)", "did you mean primary?"),
            ("select * form t", "did you mean from?"),
            ("select a form t where b", "did you mean from?"),
            ("alter table t ad column b text", "did you mean add?"),
            ("create table t (a int, b text, )", "remove the comma before it"),
            ("select a, from t", "remove the comma before it"),
            ("create table t (a int b text, c int)", "a comma is missing before it"),
            ("create table t (a int", "a closing parenthesis is missing before it"),
            ("create table t (a int))", "this parenthesis closes nothing"),
            ("create view v select 1", "AS is missing before it"),
            ("create policy p t using (true)", "ON is missing before it"),
            ("grant select on t anon", "TO is missing before it"),
        ];
        for (text, expected) in slips {
            assert_eq!(hint_for(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_dialects_are_recognized() {
        let signs = [
            ("create table t (a int auto_increment, b text)", "AUTO_INCREMENT"),
            ("create table `t` (a int)", "`"),
            ("create table t (a int) engine=InnoDB", "ENGINE"),
            ("create table t (a integer primary key autoincrement)", "AUTOINCREMENT"),
            ("insert or ignore into t values (1)", "INSERT OR IGNORE"),
            ("insert into t values (1) on duplicate key update a = 1", "ON DUPLICATE KEY"),
            ("create policy if not exists p on t", "DROP POLICY IF EXISTS"),
            ("alter table t add constraint if not exists c check (a)", "DROP CONSTRAINT IF EXISTS"),
            ("if not exists (select 1) then select 2", "PL/pgSQL"),
            ("begin raise 'a'", "PL/pgSQL"),
            ("do $ begin end $", "$$"),
            ("select ‘a b’ c", "typographic"),
            ("# a\nselect 1", "--"),
            ("// a\nselect 1", "--"),
        ];
        for (text, expected) in signs {
            let hint = hint_for(text).unwrap_or_default();
            assert!(hint.contains(expected), "{text}: {hint}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for text in
            ["select 1 2 3", "foo bar baz", "create table t (a int) foo bar", "(", "generated always as identity"]
        {
            assert_eq!(hint_for(text), None, "{text}");
        }
    }
}
