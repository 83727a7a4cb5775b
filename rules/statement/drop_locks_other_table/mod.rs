//! A drop that closes another table than the one it names. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), adds: true);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Some((span, what)) = dropped(context).filter(|_| context.ran()) else { return };
    // With a timeout, those behind it wait no longer than that.
    if context.has_lock_timeout() {
        return;
    }
    let named = named(context);
    let gone = |id: ObjectId| context.after.get(id).is_none();
    let related = |id: ObjectId| {
        let parents = context.before.relation(id).map(|it| it.is.parents.clone()).unwrap_or_default();
        named.iter().any(|other| parents.contains(other)) || is_child_of_gone(context, id, &named)
    };
    let locked = context.tables_locked(LockMode::AccessExclusive).into_iter().map(|(id, _)| id);
    let is_other = |id: &ObjectId| !named.contains(id) && !gone(*id) && !related(*id) && is_table(context, *id);
    let others: Vec<ObjectId> = locked.filter(is_other).collect();
    if others.is_empty() {
        return;
    }
    let names = context.names(&others);
    let finding = report.at(span, format!("every read and write of {names} waits for the drop of {what}"));
    finding.subject(names.clone());
    finding.label(format!("takes ACCESS EXCLUSIVE on {names} until the transaction ends"));
    for id in others.iter().take(3) {
        if let Some(key) = key_between(context, &named, *id) {
            finding.also(key.span(), format!("{} ties the two", key.name()));
        }
    }
    finding.help("run it with a short lock_timeout, in a transaction of its own, and try again where that strikes");
}

fn is_table(context: &StatementContext<'_>, id: ObjectId) -> bool {
    context.before.relation(id).is_some_and(|it| {
        matches!(it.is.class, RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView)
    })
}

/// The tables that the statement names.
fn named(context: &StatementContext<'_>) -> Vec<ObjectId> {
    match context.kind() {
        StatementKind::AlterTable(alter) => context.find(&alter.relation.name).into_iter().collect(),
        StatementKind::Drop(drop) => drop
            .objects
            .iter()
            .filter_map(|object| match &object.name {
                syntax::ObjectName::Qualified(name) => context.find(name),
                syntax::ObjectName::OfRelation { relation, .. } => context.find(relation),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What is dropped, where that is a part of a table or a table.
fn dropped(context: &StatementContext<'_>) -> Option<(Span, String)> {
    match context.kind() {
        StatementKind::AlterTable(alter) => alter.actions.iter().find_map(|action| match &action.kind {
            TableActionKind::DropConstraint { name, .. } => Some((name.span, name.name.to_string())),
            TableActionKind::DropColumn { column, .. } => Some((column.span, column.name.to_string())),
            _ => None,
        }),
        StatementKind::Drop(drop) if drop.kind == syntax::ObjectKind::Table => {
            let first = drop.objects.first()?;
            let syntax::ObjectName::Qualified(name) = &first.name else { return None };
            Some((first.span, name.to_string()))
        }
        _ => None,
    }
}

/// Partitions and children, which nobody calls another table.
fn is_child_of_gone(context: &StatementContext<'_>, id: ObjectId, named: &[ObjectId]) -> bool {
    named.iter().any(|&table| context.before.relation(table).is_some_and(|it| it.is.parents.contains(&id)))
}

fn key_between<'a>(
    context: &StatementContext<'a>,
    named: &[ObjectId],
    other: ObjectId,
) -> Option<Found<'a, Constraint>> {
    named.iter().find_map(|&table| {
        let mut keys = context.before.foreign_keys(table).filter(|(_, key)| key.references == other);
        keys.find(|(key, _)| context.after.get(key.id).is_none()).map(|(key, _)| key)
    })
}
