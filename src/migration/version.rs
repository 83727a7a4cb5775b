//! What a new migration is called: like the last one, and later.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The parts of a migration's name: `V`, `1.2`, `__`, `add orders`, `.sql`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Parts<'a> {
    pub head: &'a str,
    pub version: &'a str,
    pub separator: &'a str,
    pub description: &'a str,
    /// From the first dot behind the description on; empty for a folder.
    pub tail: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes the name of a file, or of a folder that is one migration, apart; `None` where it has no version.
    pub fn of(name: &'a str, is_folder: bool) -> Option<Parts<'a>> {
        let start = name.find(|c: char| c.is_ascii_digit())?;
        let head = &name[..start];
        // `V1__a.sql`, `v3_a.sql`: more than a letter or two before the digits is a word.
        if head.len() > 2 || head.chars().any(|c| !c.is_ascii_alphabetic()) {
            return None;
        }
        let tail_at = if is_folder { name.len() } else { tail(name) };
        let end = start + version_length(&name[start..tail_at], head == "V");
        let rest = &name[end..tail_at];
        let word = rest.find(|c: char| c.is_alphanumeric()).unwrap_or(rest.len());
        Some(Parts {
            head,
            version: &name[start..end],
            separator: &rest[..word],
            description: &rest[word..],
            tail: &name[tail_at..],
        })
    }
}

/// Where `.sql`, `.up.sql`, `_up.sql` begins.
fn tail(name: &str) -> usize {
    let stem = name.rfind(".sql").unwrap_or(name.len());
    let ups = [".up", "-up", "_up"];
    ups.iter().find_map(|up| name[..stem].strip_suffix(up)).map_or(stem, str::len)
}

/// Digits, with `-` and `.` (and for Flyway `_`) between groups of them.
fn version_length(text: &str, underscores: bool) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) || end > 0 && digit(end + 1) && joins(bytes[end], underscores) && is_group(&text[end + 1..]) {
        end += 1;
    }
    end
}

fn joins(byte: u8, underscores: bool) -> bool {
    matches!(byte, b'-' | b'.') || underscores && byte == b'_'
}

/// Whether a text starts with digits that no letter follows: `2fa` is a word.
fn is_group(text: &str) -> bool {
    !text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(char::is_alphabetic)
}

/// The version of the `nth` new migration (0 is the first) after the one with `last`.
pub(super) fn after(last: &str, now: Timestamp, nth: usize) -> String {
    let digits: String = last.chars().filter(char::is_ascii_digit).collect();
    let new = match clock(last) {
        Some(length) => later_time(&digits, length, now, nth),
        None => match last.len() {
            10 if last == digits && last.starts_with('1') => later_number(last, now.as_second(), nth),
            13 if last == digits && last.starts_with('1') => later_number(last, now.as_millisecond(), nth),
            _ => return next_group(last, nth),
        },
    };
    reshaped(last, &new)
}

/// A version of its own, where there is none to follow.
pub(super) fn first(now: Timestamp, nth: usize) -> String {
    later_time("", 14, now, nth)
}

/// How many digits of a version tell a time: 14 to the second, 12 to the minute, 8 to the day.
fn clock(version: &str) -> Option<usize> {
    let groups: Vec<usize> = version.split(|c: char| !c.is_ascii_digit()).map(str::len).collect();
    let ends = |length: usize| {
        groups
            .iter()
            .scan(0, |sum, group| {
                *sum += group;
                Some(*sum)
            })
            .any(|end| end == length)
    };
    let digits: String = version.chars().filter(char::is_ascii_digit).collect();
    [14, 12, 8].into_iter().find(|&length| ends(length) && is_time(&digits[..length]))
}

fn is_time(digits: &str) -> bool {
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok());
    let within = |range, least, most| number(range).is_none_or(|number| (least..=most).contains(&number));
    within(0..4, 1990, 2200) && within(4..6, 1, 12) && within(6..8, 1, 31)
}

