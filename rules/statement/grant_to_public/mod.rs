//! A privilege to write granted to everybody. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check),);

const WRITES: &[&str] = &["insert", "update", "delete", "truncate", "trigger", "references", "maintain"];

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Grant(grant) = context.kind() else { return };
    let on_tables = match &grant.target {
        syntax::GrantTarget::Objects { kind, .. } | syntax::GrantTarget::AllInSchema { kind, .. } => {
            *kind == syntax::ObjectKind::Table
        }
        syntax::GrantTarget::Defaults { .. } => false,
    };
    let privileges = &grant.privileges;
    let writes = |name: Option<Name>| name.is_none_or(|name| WRITES.contains(&name.to_ascii_lowercase().as_str()));
    let may_write = privileges.is_empty() || privileges.iter().any(|privilege| writes(privilege.name));
    if !grant.grant || !on_tables || !may_write || !context.ran() || is_temporary(context, grant) {
        return;
    }
    for grantee in grant.grantees.iter().filter(|grantee| grantee.kind == syntax::RoleKind::Public) {
        let finding = report.at(grantee.span, "every role there is and will be can write");
        finding.subject("public").label("PUBLIC is everybody");
        finding.help("grant it to a role, and that role to those who need it");
    }
}

fn is_temporary(context: &StatementContext<'_>, grant: &syntax::Grant) -> bool {
    let syntax::GrantTarget::Objects { objects, .. } = &grant.target else { return false };
    objects.iter().all(|object| match &object.name {
        syntax::ObjectName::Qualified(name) => context.find(name).is_some_and(|id| context.is_temporary(id)),
        _ => false,
    })
}
