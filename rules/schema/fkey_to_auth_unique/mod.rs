//! A foreign key that holds fast a column of the auth schema. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0021"],
);

const ADVISOR: Lint = Lint {
    number: "0021",
    name: "fkey_to_auth_unique",
    title: "Foreign Key to Auth Unique Constraint",
    level: Severity::Error,
    category: "SECURITY",
    description: "A foreign key to a unique constraint of the auth schema: the platform can no longer change it.",
    remediation: Some("Drop the foreign key constraint that references the auth schema."),
    entries,
};

/// A foreign key with its table and what it references.
type Key<'a> = (Found<'a, Relation>, Found<'a, Constraint>, &'a ForeignKey);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for (table, constraint, key) in keys_to_auth(context) {
        if constraint.is.parent.is_some() {
            continue;
        }
        let referenced = catalog.qualified_name(key.references);
        let columns = catalog.column_names(key.references, &key.referenced_columns);
        let columns = columns.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let name = quote_identifier(&constraint.name()).into_owned();
        let drop = format!("alter table {} drop constraint {name};", catalog.sql_name(table.id));
        report
            .at(constraint.span(), format!("foreign key {} holds {referenced} ({columns}) fast", constraint.name()))
            .label("the platform's own migrations need to change that unique constraint")
            .help(format!("reference auth.users (id), and drop this one: {drop}"))
            .subject(format!("{} {}", catalog.qualified_name(table.id), constraint.name()))
            .fix(Fix::needs_review("drop the foreign key").migrate("set lock_timeout = '2s';").migrate(drop));
    }
}

fn keys_to_auth<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Key<'a>> {
    let catalog = context.catalog;
    let keys = catalog
        .tables()
        .filter(move |table| catalog.schema_name(table.object).as_str() != "pg_temp")
        .flat_map(move |table| catalog.foreign_keys(table.id).map(move |(constraint, key)| (table, constraint, key)));
    keys.filter(move |(_, _, key)| {
        let schema = catalog.get(key.references).map(|object| catalog.schema_name(object));
        let index = key.index.and_then(|id| catalog.get(id)?.as_index());
        schema.is_some_and(|schema| schema.as_str() == "auth")
            && index.is_some_and(|index| index.unique && !index.primary)
    })
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for (table, constraint, _) in keys_to_auth(context) {
        let (schema, name, key) = (context.catalog.schema_name(table.object), table.name(), constraint.name());
        entries.push(Entry {
            detail: format!(
                "Table `{schema}`.`{name}` has a foreign key `{key}` referencing an auth unique constraint"
            ),
            metadata: vec![
                ("schema", schema.as_str().into()),
                ("name", name.as_str().into()),
                ("foreign_key", key.as_str().into()),
            ],
            cache_key: format!("fkey_to_auth_unique_{schema}_{name}_{key}"),
        });
    }
}