/// Now, or the first time after the last one; other digits than those of the clock become zeros.
fn later_time(last: &str, length: usize, now: Timestamp, nth: usize) -> String {
    let (form, unit) = match length {
        8 => ("%Y%m%d", 86_400),
        12 => ("%Y%m%d%H%M", 60),
        _ => ("%Y%m%d%H%M%S", 1),
    };
    let now = TimeZone::UTC.to_datetime(now);
    let start = match DateTime::strptime(form, last.get(..length).unwrap_or("")) {
        Ok(last) if last.strftime(form).to_string() >= now.strftime(form).to_string() => {
            last.saturating_add(SignedDuration::from_secs(unit))
        }
        _ => now,
    };
    let time = start.saturating_add(SignedDuration::from_secs(unit * nth as i64));
    let mut digits = time.strftime(form).to_string();
    digits.extend(std::iter::repeat_n('0', last.len().saturating_sub(length)));
    digits
}

fn later_number(last: &str, now: i64, nth: usize) -> String {
    let last: i64 = last.parse().unwrap_or(0);
    (now.max(last + 1) + nth as i64).to_string()
}

/// `007` after `006`, `1.3` after `1.2`.
fn next_group(last: &str, nth: usize) -> String {
    let start = last.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (head, group) = last.split_at(start);
    let number = group.parse::<u128>().unwrap_or(0).saturating_add(1 + nth as u128);
    format!("{head}{number:0width$}", width = group.len())
}

/// Digits with the separators of another version between them.
fn reshaped(shape: &str, digits: &str) -> String {
    let mut digits = digits.chars();
    let mut out: String =
        shape.chars().filter_map(|c| if c.is_ascii_digit() { digits.next() } else { Some(c) }).collect();
    out.extend(digits);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T19:05:09Z".parse().unwrap()
    }

    #[test]
    fn a_version_goes_on_as_the_last_one() {
        let next = |last: &str| after(last, now(), 0);
        assert_eq!(next("20260110080000"), "20261120190509");
        assert_eq!(next("20270110080059"), "20270110080100", "a time in the future is gone past");
        assert_eq!(next("20260110"), "20261120");
        assert_eq!(next("20261120"), "20261121");
        assert_eq!(next("202601100800"), "202611201905");
        assert_eq!(next("2026-07-27-143313"), "2026-11-20-190509");
        assert_eq!(next("2026-07-27-143313-0000"), "2026-11-20-190509-0000");
        assert_eq!(next("0007"), "0008");
        assert_eq!(next("9"), "10");
        assert_eq!(next("99"), "100");
        assert_eq!(next("1.2"), "1.3");
        assert_eq!(next("1_9"), "1_10");
        assert_eq!(next("1783024587"), "1795201509");
        assert_eq!(next("1983024587"), "1983024588");
        assert_eq!(after("0007", now(), 2), "0010");
        assert_eq!(after("20260110080000", now(), 1), "20261120190510");
        assert_eq!(first(now(), 0), "20261120190509");
    }

    #[test]
    fn names_are_taken_apart() {
        let parts = |name: &'static str| {
            let parts = Parts::of(name, false)?;
            Some([parts.head, parts.version, parts.separator, parts.description, parts.tail].join("|"))
        };
        assert_eq!(parts("20260110080000_init.sql").unwrap(), "|20260110080000|_|init|.sql");
        assert_eq!(parts("V1.2__add orders.sql").unwrap(), "V|1.2|__|add orders|.sql");
        assert_eq!(parts("V1_2__a.sql").unwrap(), "V|1_2|__|a|.sql");
        assert_eq!(parts("V0026.StorageAAD.up.sql").unwrap(), "V|0026|.|StorageAAD|.up.sql");
        assert_eq!(parts("20251015150737-add-user.sql").unwrap(), "|20251015150737|-|add-user|.sql");
        assert_eq!(parts("0010##enable.sql").unwrap(), "|0010|##|enable|.sql");
        assert_eq!(parts("0121.sql").unwrap(), "|0121|||.sql");
        assert_eq!(parts("0001_2fa.up.sql").unwrap(), "|0001|_|2fa|.up.sql");
        assert_eq!(parts("schema1.sql"), None);
        assert_eq!(parts("schema.sql"), None);
        let folder = Parts::of("2026-07-27-143313-0000_rename_a.b", true).unwrap();
        assert_eq!((folder.version, folder.description), ("2026-07-27-143313-0000", "rename_a.b"));
    }
}
