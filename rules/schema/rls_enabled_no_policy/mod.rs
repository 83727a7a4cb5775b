//! A table that nobody but its owner can use. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    // Tables for the server side alone are meant to be like this, and nothing tells them apart.
    level: Some(Level::Off),
    aliases: &["splinter/0008"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for table in context.catalog.tables().filter(|table| context.is_ours(table.object)) {
        let Some(since) = table.is.row_security else { continue };
        if since.is_none() || context.catalog.policies(table.id).next().is_some() {
            continue;
        }
        let name = context.catalog.qualified_name(table.id);
        report
            .at(since, format!("table {name} has row security but no policy"))
            .label("nobody but its owner and roles with BYPASSRLS sees a row")
            .also(table.span(), "the table is made here")
            .help("add a policy for those who shall see rows")
            .subject(name);
    }
}
