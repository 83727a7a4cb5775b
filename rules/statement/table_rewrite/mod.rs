//! A table that is written anew as a whole while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), aliases: &["pgls/banVacuumFull"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() {
        return;
    }
    let Some((span, instead)) = cause(context) else { return };
    let is_table = |id: &ObjectId| context.before.relation(*id).is_some();
    let tables: Vec<ObjectId> = context.in_use(&context.effects.rewrites).into_iter().filter(is_table).collect();
    let Some(&first) = tables.first() else { return };
    let names = context.names(&tables);
    let message = format!("every read and write of {names} waits while it is written anew");
    let finding = report.at(span, message);
    finding.subject(names).label("takes ACCESS EXCLUSIVE and copies all rows and indexes into new files");
    context.weigh(finding, first);
    finding.help(instead);
}

/// The part of the statement that makes new files, and what could be done instead.
fn cause(context: &StatementContext<'_>) -> Option<(Span, &'static str)> {
    const WINDOW: &str = "do it in a maintenance window, or fill a new table beside this one and swap their names";
    const BLOAT: &str = "pg_repack gives space back without closing the table; plain VACUUM often does";
    let whole = context.executed.statement.span;
    match context.kind() {
        StatementKind::Cluster { .. } | StatementKind::Vacuum { vacuum: true, .. } => Some((whole, BLOAT)),
        StatementKind::MoveAllInTablespace { .. } => Some((whole, WINDOW)),
        StatementKind::AlterTable(alter) => {
            let action = alter.actions.iter().find(|action| rewrites(&action.kind))?;
            Some((action.span, WINDOW))
        }
        _ => None,
    }
}

fn rewrites(action: &TableActionKind) -> bool {
    matches!(
        action,
        TableActionKind::SetLogged
            | TableActionKind::SetUnlogged
            | TableActionKind::SetExpression { .. }
            | TableActionKind::SetTablespace { .. }
            | TableActionKind::SetAccessMethod { .. }
    )
}
