//! Policies that guard nothing. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0007"],
);

const ADVISOR: Lint = Lint {
    number: "0007",
    name: "policy_exists_rls_disabled",
    title: "Policy Exists RLS Disabled",
    level: Severity::Error,
    category: "SECURITY",
    description: "Policies on a table whose row level security is switched off: nobody asks them.",
    remediation: None,
    entries,
};

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

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let catalog = context.catalog;
    let plain = |table: &Found<'_, Relation>| table.is.class == RelationClass::Table && table.is.row_security.is_none();
    for table in catalog.relations().filter(|table| plain(table) && context.is_ours(table.object)) {
        let mut policies: Vec<Name> = catalog.policies(table.id).map(|policy| policy.name()).collect();
        if policies.is_empty() {
            continue;
        }
        policies.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        let (schema, name) = (catalog.schema_name(table.object), table.name());
        let detail = format!(
            "Table \\`{schema}.{name}\\` has RLS policies but RLS is not enabled on the table. Policies include {}.",
            advisor::array(&policies)
        );
        let key = format!("policy_exists_rls_disabled_{schema}_{name}");
        entries.push(Entry::about(catalog, table.object, "table", detail, key));
    }
}
