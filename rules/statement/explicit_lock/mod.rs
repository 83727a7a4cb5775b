//! LOCK TABLE on a table in use. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Safety, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Lock { relations, mode, nowait: false } = context.kind() else { return };
    if *mode < LockMode::Share || !context.ran() {
        return;
    }
    for relation in relations {
        let Some(table) = context.find(&relation.name).filter(|&table| context.is_in_use(table)) else { continue };
        let finding = report.at(relation.span, format!("{} until the transaction ends", context.who_waits(table)));
        finding.subject(context.name(table)).label(format!("held in {} mode", lock_words(*mode)));
        finding
            .help("let the statements take what they need, or lock NOWAIT or with a short lock_timeout and try again");
    }
}
