//! Indexes rebuilt while writers, and most readers, wait. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), aliases: &["squawk/require-concurrent-reindex", "pgls/requireConcurrentReindex"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Reindex(reindex) = context.kind() else { return };
    if reindex.concurrently.is_some() || !context.ran() {
        return;
    }
    let tables: Vec<ObjectId> = context.tables_locked(LockMode::Share).into_iter().map(|(id, _)| id).collect();
    let Some(&first) = tables.first() else { return };
    let names = context.names(&tables);
    let span = context.keyword("reindex").unwrap_or(context.executed.statement.span);
    let finding = report.at(span, format!("every write to {names}, and most reads, wait while indexes are rebuilt"));
    finding.subject(names).label("takes SHARE on the table and ACCESS EXCLUSIVE on its indexes");
    context.weigh(finding, first);
    let (word, place) = match &reindex.target {
        syntax::ReindexTarget::Index(_) => ("index", "INDEX"),
        syntax::ReindexTarget::Table(_) => ("table", "TABLE"),
        syntax::ReindexTarget::Schema(_) => ("schema", "SCHEMA"),
        syntax::ReindexTarget::Database(_) => ("database", "DATABASE"),
        syntax::ReindexTarget::System(_) => return,
    };
    finding.help(format!("REINDEX {place} CONCURRENTLY, {}", context.how_to_leave_transaction()));
    if let Some(word) = context.keyword(word) {
        let fix = Fix::safe("rebuild concurrently").insert_after(word, " concurrently");
        finding.fixes.extend(context.outside_transaction(fix));
    }
}
