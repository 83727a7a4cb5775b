//! A strong lock for nothing. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), level: Some(Level::At(Severity::Info)));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let (span, table) = match context.kind() {
        StatementKind::AlterTable(alter) => {
            // A statement of which IF [NOT] EXISTS left nothing took its lock all the same.
            let took_lock = matches!(context.executed.outcome, Outcome::Done | Outcome::Skipped);
            let table = context.find(&alter.relation.name).filter(|&table| took_lock && context.is_in_use(table));
            let Some(table) = table else { return };
            let nothing = |action: &TableAction| changes_nothing(context, table, action);
            if alter.actions.is_empty() || !alter.actions.iter().all(nothing) {
                return;
            }
            (alter.actions[0].span.to(alter.actions[alter.actions.len() - 1].span), table)
        }
        StatementKind::CreateIndex(create) if matches!(context.executed.outcome, Outcome::Skipped) => {
            let Some(table) = context.find(&create.relation.name).filter(|&table| context.is_in_use(table)) else {
                return;
            };
            (create.name.map_or(create.relation.span, |name| name.span), table)
        }
        _ => return,
    };
    let Some(mode) = context.effects.lock(table).filter(|&mode| mode >= LockMode::Share) else { return };
    let message = format!("{} for what is there already", context.who_waits(table));
    let finding = report.at(span, message);
    finding.subject(context.name(table)).label(format!("takes {}, and changes nothing", lock_words(mode)));
    finding.help("leave it out; where some servers lack it, ask the catalog in a DO block first");
}

/// Whether an action finds what it is to bring about. What is not known to be there counts as a change.
fn changes_nothing(context: &StatementContext<'_>, table: ObjectId, action: &TableAction) -> bool {
    let Some(relation) = context.before.relation(table).filter(|it| it.is.columns_known).map(|it| it.is) else {
        return false;
    };
    let column = |name: &Ident| relation.column(name.name);
    match &action.kind {
        TableActionKind::AddColumn { column: added, if_not_exists: true } => column(&added.name).is_some(),
        TableActionKind::DropColumn { column: dropped, if_exists: true, .. } => column(dropped).is_none(),
        TableActionKind::SetNotNull { column: of } => column(of).is_some_and(|it| it.not_null),
        TableActionKind::DropNotNull { column: of } => column(of).is_some_and(|it| !it.not_null),
        TableActionKind::DropConstraint { name, if_exists: true, .. } => context.constraint(table, name.name).is_none(),
        TableActionKind::AlterColumnType { column: of, using: None, .. } => {
            let types = context.types(table, of.name);
            column(of).is_some_and(|it| it.collation.is_none()) && types.is_some_and(|(from, to)| from == to)
        }
        TableActionKind::EnableRowSecurity => relation.row_security.is_some(),
        TableActionKind::DisableRowSecurity => relation.row_security.is_none(),
        TableActionKind::SetLogged => relation.persistence == Persistence::Permanent,
        TableActionKind::SetUnlogged => relation.persistence == Persistence::Unlogged,
        _ => false,
    }
}
