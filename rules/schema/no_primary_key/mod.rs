//! A table without a primary key. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::{Check, Found, Level, Relation, RelationClass, Report, Rule, SchemaContext, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    level: Some(Level::At(Severity::Info)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0004", "pg-migration-lint/PGM502", "migrationpilot/MP044"],
);

const ADVISOR: Lint = Lint {
    number: "0004",
    name: "no_primary_key",
    title: "No Primary Key",
    level: Severity::Info,
    category: "PERFORMANCE",
    description: "A table without a primary key: rows cannot be told apart, which replication and many clients need.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for table in tables_without_key(context) {
        let name = context.catalog.qualified_name(table.id);
        // A partition gets its key from the partitioned table: one finding there is enough.
        if table.is.bound.is_some() {
            continue;
        }
        report
            .at(table.span(), format!("table {name} has no primary key"))
            .label("rows cannot be told apart")
            .help("add one, for example: id bigint generated always as identity primary key")
            .subject(name);
    }
}

fn tables_without_key<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Relation>> {
    let catalog = context.catalog;
    catalog
        .relations()
        .filter(|table| table.is.class == RelationClass::Table && context.is_ours(table.object))
        .filter(move |table| !catalog.indexes(table.id).any(|index| index.is.primary))
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for table in tables_without_key(context) {
        let (schema, name) = (context.catalog.schema_name(table.object), table.name());
        entries.push(Entry {
            detail: format!("Table \\`{schema}.{name}\\` does not have a primary key"),
            metadata: advisor::metadata(context.catalog, table.object, "table"),
            cache_key: format!("no_primary_key_{schema}_{name}"),
        });
    }
}
