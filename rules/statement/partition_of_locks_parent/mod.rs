//! A partition made by PARTITION OF, which closes the whole partitioned table. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::CreateTable(create) = context.kind() else { return };
    if create.partition_bound.is_none() || !context.ran() {
        return;
    }
    let closed: Vec<ObjectId> =
        context.tables_locked(LockMode::AccessExclusive).into_iter().map(|(id, _)| id).collect();
    let parent = create.inherits.first().and_then(|parent| context.find(&parent.name));
    let Some(parent) = parent.filter(|parent| closed.contains(parent)) else { return };
    let read = context.in_use(&context.effects.scans);
    let message = format!("every read and write of {} waits for this new partition", context.name(parent));
    let finding = report.at(create.relation.span, message);
    finding.subject(context.name(parent)).label("PARTITION OF takes ACCESS EXCLUSIVE on the partitioned table");
    if let Some(&default) = read.first() {
        let name = context.name(default);
        finding.note(format!("{name} is closed and read as a whole, to see that none of its rows belongs here"));
        context.weigh(finding, default);
    }
    let (sql, new) = (context.sql_name(parent), &create.relation.name);
    finding.help(format!("instead: create table {new} (like {sql} including all);"));
    finding.help(format!("then: alter table {sql} attach partition {new} for values …;"));
}
