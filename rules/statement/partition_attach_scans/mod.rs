//! A partition attached, or checked against, by reading it as a whole. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), aliases: &["pgls/avoidAttachingPartition"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        let TableActionKind::AttachPartition { partition, .. } = &action.written.kind else { continue };
        let Some(attached) = context.find(&partition.name) else { continue };
        let read = context.in_use(&context.effects.scans);
        if let Some(&first) = read.first() {
            tell(context, report, partition.span, attached, first, &read);
        }
    }
}

fn tell(
    context: &StatementContext<'_>,
    report: &mut Report,
    span: Span,
    attached: ObjectId,
    first: ObjectId,
    read: &[ObjectId],
) {
    let names = context.names(read);
    let message = format!("every read and write of {names} waits while its rows are checked");
    let finding = report.at(span, message);
    finding.subject(names.clone()).label("takes ACCESS EXCLUSIVE and reads all of it");
    context.weigh(finding, first);
    if read.contains(&attached) {
        let sql = context.sql_name(attached);
        finding.help(format!("first: alter table {sql} add constraint … check (… is not null and …) not valid;"));
        finding.help("validate it in a later migration: a valid CHECK that implies the bounds makes this cheap");
    }
    if read.iter().any(|&id| id != attached) {
        finding.help("give the default partition a valid CHECK that excludes the new rows, in the same way");
    }
}
