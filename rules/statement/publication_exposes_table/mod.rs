//! Rows that leave the server. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check));

/// The publication that Supabase's Realtime sends to subscribers.
const REALTIME: &str = "supabase_realtime";

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let (name, all, objects) = match context.kind() {
        StatementKind::CreatePublication(create) => (create.name, create.all_tables, &create.objects),
        StatementKind::AlterPublication(alter) => match alter.action {
            syntax::PublicationAction::Add | syntax::PublicationAction::SetObjects => {
                (alter.name, false, &alter.objects)
            }
            _ => return,
        },
        _ => return,
    };
    if !context.ran() {
        return;
    }
    if all {
        let finding = report.at(name.span, format!("{} sends every table, also those made later", name.name));
        finding.subject(name.name.to_string()).label("FOR ALL TABLES leaves none out");
        finding.help("name the tables: create publication … for table a, b;");
        return;
    }
    if name.name.as_str() != REALTIME {
        return;
    }
    let end = context.at_end_of_file();
    for object in objects {
        let syntax::PublicationObject::Table { relation, .. } = object else { continue };
        let Some(table) = context.find(&relation.name).filter(|&table| is_open(context, end, table)) else { continue };
        let table_name = context.name(table);
        let finding = report.at(relation.span, format!("whoever subscribes gets every change of {table_name}"));
        finding.subject(table_name).label("sent by Realtime, and row level security is off");
        finding.help(format!("alter table {} enable row level security;", context.sql_name(table)));
    }
}

/// Whether Realtime shows all rows of a table to somebody from outside.
fn is_open(context: &StatementContext<'_>, end: CatalogAt<'_>, table: ObjectId) -> bool {
    let off = end.relation(table).is_some_and(|it| it.is.row_security.is_none());
    let readable = ["anon", "authenticated"].iter().any(|role| {
        let role = end.role(Name::from(role));
        role.is_some_and(|role| end.has_privilege(role, table, Privileges::SELECT))
    });
    context.facts.supabase && off && readable
}
