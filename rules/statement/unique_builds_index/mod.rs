//! A UNIQUE constraint whose index is built while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/disallowed-unique-constraint", "pgls/disallowUniqueConstraint", "eugene/E7"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() || context.effects.builds_indexes.is_empty() {
        return;
    }
    for constraint in context.new_constraints() {
        let ConstraintKind::Unique { index, .. } = &constraint.is.kind else { continue };
        let built = context.effects.builds_indexes.contains(index) && context.before.get(*index).is_none();
        if constraint.is.parent.is_none() && built {
            tell(context, report, constraint, *index);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, constraint: Found<'_, Constraint>, index: ObjectId) {
    let (table, name) = (constraint.is.of, constraint.name());
    let message = format!("{} while the index of {name} is built", context.who_waits(table));
    let finding = report.at(constraint.place(context), message);
    finding.subject(format!("{}.{name}", context.name(table)));
    finding.label(format!("takes ACCESS EXCLUSIVE and reads all of {}", context.name(table)));
    context.weigh(finding, table);
    if context.is_partitioned(table) {
        finding.help(
            "build a unique index concurrently on each partition, and attach those to one made on only the parent",
        );
        return;
    }
    let columns = context.after.index_columns(index);
    let (sql, quoted) = (context.sql_name(table), quote_identifier(&name));
    let build = context.index_name_for(table, name);
    finding.help(format!("build the index first: create unique index concurrently {build} on {sql} ({columns});"));
    finding.help(format!("then: alter table {sql} add constraint {quoted} unique using index {build};"));
}
