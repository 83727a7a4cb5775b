//! A foreign table that the API serves. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0017"],
);

const ADVISOR: Lint = Lint {
    number: "0017",
    name: "foreign_table_in_api",
    title: "Foreign Table in API",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A foreign table that the API's roles can read: it cannot have row level security.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for table in served(context) {
        let name = context.catalog.qualified_name(table.id);
        let roles = context.api_roles_that(table.id, Privileges::SELECT).join(" and ");
        let from = context.grantees(table.object, Privileges::SELECT, "anon, authenticated");
        let revoke = format!("revoke all on {} from {from};", context.catalog.sql_name(table.id));
        report
            .at(table.span(), format!("all of foreign table {name} can be read by {roles}"))
            .label("a foreign table has no row security")
            .help(format!("keep it from the API: {revoke}"))
            .subject(name)
            .fix(Fix::needs_review("keep the foreign table from the API").migrate(revoke));
    }
}

fn served<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Relation>> {
    context.readable_through_api(RelationClass::ForeignTable).filter(|table| table.object.extension.is_none())
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for table in served(context) {
        let (schema, name) = (context.catalog.schema_name(table.object), table.name());
        let detail = format!("Foreign table \\`{schema}.{name}\\` is accessible over APIs");
        let key = format!("foreign_table_in_api_{schema}_{name}");
        entries.push(Entry::about(context.catalog, table.object, "foreign table", detail, key));
    }
}
