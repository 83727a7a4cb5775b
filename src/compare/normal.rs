//! Statements and conditions without what differs from run to run: constants, white space, comments, case.

use crate::syntax::token::{Token, TokenKind, Tokens};

/// A statement as it is the same for all its runs: constants and parameters are `?`, lists of them one `?`.
pub fn query(text: &str) -> String {
    normalize(&text[prepared(text)..], |_| false)
}

/// Where the statement of `PREPARE name (types) AS statement` starts; logs show such a statement with its head.
pub fn prepared(text: &str) -> usize {
    let mut head = Tokens::of_range(text, 0..text.floor_char_boundary(2_000)).tokens.into_iter();
    if !head.next().is_some_and(|first| first.is_word(text, "prepare")) {
        return 0;
    }
    head.find(|token| token.is_word(text, "as")).map_or(0, |token| token.end as usize)
}

/// A printed condition without constants, numbers of sub-plans, and the names that the query gives its tables.
pub fn condition(text: &str, is_alias: impl Fn(&str) -> bool) -> String {
    normalize(text, is_alias)
}

/// The constants of a statement or condition in their order, as written.
pub fn constants(text: &str) -> Vec<&str> {
    let tokens = Tokens::of(text).tokens;
    tokens.iter().filter(|token| is_constant(**token)).map(|token| token.text(text)).collect()
}

/// FNV-1a, whose values are the same in every build and on every machine, as 16 hexadecimal digits.
pub fn fingerprint(text: &str) -> String {
    let sum = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}

fn is_constant(token: Token) -> bool {
    matches!(token.kind, TokenKind::String | TokenKind::Number)
}

/// Longer statements are cut: nobody tells two of them apart by their end.
const MAX_TOKENS: usize = 20_000;

fn normalize(text: &str, is_alias: impl Fn(&str) -> bool) -> String {
    let tokens = Tokens::of(text).tokens;
    let tokens = &tokens[..tokens.len().min(MAX_TOKENS)];
    let mut out = Output::default();
    let mut at = 0;
    while let Some(&token) = tokens.get(at) {
        let word = token.text(text);
        let qualifies = token.is_name() && tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Dot);
        if qualifies && is_alias(word.trim_matches('"')) {
            at += 2;
            continue;
        }
        match token.kind {
            TokenKind::String | TokenKind::Number | TokenKind::Param => out.constant(),
            TokenKind::Operator if word == "-" && out.expects_operand() && is_number(tokens.get(at + 1)) => {}
            TokenKind::Semicolon => {}
            TokenKind::Word => out.push(&word.to_lowercase(), Kind::Word),
            TokenKind::QuotedIdent => out.push(word, Kind::Word),
            TokenKind::LeftParen | TokenKind::LeftBracket => out.open(word),
            TokenKind::RightParen | TokenKind::RightBracket => out.close(word),
            TokenKind::Comma => out.push(word, Kind::Comma),
            TokenKind::Dot | TokenKind::TypeCast => out.push(word, Kind::Tight),
            _ => out.push(word, Kind::Operator),
        }
        at += 1;
    }
    out.text
}

fn is_number(token: Option<&Token>) -> bool {
    token.is_some_and(|token| token.kind == TokenKind::Number)
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Start,
    Word,
    Constant,
    Operator,
    Comma,
    Open,
    Close,
    /// Stands close to both neighbours.
    Tight,
}

/// Text in which what is written alike is spaced alike.
#[derive(Default)]
struct Output {
    text: String,
    last: Kind,
    /// For each open bracket whether it is a list of constants that may be longer or shorter: of IN, ANY, VALUES.
    lists: Vec<bool>,
    /// Where the row of VALUES starts that is open or was closed last.
    row: Option<usize>,
    in_values: bool,
}

/// Words before a bracket that is no argument list.
const KEYWORDS: &[&str] = &[
    "in",
    "and",
    "or",
    "not",
    "as",
    "on",
    "from",
    "select",
    "where",
    "values",
    "exists",
    "any",
    "all",
    "some",
    "using",
    "join",
    "with",
    "union",
    "except",
    "intersect",
    "by",
    "then",
    "else",
    "when",
    "between",
    "like",
    "ilike",
    "set",
    "into",
    "case",
    "having",
    "limit",
    "offset",
    "returning",
    "filter",
    "over",
    "lateral",
    "is",
];

