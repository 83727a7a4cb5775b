//! A policy that shows every row to everybody. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Statement(check),
    // A table that all may read is often meant to be one.
    level: Some(Level::Off),
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let (table, name, using) = match context.kind() {
        StatementKind::CreatePolicy(create) => (&create.relation, create.name, &create.using),
        StatementKind::AlterPolicy(alter) => (&alter.relation, alter.name, &alter.using),
        _ => return,
    };
    let Some(using) = using.as_ref().filter(|_| context.ran()) else { return };
    let Some(table) = context.find(&table.name) else { return };
    let Some(policy) = context.after.policies(table).find(|policy| policy.name() == name.name) else { return };
    let reads = matches!(policy.is.command, PolicyCommand::Select);
    if !reads || !policy.is.permissive || !policy.is.roles.iter().all(|&role| is_anybody(context, role)) {
        return;
    }
    let condition = row_security::condition(context.after.catalog(), policy.id, false);
    if condition.and_then(|condition| condition.truth()) != Some(true) {
        return;
    }
    let table_name = context.name(table);
    let finding = report.at(using.span, format!("everybody reads every row of {table_name}"));
    finding.subject(format!("{table_name}.{}", name.name)).label("true for each row");
    finding.help("say which rows are whose, or grant only the columns that all may see");
}

/// Roles that need no account; a policy without roles is for all.
fn is_anybody(context: &StatementContext<'_>, role: ObjectId) -> bool {
    context.after.get(role).is_some_and(|role| role.name.as_str() == "anon")
}
