//! Takes the plan out of what it was pasted in, and remembers where each byte came from.

use std::sync::Arc;

use crate::source::{FileId, Span};

use super::table::{BARS, Lines, is_head};
use super::xml;

/// Translates positions of a document into positions of the file it was taken out of.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Places {
    /// Where runs of bytes that stand together start, as (document, outer); empty: the document is the outer one.
    runs: Vec<(u32, u32)>,
    /// Where the bytes of the outer document stand.
    outer: Option<Arc<Places>>,
}

impl Places {
    /// Where a byte of the document stands in the file.
    pub(super) fn at(&self, document: u32) -> u32 {
        let next = self.runs.partition_point(|&(from, _)| from <= document);
        let outer = match next.checked_sub(1) {
            Some(run) => self.runs[run].1 + (document - self.runs[run].0),
            None => document,
        };
        self.outer.as_ref().map_or(outer, |places| places.at(outer))
    }

    /// The place of a part of the document.
    pub(super) fn span(&self, file: FileId, start: u32, end: u32) -> Span {
        if self.runs.is_empty() && self.outer.is_none() {
            return Span::new(file, start, end);
        }
        // The end belongs to the last byte within, since the next one may stand elsewhere.
        let end = if end > start { self.at(end - 1) + 1 } else { self.at(end) };
        Span::new(file, self.at(start), end)
    }
}

/// A document taken out of another one.
#[derive(Default, Debug)]
pub(super) struct Document {
    /// Its text.
    pub(super) text: String,
    /// Where its bytes came from.
    pub(super) places: Places,
}

impl Document {
    /// Appends a part of the outer document.
    pub(super) fn push(&mut self, part: &str, at: usize) {
        if !part.is_empty() {
            self.places.runs.push((self.text.len() as u32, at as u32));
            self.text.push_str(part);
        }
    }

    /// Appends a character that stands for something at a place of the outer document.
    pub(super) fn push_char(&mut self, character: char, at: usize) {
        self.places.runs.push((self.text.len() as u32, at as u32));
        self.text.push(character);
    }

    /// Appends a line.
    pub(super) fn push_line(&mut self, line: &str, at: usize) {
        if !self.text.is_empty() {
            self.push_char('\n', at);
        }
        self.push(line, at);
    }

    fn append(&mut self, other: Document) {
        let base = self.text.len() as u32;
        self.places.runs.extend(other.places.runs.iter().map(|&(from, to)| (base + from, to)));
        self.text.push_str(&other.text);
    }

    /// Documents one below the other.
    pub(super) fn joined(parts: Vec<Document>) -> Document {
        let mut all = Document::default();
        for part in parts {
            if !all.text.is_empty() {
                let at = part.places.at(0);
                all.push_char('\n', at as usize);
            }
            all.append(part);
        }
        all
    }

    /// The document without what stands before a byte of it.
    pub(super) fn from(self, at: usize) -> Document {
        let mut rest = Document::default();
        rest.text.push_str(&self.text[at..]);
        rest.places.runs.push((0, self.places.at(at as u32)));
        let later = self.places.runs.iter().filter(|run| run.0 as usize > at);
        rest.places.runs.extend(later.map(|&(from, to)| (from - at as u32, to)));
        rest
    }

    /// Says what the outer document was itself taken out of.
    pub(super) fn within(mut self, outer: &Arc<Places>) -> Document {
        self.places.outer = Some(Arc::clone(outer));
        self
    }
}

/// The decoded inside of the JSON string whose quotes stand at `start` and before `end`.
pub(super) fn json_string(text: &str, start: usize, end: usize) -> Document {
    let raw = &text[start + 1..end - 1];
    let mut document = Document::default();
    document.places.runs.push((0, start as u32 + 1));
    let runs = &mut document.places.runs;
    document.text = super::json::unescape(raw, |decoded, source| {
        runs.push((decoded as u32, (start + 1 + source) as u32));
    });
    document
}

