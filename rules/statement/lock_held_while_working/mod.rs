//! Long work in a transaction that keeps others from a table. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    adds: true,
    aliases: &["pgls/runningStatementWhileHoldingAccessExclusive", "eugene/E4"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() || !context.executed.in_transaction_block || context.held.is_empty() {
        return;
    }
    if validates_own(context) {
        return;
    }
    let Some((worked, work)) = work(context) else { return };
    // What the statement itself takes is told by the rule about it.
    let mut held = context.held_before(LockMode::ShareRowExclusive).filter(|held| {
        let is_table = context.before.relation(held.relation).is_some_and(|it| holds_rows(it.is));
        is_table && context.effects.lock(held.relation).is_none_or(|own| own < held.mode)
    });
    let strongest =
        |a: &HeldLock, b: &HeldLock| (a.mode == LockMode::AccessExclusive) >= (b.mode == LockMode::AccessExclusive);
    let Some(first) = held.next() else { return };
    let held = held.fold(*first, |best, next| if strongest(&best, next) { best } else { *next });
    // The first one is told of: what follows it in the same transaction is moved out with it.
    if report.first_time(format!("{} {}", context.executed.transaction, held.mode == LockMode::AccessExclusive)) {
        tell(context, report, worked, &work, held);
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, worked: ObjectId, work: &str, held: HeldLock) {
    let table = context.name(held.relation);
    let span = first_words(context);
    let finding = report.at(span, format!("{} while {work}", who_waits(&table, held.mode)));
    finding.subject(format!("{table} {}", context.name(worked)));
    finding.label(format!("the transaction holds {} on {table} until it ends", lock_words(held.mode)));
    let by = context.before.catalog().statement(held.by).map_or(Span::NONE, |by| by.statement.span);
    if by != context.executed.statement.span {
        finding.also(by, format!("takes {}", lock_words(held.mode)));
    }
    context.weigh(finding, worked);
    finding.help("put this, and other long work that follows, into a migration after the one with the lock");
}

/// Whether it validates what its transaction added, which validated_in_same_transaction tells.
fn validates_own(context: &StatementContext<'_>) -> bool {
    let transaction = context.executed.transaction;
    context.actions().any(|action| {
        let TableActionKind::ValidateConstraint { name } = &action.written.kind else { return false };
        let made = context.constraint(action.table, name.name).and_then(|it| context.before.made_by(it.id));
        let by = made.and_then(|made| context.before.catalog().statement(made));
        by.is_some_and(|by| by.transaction == transaction)
    })
}

/// The table that a statement works on for long, and what it does there.
fn work(context: &StatementContext<'_>) -> Option<(ObjectId, String)> {
    let in_use = |ids: &[ObjectId]| context.in_use(ids).into_iter().find(|&id| context.before.relation(id).is_some());
    let effects = context.effects;
    match context.kind() {
        StatementKind::Update(_) | StatementKind::Delete(_) => {
            let (table, word) = context.changes_many_rows()?;
            Some((table, format!("rows of {} are {word}", context.name(table))))
        }
        StatementKind::CreateIndex(create) if create.concurrently.is_none() && !effects.builds_indexes.is_empty() => {
            let table = in_use(&effects.scans)?;
            Some((table, format!("an index of {} is built", context.name(table))))
        }
        StatementKind::AlterTable(_) | StatementKind::Cluster { .. } => {
            let rewritten = in_use(&effects.rewrites).map(|table| (table, "is written anew"));
            let (table, what) =
                rewritten.or_else(|| in_use(&effects.scans).map(|table| (table, "is read as a whole")))?;
            Some((table, format!("{} {what}", context.name(table))))
        }
        StatementKind::RefreshMaterializedView { relation, with_data: true, .. } => {
            let view = context.find(&relation.name).filter(|&view| context.is_in_use(view))?;
            Some((view, format!("{} is refreshed", context.name(view))))
        }
        _ => None,
    }
}

/// The first line of the statement.
fn first_words(context: &StatementContext<'_>) -> Span {
    let span = context.executed.statement.span;
    let text = context.sources.slice(span);
    let end = text.find('\n').map_or(span.end, |end| span.start + end as u32);
    Span::new(span.file, span.start, end)
}
