//! A CHECK constraint that is tested against all rows while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/constraint-missing-not-valid", "pgls/constraintMissingNotValid", "eugene/E1"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AddConstraint(constraint) = &action.written.kind else { continue };
        if !matches!(constraint.kind, syntax::ConstraintKind::Check(_)) || constraint.not_valid.is_some() {
            continue;
        }
        if context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Verified) {
            tell(context, report, action.table, constraint);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, table: ObjectId, constraint: &syntax::Constraint) {
    let made = context.new_constraints().into_iter().find(|made| {
        made.is.of == table && constraint.name.is_none_or(|name| name.name == made.name()) && is_check(made.is)
    });
    let name = made.map_or_else(|| "the constraint".to_owned(), |made| made.name().to_string());
    let message = format!("{} while {name} is checked", context.who_waits(table));
    let finding = report.at(constraint.span, message);
    finding.subject(format!("{}.{name}", context.name(table)));
    finding.label(format!("takes ACCESS EXCLUSIVE and reads all of {}", context.name(table)));
    context.weigh(finding, table);
    finding.help("add it NOT VALID: new rows are checked at once, old ones are not read");
    if let Some(made) = made {
        let (sql, quoted) = (context.sql_name(table), quote_identifier(&made.name()).into_owned());
        finding.help(format!("then, in a later migration: alter table {sql} validate constraint {quoted};"));
    }
    if context.executed.within.is_none() {
        finding.fix(Fix::needs_review("add it NOT VALID").insert_after(constraint.span, " not valid"));
    }
}

fn is_check(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check { .. })
}
