//! One statement that changes a large part of a table. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() {
        return;
    }
    let Some((table, word)) = context.changes_many_rows() else { return };
    let span = match context.kind() {
        StatementKind::Update(update) => update.relation.span,
        StatementKind::Delete(delete) => delete.relation.span,
        _ => return,
    };
    let name = context.name(table);
    let finding = report.at(span, format!("rows of {name} stay locked until all of them are {word}"));
    finding.subject(name).label("nothing here keeps it to a few rows");
    context.weigh(finding, table);
    finding.help("do it in batches by ranges of the key, each in a transaction of its own, outside of the migration");
}
