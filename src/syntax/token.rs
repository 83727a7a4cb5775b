//! The words of SQL, by the rules of the server's `scan.l`.
//!
//! Our own, because the server's scanner stops at the first thing it does not like and copies every
//! constant. This one reads anything, allocates nothing, and says where each token ends.

use memchr::{memchr, memchr2, memmem};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// An identifier without quotes, or a keyword.
    Word,
    /// `"a"`, `U&"a"`.
    QuotedIdent,
    /// `'a'`, `E'a'`, `U&'a'`, `B'1'`, `X'f'`, `N'a'`, `$$a$$`. A constant that goes on after a line
    /// end is several tokens.
    String,
    /// `1`, `1.5e3`, `0xff`, `1_000`.
    Number,
    /// `$1`.
    Param,
    /// An operator; also `+`, `<` and the other single ones.
    Operator,
    /// `::`
    TypeCast,
    /// `:=`
    ColonEquals,
    /// `=>`
    EqualsGreater,
    /// `..`
    DotDot,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// `:`
    Colon,
    /// A quote, dollar quote or block comment that is never closed; goes on to the end.
    Unterminated,
    /// What no token starts with, and numbers that run into letters.
    Bad,
}

/// A token and its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Token {
    /// As a range for slicing the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The token's own text; empty where `text` is not the text it was read from.
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }

    /// The same token where it starts somewhere else.
    #[must_use]
    pub fn moved(self, start: u32) -> Token {
        Token { start, end: start + (self.end - self.start), ..self }
    }

    /// Whether it is this word, in any case. A quoted identifier is never a word of the grammar.
    pub fn is_word(self, text: &str, word: &str) -> bool {
        self.kind == TokenKind::Word
            && (self.end - self.start) as usize == word.len()
            && self.text(text).eq_ignore_ascii_case(word)
    }

    /// Whether it is one of these words, in any case.
    pub fn is_any_word(self, text: &str, words: &[&str]) -> bool {
        self.kind == TokenKind::Word && words.iter().any(|word| self.is_word(text, word))
    }

    /// Whether it is this operator.
    pub fn is_operator(self, text: &str, operator: &str) -> bool {
        self.kind == TokenKind::Operator && self.text(text) == operator
    }

    /// Whether it can name something: a word, maybe a reserved one, or a quoted identifier.
    pub fn is_name(self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::QuotedIdent)
    }
}

/// A comment's bytes, with `--` or `/*`, without the line end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Comment {
    /// The comment's own text.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// All tokens and comments of a text.
#[derive(Clone, Default, Debug)]
pub struct Tokens {
    /// Without comments.
    pub tokens: Vec<Token>,
    /// The comments, in order.
    pub comments: Vec<Comment>,
}

impl Tokens {
    /// Reads a whole text. A byte order mark at its start is skipped.
    pub fn of(text: &str) -> Tokens {
        Tokens::of_range(text, 0..text.len())
    }

    /// Reads a part of a text; places are those in the whole text.
    pub fn of_range(text: &str, range: std::ops::Range<usize>) -> Tokens {
        // Definitions have a token in 8 to 12 bytes, data one in 6; growing copies what is there.
        let mut tokens = Vec::with_capacity(range.len() / 8);
        let mut lexer = Lexer::new(text, range);
        tokens.extend(&mut lexer);
        Tokens { tokens, comments: lexer.comments }
    }

    /// The tokens that start within `start..end`.
    pub fn within(&self, start: u32, end: u32) -> &[Token] {
        let first = self.tokens.partition_point(|token| token.start < start);
        let last = first + self.tokens[first..].partition_point(|token| token.start < end);
        &self.tokens[first..last]
    }
}

/// How a quoted constant treats what is in it; a continuation on the next line goes on the same way.
#[derive(Clone, Copy)]
enum Quoting {
    /// `''` is a quote.
    Plain,
    /// `''` and `\'` are quotes.
    Escape,
    /// Nothing is: `B'…'` and `X'…'`.
    Bits,
}

/// Reads tokens one by one and collects comments aside.
pub struct Lexer<'a> {
    /// Ends where the range ends.
    bytes: &'a [u8],
    at: usize,
    /// Where the last token ended, if it was a constant in quotes.
    quoted: Option<(usize, Quoting)>,
    comments: Vec<Comment>,
}

