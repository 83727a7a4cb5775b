//! An index that is not valid: it costs every write and serves no query. The README beside this file is its manual and its test.

use crate::rule::stats::Kind;
use crate::rule::{Check, Level, Report, Rule, Severity, StatsContext, quote_identifier, rule};

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Stats(check), level: Some(Level::At(Severity::Warning)));

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::IndexState).filter(|row| row.boolean("indisvalid") == Some(false)) {
        let text = &context.sources.file(row.span.file).text;
        let finding = report.at(row.place(text), format!("index {} is not valid", row.subject()));
        finding.label("a build of it failed").subject(row.subject());
        if let Some(made) = context.made(context.object(row, "indexrelname")) {
            finding.also(made, "made here");
        }
        let name = quote_identifier(row.get("indexrelname").unwrap_or(""));
        let schema = quote_identifier(row.get("schemaname").unwrap_or("public"));
        finding.help(format!("reindex index concurrently {schema}.{name};"));
        finding.help(format!("or, where nobody needs it: drop index concurrently {schema}.{name};"));
    }
}
