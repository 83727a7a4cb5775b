//! A history for people.

use std::io::{self, Write};

use crate::capture::figures::{plural, shorten, time};
use crate::compare::{cause_text, place, speed};

use super::changes::PlanChange;
use super::loops::StatementLoop;
use super::statement::StatementHistory;
use super::{History, Run};

/// How many statements are shown; the rest is counted.
const MAX_STATEMENTS: usize = 20;
/// How many changes of plan are shown of a statement.
const MAX_CHANGES: usize = 6;
/// How many findings are shown of a statement.
const MAX_FINDINGS: usize = 5;
/// Statements are cut at this width.
const WIDTH: usize = 160;

/// Writes a history.
///
/// # Errors
/// Those of the writer.
pub fn write(history: &History<'_>, out: &mut dyn Write) -> io::Result<()> {
    let runs = plural(history.runs as f64, "run");
    let statements = plural(history.statements.len() as f64, "statement");
    let period = history.period.map(|(from, to)| format!(", {from} to {to}")).unwrap_or_default();
    writeln!(out, "{runs} of {statements}, {} in all{period}", time(history.total))?;
    for (at, statement) in history.statements.iter().take(MAX_STATEMENTS).enumerate() {
        write_statement(history, at + 1, statement, out)?;
    }
    if history.statements.len() > MAX_STATEMENTS {
        writeln!(out, "\nand {} more statements", history.statements.len() - MAX_STATEMENTS)?;
    }
    if !history.loops.is_empty() {
        writeln!(out, "\nstatements run in a loop")?;
    }
    for one in &history.loops {
        write_loop(history, one, out)?;
    }
    Ok(())
}

fn write_statement(
    history: &History<'_>,
    rank: usize,
    statement: &StatementHistory<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let share = if history.total > 0.0 { statement.total / history.total } else { 0.0 };
    writeln!(out, "\n{rank}. {}", shorten(&statement.query.replace('\n', " "), WIDTH))?;
    write!(
        out,
        "   {} of all time: {} in {}, {} a run",
        crate::capture::figures::percent(share),
        time(statement.total),
        plural(statement.runs.len() as f64, "run"),
        time(statement.mean)
    )?;
    if statement.runs.len() > 1 {
        write!(out, ", 95 % within {}, longest {}", time(statement.p95), time(statement.longest))?;
    }
    writeln!(out)?;
    if statement.alternates() {
        let plans = plural(statement.plans.len() as f64, "plan");
        writeln!(out, "   goes to and fro between {plans}, {} changes", statement.changes.len())?;
    }
    for change in statement.changes.iter().take(MAX_CHANGES) {
        write_change(history, change, out)?;
    }
    if statement.changes.len() > MAX_CHANGES {
        writeln!(out, "   and {} more changes of plan", statement.changes.len() - MAX_CHANGES)?;
    }
    for finding in statement.findings.iter().take(MAX_FINDINGS) {
        writeln!(out, "   {} [{}]", finding.message, finding.rule)?;
        for help in finding.help.iter().take(1) {
            writeln!(out, "     {help}")?;
        }
    }
    Ok(())
}

fn write_change(history: &History<'_>, change: &PlanChange<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "   another plan since {}: {}", moment(history, &change.since), speed(change.before, change.after))?;
    let more = match change.extra {
        extra if extra >= 1.0 => format!(", {} more in all", time(extra)),
        extra if extra <= -1.0 => format!(", {} less in all", time(-extra)),
        _ => String::new(),
    };
    let runs = plural(change.runs as f64, "run");
    writeln!(out, "     {} to {} a run, {runs}{more}", time(change.before), time(change.after))?;
    if change.how.is_empty() {
        writeln!(out, "     of the same shape")?;
    }
    for how in &change.how {
        writeln!(out, "     {how}")?;
    }
    if change.to_generic {
        writeln!(
            out,
            "     the plan is generic now: made once for any values; set plan_cache_mode = force_custom_plan plans anew"
        )?;
    }
    for cause in &change.causes {
        writeln!(out, "     because {}", cause_text(history.sources, cause))?;
    }
    Ok(())
}

/// When a run was logged; without a time stamp, where.
fn moment(history: &History<'_>, run: &Run<'_>) -> String {
    match run.timestamp {
        "" => place(history.sources, run.judged.plan.span),
        stamp => stamp.to_owned(),
    }
}

fn write_loop(history: &History<'_>, one: &StatementLoop<'_>, out: &mut dyn Write) -> io::Result<()> {
    let within = one.elapsed.map(|elapsed| format!(" within {}", time(elapsed.max(1) as f64))).unwrap_or_default();
    let session = if one.session.is_empty() { String::new() } else { format!(" in session {}", one.session) };
    let since = if one.first.timestamp.is_empty() { String::new() } else { format!(" at {}", one.first.timestamp) };
    writeln!(out, "\n   {}{within}{session}{since}", plural(one.runs as f64, "run"))?;
    writeln!(out, "     {}", shorten(&one.query.replace('\n', " "), WIDTH))?;
    if one.times > 1 {
        writeln!(out, "     {} such loops, {} in all", one.times, time(one.total))?;
    }
    if one.same_values {
        writeln!(out, "     always with the same values: keep what comes back")?;
    }
    if let Some(batch) = one.batch.as_ref().filter(|_| !one.same_values) {
        writeln!(out, "     one statement instead: {}", shorten(&batch.statement.replace('\n', " "), WIDTH))?;
    }
    if let Some(key) = &one.foreign_key {
        let place = if key.span.is_none() { String::new() } else { format!(" ({})", place(history.sources, key.span)) };
        writeln!(out, "     along foreign key {}: {}{place}", key.name, key.says)?;
        if let Some(statement) = &key.missing_index {
            writeln!(out, "     {statement}")?;
        }
    }
    Ok(())
}