/// The cells of the HTML table at or after `at`, one below the other, and where it ends.
pub(super) fn html(text: &str, at: usize) -> Option<(Document, usize)> {
    let end = memchr::memmem::find(&text.as_bytes()[at..], b"</table").map_or(text.len(), |found| at + found);
    let mut document = Document::default();
    let mut at = at;
    while let Some(found) = memchr::memmem::find(&text.as_bytes()[at..end], b"<td") {
        let open = at + found;
        let from = open + memchr::memchr(b'>', &text.as_bytes()[open..])? + 1;
        // The heads of records go over all columns.
        if text[open..from].contains("colspan") {
            at = from;
            continue;
        }
        let to = memchr::memmem::find(&text.as_bytes()[from..], b"</td").map_or(text.len(), |end| from + end);
        if !document.text.is_empty() {
            document.push_char('\n', open);
        }
        html_text(text, from, to, &mut document);
        at = to.min(end);
    }
    Some((document, end))
}

pub(super) fn html_text(text: &str, from: usize, to: usize, document: &mut Document) {
    let mut at = from;
    while at < to {
        let next = memchr::memchr2(b'<', b'&', &text.as_bytes()[at..to]).map_or(to, |found| at + found);
        document.push(&text[at..next], at);
        at = next;
        if text[at..to].starts_with('<') {
            // `<br />` stands before the line break that it makes.
            at += memchr::memchr(b'>', &text.as_bytes()[at..to]).map_or(to - at, |end| end + 1);
        } else if at < to {
            let (character, len) = xml::entity(&text[at..to]).unwrap_or(('&', 1));
            document.push_char(character, at);
            at += len;
        }
    }
}

/// One cell of a CSV file: its text and where the file goes on, with whether the record ends there.
pub(super) struct Cell {
    pub(super) document: Document,
    pub(super) end: usize,
    pub(super) last_of_record: bool,
}

/// The CSV cell that starts at `at`; `None` where the quotes are not CSV's.
pub(super) fn csv_cell(text: &str, at: usize, separator: u8) -> Option<Cell> {
    let bytes = text.as_bytes();
    let mut document = Document::default();
    let mut end = at;
    if bytes.get(at) == Some(&b'"') {
        let mut from = at + 1;
        loop {
            let quote = from + memchr::memchr(b'"', &bytes[from..])?;
            document.push(&text[from..quote], from);
            if bytes.get(quote + 1) != Some(&b'"') {
                end = quote + 1;
                break;
            }
            document.push_char('"', quote);
            from = quote + 2;
        }
    } else {
        end += memchr::memchr3(separator, b'\n', b'\r', &bytes[at..]).unwrap_or(bytes.len() - at);
        document.push(&text[at..end], at);
    }
    match bytes.get(end) {
        Some(byte) if *byte == separator => Some(Cell { document, end: end + 1, last_of_record: false }),
        Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => {
            Some(Cell { document, end: end + 2, last_of_record: true })
        }
        None | Some(b'\r' | b'\n') => {
            let end = (end + 1).min(bytes.len());
            Some(Cell { document, end, last_of_record: true })
        }
        Some(_) => None,
    }
}

/// The rows below the head of a one-column CSV file, one below the other, and where they end; `None` where no row is
/// quoted, so that they can be read as they are.
pub(super) fn csv(text: &str, at: usize) -> Option<(Document, usize)> {
    [b',', b';'].into_iter().find_map(|separator| {
        let head = csv_row(text, at, separator).filter(|head| is_head(&head.document.text))?;
        csv_from(text, head.end, separator)
    })
}

/// The rows of a one-column CSV file without head.
pub(super) fn csv_rows(text: &str) -> Option<Document> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    csv_from(text, start, b',').filter(|(_, end)| text[*end..].trim().is_empty()).map(|(document, _)| document)
}

/// The one cell of a record, which a separator may end.
fn csv_row(text: &str, at: usize, separator: u8) -> Option<Cell> {
    let cell = csv_cell(text, at, separator)?;
    if cell.last_of_record {
        return Some(cell);
    }
    let end = csv_cell(text, cell.end, separator)?;
    (end.last_of_record && end.document.text.is_empty()).then_some(Cell { document: cell.document, ..end })
}

