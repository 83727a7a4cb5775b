//! Default privileges that change nothing. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Schema(check));

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for executed in context.catalog.catalog().statements() {
        if executed.rolled_back || !matches!(executed.outcome, Outcome::Done) || executed.statement.span.is_none() {
            continue;
        }
        let StatementKind::AlterDefaultPrivileges(alter) = &executed.statement.kind else { continue };
        let from_everybody = alter.grant.grantees.iter().any(|role| matches!(role.kind, syntax::RoleKind::Public));
        let Some(built_in) = built_in(&alter.grant.target).filter(|_| !alter.grant.grant && from_everybody) else {
            continue;
        };
        // Without IN SCHEMA it takes the built-in privilege away.
        if alter.schemas.is_empty() {
            continue;
        }
        let schemas = alter.schemas.iter().map(|schema| schema.name.as_str()).collect::<Vec<_>>().join(", ");
        report
            .at(executed.statement.span, format!("everybody keeps {built_in} made in {schemas}"))
            .label("defaults of a schema add to the built-in ones, and cannot take from them")
            .help("leave out `in schema`: that takes the built-in one, wherever this role makes something")
            .subject(schemas);
    }
}

/// What everybody has on new objects of a kind.
fn built_in(target: &syntax::GrantTarget) -> Option<&'static str> {
    let syntax::GrantTarget::Defaults { kind } = target else { return None };
    match kind {
        syntax::ObjectKind::Function | syntax::ObjectKind::Routine | syntax::ObjectKind::Procedure => {
            Some("EXECUTE on functions")
        }
        syntax::ObjectKind::Type | syntax::ObjectKind::Domain => Some("USAGE on types"),
        _ => None,
    }
}
