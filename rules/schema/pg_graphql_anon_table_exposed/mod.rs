//! A relation whose shape everybody can learn. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    // Whoever may read a table may know that there is one: most find this for all their tables, and mean it so.
    level: Some(Level::Off),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0026"],
);

const ADVISOR: Lint = Lint {
    number: "0026",
    name: "pg_graphql_anon_table_exposed",
    title: "Public Can See Object in GraphQL Schema",
    level: Severity::Warning,
    category: "SECURITY",
    description: "Everybody with the public key learns of this relation and its columns through GraphQL.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for (relation, _) in advisor::in_graphql(context, "anon").filter(|(relation, _)| context.is_ours(relation.object)) {
        let name = context.catalog.qualified_name(relation.id);
        let from = context.grantees(relation.object, Privileges::SELECT, "anon");
        let revoke = format!("revoke select on {} from {from};", context.catalog.sql_name(relation.id));
        report
            .at(relation.span(), format!("{name} is in the GraphQL schema that anon sees"))
            .label("the role may select from it")
            .help(format!("where it shall not be known: {revoke}"))
            .subject(name)
            .fix(Fix::needs_review("take the right to select").migrate(revoke));
    }
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for (relation, kind) in advisor::in_graphql(context, "anon") {
        let (schema, name) = (context.catalog.schema_name(relation.object), relation.name());
        let detail = format!(
            "{kind} `{schema}.{name}` is visible in the GraphQL schema because the `anon` role can `SELECT` it. Revoke `SELECT` from `anon` if it should not be discoverable without signing in."
        );
        let key = format!("pg_graphql_anon_table_exposed_{schema}_{name}");
        entries.push(Entry::about(context.catalog, relation.object, kind, detail, key));
    }
}