fn csv_from(text: &str, start: usize, separator: u8) -> Option<(Document, usize)> {
    let (mut rows, mut quoted) = (Vec::new(), false);
    let mut at = start;
    while let Some(row) = csv_row(text, at, separator).filter(|row| row.end > at) {
        quoted |= text.as_bytes()[at] == b'"';
        rows.push(row.document);
        at = row.end;
    }
    quoted.then(|| (Document::joined(rows), at))
}

/// Characters that all lines must begin with to be a prefix that a logger wrote.
const LEAST_PREFIX: usize = 8;

/// What may be taken off every line when nothing else helps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decoration {
    /// A quote at both ends, those within as they were.
    Quotes,
    /// `+` at the end.
    Plus,
    /// Bars at both ends.
    Bars,
    /// `> ` of mail and Markdown.
    Citation,
    /// The line's number.
    Numbers,
    /// What makes a line a comment, or an added one.
    Comment,
}

impl Decoration {
    /// In the order in which they are tried.
    pub(super) const ALL: [Decoration; 6] = [
        Decoration::Quotes,
        Decoration::Plus,
        Decoration::Bars,
        Decoration::Citation,
        Decoration::Numbers,
        Decoration::Comment,
    ];

    /// Takes the decoration off, where most lines have it.
    pub(super) fn strip(self, text: &str) -> Option<Document> {
        let mut document = Document::default();
        let (mut lines, mut stripped) = (0usize, 0usize);
        let mut all = Lines { text, at: 0 };
        while let Some((at, line)) = all.next() {
            if !document.text.is_empty() {
                document.push_char('\n', at);
            }
            lines += usize::from(!line.trim().is_empty());
            match self.content(line) {
                Some((from, to)) => {
                    stripped += 1;
                    document.push(&line[from..to], at + from);
                }
                None => document.push(line, at),
            }
        }
        (stripped * 2 > lines).then_some(document)
    }

    fn content(self, line: &str) -> Option<(usize, usize)> {
        let trimmed = line.trim_end().len();
        let start = line.len() - line.trim_start().len();
        let body = line.get(start..trimmed)?;
        match self {
            Decoration::Quotes => {
                (body.len() > 1 && body.starts_with('"') && body.ends_with('"')).then(|| (start + 1, trimmed - 1))
            }
            Decoration::Plus => body.ends_with('+').then(|| (0, line[..trimmed - 1].trim_end().len())),
            Decoration::Bars => {
                let open = body.chars().next().filter(|c| BARS.contains(c))?;
                let from = skip_space(line, start + open.len_utf8());
                let close = body.chars().next_back().filter(|c| BARS.contains(c)).map_or(0, char::len_utf8);
                let to = line[..(trimmed - close).max(from)].trim_end_matches([' ', '+', '↵']).len().max(from);
                Some((from, to))
            }
            Decoration::Citation => {
                let marks = body.len() - body.trim_start_matches(['>', ' ']).len();
                let last = body[..marks].rfind('>').filter(|_| body.starts_with('>'))?;
                Some((skip_space(line, start + last + 1), line.len()))
            }
            Decoration::Comment => {
                let mark = ["-- ", "// ", "# ", "+"].iter().find(|mark| body.starts_with(**mark))?;
                Some((start + mark.len(), line.len()))
            }
            Decoration::Numbers => {
                let digits = body.bytes().take_while(u8::is_ascii_digit).count();
                let rest = &body[digits..];
                let mark = rest.chars().next().filter(|c| matches!(c, '.' | ')' | ':' | '|' | '\t' | ' '))?;
                (digits > 0).then(|| (skip_space(line, start + digits + mark.len_utf8()), line.len()))
            }
        }
    }
}

fn skip_space(line: &str, from: usize) -> usize {
    from + usize::from(line[from..].starts_with(' '))
}

/// How long what a container's or a journal's log puts before a line is: its name, a time, a stream.
fn source_prefix(line: &str) -> usize {
    let mut at = 0;
    while let Some(len) = one_prefix(&line[at..]) {
        at += len;
    }
    at
}

