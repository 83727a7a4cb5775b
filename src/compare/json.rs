//! A comparison for machines; docs/plans.md says what each field means.

use std::io::{self, Write};

use serde::Serialize;

use crate::finding::Finding;
use crate::source::Sources;

use super::change::{Change, Side, Step};
use super::lock::{LockChange, LockedPlan};
use super::work::{Regression, Work};
use super::{Cause, Comparison, text};

/// Rises when a field goes or changes its meaning; new fields do not raise it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonComparison<'a> {
    version: u32,
    fails: bool,
    changes: Vec<JsonChange<'a>>,
    only_before: &'a [String],
    only_after: &'a [String],
}

#[derive(Serialize)]
struct JsonChange<'a> {
    name: &'a str,
    query: Option<&'a str>,
    before: JsonWork,
    after: JsonWork,
    speed_up: Option<f64>,
    percent_faster: Option<f64>,
    text: String,
    same_shape: bool,
    steps: Vec<JsonStep<'a>>,
    findings_gone: Vec<JsonFinding<'a>>,
    findings_new: Vec<JsonFinding<'a>>,
    warnings: &'a [String],
    causes: Vec<JsonCause<'a>>,
    regressions: Vec<JsonRegression>,
}

#[derive(Serialize)]
struct JsonWork {
    time_ms: Option<f64>,
    pages: Option<f64>,
    pages_read: Option<f64>,
    temp_pages: Option<f64>,
    cost: Option<f64>,
    rows: Option<f64>,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    what: &'a str,
    before: Option<JsonSide<'a>>,
    after: Option<JsonSide<'a>>,
}

#[derive(Serialize)]
struct JsonSide<'a> {
    node: u32,
    title: &'a str,
    time_ms: Option<f64>,
    pages: Option<f64>,
    rows: Option<f64>,
    loops: Option<f64>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    subject: &'a str,
}

#[derive(Serialize)]
struct JsonCause<'a> {
    file: &'a str,
    line: u32,
    what: &'a str,
}

#[derive(Serialize)]
struct JsonRegression {
    measure: &'static str,
    before: f64,
    after: f64,
    fails: bool,
}

#[derive(Serialize)]
struct JsonLock<'a> {
    version: u32,
    fails: bool,
    changes: Vec<JsonLockChange<'a>>,
}

#[derive(Serialize)]
struct JsonLockChange<'a> {
    name: &'a str,
    fails: bool,
    locked: Option<&'a LockedPlan>,
    now: Option<&'a LockedPlan>,
    lines_gone: &'a [String],
    lines_new: &'a [String],
    regressions: Vec<JsonRegression>,
    causes: Vec<JsonCause<'a>>,
}

/// Writes a comparison.
///
/// # Errors
/// Those of the writer.
pub fn write(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    let [only_before, only_after] = &comparison.alone;
    let changes = comparison.changes.iter().map(|change| json_change(comparison.sources, change)).collect();
    let json = JsonComparison { version: VERSION, fails: comparison.fails(), changes, only_before, only_after };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

/// Writes what a lock says of the plans.
///
/// # Errors
/// Those of the writer.
pub fn write_lock(sources: &Sources, changes: &[LockChange<'_>], out: &mut dyn Write) -> io::Result<()> {
    let all = changes.iter().filter(|change| change.is_change()).map(|change| JsonLockChange {
        name: &change.name,
        fails: change.fails,
        locked: change.locked,
        now: change.now.as_ref(),
        lines_gone: &change.lines[0],
        lines_new: &change.lines[1],
        regressions: change.regressions.iter().map(json_regression).collect(),
        causes: change.causes.iter().map(|cause| json_cause(sources, cause)).collect(),
    });
    let fails = changes.iter().any(|change| change.fails);
    serde_json::to_writer_pretty(&mut *out, &JsonLock { version: VERSION, fails, changes: all.collect() })?;
    writeln!(out)
}

fn json_change<'a>(sources: &'a Sources, change: &'a Change<'_>) -> JsonChange<'a> {
    let speed_up = change.speed_up();
    let times = change.work[0].time.zip(change.work[1].time);
    JsonChange {
        name: &change.name,
        query: change.after.plan.query.as_ref().or(change.before.plan.query.as_ref()).map(|query| &*query.text),
        before: json_work(&change.work[0]),
        after: json_work(&change.work[1]),
        speed_up,
        percent_faster: speed_up.map(|speed| (1.0 - 1.0 / speed) * 100.0),
        text: times.map_or_else(String::new, |(before, after)| text::speed(before, after)),
        same_shape: change.is_same_shape(),
        steps: change.steps.iter().map(json_step).collect(),
        findings_gone: change.gone.iter().map(|finding| json_finding(finding)).collect(),
        findings_new: change.new.iter().map(|finding| json_finding(finding)).collect(),
        warnings: &change.warnings,
        causes: change.causes.iter().map(|cause| json_cause(sources, cause)).collect(),
        regressions: change.regressions.iter().map(json_regression).collect(),
    }
}

fn json_work(work: &Work) -> JsonWork {
    JsonWork {
        time_ms: work.time,
        pages: work.pages,
        pages_read: work.read,
        temp_pages: work.temp,
        cost: work.cost,
        rows: work.rows,
    }
}

fn json_step(step: &Step) -> JsonStep<'_> {
    JsonStep {
        what: &step.what,
        before: step.before.as_ref().map(json_side),
        after: step.after.as_ref().map(json_side),
    }
}

fn json_side(side: &Side) -> JsonSide<'_> {
    JsonSide {
        node: side.node.0,
        title: &side.title,
        time_ms: side.time,
        pages: side.pages,
        rows: side.rows,
        loops: side.loops,
    }
}

fn json_finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: finding.rule,
        severity: finding.severity.name(),
        message: &finding.message,
        subject: &finding.subject,
    }
}

fn json_cause<'a>(sources: &'a Sources, cause: &'a Cause) -> JsonCause<'a> {
    let file = sources.file(cause.span.file);
    JsonCause { file: &file.name, line: file.line_column(cause.span.start).line, what: &cause.what }
}

fn json_regression(regression: &Regression) -> JsonRegression {
    JsonRegression {
        measure: regression.measure.name(),
        before: regression.before,
        after: regression.after,
        fails: regression.fails,
    }
}
