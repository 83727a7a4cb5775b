//! A comparison for a pull request.

use std::io::{self, Write};

use crate::capture::figures::{count, time};
use crate::source::Sources;

use super::Comparison;
use super::change::Change;
use super::lock::LockChange;
use super::text::{cause_text, headline, regression, step_text, summary};

/// How many steps are shown of a query.
const MAX_STEPS: usize = 12;

/// Writes a comparison.
///
/// # Errors
/// Those of the writer.
pub fn write(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Query plans\n\n{}\n", summary(comparison))?;
    writeln!(out, "| query | time | pages | temporary pages | estimated cost | |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | --- |")?;
    for change in &comparison.changes {
        writeln!(out, "{}", row(change))?;
    }
    for (names, side) in comparison.alone.iter().zip(["before", "after"]) {
        for name in names {
            writeln!(out, "| {} | | | | | only {side} |", cell(name))?;
        }
    }
    for change in &comparison.changes {
        write_change(comparison, change, out)?;
    }
    Ok(())
}

fn row(change: &Change<'_>) -> String {
    let [before, after] = &change.work;
    let pair = |one: Option<f64>, other: Option<f64>, figure: fn(f64) -> String| match (one, other) {
        (Some(one), Some(other)) if one == other => figure(one),
        (Some(one), Some(other)) => format!("{} → {}", figure(one), figure(other)),
        _ => String::new(),
    };
    let fails = change.regressions.iter().any(|regression| regression.fails);
    let verdict = match change.speed_up() {
        _ if fails => "more work".to_owned(),
        Some(speed) if speed > 1.1 => "faster".to_owned(),
        Some(speed) if speed < 1.0 / 1.1 => "slower".to_owned(),
        _ => String::new(),
    };
    format!(
        "| {} | {} | {} | {} | {} | {verdict} |",
        cell(&change.name),
        pair(before.time, after.time, time),
        pair(before.pages, after.pages, count),
        pair(before.temp, after.temp, count),
        pair(before.cost, after.cost, count),
    )
}

fn write_change(comparison: &Comparison<'_>, change: &Change<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = change.gone.len() + change.new.len();
    let told = change.warnings.len() + change.causes.len() + change.steps.len() + findings;
    if told == 0 && !change.regressions.iter().any(|one| one.fails) {
        // The table says already that it is as it was.
        return Ok(());
    }
    writeln!(out, "\n<details><summary>{}: {}</summary>\n", html(&change.name), html(&headline(change)))?;
    for one in change.regressions.iter().filter(|one| one.fails) {
        writeln!(out, "- **{}**", regression(one))?;
    }
    for warning in &change.warnings {
        writeln!(out, "- ⚠ {}", html(warning))?;
    }
    for cause in &change.causes {
        writeln!(out, "- because {}", html(&cause_text(comparison.sources, cause)))?;
    }
    for (findings, word) in [(&change.gone, "gone"), (&change.new, "new")] {
        for finding in findings {
            writeln!(out, "- {word}: {} (`{}`)", html(&finding.message), finding.rule)?;
        }
    }
    if !change.steps.is_empty() {
        writeln!(out, "\n| work on | change |\n| --- | --- |")?;
    }
    for step in change.steps.iter().take(MAX_STEPS) {
        writeln!(out, "| {} | {} |", cell(&step.what), cell(&step_text(step)))?;
    }
    writeln!(out, "\n</details>")
}

/// Writes what a lock says of the plans.
///
/// # Errors
/// Those of the writer.
pub fn write_lock(sources: &Sources, changes: &[LockChange<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Query plans held against the lock\n\n| plan | | why |\n| --- | --- | --- |")?;
    for change in changes.iter().filter(|change| change.is_change()) {
        let verdict = if change.fails { "**more work**" } else { "changed" };
        let regressions = change.regressions.iter().map(|one| cell(&regression(one)));
        let [gone, new] = &change.lines;
        let lines = gone.iter().map(|line| format!("`- {}`", cell(line)));
        let lines = lines.chain(new.iter().map(|line| format!("`+ {}`", cell(line)))).take(MAX_STEPS);
        let causes = change.causes.iter().map(|cause| format!("because {}", cell(&cause_text(sources, cause))));
        let why: Vec<String> = regressions.chain(lines).chain(causes).collect();
        writeln!(out, "| {} | {verdict} | {} |", cell(&change.name), why.join("<br>"))?;
    }
    Ok(())
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cell(text: &str) -> String {
    html(text).replace('|', "\\|").replace(['\n', '\r'], " ")
}
