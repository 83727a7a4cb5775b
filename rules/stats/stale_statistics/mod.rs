//! A table whose statistics are missing or out of date. The README beside this file is its manual and its test.

use crate::rule::capture::figures::count;
use crate::rule::stats::Kind;
use crate::rule::{Check, Report, Rule, StatsContext, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Stats(check));

/// The part of a table that may have changed: twice what makes autovacuum analyze it.
const CHANGED: f64 = 0.2;

fn check(context: &StatsContext<'_>, report: &mut Report) {
    for row in context.statistics.of(Kind::Tables) {
        let Some(live) = row.number("n_live_tup").filter(|live| *live >= context.settings.changed_rows) else {
            continue;
        };
        let changed = row.number("n_mod_since_analyze").unwrap_or(0.0);
        let known = row.get("last_analyze").or(row.get("last_autoanalyze"));
        let exported = row.has("last_analyze") && row.has("last_autoanalyze");
        let stale = changed >= context.settings.changed_rows && changed > live * CHANGED;
        let message = match known {
            None if exported => format!("{} was never analyzed", row.subject()),
            _ if stale => format!("the statistics of {} are out of date", row.subject()),
            _ => continue,
        };
        let text = &context.sources.file(row.span.file).text;
        let finding = report.at(row.place(text), message);
        finding.label(format!("{} of {} rows changed since", count(changed), count(live))).subject(row.subject());
        finding.help(format!("analyze {};", row.table_sql()));
    }
}
