//! A change of type that keeps the rows but builds an index anew. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AlterColumnType { column, .. } = &action.written.kind else { continue };
        let causes = context.effects.of_action(action.at).filter(|cause| cause.rows != Rows::Rewritten);
        let rebuilt: Vec<ObjectId> = causes.flat_map(|cause| cause.rebuilds.iter().copied()).collect();
        if !rebuilt.is_empty() {
            tell(context, report, action, *column, &rebuilt);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, action: Action<'_>, column: Ident, rebuilt: &[ObjectId]) {
    let names = context.names(rebuilt);
    let verb = if rebuilt.len() == 1 { "is" } else { "are" };
    let work = format!("{names} {verb} built anew");
    let finding = context.closed(report, action.written.span, action.table, &work);
    finding.subject(format!("{}.{}", context.name(action.table), column.name));
    for &index in rebuilt.iter().take(3) {
        let span = context.before.get(index).map_or(Span::NONE, |index| index.span);
        finding.also(span, "does not survive the change");
    }
    finding.help(format!("drop {names} concurrently before, and build it concurrently afterwards"));
}
