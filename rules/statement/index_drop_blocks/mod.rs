//! An index dropped while everybody waits. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/require-concurrent-index-deletion", "pgls/requireConcurrentIndexDeletion"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Drop(drop) = context.kind() else { return };
    if drop.kind != syntax::ObjectKind::Index || drop.concurrently.is_some() || !context.ran() {
        return;
    }
    for object in &drop.objects {
        let syntax::ObjectName::Qualified(name) = &object.name else { continue };
        let Some(index) = context.find(name) else { continue };
        let Some(is) = context.before.get(index).and_then(|object| object.as_index()) else { continue };
        if context.is_in_use(is.table) && context.is_in_use(index) {
            tell(context, report, object, is.table, drop);
        }
    }
}

fn tell(
    context: &StatementContext<'_>,
    report: &mut Report,
    object: &syntax::ObjectRef,
    table: ObjectId,
    drop: &syntax::Drop,
) {
    let finding = report.at(object.span, format!("{} for the drop of this index", context.who_waits(table)));
    finding.subject(context.name(table));
    finding.label("takes ACCESS EXCLUSIVE on the table until the transaction ends");
    if context.is_partitioned(table) {
        finding
            .help("an index of a partitioned table cannot be dropped concurrently: set a lock_timeout, and try again");
        return;
    }
    finding.help(format!("drop it concurrently, {}", context.how_to_leave_transaction()));
    let alone = drop.objects.len() == 1 && drop.behavior == syntax::DropBehavior::Restrict;
    if let Some(index) = context.keyword("index").filter(|_| alone) {
        let fix = Fix::safe("drop it concurrently").insert_after(index, " concurrently");
        finding.fixes.extend(context.outside_transaction(fix));
    }
}
