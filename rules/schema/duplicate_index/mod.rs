//! Two indexes that are the same. The README beside this file is its manual and its test.

use std::collections::BTreeMap;

use crate::rule::advisor::policies::sorted_array;
use crate::rule::advisor::{Entry, Lint, Value};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0009", "pg-migration-lint/PGM508"],
);

const ADVISOR: Lint = Lint {
    number: "0009",
    name: "duplicate_index",
    title: "Duplicate Index",
    level: Severity::Warning,
    category: "PERFORMANCE",
    description: "Indexes of one table with one and the same definition: each write pays for all of them.",
    remediation: None,
    entries,
};

/// Indexes of a table with their definitions.
type Defined<'a> = (Found<'a, Index>, String);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let deparser = context.deparser();
    for table in tables(context) {
        let mut same: BTreeMap<String, Vec<Found<'_, Index>>> = BTreeMap::new();
        for (index, definition) in defined(&deparser, context, &table) {
            // One may be the key of foreign keys, and each row must hold against it: what differs is more than the name.
            if index.is.valid {
                same.entry(without_name(&index, &definition)).or_default().push(index);
            }
        }
        for mut indexes in same.into_values().filter(|indexes| indexes.len() > 1) {
            // The one to keep: the primary key's, else a constraint's, else the first.
            indexes.sort_by_key(|index| (!index.is.primary, index.is.constraint.is_none(), index.id));
            let kept = indexes.remove(0);
            for index in indexes {
                tell(context, report, (&table, &kept, &index));
            }
        }
    }
}

fn tell(
    context: &SchemaContext<'_>,
    report: &mut Report,
    (table, kept, index): (&Found<'_, Relation>, &Found<'_, Index>, &Found<'_, Index>),
) {
    let catalog = context.catalog;
    let name = catalog.short_name(table.id);
    let finding = report.at(index.span(), format!("index {} is the same as {}", index.name(), kept.name()));
    finding.label(format!("each write to {name} pays for both"));
    finding.also(kept.span(), "the same index");
    finding.subject(format!("{} {}", catalog.qualified_name(table.id), index.name()));
    // A constraint's index goes with the constraint, and others may rest on that.
    let constraint = index.is.constraint.and_then(|id| catalog.get(id));
    let drop = match constraint {
        Some(constraint) => {
            let constraint = quote_identifier(&constraint.name).into_owned();
            format!("alter table {} drop constraint if exists {constraint};", catalog.sql_name(table.id))
        }
        None => format!("drop index if exists {};", catalog.sql_name(index.id)),
    };
    finding.help(format!("keep one: {drop}"));
    let title = format!("drop {}", index.name());
    let fix = if constraint.is_some() { Fix::needs_review(title) } else { Fix::safe(title) };
    finding.fix(fix.migrate(drop));
}

fn tables<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Relation>> {
    context.catalog.relations().filter(|table| {
        matches!(table.is.class, RelationClass::Table | RelationClass::MaterializedView)
            && context.is_ours(table.object)
    })
}

/// What pg_indexes says of a table's indexes.
fn defined<'a>(
    deparser: &Deparser<'_>,
    context: &'a SchemaContext<'_>,
    table: &Found<'a, Relation>,
) -> Vec<Defined<'a>> {
    let indexes: Vec<_> = context.catalog.indexes(table.id).collect();
    if indexes.len() < 2 {
        return Vec::new();
    }
    let definition = |index: Found<'a, Index>| Some((index, deparser.index(index.id)?));
    indexes.into_iter().filter_map(definition).collect()
}

fn without_name(index: &Found<'_, Index>, definition: &str) -> String {
    let name = quote_identifier(&index.name()).into_owned();
    definition.replacen(&format!("INDEX {name} ON"), "INDEX ON", 1)
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let deparser = context.deparser();
    for table in tables(context) {
        let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (index, definition) in defined(&deparser, context, &table) {
            // Its name is taken out wherever it stands, in quotes or as a part of another.
            let name = index.name();
            same.entry(definition.replace(name.as_str(), "")).or_default().push(name.to_string());
        }
        let (schema, name) = (context.catalog.schema_name(table.object), table.name());
        let kind = if table.is.class == RelationClass::Table { "table" } else { "materialized view" };
        for names in same.into_values().filter(|names| names.len() > 1) {
            let (names, list) = sorted_array(names);
            let detail =
                format!("Table \\`{schema}.{name}\\` has identical indexes {list}. Drop all except one of them");
            let key = format!("duplicate_index_{schema}_{name}_{list}");
            let entry = Entry::about(context.catalog, table.object, kind, detail, key);
            entries.push(entry.with("indexes", Value::Texts(names)));
        }
    }
}
