//! Dates, points in time and intervals. What the clock says is never known.
//!
//! A point in time with a zone is kept as the session's zone has it: its day and hour do not depend on which zone that
//! is, as long as no other zone is named.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{SignedDuration, Span};

use super::value::Value;
use crate::catalog::datetime::{
    Interval, parse_date, parse_interval, parse_timestamp, print_interval, print_timestamp,
};

const DAY: i64 = 86_400_000_000;

/// A value of the types of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Moment {
    Date(Date),
    /// timestamp.
    Timestamp(DateTime),
    /// timestamptz.
    Zoned(DateTime),
    Interval(Interval),
}

/// The types of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MomentType {
    Date,
    Timestamp,
    Zoned,
    Interval,
}

impl MomentType {
    pub(super) fn named(name: &str) -> Option<MomentType> {
        Some(match name {
            "date" => MomentType::Date,
            "timestamp" => MomentType::Timestamp,
            "timestamptz" => MomentType::Zoned,
            "interval" => MomentType::Interval,
            _ => return None,
        })
    }
}

impl Moment {
    /// The input of a type; `utc`: whether the session's zone is that.
    pub(super) fn read(text: &str, ty: MomentType, utc: bool) -> Option<Moment> {
        match ty {
            MomentType::Date => parse_date(text).map(Moment::Date),
            MomentType::Timestamp => parse_timestamp(text, false).map(Moment::Timestamp),
            MomentType::Zoned if utc => parse_timestamp(text, true).map(Moment::Zoned),
            MomentType::Zoned => None,
            MomentType::Interval => parse_interval(text).map(Moment::Interval),
        }
    }

    pub(super) fn print(self, utc: bool) -> Option<String> {
        match self {
            Moment::Date(date) => Some(date.to_string()),
            Moment::Timestamp(at) => Some(print_timestamp(at, false)),
            Moment::Zoned(at) => utc.then(|| print_timestamp(at, true)),
            Moment::Interval(interval) => Some(print_interval(interval)),
        }
    }

    pub(super) fn cast(self, ty: MomentType) -> Option<Moment> {
        Some(match (self, ty) {
            (Moment::Interval(interval), MomentType::Interval) => Moment::Interval(interval),
            (moment, MomentType::Date) => Moment::Date(moment.civil()?.date()),
            (moment, MomentType::Timestamp) => Moment::Timestamp(moment.civil()?),
            (moment, MomentType::Zoned) => Moment::Zoned(moment.civil()?),
            _ => return None,
        })
    }

    /// The day and the hour; `None` of an interval.
    fn civil(self) -> Option<DateTime> {
        match self {
            Moment::Date(date) => Some(date.to_datetime(jiff::civil::Time::midnight())),
            Moment::Timestamp(at) | Moment::Zoned(at) => Some(at),
            Moment::Interval(_) => None,
        }
    }

    /// A point in time of the same type, a date become a timestamp.
    fn at(self, at: DateTime) -> Moment {
        if let Moment::Zoned(_) = self { Moment::Zoned(at) } else { Moment::Timestamp(at) }
    }

    pub(super) fn compare(self, other: Moment) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Moment::Interval(a), Moment::Interval(b)) => Some(length(a).cmp(&length(b))),
            (a, b) => Some(a.civil()?.cmp(&b.civil()?)),
        }
    }

    /// `self + interval`, months first; the hours of a zone that is not known may not be as long as others.
    pub(super) fn plus(self, by: Interval) -> Option<Moment> {
        let at = self.civil()?.checked_add(Span::new().try_months(by.months).ok()?.try_days(by.days).ok()?).ok()?;
        Some(self.at(at.checked_add(SignedDuration::from_micros(by.micros)).ok()?))
    }
}

/// How long an interval is where it is compared: a month has 30 days.
fn length(interval: Interval) -> i128 {
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * i128::from(DAY) + i128::from(interval.micros)
}

fn scaled(by: Interval, factor: i64) -> Option<Interval> {
    Some(Interval {
        months: by.months.checked_mul(factor)?,
        days: by.days.checked_mul(factor)?,
        micros: by.micros.checked_mul(factor)?,
    })
}

fn sum(a: Interval, b: Interval) -> Option<Interval> {
    Some(Interval {
        months: a.months.checked_add(b.months)?,
        days: a.days.checked_add(b.days)?,
        micros: a.micros.checked_add(b.micros)?,
    })
}

