//! IF NOT EXISTS that hides another shape. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Statement(check),
    level: Some(Level::At(Severity::Warning)),
    aliases: &["pg-migration-lint/PGM403"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    match context.kind() {
        StatementKind::CreateTable(create) if create.if_not_exists => table(context, report, create),
        StatementKind::CreateIndex(create) if create.if_not_exists => index(context, report, create),
        StatementKind::AlterTable(alter) if context.ran() || skipped(context) => columns(context, report, alter),
        _ => {}
    }
}

fn skipped(context: &StatementContext<'_>) -> bool {
    matches!(context.executed.outcome, Outcome::Skipped)
}

fn table(context: &StatementContext<'_>, report: &mut Report, create: &syntax::CreateTable) {
    let Some(id) = context.find(&create.relation.name).filter(|_| skipped(context)) else { return };
    let name = context.name(id);
    let span = create.relation.span;
    let Some(table) = context.before.relation(id).filter(|it| holds_rows(it.is) || context.is_partitioned(id)) else {
        tell(context, report, span, id, &format!("{name} is no table, and stays what it is"), &[]);
        return;
    };
    if !table.is.columns_known || create.of_type.is_some() || !create.inherits.is_empty() {
        return;
    }
    let written = create.elements.iter().filter_map(|element| match element {
        syntax::TableElement::Column(column) => Some(column),
        _ => None,
    });
    let differences: Vec<Difference> = written.filter_map(|column| difference(context, table, column)).collect();
    let Some(first) = differences.first() else { return };
    tell(context, report, span, id, &format!("{name} exists already, and {}", first.message), &differences);
}

fn tell(
    context: &StatementContext<'_>,
    report: &mut Report,
    span: Span,
    id: ObjectId,
    message: &str,
    differences: &[Difference],
) {
    let finding = report.at(span, message);
    finding.subject(context.name(id)).label("IF NOT EXISTS asks for the name, not for the shape");
    if let Some(before) = context.before.get(id) {
        finding.also(before.span, "made here");
    }
    for other in differences.iter().skip(1).take(3) {
        finding.note(other.message.clone());
    }
    for difference in differences.iter().take(3) {
        finding.help(difference.help.clone());
    }
    if differences.is_empty() {
        finding.help("choose another name, or drop what is there first");
    }
}

/// How a column that is there is not what is written.
struct Difference {
    message: String,
    help: String,
}

fn difference(
    context: &StatementContext<'_>,
    table: Found<'_, Relation>,
    written: &syntax::ColumnDefinition,
) -> Option<Difference> {
    let (sql, column) = (context.sql_name(table.id), sql_ident(written.name));
    let name = written.name.name;
    let Some(there) = table.is.column(name) else {
        let message = format!("stays without column {name}");
        return Some(Difference { message, help: format!("alter table {sql} add column {column} …;") });
    };
    let ty = written.ty.as_ref().filter(|ty| serial(ty).is_none())?;
    let (wanted, has) = (context.resolved(ty)?, there.ty.as_ref()?);
    let printed = |ty: &TypeRef| context.before.column_type(ty);
    let (wanted, has) = (printed(&wanted), printed(has));
    (wanted != has).then(|| Difference {
        message: format!("{name} stays {has}"),
        help: format!("alter table {sql} alter column {column} type {wanted};"),
    })
}

fn columns(context: &StatementContext<'_>, report: &mut Report, alter: &syntax::AlterTable) {
    let Some(table) = context.find(&alter.relation.name).and_then(|id| context.before.relation(id)) else { return };
    for action in &alter.actions {
        let TableActionKind::AddColumn { column, if_not_exists: true } = &action.kind else { continue };
        let Some(there) = table.is.column(column.name.name) else { continue };
        let Some(difference) = difference(context, table, column) else { continue };
        let finding = report.at(column.name.span, format!("{}.{}", context.name(table.id), difference.message));
        finding.subject(format!("{}.{}", context.name(table.id), column.name.name));
        finding.label("IF NOT EXISTS asks for the name, not for the type").also(there.span, "made here");
        finding.help(difference.help);
    }
}

fn index(context: &StatementContext<'_>, report: &mut Report, create: &syntax::CreateIndex) {
    let Some((name, table)) = create.name.zip(context.find(&create.relation.name)).filter(|_| skipped(context)) else {
        return;
    };
    let Some(schema) = context.before.get(table).and_then(|it| it.schema) else { return };
    let Some(id) = context.before.relation_in(schema, name.name) else { return };
    let there = context.before.get(id).and_then(|object| object.as_index());
    let message = match there {
        None => format!("{} is no index, and stays what it is", context.name(id)),
        Some(is) if is.table != table => format!("{} exists already, on {}", context.name(id), context.name(is.table)),
        Some(is) => match other_columns(context, is, create) {
            Some(columns) => format!("{} exists already, on ({columns})", context.name(id)),
            None if create.unique && !is.unique => format!("{} exists already, and is not unique", context.name(id)),
            None => return,
        },
    };
    tell(context, report, name.span, id, &message, &[]);
}

/// The columns of the index that is there, where other ones are written. Expressions are not compared.
fn other_columns(context: &StatementContext<'_>, is: &Index, create: &syntax::CreateIndex) -> Option<String> {
    let there = is.keys.iter().map(|key| match key.key {
        Key::Column(number) => Some(context.before.column_name(is.table, number)),
        Key::Expr(_) => None,
    });
    let written = create.elements.iter().map(|element| match &element.key {
        syntax::IndexKey::Column(column) => Some(column.name),
        syntax::IndexKey::Expr(_) => None,
    });
    let (there, written): (Option<Vec<Name>>, Option<Vec<Name>>) = (there.collect(), written.collect());
    let (there, written) = (there?, written?);
    (there != written).then(|| there.iter().map(Name::as_str).collect::<Vec<_>>().join(", "))
}
