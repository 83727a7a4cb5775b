//! The time stamps of logs.

use jiff::civil::DateTime;

/// ms since 1970 in the log's own zone: `2025-06-01 10:00:00.123 UTC`, `1748772000.123` (`%n`).
pub fn milliseconds(stamp: &str) -> Option<i64> {
    if let Some((seconds, rest)) = stamp.split_once('.')
        && seconds.len() >= 9
        && seconds.bytes().all(|byte| byte.is_ascii_digit())
    {
        let fraction: i64 = rest.get(..3)?.parse().ok()?;
        return seconds.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(fraction);
    }
    let date = stamp.get(..10)?;
    let clock: String = stamp.get(11..)?.chars().take_while(|c| c.is_ascii_digit() || matches!(c, ':' | '.')).collect();
    let moment: DateTime = format!("{date}T{clock}").parse().ok()?;
    let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    i64::try_from(moment.duration_since(start).as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_every_prefix() {
        assert_eq!(milliseconds("1970-01-01 00:00:01 UTC"), Some(1_000));
        assert_eq!(milliseconds("1970-01-02 00:00:00.250 CEST"), Some(86_400_250));
        assert_eq!(milliseconds("1970-01-01T00:00:01.5Z"), Some(1_500));
        assert_eq!(milliseconds("1748772000.123"), Some(1_748_772_000_123));
        for odd in ["", "2025", "2025-13-01 10:00:00", "not a time stamp", "2025-06-01 xx"] {
            assert_eq!(milliseconds(odd), None, "{odd}");
        }
    }
}