/// `+`, `-` and `*` where a side is a value of time.
pub(super) fn arithmetic(name: &str, left: &Value, right: &Value) -> Option<Value> {
    let moment = match (name, left, right) {
        ("+", Value::Time(Moment::Date(date)), Value::Integer(days))
        | ("+", Value::Integer(days), Value::Time(Moment::Date(date))) => days_later(*date, *days)?,
        ("-", Value::Time(Moment::Date(date)), Value::Integer(days)) => days_later(*date, days.checked_neg()?)?,
        ("-", Value::Time(Moment::Date(a)), Value::Time(Moment::Date(b))) => {
            return Some(Value::Integer(a.duration_since(*b).as_hours() / 24));
        }
        ("+", Value::Time(Moment::Interval(a)), Value::Time(Moment::Interval(b))) => Moment::Interval(sum(*a, *b)?),
        ("-", Value::Time(Moment::Interval(a)), Value::Time(Moment::Interval(b))) => {
            Moment::Interval(sum(*a, scaled(*b, -1)?)?)
        }
        ("+", Value::Time(at), Value::Time(Moment::Interval(by)))
        | ("+", Value::Time(Moment::Interval(by)), Value::Time(at)) => at.plus(*by)?,
        ("-", Value::Time(at), Value::Time(Moment::Interval(by))) => at.plus(scaled(*by, -1)?)?,
        ("-", Value::Time(a), Value::Time(b)) => {
            let micros = i64::try_from(a.civil()?.duration_since(b.civil()?).as_micros()).ok()?;
            Moment::Interval(Interval { months: 0, days: micros / DAY, micros: micros % DAY })
        }
        ("*", Value::Time(Moment::Interval(by)), Value::Integer(factor))
        | ("*", Value::Integer(factor), Value::Time(Moment::Interval(by))) => Moment::Interval(scaled(*by, *factor)?),
        ("*", Value::Time(Moment::Interval(by)), Value::Number(factor))
        | ("*", Value::Number(factor), Value::Time(Moment::Interval(by)))
            if factor.fract() == 0.0 && factor.abs() < 1e9 =>
        {
            Moment::Interval(scaled(*by, *factor as i64)?)
        }
        _ => return None,
    };
    Some(Value::Time(moment))
}

fn days_later(date: Date, days: i64) -> Option<Moment> {
    date.checked_add(Span::new().try_days(days).ok()?).ok().map(Moment::Date)
}

/// The functions over values of time; `None` where this is none, or its result is not known.
pub(super) fn function(name: &str, args: &[Value]) -> Option<Value> {
    Some(match (name, args) {
        ("to_char", [Value::Time(at), Value::Text(pattern)]) => Value::text(to_char(at.civil()?, pattern)?),
        ("to_char", [Value::Integer(number), Value::Text(pattern)]) => Value::text(digits(*number, pattern)?),
        ("date_trunc", [Value::Text(field), Value::Time(at)]) => {
            Value::Time(at.at(truncated(at.civil()?, &field.to_lowercase())?))
        }
        ("extract" | "date_part", [Value::Text(field), Value::Time(at)]) => {
            Value::Number(extracted(at.civil()?, &field.to_lowercase())? as f64)
        }
        ("make_date", [Value::Integer(year), Value::Integer(month), Value::Integer(day)]) => {
            let part = |number: i64| i8::try_from(number).ok();
            let date = Date::new(i16::try_from(*year).ok()?, part(*month)?, part(*day)?).ok()?;
            Value::Time(Moment::Date(date))
        }
        ("to_date", [Value::Text(text), Value::Text(pattern)]) => Value::Time(Moment::Date(to_date(text, pattern)?)),
        _ => return None,
    })
}

/// generate_series over points in time; `None` where it does not end soon.
pub(super) fn series(from: Moment, to: Moment, step: Interval) -> Option<Vec<Value>> {
    const MOST: usize = 10_000;
    if length(step) <= 0 {
        return None;
    }
    let mut values = Vec::new();
    let mut next = from;
    while next.compare(to)?.is_le() {
        if values.len() == MOST {
            return None;
        }
        values.push(Value::Time(next));
        next = next.plus(step)?;
    }
    Some(values)
}

