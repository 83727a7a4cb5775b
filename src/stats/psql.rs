//! What psql prints: aligned tables, and a record a block (`\x`).

use std::ops::Range;
use std::sync::Arc;

use super::Row;
use super::read::row;
use crate::source::{FileId, Span};

/// Whether a text looks like one of psql's tables.
pub(super) fn is_table(text: &str) -> bool {
    text.starts_with("-[ RECORD") || text.lines().take(4).any(is_rule)
}

/// The rows of a text.
pub(super) fn read(file: FileId, text: &str) -> Vec<Row> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, line.trim_end_matches(['\r', '\n'])));
        at += line.len();
    }
    match lines.iter().any(|(_, line)| line.starts_with("-[ RECORD")) {
        true => records(file, &lines),
        false => aligned(file, &lines),
    }
}

/// `-------+-----`, the line below the header.
fn is_rule(line: &str) -> bool {
    line.len() > 3 && line.contains("-+-") && line.bytes().all(|byte| matches!(byte, b'-' | b'+'))
}

/// The characters of each column, by the line below the header.
fn columns_of(rule: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let parts = rule.split('+').map(|part| {
        let range = start..start + part.len();
        start = range.end + 1;
        range
    });
    parts.collect()
}

/// The characters of a range, without the spaces that align them.
fn cell(line: &str, range: &Range<usize>) -> String {
    line.chars().skip(range.start).take(range.len()).collect()
}

fn aligned(file: FileId, lines: &[(usize, &str)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut at = 0;
    while let Some(offset) = lines[at..].iter().position(|(_, line)| is_rule(line)) {
        let rule = at + offset;
        let ranges = columns_of(lines[rule].1);
        let header = if rule > 0 { lines[rule - 1].1 } else { "" };
        let columns: Arc<[Box<str>]> = ranges.iter().map(|range| cell(header, range).trim().into()).collect();
        at = rule + 1;
        while at < lines.len() && lines[at].1.contains('|') {
            let (start, first) = lines[at];
            let mut cells: Vec<String> = ranges.iter().map(|range| cell(first, range)).collect();
            let mut end = start + first.len();
            // A cell of several lines has + at its end, and goes on in the next line.
            while cells.iter().any(|cell| cell.ends_with('+')) && at + 1 < lines.len() {
                at += 1;
                end = lines[at].0 + lines[at].1.len();
                for (whole, range) in cells.iter_mut().zip(&ranges) {
                    if whole.ends_with('+') {
                        whole.pop();
                        let more = cell(lines[at].1, range);
                        let kept = whole.trim_end().len();
                        whole.truncate(kept);
                        whole.push('\n');
                        whole.push_str(more.strip_prefix(' ').unwrap_or(&more));
                    }
                }
            }
            let cells = cells.iter().map(|cell| filled(cell)).collect();
            rows.extend(row(&columns, cells, Span::new(file, start as u32, end as u32)));
            at += 1;
        }
    }
    rows
}

fn filled(cell: &str) -> Option<Box<str>> {
    let trimmed = cell.trim();
    (!trimmed.is_empty()).then(|| trimmed.into())
}

fn records(file: FileId, lines: &[(usize, &str)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut open: Option<(usize, Vec<Box<str>>, Vec<Option<Box<str>>>)> = None;
    let mut close = |open: &mut Option<(usize, Vec<Box<str>>, Vec<Option<Box<str>>>)>, end: usize| {
        if let Some((start, names, cells)) = open.take() {
            rows.extend(row(&names.into(), cells, Span::new(file, start as u32, end as u32)));
        }
    };
    for &(at, line) in lines {
        if line.starts_with("-[ RECORD") {
            close(&mut open, at);
            open = Some((at, Vec::new(), Vec::new()));
        } else if let (Some((_, names, cells)), Some((name, value))) = (&mut open, line.split_once('|')) {
            let (name, value) = (name.trim(), value.trim_end_matches('+').trim());
            match (name.is_empty(), cells.last_mut()) {
                (true, Some(Some(last))) => *last = format!("{last}\n{value}").into(),
                (true, _) => {}
                (false, _) => {
                    names.push(name.into());
                    cells.push(filled(value));
                }
            }
        }
    }
    let end = lines.last().map_or(0, |(at, line)| at + line.len());
    close(&mut open, end);
    rows
}
