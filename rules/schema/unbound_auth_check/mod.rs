//! A policy that asks whether somebody is signed in, and not who. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    aliases: &["pgrls/SEC005"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for table in catalog.tables().filter(|table| table.is.row_security.is_some()) {
        for policy in catalog.policies(table.id).filter(|policy| policy.is.permissive && !policy.span().is_none()) {
            let Some(what) = writes(policy.is.command) else { continue };
            let unbound = |in_check| {
                let condition = row_security::condition(catalog.catalog(), policy.id, in_check);
                condition.is_some_and(|condition| condition.asks_only_for_an_account())
            };
            // What is inserted has no row before it; all else is bound where USING is.
            let decides = if policy.is.command == PolicyCommand::Insert { &policy.is.check } else { &policy.is.using };
            let Some(clause) = decides.as_ref().filter(|_| unbound(policy.is.command == PolicyCommand::Insert)) else {
                continue;
            };
            let name = catalog.short_name(table.id);
            report
                .at(clause.span, format!("every account may {what} {name}"))
                .label("asks whether somebody is signed in, not whose row it is")
                .also(policy.span(), "the policy")
                .help("compare a column of the row: (select auth.uid()) = user_id")
                .subject(format!("{} {}", catalog.qualified_name(table.id), policy.name()));
        }
    }
}

/// What a policy lets be done to any row; `None` where it only lets rows be read.
fn writes(command: PolicyCommand) -> Option<&'static str> {
    match command {
        PolicyCommand::Select => None,
        PolicyCommand::Insert => Some("insert any row into"),
        PolicyCommand::Update => Some("update any row of"),
        PolicyCommand::Delete => Some("delete any row of"),
        PolicyCommand::All => Some("change any row of"),
    }
}
