//! An amount whose unit depends on a setting. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for column in context.written_columns().into_iter().filter(|column| column.is(&["money"])) {
        let finding = report.at(column.ty.span, format!("the currency of {} depends on a setting", column.name.name));
        finding.subject(column.name.name.to_string());
        finding.label("lc_monetary decides how it is read and printed, and how many decimals it keeps");
        finding.help("numeric, with the currency in a column of its own");
    }
}
