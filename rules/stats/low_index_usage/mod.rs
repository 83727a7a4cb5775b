//! A large table of whose scans too few go by an index. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent};
use crate::rule::stats::Kind;
use crate::rule::{Check, Level, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check), level: Some(Level::At(Severity::Info)));

/// Scans from which on the share says something.
const LEAST_SCANS: f64 = 100.0;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::Tables) {
        let (Some(scans), Some(by_index)) = (row.number("seq_scan"), row.number("idx_scan")) else { continue };
        let rows = row.number("n_live_tup").unwrap_or(0.0);
        let share = by_index / (scans + by_index).max(1.0);
        // Of what is never found by an index seq_scanned_table speaks.
        let told = by_index > 0.0 && scans + by_index >= LEAST_SCANS;
        if !told || rows < context.settings.table_rows || share >= context.settings.index_usage {
            continue;
        }
        let text = &context.sources.file(row.span.file).text;
        let message = format!("{} of the scans of {} go by an index", percent(share), row.subject());
        let finding = report.at(row.place(text), message);
        finding
            .label(format!("{} scans of the whole table, {} rows", count(scans), count(rows)))
            .subject(row.subject());
        if let Some(made) = context.made(context.object(row, "relname")) {
            finding.also(made, "the table");
        }
        finding.help("find the statements that read all of it, and ask pglint advise about their plans");
    }
}
