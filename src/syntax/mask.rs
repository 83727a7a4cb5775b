//! What files hold that is no SQL: psql's commands and variables, COPY data, templates.
//!
//! Each such part is overwritten byte for byte, so that places stay true. Only for a text that does
//! not parse as it is: `a[1:n]` and `{{1,2}}` in a string are SQL.

use memchr::{memchr2, memmem};

use super::split::Splitter;
use super::token::{Lexer, Token, TokenKind};

/// What was overwritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaskKind {
    /// `\set x 1`, `\gexec`.
    PsqlCommand,
    /// `:name`, `:'name'`, `:"name"`, `?`.
    Variable,
    /// The lines after COPY … FROM STDIN.
    CopyData,
    /// `{{ … }}`, `{% … %}`, `<% … %>`, `${ … }`, `#{ … }`, `@name@`.
    Template,
}

/// A part of the text that was overwritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mask {
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What was there.
    pub kind: MaskKind,
}

/// A text of the same length without what is no SQL.
#[derive(Debug)]
pub struct MaskedText {
    /// The text up to the end of the range.
    pub text: String,
    /// What was overwritten, in order.
    pub masks: Vec<Mask>,
}

/// Overwrites what is no SQL within `range`.
pub fn mask(text: &str, range: std::ops::Range<usize>) -> MaskedText {
    let end = range.end.min(text.len());
    let mut masker = Masker::new(&text[..end], range.start);
    masker.run();
    masker.finish()
}

/// Blanks the templates of a part that were taken for names: `where a = 1 {{ and_more }}`. The masks
/// are those of the whole text, of which the part begins at `start`.
pub fn blank_templates(part: &str, start: u32, masks: &[Mask]) -> String {
    let mut bytes = part.as_bytes().to_vec();
    for mask in masks.iter().filter(|mask| mask.kind == MaskKind::Template) {
        let first = (mask.start.saturating_sub(start) as usize).min(bytes.len());
        let end = (mask.end.saturating_sub(start) as usize).min(bytes.len());
        overwrite(&mut bytes, first..end, Some(b' '));
    }
    String::from_utf8(bytes).expect("masks start and end between characters")
}

/// Looking further for the end of a template would make a text with many beginnings slow.
const LONGEST_TEMPLATE: usize = 4096;

/// What a part is overwritten with.
#[derive(Clone, Copy)]
enum Filling {
    /// White space.
    Blank,
    /// A name.
    Name,
    /// This byte first, and then white space.
    First(u8),
    /// This byte first, and the rest as it is.
    OnlyFirst(u8),
}

struct Masker<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    masks: Vec<(Mask, Filling)>,
    splitter: Splitter,
    /// Tokens of the present statement so far.
    tokens: u32,
    brackets: u32,
    previous: Option<Token>,
    copy: CopyState,
}

/// How far a statement is `COPY … FROM STDIN`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CopyState {
    No,
    Copy,
    From,
    Stdin,
}

