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
    let catalog = context.catalog;
    for (_, object) in catalog.objects() {
        let Some((sequence, (table, column))) = object.as_sequence().and_then(|it| Some((it, it.owned_by?))) else {
            continue;
        };
        if !catalog.get(table).is_some_and(|table| context.is_ours(table)) {
            continue;
        }
        let Some(it) = catalog.column(table, column).filter(|_| !sequence.cycle && sequence.increment > 0) else {
            continue;
        };
        let ty = it.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| catalog.get(ty.id)).map(|ty| ty.name);
        let (words, last) = match ty.as_ref().map(Name::as_str) {
            Some("int2") => ("smallint", "32,767"),
            Some("int4") => ("integer", "2,147,483,647"),
            _ => continue,
        };
        let is_key = catalog.indexes(table).any(|index| index.is.primary && index.is.starts_with(&[column]));
        if !is_key || it.span.is_none() {
            continue;
        }
        let name = format!("{}.{}", catalog.short_name(table), it.name);
        let finding = report.at(it.span, format!("{name} runs out after {last}"));
        finding.label(format!("{words}: failed inserts and rolled back ones use numbers up as well"));
        let referencing =
            catalog.referencing(table).filter(|(_, key)| key.referenced_columns.contains(&column)).count();
        if referencing > 0 {
            finding.note(format!("{referencing} foreign keys reference it and must be changed with it"));
        }
        finding.help("make it bigint while the table is small").subject(name);
    }
}
