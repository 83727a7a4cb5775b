//! A statement that the server would refuse. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Statement(check));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Outcome::Refused(refusal) = &context.executed.outcome else { return };
    // concurrently_in_transaction says it with what to do about it.
    if context.refused_in_block().is_some() {
        return;
    }
    let span = if refusal.span.is_none() { context.executed.statement.span } else { refusal.span };
    let finding = report.at(span, refusal.message.clone());
    finding
        .sqlstate(refusal.sqlstate)
        .label(format!("the server answers {}", refusal.sqlstate))
        .subject(format!("{} {}", refusal.sqlstate, refusal.message));
    for (place, text) in &refusal.labels {
        finding.also(*place, text.clone());
    }
    if let Some(help) = &refusal.help {
        finding.help(help.clone());
    }
}
