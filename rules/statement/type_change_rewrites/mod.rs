//! A change of type for which each row is written anew. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/changing-column-type", "pgls/changingColumnType", "eugene/E5"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AlterColumnType { column, .. } = &action.written.kind else { continue };
        if context.effects.of_action(action.at).any(|cause| cause.rows == Rows::Rewritten) {
            tell(context, report, action, *column);
        }
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, action: Action<'_>, column: Ident) {
    let table = action.table;
    let indexes = context.before.indexes(table).count();
    let and_indexes = match indexes {
        0 => String::new(),
        1 => " and an index".to_owned(),
        more => format!(" and {more} indexes"),
    };
    let work = format!("all rows{and_indexes} are written anew");
    let finding = context.closed(report, action.written.span, table, &work);
    finding.subject(format!("{}.{}", context.name(table), column.name));
    if let Some((from, to)) = context.types(table, column.name) {
        finding.label(format!("{from} to {to} changes what is stored"));
    }
    let others = other_tables(context, table);
    if !others.is_empty() {
        finding.note(format!("{} waits as well, for the foreign keys that are checked again", listed(&others)));
    }
    finding.help("add a column of the new type, keep it equal by a trigger, and fill it in batches");
    finding.help("then swap the names of the two in one short transaction, and drop the old one later");
}

/// The tables on the other side of foreign keys, which are closed, too.
fn other_tables(context: &StatementContext<'_>, table: ObjectId) -> Vec<String> {
    let locked = context.tables_locked(LockMode::AccessExclusive).into_iter();
    let key = |id: &ObjectId| {
        let out = context.before.foreign_keys(table).any(|(_, key)| key.references == *id);
        out || context.before.referencing(table).any(|(constraint, _)| constraint.is.of == *id)
    };
    locked.map(|(id, _)| id).filter(|id| *id != table).filter(key).map(|id| context.name(id)).collect()
}