fn one_prefix(line: &str) -> Option<usize> {
    // `db-1  | `, as docker compose prints it.
    if let Some((name, _)) = line.split_once("| ") {
        let name_len = name.trim_end().len();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if (1..64).contains(&name_len) && name[..name_len].chars().all(is_name) {
            return Some(name.len() + "| ".len());
        }
    }
    // `[pod/name/container] `, as kubectl prints it.
    if let Some(end) = line.strip_prefix("[pod/").and_then(|rest| rest.find("] ")) {
        return Some("[pod/".len() + end + "] ".len());
    }
    // `plan.txt:12:`, as grep prints it.
    let mut parts = line.splitn(3, ':');
    if let (Some(name), Some(number), Some(_)) = (parts.next(), parts.next(), parts.next()) {
        let is_file = name.contains('.') && !name.contains([' ', '(', '"', '{']);
        if is_file && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(name.len() + number.len() + 2);
        }
    }
    // `2025-06-01T10:00:00.123456789Z `, then `stdout F ` where it is a node's own file.
    let (stamp, rest) = line.split_once(' ')?;
    let is_stamp = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | 'T' | 'Z' | '+');
    if stamp.len() < 20 || stamp.as_bytes().get(10) != Some(&b'T') || !stamp.chars().all(is_stamp) {
        return None;
    }
    let stream = ["stdout F ", "stderr F "].iter().find(|stream| rest.starts_with(**stream)).map_or(0, |it| it.len());
    Some(stamp.len() + 1 + stream)
}

/// The text without what a container's log puts before each line; `None` where not every line has it.
pub(super) fn without_source(text: &str) -> Option<Document> {
    (source_prefix(text.lines().find(|line| !line.is_empty())?) > 0).then_some(())?;
    let mut document = Document::default();
    let mut all = Lines { text, at: 0 };
    while let Some((at, line)) = all.next() {
        let prefix = source_prefix(line);
        // A line that was empty has lost the space behind its prefix.
        if prefix == 0 && source_prefix(&format!("{line} ")) == 0 && !line.is_empty() {
            return None;
        }
        if at > 0 {
            document.push_char('\n', at);
        }
        document.push(&line[prefix..], at + prefix);
    }
    Some(document)
}

/// The rows of psql's table for AsciiDoc, one below the other.
pub(super) fn asciidoc(text: &str) -> Option<Document> {
    let mut all = Lines { text, at: 0 };
    while !is_asciidoc_rule(all.next()?.1) {}
    let mut document = Document::default();
    while let Some((at, line)) = all.next().filter(|(_, line)| !is_asciidoc_rule(line)) {
        let start = ["<l|", ">l|", "^l|"].iter().find(|mark| line.starts_with(**mark)).map_or(0, |mark| mark.len());
        if is_head(&line[start..]) || line.trim().is_empty() {
            continue;
        }
        if !document.text.is_empty() {
            document.push_char('\n', at);
        }
        let mut from = start;
        for (bar, _) in line.match_indices("\\|") {
            document.push(&line[from..bar], at + from);
            from = bar + 1;
        }
        document.push(&line[from..], at + from);
    }
    (!document.text.is_empty()).then_some(document)
}

fn is_asciidoc_rule(line: &str) -> bool {
    line.trim_end().strip_prefix("|===").is_some_and(|rest| rest.bytes().all(|byte| byte == b'='))
}

/// The text without what a logger puts before each line, where that is the same everywhere.
pub(super) fn without_shared_prefix(text: &str) -> Option<Document> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let first = lines().next()?;
    let alike = |line: &str| first.bytes().zip(line.bytes()).take_while(|(one, other)| one == other).count();
    let shared = first.get(..lines().skip(1).map(alike).min()?)?;
    // The blanks that it ends with but one belong to the plan.
    let words = shared.trim_end().len();
    let prefix = words + usize::from(shared[words..].starts_with(' '));
    if words < LEAST_PREFIX {
        return None;
    }
    let mut document = Document::default();
    let mut all = Lines { text, at: 0 };
    while let Some((at, line)) = all.next() {
        if at > 0 {
            document.push_char('\n', at);
        }
        document.push(line.get(prefix..).unwrap_or_default(), at + prefix.min(line.len()));
    }
    Some(document)
}

