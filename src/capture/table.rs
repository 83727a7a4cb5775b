//! Result tables of psql and tools like it: what is drawn around rows and lines, and how a line goes on in the next.
//!
//! psql marks at a line's right edge whether the value goes on after a line break (`+`, `↵`) or was only too wide
//! (`.`, `…`). `old-ascii` says it with another bar, or not at all; there the text itself must tell.

use super::text;
use super::text_lines::{known_property, line_end};
use super::unframe::Document;

/// A table: which shape it has, and where its rows start.
pub(super) struct Table {
    shape: Shape,
    rows: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// Nothing at the sides but a margin, 0 or 1 wide; `width` characters within.
    Aligned { margin: usize, width: usize },
    /// Bars around each line; `width` characters over all.
    Boxed { width: usize },
    /// The column's name before the first line of each row, values behind the character at `edge`.
    Expanded { edge: usize, boxed: bool },
    /// The column's name, this character and the value, one below the other.
    Pairs { separator: char },
}

/// Bars at the sides of values.
pub(super) const BARS: [char; 3] = ['|', '│', '║'];
const NEW_LINE: [char; 2] = ['+', '↵'];
const WRAP: [char; 2] = ['.', '…'];
const NAME: &str = "QUERY PLAN";

/// How a line of a table goes on in the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// With another row.
    Row,
    /// With another line of the same value.
    Line,
    /// In the middle of a line of the value.
    Rest,
    /// Nothing says.
    Unsaid,
}

/// A line of a table without what is drawn around it.
struct Piece<'a> {
    content: &'a str,
    at: usize,
    next: Next,
}

/// The table whose head, or whose first row where it has no head, starts at the line at `at`.
pub(super) fn table(text: &str, at: usize) -> Option<Table> {
    let mut lines = Lines { text, at };
    let first = lines.next()?.1;
    if is_record(first) {
        let rows = lines.at;
        return Some(Table { shape: named_row(lines.next()?.1)?, rows });
    }
    if let Some(shape) = named_row(first) {
        return Some(Table { shape, rows: at });
    }
    let rows = lines.at;
    let second = lines.next()?.1;
    if is_head(first) && is_rule(second) {
        let width = second.trim_end().chars().count();
        // The head is centred, so that only the rows tell whether there is a margin.
        let margin = usize::from(Lines { text, at: lines.at }.next()?.1.starts_with(' '));
        let width = width.saturating_sub(2 * margin);
        return Some(Table { shape: Shape::Aligned { margin, width }, rows: lines.at });
    }
    if is_head(first.trim().trim_matches(BARS)) && first.trim().starts_with(BARS) && is_rule(second) {
        return Some(Table { shape: Shape::Boxed { width: first.chars().count() }, rows: lines.at });
    }
    // A grid with bars behind its values alone.
    if first.ends_with(BARS) && is_head(first.trim_end_matches(BARS)) && is_rule(second) {
        let width = first.chars().count() - 1;
        return Some(Table { shape: Shape::Aligned { margin: 0, width }, rows: lines.at });
    }
    if !is_rule(first) {
        return None;
    }
    if let Some(shape) = named_row(second) {
        return Some(Table { shape, rows });
    }
    let shape = Shape::Boxed { width: first.chars().count() };
    let inside = second.trim().strip_prefix(BARS)?;
    if is_head(inside.trim_matches(BARS)) {
        lines.next().filter(|(_, third)| is_rule(third))?;
        return Some(Table { shape, rows: lines.at });
    }
    let starts = text::is_node(inside) || inside.trim_start().starts_with(['[', '{', '<', '-']);
    starts.then_some(Table { shape, rows })
}

