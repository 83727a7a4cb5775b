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

/// What was exported about a project; `None`: about none.
pub fn exported(workspace: &Workspace, project: Option<usize>) -> Statistics {
    let of_project: Vec<_> = workspace.captures.iter().filter(|capture| capture.project == project).collect();
    let exports = of_project.par_iter().map(|capture| {
        let text = &workspace.sources.file(capture.file).text;
        if may_hold_statistics(text) { read(capture.file, text) } else { Vec::new() }
    });
    let exports: Vec<Vec<Row>> = exports.collect();
    Statistics::new(exports.concat())
}

/// What the rules about statistics find in them.
pub fn statistics(workspace: &Workspace, catalog: &Catalog, exported: Statistics, rules: &[&Rule]) -> Vec<Finding> {
    let rules: Vec<&&Rule> = rules.iter().filter(|rule| matches!(rule.check, Check::Stats(_))).collect();
    if exported.is_empty() { Vec::new() } else { judge(workspace, catalog, &exported, &rules) }
}

fn judge(workspace: &Workspace, catalog: &Catalog, statistics: &Statistics, rules: &[&&Rule]) -> Vec<Finding> {
    let file = statistics.file();
    let config = workspace.config_of(file);
    let usual = StatsSettings::default();
    let settings = config.map_or(&usual, |config| &config.stats);
    let context = StatsContext { sources: &workspace.sources, catalog: catalog.end(), statistics, settings };
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| config.is_none_or(|config| config.may_run(rule))) {
        let Check::Stats(check) = rule.check else { continue };
        let mut report = report_of(rule);
        let place = Span::new(file, 0, 0);
        findings.extend(guarded(format_args!("rule {}", rule.id), place, || check(&context, &mut report)).err());
        findings.extend(report.into_findings());
    }
    findings
}

/// Whether a text is an export of statistics.
pub fn holds_statistics(text: &str, file: FileId) -> bool {
    may_hold_statistics(text) && !read(file, text).is_empty()
}
