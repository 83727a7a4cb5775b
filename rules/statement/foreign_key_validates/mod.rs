//! A foreign key that is checked while writers wait. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/adding-foreign-key-constraint", "pgls/addingForeignKeyConstraint"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() || context.effects.validates.is_empty() {
        return;
    }
    for key in context.new_constraints() {
        let ConstraintKind::ForeignKey(is) = &key.is.kind else { continue };
        if key.is.parent.is_none() && context.effects.validates.contains(&key.id) {
            tell(context, report, key, is.references);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, key: Found<'_, Constraint>, references: ObjectId) {
    let table = key.is.of;
    let name = key.name();
    let own = references == table || !context.is_in_use(references);
    let tables = if own { context.name(table) } else { context.names(&[table, references]) };
    let written = written(context, name);
    let span = written.map_or(context.executed.statement.span, |constraint| constraint.span);
    let finding = report.at(span, format!("every write to {tables} waits while foreign key {name} is checked"));
    finding.subject(format!("{}.{name}", context.name(table)));
    finding.label(format!("takes SHARE ROW EXCLUSIVE and reads all of {}", context.name(table)));
    context.weigh(finding, table);
    if context.is_partitioned(table) && context.facts.server_version < 18 {
        finding.help("add it to each partition NOT VALID, validate it there, and then to the partitioned table");
        return;
    }
    let (sql, quoted) = (context.sql_name(table), quote_identifier(&name));
    if written.is_some() {
        finding.help("add it NOT VALID: new rows are checked at once, old ones are not read");
    } else if let ConstraintKind::ForeignKey(is) = &key.is.kind {
        let columns = sql_columns(context.after, table, &is.columns);
        let (other, others) =
            (context.sql_name(references), sql_columns(context.after, references, &is.referenced_columns));
        finding.help(format!(
            "add the column without it, then: alter table {sql} add constraint {quoted} foreign key ({columns}) references {other} ({others}) not valid;"
        ));
    }
    finding.help(format!("then, in a later migration: alter table {sql} validate constraint {quoted};"));
    if let Some(constraint) = written.filter(|_| context.executed.within.is_none()) {
        finding.fix(Fix::needs_review("add it NOT VALID").insert_after(constraint.span, " not valid"));
    }
}

/// The constraint as an action of its own, where it is written so.
fn written<'a>(context: &StatementContext<'a>, name: Name) -> Option<&'a syntax::Constraint> {
    let constraints = context.actions().filter_map(|action| match &action.written.kind {
        TableActionKind::AddConstraint(constraint) => Some(&**constraint),
        _ => None,
    });
    let keys = constraints.filter(|it| matches!(it.kind, syntax::ConstraintKind::ForeignKey(_)));
    let keys: Vec<&syntax::Constraint> = keys.collect();
    let named = keys.iter().find(|it| it.name.is_some_and(|it| it.name == name)).copied();
    named.or_else(|| keys.into_iter().find(|it| it.name.is_none()))
}
