//! Takes the plan out of what it was pasted in, and remembers where each byte came from.

use std::sync::Arc;

use crate::source::{FileId, Span};

use super::text_lines::line_end;
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
    fn push(&mut self, part: &str, at: usize) {
        if !part.is_empty() {
            self.places.runs.push((self.text.len() as u32, at as u32));
            self.text.push_str(part);
        }
    }

    /// Appends a character that stands for something at a place of the outer document.
    fn push_char(&mut self, character: char, at: usize) {
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

/// A result table of psql or a tool like it: where it starts, which shape it has, and where its rows start.
pub(super) struct Table {
    shape: Shape,
    /// Where the first row starts.
    rows: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// psql's aligned output; `width` characters between the margins, 0 where there are none (border 0).
    Aligned { margin: usize, width: usize },
    /// Bars around each row.
    Boxed,
    /// `\x`: the column's name before the first line of each row; the bar stands at this character.
    Expanded { bar: usize, boxed: bool },
}

/// The table whose head starts at the line at `at`.
pub(super) fn table(text: &str, at: usize) -> Option<Table> {
    let mut lines = Lines { text, at };
    let first = lines.next()?.1;
    if first.contains("[ RECORD ") || first.trim_start().starts_with("* Record ") {
        let rows = lines.at;
        let row = lines.next()?.1;
        let bar = row.find("QUERY PLAN").map(|name| name + "QUERY PLAN".len())?;
        let column = row[..bar].chars().count() + row[bar..].chars().take_while(|c| *c == ' ').count();
        let boxed = row.trim_start().starts_with(BARS);
        return Some(Table { shape: Shape::Expanded { bar: column, boxed }, rows });
    }
    let second = lines.next()?.1;
    if is_head(first) && is_rule(second) {
        let width = second.trim_end().chars().count();
        // The head is centred, so that only the rows tell whether there is a margin.
        let margin = usize::from(Lines { text, at: lines.at }.next()?.1.starts_with(' '));
        return Some(Table {
            shape: Shape::Aligned { margin, width: width.saturating_sub(2 * margin) },
            rows: lines.at,
        });
    }
    if is_rule(first) && second.trim().starts_with(BARS) && is_head(second.trim().trim_matches(BARS)) {
        lines.next().filter(|(_, third)| is_rule(third))?;
        return Some(Table { shape: Shape::Boxed, rows: lines.at });
    }
    None
}

const BARS: [char; 3] = ['|', '│', '║'];
const MARKS: [char; 4] = ['+', '↵', '.', '…'];

/// Whether values of this key may be the lines of a plan, one each.
pub(super) fn may_be_row(key: &str) -> bool {
    key.is_empty() || is_head(key)
}

fn is_head(line: &str) -> bool {
    matches!(line.trim(), "QUERY PLAN" | "query plan" | "?column?" | "QUERY_PLAN")
}

/// A line of nothing but what lines are drawn with.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() > 2
        && line.chars().all(|c| matches!(c, '-' | '+' | '|' | '=') || ('\u{2500}'..='\u{257f}').contains(&c))
}

struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line's place and text, without its ending.
    fn next(&mut self) -> Option<(usize, &'a str)> {
        if self.at >= self.text.len() {
            return None;
        }
        let at = self.at;
        self.at = line_end(self.text, at);
        Some((at, self.text[at..self.at].trim_end_matches(['\n', '\r'])))
    }
}

impl Table {
    /// The rows without what is drawn around them, and where the table ends.
    pub(super) fn rows(&self, text: &str) -> (Document, usize) {
        let mut document = Document::default();
        let mut lines = Lines { text, at: self.rows };
        let mut end = self.rows;
        let mut wrapped = false;
        while let Some((at, line)) = lines.next() {
            if self.ends(line) {
                // `(1 row)` and bottom rules belong to the table, anything else is for the caller.
                let is_foot = is_rule(line) || is_row_count(line);
                return (document, if is_foot { lines.at } else { at });
            }
            end = lines.at;
            let Some((content, content_at, mark)) = self.content(line, at) else { continue };
            if !wrapped && !document.text.is_empty() {
                document.push_char('\n', at);
            }
            let (content, content_at) = if wrapped { unmark(content, content_at) } else { (content, content_at) };
            wrapped = matches!(mark, Some('.' | '…'));
            document.push(if wrapped { content } else { content.trim_end() }, content_at);
        }
        (document, end)
    }

    fn ends(&self, line: &str) -> bool {
        match self.shape {
            Shape::Aligned { margin, .. } => {
                line.trim().is_empty() || margin > 0 && is_row_count(line) || is_prompt(line)
            }
            Shape::Boxed => !line.trim_start().starts_with(BARS),
            Shape::Expanded { boxed, .. } => {
                line.trim().is_empty() || boxed && line.trim_start().starts_with(['└', '╚'])
            }
        }
    }

