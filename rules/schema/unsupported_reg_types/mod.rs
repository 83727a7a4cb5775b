//! A column that pg_upgrade refuses. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Schema(check),
    level: Some(Level::At(Severity::Warning)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0018"],
);

const ADVISOR: Lint = Lint {
    number: "0018",
    name: "unsupported_reg_types",
    title: "Unsupported reg types",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A column of a reg* type whose values are numbers of the old server: pg_upgrade refuses it.",
    remediation: Some("https://supabase.com/docs/guides/database/database-linter?lint=unsupported_reg_types"),
    entries,
};

/// Their numbers change with pg_upgrade, which keeps those of classes, roles and types alone.
const REFUSED: &[&str] = &[
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
];

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let stored = |relation: &Found<'_, Relation>| {
        matches!(
            relation.is.class,
            RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView
        )
    };
    for relation in context.catalog.relations().filter(|relation| stored(relation) && context.is_ours(relation.object))
    {
        for column in &relation.is.columns {
            let Some(ty) = refused_type(context.catalog, column.ty.as_ref()) else { continue };
            let name = format!("{}.{}", context.catalog.short_name(relation.id), column.name);
            let span = if column.span.is_none() { relation.span() } else { column.span };
            report
                .at(span, format!("column {name} is a {ty}, which pg_upgrade refuses"))
                .label("its values are numbers of this server alone")
                .help("store the name as text, and cast where it is used")
                .subject(name);
        }
    }
}

fn refused_type(catalog: CatalogAt<'_>, ty: Option<&TypeRef>) -> Option<Name> {
    let ty = ty.filter(|ty| !ty.array)?;
    let object = catalog.get(ty.id)?;
    let refused = REFUSED.contains(&object.name.as_str()) && catalog.schema_name(object).as_str() == "pg_catalog";
    refused.then_some(object.name)
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let catalog = context.catalog;
    let looked_at = |object: &Object| {
        let schema = catalog.schema_name(object);
        !["pg_catalog", "pg_temp", "information_schema", "pgsodium"].contains(&schema.as_str())
    };
    for relation in catalog.relations().filter(|relation| looked_at(relation.object)) {
        for column in &relation.is.columns {
            if let Some(ty) = refused_type(catalog, column.ty.as_ref()) {
                entries.push(entry(catalog, relation.object, column.name, ty));
            }
        }
        // The columns of indexes are columns too.
        for index in catalog.indexes(relation.id) {
            let keys =
                index.is.keys.iter().filter_map(|key| if let Key::Column(at) = key.key { Some(at) } else { None });
            for column in keys.chain(index.is.include.iter().copied()).filter_map(|at| relation.is.column_number(at)) {
                if let Some(ty) = refused_type(catalog, column.ty.as_ref()) {
                    entries.push(entry(catalog, index.object, column.name, ty));
                }
            }
        }
    }
}

fn entry(catalog: CatalogAt<'_>, object: &Object, column: Name, ty: Name) -> Entry {
    let (schema, name) = (catalog.schema_name(object), object.name);
    Entry {
        detail: format!(
            "Table \\`{schema}.{name}\\` has a column \\`{column}\\` with unsupported reg* type \\`{ty}\\`."
        ),
        metadata: advisor::metadata(catalog, object, "table"),
        cache_key: format!("unsupported_reg_types_{schema}_{name}_{column}"),
    }
    .with("column", column.as_str())
}
