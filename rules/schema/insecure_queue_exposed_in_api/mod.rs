//! A queue that anyone can read through the API. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0019"],
);

const ADVISOR: Lint = Lint {
    number: "0019",
    name: "insecure_queue_exposed_in_api",
    title: "Insecure Queue Exposed in API",
    level: Severity::Error,
    category: "SECURITY",
    description: "A queue without row level security while the API serves the functions of queues.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for queue in open_queues(context) {
        let name = context.catalog.qualified_name(queue.id);
        let roles = context.api_roles_that(queue.id, Privileges::SELECT).join(" and ");
        let enable = format!("alter table {} enable row level security;", context.catalog.sql_name(queue.id));
        report
            .at(queue.span(), format!("queue {name} can be read by {roles} through the API"))
            .label("row security is off, and the API serves pgmq_public")
            .help(format!("switch it on, then add policies: {enable}"))
            .subject(name)
            .fix(Fix::needs_review("enable row level security").migrate(enable));
    }
}

fn open_queues<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Relation>> {
    let served = context.facts.exposed_schemas.iter().any(|schema| schema.as_str() == "pgmq_public");
    let tables = context.catalog.relations().filter(move |table| served && table.is.class == RelationClass::Table);
    tables.filter(|table| {
        // `LIKE 'q_%'`, where the underscore is any letter.
        let name = table.name();
        let is_queue = name.starts_with('q') && name.chars().count() > 1;
        is_queue
            && context.catalog.schema_name(table.object).as_str() == "pgmq"
            && table.is.row_security.is_none()
            && !context.api_roles_that(table.id, Privileges::SELECT).is_empty()
    })
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for queue in open_queues(context) {
        let name = queue.name();
        let detail = format!("Table \\`pgmq.{name}\\` is public, but RLS has not been enabled.");
        let key = format!("rls_disabled_in_public_pgmq_{name}");
        entries.push(Entry::about(context.catalog, queue.object, "table", detail, key));
    }
}
