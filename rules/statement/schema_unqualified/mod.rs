//! A new object in whatever schema comes first. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Some(name) = made(context.kind()).filter(|name| name.schema.is_none() && context.ran()) else { return };
    let is_it = |&id: &ObjectId| {
        context.before.get(id).is_none() && context.after.get(id).is_some_and(|object| object.name == name.name.name)
    };
    let made = context.changed.iter().copied().find(is_it);
    let Some(schema) = made.and_then(|id| context.schema_of(id)).and_then(|id| context.after.get(id)) else { return };
    let finding = report.at(name.name.span, format!("{} goes into whatever schema comes first", name.name.name));
    finding.subject(name.name.name.to_string());
    finding.label(format!("search_path decides; here it is {}", schema.name));
    finding.help("write the schema");
    if context.executed.within.is_none() {
        let schema = quote_identifier(&schema.name).into_owned();
        finding.fix(Fix::safe("write the schema").insert_before(name.name.span, format!("{schema}.")));
    }
}

/// The name of what a statement makes in a schema; temporary relations live in none of the project's.
fn made(kind: &StatementKind) -> Option<&syntax::QualifiedName> {
    let lasting = |relation: &'_ syntax::RelationRef| relation.persistence != Persistence::Temporary;
    match kind {
        StatementKind::CreateTable(create) if lasting(&create.relation) => Some(&create.relation.name),
        StatementKind::CreateView(create) if lasting(&create.relation) => Some(&create.relation.name),
        StatementKind::CreateFunction(create) => Some(&create.name),
        StatementKind::CreateEnum { name, .. } | StatementKind::CreateCompositeType { name, .. } => Some(name),
        _ => None,
    }
}
