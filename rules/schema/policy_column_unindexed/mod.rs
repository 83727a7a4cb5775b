//! A policy that looks rows up by a column without an index. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    // Whether it matters hangs on how many rows there will be.
    level: Some(Level::At(Severity::Info)),
    aliases: &["pgrls/PERF003"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for table in catalog.tables().filter(|table| table.is.row_security.is_some() && context.is_ours(table.object)) {
        let mut told: Vec<i16> = Vec::new();
        for policy in catalog.policies(table.id).filter(|policy| policy.is.permissive && !policy.span().is_none()) {
            let Some(condition) = row_security::condition(catalog.catalog(), policy.id, false) else {
                continue;
            };
            let lookups = condition.lookups();
            // One column with an index finds the rows, and the others are asked of those.
            if lookups.iter().any(|lookup| has_index(context, lookup)) {
                continue;
            }
            let Some(lookup) = lookups.iter().find(|lookup| !told.contains(&lookup.column)) else { continue };
            told.push(lookup.column);
            tell(context, report, (&table, &policy, lookup));
        }
    }
}

fn tell(
    context: &SchemaContext<'_>,
    report: &mut Report,
    (table, policy, lookup): (&Found<'_, Relation>, &Found<'_, Policy>, &row_security::Lookup),
) {
    let catalog = context.catalog;
    let column = catalog.column_name(table.id, lookup.column);
    let name = catalog.short_name(table.id);
    let quoted = quote_identifier(&column).into_owned();
    let index = format!("create index on {} ({quoted});", catalog.sql_name(table.id));
    let span = if lookup.span.is_none() { policy.span() } else { lookup.span };
    let finding = report.at(span, format!("each query on {name} reads all of it to find rows by {column}"));
    finding.label(format!("no index of {name} starts with {column}"));
    finding.also(catalog.column(table.id, lookup.column).map_or(Span::NONE, |column| column.span), "the column");
    finding.help(format!("add an index: {index}"));
    finding.subject(format!("{}({column})", catalog.qualified_name(table.id)));
    if catalog.foreign_keys(table.id).any(|(_, key)| key.columns == [lookup.column]) {
        finding.note("the same index serves the foreign key of that column: unindexed_foreign_keys adds it");
        return;
    }
    finding.fix(Fix::safe(format!("create an index on {name} ({quoted})")).migrate(index));
}

fn has_index(context: &SchemaContext<'_>, lookup: &row_security::Lookup) -> bool {
    let usable = |index: &Found<'_, Index>| index.is.predicate.is_none() || is_without_nulls(context, index, lookup);
    let indexes = context.catalog.indexes(lookup.relation);
    indexes.filter(usable).any(|index| index.is.valid && index.is.starts_with(&[lookup.column]))
}

/// Whether an index leaves out nothing but rows where the column is NULL, which no comparison finds.
fn is_without_nulls(context: &SchemaContext<'_>, index: &Found<'_, Index>, lookup: &row_security::Lookup) -> bool {
    let column = context.catalog.column_name(lookup.relation, lookup.column);
    let predicate = context.deparser().index_predicate(index.id);
    predicate.is_some_and(|text| text == format!("({} IS NOT NULL)", quote_identifier(&column)))
}
