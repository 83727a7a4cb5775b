//! A table that is read as a whole again and again. The README beside this file is its manual and its test.

use crate::rule::capture::figures::count;
use crate::rule::stats::Kind;
use crate::rule::{Check, Report, Rule, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check));

/// Scans from which on the average says something.
const LEAST_SCANS: f64 = 50.0;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::Tables) {
        let (Some(scans), Some(read)) = (row.number("seq_scan"), row.number("seq_tup_read")) else { continue };
        let rows = row.number("n_live_tup").unwrap_or(0.0);
        if scans < LEAST_SCANS || read / scans < context.settings.rows_per_scan || rows < context.settings.table_rows {
            continue;
        }
        let text = &context.sources.file(row.span.file).text;
        let message = format!("{} was read as a whole {} times", row.subject(), count(scans));
        let finding = report.at(row.place(text), message);
        finding.label(format!("{} rows each time", count(read / scans))).subject(row.subject());
        if let Some(made) = context.made(context.object(row, "relname")) {
            finding.also(made, "the table");
        }
        if let Some(since) = context.counted_since() {
            finding.note(format!("counted since {since}"));
        }
        finding.help("find the statements that read it, and ask pglint advise about their plans");
    }
}