/// The table without head that a whole text is: `\t` in psql. `None` where no line is marked as going on.
pub(super) fn headless(text: &str) -> Option<Document> {
    let mut lines = Lines { text, at: 0 };
    let (mut width, mut boxed) = (0, true);
    while let Some((_, line)) = lines.next() {
        width = width.max(line.chars().count());
        boxed &= line.is_empty() || is_rule(line) || line.starts_with(BARS) && line.ends_with(BARS);
        if is_head(line.trim().trim_matches(BARS)) {
            return None;
        }
    }
    if boxed && width > 0 {
        return Some(Table { shape: Shape::Boxed { width }, rows: 0 }.rows(text).0);
    }
    let (mut marked, mut margin, mut lines) = (0, 1, Lines { text, at: 0 });
    while let Some((at, line)) = lines.next() {
        if is_rule(line) || is_record(line) || at == 0 && named_row(line).is_some() {
            return None;
        }
        let last = line.chars().next_back().filter(|_| line.chars().count() == width);
        marked += usize::from(last.is_some_and(|last| last == ' ' || is_mark(last)));
        let has_margin = line.is_empty() || line.starts_with(' ') || line.starts_with(WRAP);
        margin = margin.min(usize::from(has_margin));
    }
    let shape = Shape::Aligned { margin, width: width.saturating_sub(1 + margin) };
    let (document, end) = (marked > 1 && width > 20).then(|| Table { shape, rows: 0 }.rows(text))?;
    text[end..].trim().is_empty().then_some(document)
}

fn is_mark(character: char) -> bool {
    NEW_LINE.contains(&character) || WRAP.contains(&character)
}

/// Whether values of this key may be the lines of a plan, one each.
pub(super) fn may_be_row(key: &str) -> bool {
    key.is_empty() || is_head(key)
}

pub(super) fn is_head(line: &str) -> bool {
    let line = line.trim();
    line.eq_ignore_ascii_case(NAME) || line.eq_ignore_ascii_case("QUERY_PLAN") || line == "?column?"
}

/// A line of nothing but what lines are drawn with.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() > 2
        && line
            .chars()
            .all(|c| matches!(c, '-' | '+' | '|' | '=' | ':' | ' ') || ('\u{2500}'..='\u{257f}').contains(&c))
        && !line.starts_with(':')
}

/// `-[ RECORD 1 ]-`, `* Record 1`
fn is_record(line: &str) -> bool {
    line.contains("[ RECORD ") || line.trim_start().starts_with("* Record ")
}

/// The shape of a table that this line is the first row of, with the column's name before its value.
fn named_row(line: &str) -> Option<Shape> {
    let boxed = line.starts_with(BARS);
    let inside = line.trim_start_matches(BARS);
    let after = inside.trim_start_matches(' ').strip_prefix(NAME)?;
    // A head, in CSV with an end of its own.
    if matches!(after.trim().trim_matches(BARS), "" | "," | ";") {
        return None;
    }
    let name = line.chars().count() - after.chars().count();
    if !boxed && after.starts_with(['|', ',', ';', '\t']) {
        return Some(Shape::Pairs { separator: after.chars().next()? });
    }
    let spaces = after.chars().take_while(|c| *c == ' ').count();
    let bar = after.chars().nth(spaces).is_some_and(|c| BARS.contains(&c));
    match (bar, boxed, spaces) {
        (true, ..) => Some(Shape::Expanded { edge: name + spaces + 1, boxed }),
        (false, false, 1..) => Some(Shape::Expanded { edge: name, boxed }),
        _ => None,
    }
}

/// The lines of a text with their places, without their endings.
pub(super) struct Lines<'a> {
    /// All of it.
    pub(super) text: &'a str,
    /// Where the next line starts.
    pub(super) at: usize,
}

impl<'a> Lines<'a> {
    /// The next line's place and text.
    pub(super) fn next(&mut self) -> Option<(usize, &'a str)> {
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
        let mut lines = Lines { text, at: self.rows };
        let mut all: Vec<(usize, &str)> = Vec::new();
        let mut end = self.rows;
        while let Some((at, line)) = lines.next() {
            if self.ends(line, &text[lines.at..]) {
                // `(1 row)` and bottom rules belong to the table, anything else is for the caller.
                end = if is_rule(line) || is_row_count(line) { lines.at } else { at };
                break;
            }
            end = lines.at;
            all.push((at, line));
        }
        let pieces = match self.shape {
            Shape::Aligned { margin, width } => {
                all.iter().map(|(at, line)| aligned(line, *at, margin, width)).collect()
            }
            Shape::Boxed { width } => all.iter().filter_map(|(at, line)| boxed(line, *at, width)).collect(),
            Shape::Expanded { edge, boxed } => expanded(&all, edge, boxed),
            Shape::Pairs { separator } => return (pairs(text, self.rows, separator), text.len()),
        };
        (join(&pieces), end)
    }

