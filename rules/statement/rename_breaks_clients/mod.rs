//! A rename that breaks the code that still runs. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    DataLoss,
    Check::Statement(check),
    aliases: &["squawk/renaming-table", "squawk/renaming-column", "pgls/renamingTable", "pgls/renamingColumn"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Rename(rename) = context.kind() else { return };
    if !context.ran() {
        return;
    }
    match &rename.object.name {
        syntax::ObjectName::Qualified(name) if is_table(rename.object.kind) => {
            let table = context.find(name).filter(|&table| context.is_in_use(table) && holds(context, table));
            if let Some(table) = table.filter(|&table| !stands_in(context, table)) {
                tell(context, report, rename, &context.name(table), table);
            }
        }
        syntax::ObjectName::OfRelation { relation, name } if rename.object.kind == syntax::ObjectKind::Column => {
            let table = context.find(relation).filter(|&table| context.is_in_use(table) && holds(context, table));
            if let Some(table) = table.filter(|&table| !context.is_new_column(table, name.name)) {
                tell(context, report, rename, &format!("{}.{}", context.name(table), name.name), table);
            }
        }
        _ => {}
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, rename: &syntax::Rename, old: &str, table: ObjectId) {
    let finding = report.at(rename.new_name.span, format!("code that still says {old} fails from here on"));
    finding.subject(old).label("the new name takes effect at once, for everybody");
    if rename.object.kind == syntax::ObjectKind::Column {
        finding.help(
            "add a column with the new name, keep both equal by a trigger, and drop the old one when nobody uses it",
        );
        return;
    }
    let sql = context.before.sql_name(table);
    let new = context.after.sql_name(table);
    finding.help(format!(
        "in the same transaction: create view {sql} with (security_invoker = true) as select * from {new};"
    ));
}

fn is_table(kind: syntax::ObjectKind) -> bool {
    matches!(kind, syntax::ObjectKind::Table | syntax::ObjectKind::View | syntax::ObjectKind::MaterializedView)
}

fn holds(context: &StatementContext<'_>, id: ObjectId) -> bool {
    context.before.relation(id).is_some_and(|it| it.is.class != RelationClass::CompositeType)
}

/// Whether the same file makes a relation under the old name afterwards, or gives the name to another one.
fn stands_in(context: &StatementContext<'_>, table: ObjectId) -> bool {
    let Some(object) = context.before.get(table) else { return false };
    let after = context.file_statements().filter(|it| it.id > context.executed.id);
    let after: Vec<_> = after.collect();
    let Some(last) = after.last() else { return false };
    let end = context.after.catalog().after(last.id);
    object.schema.is_some_and(|schema| end.relation_in(schema, object.name).is_some())
}
