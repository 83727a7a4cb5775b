//! A partition detached while all queries on the partitioned table wait. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), aliases: &["pgls/requireConcurrentDetachPartition"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::DetachPartition { partition, concurrently: false, finalize: false } = &action.written.kind
        else {
            continue;
        };
        let Some(detached) = context.find(&partition.name).filter(|&id| context.is_in_use(id)) else { continue };
        tell(context, report, action, partition.span, detached);
    }
}

fn tell(context: &StatementContext<'_>, report: &mut Report, action: Action<'_>, span: Span, detached: ObjectId) {
    let table = action.table;
    let finding = report.at(span, format!("{} while {} is detached", context.who_waits(table), context.name(detached)));
    finding.subject(format!("{} {}", context.name(table), context.name(detached)));
    finding.label("takes ACCESS EXCLUSIVE on the partitioned table until the transaction ends");
    if has_default(context, table) {
        finding.help("CONCURRENTLY is refused where there is a default partition: set a lock_timeout, and try again");
        return;
    }
    finding.help(format!("detach it concurrently, {}", context.how_to_leave_transaction()));
    finding.note("the partition keeps its bound as a CHECK then; drop that if other rows shall go in");
    let fix = Fix::needs_review("detach it concurrently").insert_after(span, " concurrently");
    finding.fixes.extend(context.outside_transaction(fix));
}

fn has_default(context: &StatementContext<'_>, table: ObjectId) -> bool {
    let is_default = |relation: &Relation| {
        let bound = relation.bound.as_ref().map(|bound| &bound.kind);
        relation.parents.contains(&table) && matches!(bound, Some(syntax::PartitionBoundKind::Default))
    };
    context.before.dependents(table).any(|(_, object, _)| object.as_relation().is_some_and(is_default))
}