/// What the first byte of something says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Digit,
    /// Of the SQL standard's operators.
    Operator,
    /// Of PostgreSQL's alone.
    OwnOperator,
    Punctuation,
    Quote,
    DoubleQuote,
    Dollar,
    Other,
}

/// The server refuses operators of 64 bytes and more; looking further would make a row of signs slow.
const LONGEST_OPERATOR: usize = 64;

const CLASS: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c | 0x0b => Class::Space,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%' => Class::OwnOperator,
            b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' => Class::Operator,
            b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' | b':' => Class::Punctuation,
            b'\'' => Class::Quote,
            b'"' => Class::DoubleQuote,
            b'$' => Class::Dollar,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
}

fn class(byte: u8) -> Class {
    CLASS[byte as usize]
}

#[inline]
fn continues_identifier(byte: u8) -> bool {
    matches!(class(byte), Class::Letter | Class::Digit | Class::Dollar)
}

impl<'a> Lexer<'a> {
    /// Reads `range` of `text`; places are those in the whole text.
    pub fn new(text: &'a str, range: std::ops::Range<usize>) -> Lexer<'a> {
        // Places are u32; what lies beyond 4 GiB of one file is not read.
        let end = range.end.min(text.len()).min(u32::MAX as usize);
        let bom = if range.start == 0 && text.starts_with('\u{feff}') { 3 } else { 0 };
        let at = (range.start + bom).min(end);
        Lexer { bytes: &text.as_bytes()[..end], at, quoted: None, comments: Vec::new() }
    }

    /// The comments before the place that is reached.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// How many bytes are not read yet.
    pub(super) fn rest(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Goes on at another place, which is between characters.
    pub(super) fn seek(&mut self, at: usize) {
        self.at = at.min(self.bytes.len());
        self.quoted = None;
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Where a row of wanted bytes ends that starts at `at`.
    #[inline]
    fn end_of(&self, mut at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        while at < self.bytes.len() && wanted(self.bytes[at]) {
            at += 1;
        }
        at
    }

    fn word(&mut self, first: u8) -> (TokenKind, usize) {
        match (first | 0x20, self.peek(1)) {
            (b'e', Some(b'\'')) => return self.quoted(2, Quoting::Escape),
            (b'b' | b'x', Some(b'\'')) => return self.quoted(2, Quoting::Bits),
            (b'n', Some(b'\'')) => return self.quoted(2, Quoting::Plain),
            (b'u', Some(b'&')) if self.peek(2) == Some(b'\'') => return self.quoted(3, Quoting::Plain),
            (b'u', Some(b'&')) if self.peek(2) == Some(b'"') => return self.quoted_identifier(3),
            _ => {}
        }
        (TokenKind::Word, self.end_of(self.at + 1, continues_identifier))
    }

    /// A constant whose opening quote is the last of `opening` bytes.
    fn quoted(&mut self, opening: usize, quoting: Quoting) -> (TokenKind, usize) {
        let mut at = self.at + opening;
        loop {
            let rest = &self.bytes[at.min(self.bytes.len())..];
            let found = match quoting {
                Quoting::Escape => memchr2(b'\'', b'\\', rest),
                Quoting::Plain | Quoting::Bits => memchr(b'\'', rest),
            };
            let Some(found) = found else {
                return (TokenKind::Unterminated, self.bytes.len());
            };
            at += found + 1;
            let doubled = !matches!(quoting, Quoting::Bits) && self.bytes.get(at) == Some(&b'\'');
            if doubled || rest[found] == b'\\' {
                at += 1;
                continue;
            }
            self.quoted = Some((at, quoting));
            return (TokenKind::String, at);
        }
    }

    /// How a constant that starts here with a bare quote is read: as the one before it, if a line end
    /// and no block comment lies between them.
    fn continued_quoting(&self) -> Quoting {
        let Some((end, quoting)) = self.quoted else {
            return Quoting::Plain;
        };
        let has_line_end = memchr2(b'\n', b'\r', &self.bytes[end..self.at]).is_some();
        let block_comment = self.comments.iter().rev().take_while(|comment| comment.start as usize >= end);
        let has_block_comment = block_comment.into_iter().any(|c| self.bytes[c.start as usize] == b'/');
        if has_line_end && !has_block_comment { quoting } else { Quoting::Plain }
    }

    fn quoted_identifier(&self, opening: usize) -> (TokenKind, usize) {
        let mut at = self.at + opening;
        while let Some(found) = memchr(b'"', &self.bytes[at..]) {
            at += found + 1;
            if self.bytes.get(at) != Some(&b'"') {
                return (TokenKind::QuotedIdent, at);
            }
            at += 1;
        }
        (TokenKind::Unterminated, self.bytes.len())
    }

    fn dollar(&self) -> (TokenKind, usize) {
        if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            let end = self.end_of(self.at + 1, |byte| byte.is_ascii_digit());
            return self.unless_junk(TokenKind::Param, end);
        }
        let is_tag = |byte| matches!(class(byte), Class::Letter | Class::Digit);
        let tag_end = self.end_of(self.at + 1, is_tag);
        if self.bytes.get(tag_end) != Some(&b'$') {
            return (TokenKind::Bad, self.at + 1);
        }
        let delimiter = &self.bytes[self.at..=tag_end];
        match memmem::find(&self.bytes[tag_end + 1..], delimiter) {
            Some(found) => (TokenKind::String, tag_end + 1 + found + delimiter.len()),
            None => (TokenKind::Unterminated, self.bytes.len()),
        }
    }

    /// `kind` up to `end`, or what the server calls trailing junk, where letters follow at once.
    fn unless_junk(&self, kind: TokenKind, end: usize) -> (TokenKind, usize) {
        match self.bytes.get(end) {
            Some(&byte) if class(byte) == Class::Letter => (TokenKind::Bad, self.end_of(end, continues_identifier)),
            _ => (kind, end),
        }
    }

    /// Digits with single underscores between them.
    fn digits(&self, mut at: usize, is_digit: impl Fn(u8) -> bool) -> usize {
        let digit_at = |at: usize| self.bytes.get(at).is_some_and(|&byte| is_digit(byte));
        while digit_at(at) || (self.bytes.get(at) == Some(&b'_') && digit_at(at + 1)) {
            at += 1;
        }
        at
    }

    fn number(&self) -> (TokenKind, usize) {
        let decimal = |byte: u8| byte.is_ascii_digit();
        let after_prefix = self.at + 2;
        let based = match (self.bytes[self.at], self.peek(1).map(|byte| byte | 0x20)) {
            (b'0', Some(b'x')) => self.digits(after_prefix, |byte| byte.is_ascii_hexdigit()),
            (b'0', Some(b'o')) => self.digits(after_prefix, |byte| matches!(byte, b'0'..=b'7')),
            (b'0', Some(b'b')) => self.digits(after_prefix, |byte| matches!(byte, b'0' | b'1')),
            _ => after_prefix,
        };
        if based > after_prefix {
            return self.unless_junk(TokenKind::Number, based);
        }
        let mut end = self.digits(self.at, decimal);
        // `1..10` is a range: the dots are their own token.
        if self.bytes.get(end) == Some(&b'.') && self.bytes.get(end + 1) != Some(&b'.') {
            end += 1;
            if self.bytes.get(end).copied().is_some_and(decimal) {
                end = self.digits(end, decimal);
            }
        }
        let Some(b'e' | b'E') = self.bytes.get(end) else {
            return self.unless_junk(TokenKind::Number, end);
        };
        let signed = matches!(self.bytes.get(end + 1), Some(b'+' | b'-'));
        let exponent = end + 1 + usize::from(signed);
        if self.bytes.get(exponent).copied().is_some_and(decimal) {
            return self.unless_junk(TokenKind::Number, self.digits(exponent, decimal));
        }
        if signed { (TokenKind::Bad, exponent) } else { self.unless_junk(TokenKind::Number, end) }
    }

    fn operator(&self) -> (TokenKind, usize) {
        let longest = (self.at + LONGEST_OPERATOR).min(self.bytes.len());
        let mut is_own = false;
        let mut end = self.at;
        while end < longest {
            match class(self.bytes[end]) {
                Class::OwnOperator => is_own = true,
                Class::Operator if end > self.at && self.starts_comment(end) => break,
                Class::Operator => {}
                _ => break,
            }
            end += 1;
        }
        // A sign at the end belongs to what follows, unless the operator is PostgreSQL's own.
        while !is_own && end > self.at + 1 && matches!(self.bytes[end - 1], b'+' | b'-') {
            end -= 1;
        }
        let is_arrow = &self.bytes[self.at..end] == b"=>";
        (if is_arrow { TokenKind::EqualsGreater } else { TokenKind::Operator }, end)
    }

    fn starts_comment(&self, at: usize) -> bool {
        matches!(self.bytes[at..], [b'-', b'-', ..] | [b'/', b'*', ..])
    }

    fn punctuation(&self, first: u8) -> (TokenKind, usize) {
        let kind = match (first, self.peek(1)) {
            (b':', Some(b':')) => return (TokenKind::TypeCast, self.at + 2),
            (b':', Some(b'=')) => return (TokenKind::ColonEquals, self.at + 2),
            (b'.', Some(b'.')) => return (TokenKind::DotDot, self.at + 2),
            (b'.', Some(b'0'..=b'9')) => return self.number(),
            (b'.', _) => TokenKind::Dot,
            (b':', _) => TokenKind::Colon,
            (b'(', _) => TokenKind::LeftParen,
            (b')', _) => TokenKind::RightParen,
            (b'[', _) => TokenKind::LeftBracket,
            (b']', _) => TokenKind::RightBracket,
            (b',', _) => TokenKind::Comma,
            _ => TokenKind::Semicolon,
        };
        (kind, self.at + 1)
    }

    /// Skips a comment that starts here; an unclosed one is a token.
    fn comment(&mut self) -> Option<Token> {
        let end = if self.bytes[self.at] == b'-' {
            let rest = &self.bytes[self.at..];
            memchr2(b'\n', b'\r', rest).map_or(self.bytes.len(), |found| self.at + found)
        } else {
            let Some(end) = self.block_comment_end() else {
                return Some(self.token(TokenKind::Unterminated, self.bytes.len()));
            };
            end
        };
        self.comments.push(Comment { start: self.at as u32, end: end as u32 });
        self.at = end;
        None
    }

    /// Block comments nest.
    fn block_comment_end(&self) -> Option<usize> {
        let mut depth = 1;
        let mut at = self.at + 2;
        while depth > 0 {
            at += memchr2(b'*', b'/', &self.bytes[at..])?;
            let step = match self.bytes.get(at..at + 2)? {
                b"*/" => -1,
                b"/*" => 1,
                _ => 0,
            };
            depth += step;
            at += if step == 0 { 1 } else { 2 };
        }
        Some(at)
    }

    fn token(&mut self, kind: TokenKind, end: usize) -> Token {
        let token = Token { kind, start: self.at as u32, end: end as u32 };
        self.at = end;
        token
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let first = self.peek(0)?;
            let (kind, end) = match class(first) {
                Class::Space => {
                    self.at += 1;
                    continue;
                }
                Class::Letter => self.word(first),
                Class::Punctuation => self.punctuation(first),
                Class::Quote => self.quoted(1, self.continued_quoting()),
                Class::Operator if self.starts_comment(self.at) => match self.comment() {
                    Some(token) => return Some(token),
                    None => continue,
                },
                Class::Operator | Class::OwnOperator => self.operator(),
                Class::Digit => self.number(),
                Class::DoubleQuote => self.quoted_identifier(1),
                Class::Dollar => self.dollar(),
                Class::Other => (TokenKind::Bad, self.at + 1),
            };
            let is_quoted = kind == TokenKind::String && class(first) != Class::Dollar;
            if !is_quoted {
                self.quoted = None;
            }
            return Some(self.token(kind, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds and texts, one token a line.
    fn read(text: &str) -> Vec<(TokenKind, &str)> {
        Tokens::of(text).tokens.into_iter().map(|token| (token.kind, token.text(text))).collect()
    }

    fn texts(text: &str) -> Vec<&str> {
        read(text).into_iter().map(|(_, text)| text).collect()
    }

    fn kinds(text: &str) -> Vec<TokenKind> {
        read(text).into_iter().map(|(kind, _)| kind).collect()
    }

    /// The server's own tokens, made comparable: it splits `N'a'` and joins continued constants.
    fn of_server(text: &str) -> Vec<(u32, u32)> {
        let scanned = pg_query::scan(text).expect("a text that the server can read");
        let is_comment = |token: i32| token == 275 || token == 276;
        let places = scanned.tokens.iter().filter(|token| !is_comment(token.token));
        places.map(|token| (token.start as u32, token.end as u32)).collect()
    }

    #[test]
    fn tokens_are_those_of_the_server() {
        let texts = [
            "select a.b, \"c\"\"d\".*, $1, :x, a::text, f(x => 1, y := 2), a[1:2], 1..2 from \"é\";",
            "select 1, 1.5, .5, 1., 1e3, 1.e-3, 0xFf, 0o17, 0b01, 1_000.2_0, 5..6",
            "select 'it''s', E'a\\'b', U&'\\0041', B'01', X'1f', $$a$b$$, $x$ $$ $y$ $x$, U&\"a\"",
            "select a<-1, a<>-1, a@-1, a->>'b', a#>>'{}', -  -1, +-+1, a ?| b, 1--c\n+2, 3/*x*/*4, @-5, *-+6",
            "select 1 /* a /* b */ c */ + 2 -- d\r\n, x$y$z, a$$b, é_ü, _1, e, u&b, n, x",
            "a>=b, a<=b, a<>b, a!=b, a=>b, a==>b, a:=b, a :: b, a.:b, 'x' 'y', b'0''1'",
        ];
        for text in texts {
            let ours: Vec<_> = Tokens::of(text).tokens.iter().map(|token| (token.start, token.end)).collect();
            assert_eq!(ours, of_server(text), "{text}");
        }
    }

    #[test]
    fn a_constant_goes_on_after_a_line_end_as_it_began() {
        assert_eq!(texts("E'a' -- b\n 'c\\'d' e"), ["E'a'", "'c\\'d'", "e"]);
        assert_eq!(texts("E'a' /* b */\n 'c\\' e"), ["E'a'", "'c\\'", "e"]);
        assert_eq!(texts("E'a' 'c\\' e"), ["E'a'", "'c\\'", "e"]);
        assert_eq!(texts("E'a' , 'c\\' e"), ["E'a'", ",", "'c\\'", "e"]);
    }

    #[test]
    fn what_is_never_closed_goes_on_to_the_end() {
        for text in ["'a;\n", "E'a\\'", "$$a$", "$a$b$$", "\"a", "/* a /* b */", "U&'", "E'\\"] {
            assert_eq!(kinds(text), [TokenKind::Unterminated], "{text}");
        }
    }

    #[test]
    fn anything_is_read() {
        assert_eq!(kinds("\u{feff}"), []);
        assert_eq!(texts("\u{feff}a"), ["a"]);
        assert_eq!(kinds("\0 \\ { 1a 1e+ $1a $ "), [TokenKind::Bad; 7]);
        assert_eq!(texts("a\0b"), ["a", "\0", "b"]);
        assert_eq!(kinds("\r\n\x0c\x0b -- a"), []);
    }

    #[test]
    fn a_part_of_a_text_keeps_its_places() {
        let text = "a b 'c' d";
        let tokens = Tokens::of_range(text, 2..7);
        assert_eq!(tokens.tokens.iter().map(|token| token.text(text)).collect::<Vec<_>>(), ["b", "'c'"]);
        assert_eq!(Tokens::of_range(text, 2..6).tokens[1].kind, TokenKind::Unterminated);
        assert_eq!(Tokens::of(text).within(2, 4).len(), 1);
    }

    #[test]
    fn comments_are_kept_aside() {
        let text = "a -- b\r\n/* c */ d --";
        let comments = Tokens::of(text).comments;
        assert_eq!(comments.iter().map(|c| c.text(text)).collect::<Vec<_>>(), ["-- b", "/* c */", "--"]);
    }

    #[test]
    fn words_are_compared_without_case() {
        let text = "Select \"select\"";
        let tokens = Tokens::of(text).tokens;
        assert!(tokens[0].is_any_word(text, &["from", "select"]));
        assert!(!tokens[1].is_word(text, "select"));
    }

    #[test]
    fn long_rows_of_signs_are_read_in_linear_time() {
        assert_eq!(Tokens::of(&"+".repeat(1 << 15)).tokens.len(), 1 << 15);
    }
}
