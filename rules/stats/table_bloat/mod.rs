//! A table that is much larger than its rows. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, size};
use crate::rule::stats::{Kind, Row};
use crate::rule::{Check, Report, Rule, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check));

/// Bytes of a page that rows can take, and of a row's header with its pointer.
const PAGE: f64 = 8168.0;
const HEADER: f64 = 28.0;
/// Pages in vain below which nothing is said: 10 MB.
const LEAST: f64 = 1280.0;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::Sizes) {
        let (Some(pages), Some(rows)) = (row.number("relpages"), row.number("reltuples")) else { continue };
        let is_table = row.get("relkind").is_none_or(|kind| matches!(kind, "r" | "m"));
        let Some(width) = width(context, row).filter(|_| is_table && rows > 0.0) else { continue };
        let needed = (rows * (width + HEADER) / PAGE).ceil().max(1.0);
        if pages < needed * context.settings.bloat || pages - needed < LEAST {
            continue;
        }
        let text = &context.sources.file(row.span.file).text;
        let message = format!("{} takes {} for rows of {}", row.subject(), size(pages * 8.0), size(needed * 8.0));
        let finding = report.at(row.place(text), message);
        finding.label(format!("{} times as much as needed", count(pages / needed))).subject(row.subject());
        finding.help("vacuum full and cluster lock the table while they rewrite it; pg_repack does not");
    }
}

/// Bytes of a row, where pg_stats knows all its columns.
fn width(context: &StatsContext<'_>, row: &Row) -> Option<f64> {
    let same =
        |other: &&Row| other.get("tablename") == row.get("relname") && other.get("schemaname") == row.get("schemaname");
    let columns = context.statistics.of(Kind::Columns).filter(same);
    let widths: Vec<f64> = columns.filter_map(|column| column.number("avg_width")).collect();
    let whole = context.object(row, "relname").and_then(|id| context.catalog.relation(id));
    let all = whole.is_none_or(|relation| relation.is.columns.len() == widths.len());
    (!widths.is_empty() && all).then(|| widths.iter().sum())
}
