//! A time that does not say where. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule =
    rule!(Style, Check::Statement(check), aliases: &["squawk/prefer-timestamp-tz", "pgls/preferTimestamptz"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for column in context.written_columns().into_iter().filter(|column| column.is(&["timestamp"])) {
        let finding = report.at(column.ty.span, format!("{} does not say which moment it means", column.name.name));
        finding.subject(column.name.name.to_string());
        finding.label("a date and a time of day, in no time zone");
        finding.help("timestamptz stores the moment, in the same 8 bytes, and shows it in the session's zone");
        // Of what is there already the meaning of the old values has to be said.
        if column.definition.is_some() && context.executed.within.is_none() {
            let precision = context.sources.slice(column.ty.span);
            let precision =
                precision.find('(').and_then(|at| precision[at..].split_inclusive(')').next()).unwrap_or("");
            let fix = Fix::needs_review("store the moment");
            finding.fix(fix.replace(column.ty.span, format!("timestamptz{precision}")));
        }
    }
}
