//! The documented JSON: `docs/json.md` says what each field means. One finding a line.

use std::io::{self, Write};

use serde::Serialize;

use super::{Outcome, counts, fingerprints, rule_url};
use crate::finding::{Edit, Finding, Fix, Safety, Severity};
use crate::source::{SourceFile, Span};

/// Rises when a field goes or changes its meaning; new fields do not raise it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    category: Option<&'static str>,
    severity: &'static str,
    message: &'a str,
    sqlstate: Option<&'static str>,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    statement: Option<Place<'a>>,
    label: &'a str,
    labels: Vec<JsonLabel<'a>>,
    notes: &'a [String],
    help: &'a [String],
    fixes: Vec<JsonFix<'a>>,
    subject: &'a str,
    fingerprint: String,
    url: Option<String>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    byte: u32,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<JsonEdit<'a>>,
    migration: &'a [String],
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    #[serde(flatten)]
    place: Option<Place<'a>>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    infos: usize,
    migrations: usize,
    pending: Option<usize>,
    plans: usize,
    queries: usize,
    known: Option<usize>,
    gone: usize,
}

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    write!(out, r#"{{"version":{VERSION},"tool":{{"name":"pglint","version":"{version}"}},"findings":["#)?;
    let mut separator = "\n";
    for (finding, fingerprint) in outcome.findings.iter().zip(fingerprints(outcome)) {
        out.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut *out, &mirror(outcome, finding, fingerprint))?;
        separator = ",\n";
    }
    write!(out, "\n],\"summary\":")?;
    serde_json::to_writer(&mut *out, &summary(outcome))?;
    writeln!(out, "}}")
}

fn mirror<'a>(outcome: &Outcome<'a>, finding: &'a Finding, fingerprint: String) -> JsonFinding<'a> {
    let rule = outcome.rule(finding.rule);
    JsonFinding {
        rule: finding.rule,
        category: rule.map(|rule| rule.category.name()),
        severity: finding.severity.name(),
        message: &finding.message,
        sqlstate: finding.sqlstate,
        place: place(outcome, finding.span),
        statement: place(outcome, finding.statement),
        label: &finding.label,
        labels: finding
            .labels
            .iter()
            .map(|label| JsonLabel { message: &label.message, place: place(outcome, label.span) })
            .collect(),
        notes: &finding.notes,
        help: &finding.help,
        fixes: finding.fixes.iter().map(|fix| json_fix(outcome, fix)).collect(),
        subject: &finding.subject,
        fingerprint,
        url: rule.map(rule_url),
    }
}

fn json_fix<'a>(outcome: &Outcome<'a>, fix: &'a Fix) -> JsonFix<'a> {
    let edit = |edit: &'a Edit| JsonEdit { place: place(outcome, edit.span), replacement: &edit.replacement };
    JsonFix {
        title: &fix.title,
        safety: match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        },
        edits: fix.edits.iter().map(edit).collect(),
        migration: &fix.migration,
    }
}

fn place<'a>(outcome: &Outcome<'a>, span: Span) -> Option<Place<'a>> {
    let file = outcome.file(span)?;
    Some(Place { file: &file.name, start: point(file, span.start), end: point(file, span.end) })
}

fn point(file: &SourceFile, byte: u32) -> Point {
    let at = file.line_column(byte);
    Point { line: at.line, column: at.column, byte }
}

fn summary(outcome: &Outcome<'_>) -> Summary {
    let counts = counts(outcome.findings);
    let scope = outcome.scope;
    Summary {
        errors: counts.of(Severity::Error),
        warnings: counts.of(Severity::Warning),
        infos: counts.of(Severity::Info),
        migrations: scope.migrations,
        pending: scope.pending,
        plans: scope.plans,
        queries: scope.queries,
        known: scope.known,
        gone: scope.gone,
    }
}
