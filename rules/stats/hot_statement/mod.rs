//! A statement that takes a large part of all time. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent, shorten, time};
use crate::rule::{Check, Level, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check), level: Some(Level::At(Severity::Info)));

/// ms in all below which nothing is hot.
const LEAST: f64 = 10_000.0;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    let mut all = context.statements();
    let total: f64 = all.iter().map(|statement| statement.total).sum();
    all.sort_by(|a, b| b.total.total_cmp(&a.total));
    let hot = |share: f64, total: f64| share >= context.settings.hot_share && total >= LEAST;
    for statement in all.into_iter().take(context.settings.top_statements as usize) {
        let share = statement.total / total.max(1.0);
        if !hot(share, statement.total) {
            break;
        }
        let text = &context.sources.file(statement.row.span.file).text;
        let message = format!(
            "takes {} of all time: {} calls of {}",
            percent(share),
            count(statement.calls),
            time(statement.mean)
        );
        let finding = report.at(statement.row.place(text), message);
        finding.note(shorten(statement.query, 300));
        finding.help("make it cheaper, or call it less: several rows in one call, a cache, a join instead of a loop");
    }
}