    /// A line's part of the row, where that starts, and the mark that says how it goes on.
    fn content<'a>(&self, line: &'a str, at: usize) -> Option<(&'a str, usize, Option<char>)> {
        let (from, to) = match self.shape {
            Shape::Aligned { margin, width } => {
                // A wrapped row goes on behind the mark that stands in the margin.
                let from = char_index(line, margin);
                let full = char_index(line, margin + width);
                let mark = line[full..].chars().next().filter(|mark| MARKS.contains(mark));
                return match mark {
                    Some(mark) => Some((&line[from..full], at + from, Some(mark))),
                    None => self.trailing_mark(line, from, line.len(), at),
                };
            }
            Shape::Boxed => {
                let open = line.find(BARS)?;
                let from = open + line[open..].chars().next().map_or(1, char::len_utf8);
                let to = line.rfind(BARS).filter(|&to| to >= from).unwrap_or(line.len());
                (skip_space(line, from), to)
            }
            Shape::Expanded { bar, boxed } => {
                if line.contains("[ RECORD ") || line.starts_with("* Record ") || is_rule(line) {
                    return None;
                }
                let bar = char_index(line, bar);
                let mark = line[bar..].chars().next().filter(|mark| BARS.contains(mark)).map_or(0, char::len_utf8);
                let to = if boxed { line.rfind(BARS).filter(|&to| to > bar).unwrap_or(line.len()) } else { line.len() };
                (if mark > 0 { skip_space(line, bar + mark) } else { bar }, to)
            }
        };
        self.trailing_mark(line, from.min(to), to, at)
    }

    /// Takes `+` or `↵` off the end of a row's line; only what stands apart from the text is such a mark.
    fn trailing_mark<'a>(
        &self,
        line: &'a str,
        from: usize,
        to: usize,
        at: usize,
    ) -> Option<(&'a str, usize, Option<char>)> {
        let content = &line[from..to];
        let trimmed = content.trim_end();
        let mark = trimmed.chars().next_back().filter(|mark| matches!(mark, '+' | '↵'));
        let apart = mark
            .is_some_and(|mark| trimmed[..trimmed.len() - mark.len_utf8()].ends_with([' ', ',', '{', '[', ']', '}']));
        match mark {
            Some(mark) if apart => Some((&trimmed[..trimmed.len() - mark.len_utf8()], at + from, Some(mark))),
            _ => Some((content, at + from, None)),
        }
    }
}

/// A wrapped row's next line starts with a mark where the margin is otherwise.
fn unmark(content: &str, at: usize) -> (&str, usize) {
    let mark = content.chars().next().filter(|mark| matches!(mark, '.' | '…')).map_or(0, char::len_utf8);
    (&content[mark..], at + mark)
}

fn skip_space(line: &str, from: usize) -> usize {
    from + usize::from(line[from..].starts_with(' '))
}

fn char_index(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

/// `(1 row)`
fn is_row_count(line: &str) -> bool {
    let line = line.trim();
    let inner = line.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(|inner| {
        let (count, word) = inner.split_once(' ').unwrap_or((inner, ""));
        count.bytes().all(|byte| byte.is_ascii_digit()) && !word.contains(' ')
    })
}

fn is_prompt(line: &str) -> bool {
    line.contains("=> ") && !line.starts_with(' ') || line.starts_with("Time: ")
}

/// The cells of the HTML table at or after `at`, one below the other, and where it ends.
pub(super) fn html(text: &str, at: usize) -> Option<(Document, usize)> {
    let end = memchr::memmem::find(&text.as_bytes()[at..], b"</table").map_or(text.len(), |found| at + found);
    let mut document = Document::default();
    let mut at = at;
    while let Some(found) = memchr::memmem::find(&text.as_bytes()[at..end], b"<td") {
        let open = at + found;
        let from = open + memchr::memchr(b'>', &text.as_bytes()[open..])? + 1;
        let to = memchr::memmem::find(&text.as_bytes()[from..], b"</td").map_or(text.len(), |end| from + end);
        if !document.text.is_empty() {
            document.push_char('\n', open);
        }
        html_text(text, from, to, &mut document);
        at = to.min(end);
    }
    Some((document, end))
}

fn html_text(text: &str, from: usize, to: usize, document: &mut Document) {
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

/// The rows below the head of a one-column CSV file, one below the other, and where they end.
pub(super) fn csv(text: &str, at: usize) -> Option<(Document, usize)> {
    let head = csv_cell(text, at, b',').filter(|head| head.last_of_record && is_head(&head.document.text))?;
    let mut rows = Vec::new();
    let mut at = head.end;
    if text.as_bytes().get(at) != Some(&b'"') {
        return None;
    }
    while let Some(cell) = csv_cell(text, at, b',').filter(|cell| cell.last_of_record && cell.end > at) {
        rows.push(cell.document);
        at = cell.end;
    }
    Some((Document::joined(rows), at))
}

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
}

impl Decoration {
    /// In the order in which they are tried.
    pub(super) const ALL: [Decoration; 5] =
        [Decoration::Quotes, Decoration::Plus, Decoration::Bars, Decoration::Citation, Decoration::Numbers];

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
            Decoration::Citation => body.starts_with('>').then(|| (skip_space(line, start + 1), line.len())),
            Decoration::Numbers => {
                let digits = body.bytes().take_while(u8::is_ascii_digit).count();
                let rest = &body[digits..];
                let mark = rest.chars().next().filter(|c| matches!(c, '.' | ')' | ':' | '|' | '\t' | ' '))?;
                (digits > 0).then(|| (skip_space(line, start + digits + mark.len_utf8()), line.len()))
            }
        }
    }
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
