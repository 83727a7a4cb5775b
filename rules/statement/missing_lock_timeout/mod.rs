//! A strong lock without a lock_timeout. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    level: Some(Level::Off),
    aliases: &["squawk/require-lock-timeout", "pgls/lockTimeoutWarning", "eugene/E9"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() || context.has_lock_timeout() {
        return;
    }
    let closed = context.tables_locked(LockMode::Share);
    let Some(&(table, mode)) = closed.first() else { return };
    let took_before = |it: &syntax::StatementKind| !matches!(it, StatementKind::Set(_));
    let earlier = context.held_before(LockMode::Share).next().is_some();
    if earlier || !took_before(context.kind()) {
        return;
    }
    let name = context.name(table);
    let span = context.executed.statement.span;
    let finding =
        report.at(span, format!("{} behind this for as long as it waits for its lock", who_waits(&name, mode)));
    finding.subject(name.clone()).label(format!("needs {} on {name}, and there is no lock_timeout", lock_words(mode)));
    finding.help("set lock_timeout = '2s'; before it, and try again where that strikes");
}
