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
        finding.subject(format!("{table}.{}", column.name)).label("old code that names it fails from here on");
        finding.also(was.span, "made here");
        finding.help("release code that does not name it first, and drop it in a later migration");
    }
}
