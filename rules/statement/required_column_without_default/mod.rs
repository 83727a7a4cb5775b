//! A required column without a default, which a table with rows refuses. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/adding-required-field", "pgls/addingRequiredField"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AddColumn { column, .. } = &action.written.kind else { continue };
        let was_there =
            context.before.relation(action.table).is_some_and(|it| it.is.column(column.name.name).is_some());
        let made = context.after.relation(action.table).and_then(|table| table.is.column(column.name.name));
        let Some(made) = made.filter(|made| !was_there && made.not_null) else { continue };
        let filled = made.default.is_some() || made.identity.is_some() || made.generated.is_some();
        if !filled && !has_domain_default(context, made) && !context.was_emptied(action.table) {
            tell(context, report, action.table, column.name);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, table: ObjectId, column: Ident) {
    let name = context.name(table);
    let finding =
        report.at(column.span, format!("{name} cannot get the required column {} while it holds rows", column.name));
    finding.subject(format!("{name}.{}", column.name));
    finding.label("NOT NULL without a default: the server answers 23502 for the first row");
    let (sql, quoted) = (context.sql_name(table), sql_ident(column));
    finding.help("give it a default, which costs nothing if it is the same for all rows");
    finding.help(format!(
        "or add it without NOT NULL, fill it in batches, and then make {quoted} of {sql} NOT NULL by way of a CHECK"
    ));
}

fn has_domain_default(context: &StatementContext<'_>, column: &Column) -> bool {
    let ty = column.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| context.after.get(ty.id));
    let class = ty.and_then(|object| object.as_type()).map(|ty| &ty.class);
    matches!(class, Some(TypeClass::Domain { default: Some(_), .. }))
}
