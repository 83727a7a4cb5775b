//! The findings of a run as text for people and for machines.
//!
//! Each format owns the structs that it serializes, so that renaming one of our fields breaks
//! nobody's pipeline. All of them write as they go and cost no more than their output is long.

mod advisors;
mod fingerprint;
mod gather;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
mod short;
mod snippet;

use std::io::{self, Write};
use std::time::Duration;

use crate::advisor::Advice;
use crate::finding::{Finding, Severity};
use crate::rule::Rule;
use crate::source::{FileId, SourceFile, Sources, Span};

pub use gather::gathered;

pub use fingerprint::{fingerprints, kind_of_finding};

/// What a report is made from.
#[derive(Clone, Copy)]
pub struct Outcome<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// What was found, in the order to show it.
    pub findings: &'a [Finding],
    /// What Supabase's advisor would print, where that was asked for.
    pub advice: &'a [Advice],
    /// The rules that ran, for their summaries and pages.
    pub rules: &'a [&'a Rule],
    /// What was looked at.
    pub scope: Scope,
}

/// How much was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Scope {
    /// Migrations and schema files.
    pub migrations: usize,
    /// How many of them are not applied yet, where that is known.
    pub pending: Option<usize>,
    /// How many findings a baseline knows and are left out, where there is one.
    pub known: Option<usize>,
    /// How many findings a baseline knows that are found no more.
    pub gone: usize,
    /// Files with captured plans.
    pub plans: usize,
    /// Query files and other SQL that no migration runner applies.
    pub queries: usize,
}

/// The forms a report can take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// For people: the source with what is wrong underlined
    Human,
    /// Versioned JSON, described in docs/json.md
    Json,
    /// Annotations of a GitHub workflow run
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A line a finding: file:line:column: severity: message [rule]
    Short,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit XML, for what reads test results
    Junit,
    /// What Supabase's advisor prints about the database that the migrations make, as its JSON
    Advisors,
}

impl Format {
    /// Whether it tells what a fix changes, and not only what it is called.
    pub fn writes_fixes(self) -> bool {
        matches!(self, Format::Json | Format::Sarif)
    }
}

/// What the human report may show.
#[derive(Clone, Copy, Default, Debug)]
pub struct Style {
    /// Whether to send escape sequences for colours.
    pub colour: bool,
    /// Whether to show what each fix would change.
    pub diff: bool,
}

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, outcome: &Outcome<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(outcome, style, out),
        Format::Json => json::write(outcome, out),
        Format::Github => github::write(outcome, out),
        Format::Sarif => sarif::write(outcome, out),
        Format::Short => short::write(outcome, out),
        Format::Gitlab => gitlab::write(outcome, out),
        Format::Junit => junit::write(outcome, out),
        Format::Advisors => advisors::write(outcome, out),
    }
}

/// The last line for people: what was found, where was looked, how long it took.
pub fn summary(findings: &[Finding], scope: Scope, time: Duration) -> String {
    let counts = counts(findings);
    let found = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .filter_map(|severity| {
            let count = counts.of(severity);
            (count > 0).then(|| plural(count, severity.name()))
        })
        .collect::<Vec<_>>();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    let looked = [(scope.migrations, "migration"), (scope.plans, "plan"), (scope.queries, "query file")]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, what)| match scope.pending.filter(|_| what == "migration") {
            Some(pending) => format!("{} ({} pending)", plural(count, what), thousands(pending)),
            None => plural(count, what),
        })
        .collect::<Vec<_>>();
    let looked = if looked.is_empty() { "no files".to_owned() } else { looked.join(", ") };
    let known = scope.known.map_or_else(String::new, |known| format!(" ({} known)", thousands(known)));
    format!("{found}{known} in {looked}, {}", duration(time))
}

fn duration(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        format!("{} ms", time.as_millis().max(1))
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// `1 warning`, `1,204 warnings`.
pub fn plural(count: usize, what: &str) -> String {
    let s = if count == 1 || what == "info" { "" } else { "s" };
    format!("{} {what}{s}", thousands(count))
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Default)]
struct Counts([usize; 3]);

impl Counts {
    fn of(self, severity: Severity) -> usize {
        self.0[severity as usize]
    }
}

fn counts(findings: &[Finding]) -> Counts {
    let mut counts = Counts::default();
    for finding in findings {
        counts.0[finding.severity as usize] += 1;
    }
    counts
}

/// Where a rule's page is.
pub fn rule_url(rule: &Rule) -> String {
    let mut parts = rule.module.rsplit("::");
    let folders = (parts.next(), parts.next());
    let (Some(name), Some(kind)) = folders else { return String::new() };
    format!("{}/tree/main/rules/{kind}/{name}", env!("CARGO_PKG_REPOSITORY"))
}

impl<'a> Outcome<'a> {
    /// The file a span is in; none for what is in no file.
    fn file(&self, span: Span) -> Option<&'a SourceFile> {
        (span.file != FileId::NONE).then(|| self.sources.file(span.file))
    }

    fn rule(&self, id: &str) -> Option<&'a Rule> {
        self.rules.iter().copied().find(|rule| rule.id == id)
    }
}

/// Both ends of a span for people: 1-based, the end exclusive.
fn places(file: &SourceFile, span: Span) -> (crate::source::LineColumn, crate::source::LineColumn) {
    (file.line_column(span.start), file.line_column(span.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_and_groups_digits() {
        let scope = Scope { migrations: 1, plans: 1204, ..Scope::default() };
        assert_eq!(summary(&[], scope, Duration::from_micros(300)), "no findings in 1 migration, 1,204 plans, 1 ms");
        let finding = Finding::new("a", Span::NONE, "b");
        assert_eq!(summary(&[finding], Scope::default(), Duration::from_secs(12)), "1 warning in no files, 12.0 s");
    }
}
