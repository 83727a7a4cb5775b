//! Files, spans, lines and columns. Knows text, nothing else.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file of this run; an index into [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

impl FileId {
    /// Stands for what no file holds: the objects of an empty server.
    pub const NONE: FileId = FileId(u32::MAX);
}

/// A half-open range of bytes of one file's text, always on character boundaries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// No place in any file: an object of the empty server.
    pub const NONE: Span = Span { file: FileId::NONE, start: 0, end: 0 };

    /// The bytes `start..end` of `file`; an inverted range becomes the empty one at `start`.
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end: end.max(start) }
    }

    /// Whether this is [`Span::NONE`].
    pub fn is_none(self) -> bool {
        self.file == FileId::NONE
    }

    /// The smallest span that holds both; `self` when the other lies elsewhere.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.is_none() {
            return other;
        }
        if other.file != self.file {
            return self;
        }
        Span::new(self.file, self.start.min(other.start), self.end.max(other.end))
    }

    /// Whether `other` lies within this span.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The empty span at this span's start.
    #[must_use]
    pub fn at_start(self) -> Span {
        Span::new(self.file, self.start, self.start)
    }

    /// The empty span at this span's end.
    #[must_use]
    pub fn at_end(self) -> Span {
        Span::new(self.file, self.end, self.end)
    }

    /// Length in bytes.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// As a range for slicing the file's text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// How a file's bytes became text. Only `Utf8` files are ever rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// UTF-8; `bom` when it starts with a byte order mark (which stays in the text).
    Utf8 {
        /// Whether the text starts with U+FEFF.
        bom: bool,
    },
    /// UTF-16 with a byte order mark, decoded.
    Utf16,
    /// Neither: single bytes that are no UTF-8 were read as Latin-1, NUL bytes as blanks.
    Damaged {
        /// The first byte of the text that was such a one.
        first: u32,
    },
    /// Holds many control bytes: no text at all; `text` is empty.
    Binary,
}

/// One file's text.
#[derive(Debug)]
pub struct SourceFile {
    /// As it is shown: relative to where the run started, with `/`.
    pub name: String,
    /// Where it was read from; empty for text that came from elsewhere (standard input, a test).
    pub path: PathBuf,
    /// The whole text, line endings as they are.
    pub text: Arc<str>,
    /// How the bytes were read.
    pub encoding: Encoding,
    line_starts: OnceLock<Vec<u32>>,
    blocks: OnceLock<Vec<Width>>,
}

/// How much text is before a place, counted two ways.
#[derive(Clone, Copy, Default, Debug)]
struct Width {
    characters: u32,
    utf16: u32,
}

/// Distance of the places whose [`Width`] is kept, so that columns in one endless line cost no more than others.
const BLOCK: usize = 4096;

/// A place for people: both 1-based; the column counts characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// 1-based line. LF, CRLF and a lone CR each end a line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

impl SourceFile {
    /// A file from text that is already decoded.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceFile {
        let text: Arc<str> = text.into();
        let bom = text.starts_with('\u{feff}');
        SourceFile {
            name: name.into(),
            path: PathBuf::new(),
            text,
            encoding: Encoding::Utf8 { bom },
            line_starts: OnceLock::new(),
            blocks: OnceLock::new(),
        }
    }

    /// A file as read from disk.
    pub fn from_bytes(name: impl Into<String>, path: &Path, bytes: Vec<u8>) -> SourceFile {
        let (text, encoding) = decode(bytes);
        SourceFile {
            name: name.into(),
            path: path.to_owned(),
            text: text.into(),
            encoding,
            line_starts: OnceLock::new(),
            blocks: OnceLock::new(),
        }
    }

    /// The byte at which each line starts; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| line_starts(&self.text))
    }

    /// 0-based line of a byte.
    pub fn line_index(&self, byte: u32) -> usize {
        self.line_starts().partition_point(|&start| start <= byte).saturating_sub(1)
    }

    /// Line and column of a byte; past the end it is the end.
    pub fn line_column(&self, byte: u32) -> LineColumn {
        let (line, width) = self.place(byte);
        LineColumn { line: line as u32 + 1, column: width.characters + 1 }
    }

    /// 1-based column of a byte in UTF-16 code units, as SARIF and editors count.
    pub fn utf16_column(&self, byte: u32) -> u32 {
        self.place(byte).1.utf16 + 1
    }

    /// The 0-based line of a byte and what is before it on that line; a byte order mark takes no room.
    fn place(&self, byte: u32) -> (usize, Width) {
        let byte = byte.min(self.text.len() as u32) as usize;
        let line = self.line_index(byte as u32);
        let start = self.line_starts()[line] as usize;
        let mut width = if byte - start < BLOCK {
            width(&self.text.as_bytes()[start..byte])
        } else {
            let (to, from) = (self.width_before(byte), self.width_before(start));
            Width { characters: to.characters - from.characters, utf16: to.utf16 - from.utf16 }
        };
        if line == 0 && byte > 0 && self.text.starts_with('\u{feff}') {
            width = Width { characters: width.characters.saturating_sub(1), utf16: width.utf16.saturating_sub(1) };
        }
        (line, width)
    }

    fn width_before(&self, byte: usize) -> Width {
        let bytes = self.text.as_bytes();
        let blocks = self.blocks.get_or_init(|| {
            let sums = bytes.chunks(BLOCK).scan(Width::default(), |sum, block| {
                let before = *sum;
                *sum = sum.plus(width(block));
                Some(before)
            });
            sums.collect()
        });
        let block = (byte / BLOCK).min(blocks.len().saturating_sub(1));
        blocks.get(block).copied().unwrap_or_default().plus(width(&bytes[block * BLOCK..byte]))
    }

    /// The text of a 0-based line, without its ending.
    pub fn line_text(&self, line: usize) -> &str {
        let starts = self.line_starts();
        let start = starts[line] as usize;
        let end = starts.get(line + 1).map_or(self.text.len(), |&next| next as usize);
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The text of a span of this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

impl Width {
    fn plus(self, other: Width) -> Width {
        Width { characters: self.characters + other.characters, utf16: self.utf16 + other.utf16 }
    }
}

/// Counts the characters that begin in `bytes`; those of four bytes are two UTF-16 units.
fn width(bytes: &[u8]) -> Width {
    let characters = bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32;
    let pairs = bytes.iter().filter(|&&byte| byte >= 0xf0).count() as u32;
    Width { characters, utf16: characters + pairs }
}

fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        let ends_line = bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
        if ends_line {
            starts.push(at as u32 + 1);
        }
    }
    starts
}