    fn ends(&self, line: &str, rest: &str) -> bool {
        match self.shape {
            Shape::Aligned { .. } => line.trim().is_empty() || is_row_count(line) || is_prompt(line),
            Shape::Boxed { .. } => !line.trim_start().starts_with(BARS),
            Shape::Expanded { edge, boxed } => {
                let goes_on = |line: &str| is_record(line) || is_rule(line) || is_value(line, edge, boxed);
                let blank = line.trim().is_empty();
                let next = rest.lines().next().unwrap_or_default();
                let closes = line.trim_start().starts_with(['└', '╚']);
                closes || if blank { !named_row(next).is_some_and(|shape| shape == self.shape) } else { !goes_on(line) }
            }
            Shape::Pairs { .. } => false,
        }
    }
}

/// Whether a line is a value, or a part of one, of an expanded table.
fn is_value(line: &str, edge: usize, boxed: bool) -> bool {
    let name = line[..char_index(line, edge)].trim_matches([' ', '|', '│', '║', ':', ';']);
    (name.is_empty() || name == NAME) && (!boxed || line.starts_with(BARS))
}

fn aligned(line: &str, at: usize, margin: usize, width: usize) -> Piece<'_> {
    let from = char_index(line, margin);
    let full = char_index(line, margin + width);
    let mark = line[full..].chars().next();
    if line[full..].chars().nth(1).is_some() {
        return marked_apart(&line[from..], at + from);
    }
    let next = match mark {
        Some(mark) if NEW_LINE.contains(&mark) => Next::Line,
        Some(mark) if WRAP.contains(&mark) => Next::Rest,
        // old-ascii pads what goes on, and nothing else.
        Some(' ') => Next::Unsaid,
        Some(bar) if BARS.contains(&bar) => Next::Row,
        None => Next::Row,
        Some(_) => return marked_apart(&line[from..], at + from),
    };
    Piece { content: &line[from..full], at: at + from, next }
}

fn boxed(line: &str, at: usize, width: usize) -> Option<Piece<'_>> {
    if is_rule(line) {
        return None;
    }
    let open = line.find(BARS)?;
    let from = open + line[open..].chars().next().map_or(1, char::len_utf8);
    let to = line.rfind(BARS).filter(|&to| to >= from).unwrap_or(line.len());
    // The character beside each bar is a mark or blank.
    let inner = &line[from..to];
    let left = inner.chars().next().filter(|c| *c == ' ' || WRAP.contains(c)).map_or(0, char::len_utf8);
    let last = inner.chars().next_back().filter(|_| inner.len() > left && line.trim_end().chars().count() == width);
    let next = match last {
        Some(mark) if NEW_LINE.contains(&mark) => Next::Line,
        Some(mark) if WRAP.contains(&mark) && width > 20 => Next::Rest,
        Some(' ') => Next::Unsaid,
        _ => return Some(marked_apart(&inner[left..], at + from + left)),
    };
    let right = last.map_or(0, char::len_utf8);
    Some(Piece { content: &inner[left..inner.len() - right], at: at + from + left, next })
}

fn expanded<'a>(lines: &[(usize, &'a str)], edge: usize, boxed: bool) -> Vec<Piece<'a>> {
    let is_drawn = |line: &str| is_record(line) || is_rule(line) || line.trim().is_empty();
    let values = || lines.iter().filter(|(_, line)| !is_drawn(line));
    let width = values().map(|(_, line)| line.chars().count()).max().unwrap_or(0);
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    let mut full = false;
    for &(at, line) in values() {
        let (before, value) = line.split_at(char_index(line, edge));
        if let Some(last) = pieces.last_mut() {
            last.goes_on(before, value.chars().next(), full, boxed);
        }
        let from = char_index(line, edge + 1);
        let to = if boxed { line.rfind(BARS).filter(|&to| to >= from).unwrap_or(line.len()) } else { line.len() };
        full = line.chars().count() == width;
        pieces.push(Piece { content: &line[from..to], at: at + from, next: Next::Row });
    }
    pieces
}

