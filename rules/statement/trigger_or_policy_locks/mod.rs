//! A trigger or policy on a table that others use. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    // The lock is short unless somebody is in the way, and there is no other way to do it.
    level: Some(Level::Off),
    aliases: &["pgls/avoidCreateTrigger", "pgls/banDropTrigger", "pgls/avoidEnableDisableTrigger"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Some((span, what)) = changed(context).filter(|_| context.ran() && !context.has_lock_timeout()) else { return };
    let Some(&(table, mode)) = context.tables_locked(LockMode::ShareRowExclusive).first() else { return };
    let finding = report.at(span, format!("{} for the {what}", context.who_waits(table)));
    finding.subject(context.name(table));
    finding.label(format!("takes {} until the transaction ends", lock_words(mode)));
    finding.help("set lock_timeout = '2s'; before it, in a transaction of its own, and try again where that strikes");
}

/// The part of the statement that names the trigger or policy.
fn changed(context: &StatementContext<'_>) -> Option<(Span, &'static str)> {
    match context.kind() {
        StatementKind::CreateTrigger(create) => Some((create.name.span, "new trigger")),
        StatementKind::CreatePolicy(create) => Some((create.name.span, "new policy")),
        StatementKind::AlterPolicy(alter) => Some((alter.name.span, "change of the policy")),
        StatementKind::Drop(drop) => match drop.kind {
            syntax::ObjectKind::Trigger => Some((drop.objects.first()?.span, "drop of the trigger")),
            syntax::ObjectKind::Policy => Some((drop.objects.first()?.span, "drop of the policy")),
            _ => None,
        },
        StatementKind::Rename(rename) => match rename.object.kind {
            syntax::ObjectKind::Trigger => Some((rename.new_name.span, "new name of the trigger")),
            syntax::ObjectKind::Policy => Some((rename.new_name.span, "new name of the policy")),
            _ => None,
        },
        StatementKind::AlterTable(alter) => alter.actions.iter().find_map(|action| match &action.kind {
            TableActionKind::EnableRowSecurity | TableActionKind::DisableRowSecurity => {
                Some((action.span, "change of row level security"))
            }
            TableActionKind::ForceRowSecurity | TableActionKind::NoForceRowSecurity => {
                Some((action.span, "change of row level security"))
            }
            TableActionKind::Trigger { .. } => Some((action.span, "switch of the trigger")),
            _ => None,
        }),
        _ => None,
    }
}
