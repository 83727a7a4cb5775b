//! A text that is filled up with spaces. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check), aliases: &["squawk/ban-char-field", "pgls/banCharField"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for column in context.written_columns().into_iter().filter(|column| column.is(&["bpchar"])) {
        let finding = report.at(column.ty.span, format!("values of {} are filled up with spaces", column.name.name));
        finding.subject(column.name.name.to_string());
        finding.label("stored with the spaces, compared without them, and lost in a cast to text");
        finding.help("text, with a CHECK where the length matters");
    }
}
