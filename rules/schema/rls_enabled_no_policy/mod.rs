//! A table that nobody but its owner can use. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    // Tables for the server side alone are meant to be like this, and nothing tells them apart.
    level: Some(Level::Off),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0008"],
);

const ADVISOR: Lint = Lint {
    number: "0008",
    name: "rls_enabled_no_policy",
    title: "RLS Enabled No Policy",
    level: Severity::Info,
    category: "SECURITY",
    description: "Row level security without a policy: only the owner and roles with BYPASSRLS see a row.",
    remediation: None,
    entries,
};

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

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let catalog = context.catalog;
    let guarded =
        |table: &Found<'_, Relation>| table.is.class == RelationClass::Table && table.is.row_security.is_some();
    for table in catalog.relations().filter(|table| guarded(table) && context.is_ours(table.object)) {
        if catalog.policies(table.id).next().is_some() {
            continue;
        }
        let (schema, name) = (catalog.schema_name(table.object), table.name());
        let detail = format!("Table \\`{schema}.{name}\\` has RLS enabled, but no policies exist");
        let key = format!("rls_enabled_no_policy_{schema}_{name}");
        entries.push(Entry::about(catalog, table.object, "table", detail, key));
    }
}
