//! A schema dropped with all that is in it. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    DataLoss,
    Check::Statement(check),
    aliases: &["squawk/ban-drop-schema", "pgls/banDropSchema"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Drop(drop) = context.kind() else { return };
    if drop.kind != syntax::ObjectKind::Schema || !context.ran() {
        return;
    }
    for object in &drop.objects {
        let syntax::ObjectName::Qualified(name) = &object.name else { continue };
        let Some(schema) = context.before.schema(name.name.name) else { continue };
        let inside = |it: &Found<'_, Relation>| it.object.schema == Some(schema) && context.is_in_use(it.id);
        let tables: Vec<ObjectId> = context.before.tables().filter(inside).map(|it| it.id).collect();
        if tables.is_empty() {
            continue;
        }
        let names = context.names(&tables);
        let finding = report.at(object.span, format!("all rows of {names} are lost with schema {}", name.name.name));
        finding.subject(name.name.name.to_string()).label("only a backup has them afterwards");
        finding.help("drop the tables one by one, after nothing reads them any more");
    }
}
