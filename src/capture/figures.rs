//! Figures as people read them.

/// `412,880`
pub fn count(number: f64) -> String {
    let digits = format!("{:.0}", number.max(0.0).round());
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `412,880 rows`
pub fn plural(number: f64, one: &str) -> String {
    let rounded = number.round();
    if rounded == 1.0 { format!("1 {one}") } else { format!("{} {one}s", count(rounded)) }
}

/// `0.31 ms`, `84.1 ms`, `1.24 s`, from milliseconds.
pub fn time(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => format!("{ms:.2} ms"),
        ms if ms < 1_000.0 => format!("{ms:.1} ms"),
        ms if ms < 100_000.0 => format!("{:.2} s", ms / 1_000.0),
        ms => format!("{:.0} s", ms / 1_000.0),
    }
}

/// `96 %`, from a part of 1; what is not all is never shown as 100 %.
pub fn percent(share: f64) -> String {
    let percent = (share * 100.0).round();
    let percent = if share < 1.0 { percent.min(99.0) } else { percent };
    format!("{percent:.0} %")
}

/// `384 kB`, `9 MB`, `1.2 GB`, from kB.
pub fn size(kb: f64) -> String {
    match kb {
        kb if kb < 1_024.0 => format!("{kb:.0} kB"),
        kb if kb < 10.0 * 1_024.0 => format!("{} MB", trim(kb / 1_024.0)),
        kb if kb < 1_024.0 * 1_024.0 => format!("{:.0} MB", kb / 1_024.0),
        kb => format!("{} GB", trim(kb / 1_048_576.0)),
    }
}

/// `12`, `1.5`: how many times.
pub fn times(factor: f64) -> String {
    if factor < 10.0 { trim(factor) } else { count(factor) }
}

fn trim(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Cuts a text that is too long for a line.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(count(412_880.0), "412,880");
        assert_eq!((plural(1.0, "row"), plural(1_000.0, "row")), ("1 row".to_owned(), "1,000 rows".to_owned()));
        assert_eq!((time(0.312), time(84.13), time(1_240.0)), ("0.31 ms".into(), "84.1 ms".into(), "1.24 s".into()));
        assert_eq!((percent(0.957), percent(0.999), percent(1.0)), ("96 %".into(), "99 %".into(), "100 %".into()));
        assert_eq!((size(384.0), size(9_216.0), size(2_000_000.0)), ("384 kB".into(), "9 MB".into(), "1.9 GB".into()));
        assert_eq!(shorten("abcdef", 4), "abc…");
    }
}
