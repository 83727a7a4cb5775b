//! Policies that guard nothing. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    aliases: &["splinter/0007"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for table in context.catalog.tables().filter(|table| context.is_ours(table.object)) {
        let Some(policy) = context.catalog.policies(table.id).next().filter(|_| table.is.row_security.is_none()) else {
            continue;
        };
        let name = context.catalog.qualified_name(table.id);
        let enable = format!("alter table {} enable row level security;", context.catalog.sql_name(table.id));
        report
            .at(policy.span(), format!("policy \"{}\" guards nothing", policy.name()))
            .label(format!("row security of {name} is off"))
            .also(table.span(), "the table is made here")
            .help(format!("switch it on: {enable}"))
            .subject(name)
            .fix(Fix::needs_review("enable row level security").migrate(enable));
    }
}
