//! A constraint of a domain that is checked in every table that uses it. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Safety,
    Check::Statement(check),
    aliases: &["squawk/ban-alter-domain-with-add-constraint"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::AlterDomain(alter) = context.kind() else { return };
    let tables = context.in_use(&context.effects.scans);
    let Some(&first) = tables.first().filter(|_| context.ran()) else { return };
    let names = context.names(&tables);
    let message = format!("every write to {names} waits while domain {} is checked", alter.name);
    let finding = report.at(alter.name.span(), message);
    finding
        .subject(format!("{} {names}", alter.name))
        .label("takes SHARE on each table that uses it and reads all of it");
    context.weigh(finding, first);
    match &alter.action {
        syntax::DomainAction::ValidateConstraint { .. } => {
            finding.help("there is no online way: choose a quiet hour, or leave it NOT VALID");
        }
        syntax::DomainAction::AddConstraint(_) => {
            finding.help("add it NOT VALID: new values are checked at once, nothing is locked or read");
        }
        _ => {
            finding.help("make the columns of these tables NOT NULL instead, one by one, by way of a CHECK");
        }
    }
}
