//! A foreign key that no index serves. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint, Value};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    level: Some(Level::At(Severity::Warning)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0001", "pg-migration-lint/PGM501"],
);

const ADVISOR: Lint = Lint {
    number: "0001",
    name: "unindexed_foreign_keys",
    title: "Unindexed foreign keys",
    level: Severity::Info,
    category: "PERFORMANCE",
    description: "A foreign key without a covering index: each delete or key update in the referenced table reads the whole referencing one.",
    remediation: None,
    entries,
};

/// A foreign key with its table.
type Key<'a> = (Found<'a, Relation>, Found<'a, Constraint>, &'a ForeignKey);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for (table, constraint, key) in unindexed(context) {
        // The copy in a partition goes when the partitioned table gets its index.
        if constraint.is.parent.is_some() {
            continue;
        }
        let table_name = catalog.qualified_name(table.id);
        let columns = catalog.column_names(table.id, &key.columns);
        let list = columns.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ");
        let index = format!("create index on {} ({list});", catalog.sql_name(table.id));
        let finding = report.at(constraint.span(), format!("foreign key {} has no index", constraint.name()));
        finding
            .label(format!("no index of {table_name} starts with ({list})"))
            .help(format!("add an index: {index}"))
            .subject(format!("{table_name}({list})"));
        if let Some(referenced) = catalog.relation(key.references) {
            let what = format!("a delete here reads all of {table_name} for each row");
            finding.also(referenced.span(), what);
        }
        let mut fix = Fix::safe(format!("create an index on {table_name} ({list})")).migrate(index.clone());
        // In the transaction of a runner it is built while writers wait, unless the table is new there.
        let harmless = context.facts.opt_out == OptOut::Free || made_in_same_file(catalog, table.id, constraint.id);
        if let Some(end) = context.end_of_statement(constraint.id, table.id, &key.columns).filter(|_| harmless) {
            fix = fix.insert_after(end, format!("\n\n{index}"));
        }
        finding.fix(fix);
    }
}

/// Whether the file that made the one object made the other one, too.
fn made_in_same_file(catalog: CatalogAt<'_>, one: ObjectId, other: ObjectId) -> bool {
    let file = |id: ObjectId| Some(catalog.catalog().statement(catalog.made_by(id)?)?.file);
    file(one).is_some() && file(one) == file(other)
}

fn unindexed<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Key<'a>> {
    let catalog = context.catalog;
    let keys = catalog
        .tables()
        .filter(|table| context.is_ours(table.object))
        .flat_map(move |table| catalog.foreign_keys(table.id).map(move |(constraint, key)| (table, constraint, key)));
    keys.filter(move |(table, _, key)| {
        !catalog.indexes(table.id).any(|index| index.is.valid && index.is.starts_with(&key.columns))
    })
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for (table, constraint, key) in unindexed(context) {
        // The advisor prints the schema through regnamespace, which quotes; the other names are raw.
        let schema = context.catalog.schema_name(table.object);
        let schema = quote_identifier(&schema);
        let (table_name, name) = (table.name(), constraint.name());
        let mut metadata = advisor::metadata(context.catalog, table.object, "table");
        metadata[0].1 = schema.as_ref().into();
        metadata.push(("fkey_name", name.as_str().into()));
        metadata.push(("fkey_columns", Value::Numbers(key.columns.iter().map(|&column| column.into()).collect())));
        entries.push(Entry {
            detail: format!(
                "Table \\`{schema}.{table_name}\\` has a foreign key \\`{name}\\` without a covering index. This can lead to suboptimal query performance."
            ),
            metadata,
            cache_key: format!("unindexed_foreign_keys_{schema}_{table_name}_{name}"),
        });
    }
}