impl<'a> Masker<'a> {
    fn new(text: &'a str, start: usize) -> Masker<'a> {
        Masker {
            text,
            lexer: Lexer::new(text, start..text.len()),
            masks: Vec::new(),
            splitter: Splitter::default(),
            tokens: 0,
            brackets: 0,
            previous: None,
            copy: CopyState::No,
        }
    }

    fn run(&mut self) {
        while let Some(token) = self.lexer.next() {
            if !self.mask_at(token) {
                self.read(token);
            }
            self.previous = Some(token);
        }
    }

    fn finish(self) -> MaskedText {
        let mut bytes = self.text.as_bytes().to_vec();
        for &(mask, filling) in &self.masks {
            let range = mask.start as usize..mask.end as usize;
            match filling {
                Filling::Blank => overwrite(&mut bytes, range, Some(b' ')),
                Filling::Name => overwrite(&mut bytes, range, None),
                Filling::First(byte) => {
                    overwrite(&mut bytes, range.clone(), Some(b' '));
                    bytes[range.start] = byte;
                }
                Filling::OnlyFirst(byte) => bytes[range.start] = byte,
            }
        }
        let text = String::from_utf8(bytes).expect("masks start and end between characters");
        MaskedText { text, masks: self.masks.into_iter().map(|(mask, _)| mask).collect() }
    }

    /// Follows the statements.
    fn read(&mut self, token: Token) {
        match token.kind {
            TokenKind::LeftBracket => self.brackets += 1,
            TokenKind::RightBracket => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.copy = self.next_copy_state(token);
        self.tokens += 1;
        if self.splitter.ends_statement(self.text, token) {
            if self.copy == CopyState::Stdin {
                self.copy_data(token.end as usize);
            }
            self.start_statement();
        }
    }

    fn start_statement(&mut self) {
        self.splitter = Splitter::default();
        self.copy = CopyState::No;
        self.tokens = 0;
        self.brackets = 0;
    }

    fn next_copy_state(&self, token: Token) -> CopyState {
        let is = |word| token.is_word(self.text, word);
        match self.copy {
            CopyState::No if self.tokens == 0 && is("copy") => CopyState::Copy,
            CopyState::Copy | CopyState::From if is("from") => CopyState::From,
            CopyState::From if is("stdin") => CopyState::Stdin,
            CopyState::From => CopyState::Copy,
            state => state,
        }
    }

    fn put(&mut self, start: usize, end: usize, kind: MaskKind, filling: Filling) {
        self.masks.push((Mask { start: start as u32, end: end as u32, kind }, filling));
        if !matches!(filling, Filling::OnlyFirst(_)) {
            self.lexer.seek(end);
        }
    }

    /// Overwrites what starts at this token, if it is no SQL.
    fn mask_at(&mut self, token: Token) -> bool {
        match token.kind {
            TokenKind::Bad => self.at_bad(token),
            TokenKind::Operator => self.at_operator(token),
            TokenKind::Colon => self.at_colon(token),
            TokenKind::String | TokenKind::QuotedIdent | TokenKind::Unterminated => self.in_quotes(token),
            _ => false,
        }
    }

    fn at_bad(&mut self, token: Token) -> bool {
        let start = token.start as usize;
        let rest = &self.text.as_bytes()[start..];
        match rest {
            [b'\\', ..] => self.psql_command(start),
            [b'$', b'{', ..] => self.template(start, "}", false),
            [b'$', next, ..] if next.is_ascii_alphabetic() => {
                self.put(start, token.end as usize, MaskKind::Variable, Filling::OnlyFirst(b'_'));
                true
            }
            [b'{', b'{', ..] => self.template(start, "}}", self.is_control(start + 2)),
            [b'{', b'%', ..] => self.template(start, "%}", true),
            [b'{', b'#', ..] => self.template(start, "#}", true),
            [b'{', next, ..] if next.is_ascii_alphabetic() => self.template(start, "}", false),
            _ => false,
        }
    }

    fn at_operator(&mut self, token: Token) -> bool {
        let (start, end) = (token.start as usize, token.end as usize);
        let operator = token.text(self.text);
        let rest = &self.text[end..];
        if operator.starts_with("<%") {
            return self.template(start, "%>", !operator.starts_with("<%="));
        }
        if operator.ends_with('#') && rest.starts_with('{') {
            return self.template(end - 1, "}", false);
        }
        if operator.ends_with('@') {
            let name = rest.bytes().take_while(|&byte| byte == b'_' || byte.is_ascii_alphanumeric()).count();
            return name > 0 && rest[name..].starts_with('@') && self.put_name(end - 1, end + name + 1);
        }
        let is_placeholder = operator == "?" && rest.trim_start().starts_with([',', ')', ';']);
        if is_placeholder {
            self.put(start, end, MaskKind::Variable, Filling::First(b'1'));
        }
        is_placeholder
    }

    fn put_name(&mut self, start: usize, end: usize) -> bool {
        self.put(start, end, MaskKind::Template, Filling::Name);
        true
    }

    /// psql's variables; the colon alone is overwritten, so that the name stays legible.
    fn at_colon(&mut self, token: Token) -> bool {
        let filling = match self.text.as_bytes().get(token.end as usize) {
            Some(b'\'' | b'"') => Filling::OnlyFirst(b' '),
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => Filling::OnlyFirst(b'_'),
            _ => return false,
        };
        let is_slice = self.brackets > 0;
        if !is_slice {
            self.put(token.start as usize, token.end as usize, MaskKind::Variable, filling);
        }
        !is_slice
    }

    /// `"{{ index .Options "Namespace" }}"`: the quotes within the template close nothing.
    fn in_quotes(&mut self, token: Token) -> bool {
        let (start, end) = (token.start as usize, token.end as usize);
        let Some(opening) = memmem::find(&self.text.as_bytes()[start..end], b"{{") else {
            return false;
        };
        let opening = start + opening;
        let Some(closing) = memmem::find(self.template_text(opening), b"}}") else {
            return false;
        };
        let closing = opening + closing + 2;
        let quote = self.text.as_bytes()[start];
        if closing <= end || !matches!(quote, b'\'' | b'"') {
            return false;
        }
        self.put(opening, closing, MaskKind::Template, Filling::Name);
        let rest = &self.text.as_bytes()[closing..];
        self.lexer.seek(closing + memchr2(quote, b'\n', rest).map_or(rest.len(), |found| found + 1));
        self.tokens += 1;
        true
    }

    /// As far as a template that starts at `start` can reach.
    fn template_text(&self, start: usize) -> &[u8] {
        let rest = &self.text.as_bytes()[start..];
        &rest[..rest.len().min(LONGEST_TEMPLATE)]
    }

    /// A template up to `closing`; one that makes no text of its own is blanked.
    fn template(&mut self, start: usize, closing: &str, control: bool) -> bool {
        let Some(length) = memmem::find(self.template_text(start), closing.as_bytes()) else {
            return false;
        };
        let is_blank = control || self.tokens == 0;
        let filling = if is_blank { Filling::Blank } else { Filling::Name };
        self.put(start, start + length + closing.len(), MaskKind::Template, filling);
        true
    }

    /// Whether a template that goes on at `at` steers instead of making text.
    fn is_control(&self, at: usize) -> bool {
        const CONTROL: [&str; 10] = ["if", "else", "end", "range", "with", "define", "block", "config", "set", "endif"];
        let rest = self.text[at..].trim_start_matches(['-', ' ', '\t', '\n', '\r']);
        let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        CONTROL.contains(&word) || rest.starts_with(['#', '/', '^', '!'])
    }

    fn psql_command(&mut self, start: usize) -> bool {
        let rest = &self.text.as_bytes()[start..];
        let end = start + memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let command = &self.text[start + 1..end];
        if command.starts_with(';') {
            self.put(start, start + 1, MaskKind::PsqlCommand, Filling::Blank);
            return true;
        }
        let name = command.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        // \g, \gx, \gset, \gexec, \gdesc send what was typed; \copy does not, but has its own end.
        let sends = name.starts_with('g') || matches!(name, "crosstabview" | "watch" | "bind");
        let filling = if sends && self.tokens > 0 { Filling::First(b';') } else { Filling::Blank };
        self.put(start, end, MaskKind::PsqlCommand, filling);
        if sends {
            self.start_statement();
        }
        let words: Vec<_> = command.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
        if name == "copy" && words.windows(2).any(|pair| pair[0] == "from" && pair[1].ends_with("stdin")) {
            self.copy_data(end);
        }
        true
    }

    /// Blanks the lines after the one of `from`, up to and with the line `\.`.
    fn copy_data(&mut self, from: usize) {
        let bytes = self.text.as_bytes();
        let Some(start) = memchr2(b'\n', b'\r', &bytes[from..]).map(|found| from + found) else {
            return;
        };
        let line_end = |at: usize| matches!(bytes.get(at), None | Some(b'\n' | b'\r'));
        let mut ends = memmem::find_iter(&bytes[start..], b"\\.").map(|found| start + found);
        let end = ends.find(|&at| line_end(at - 1) && line_end(at + 2)).map_or(bytes.len(), |at| at + 2);
        self.put(start, end, MaskKind::CopyData, Filling::Blank);
    }
}

/// Overwrites with `byte`, keeping line ends; or with a name.
fn overwrite(bytes: &mut [u8], range: std::ops::Range<usize>, byte: Option<u8>) {
    for old in &mut bytes[range] {
        match byte {
            Some(byte) if !matches!(old, b'\n' | b'\r') => *old = byte,
            Some(_) => {}
            None => *old = b'x',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The masked text, which always has the same length.
    fn masked(text: &str) -> String {
        let masked = mask(text, 0..text.len()).text;
        assert_eq!(masked.len(), text.len());
        masked
    }

    #[test]
    fn psql_commands_are_blanked() {
        assert_eq!(masked("\\set a 1\nselect 1"), "        \nselect 1");
        assert_eq!(masked("select 1 \\gset x\nselect 2"), "select 1 ;      \nselect 2");
        assert_eq!(masked("select 1 \\; select 2"), "select 1  ; select 2");
        assert_eq!(masked("select 1;\r\n\\gexec\r\nselect 2"), "select 1;\r\n      \r\nselect 2");
        assert_eq!(masked("select E'\\\\a'"), "select E'\\\\a'");
    }

    #[test]
    fn copy_data_is_blanked() {
        assert_eq!(
            masked("copy t from stdin;\n1\t'\n\\.\nselect 1"),
            "copy t from stdin;\n \t \n  \nselect 1".replace('\t', " ")
        );
        assert_eq!(masked("copy t (a) from STDIN with csv;\n1"), "copy t (a) from STDIN with csv;\n ");
        assert_eq!(masked("copy t from 'stdin';\nselect 1"), "copy t from 'stdin';\nselect 1");
        assert_eq!(masked("\\copy t from stdin\n'\n\\.\nselect 1"), "                  \n \n  \nselect 1");
    }

    #[test]
    fn variables_become_names_and_constants() {
        assert_eq!(masked("select :a, :'b', :\"c\", d::text, e[1:f]"), "select _a,  'b',  \"c\", d::text, e[1:f]");
        assert_eq!(masked("insert into t values (?, ?)"), "insert into t values (1, 1)");
        assert_eq!(masked("select a ? 'b', $c"), "select a ? 'b', _c");
    }

    #[test]
    fn templates_become_names_or_nothing() {
        assert_eq!(masked("select {{ .A }}.b from ${d}"), "select xxxxxxxx.b from xxxx");
        assert_eq!(masked("{{ if .A }}select 1{{ end }};"), "           select 1         ;");
        assert_eq!(masked("select {% x %} <%= y %> <% z %>, #{a}, @b@"), "select         xxxxxxxx        , xxxx, xxx");
        assert_eq!(masked("from \"{{ a \"b\" }}\".c, '{{ d 'e' }}f' g"), "from \"xxxxxxxxxxx\".c, 'xxxxxxxxxxxf' g");
        assert_eq!(masked("select '{{1,2}}', {{ é"), "select '{{1,2}}', {{ é");
        assert_eq!(masked("select {{ é }}"), "select xxxxxxxx");
    }

    #[test]
    fn templates_can_be_blanked_after_all() {
        let masked = mask("a; select 1 {{ x }}", 0..19);
        assert_eq!(blank_templates(&masked.text[3..], 3, &masked.masks), "select 1        ");
    }

    #[test]
    fn only_the_range_is_masked() {
        let masked = mask("select :a; select :b; select :c", 10..21);
        assert_eq!(masked.text, "select :a; select _b;");
        assert_eq!(masked.masks, [Mask { start: 18, end: 19, kind: MaskKind::Variable }]);
    }
}
