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
    let held = context.held.iter().filter(|held| held.relation == table).max_by_key(|held| held.mode);
    let mode = held.map(|held| held.mode).max(context.effects.lock(table)).unwrap_or(LockMode::AccessExclusive);
    let table_name = context.name(table);
    let message = format!("{} while {} is validated", who_waits(&table_name, mode), name.name);
    let finding = report.at(name.span, message);
    finding.subject(format!("{table_name}.{}", name.name));
    let takes = format!("takes {} until the transaction ends", lock_words(mode));
    // What the statement that added it does not take itself was taken before it.
    let earlier = held.filter(|held| held.mode == mode).and_then(|held| context.before.catalog().statement(held.by));
    match earlier.map(|by| by.statement.span).filter(|span| !span.contains(added)) {
        Some(span) => {
            finding.label(format!("reads all of {table_name} while that lock is held"));
            finding.also(added, "added here").also(span, takes);
        }
        None => {
            finding.label(format!("reads all of {table_name} while the lock of ADD CONSTRAINT is held"));
            finding.also(added, takes);
        }
    }
    context.weigh(finding, table);
    finding.help("validate it in a later migration");
}
