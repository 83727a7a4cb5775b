//! An exclusion constraint that is checked while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["eugene/E8", "pgls/avoidAddingExclusionConstraint"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() || context.effects.builds_indexes.is_empty() {
        return;
    }
    for constraint in context.new_constraints() {
        let ConstraintKind::Exclude { index, .. } = &constraint.is.kind else { continue };
        let built = context.effects.builds_indexes.contains(index) && context.before.get(*index).is_none();
        if constraint.is.parent.is_none() && built {
            tell(context, report, constraint, *index);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, constraint: Found<'_, Constraint>, _index: ObjectId) {
    let (table, name) = (constraint.is.of, constraint.name());
    let message = format!("{} while {name} is checked", context.who_waits(table));
    let finding = report.at(constraint.place(context), message);
    finding.subject(format!("{}.{name}", context.name(table)));
    finding.label(format!("takes ACCESS EXCLUSIVE, reads all of {} and builds an index", context.name(table)));
    context.weigh(finding, table);
    finding
        .help("there is no online way: choose a quiet hour, or fill a new table with the constraint beside this one");
}
