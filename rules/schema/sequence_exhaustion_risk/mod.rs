//! A key that runs out at two thousand million. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Schema(check),
    // How soon hangs on how many rows come.
    level: Some(Level::At(Severity::Info)),
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for (id, object) in context.catalog.objects() {
        let Some(sequence) = object.as_sequence().filter(|it| !it.cycle && it.increment > 0) else { continue };
        for (table, column) in fed(context.catalog, id, sequence) {
            tell(context, report, table, column);
        }
    }
}

/// The columns that take their numbers from a sequence: the one that owns it, or those whose default names it.
fn fed(catalog: CatalogAt<'_>, id: ObjectId, sequence: &Sequence) -> Vec<(ObjectId, i16)> {
    if let Some(owner) = sequence.owned_by {
        return vec![owner];
    }
    let columns = catalog.dependents(id).filter_map(|(table, _, dependency)| match dependency.part {
        ObjectPart::Default(column) => Some((table, column)),
        _ => None,
    });
    columns.collect()
}

fn tell(context: &SchemaContext<'_>, report: &mut Report, table: ObjectId, column: i16) {
    let catalog = context.catalog;
    let ours = catalog.get(table).is_some_and(|table| context.is_ours(table));
    let Some(it) = catalog.column(table, column).filter(|it| ours && !it.span.is_none()) else { return };
    let ty = it.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| catalog.get(ty.id)).map(|ty| ty.name);
    let (words, last) = match ty.as_ref().map(Name::as_str) {
        Some("int2") => ("smallint", "32,767"),
        Some("int4") => ("integer", "2,147,483,647"),
        _ => return,
    };
    if !catalog.indexes(table).any(|index| index.is.primary && index.is.starts_with(&[column])) {
        return;
    }
    let name = format!("{}.{}", catalog.short_name(table), it.name);
    let finding = report.at(it.span, format!("{name} runs out after {last}"));
    finding.label(format!("{words}: failed inserts and rolled back ones use numbers up as well"));
    let referencing = catalog.referencing(table).filter(|(_, key)| key.referenced_columns.contains(&column)).count();
    if referencing > 0 {
        finding.note(format!("{referencing} foreign keys reference it and must be changed with it"));
    }
    finding.help("make it bigint while the table is small").subject(name);
}
