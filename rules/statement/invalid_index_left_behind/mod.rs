//! IF NOT EXISTS takes a broken index for a good one. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Statement(check),
    level: Some(Level::At(Severity::Info)),
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::CreateIndex(create) = context.kind() else { return };
    let (Some(word), Some(name), true) = (create.concurrently, create.name, create.if_not_exists) else { return };
    let on = context.find(&create.relation.name).filter(|&table| context.is_in_use(table));
    let Some(table) = on.filter(|_| matches!(context.executed.outcome, Outcome::Done)) else { return };
    if was_dropped(context, name.name) {
        return;
    }
    let finding = report.at(word.to(name.span), format!("a broken {} would be left as it is", name.name));
    finding.subject(name.name.to_string()).label("IF NOT EXISTS asks for the name, not whether the index is valid");
    let schema = context.before.get(table).map(|table| context.before.schema_name(table)).unwrap_or_default();
    let (schema, name) = (quote_identifier(&schema), sql_ident(name));
    finding.help(format!("before it: drop index concurrently if exists {schema}.{name};"));
}

/// Whether the file drops the index before.
fn was_dropped(context: &StatementContext<'_>, name: Name) -> bool {
    let before = context.file_statements().take_while(|it| it.id < context.executed.id);
    let drops = |kind: &StatementKind| match kind {
        StatementKind::Drop(drop) if drop.kind == syntax::ObjectKind::Index => drop
            .objects
            .iter()
            .any(|object| matches!(&object.name, syntax::ObjectName::Qualified(it) if it.name.name == name)),
        _ => false,
    };
    before.map(|it| &it.statement.kind).any(drops)
}
