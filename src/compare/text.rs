//! A comparison for people.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::capture::figures::{count, percent, plural, time, times};
use crate::source::{Sources, Span};

use super::change::{Change, Side, Step};
use super::lock::LockChange;
use super::work::{Measure, Regression};
use super::{Cause, Comparison};

/// How many steps are shown; the rest is counted.
const MAX_STEPS: usize = 12;

/// `106x, 99.1 % faster`: from ms before and after.
pub fn speed(before: f64, after: f64) -> String {
    if before <= 0.0 || after <= 0.0 {
        return "no comparable time".to_owned();
    }
    let (factor, word) = if after <= before { (before / after, "faster") } else { (after / before, "slower") };
    let share = (1.0 - after / before).abs() * 100.0;
    if factor < 1.005 {
        return "as fast as before".to_owned();
    }
    // What takes some time is never 100 % faster.
    let share = if word == "faster" { share.min(99.9) } else { share };
    let factor = if factor < 10.0 { format!("{factor:.1}") } else { count(factor) };
    let share = if share < 1_000.0 { format!("{share:.1}") } else { count(share) };
    format!("{factor}x, {share} % {word}")
}

/// Writes a comparison.
///
/// # Errors
/// Those of the writer.
pub fn write(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    for change in &comparison.changes {
        write_change(comparison.sources, change, out)?;
        writeln!(out)?;
    }
    for (names, side) in comparison.alone.iter().zip(["before", "after"]) {
        for name in names {
            writeln!(out, "{name}: only {side}")?;
        }
    }
    if comparison.changes.len() > 1 {
        writeln!(out, "{}", summary(comparison))?;
    }
    Ok(())
}

/// `3 queries compared: 2 faster, 1 slower; 1 does more work`
pub fn summary(comparison: &Comparison<'_>) -> String {
    let speeds: Vec<f64> = comparison.changes.iter().filter_map(Change::speed_up).collect();
    let faster = speeds.iter().filter(|speed| **speed > 1.1).count();
    let slower = speeds.iter().filter(|speed| **speed < 1.0 / 1.1).count();
    let fails = |change: &&Change<'_>| change.regressions.iter().any(|one| one.fails);
    let failing = comparison.changes.iter().filter(fails).count();
    let compared = match comparison.changes.len() {
        1 => "1 query".to_owned(),
        more => format!("{more} queries"),
    };
    format!("{compared} compared: {faster} faster, {slower} slower, {failing} with more work than before")
}

fn write_change(sources: &Sources, change: &Change<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", change.name, headline(change))?;
    for line in figures(change) {
        writeln!(out, "  {line}")?;
    }
    for warning in &change.warnings {
        writeln!(out, "  warning: {warning}")?;
    }
    if !change.steps.is_empty() {
        writeln!(out)?;
    }
    for step in change.steps.iter().take(MAX_STEPS) {
        writeln!(out, "  {}: {}", step.what, step_text(step))?;
    }
    if change.steps.len() > MAX_STEPS {
        writeln!(out, "  and {} smaller changes", change.steps.len() - MAX_STEPS)?;
    }
    for (findings, word) in [(&change.gone, "gone"), (&change.new, "new")] {
        for finding in findings {
            writeln!(out, "  {word}: {} [{}]", finding.message, finding.rule)?;
        }
    }
    for cause in &change.causes {
        writeln!(out, "  because {}", cause_text(sources, cause))?;
    }
    Ok(())
}

/// What is said first.
pub fn headline(change: &Change<'_>) -> String {
    match (change.work[0].time, change.work[1].time) {
        (Some(before), Some(after)) => format!("{} ({} to {})", speed(before, after), time(before), time(after)),
        _ => "without times on both sides".to_owned(),
    }
}

/// A line for each figure of the whole that changed.
pub fn figures(change: &Change<'_>) -> Vec<String> {
    let [before, after] = &change.work;
    let mut lines = Vec::new();
    let pairs = [
        ("pages", before.pages, after.pages),
        ("pages not cached", before.read, after.read),
        ("temporary pages", before.temp, after.temp),
        ("estimated cost", before.cost, after.cost),
        ("rows", before.rows, after.rows),
    ];
    for (name, one, other) in pairs {
        let (Some(one), Some(other)) = (one, other) else { continue };
        if one != other {
            lines.push(format!("{name} {} to {}{}", count(one), count(other), factor(one, other)));
        }
    }
    let failing = change.regressions.iter().filter(|regression| regression.fails).map(regression);
    lines.extend(failing.map(|text| format!("fails: {text}")));
    lines
}

