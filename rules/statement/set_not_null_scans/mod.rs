//! SET NOT NULL that reads the whole table while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/adding-not-nullable-field", "pgls/addingNotNullField", "eugene/E2"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let mut searched: Vec<Ident> = Vec::new();
    let mut table = None;
    for action in context.actions() {
        if !context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Verified) {
            continue;
        }
        table = Some(action.table);
        match &action.written.kind {
            TableActionKind::SetNotNull { column } => searched.push(*column),
            TableActionKind::AddConstraint(constraint) => match &constraint.kind {
                syntax::ConstraintKind::NotNull { column: Some(column) } => searched.push(*column),
                syntax::ConstraintKind::Primary(key) if key.index.is_some() => tell_key(context, report, action),
                _ => {}
            },
            _ => {}
        }
    }
    // One statement reads the table once, for however many columns.
    if let (Some(table), [first, ..]) = (table, &searched[..]) {
        tell(context, report, table, *first, &searched);
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, table: ObjectId, first: Ident, columns: &[Ident]) {
    let name = context.name(table);
    let words: Vec<String> = columns.iter().map(|column| column.name.to_string()).collect();
    let (words, verb) = (listed(&words), if columns.len() == 1 { "is" } else { "are" });
    let message = format!("{} while {words} {verb} searched for nulls", context.who_waits(table));
    let finding = report.at(first.span, message);
    finding.subject(format!("{name}.{}", first.name));
    finding.label(format!("takes ACCESS EXCLUSIVE and reads all of {name}"));
    context.weigh(finding, table);
    if let Some(check) = columns.iter().find_map(|column| lost_proof(context, table, column.name)) {
        finding.also(check, "dropped in the same statement, so it proves nothing");
        finding.help("drop the constraint in a statement of its own, after this one");
        return;
    }
    let sql = context.sql_name(table);
    let bare = name.rsplit('.').next().unwrap_or(&name);
    let quoted: Vec<String> = columns.iter().map(|&column| sql_ident(column)).collect();
    let constraint = match &quoted[..] {
        [_] => new_name(&[bare, first.as_str(), "not_null"]),
        _ => new_name(&[bare, "not_null"]),
    };
    let (check, then) = match &quoted[..] {
        [one] if context.facts.server_version >= 18 => (format!("not null {one}"), String::new()),
        all => {
            let each = |form: &dyn Fn(&String) -> String, between: &str| {
                all.iter().map(form).collect::<Vec<_>>().join(between)
            };
            let set = each(&|column| format!("alter column {column} set not null"), ", ");
            let drop = format!("alter table {sql} drop constraint {constraint};");
            let check = each(&|column| format!("{column} is not null"), " and ");
            (format!("check ({check})"), format!(" alter table {sql} {set}; {drop}"))
        }
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
