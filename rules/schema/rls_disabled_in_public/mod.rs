//! A table that anyone with the API's key can read. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0013", "pgrls/SEC001"],
);

const ADVISOR: Lint = Lint {
    number: "0013",
    name: "rls_disabled_in_public",
    title: "RLS Disabled in Public",
    level: Severity::Error,
    category: "SECURITY",
    description: "A table that the API serves without row level security: the API's roles reach every row.",
    remediation: None,
    entries,
};

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
        if let Some(end) = context.end_of_statement(table.id, table.id, &[]) {
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

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    // Tables of extensions as well: the advisor does not leave them out here.
    for table in context.readable_through_api(RelationClass::Table).filter(|table| table.is.row_security.is_none()) {
        let (schema, name) = (context.catalog.schema_name(table.object), table.name());
        let detail = format!("Table \\`{schema}.{name}\\` is public, but RLS has not been enabled.");
        let key = format!("rls_disabled_in_public_{schema}_{name}");
        entries.push(Entry::about(context.catalog, table.object, "table", detail, key));
    }
}
