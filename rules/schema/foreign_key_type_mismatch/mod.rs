//! A foreign key between columns of different types. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Schema(check),
    level: Some(Level::At(Severity::Warning)),
);

/// Integers by width.
const INTEGERS: &[&str] = &["int2", "int4", "int8"];
/// Types whose values are one another's.
const STRINGS: &[&str] = &["text", "varchar", "name"];

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for table in catalog.tables().filter(|table| context.is_ours(table.object)) {
        for (constraint, key) in catalog.foreign_keys(table.id).filter(|(constraint, _)| constraint.is.parent.is_none())
        {
            for (&from, &to) in key.columns.iter().zip(&key.referenced_columns) {
                let types = (base_type(catalog, table.id, from), base_type(catalog, key.references, to));
                let (Some(from_type), Some(to_type)) = types else { continue };
                let Some(why) = problem(from_type.as_str(), to_type.as_str()) else { continue };
                let (from, to) = (catalog.column(table.id, from), catalog.column(key.references, to));
                let (Some(from), Some(to)) = (from, to) else { continue };
                let span = if from.span.is_none() { constraint.span() } else { from.span };
                let referenced = format!("{}.{}", catalog.short_name(key.references), to.name);
                report
                    .at(span, format!("{} is {from_type}, and references {to_type}", from.name))
                    .label(why)
                    .also(to.span, format!("{referenced} is {to_type}"))
                    .help(format!("make it {to_type} as well"))
                    .subject(format!("{}.{} {referenced}", catalog.qualified_name(table.id), from.name));
            }
        }
    }
}

/// What is wrong with a reference between these types; nothing where each value of one is one of the other.
fn problem(from: &str, to: &str) -> Option<&'static str> {
    let width = |name: &str| INTEGERS.iter().position(|integer| *integer == name);
    match (width(from), width(to)) {
        (Some(from), Some(to)) if from < to => Some("too narrow for all the keys that there can be"),
        (Some(_), Some(_)) => None,
        _ if from == to || (STRINGS.contains(&from) && STRINGS.contains(&to)) => None,
        _ => Some("each check converts one to the other"),
    }
}

/// The name of a column's type, that of its base for a domain.
fn base_type(catalog: CatalogAt<'_>, relation: ObjectId, column: i16) -> Option<Name> {
    let mut ty = catalog.column(relation, column)?.ty.clone()?;
    // A domain may be made of a domain, but not of itself.
    for _ in 0..32 {
        let object = catalog.get(ty.id)?;
        match &object.as_type()?.class {
            TypeClass::Domain { base, .. } => ty = base.clone(),
            _ => return (!ty.array).then_some(object.name),
        }
    }
    None
}
