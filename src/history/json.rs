//! A history for machines; docs/plans.md says what each field means.

use std::io::{self, Write};

use serde::Serialize;

use crate::compare::place;

use super::History;
use super::changes::{PlanChange, PlanKind};
use super::loops::StatementLoop;
use super::statement::StatementHistory;

/// Rises when a field goes or changes its meaning; new fields do not raise it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonHistory<'a> {
    version: u32,
    runs: usize,
    total_ms: f64,
    from: Option<&'a str>,
    to: Option<&'a str>,
    statements: Vec<JsonStatement<'a>>,
    loops: Vec<JsonLoop<'a>>,
}

#[derive(Serialize)]
struct JsonStatement<'a> {
    query: &'a str,
    runs: usize,
    total_ms: f64,
    mean_ms: f64,
    p95_ms: f64,
    longest_ms: f64,
    extra_ms: f64,
    alternates: bool,
    plans: Vec<JsonPlan<'a>>,
    changes: Vec<JsonPlanChange<'a>>,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct JsonPlan<'a> {
    id: &'a str,
    tree: &'a [String],
    runs: usize,
    mean_ms: f64,
    generic: bool,
    first: &'a str,
    last: &'a str,
}

#[derive(Serialize)]
struct JsonPlanChange<'a> {
    since: &'a str,
    from: &'a str,
    to: &'a str,
    runs: usize,
    before_ms: f64,
    after_ms: f64,
    extra_ms: f64,
    how: &'a [String],
    to_generic: bool,
    causes: Vec<JsonCause<'a>>,
}

#[derive(Serialize)]
struct JsonCause<'a> {
    place: String,
    what: &'a str,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: &'a [String],
}

#[derive(Serialize)]
struct JsonLoop<'a> {
    query: &'a str,
    session: &'a str,
    since: &'a str,
    runs: usize,
    times: usize,
    total_ms: f64,
    elapsed_ms: Option<i64>,
    same_values: bool,
    batch: Option<&'a str>,
    foreign_key: Option<JsonForeignKey<'a>>,
}

#[derive(Serialize)]
struct JsonForeignKey<'a> {
    name: &'a str,
    says: &'a str,
    place: Option<String>,
    missing_index: Option<&'a str>,
}

/// Writes a history.
///
/// # Errors
/// Those of the writer.
pub fn write(history: &History<'_>, out: &mut dyn Write) -> io::Result<()> {
    let json = JsonHistory {
        version: VERSION,
        runs: history.runs,
        total_ms: history.total,
        from: history.period.map(|(from, _)| from),
        to: history.period.map(|(_, to)| to),
        statements: history.statements.iter().map(|statement| json_statement(history, statement)).collect(),
        loops: history.loops.iter().map(|one| json_loop(history, one)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn json_statement<'a>(history: &History<'_>, statement: &'a StatementHistory<'_>) -> JsonStatement<'a> {
    let findings = statement.findings.iter().map(|finding| JsonFinding {
        rule: finding.rule,
        severity: finding.severity.name(),
        message: &finding.message,
        help: &finding.help,
    });
    JsonStatement {
        query: &statement.query,
        runs: statement.runs.len(),
        total_ms: statement.total,
        mean_ms: statement.mean,
        p95_ms: statement.p95,
        longest_ms: statement.longest,
        extra_ms: statement.extra(),
        alternates: statement.alternates(),
        plans: statement.plans.iter().map(json_plan).collect(),
        changes: statement.changes.iter().map(|change| json_change(history, statement, change)).collect(),
        findings: findings.collect(),
    }
}

fn json_plan<'a>(kind: &'a PlanKind<'_>) -> JsonPlan<'a> {
    JsonPlan {
        id: &kind.id,
        tree: &kind.tree,
        runs: kind.runs,
        mean_ms: kind.mean(),
        generic: kind.generic,
        first: kind.first.timestamp,
        last: kind.last.timestamp,
    }
}

fn json_change<'a>(
    history: &History<'_>,
    statement: &'a StatementHistory<'_>,
    change: &'a PlanChange<'_>,
) -> JsonPlanChange<'a> {
    let causes = change.causes.iter();
    JsonPlanChange {
        since: change.since.timestamp,
        from: &statement.plans[change.from].id,
        to: &statement.plans[change.to].id,
        runs: change.runs,
        before_ms: change.before,
        after_ms: change.after,
        extra_ms: change.extra,
        how: &change.how,
        to_generic: change.to_generic,
        causes: causes
            .map(|cause| JsonCause { place: place(history.sources, cause.span), what: &cause.what })
            .collect(),
    }
}

fn json_loop<'a>(history: &History<'_>, one: &'a StatementLoop<'_>) -> JsonLoop<'a> {
    let foreign_key = one.foreign_key.as_ref().map(|key| JsonForeignKey {
        name: &key.name,
        says: &key.says,
        place: (!key.span.is_none()).then(|| place(history.sources, key.span)),
        missing_index: key.missing_index.as_deref(),
    });
    JsonLoop {
        query: &one.query,
        session: one.session,
        since: one.first.timestamp,
        runs: one.runs,
        times: one.times,
        total_ms: one.total,
        elapsed_ms: one.elapsed,
        same_values: one.same_values,
        batch: one.batch.as_ref().map(|batch| batch.statement.as_str()),
        foreign_key,
    }
}
