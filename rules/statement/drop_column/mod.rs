//! A column dropped with all its values. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    DataLoss,
    Check::Statement(check),
    aliases: &["squawk/ban-drop-column", "pgls/banDropColumn"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::DropColumn { column, .. } = &action.written.kind else { continue };
        let was = context.before.relation(action.table).and_then(|table| table.is.column(column.name));
        let Some(was) = was.filter(|_| !context.is_new_column(action.table, column.name)) else { continue };
        // What is computed from other columns can be computed again.
        if was.generated.is_some() {
            continue;
        }
        let table = context.name(action.table);
        let finding = report.at(column.span, format!("all values of {table}.{} are lost", column.name));
        finding.subject(format!("{table}.{}", column.name)).also(was.span, "made here");
        if context.after.relation(action.table).is_some_and(|it| it.is.column(column.name).is_some()) {
            finding.label("the new column of the name holds its default in each row");
            finding.help("alter column … type, or … set default, keeps the values that are there");
            continue;
        }
        finding.label("old code that names it fails from here on");
        finding.help("release code that does not name it first, and drop it in a later migration");
    }
}
