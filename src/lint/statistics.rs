//! Runs the rules about statistics: once for each project, over all its exports together.

use rayon::prelude::*;

use super::check::report_of;
use super::guard::guarded;
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::Workspace;
use crate::rule::{Check, Rule, StatsContext};
use crate::source::{FileId, Span};
use crate::stats::{Row, Statistics, StatsSettings, may_hold_statistics, read};

/// What the rules about statistics find.
pub fn statistics(workspace: &Workspace, catalogs: &[Catalog], rules: &[&Rule]) -> Vec<Finding> {
    let rules: Vec<&&Rule> = rules.iter().filter(|rule| matches!(rule.check, Check::Stats(_))).collect();
    let exports = workspace.captures.par_iter().filter_map(|capture| {
        let text = &workspace.sources.file(capture.file).text;
        let rows = if may_hold_statistics(text) { read(capture.file, text) } else { Vec::new() };
        (!rows.is_empty()).then_some((capture.project, rows))
    });
    let mut exports: Vec<(Option<usize>, Vec<Row>)> = exports.collect();
    exports.sort_by_key(|(project, _)| *project);
    let mut findings = Vec::new();
    let mut rest = exports.into_iter().peekable();
    while let Some(project) = rest.peek().map(|(project, _)| *project) {
        let of_one = std::iter::from_fn(|| rest.next_if(|(other, _)| *other == project));
        let rows: Vec<Row> = of_one.flat_map(|(_, rows)| rows).collect();
        findings.extend(of_project(workspace, project.map(|at| &catalogs[at]), rows, &rules));
    }
    findings
}

fn of_project(workspace: &Workspace, catalog: Option<&Catalog>, rows: Vec<Row>, rules: &[&&Rule]) -> Vec<Finding> {
    let empty = Catalog::default();
    let catalog = catalog.unwrap_or(&empty);
    let file = rows.first().map_or(FileId::NONE, |row| row.span.file);
    let config = workspace.config_of(file);
    let usual = StatsSettings::default();
    let settings = config.map_or(&usual, |config| &config.stats);
    let statistics = Statistics::new(rows);
    let context =
        StatsContext { sources: &workspace.sources, catalog: catalog.end(), statistics: &statistics, settings };
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| config.is_none_or(|config| config.may_run(rule))) {
        let Check::Stats(check) = rule.check else { continue };
        let mut report = report_of(rule);
        let place = Span::new(file, 0, 0);
        findings.extend(guarded(&format!("rule {}", rule.id), place, || check(&context, &mut report)).err());
        findings.extend(report.into_findings());
    }
    findings
}

/// Whether a text is an export of statistics.
pub fn holds_statistics(text: &str, file: FileId) -> bool {
    may_hold_statistics(text) && !read(file, text).is_empty()
}