impl Output {
    fn expects_operand(&self) -> bool {
        matches!(self.last, Kind::Start | Kind::Operator | Kind::Comma | Kind::Open) || self.is_after(KEYWORDS)
    }

    fn is_after(&self, words: &[&str]) -> bool {
        let start = self.text.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        self.last == Kind::Word && words.contains(&&self.text[start..])
    }

    fn push(&mut self, word: &str, kind: Kind) {
        let close = matches!(self.last, Kind::Start | Kind::Open | Kind::Tight)
            || matches!(kind, Kind::Tight | Kind::Comma | Kind::Close);
        if !close {
            self.text.push(' ');
        }
        self.text.push_str(word);
        if kind == Kind::Word && self.lists.is_empty() {
            self.in_values = word == "values";
        }
        self.last = kind;
    }

    /// One `?`; a further one of a list goes with its comma.
    fn constant(&mut self) {
        if self.lists.last() == Some(&true) && self.last == Kind::Comma && self.text.ends_with("?,") {
            self.text.pop();
            self.last = Kind::Constant;
            return;
        }
        self.push("?", Kind::Constant);
    }

    fn open(&mut self, bracket: &str) {
        let list = bracket == "[" || self.in_values || self.is_after(&["in", "any", "all", "values"]);
        let call = self.last == Kind::Word && !self.is_after(KEYWORDS) || bracket == "[";
        if call {
            self.last = Kind::Tight;
        }
        if self.in_values && self.lists.is_empty() {
            // Where the row's text would start: its comma, if it is not the first one.
            self.row = Some(self.text.len());
        }
        self.push(bracket, Kind::Open);
        self.lists.push(list);
    }

    fn close(&mut self, bracket: &str) {
        self.lists.pop();
        self.push(bracket, Kind::Close);
        if let Some(row) = self.row.filter(|_| self.in_values && self.lists.is_empty()) {
            // `(?), (?)` is `(?)`: a batch may have more rows or fewer.
            let same = format!("{},{}", &self.text[row..], &self.text[row..]);
            let from = row.saturating_sub(self.text.len() - row + 1);
            if self.text.get(from..) == Some(&same) {
                self.text.truncate(row - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_statement_are_the_same() {
        let same = [
            &["select * from t where a=1 and b = 'x'", "SELECT *\n  FROM t -- why\n WHERE a = $1 AND b = $2;"][..],
            &["select 1 from t where a in (1,2,3)", "select 1 from t where a IN ( 7 )"],
            &["insert into t (a, b) values (1, 2)", "insert into t (a,b) values (1,2), (3,4),(5,6)"],
            &["select a[1], f(-1)", "select a[2], f(3)"],
            &["select 1 from t where a = 'x'", "prepare p(text) as select 1 from t where a = $1;"],
            &["select * from t where a = any('{1,2}')", "select * from t where a = any($1)"],
            &["select array[1,2]", "select array[7]"],
        ];
        for texts in same {
            let first = query(texts[0]);
            for text in texts {
                assert_eq!(query(text), first);
            }
        }
        assert_eq!(query("select f(1,2) , \"A\".b from \"A\" limit 10"), "select f(?, ?), \"A\".b from \"A\" limit ?");
        assert_ne!(query("select a from t"), query("select b from t"));
        assert_ne!(query("select f(1)"), query("select f(1, 2)"));
    }

    #[test]
    fn conditions_lose_aliases_and_constants() {
        let is_alias = |name: &str| name == "o" || name == "orders";
        assert_eq!(condition("(o.customer_id = 7)", is_alias), condition("(customer_id = $1)", is_alias));
        assert_eq!(condition("((o.a)::text = 'x'::text)", is_alias), "((a)::text = ?::text)");
        assert_eq!(constants("(a = 7) and (b = 'x'::text)"), ["7", "'x'"]);
        let is_alias = |_: &str| false;
        assert_eq!(condition("(b = (InitPlan 2).col1)", is_alias), condition("(b = (InitPlan 1).col1)", is_alias));
    }

    #[test]
    fn odd_texts_are_read_as_well() {
        for text in ["", ")", "(((", "values (", "values (1),", "'", "in (1,", "é -1 ]"] {
            query(text);
        }
    }
}
