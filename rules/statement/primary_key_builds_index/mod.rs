//! A primary key whose index is built while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/adding-serial-primary-key-field", "pgls/addingPrimaryKeyConstraint", "eugene/W14"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() || context.effects.builds_indexes.is_empty() {
        return;
    }
    for constraint in context.new_constraints() {
        let ConstraintKind::Primary { index, .. } = &constraint.is.kind else { continue };
        let built = context.effects.builds_indexes.contains(index) && context.before.get(*index).is_none();
        if constraint.is.parent.is_none() && built {
            tell(context, report, constraint, *index);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, constraint: Found<'_, Constraint>, index: ObjectId) {
    let (table, name) = (constraint.is.of, constraint.name());
    let message = format!("{} while primary key {name} is built", context.who_waits(table));
    let finding = report.at(constraint.place(context), message);
    finding.subject(format!("{}.{name}", context.name(table)));
    finding.label(format!("takes ACCESS EXCLUSIVE and reads all of {}", context.name(table)));
    context.weigh(finding, table);
    let columns = context.after.index_columns(index);
    let (sql, quoted) = (context.sql_name(table), quote_identifier(&name));
    let nullable = nullable(context, constraint);
    if !nullable.is_empty() {
        finding.help(format!("make {} NOT NULL first, by way of a CHECK constraint", listed(&nullable)));
    }
    let build = context.index_name_for(table, name);
    finding.help(format!("build the index first: create unique index concurrently {build} on {sql} ({columns});"));
    finding.help(format!("then: alter table {sql} add constraint {quoted} primary key using index {build};"));
}

/// The columns of the key that may hold nulls so far.
fn nullable(context: &StatementContext<'_>, constraint: Found<'_, Constraint>) -> Vec<String> {
    let ConstraintKind::Primary { columns, .. } = &constraint.is.kind else { return Vec::new() };
    let column = |&number: &i16| context.before.column(constraint.is.of, number);
    let nullable = columns.iter().filter_map(column).filter(|column| !column.not_null);
    nullable.map(|column| column.name.to_string()).collect()
}
