//! A walk over JSON text that tells where everything stands.
//!
//! serde_json has no positions, and a tree of values costs more than the plan it holds. This walk keeps one bit of
//! state for each open bracket, so depth costs nothing, and borrows every string that has no escape.

use std::borrow::Cow;

/// Receives what a document holds, in its order. Positions are bytes of the document.
pub(super) trait Sink {
    /// `{` at a position.
    fn begin_object(&mut self, at: u32);
    /// One past `}`.
    fn end_object(&mut self, end: u32);
    /// `[` at a position.
    fn begin_array(&mut self, at: u32);
    /// One past `]`.
    fn end_array(&mut self, end: u32);
    /// A key, with its quotes between the positions.
    fn key(&mut self, name: &str, start: u32, end: u32);
    /// A value that is no container; a string's positions hold its quotes.
    fn scalar(&mut self, value: Scalar<'_>, start: u32, end: u32);
}

/// A value that is no container.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Scalar<'a> {
    /// Decoded.
    String(Cow<'a, str>),
    /// A number, `true`, `false` or `null` as written; any text where the format has no types.
    Plain(&'a str),
}

impl Scalar<'_> {
    /// The text, decoded.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Scalar::String(text) => text,
            Scalar::Plain(text) => text,
        }
    }
}

/// Why a walk ended early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Error {
    /// The text ends within the value.
    CutOff {
        /// Where the innermost open bracket or quote stands.
        open: u32,
    },
    /// Something else was expected here.
    Unexpected {
        /// Where.
        at: u32,
    },
}

/// Where the string of the first of these keys stands, with its quotes, in the object that starts at `start`.
pub(super) fn string_of(text: &str, start: usize, keys: &[&str]) -> Option<(usize, usize)> {
    let mut wanted = Wanted { keys, is_next: false, depth: 0, found: None };
    walk(text, start, &mut wanted).ok()?;
    wanted.found
}

/// Looks for a string by its key, in the outermost object alone.
struct Wanted<'k> {
    keys: &'k [&'k str],
    is_next: bool,
    depth: u32,
    found: Option<(usize, usize)>,
}

impl Sink for Wanted<'_> {
    fn begin_object(&mut self, _at: u32) {
        self.depth += 1;
    }

    fn end_object(&mut self, _end: u32) {
        self.depth -= 1;
    }

    fn begin_array(&mut self, _at: u32) {
        self.depth += 1;
    }

    fn end_array(&mut self, _end: u32) {
        self.depth -= 1;
    }

    fn key(&mut self, name: &str, _start: u32, _end: u32) {
        self.is_next = self.depth == 1 && self.keys.contains(&name);
    }

    fn scalar(&mut self, value: Scalar<'_>, start: u32, end: u32) {
        if self.is_next && self.found.is_none() && matches!(value, Scalar::String(_)) {
            self.found = Some((start as usize, end as usize));
        }
        self.is_next = false;
    }
}

/// Walks over the one value that starts at or after `start`; returns where it ends.
pub(super) fn walk(text: &str, start: usize, sink: &mut impl Sink) -> Result<usize, Error> {
    let mut walker = Walker { text, bytes: text.as_bytes(), at: start, open: Vec::new() };
    walker.walk(sink)?;
    Ok(walker.at)
}

/// A bracket that is open: its position, and whether it is `{`.
#[derive(Clone, Copy)]
struct Open {
    at: u32,
    object: bool,
}

struct Walker<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<Open>,
}

impl<'a> Walker<'a> {
    fn walk(&mut self, sink: &mut impl Sink) -> Result<(), Error> {
        loop {
            self.value(sink)?;
            if !self.next_place(sink)? {
                return Ok(());
            }
        }
    }

