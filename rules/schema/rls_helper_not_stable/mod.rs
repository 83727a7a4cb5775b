//! A helper of policies that is declared to change its answer. The README beside this file is its manual and its test.

use std::collections::BTreeMap;

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    aliases: &["pgrls/PERF005"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    let mut called: BTreeMap<ObjectId, Vec<Span>> = BTreeMap::new();
    for table in catalog.tables().filter(|table| table.is.row_security.is_some()) {
        for policy in catalog.policies(table.id) {
            for in_check in [false, true] {
                let condition = row_security::condition(catalog.catalog(), policy.id, in_check);
                for (function, span) in condition.iter().flat_map(|condition| condition.functions()) {
                    called.entry(function).or_default().push(if span.is_none() { policy.span() } else { span });
                }
            }
        }
    }
    for (function, calls) in called {
        tell(context, report, function, &calls);
    }
}

fn tell(context: &SchemaContext<'_>, report: &mut Report, function: ObjectId, calls: &[Span]) {
    let catalog = context.catalog;
    let Some(object) = catalog.get(function).filter(|object| context.is_ours(object) && !object.span.is_none()) else {
        return;
    };
    let Some(routine) = object.as_routine() else { return };
    if routine.volatility != syntax::Volatility::Volatile || !only_reads(routine) {
        return;
    }
    let name = catalog.short_name(function);
    let types: Vec<String> = routine.inputs().map(|parameter| catalog.type_name(&parameter.ty)).collect();
    let alter = format!("alter function {}({}) stable;", catalog.sql_name(function), types.join(", "));
    let finding = report.at(object.span, format!("{name} is volatile, and a policy calls it"));
    finding.label("no index can be asked for its answer, and each row calls it again");
    for call in calls.iter().take(3) {
        finding.also(*call, "called for each row here");
    }
    if calls.len() > 3 {
        finding.note(format!("and by {} further policies", calls.len() - 3));
    }
    finding.help(format!("it only reads: declare it so, {alter}"));
    finding.subject(catalog.qualified_name(function));
    finding.fix(Fix::needs_review("declare it stable").migrate(alter));
}

/// Whether a body does nothing but ask, as far as its words tell.
fn only_reads(routine: &Routine) -> bool {
    const CHANGES: &[&str] = &[
        "insert",
        "update",
        "delete",
        "merge",
        "truncate",
        "copy",
        "call",
        "create",
        "alter",
        "drop",
        "grant",
        "revoke",
        "execute",
        "notify",
        "lock",
        "nextval",
        "setval",
        "set_config",
        "random",
        "gen_random_uuid",
        "clock_timestamp",
        "pg_notify",
        "dblink",
        "http_post",
        "http_get",
    ];
    if !matches!(routine.language.as_str(), "sql" | "plpgsql") || routine.source.is_empty() {
        return false;
    }
    let source = &*routine.source;
    let tokens = syntax::token::Tokens::of(source).tokens;
    !tokens.iter().any(|token| CHANGES.iter().any(|word| token.is_word(source, word)))
}
