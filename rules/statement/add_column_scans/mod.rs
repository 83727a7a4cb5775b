//! A new column for which the whole table is read. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AddColumn { column, .. } = &action.written.kind else { continue };
        let checked = column.constraints.iter().find(|it| matches!(it.kind, syntax::ConstraintKind::Check(_)));
        let read = context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Verified);
        if let Some(checked) = checked.filter(|_| read) {
            tell(context, report, action.table, column, checked);
        }
    }
}

fn tell(
    context: &StatementContext<'_>,
    report: &mut Report,
    table: ObjectId,
    column: &syntax::ColumnDefinition,
    checked: &syntax::Constraint,
) {
    let work = format!("the constraint on the new column {} is checked", column.name.name);
    let finding = context.closed(report, checked.span, table, &work);
    let name = context.name(table);
    finding.subject(format!("{name}.{}", column.name.name));
    let constraint = checked.name.map_or_else(
        || new_name(&[name.rsplit('.').next().unwrap_or(&name), column.name.as_str(), "check"]),
        sql_ident,
    );
    let sql = context.sql_name(table);
    finding.help(format!(
        "add the column alone, then: alter table {sql} add constraint {constraint} check (…) not valid;"
    ));
    finding.help(format!("in a later migration: alter table {sql} validate constraint {constraint};"));
}