    /// One scalar, or the opening brackets up to the first scalar, or an empty container.
    fn value(&mut self, sink: &mut impl Sink) -> Result<(), Error> {
        loop {
            let start = self.at_token()?;
            let object = match start {
                b'{' => true,
                b'[' => false,
                b'"' => {
                    let from = self.at;
                    let text = self.string()?;
                    sink.scalar(Scalar::String(text), from as u32, self.at as u32);
                    return Ok(());
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => return self.plain(sink),
                _ => return Err(self.unexpected()),
            };
            let at = self.at as u32;
            self.open.push(Open { at, object });
            self.at += 1;
            if object {
                sink.begin_object(at)
            } else {
                sink.begin_array(at)
            }
            let next = self.at_token()?;
            match (object, next) {
                // Empty: the caller's loop closes it.
                (true, b'}') | (false, b']') => return Ok(()),
                (true, _) => self.key(sink)?,
                (false, _) => {}
            }
        }
    }

    /// After a value: closes what ends here and goes to the next value's place; false when all is closed.
    fn next_place(&mut self, sink: &mut impl Sink) -> Result<bool, Error> {
        while let Some(&Open { object, .. }) = self.open.last() {
            match (object, self.at_token()?) {
                (true, b',') => {
                    self.at += 1;
                    self.at_token()?;
                    self.key(sink)?;
                    return Ok(true);
                }
                (false, b',') => {
                    self.at += 1;
                    return Ok(true);
                }
                (true, b'}') => {
                    self.at += 1;
                    sink.end_object(self.at as u32);
                }
                (false, b']') => {
                    self.at += 1;
                    sink.end_array(self.at as u32);
                }
                _ => return Err(self.unexpected()),
            }
            self.open.pop();
        }
        Ok(false)
    }

    fn key(&mut self, sink: &mut impl Sink) -> Result<(), Error> {
        if self.bytes[self.at] != b'"' {
            return Err(self.unexpected());
        }
        let from = self.at as u32;
        let name = self.string()?;
        sink.key(&name, from, self.at as u32);
        if self.at_token()? != b':' {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    fn plain(&mut self, sink: &mut impl Sink) -> Result<(), Error> {
        let from = self.at;
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
        let len = self.bytes[from..].iter().take_while(|byte| is_plain(byte)).count();
        self.at += len;
        let text = &self.text[from..self.at];
        let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        if !is_number && !matches!(text, "true" | "false" | "null") {
            let cut_off = self.at == self.bytes.len();
            self.at = from;
            return Err(if cut_off { self.cut_off(from) } else { self.unexpected() });
        }
        sink.scalar(Scalar::Plain(text), from as u32, self.at as u32);
        Ok(())
    }

    /// The string at `self.at`; moves past its closing quote.
    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        let from = self.at + 1;
        let mut at = from;
        loop {
            match self.bytes.get(at) {
                None => return Err(self.cut_off(from - 1)),
                Some(b'"') => break,
                Some(b'\\') => return self.escaped_string(from, at),
                // A line break within a string: this is no JSON, but a copy of it.
                Some(byte) if *byte < 0x20 => {
                    self.at = at;
                    return Err(self.unexpected());
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(Cow::Borrowed(&self.text[from..at]))
    }

    fn escaped_string(&mut self, from: usize, first_escape: usize) -> Result<Cow<'a, str>, Error> {
        let mut at = first_escape;
        loop {
            match self.bytes.get(at) {
                None => return Err(self.cut_off(from - 1)),
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(byte) if *byte < 0x20 => {
                    self.at = at;
                    return Err(self.unexpected());
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(Cow::Owned(unescape(&self.text[from..at], |_, _| {})))
    }

    /// The byte at the next token, to which it moves.
    fn at_token(&mut self) -> Result<u8, Error> {
        // Three quarters of a plan are the spaces of its indentation.
        while let Some(eight) = self.bytes.get(self.at..self.at + 8) {
            if eight != [b' '; 8] {
                break;
            }
            self.at += 8;
        }
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(self.cut_off(self.at)),
            }
        }
    }

    fn unexpected(&self) -> Error {
        Error::Unexpected { at: self.at as u32 }
    }

    fn cut_off(&self, at: usize) -> Error {
        Error::CutOff { open: self.open.last().map_or(at as u32, |open| open.at) }
    }
}

/// Decodes the inside of a string; tells for each escape the bytes before and after it as (decoded, source).
pub(super) fn unescape(raw: &str, mut place: impl FnMut(usize, usize)) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut from = 0;
    while let Some(escape) = memchr::memchr(b'\\', &raw.as_bytes()[from..]).map(|at| from + at) {
        text.push_str(&raw[from..escape]);
        let (decoded, len) = escape_at(&raw[escape..]);
        text.push(decoded);
        from = escape + len;
        place(text.len(), from);
    }
    text.push_str(&raw[from..]);
    text
}

/// The character that an escape stands for, and the escape's length.
fn escape_at(raw: &str) -> (char, usize) {
    let simple = match raw.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode_escape(raw),
        // `\"`, `\\`, `\/`, and whatever else somebody put there.
        Some(_) => {
            let other = raw[1..].chars().next().unwrap_or('\\');
            return (other, 1 + other.len_utf8());
        }
        None => return ('\\', 1),
    };
    (simple, 2)
}

fn unicode_escape(raw: &str) -> (char, usize) {
    let unit = |from: usize| u32::from_str_radix(raw.get(from..from + 4)?, 16).ok();
    let Some(high) = unit(2) else { return ('u', 2) };
    let low = raw.get(6..8).filter(|next| *next == "\\u").and_then(|_| unit(8));
    match (high, low) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
            let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Trace(Vec<String>);

    impl Sink for Trace {
        fn begin_object(&mut self, at: u32) {
            self.0.push(format!("{{{at}"));
        }
        fn end_object(&mut self, end: u32) {
            self.0.push(format!("}}{end}"));
        }
        fn begin_array(&mut self, at: u32) {
            self.0.push(format!("[{at}"));
        }
        fn end_array(&mut self, end: u32) {
            self.0.push(format!("]{end}"));
        }
        fn key(&mut self, name: &str, start: u32, end: u32) {
            self.0.push(format!("{name}:{start}-{end}"));
        }
        fn scalar(&mut self, value: Scalar<'_>, start: u32, end: u32) {
            self.0.push(format!("{}={start}-{end}", value.as_str()));
        }
    }

    fn trace(text: &str) -> (Result<usize, Error>, String) {
        let mut trace = Trace::default();
        let end = walk(text, 0, &mut trace);
        (end, trace.0.join(" "))
    }

    #[test]
    fn everything_has_its_place() {
        let (end, events) = trace(r#" {"a": [1, -2.5, "x\u00e9\n"], "b": {}, "c": []} rest"#);
        assert_eq!(end, Ok(48));
        let expected = "{1 a:2-5 [7 1=8-9 -2.5=11-15 x\u{e9}\n=17-28 ]29 b:31-34 {36 }38 c:40-43 [45 ]47 }48";
        assert_eq!(events, expected);
    }

    #[test]
    fn what_is_cut_off_is_told_from_what_is_wrong() {
        for cut in ["", "[", "[1,", r#"[{"a""#, r#"[{"a":"#, r#"[{"a":"b"#, r#"[{"a":"b\"#, "[tru", "[1"] {
            assert!(matches!(trace(cut).0, Err(Error::CutOff { .. })), "{cut}");
        }
        for wrong in ["]", "[1 2]", "{1:2}", "[}", "[a]", "[\"a\nb\"]", r#"{"a" "b"}"#, "[1,]"] {
            assert!(matches!(trace(wrong).0, Err(Error::Unexpected { .. })), "{wrong}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(trace(&deep).0, Err(Error::CutOff { open: 999_999 }));
    }

    #[test]
    fn surrogate_pairs_and_strange_escapes_become_text() {
        assert_eq!(unescape(r"\ud83d\ude80 \ud83d \q \u12", |_, _| {}), "\u{1f680} \u{fffd} q u12");
    }
}
