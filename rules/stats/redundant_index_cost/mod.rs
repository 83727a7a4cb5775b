//! What an index costs that is the beginning of another. The README beside this file is its manual and its test.

use crate::rule::capture::figures::count;
use crate::rule::stats::Kind;
use crate::rule::{Check, Found, Index, Level, Report, Rule, Severity, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check), level: Some(Level::At(Severity::Info)));

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::Indexes) {
        let Some((narrow, wider)) = context.index(row).and_then(|index| Some((index, wider(context, index)?))) else {
            continue;
        };
        let table = format!("{}.{}", row.get("schemaname").unwrap_or("public"), row.get("relname").unwrap_or(""));
        let Some(writes) = context.statistics.about(Kind::Tables, &table) else { continue };
        let inserted = writes.number("n_tup_ins").unwrap_or(0.0);
        let updated = writes.number("n_tup_upd").unwrap_or(0.0) - writes.number("n_tup_hot_upd").unwrap_or(0.0);
        let written = inserted + updated.max(0.0);
        // Of one that no query uses unused_index speaks.
        let Some(scans) =
            row.number("idx_scan").filter(|scans| *scans > 0.0 && written >= context.settings.changed_rows)
        else {
            continue;
        };
        let text = &context.sources.file(row.span.file).text;
        let message = format!("index {} took {} writes that {} takes too", row.subject(), count(written), wider.name());
        let finding = report.at(row.place(text), message);
        finding.label(format!("{} scans, which {} can serve", count(scans), wider.name())).subject(row.subject());
        finding.also(narrow.span(), "the beginning of").also(wider.span(), "this one");
        if let Some(since) = context.counted_since() {
            finding.note(format!("counted since {since}"));
        }
        finding.help(format!("drop index concurrently {};", context.catalog.sql_name(narrow.id)));
    }
}

/// Another index of the table that starts with all that this one has.
fn wider<'a>(context: &StatsContext<'a>, index: Found<'a, Index>) -> Option<Found<'a, Index>> {
    if index.is.unique || index.is.constraint.is_some() || index.span().is_none() {
        return None;
    }
    context.catalog.indexes(index.is.table).find(|other| other.id != index.id && index.is.is_beginning_of(other.is))
}
