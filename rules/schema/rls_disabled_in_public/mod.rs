//! A table that anyone with the API's key can read. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    aliases: &["splinter/0013", "pgrls/SEC001"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let open = |table: &Found<'_, Relation>| table.is.class == RelationClass::Table && table.is.row_security.is_none();
    for table in context.catalog.relations().filter(|table| open(table) && context.is_ours(table.object)) {
        let roles = context.api_roles_that(table.id, Privileges::SELECT);
        if roles.is_empty() || !context.is_exposed(table.object) {
            continue;
        }
        let name = context.catalog.qualified_name(table.id);
        let enable = format!("alter table {} enable row level security;", context.catalog.sql_name(table.id));
        let mut fix = Fix::needs_review("enable row level security").migrate(enable.clone());
        if let Some(end) = context.end_of_statement(table.id) {
            fix = fix.insert_after(end, format!("\n\n{enable}"));
        }
        report
            .at(table.span(), format!("table {name} can be read by {} through the API", roles.join(" and ")))
            .label("row security is off")
            .help(format!("switch it on, then add policies: {enable}"))
            .subject(name)
            .fix(fix);
    }
}
