//! A privilege to write granted to those who have not signed in. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check));

/// Roles that requests run as before anybody has signed in: Supabase's, and that of PostgREST's manual.
const ANONYMOUS: &[&str] = &["anon", "web_anon"];

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Grant(grant) = context.kind() else { return };
    if !grant.grant || !context.ran() {
        return;
    }
    for grantee in &grant.grantees {
        let syntax::RoleKind::Name(name) = grantee.kind else { continue };
        let Some(role) = context.before.role(name).filter(|_| ANONYMOUS.contains(&name.as_str())) else { continue };
        let tables = newly_open(context, role);
        let (Some(first), count) = (tables.first(), tables.len()) else { continue };
        let what = if count == 1 { context.name(*first) } else { format!("{count} tables") };
        let finding = report.at(grantee.span, format!("{name} may write anything to {what}"));
        finding.subject(format!("{name} {what}"));
        finding.label("row level security is off, so that no policy stands in between");
        finding.help("enable row level security, and write a policy for the rows that anybody may change");
    }
}

/// The tables whose rows the role may change from here on and that no policy guards when the file is done.
fn newly_open(context: &StatementContext<'_>, role: ObjectId) -> Vec<ObjectId> {
    let writes = [Privileges::INSERT, Privileges::UPDATE, Privileges::DELETE];
    let may = |catalog: CatalogAt<'_>, id: ObjectId| writes.iter().any(|&it| catalog.has_privilege(role, id, it));
    let end = context.at_end_of_file();
    let is_open = |relation: &Relation| {
        let is_table = matches!(relation.class, RelationClass::Table | RelationClass::PartitionedTable);
        is_table && relation.row_security.is_none() && relation.persistence != Persistence::Temporary
    };
    let tables = context.changed.iter().copied().filter(|&id| end.relation(id).is_some_and(|it| is_open(it.is)));
    tables.filter(|&id| may(context.after, id) && !may(context.before, id)).collect()
}
