//! Autovacuum is off, or too lazy for a large and busy table. The README beside this file is its manual and its test.

use crate::rule::capture::figures::count;
use crate::rule::stats::Kind;
use crate::rule::{Check, Report, Rule, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check));

/// Rows from which on the usual factor is too large.
const LARGE: f64 = 1_000_000.0;
/// The part of a table that has been written to, from which on it is busy.
const BUSY: f64 = 0.5;
/// The factor for large tables.
const FACTOR: f64 = 0.02;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for name in ["autovacuum", "track_counts"] {
        if let Some(row) = context.statistics.setting(name).filter(|row| row.boolean("setting") == Some(false)) {
            let text = &context.sources.file(row.span.file).text;
            let finding = report.at(row.place(text), format!("{name} is off"));
            finding.label("no table is vacuumed or analyzed by itself");
            finding.help(format!("alter system set {name} = on;"));
        }
    }
    let factor = context.statistics.setting("autovacuum_vacuum_scale_factor").and_then(|row| row.number("setting"));
    let factor = factor.unwrap_or(0.2);
    for row in context.statistics.of(Kind::Tables) {
        let Some(live) = row.number("n_live_tup").filter(|live| *live >= LARGE) else { continue };
        let written = row.number("n_tup_upd").unwrap_or(0.0) + row.number("n_tup_del").unwrap_or(0.0);
        let own = context.object(row, "relname").and_then(|id| context.catalog.relation(id));
        let settled = own.is_some_and(|table| table.is.options.iter().any(|(name, _)| name.starts_with("autovacuum_")));
        if factor <= FACTOR || settled || written < live * BUSY {
            continue;
        }
        let text = &context.sources.file(row.span.file).text;
        let message = format!("{} keeps {} dead rows before it is vacuumed", row.subject(), count(live * factor));
        let finding = report.at(row.place(text), message);
        finding.label(format!("{} rows, {} updated or deleted", count(live), count(written))).subject(row.subject());
        if let Some(made) = context.made(context.object(row, "relname")) {
            finding.also(made, "no autovacuum setting of its own");
        }
        finding.help(format!(
            "alter table {} set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);",
            row.table_sql()
        ));
        finding.help("for columns whose estimates are off: alter table … alter column … set statistics 500;");
    }
}
