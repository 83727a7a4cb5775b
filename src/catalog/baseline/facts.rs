//! Tables of facts as text: sorted lines, looked up by halves, never loaded as a whole.
//!
//! `data/README.md` says what the columns are; `tools/baseline/generate.py` writes the files.

use std::cmp::Ordering;

/// A file of `data/`: lines sorted by the bytes of their first column.
#[derive(Clone, Copy)]
pub(super) struct Facts(pub &'static str);

/// A line: columns separated by tabs, empty ones at the end left out.
#[derive(Clone, Copy)]
pub(super) struct Row {
    text: &'static str,
    at: usize,
}

impl Facts {
    /// The rows of `version` whose first column is `key`.
    pub fn rows(self, key: &str, version: u8) -> impl Iterator<Item = Row> {
        self.from(key).take_while(move |row| row.column(0) == key).filter(move |row| row.holds_for(version))
    }

    /// All rows of `version`.
    pub fn all(self, version: u8) -> impl Iterator<Item = Row> {
        self.lines(0).filter(move |row| row.holds_for(version))
    }

    /// The row that [`Row::place`] told.
    pub fn row(self, place: u32) -> Option<Row> {
        let at = place as usize;
        (self.0.is_char_boundary(at) && at < self.0.len()).then(|| self.line(at))
    }

    /// The rows from the first whose first column is `key` or more.
    fn from(self, key: &str) -> impl Iterator<Item = Row> + use<> {
        let text = self.0;
        let (mut low, mut high) = (0, text.len());
        while low < high {
            let start = line_start(text, low.midpoint(high), low);
            let row = self.line(start);
            match row.column(0).as_bytes().cmp(key.as_bytes()) {
                Ordering::Less => low = row.end().min(high),
                _ => high = start,
            }
        }
        self.lines(low)
    }

    fn lines(self, from: usize) -> impl Iterator<Item = Row> + use<> {
        let mut at = from;
        std::iter::from_fn(move || {
            let row = (at < self.0.len()).then(|| self.line(at))?;
            at = row.end();
            Some(row)
        })
    }

    fn line(self, at: usize) -> Row {
        Row { text: &self.0[at..line_end(self.0, at)], at }
    }
}

fn line_start(text: &str, at: usize, least: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[least..at]).map_or(least, |newline| least + newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |newline| at + newline)
}

impl Row {
    /// Where the row stands in its file: its identity.
    pub fn place(self) -> u32 {
        self.at as u32
    }

    /// Where the next row begins.
    fn end(self) -> usize {
        self.at + self.text.len() + 1
    }

    /// What is between the tabs.
    fn texts(self) -> impl Iterator<Item = &'static str> {
        let ends = memchr::memchr_iter(b'\t', self.text.as_bytes()).chain(std::iter::once(self.text.len()));
        let mut start = 0;
        ends.map(move |end| &self.text[std::mem::replace(&mut start, end + 1)..end])
    }

    /// The text of a column, counted from 0; empty where there is nothing.
    pub fn column(self, number: usize) -> &'static str {
        let column = self.texts().nth(number).unwrap_or("");
        // The versions stand behind the last column and begin with a blank.
        if column.starts_with(' ') { "" } else { column }
    }

    /// The texts of the first columns; empty where there is nothing.
    pub fn columns<const COUNT: usize>(self) -> [&'static str; COUNT] {
        let mut columns = [""; COUNT];
        // The versions stand behind the last column and begin with a blank.
        let texts = self.texts().take_while(|text| !text.starts_with(' '));
        columns.iter_mut().zip(texts).for_each(|(column, text)| *column = text);
        columns
    }

    /// The text of a column, where there is any.
    pub fn optional(self, number: usize) -> Option<&'static str> {
        Some(self.column(number)).filter(|text| !text.is_empty())
    }

    /// The parts of a column between commas.
    pub fn list(self, number: usize) -> impl Iterator<Item = &'static str> {
        list(self.column(number))
    }

    /// Whether the row holds for a major version; ` 15-17` at the end says for which.
    pub fn holds_for(self, version: u8) -> bool {
        let tab = memchr::memrchr(b'\t', self.text.as_bytes());
        let last = self.text[tab.map_or(0, |tab| tab + 1)..].strip_prefix(' ');
        let Some((from, to)) = last.and_then(|range| range.split_once('-')) else { return true };
        let bound = |text: &str, open: u8| text.parse::<u8>().unwrap_or(open);
        // Versions before the oldest and after the newest known ones are taken for these.
        let version = version.clamp(super::OLDEST, super::NEWEST);
        (bound(from, 0)..=bound(to, u8::MAX)).contains(&version)
    }
}

/// The parts between commas; none of an empty text.
pub(super) fn list(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(',').filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts("a\tfirst\nab\t\tx\t 15-17\nab\t\ty\nz\tlast\n");

    fn column(key: &str, version: u8, number: usize) -> Vec<&'static str> {
        FACTS.rows(key, version).map(|row| row.column(number)).collect()
    }

    #[test]
    fn rows_are_found_by_their_first_column() {
        assert_eq!(column("a", 17, 1), ["first"]);
        assert_eq!(column("z", 17, 1), ["last"]);
        assert_eq!(column("ab", 17, 2), ["x", "y"]);
        for absent in ["", "aa", "abc", "zz", "A"] {
            assert!(column(absent, 17, 0).is_empty(), "{absent}");
        }
    }

    #[test]
    fn rows_hold_for_some_versions() {
        assert_eq!(column("ab", 14, 2), ["y"]);
        assert_eq!(column("ab", 18, 2), ["y"]);
        assert_eq!(FACTS.all(18).count(), 3);
    }

    #[test]
    fn versions_are_no_column() {
        assert_eq!(FACTS.rows("ab", 16).next().map(|row| row.column(3)), Some(""));
        assert_eq!(FACTS.rows("ab", 16).next().map(|row| row.columns()), Some(["ab", "", "x", "", ""]));
    }
}
