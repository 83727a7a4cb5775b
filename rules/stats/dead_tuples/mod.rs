//! A table of whose rows too many are dead. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, percent};
use crate::rule::stats::Kind;
use crate::rule::{Check, Report, Rule, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check));

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::Tables) {
        let (Some(live), Some(dead)) = (row.number("n_live_tup"), row.number("n_dead_tup")) else { continue };
        let share = dead / (live + dead).max(1.0);
        if dead < context.settings.changed_rows || share <= context.settings.dead_share {
            continue;
        }
        let text = &context.sources.file(row.span.file).text;
        let message = format!("{} of the rows of {} are dead", percent(share), row.subject());
        let finding = report.at(row.place(text), message);
        let last = row.get("last_autovacuum").or(row.get("last_vacuum"));
        let vacuumed = last.map_or("never vacuumed".to_owned(), |when| format!("last vacuumed {when}"));
        finding.label(format!("{} rows, {vacuumed}", count(dead))).subject(row.subject());
        finding.help(format!("vacuum (analyze) {};", row.table_sql()));
        finding.help("look for what holds it back: long transactions, replication slots, prepared transactions");
    }
}
