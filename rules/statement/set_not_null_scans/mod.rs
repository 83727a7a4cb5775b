//! SET NOT NULL that reads the whole table while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/adding-not-nullable-field", "pgls/addingNotNullField", "eugene/E2"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let reads = context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Verified);
        match &action.written.kind {
            TableActionKind::SetNotNull { column } if reads => tell(context, report, action, *column),
            TableActionKind::AddConstraint(constraint) if reads => match &constraint.kind {
                syntax::ConstraintKind::NotNull { column: Some(column) } => tell(context, report, action, *column),
                syntax::ConstraintKind::Primary(key) if key.index.is_some() => tell_key(context, report, action),
                _ => {}
            },
            _ => {}
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, action: Action<'_>, column: Ident) {
    let table = action.table;
    let name = context.name(table);
    let message = format!("{} while {column} is searched for nulls", context.who_waits(table), column = column.name);
    let finding = report.at(column.span, message);
    finding.subject(format!("{name}.{}", column.name));
    finding.label(format!("takes ACCESS EXCLUSIVE and reads all of {name}"));
    context.weigh(finding, table);
    if let Some(check) = lost_proof(context, table, column.name) {
        finding.also(check, "dropped in the same statement, so it proves nothing");
        finding.help("drop the constraint in a statement of its own, after this one");
        return;
    }
    let (sql, quoted) = (context.sql_name(table), sql_ident(column));
    let constraint = new_name(&[name.rsplit('.').next().unwrap_or(&name), column.as_str(), "not_null"]);
    let (check, then) = if context.facts.server_version >= 18 {
        (format!("not null {quoted}"), String::new())
    } else {
        let set = format!("alter table {sql} alter column {quoted} set not null;");
        let drop = format!("alter table {sql} drop constraint {constraint};");
        (format!("check ({quoted} is not null)"), format!(" {set} {drop}"))
    };
    finding.help(format!("first: alter table {sql} add constraint {constraint} {check} not valid;"));
    finding.help(format!("in a later migration: alter table {sql} validate constraint {constraint};{then}"));
}

/// PRIMARY KEY USING INDEX over a column that may hold nulls.
fn tell_key(context: &StatementContext<'_>, report: &mut Report, action: Action<'_>) {
    let (table, name) = (action.table, context.name(action.table));
    let message = format!("{} while the columns of the key are searched for nulls", context.who_waits(table));
    let finding = report.at(action.written.span, message);
    finding.subject(name.clone());
    finding.label(format!("takes ACCESS EXCLUSIVE and reads all of {name}"));
    context.weigh(finding, table);
    finding.help("make the columns NOT NULL first, by way of a CHECK constraint that is validated beforehand");
}

/// The place of a constraint that would prove it and that the same statement drops.
fn lost_proof(context: &StatementContext<'_>, table: ObjectId, column: Name) -> Option<Span> {
    let column = context.before.relation(table)?.is.column(column)?.number;
    context.actions().find_map(|action| match &action.written.kind {
        TableActionKind::DropConstraint { name, .. } => {
            let dropped = context.constraint(table, name.name).filter(|it| it.is.validated && it.is.enforced)?;
            let ConstraintKind::Check { columns, .. } = &dropped.is.kind else { return None };
            columns.contains(&column).then_some(name.span)
        }
        _ => None,
    })
}
