//! A statement that takes long on average. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent, shorten, time};
use crate::rule::stats::StatsSettings;
use crate::rule::{Check, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check));

fn check(context: &StatsContext<'_>, report: &mut Report) {
    let settings = context.settings;
    let all = context.statements();
    let total: f64 = all.iter().map(|statement| statement.total).sum();
    let mut slow = all;
    slow.retain(|statement| statement.calls >= settings.slow_calls && statement.mean >= settings.slow_mean);
    slow.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    for statement in slow.into_iter().take(settings.top_statements as usize) {
        let text = &context.sources.file(statement.row.span.file).text;
        let message = format!("takes {} on average, in {} calls", time(statement.mean), count(statement.calls));
        let finding = report.at(statement.row.place(text), message);
        finding.label(format!("{} of all time", percent(statement.total / total.max(1.0))));
        finding.severity(severity(statement.mean, settings));
        finding.note(shorten(statement.query, 300));
        finding.help(
            "capture its plan: explain (analyze, buffers, verbose, settings, format json), and ask pglint advise",
        );
    }
}

fn severity(mean: f64, settings: &StatsSettings) -> Severity {
    if mean >= settings.slow_mean_error {
        Severity::Error
    } else if mean >= settings.slow_mean_warning {
        Severity::Warning
    } else {
        Severity::Info
    }
}
