//! A constraint validated in the transaction that added it. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), aliases: &["pgls/requireSeparateConstraintValidation"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::ValidateConstraint { name } = &action.written.kind else { continue };
        if let Some(added) = added(context, action.table, *name) {
            tell(context, report, action.table, *name, added);
        }
    }
}

/// Where the same transaction, or the same statement, added the constraint.
fn added(context: &StatementContext<'_>, table: ObjectId, name: Ident) -> Option<Span> {
    let own = context.actions().find_map(|action| match &action.written.kind {
        TableActionKind::AddConstraint(constraint) => constraint.name.filter(|it| it.name == name.name),
        _ => None,
    });
    if let Some(own) = own {
        return Some(own.span);
    }
    let constraint = context.constraint(table, name.name).filter(|it| !it.is.validated)?;
    let made = context.before.made_by(constraint.id)?;
    let by = context.before.catalog().statement(made)?;
    (by.transaction == context.executed.transaction).then(|| constraint.span())
}

fn tell(context: &StatementContext<'_>, report: &mut Report, table: ObjectId, name: Ident, added: Span) {
    let held = context.held.iter().filter(|held| held.relation == table).map(|held| held.mode).max();
    let mode = held.max(context.effects.lock(table)).unwrap_or(LockMode::AccessExclusive);
    let table_name = context.name(table);
    let message = format!("{} while {} is validated", who_waits(&table_name, mode), name.name);
    let finding = report.at(name.span, message);
    finding.subject(format!("{table_name}.{}", name.name));
    finding.label(format!("reads all of {table_name} while the lock of ADD CONSTRAINT is held"));
    finding.also(added, format!("takes {} until the transaction ends", lock_words(mode)));
    context.weigh(finding, table);
    finding.help("validate it in a later migration");
}
