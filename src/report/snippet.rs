//! The few lines of a file that one finding shows, made fit for a terminal.
//!
//! A line may be megabytes long, and its text may hold control characters that a terminal would
//! obey. So a finding is drawn over a small copy: long lines are cut around what is marked, and
//! nothing in it moves the cursor or turns the writing direction.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::source::{LineColumn, SourceFile, Span};

/// Lines up to this many bytes are shown whole.
const WHOLE: usize = 300;
/// Of longer lines this much is shown on each side of a mark.
const AROUND: usize = 60;
/// Of a mark that is longer, this much of its start.
const MARKED: usize = 120;
/// A mark over more lines than this is cut to its first.
const LINES: usize = 40;

/// A copy of some lines of one file.
pub struct Snippet<'a> {
    file: &'a SourceFile,
    text: String,
    lines: Vec<Line>,
    starts: Vec<(usize, LineColumn)>,
}

struct Line {
    /// 0-based, in the file.
    index: usize,
    /// In the copy.
    range: Range<usize>,
}

/// A mark in the file on its way into the copy.
#[derive(Clone, Copy)]
struct Mark {
    first_line: usize,
    last_line: usize,
    /// Bytes from the start of the first line.
    start: usize,
    /// Bytes from the start of the last line.
    end: usize,
}

impl<'a> Snippet<'a> {
    /// Copies the lines that `spans` mark; the ranges that come back are the spans in the copy.
    pub fn new(file: &'a SourceFile, spans: &[Span]) -> (Snippet<'a>, Vec<Range<usize>>) {
        let marks: Vec<Mark> = spans.iter().map(|&span| mark(file, span)).collect();
        let mut snippet = Snippet { file, text: String::new(), lines: Vec::new(), starts: Vec::new() };
        let mut ranges = vec![0..0; marks.len()];
        for line in wanted_lines(&marks) {
            snippet.copy_line(line, &marks, &mut ranges);
        }
        for (range, span) in ranges.iter().zip(spans) {
            snippet.starts.push((range.start, file.line_column(span.start)));
        }
        (snippet, ranges)
    }

    /// The file's name, as it is shown.
    pub fn name(&self) -> String {
        sanitized(&self.file.name)
    }

    /// The copy.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line in the file that holds a byte of the copy.
    pub fn line_index(&self, byte: usize) -> usize {
        let after = self.lines.partition_point(|line| line.range.start <= byte);
        after.checked_sub(1).map_or(0, |at| self.lines[at].index)
    }

    /// Where in the copy a line of the file is.
    pub fn line_range(&self, index: usize) -> Option<Range<usize>> {
        let at = self.lines.binary_search_by_key(&index, |line| line.index).ok()?;
        Some(self.lines[at].range.clone())
    }

    /// Where in the file a mark starts that starts at a byte of the copy.
    pub fn location(&self, byte: usize) -> Option<LineColumn> {
        self.starts.iter().find(|(start, _)| *start == byte).map(|(_, place)| *place)
    }

    fn copy_line(&mut self, index: usize, marks: &[Mark], ranges: &mut [Range<usize>]) {
        let text = self.file.line_text(index);
        let mut points: Vec<(usize, usize, bool)> = Vec::new();
        for (number, mark) in marks.iter().enumerate() {
            if mark.first_line == index {
                points.push((mark.start, number, true));
            }
            if mark.last_line == index {
                points.push((mark.end, number, false));
            }
        }
        points.sort_unstable();
        let copy_start = self.text.len();
        let mut next = 0;
        let mut shown = 0;
        for piece in pieces(text, index, marks) {
            let gap = self.text.len();
            if piece.start > shown {
                self.text.push('…');
            }
            while points.get(next).is_some_and(|point| point.0 < piece.start) {
                place(ranges, points[next], gap);
                next += 1;
            }
            let mut at = piece.start;
            while at < piece.end {
                while points.get(next).is_some_and(|point| point.0 <= at) {
                    place(ranges, points[next], self.text.len());
                    next += 1;
                }
                let point = points.get(next).map_or(piece.end, |point| text.ceil_char_boundary(point.0));
                let upto = point.min(piece.end);
                push_visible(&mut self.text, &text[at..upto]);
                at = upto;
            }
            shown = piece.end;
        }
        for &point in &points[next..] {
            place(ranges, point, self.text.len());
        }
        if shown < text.len() {
            self.text.push('…');
        }
        self.lines.push(Line { index, range: copy_start..self.text.len() });
        self.text.push('\n');
    }
}

fn place(ranges: &mut [Range<usize>], (_, number, is_start): (usize, usize, bool), at: usize) {
    if is_start {
        ranges[number].start = at;
    }
    // A start is met before its end, so that the end is never left behind it.
    ranges[number].end = at;
}

fn mark(file: &SourceFile, span: Span) -> Mark {
    let size = file.text.len() as u32;
    let (start, end) = (span.start.min(size), span.end.min(size));
    let first_line = file.line_index(start);
    // A span that ends with the line's ending does not reach into the next line.
    let mut last_line = file.line_index(if end > start { end - 1 } else { end });
    let line_start = |line: usize| file.line_starts()[line] as usize;
    let start = (start as usize - line_start(first_line)).min(file.line_text(first_line).len());
    let mut end = end as usize;
    if last_line - first_line > LINES {
        last_line = first_line;
        end = usize::MAX;
    }
    let end = end.saturating_sub(line_start(last_line)).min(file.line_text(last_line).len());
    Mark { first_line, last_line, start, end }
}

