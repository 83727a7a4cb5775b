//! Several tables closed at once. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    level: Some(Level::At(Severity::Info)),
    adds: true,
    aliases: &["pgls/avoidWideLockWindow"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let is_first = !context.executed.in_transaction_block || context.held.is_empty();
    if !context.ran() || is_first || is_about_rows_seen(context.kind()) {
        return;
    }
    let locked = context.tables_locked(LockMode::AccessExclusive).into_iter().map(|(id, _)| id);
    let locked: Vec<ObjectId> = locked.filter(|&id| is_table(context, id)).collect();
    if locked.is_empty() {
        return;
    }
    let by_policy = |held: &HeldLock| {
        context.before.catalog().statement(held.by).is_some_and(|by| is_about_rows_seen(&by.statement.kind))
    };
    let mut held = context
        .held_before(LockMode::AccessExclusive)
        .filter(|held| is_table(context, held.relation) && !by_policy(held));
    let Some(first) = held.next() else { return };
    // The second table is told of; what comes after it only makes it worse.
    if held.any(|held| !is_family(context, first.relation, held.relation)) {
        return;
    }
    let Some(second) = locked.into_iter().find(|&id| !is_family(context, first.relation, id)) else { return };
    let (one, two) = (context.name(first.relation), context.name(second));
    let span = context.executed.statement.span;
    let finding = report.at(span, format!("{one} stays closed until the lock on {two} is free"));
    finding.subject(format!("{one} {two}"));
    finding.label(format!("needs ACCESS EXCLUSIVE on {two}, and the transaction holds {one}"));
    if let Some(by) = context.before.catalog().statement(first.by).filter(|by| by.id != context.executed.id) {
        finding.also(by.statement.span, format!("takes ACCESS EXCLUSIVE on {one}"));
    }
    finding.note("who uses both in the other order is in a deadlock with it: one of the two is cancelled");
    finding.help("one table a migration; where they belong together, set a short lock_timeout and try again");
}

/// Policies and row level security: who sees what is changed in one go, and no hole is left open for the sake of a lock.
fn is_about_rows_seen(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::CreatePolicy(_) | StatementKind::AlterPolicy(_) => true,
        StatementKind::Drop(drop) => drop.kind == syntax::ObjectKind::Policy,
        StatementKind::AlterTable(alter) => alter.actions.iter().all(|action| {
            let switches = [TableActionKind::EnableRowSecurity, TableActionKind::ForceRowSecurity];
            switches.contains(&action.kind)
        }),
        _ => false,
    }
}

fn is_table(context: &StatementContext<'_>, id: ObjectId) -> bool {
    context.before.relation(id).is_some_and(|it| {
        matches!(it.is.class, RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView)
    })
}

/// Whether two relations are the same, or parent and child, or children of one parent.
fn is_family(context: &StatementContext<'_>, one: ObjectId, two: ObjectId) -> bool {
    let parents = |id: ObjectId| context.before.relation(id).map(|it| it.is.parents.clone()).unwrap_or_default();
    let (of_one, of_two) = (parents(one), parents(two));
    one == two || of_one.contains(&two) || of_two.contains(&one) || of_one.iter().any(|parent| of_two.contains(parent))
}