/// `, 461x fewer`, where it is worth saying.
fn factor(one: f64, other: f64) -> String {
    let (least, most) = (one.min(other), one.max(other));
    if least <= 0.0 || most / least < 1.5 {
        return String::new();
    }
    let word = if other < one { "fewer" } else { "more" };
    format!(", {}x {word}", times(most / least))
}

/// `pages 12 to 5,530`
pub fn regression(regression: &Regression) -> String {
    let figure = |value: f64| if regression.measure == Measure::Time { time(value) } else { count(value) };
    let more = match regression.before {
        before if before > 0.0 => format!(" (+{})", percent_more(regression.after / before - 1.0)),
        _ => String::new(),
    };
    format!("{} {} to {}{more}", regression.measure.name(), figure(regression.before), figure(regression.after))
}

fn percent_more(share: f64) -> String {
    if share < 1.0 { percent(share) } else { format!("{} %", count(share * 100.0)) }
}

/// `Seq Scan on orders, 83.2 ms, 5,530 pages → Index Scan using …, 0.30 ms, 12 pages`
pub fn step_text(step: &Step) -> String {
    match (&step.before, &step.after) {
        (Some(before), Some(after)) if before.title == after.title => {
            format!("{}, {} → {}", before.title, side_figures(before), side_figures(after))
        }
        (Some(before), Some(after)) => format!("{} → {}", side_text(before), side_text(after)),
        (Some(before), None) => format!("{}, gone", side_text(before)),
        (None, Some(after)) => format!("{}, new", side_text(after)),
        (None, None) => String::new(),
    }
}

fn side_text(side: &Side) -> String {
    let figures = side_figures(side);
    if figures.is_empty() { side.title.clone() } else { format!("{}, {figures}", side.title) }
}

fn side_figures(side: &Side) -> String {
    if side.loops == Some(0.0) {
        return "never executed".to_owned();
    }
    let mut parts = Vec::new();
    parts.extend(side.time.map(time));
    parts.extend(side.pages.map(|pages| plural(pages, "page")));
    parts.extend(side.rows.map(|rows| plural(rows, "row")));
    parts.extend(side.loops.filter(|loops| *loops > 1.0).map(|loops| plural(loops, "run")));
    parts.join(", ")
}

/// `migrations/7_x.sql:3 drops index …`
pub fn cause_text(sources: &Sources, cause: &Cause) -> String {
    format!("{} {}", place(sources, cause.span), cause.what)
}

/// `file:line`
pub fn place(sources: &Sources, span: Span) -> String {
    let file = sources.file(span.file);
    format!("{}:{}", file.name, file.line_column(span.start).line)
}

/// Writes what a lock says of the plans.
///
/// # Errors
/// Those of the writer.
pub fn write_lock(sources: &Sources, changes: &[LockChange<'_>], out: &mut dyn Write) -> io::Result<()> {
    for change in changes.iter().filter(|change| change.is_change()) {
        let mut text = String::new();
        lock_change(sources, change, &mut text);
        out.write_all(text.as_bytes())?;
    }
    let failing = changes.iter().filter(|change| change.fails).count();
    let changed = changes.iter().filter(|change| change.is_change()).count();
    writeln!(
        out,
        "{} held against the lock: {changed} changed, {failing} failing",
        plural(changes.len() as f64, "plan")
    )
}

fn lock_change(sources: &Sources, change: &LockChange<'_>, text: &mut String) {
    let what = match (change.locked, &change.now) {
        (None, _) => "not in the lock",
        (_, None) => "in the lock, and not captured any more",
        _ if change.fails => "does more work than the lock allows",
        _ => "changed",
    };
    let _ = writeln!(text, "{}: {what}", change.name);
    for one in &change.regressions {
        let _ = writeln!(text, "  {}", regression(one));
    }
    for (lines, sign) in change.lines.iter().zip(['-', '+']) {
        for line in lines.iter().take(MAX_STEPS) {
            let _ = writeln!(text, "  {sign} {line}");
        }
    }
    for cause in &change.causes {
        let _ = writeln!(text, "  because {}", cause_text(sources, cause));
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_in_words() {
        assert_eq!(speed(84.1, 0.79), "106x, 99.1 % faster");
        assert_eq!(speed(10.0, 5.0), "2.0x, 50.0 % faster");
        assert_eq!(speed(5.0, 16.0), "3.2x, 220.0 % slower");
        assert_eq!(speed(5.0, 5.0), "as fast as before");
        assert_eq!(speed(100_000.0, 0.01), "10,000,000x, 99.9 % faster");
        assert_eq!(speed(0.0, 1.0), "no comparable time");
    }
}