impl Piece<'_> {
    /// Says how a line of an expanded table goes on by what stands before the value of the next one, and at which mark
    /// that starts; a line as wide as the table may end in a mark too.
    fn goes_on(&mut self, before: &str, mark: Option<char>, full: bool, boxed: bool) {
        let last = self.content.chars().next_back().filter(|_| full);
        let has = |marks: &[char]| last.is_some_and(|last| marks.contains(&last));
        let (next, is_marked) = match (before.chars().next_back(), mark) {
            _ if before.contains(NAME) => (Next::Row, false),
            (Some(':'), _) => (Next::Line, false),
            (Some(';'), _) => (Next::Rest, false),
            (_, Some(mark)) if WRAP.contains(&mark) => (Next::Rest, self.content.ends_with(mark)),
            _ if has(&NEW_LINE) => (Next::Line, true),
            _ => (Next::Unsaid, false),
        };
        self.next = next;
        if is_marked {
            self.content =
                &self.content[..self.content.len() - self.content.chars().next_back().map_or(0, char::len_utf8)];
        } else if boxed {
            // The blank where there may be a mark.
            self.content = self.content.strip_suffix(' ').unwrap_or(self.content);
        }
    }
}

/// Takes `+` or `↵` off the end of a line whose edge is not where it should be; only what stands apart from the text is
/// such a mark.
fn marked_apart(content: &str, at: usize) -> Piece<'_> {
    let trimmed = content.trim_end();
    let mark = trimmed.chars().next_back().filter(|mark| NEW_LINE.contains(mark));
    let before = &trimmed[..trimmed.len() - mark.map_or(0, char::len_utf8)];
    match mark {
        Some(_) if before.ends_with([' ', ',', '{', '[', ']', '}']) => Piece { content: before, at, next: Next::Line },
        _ => Piece { content, at, next: Next::Row },
    }
}

/// Lines of `QUERY PLAN|value`, and what stands below the first line of such a value.
fn pairs(text: &str, at: usize, separator: char) -> Document {
    let mut rows = Vec::new();
    let mut lines = Lines { text, at };
    while let Some((at, line)) = lines.next() {
        let named = line.strip_prefix(NAME).and_then(|rest| rest.strip_prefix(separator));
        let from = at + line.len() - named.unwrap_or(line).len();
        let quoted = named.is_some_and(|value| value.starts_with('"'));
        if let Some(cell) = quoted.then(|| super::unframe::csv_cell(text, from, separator as u8)).flatten() {
            lines.at = cell.end;
            rows.push(cell.document);
        } else if !line.is_empty() {
            let mut row = Document::default();
            row.push_line(&text[from..at + line.len()], from);
            rows.push(row);
        }
    }
    Document::joined(rows)
}

/// Puts the lines together again.
fn join(pieces: &[Piece<'_>]) -> Document {
    let marked = pieces.iter().any(|piece| matches!(piece.next, Next::Line | Next::Rest));
    let first = pieces.iter().find_map(|piece| piece.content.trim_start().chars().next());
    // In these a line break says nothing, unless it stands in a string.
    let is_free = matches!(first, Some('[' | '{' | '<' | '"'));
    let full = pieces.iter().filter(|piece| piece.next == Next::Unsaid && !piece.content.ends_with(' ')).count();
    // Where other rows end, this one does not; and none of several rows has more than one line.
    let many = pieces.iter().rev().skip(1).any(|piece| piece.next == Next::Row);
    let mut document = Document::default();
    let mut within = false;
    for (piece, following) in pieces.iter().zip(pieces.iter().skip(1).map(Some).chain([None])) {
        let goes_on = match (piece.next, following) {
            (Next::Rest, _) => true,
            (Next::Row | Next::Line, _) | (Next::Unsaid, None) => false,
            (Next::Unsaid, Some(_)) if marked => false,
            (Next::Unsaid, Some(_)) if is_free || many => true,
            (Next::Unsaid, Some(following)) => {
                !starts_line(following.content) && (!piece.content.ends_with(' ') || full > 2)
            }
        };
        let content = if goes_on { piece.content } else { piece.content.trim_end() };
        if within {
            document.push(content, piece.at)
        } else {
            document.push_line(content, piece.at)
        }
        within = goes_on;
    }
    document
}

/// Whether this can only be the start of a line of a plan.
fn starts_line(content: &str) -> bool {
    let body = content.trim_start();
    let indented = content.starts_with("  ") && !body.starts_with(['(', '"']);
    let heads = ["Planning", "JIT:", "Trigger ", "Settings:", "Serialization:", "- "];
    indented || heads.iter().any(|head| body.starts_with(head)) || text::is_node(content) || known_property(body)
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
