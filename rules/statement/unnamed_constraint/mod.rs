//! A constraint that the server names. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check), aliases: &["diesel-guard/UnnamedConstraintCheck"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::AlterTable(alter) = context.kind() else { return };
    let Some(table) = context.find(&alter.relation.name).filter(|_| context.ran()) else { return };
    let mut made = made(context, table).into_iter();
    for action in &alter.actions {
        let TableActionKind::AddConstraint(constraint) = &action.kind else { continue };
        let Some(name) = made.next() else { return };
        if constraint.name.is_some() || matches!(constraint.kind, syntax::ConstraintKind::NotNull { .. }) {
            continue;
        }
        let finding = report.at(constraint.span, format!("the server names this constraint {name}"));
        finding.subject(format!("{}.{name}", context.name(table)));
        finding.label("another name is chosen where that one is taken, so servers can differ");
        let quoted = quote_identifier(&name).into_owned();
        finding.help("give it a name, which a later migration can rely on");
        if context.executed.within.is_none() {
            let fix = Fix::safe("write its name down");
            finding.fix(fix.insert_before(constraint.span, format!("constraint {quoted} ")));
        }
    }
}

/// The names of the constraints that the statement made by itself, in the order they are written.
fn made(context: &StatementContext<'_>, table: ObjectId) -> Vec<Name> {
    let new = context.after.constraints(table).filter(|it| context.before.get(it.id).is_none());
    let mut new: Vec<Found<'_, Constraint>> = new.collect();
    new.sort_by_key(|it| it.id);
    new.into_iter().map(|it| it.name()).collect()
}
