//! A text with a length in its type. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule =
    rule!(Style, Check::Statement(check), aliases: &["squawk/prefer-text-field", "pgls/preferTextField"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for column in context.written_columns().into_iter().filter(|column| column.is(&["varchar"])) {
        if column.ty.modifiers.is_empty() {
            continue;
        }
        let finding = report.at(column.ty.span, format!("the length of {} is a part of its type", column.name.name));
        finding.subject(column.name.name.to_string());
        finding.label("a shorter one later reads or rewrites the table, and views keep it from being changed");
        let name = sql_ident(column.name);
        finding.help(format!("text check (char_length({name}) <= …): the limit can be changed like any other CHECK"));
    }
}
