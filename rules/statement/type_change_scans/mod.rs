//! A change of type that keeps the rows but checks a constraint on all of them. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AlterColumnType { column, .. } = &action.written.kind else { continue };
        if context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Verified) {
            tell(context, report, action, *column);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, action: Action<'_>, column: Ident) {
    let number = context.before.relation(action.table).and_then(|it| Some(it.is.column(column.name)?.number));
    let reads = |constraint: &Found<'_, Constraint>| matches!(&constraint.is.kind, ConstraintKind::Check { columns, .. } if number.is_some_and(|it| columns.contains(&it)));
    let Some(constraint) = context.before.constraints(action.table).find(reads) else { return };
    let work = format!("{} is checked again", constraint.name());
    let finding = context.closed(report, action.written.span, action.table, &work);
    finding.subject(format!("{}.{}", context.name(action.table), column.name));
    finding.also(constraint.span(), format!("reads {}", column.name));
    let (sql, name) = (context.sql_name(action.table), quote_identifier(&constraint.name()).into_owned());
    finding.help(format!(
        "drop {name} before, and afterwards: alter table {sql} add constraint {name} check (…) not valid;"
    ));
    finding.help(format!("then, in a later migration: alter table {sql} validate constraint {name};"));
}
