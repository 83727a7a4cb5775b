//! Dates, times and intervals in the common forms, as the server prints them with DateStyle ISO.
//! What depends on the clock (`now`, `today`) or is written in a rarer form is not printed.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// Months, days and microseconds: how long the former are depends on where they are added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Interval {
    pub months: i64,
    pub days: i64,
    pub micros: i64,
}

/// date_out.
pub(super) fn date(text: &str) -> Option<String> {
    infinity(text).or_else(|| Some(parse_date(text)?.to_string()))
}

/// date_in, of what is finite.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    let (date, rest) = day_of(text.trim())?;
    (rest.is_empty() || rest.starts_with([' ', 'T'])).then_some(date)
}

/// The day that a text begins with: year, month and day, and what comes behind it.
fn day_of(text: &str) -> Option<(Date, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    // A zone may follow at once.
    let end = text.match_indices('-').nth(2).map_or(end, |(at, _)| end.min(at));
    let (day, rest) = text.split_at(end);
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let lengths = year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (lengths && date.year() > 0).then_some((date, rest))
}

fn infinity(text: &str) -> Option<String> {
    matches!(text.trim(), "infinity" | "-infinity").then(|| text.trim().to_owned())
}

/// time_out.
pub(super) fn time(text: &str) -> Option<String> {
    let time = clock(text.trim())?;
    Some(time.to_string())
}

fn clock(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    if !digits || !text.contains(':') {
        return None;
    }
    let padded = if bytes.get(1) == Some(&b':') { format!("0{text}") } else { text.to_owned() };
    let full = if padded.len() == 5 { format!("{padded}:00") } else { padded };
    full.parse().ok()
}

/// timestamp_out and timestamptz_out, the latter with TimeZone UTC.
pub(super) fn timestamp(text: &str, with_zone: bool) -> Option<String> {
    infinity(text).or_else(|| Some(print_timestamp(parse_timestamp(text, with_zone)?, with_zone)))
}

/// A point in time, if with a zone then in UTC.
pub(super) fn print_timestamp(at: DateTime, with_zone: bool) -> String {
    format!("{} {}{}", at.date(), at.time(), if with_zone { "+00" } else { "" })
}

/// timestamp_in and timestamptz_in, the latter with TimeZone UTC, of what is finite.
pub(super) fn parse_timestamp(text: &str, with_zone: bool) -> Option<DateTime> {
    let (day, rest) = day_of(text.trim())?;
    let rest = rest.strip_prefix(['T', ' ']).unwrap_or(rest).trim_start();
    let rest = rest.strip_suffix("UTC").or(rest.strip_suffix("GMT")).unwrap_or(rest).trim_end();
    let (time, zone) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let time = if time.trim().is_empty() { Time::midnight() } else { clock(time.trim())? };
    let mut at = day.to_datetime(time);
    if with_zone {
        let offset = zone_seconds(zone)?;
        at = at.checked_sub(SignedDuration::from_secs(offset)).ok()?;
    }
    (at.year() > 0).then_some(at)
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if let "" | "Z" | "z" = zone {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = match zone[1..].split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => zone[1..].split_at_checked(2).unwrap_or((&zone[1..], "")),
    };
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i64>().ok()? };
    Some(sign * (hours.parse::<i64>().ok()? * 3600 + minutes * 60))
}

/// The units of intervals: months, days, microseconds of one.
fn unit(word: &str) -> Option<(i64, i64, i64)> {
    const SECOND: i64 = 1_000_000;
    Some(match word {
        "microsecond" | "microseconds" | "us" | "usec" | "usecs" => (0, 0, 1),
        "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" => (0, 0, 1000),
        "second" | "seconds" | "sec" | "secs" | "s" => (0, 0, SECOND),
        "minute" | "minutes" | "min" | "mins" | "m" => (0, 0, 60 * SECOND),
        "hour" | "hours" | "hr" | "hrs" | "h" => (0, 0, 3600 * SECOND),
        "day" | "days" | "d" => (0, 1, 0),
        "week" | "weeks" | "w" => (0, 7, 0),
        "month" | "months" | "mon" | "mons" => (1, 0, 0),
        "year" | "years" | "yr" | "yrs" | "y" => (12, 0, 0),
        "decade" | "decades" => (120, 0, 0),
        "century" | "centuries" => (1200, 0, 0),
        _ => return None,
    })
}