/// The text as EXPLAIN prints it, with blanks for spaces that do not break or are wide, and `->` for an arrow before a
/// node.
pub(super) fn in_ascii(text: &str) -> Option<Document> {
    let is_special = |c: char| matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' | '→');
    let mut document = Document::default();
    let mut from = 0;
    for (at, special) in text.match_indices(is_special) {
        document.push(&text[from..at], from);
        let starts_line = || document.text.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
        match special {
            "→" if starts_line() => document.push("->", at),
            "→" => document.push_char('→', at),
            _ => document.push_char(' ', at),
        }
        from = at + special.len();
    }
    document.push(&text[from..], from);
    (from > 0).then_some(document)
}

/// The text without the blank line that a mail or a page put behind every line.
pub(super) fn single_spaced(text: &str) -> Option<Document> {
    let mut document = Document::default();
    let (mut all, mut rows, mut was_blank) = (Lines { text, at: 0 }, 0, true);
    while let Some((at, line)) = all.next() {
        let is_blank = line.trim().is_empty();
        if !is_blank && !was_blank {
            return None;
        }
        was_blank = is_blank;
        if !is_blank {
            if rows > 0 {
                document.push_char('\n', at);
            }
            document.push(line, at);
            rows += 1;
        }
    }
    (rows > 2).then_some(document)
}

/// The text without the colours of a terminal.
pub(super) fn without_colours(text: &str) -> Option<Document> {
    let mut document = Document::default();
    let mut from = 0;
    for (at, _) in text.match_indices('\u{1b}') {
        let end = text[at + 1..].find(|c: char| c.is_ascii_alphabetic()).map_or(text.len(), |end| at + 2 + end);
        document.push(&text[from.min(at)..at], from);
        from = end;
    }
    document.push(&text[from..], from);
    (from > 0).then_some(document)
}

/// The text with a line break for each fence of Markdown or a chat, where one stands in a line with something else.
pub(super) fn without_fences(text: &str) -> Option<Document> {
    let fence = "```";
    let is_beside = |line: &str| line.trim_end().len() > fence.len() && line.trim_end().ends_with(fence);
    text.lines().any(is_beside).then_some(())?;
    let mut document = Document::default();
    let mut from = 0;
    for (at, _) in text.match_indices(fence) {
        document.push(&text[from..at], from);
        document.push_char('\n', at);
        from = at + fence.len();
    }
    document.push(&text[from..], from);
    Some(document)
}

/// What a page of HTML shows, where its text is a plan.
pub(super) fn without_entities(text: &str) -> Option<Document> {
    let has = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    let escaped = ["-&gt;", "&quot;Plan&quot;", "Node Type: &quot;", "&lt;Node-Type&gt;"];
    if !escaped.into_iter().any(has) || has("<explain") || has("<td") {
        return None;
    }
    let mut document = Document::default();
    html_text(text, 0, text.len(), &mut document);
    Some(document)
}

/// The strings of this key in lines that are an object each, one below the other: what docker keeps, or a driver's rows.
pub(super) fn json_lines(text: &str) -> Option<Document> {
    let mut rows = Vec::new();
    let mut all = Lines { text, at: 0 };
    while let Some((at, line)) = all.next() {
        if line.is_empty() {
            continue;
        }
        let (start, end) =
            super::json::string_of(text, at, &["log", "QUERY PLAN"]).filter(|_| line.starts_with('{'))?;
        let mut row = json_string(text, start, end);
        row.text.truncate(row.text.trim_end_matches('\n').len());
        rows.push(row);
    }
    (rows.len() > 1).then(|| Document::joined(rows))
}

/// Joins lines that a terminal broke at its width, wherever that was; `None` where no width shows.
pub(super) fn unwrap_terminal(text: &str) -> Option<Document> {
    let mut all = Lines { text, at: 0 };
    let mut width = 0;
    while let Some((_, line)) = all.next() {
        width = width.max(line.chars().count());
    }
    let mut document = Document::default();
    let mut joined = 0;
    let mut all = Lines { text, at: 0 };
    let mut full = false;
    while let Some((at, line)) = all.next() {
        if !full && !document.text.is_empty() {
            document.push_char('\n', at);
        }
        document.push(line, at);
        full = line.chars().count() == width;
        joined += usize::from(full);
    }
    (joined > 0 && width > 20).then_some(document)
}
