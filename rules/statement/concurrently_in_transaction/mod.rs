//! A statement that no transaction may hold, in one. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Statement(check),
    aliases: &["squawk/ban-concurrent-index-creation-in-transaction", "pgls/banConcurrentIndexCreationInTransaction"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Some(refusal) = context.refused_in_block() else { return };
    let span = if refusal.span.is_none() { context.executed.statement.span } else { refusal.span };
    let finding = report.at(span, refusal.message.clone());
    finding.sqlstate("25001").label("the server answers 25001").subject(format!("25001 {}", refusal.message));
    if runs_code(context) {
        finding.note("what runs in a function or a DO block is always in a transaction");
        finding.help(format!("write it as a statement of its own, {}", context.how_to_leave_transaction()));
        return;
    }
    finding.help(format!("run it {}", context.how_to_leave_transaction()));
    // With nothing to change in the statement, what is left is the line that opts out.
    let wrapped = matches!(context.facts.opt_out, OptOut::TopLine(_) | OptOut::Mark { .. });
    if let Some(fix) = context.outside_transaction(Fix::safe("leave the transaction")).filter(|_| wrapped) {
        finding.fix(fix);
    }
}

/// Whether code ran what is refused: its refusal is that of the statement that runs the code.
fn runs_code(context: &StatementContext<'_>) -> bool {
    let calls = matches!(context.kind(), StatementKind::Do(_) | StatementKind::Call(_) | StatementKind::Select(_));
    calls || context.executed.within.is_some()
}
