//! A column with an index is converted to the type that it is compared with, so that the index is of no use. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conditions, ranges_read};
use crate::rule::tree::{CoercionMethod, Expr, Form, Node, Query};
use crate::rule::{Check, QueryContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() {
        return;
    }
    for block in context.blocks() {
        for condition in conditions(block) {
            let Some((operator, left, right, _)) = comparison(condition) else { continue };
            if !matches!(operator, "=" | "<" | "<=" | ">" | ">=") {
                continue;
            }
            for (own, value) in [(left, right), (right, left)] {
                check_side(context, block, own, value, report);
            }
        }
    }
}

fn check_side<'a>(context: &QueryContext<'a>, block: &'a Query, own: &Expr, value: &Expr, report: &mut Report) {
    let Node::Coercion(coercion) = &own.node else { return };
    let converts = !matches!(coercion.method, CoercionMethod::Relabel | CoercionMethod::Unknown);
    if coercion.form != Form::ImplicitCast || !converts {
        return;
    }
    let Some(column) = context.column(block, &coercion.arg) else { return };
    // A value of the same row is no value to search for.
    if ranges_read(value).contains(&column.range) {
        return;
    }
    let Some(index) = context.index_on(column) else { return };
    let Some(ty) = column.column.ty.as_ref() else { return };
    let (name, ty) = (column.column.name, context.catalog.type_name(ty));
    let message = format!("{} cannot answer this: {name} is converted first", index.name());
    let finding = report.at(own.span, message);
    finding.label(format!("it is {ty}, and what it is compared with is not"));
    finding.also(index.span(), format!("holds {name} as {ty}"));
    finding.help(format!("compare with a {ty}: {}::{ty}", context.column_text(value.span)));
}
