//! Row level security switched off. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    for action in context.actions() {
        if !matches!(action.written.kind, TableActionKind::DisableRowSecurity) {
            continue;
        }
        let was = context.before.relation(action.table).and_then(|it| it.is.row_security);
        let at_end = context.at_end_of_file().relation(action.table).is_none_or(|it| it.is.row_security.is_some());
        let Some(was) = was.filter(|_| !at_end) else { continue };
        let name = context.name(action.table);
        let finding = report.at(action.written.span, format!("{name} is open to everybody with a privilege on it"));
        finding.subject(name).label("policies are not asked any more");
        finding.also(was, "switched on here");
        finding.help("leave it on, and give the role that must see all rows a policy, or BYPASSRLS");
    }
}
