//! A policy that kept rows apart is dropped and not made again. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Drop(drop) = context.kind() else { return };
    if drop.kind != syntax::ObjectKind::Policy || !context.ran() {
        return;
    }
    for object in &drop.objects {
        let syntax::ObjectName::OfRelation { relation, name } = &object.name else { continue };
        let Some(table) = context.find(relation).filter(|&table| context.is_in_use(table)) else { continue };
        let Some(policy) = context.before.policies(table).find(|policy| policy.name() == name.name) else { continue };
        let end = context.at_end_of_file();
        let on = end.relation(table).is_some_and(|it| it.is.row_security.is_some());
        if on {
            judge(context, report, *name, table, policy, end);
        }
    }
}

fn judge(
    context: &StatementContext<'_>,
    report: &mut Report,
    name: Ident,
    table: ObjectId,
    policy: Found<'_, Policy>,
    end: CatalogAt<'_>,
) {
    let left: Vec<Found<'_, Policy>> = end.policies(table).collect();
    let table_name = context.name(table);
    let message = if !policy.is.permissive && left.iter().all(|other| other.is.permissive) {
        format!("rows of {table_name} that policy {} kept back can be reached", name.name)
    } else if left.is_empty() {
        format!("nobody but its owner reaches any row of {table_name}")
    } else {
        return;
    };
    let finding = report.at(name.span, message);
    finding.subject(format!("{table_name}.{}", name.name));
    finding.also(policy.span(), "made here");
    if left.is_empty() {
        finding.label("it is the last policy of a table with row level security");
        finding.help("make the policies that replace it in the same file");
    } else {
        finding.label("it is restrictive, and no other restrictive policy is left");
        finding.help("make a restrictive policy in its place, or say why all rows may be reached");
    }
}