/// The lines of all marks, and single lines between two of them.
fn wanted_lines(marks: &[Mark]) -> Vec<usize> {
    let lines: BTreeSet<usize> = marks.iter().flat_map(|mark| mark.first_line..=mark.last_line).collect();
    let mut wanted: Vec<usize> = Vec::with_capacity(lines.len());
    for line in lines {
        if wanted.last().is_some_and(|&last| last + 2 == line) {
            wanted.push(line - 1);
        }
        wanted.push(line);
    }
    wanted
}

/// The parts of a line that are shown, in order and apart from each other.
fn pieces(text: &str, index: usize, marks: &[Mark]) -> Vec<Range<usize>> {
    if text.len() <= WHOLE {
        return std::iter::once(0..text.len()).collect();
    }
    let mut wanted: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let start = if mark.first_line == index { mark.start } else { 0 };
        let end = if mark.last_line == index { mark.end } else { text.len() };
        if mark.first_line <= index && index <= mark.last_line {
            let shown_end = end.min(start + MARKED) + AROUND;
            wanted.push(text.floor_char_boundary(start.saturating_sub(AROUND))..text.floor_char_boundary(shown_end));
        }
    }
    wanted.sort_unstable_by_key(|piece| piece.start);
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for piece in wanted {
        match pieces.last_mut() {
            Some(last) if piece.start <= last.end + 1 => last.end = last.end.max(piece.end),
            _ => pieces.push(piece),
        }
    }
    if pieces.is_empty() {
        pieces.push(0..text.floor_char_boundary(2 * AROUND));
    }
    pieces
}

/// Text that may come from a file, fit for a terminal.
pub fn sanitized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text);
    out
}

fn push_visible(out: &mut String, text: &str) {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    let plain = text.bytes().position(|byte| !is_plain(byte)).unwrap_or(text.len());
    out.push_str(&text[..plain]);
    text[plain..].chars().for_each(|c| push_visible_char(out, c));
}

fn push_visible_char(out: &mut String, c: char) {
    match c {
        '\t' => out.push('\t'),
        '\u{feff}' => {}
        '\0'..='\x1f' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\x7f' => out.push('\u{2421}'),
        // C1 controls, and marks that turn the writing direction.
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            out.push('\u{fffd}');
        }
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn span(start: usize, end: usize) -> Span {
        Span::new(FileId(0), start as u32, end as u32)
    }

    #[test]
    fn a_long_line_is_cut_around_its_marks() {
        let text = format!("{}needle{}", "a".repeat(1000), "b".repeat(1000));
        let file = SourceFile::new("a.sql", text);
        let (snippet, ranges) = Snippet::new(&file, &[span(1000, 1006)]);
        assert_eq!(&snippet.text()[ranges[0].clone()], "needle");
        assert_eq!(snippet.text().trim_end(), format!("…{}needle{}…", "a".repeat(60), "b".repeat(60)));
        assert_eq!(snippet.location(ranges[0].start).unwrap().column, 1001);
    }

    #[test]
    fn two_marks_far_apart_in_a_long_line_both_stay() {
        let text = format!("one{}two", "é".repeat(4000));
        let file = SourceFile::new("a.sql", text);
        let (snippet, ranges) = Snippet::new(&file, &[span(8003, 8006), span(0, 3)]);
        assert_eq!(&snippet.text()[ranges[0].clone()], "two");
        assert_eq!(&snippet.text()[ranges[1].clone()], "one");
        assert!(snippet.text().len() < 400);
    }

    #[test]
    fn control_characters_are_shown_not_sent() {
        let file = SourceFile::new("a.sql", "\u{feff}select '\x1b[2J\u{202e}x'");
        let (snippet, ranges) = Snippet::new(&file, &[span(18, 19)]);
        assert_eq!(snippet.text(), "select '␛[2J\u{fffd}x'\n");
        assert_eq!(&snippet.text()[ranges[0].clone()], "x");
    }

    #[test]
    fn a_span_ends_with_its_line() {
        let file = SourceFile::new("a.sql", "one\r\ntwo\r\n");
        let (snippet, ranges) = Snippet::new(&file, &[span(0, 5)]);
        assert_eq!((snippet.text(), &ranges[0]), ("one\n", &(0..3)));
        let (snippet, ranges) = Snippet::new(&file, &[span(10, 10)]);
        assert_eq!((snippet.text(), &ranges[0]), ("\n", &(0..0)));
    }

    #[test]
    fn a_span_of_many_lines_shows_its_first() {
        let file = SourceFile::new("a.sql", "line\n".repeat(5000));
        let (snippet, ranges) = Snippet::new(&file, &[span(0, 20_000)]);
        assert_eq!((snippet.text(), &ranges[0]), ("line\n", &(0..4)));
    }
}
