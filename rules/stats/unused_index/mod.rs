//! An index that no query has used. The README beside this file is its manual and its test.

use crate::rule::capture::figures::count;
use crate::rule::stats::Kind;
use crate::rule::{Check, Found, Index, Level, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check), level: Some(Level::At(Severity::Info)));

fn check(context: &StatsContext<'_>, report: &mut Report) {
    let scanned = context.statistics.of(Kind::Indexes).filter_map(|row| row.number("idx_scan")).sum::<f64>();
    // Counters that count nothing were reset a moment ago.
    if scanned == 0.0 {
        return;
    }
    for row in context.statistics.of(Kind::Indexes).filter(|row| row.number("idx_scan") == Some(0.0)) {
        let Some(index) = context.index(row).filter(|index| may_go(context, *index)) else { continue };
        let text = &context.sources.file(row.span.file).text;
        let finding = report.at(row.place(text), format!("index {} was never used", row.subject()));
        let since = context.counted_since();
        finding.label(since.map_or("since its counter was reset".to_owned(), |since| format!("since {since}")));
        finding.subject(row.subject()).also(index.span(), "made here");
        let table = format!("{}.{}", row.get("schemaname").unwrap_or("public"), row.get("relname").unwrap_or(""));
        if let Some(writes) = context.statistics.about(Kind::Tables, &table) {
            let inserted = writes.number("n_tup_ins").unwrap_or(0.0);
            let updated = writes.number("n_tup_upd").unwrap_or(0.0) - writes.number("n_tup_hot_upd").unwrap_or(0.0);
            finding.note(format!("written by {} INSERTs and {} UPDATEs", count(inserted), count(updated.max(0.0))));
        }
        if since.is_none() {
            finding.note("when that was: select stats_reset from pg_stat_database where datname = current_database()");
        }
        finding.help(format!("drop index concurrently {};", context.catalog.sql_name(index.id)));
    }
}

/// Whether nothing but queries needs it.
fn may_go(context: &StatsContext<'_>, index: Found<'_, Index>) -> bool {
    if index.is.unique || index.is.exclusion || index.is.constraint.is_some() || index.is.parent.is_some() {
        return false;
    }
    let serves = |columns: &[i16]| index.is.starts_with(columns);
    !context.catalog.foreign_keys(index.is.table).any(|(_, key)| serves(&key.columns))
}
