//! A dropped column takes constraints and indexes along. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(DataLoss, Check::Statement(check), adds: true);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::DropColumn { column, .. } = &action.written.kind else { continue };
        if context.is_new_column(action.table, column.name) {
            continue;
        }
        let number = context.before.relation(action.table).and_then(|table| Some(table.is.column(column.name)?.number));
        let Some(number) = number else { continue };
        let gone = |id: ObjectId| context.after.get(id).is_none();
        let lost: Vec<(Span, String)> = keys(context, action.table, number)
            .chain(indexes(context, action.table, number))
            .filter(|(id, ..)| gone(*id))
            .map(|(_, span, what)| (span, what))
            .collect();
        if !lost.is_empty() {
            tell(context, report, action.table, *column, &lost);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, table: ObjectId, column: Ident, lost: &[(Span, String)]) {
    let names: Vec<String> = lost.iter().map(|(_, what)| what.clone()).collect();
    let message = format!("dropping {} takes {} along", column.name, listed(&names));
    let finding = report.at(column.span, message);
    finding.subject(format!("{}.{}", context.name(table), column.name));
    for (span, _) in lost.iter().take(3) {
        finding.also(*span, "goes with the column");
    }
    finding.help("drop them by name first where that is meant, or make the ones you need again without the column");
}

/// Constraints over the column and another one: their loss is not plain from the statement.
fn keys<'a>(
    context: &'a StatementContext<'_>,
    table: ObjectId,
    column: i16,
) -> impl Iterator<Item = (ObjectId, Span, String)> + 'a {
    context.before.constraints(table).filter_map(move |constraint| {
        let (word, columns) = match &constraint.is.kind {
            ConstraintKind::Primary { columns, .. } => ("primary key", columns),
            ConstraintKind::Unique { columns, .. } => ("unique constraint", columns),
            ConstraintKind::Exclude { columns, .. } => ("exclusion constraint", columns),
            ConstraintKind::ForeignKey(key) => ("foreign key", &key.columns),
            _ => return None,
        };
        let others = columns.len() > 1 || word == "primary key";
        (others && columns.contains(&column))
            .then(|| (constraint.id, constraint.span(), format!("{word} {}", constraint.name())))
    })
}

/// Indexes over the column and another one that belong to no constraint.
fn indexes<'a>(
    context: &'a StatementContext<'_>,
    table: ObjectId,
    column: i16,
) -> impl Iterator<Item = (ObjectId, Span, String)> + 'a {
    context.before.indexes(table).filter_map(move |index| {
        let is_it = |key: &IndexColumn| matches!(key.key, Key::Column(number) if number == column);
        let part = index.is.keys.len() > 1 && index.is.keys.iter().any(is_it);
        let free = index.is.constraint.is_none();
        (part && free).then(|| (index.id, index.span(), format!("index {}", index.name())))
    })
}
