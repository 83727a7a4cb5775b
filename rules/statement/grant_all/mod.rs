//! More granted than the API can use. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check), level: Some(Level::At(Severity::Info)));

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Grant(grant) = context.kind() else { return };
    let all =
        grant.privileges.is_empty() || grant.privileges.iter().any(|it| it.name.is_none() && it.columns.is_empty());
    if !grant.grant || !all || !context.ran() {
        return;
    }
    for grantee in &grant.grantees {
        let syntax::RoleKind::Name(name) = grantee.kind else { continue };
        let Some(role) = context.before.role(name).filter(|&role| is_api_role(context, name, role)) else { continue };
        let tables = newly_open(context, role);
        let (what, sql) = match &tables[..] {
            [] => continue,
            [one] => (context.name(*one), context.sql_name(*one)),
            more => (format!("{} tables", more.len()), "…".to_owned()),
        };
        let finding = report.at(grantee.span, format!("{name} may also truncate {what}, which no policy stops"));
        finding.subject(format!("{name} {what}"));
        finding.label("ALL includes TRUNCATE, REFERENCES and TRIGGER, which row level security does not look at");
        let role = quote_identifier(&name).into_owned();
        finding.help(format!("grant select, insert, update, delete on {sql} to {role};"));
    }
}

/// The tables that the role may empty from here on: what default privileges gave already is nobody's news.
fn newly_open(context: &StatementContext<'_>, role: ObjectId) -> Vec<ObjectId> {
    let may = |catalog: CatalogAt<'_>, id: ObjectId| catalog.has_privilege(role, id, Privileges::TRUNCATE);
    let changed = context.changed.iter().copied();
    let tables = changed.filter(|&id| context.after.relation(id).is_some_and(|it| holds_rows(it.is)));
    tables.filter(|&id| may(context.after, id) && !may(context.before, id)).collect()
}

/// Roles that requests from outside run as: no superuser, subject to policies, and no login of its own.
fn is_api_role(context: &StatementContext<'_>, name: Name, role: ObjectId) -> bool {
    matches!(name.as_str(), "anon" | "authenticated" | "web_anon") && !context.before.is_superuser(role)
}