/// interval_out with IntervalStyle postgres.
pub(super) fn interval(text: &str) -> Option<String> {
    parse_interval(text).map(print_interval)
}

/// interval_in.
pub(super) fn parse_interval(text: &str) -> Option<Interval> {
    let lower = text.trim().to_ascii_lowercase();
    let (mut months, mut days, mut micros) = (0_i64, 0_i64, 0_i64);
    let mut words = split_words(&lower).into_iter();
    let mut any = false;
    while let Some(word) = words.next() {
        any = true;
        if word.contains(':') {
            let (sign, text) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
            micros = micros.checked_add(sign * clock_micros(text)?)?;
            continue;
        }
        let (month, day, micro) = unit(words.next()?)?;
        let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
        if fraction.is_empty() {
            let count: i64 = whole.parse().ok()?;
            months = months.checked_add(count.checked_mul(month)?)?;
            days = days.checked_add(count.checked_mul(day)?)?;
            micros = micros.checked_add(count.checked_mul(micro)?)?;
        } else if micro > 0 {
            let count: f64 = word.parse().ok()?;
            micros = micros.checked_add((count * micro as f64).round() as i64)?;
        } else {
            return None;
        }
    }
    any.then_some(Interval { months, days, micros })
}

/// `1day` is two words.
fn split_words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split_ascii_whitespace() {
        let end = word.find(|c: char| c.is_ascii_alphabetic()).filter(|end| *end > 0);
        match end {
            Some(end) => words.extend([&word[..end], &word[end..]]),
            None => words.push(word),
        }
    }
    words
}

fn clock_micros(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().map_or(Some(0.0), |text| text.parse().ok())?;
    if parts.next().is_some() || !(0..60).contains(&minutes) || !(0.0..60.0).contains(&seconds) {
        return None;
    }
    hours.checked_mul(3_600_000_000)?.checked_add(minutes * 60_000_000 + (seconds * 1e6).round() as i64)
}

/// interval_out with IntervalStyle postgres.
pub(super) fn print_interval(Interval { months, days, micros }: Interval) -> String {
    let mut parts = Vec::new();
    let mut negative_before = false;
    let (years, months) = (months / 12, months % 12);
    for (count, word) in [(years, "year"), (months, "mon"), (days, "day")] {
        if count == 0 {
            continue;
        }
        let sign = if negative_before && count > 0 { "+" } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        parts.push(format!("{sign}{count} {word}{plural}"));
        negative_before = count < 0;
    }
    if micros != 0 || parts.is_empty() {
        let sign = match () {
            () if micros < 0 => "-",
            () if negative_before => "+",
            () => "",
        };
        let micros = micros.unsigned_abs();
        let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
        let mut text = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if fraction > 0 {
            text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
        }
        parts.push(text);
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_in_the_servers_style() {
        for (text, printed) in [
            ("7 days", "7 days"),
            ("24 hours", "24:00:00"),
            ("1 hour 30 minutes", "01:30:00"),
            ("1 year 2 months", "1 year 2 mons"),
            ("14 mons -3 days", "1 year 2 mons -3 days"),
            ("1.5 seconds", "00:00:01.5"),
            ("-1 day 2:03", "-1 days +02:03:00"),
            ("2weeks", "14 days"),
            ("0", "none"),
            ("0 days", "00:00:00"),
        ] {
            assert_eq!(interval(text).unwrap_or("none".to_owned()), printed, "{text}");
        }
    }

    #[test]
    fn points_in_time() {
        assert_eq!(date("2024-02-29").as_deref(), Some("2024-02-29"));
        assert_eq!(date("today"), None);
        assert_eq!(time("9:30").as_deref(), Some("09:30:00"));
        assert_eq!(timestamp("2024-01-01", false).as_deref(), Some("2024-01-01 00:00:00"));
        assert_eq!(timestamp("2024-01-01T10:00:00.5+02", true).as_deref(), Some("2024-01-01 08:00:00.5+00"));
        assert_eq!(timestamp("1970-01-01 00:00:00 UTC", true).as_deref(), Some("1970-01-01 00:00:00+00"));
        assert_eq!(timestamp("now", true), None);
    }
}
