//! A JSON document kept as text. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check), aliases: &["pgls/preferJsonb", "eugene/E3"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for column in context.written_columns().into_iter().filter(|column| column.is(&["json"])) {
        let finding = report.at(column.ty.span, format!("{} is parsed anew each time it is read", column.name.name));
        finding.subject(column.name.name.to_string());
        finding.label("no equality, so DISTINCT and GROUP BY fail; no index on what it holds");
        finding.help("jsonb stores the parsed document");
        if column.definition.is_some() && context.executed.within.is_none() {
            finding.fix(Fix::needs_review("store the parsed document").replace(column.ty.span, "jsonb"));
        }
    }
}