/// The text that the bytes of a file are.
pub fn text_of(bytes: Vec<u8>) -> String {
    decode(bytes).0
}

fn decode(bytes: Vec<u8>) -> (String, Encoding) {
    if let Some(text) = decode_utf16(&bytes) {
        return (text, Encoding::Utf16);
    }
    let has_nul = memchr::memchr(0, &bytes).is_some();
    match String::from_utf8(bytes) {
        Ok(text) if !has_nul => {
            let bom = text.starts_with('\u{feff}');
            (text, Encoding::Utf8 { bom })
        }
        Ok(text) => repair(text.as_bytes()),
        Err(error) => repair(error.as_bytes()),
    }
}

fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2)? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// Keeps what is UTF-8, reads each other byte as Latin-1 and NUL as a blank; many control bytes mean binary.
fn repair(bytes: &[u8]) -> (String, Encoding) {
    let control = bytes.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x0c)).count();
    if control * 20 > bytes.len() {
        return (String::new(), Encoding::Binary);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\0' {
                first = first.or(Some(text.len() as u32));
            }
            text.push(if c == '\0' { ' ' } else { c });
        }
        if !chunk.invalid().is_empty() {
            first = first.or(Some(text.len() as u32));
            text.extend(chunk.invalid().iter().map(|&b| char::from(b)));
        }
    }
    (text, Encoding::Damaged { first: first.unwrap_or(0) })
}

/// All files of a run.
#[derive(Default, Debug)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file; panics on an id that these sources did not give out.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, file)| (FileId(i as u32), file))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of a span; empty for [`Span::NONE`].
    pub fn slice(&self, span: Span) -> &str {
        if span.is_none() { "" } else { self.file(span.file).slice(span) }
    }

    /// `name:line`, for messages that speak of another place.
    pub fn place(&self, span: Span) -> String {
        if span.is_none() {
            return "the empty database".to_owned();
        }
        let file = self.file(span.file);
        format!("{}:{}", file.name, file.line_column(span.start).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ending_ends_a_line() {
        let file = SourceFile::new("a.sql", "a\nb\r\nc\rd");
        let lines: Vec<_> = (0..4).map(|line| file.line_text(line)).collect();
        assert_eq!(lines, ["a", "b", "c", "d"]);
        assert_eq!(file.line_column(7), LineColumn { line: 4, column: 1 });
    }

    #[test]
    fn columns_count_characters_and_utf16_units() {
        let file = SourceFile::new("a.sql", "é🚀x");
        assert_eq!(file.line_column(6).column, 3);
        assert_eq!(file.utf16_column(6), 4);
    }

    #[test]
    fn columns_of_a_long_line_are_counted_from_its_start() {
        let line = "é🚀x".repeat(3000);
        let file = SourceFile::new("a.sql", format!("\u{feff}{line}\n{line}"));
        let second = file.line_starts()[1];
        for byte in [0, 7, 7 * 700, 7 * 2999] {
            let characters = byte / 7 * 3 + 1;
            assert_eq!(file.line_column(3 + byte), LineColumn { line: 1, column: characters });
            assert_eq!(file.line_column(second + byte), LineColumn { line: 2, column: characters });
            assert_eq!(file.utf16_column(second + byte), byte / 7 * 4 + 1);
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_become_text_or_binary() {
        assert_eq!(decode(b"caf\xe9".to_vec()), ("café".to_owned(), Encoding::Damaged { first: 3 }));
        assert_eq!(decode(b"\xff\xfea\0".to_vec()), ("a".to_owned(), Encoding::Utf16));
        assert_eq!(
            decode(b"select 1; -- \0 and more text".to_vec()),
            ("select 1; --   and more text".to_owned(), Encoding::Damaged { first: 13 })
        );
        assert_eq!(decode(b"\0\x01\x02ELF".to_vec()).1, Encoding::Binary);
    }
}
