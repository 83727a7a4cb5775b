//! A primary key of four bytes. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check), aliases: &["squawk/prefer-bigint-over-int", "squawk/prefer-bigint-over-smallint", "pgls/preferBigInt"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let alters = matches!(context.kind(), StatementKind::CreateTable(_) | StatementKind::AlterTable(_));
    if !alters || !context.ran() {
        return;
    }
    let after = context.after;
    let made = context.changed.iter().copied().filter(|&id| context.before.get(id).is_none());
    let primary = made.filter_map(|id| Some((after.get(id)?.as_constraint()?, id)));
    for (constraint, _) in primary {
        let ConstraintKind::Primary { columns, .. } = &constraint.kind else { continue };
        if constraint.parent.is_some() || context.is_temporary(constraint.of) {
            continue;
        }
        for &number in columns {
            column(context, report, constraint.of, number);
        }
    }
}

fn column(context: &StatementContext<'_>, report: &mut Report, table: ObjectId, number: i16) {
    let after = context.after;
    // A key that is another table's is as wide as that one.
    if after.foreign_keys(table).any(|(_, key)| key.columns.contains(&number)) {
        return;
    }
    let Some(column) = after.column(table, number).filter(|column| !column.span.is_none()) else { return };
    let ty = column.ty.as_ref().filter(|ty| !ty.array).and_then(|ty| after.get(ty.id)).map(|ty| ty.name);
    let last = match ty.as_ref().map(Name::as_str) {
        Some("int2") => "32,767",
        Some("int4") => "2,147,483,647",
        _ => return,
    };
    let name = format!("{}.{}", context.name(table), column.name);
    let finding = report.at(column.span, format!("key {name} ends at {last}"));
    finding.subject(name).label("and to widen it later rewrites the table and all that references it");
    finding.help("bigint costs four bytes a row, often none for alignment");
}
