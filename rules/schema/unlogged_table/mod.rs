//! A table that a crash empties. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    DataLoss,
    Check::Schema(check),
    aliases: &["pg-migration-lint/PGM506"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let unlogged = |table: &Found<'_, Relation>| table.is.persistence == Persistence::Unlogged;
    for table in context.catalog.tables().filter(|table| unlogged(table) && context.is_ours(table.object)) {
        let name = context.catalog.qualified_name(table.id);
        let alter = format!("alter table {} set logged;", context.catalog.sql_name(table.id));
        report
            .at(table.span(), format!("table {name} is empty after a crash"))
            .label("unlogged: its rows are in no log, no backup and on no replica")
            .help(format!("where its rows cannot be made again: {alter}"))
            .subject(name)
            .fix(Fix::needs_review("log the table").migrate(alter));
    }
}