fn truncated(at: DateTime, field: &str) -> Option<DateTime> {
    let date = at.date();
    let first = |year: i16, month: i8| Date::new(year, month, 1).ok();
    let day = match field {
        "year" => first(date.year(), 1)?,
        "quarter" => first(date.year(), (date.month() - 1) / 3 * 3 + 1)?,
        "month" => first(date.year(), date.month())?,
        "week" => date.checked_sub(Span::new().days(date.weekday().to_monday_zero_offset())).ok()?,
        "day" => date,
        _ => {
            let with = match field {
                "hour" => at.with().minute(0).second(0),
                "minute" => at.with().second(0),
                "second" => at.with(),
                _ => return None,
            };
            return with.subsec_nanosecond(0).build().ok();
        }
    };
    Some(day.to_datetime(jiff::civil::Time::midnight()))
}

fn extracted(at: DateTime, field: &str) -> Option<i64> {
    let week = at.date().iso_week_date();
    Some(match field {
        "year" => at.year().into(),
        "quarter" => ((at.month() - 1) / 3 + 1).into(),
        "month" => at.month().into(),
        "week" => week.week().into(),
        "isoyear" => week.year().into(),
        "day" => at.day().into(),
        "doy" => at.day_of_year().into(),
        "dow" => at.weekday().to_sunday_zero_offset().into(),
        "isodow" => at.weekday().to_monday_one_offset().into(),
        "hour" => at.hour().into(),
        "minute" => at.minute().into(),
        _ => return None,
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn weekday(day: Weekday) -> &'static str {
    const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    DAYS[day.to_sunday_zero_offset() as usize]
}

/// The parts of a template, the longer before those that they begin with.
const PARTS: [&str; 20] = [
    "YYYY", "IYYY", "HH24", "HH12", "DDD", "MON", "Mon", "mon", "MM", "DD", "MI", "SS", "MS", "US", "YY", "IW", "WW",
    "HH", "DY", "Q",
];

/// to_char of a point in time. Parts that are not followed make the whole unknown.
fn to_char(at: DateTime, template: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            out.push_str(&quoted[..end]);
            rest = &quoted[end + 1..];
            continue;
        }
        let (plain, after) = match rest.strip_prefix("FM") {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let part = PARTS.iter().find(|part| begins_with(after, part)).copied();
        if let Some(part) = part {
            let behind = &after[part.len()..];
            // `DDth`, `Month`, `SSSS`
            if ["th", "TH", "ss", "SS"].iter().any(|letters| behind.starts_with(letters)) && part != "MI" {
                return None;
            }
            let text = part_of(at, part);
            let digits = text.trim_start_matches('0');
            out.push_str(match plain {
                true if digits.is_empty() => "0",
                true => digits,
                false => &text,
            });
            rest = behind;
        } else if plain || c.is_ascii_alphanumeric() || c == '\\' {
            return None;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}

/// The case of a part matters where it is a name.
fn begins_with(template: &str, part: &str) -> bool {
    let is_name = matches!(part, "MON" | "Mon" | "mon" | "DY");
    template.starts_with(part) || (!is_name && template.starts_with(&part.to_lowercase()))
}

fn part_of(at: DateTime, part: &str) -> String {
    let week = at.date().iso_week_date();
    let month = &MONTHS[usize::from(at.month().unsigned_abs()) - 1][..3];
    let half_day = (at.hour() + 11) % 12 + 1;
    match part {
        "YYYY" => format!("{:04}", at.year()),
        "IYYY" => format!("{:04}", week.year()),
        "YY" => format!("{:02}", at.year() % 100),
        "Q" => ((at.month() - 1) / 3 + 1).to_string(),
        "MM" => format!("{:02}", at.month()),
        "MON" => month.to_uppercase(),
        "Mon" => month.to_owned(),
        "mon" => month.to_lowercase(),
        "IW" => format!("{:02}", week.week()),
        "WW" => format!("{:02}", (at.day_of_year() - 1) / 7 + 1),
        "DDD" => format!("{:03}", at.day_of_year()),
        "DD" => format!("{:02}", at.day()),
        "DY" => weekday(at.weekday())[..3].to_uppercase(),
        "HH24" => format!("{:02}", at.hour()),
        "HH12" | "HH" => format!("{half_day:02}"),
        "MI" => format!("{:02}", at.minute()),
        "SS" => format!("{:02}", at.second()),
        "MS" => format!("{:03}", at.subsec_nanosecond() / 1_000_000),
        _ => format!("{:06}", at.subsec_nanosecond() / 1_000),
    }
}

/// to_char of a number with as many digits as the template has, of `0` and `9` alone.
fn digits(number: i64, template: &str) -> Option<String> {
    let upper = template.to_uppercase();
    let (plain, pattern) = upper.strip_prefix("FM").map_or((false, &*upper), |rest| (true, rest));
    let zeros = pattern.bytes().all(|byte| byte == b'0');
    let text = number.to_string();
    if number < 0 || pattern.is_empty() || text.len() > pattern.len() {
        return None;
    }
    match (zeros, pattern.bytes().all(|byte| byte == b'9'), plain) {
        (true, _, true) => Some(format!("{number:0width$}", width = pattern.len())),
        (true, _, false) => Some(format!(" {number:0width$}", width = pattern.len())),
        (_, true, true) => Some(text),
        (_, true, false) => Some(format!(" {text:>width$}", width = pattern.len())),
        _ => None,
    }
}

/// to_date with a year, a month and a day of fixed width.
fn to_date(text: &str, template: &str) -> Option<Date> {
    let (mut year, mut month, mut day) = (None, 1, 1);
    let (mut rest, mut pattern) = (text, template);
    while !pattern.is_empty() {
        let part = ["YYYY", "MM", "DD"].into_iter().find(|part| pattern.starts_with(part));
        let width = part.map_or(1, str::len);
        let (piece, after) = rest.split_at_checked(width)?;
        match part {
            Some("YYYY") => year = Some(piece.parse().ok()?),
            Some("MM") => month = piece.parse().ok()?,
            Some(_) => day = piece.parse().ok()?,
            None if pattern.starts_with(piece) && !piece.contains(|c: char| c.is_alphanumeric()) => {}
            None => return None,
        }
        (rest, pattern) = (after, pattern.get(width..)?);
    }
    Date::new(year?, month, day).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        parse_timestamp(text, false).expect("a timestamp")
    }

    #[test]
    fn templates() {
        for (template, printed) in [
            ("YYYY_MM", Some("2024_03")),
            ("YYYY\"m\"MM", Some("2024m03")),
            ("IYYY\"w\"IW", Some("2024w10")),
            ("FMMM/FMDD", Some("3/5")),
            ("HH24MISS", Some("130709")),
            ("yyyymmdd", Some("20240305")),
            ("SSSS", None),
            ("Mon-YY", Some("Mar-24")),
            ("Month", None),
            ("DDth", None),
            ("YYYY-foo", None),
        ] {
            assert_eq!(to_char(at("2024-03-05 13:07:09"), template).as_deref(), printed, "{template}");
        }
        assert_eq!(digits(7, "FM000").as_deref(), Some("007"));
        assert_eq!(digits(7, "00").as_deref(), Some(" 07"));
        assert_eq!(digits(1234, "FM000"), None);
    }

    #[test]
    fn months_are_added_first() {
        let month = parse_interval("1 month").expect("an interval");
        let moment = Moment::Date(parse_date("2024-01-31").expect("a date"));
        assert_eq!(moment.plus(month), Some(Moment::Timestamp(at("2024-02-29"))));
        let from = Moment::Timestamp(at("2024-01-01"));
        assert_eq!(series(from, Moment::Timestamp(at("2024-03-01")), month).map(|all| all.len()), Some(3));
        assert_eq!(series(from, from, Interval { months: 0, days: 0, micros: 0 }), None);
    }

    #[test]
    fn beginnings_and_fields() {
        assert_eq!(truncated(at("2024-05-17 10:30"), "quarter"), Some(at("2024-04-01")));
        assert_eq!(truncated(at("2024-05-17 10:30"), "week"), Some(at("2024-05-13")));
        assert_eq!(truncated(at("2024-05-17 10:30"), "hour"), Some(at("2024-05-17 10:00")));
        assert_eq!(extracted(at("2024-05-17"), "dow"), Some(5));
        assert_eq!(to_date("2024_05", "YYYY_MM"), parse_date("2024-05-01"));
        assert_eq!(to_date("24-05", "YY-MM"), None);
    }
}
