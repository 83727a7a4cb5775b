//! CASCADE drops what the statement does not name. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(DataLoss, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() {
        return;
    }
    let Some(span) = cascade(context) else { return };
    let named = named(context);
    let fell: Vec<ObjectId> = context.changed.iter().copied().filter(|&id| fell(context, id, &named)).collect();
    if fell.is_empty() {
        return;
    }
    let words = |&id: &ObjectId| context.before.get(id).map(|it| format!("{} {}", it.kind_word(), context.name(id)));
    let names: Vec<String> = fell.iter().filter_map(words).collect();
    let finding = report.at(span, format!("CASCADE also drops {}", listed(&names)));
    finding.subject(names.join(" "));
    for &id in fell.iter().take(4) {
        let place = context.before.get(id).map_or(Span::NONE, |object| object.span);
        finding.also(place, "falls with it");
    }
    finding.help("drop them by name first, and leave CASCADE out: then the server refuses what was forgotten");
}

/// The place of what is dropped, where CASCADE is written.
fn cascade(context: &StatementContext<'_>) -> Option<Span> {
    match context.kind() {
        StatementKind::Drop(drop) if drop.behavior == syntax::DropBehavior::Cascade => {
            Some(drop.objects.first()?.span.to(drop.objects.last()?.span))
        }
        StatementKind::AlterTable(alter) => alter.actions.iter().find_map(|action| match &action.kind {
            TableActionKind::DropColumn { column, behavior: syntax::DropBehavior::Cascade, .. } => Some(column.span),
            TableActionKind::DropConstraint { name, behavior: syntax::DropBehavior::Cascade, .. } => Some(name.span),
            _ => None,
        }),
        _ => None,
    }
}

/// What the statement names.
fn named(context: &StatementContext<'_>) -> Vec<ObjectId> {
    match context.kind() {
        StatementKind::Drop(drop) => drop
            .objects
            .iter()
            .filter_map(|object| match &object.name {
                syntax::ObjectName::Qualified(name) if drop.kind == syntax::ObjectKind::Schema => {
                    context.before.schema(name.name.name)
                }
                syntax::ObjectName::Qualified(name) => context.find(name),
                _ => None,
            })
            .collect(),
        StatementKind::AlterTable(alter) => context.find(&alter.relation.name).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether an object fell that stands on its own and that others use, and is no part of what is named.
fn fell(context: &StatementContext<'_>, id: ObjectId, named: &[ObjectId]) -> bool {
    let Some(object) = context.before.get(id).filter(|_| context.after.get(id).is_none()) else { return false };
    if named.contains(&id) || object.schema.is_some_and(|schema| named.contains(&schema)) || context.is_new(id) {
        return false;
    }
    let of_named = object.attached_to().is_some_and(|of| context.after.get(of).is_none() || named.contains(&of));
    // A part of an extension falls with it, and is named by it.
    if object.extension.is_some() || is_named_routine(context, object) {
        return false;
    }
    match &object.kind {
        Kind::Relation(relation) => relation.class != RelationClass::CompositeType && !partition_of(relation, named),
        Kind::Routine(_) => true,
        Kind::Constraint(constraint) => {
            !of_named && matches!(constraint.kind, ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. })
        }
        Kind::Policy(_) | Kind::Trigger(_) => !of_named,
        _ => false,
    }
}

/// Whether a DROP FUNCTION names it: of several with the name only the one that is meant falls with it.
fn is_named_routine(context: &StatementContext<'_>, object: &Object) -> bool {
    let StatementKind::Drop(drop) = context.kind() else { return false };
    let names = drop.objects.iter().filter_map(|it| match &it.name {
        syntax::ObjectName::Function(signature) => Some(signature.name.name.name),
        _ => None,
    });
    matches!(object.kind, Kind::Routine(_)) && names.into_iter().any(|name| name == object.name)
}

fn partition_of(relation: &Relation, named: &[ObjectId]) -> bool {
    relation.bound.is_some() && relation.parents.iter().any(|parent| named.contains(parent))
}
