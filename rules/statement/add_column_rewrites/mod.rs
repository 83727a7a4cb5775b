//! A new column for which each row is written anew. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/adding-field-with-default", "pgls/addingFieldWithDefault", "eugene/E11", "pgls/addSerialColumn"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AddColumn { column, .. } = &action.written.kind else { continue };
        let rewritten = context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Rewritten);
        let made = context.after.relation(action.table).and_then(|table| table.is.column(column.name.name));
        if let Some(made) = made.filter(|_| rewritten) {
            tell(context, report, action.table, column, made);
        }
    }
}

/// Why each row needs a value of its own.
fn tell(
    context: &StatementContext<'_>,
    report: &mut Report,
    table: ObjectId,
    written: &syntax::ColumnDefinition,
    made: &Column,
) {
    let name = written.name.name;
    let finding = context.closed(report, written.name.span, table, "each row is written anew");
    finding.subject(format!("{}.{name}", context.name(table)));
    let (sql, column) = (context.sql_name(table), sql_ident(written.name));
    let default = written.constraints.iter().find(|it| matches!(it.kind, syntax::ConstraintKind::Default(_)));
    if made.generated.is_some() {
        finding.label("a stored generated column is computed for each row");
        let virtual_too = if context.facts.server_version >= 18 { ", or make it VIRTUAL" } else { "" };
        finding.help(format!("add a plain column, and let a trigger and small updates fill it{virtual_too}"));
    } else if made.identity.is_some() || written.ty.as_ref().is_some_and(|ty| ty.name().as_str().ends_with("serial")) {
        finding.label("each row gets a number of its own");
        finding.help(format!(
            "add {column} without a default, then give it one from a sequence, and fill old rows in batches"
        ));
    } else if let Some(default) = default {
        finding.label("takes ACCESS EXCLUSIVE and writes all of it anew");
        finding.also(default.span, "each row gets a value of its own");
        finding.help(format!("first without it: alter table {sql} add column {column} …;"));
        finding.help(format!("then, for new rows alone: alter table {sql} alter column {column} set default …;"));
        finding.help("and fill the old rows in batches");
    } else {
        finding.label("the type is a domain whose constraints are checked for each row");
        finding.help("use the domain's own type, with a CHECK constraint that is added NOT VALID and validated later");
    }
}
