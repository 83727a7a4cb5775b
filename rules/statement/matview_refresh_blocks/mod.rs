//! A materialized view refreshed while its readers wait. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check), aliases: &["pgls/requireConcurrentRefreshMatview"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::RefreshMaterializedView { relation, concurrently: None, with_data: true } = context.kind()
    else {
        return;
    };
    let Some(view) = context.find(&relation.name).filter(|&view| context.ran() && context.is_in_use(view)) else {
        return;
    };
    // Nobody reads one that was never filled.
    if context.before.relation(view).is_none_or(|it| !it.is.populated) {
        return;
    }
    let finding = context.closed(report, relation.span, view, "its query runs");
    finding.label("takes ACCESS EXCLUSIVE until the transaction ends");
    let suits = |index: &Found<'_, Index>| {
        let plain = index.is.keys.iter().all(|key| matches!(key.key, Key::Column(_)));
        index.is.unique && index.is.predicate.is_none() && plain
    };
    if !context.before.indexes(view).any(|index| suits(&index)) {
        finding.help("give it a unique index on plain columns, then refresh it concurrently");
        return;
    }
    finding.help("refresh it concurrently: readers go on");
    if let Some(word) = context.keyword("view").filter(|_| context.executed.within.is_none()) {
        finding.fix(Fix::safe("refresh it concurrently").insert_after(word, " concurrently"));
    }
}
