//! An index built while writers wait. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/require-concurrent-index-creation", "pgls/requireConcurrentIndexCreation", "eugene/E6"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::CreateIndex(create) = context.kind() else { return };
    if !context.ran() || create.concurrently.is_some() || context.effects.builds_indexes.is_empty() {
        return;
    }
    let blocked: Vec<String> = context.locked(LockMode::Share).map(|(id, _)| context.name(id)).collect();
    let Some(table) = blocked.first() else { return };
    let partitioned = context.locked(LockMode::Share).any(|(id, _)| context.is_partitioned(id));
    let span = create.name.map_or(create.relation.span, |name| name.span);
    let finding = report.at(span, format!("every write to {table} waits while this index is built"));
    finding.label("takes SHARE on the table until the transaction ends").subject(table.clone());
    if let Some((id, _)) = context.locked(LockMode::Share).next() {
        context.weigh(finding, id);
    }
    if partitioned {
        finding.help(format!(
            "create it on only {table} first, then concurrently on each partition, and attach those to it"
        ));
        return;
    }
    finding.help(format!("build it concurrently, {}", context.how_to_leave_transaction()));
    if let Some(index) = context.keyword("index") {
        let fix = match context.keyword("exists").filter(|_| create.if_not_exists) {
            // A broken index of a build that failed would have the name, and be taken for this one.
            Some(exists) => Fix::needs_review("build it concurrently").replace(index.to(exists), "index concurrently"),
            None => Fix::safe("build it concurrently").insert_after(index, " concurrently"),
        };
        finding.fixes.extend(context.outside_transaction(fix));
    }
}
