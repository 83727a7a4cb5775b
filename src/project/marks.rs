//! The comments by which a runner divides a file: what is run on the way up, what on the way down.

use std::ops::Range;

use memchr::memmem;

/// Whose marks they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names of the tools")]
pub enum Dialect {
    Goose,
    Dbmate,
    SqlMigrate,
    Drizzle,
}

/// What a marked line switches to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Up,
    Down,
}

/// The dialect whose marks a text holds.
pub fn dialect(text: &str) -> Option<Dialect> {
    let bytes = text.as_bytes();
    let words = [
        ("+goose", Dialect::Goose),
        ("migrate:up", Dialect::Dbmate),
        ("+migrate", Dialect::SqlMigrate),
        ("--> statement-breakpoint", Dialect::Drizzle),
    ];
    let found = words.iter().find(|(word, dialect)| {
        memmem::find_iter(bytes, word).any(|at| {
            let line = line_at(text, at);
            *dialect == Dialect::Drizzle && !line.contains('\'') || part(line, *dialect) == Some(Part::Up)
        })
    });
    found.map(|(_, dialect)| *dialect)
}

/// Whether a marked comment line holds these words in this order.
pub fn has_line(text: &str, words: &[&str]) -> bool {
    memmem::find_iter(text.as_bytes(), words[0]).any(|at| {
        let Some(mut rest) = comment(line_at(text, at)) else { return false };
        words.iter().all(|word| {
            let found = find_ignoring_case(rest, word);
            rest = found.map_or("", |at| &rest[at + word.len()..]);
            found.is_some()
        })
    })
}

/// The parts of a text that are run on the way up; all of it where nothing is marked.
pub fn up_ranges(text: &str, dialect: Dialect) -> Vec<Range<u32>> {
    let word = match dialect {
        Dialect::Goose => "+goose",
        Dialect::Dbmate => "migrate:",
        Dialect::SqlMigrate => "+migrate",
        Dialect::Drizzle => return whole(text),
    };
    let mut ranges = Vec::new();
    let mut up_since = None;
    let mut marked = false;
    for at in memmem::find_iter(text.as_bytes(), word) {
        let line = line_start(text, at);
        let Some(part) = part(line_at(text, at), dialect) else { continue };
        marked = true;
        match (part, up_since) {
            (Part::Up, None) => up_since = Some(line),
            (Part::Down, Some(start)) => {
                ranges.push(start as u32..line as u32);
                up_since = None;
            }
            _ => {}
        }
    }
    if let Some(start) = up_since {
        ranges.push(start as u32..text.len() as u32);
    }
    if marked { ranges } else { whole(text) }
}

fn whole(text: &str) -> Vec<Range<u32>> {
    std::iter::once(0..text.len() as u32).collect()
}

/// What a line of this dialect says.
fn part(line: &str, dialect: Dialect) -> Option<Part> {
    let comment = comment(line)?;
    let word = match dialect {
        Dialect::Goose => strip_ignoring_case(comment, "+goose")?.trim_start(),
        Dialect::SqlMigrate => strip_ignoring_case(comment, "+migrate")?.trim_start(),
        Dialect::Dbmate => strip_ignoring_case(comment, "migrate:")?,
        Dialect::Drizzle => return None,
    };
    match word.split_whitespace().next()? {
        up if up.eq_ignore_ascii_case("up") => Some(Part::Up),
        down if down.eq_ignore_ascii_case("down") => Some(Part::Down),
        _ => None,
    }
}

/// What follows the dashes of a line that is nothing but a comment.
fn comment(line: &str) -> Option<&str> {
    Some(line.trim_start_matches('\u{feff}').trim().strip_prefix("--")?.trim_start())
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|&at| strip_ignoring_case(&text[at..], word).is_some())
}

fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr2(b'\n', b'\r', &text.as_bytes()[..at]).map_or(0, |end| end + 1)
}

fn line_at(text: &str, at: usize) -> &str {
    let end = memchr::memchr2(b'\n', b'\r', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
    &text[line_start(text, at)..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(text: &str, dialect: Dialect) -> String {
        up_ranges(text, dialect).into_iter().map(|range| &text[range.start as usize..range.end as usize]).collect()
    }

    #[test]
    fn only_the_up_part_is_run() {
        let goose = "-- +goose Up\ncreate table a ();\n-- +goose StatementBegin\nx\n-- +goose Down\ndrop table a;\n";
        assert!(up(goose, Dialect::Goose).ends_with("x\n"));
        let dbmate = "-- migrate:down\ndrop table a;\n-- migrate:up transaction:false\ncreate table a ();";
        assert_eq!(up(dbmate, Dialect::Dbmate), "-- migrate:up transaction:false\ncreate table a ();");
        assert_eq!(up("select '+migrate Down';", Dialect::SqlMigrate), "select '+migrate Down';");
        assert_eq!(up("-- +migrate Down\ndrop table a;", Dialect::SqlMigrate), "");
    }

    #[test]
    fn a_mark_in_a_string_is_none() {
        assert_eq!(dialect("select '-- +goose Up';"), None);
        assert_eq!(dialect("  --+goose   up"), Some(Dialect::Goose));
        assert_eq!(dialect("select '--> statement-breakpoint';"), None);
    }
}
