//! A policy whose sub-select reads a whole table for each row. The README beside this file is its manual and its test.

use std::collections::BTreeSet;

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    aliases: &["pgrls/PERF004"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    let mut proposed = BTreeSet::new();
    for table in catalog.tables().filter(|table| table.is.row_security.is_some()) {
        for policy in catalog.policies(table.id).filter(|policy| !policy.span().is_none()) {
            for in_check in [false, true] {
                let condition = row_security::condition(catalog.catalog(), policy.id, in_check);
                for lookups in condition.iter().flat_map(|condition| condition.inner_lookups()) {
                    tell(context, report, (&table, &policy, &lookups), &mut proposed);
                }
            }
        }
    }
}

fn tell(
    context: &SchemaContext<'_>,
    report: &mut Report,
    (table, policy, lookups): (&Found<'_, Relation>, &Found<'_, Policy>, &[row_security::Lookup]),
    proposed: &mut BTreeSet<String>,
) {
    let catalog = context.catalog;
    let Some(first) = lookups.first() else { return };
    let Some(read) = catalog.relation(first.relation) else { return };
    let is_table = matches!(read.is.class, RelationClass::Table | RelationClass::PartitionedTable);
    // Any of the columns in front of an index is enough to find a few rows.
    let found = catalog
        .indexes(read.id)
        .any(|index| index.is.valid && lookups.iter().any(|lookup| index.is.starts_with(&[lookup.column])));
    if found || !is_table || !context.is_ours(read.object) {
        return;
    }
    let columns =
        lookups.iter().map(|lookup| quote_identifier(&catalog.column_name(read.id, lookup.column)).into_owned());
    let columns = columns.collect::<Vec<_>>().join(", ");
    let (of, name) = (catalog.short_name(table.id), catalog.short_name(read.id));
    let index = format!("create index on {} ({columns});", catalog.sql_name(read.id));
    let span = if first.span.is_none() { policy.span() } else { first.span };
    let finding = report.at(span, format!("policy \"{}\" reads all of {name} for each row of {of}", policy.name()));
    finding.label(format!("no index of {name} starts with any of ({columns})"));
    finding.also(read.span(), "made here").help(format!("add an index: {index}"));
    finding.subject(format!("{} {} {name}({columns})", catalog.qualified_name(table.id), policy.name()));
    // One index serves all policies that look for the same.
    if proposed.insert(index.clone()) {
        finding.fix(Fix::safe(format!("create an index on {name} ({columns})")).migrate(index));
    }
}
