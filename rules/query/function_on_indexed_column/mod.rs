//! A column with an index is changed before it is compared, so that the index is of no use. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conditions, is_fixed, plain};
use crate::rule::tree::{Expr, Form, Node, Query};
use crate::rule::{Check, ColumnUse, Key, QueryContext, Report, Rule, quote_identifier, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() {
        return;
    }
    for block in context.blocks() {
        let all = conditions(block);
        for condition in &all {
            if let Some((left, right)) = sides(condition) {
                for (own, value) in [(left, right), (right, left)] {
                    check_side(context, block, &all, own, value, report);
                }
            }
        }
    }
}

/// The two sides of a comparison that an index could answer.
fn sides(condition: &Expr) -> Option<(&Expr, &Expr)> {
    let (operator, left, right, _) = comparison(condition)?;
    matches!(operator, "=" | "<" | "<=" | ">" | ">=").then_some((left, right))
}

fn check_side<'a>(
    context: &QueryContext<'a>,
    block: &'a Query,
    all: &[&Expr],
    own: &Expr,
    value: &Expr,
    report: &mut Report,
) {
    let Some((function, argument)) = wrapped(own).filter(|_| is_fixed(value)) else { return };
    let Some(column) = context.column(block, argument) else { return };
    let Some(index) = context.index_on(column) else { return };
    // Another condition on the same table that an index answers does the finding.
    if all.iter().any(|other| is_answered(context, block, column.range, other)) || has_expression_index(context, column)
    {
        return;
    }
    let text = context.column_text(own.span);
    let finding = report.at(own.span, format!("{} cannot answer a condition on {text}", index.name()));
    finding.label(format!("{function} changes {} before it is compared", column.column.name));
    finding.also(index.span(), format!("is on {} as it is stored", column.column.name));
    // An index knows no alias of the query.
    let written = context.column_text(argument.span);
    let expression = text.replace(written.as_str(), &quote_identifier(&column.column.name));
    let name = column.column.name;
    finding.help(match context.may_index(column.table, &expression) {
        true => format!("compare {name} as it is stored, or index the expression: ({expression})"),
        false => format!("compare {name} as it is stored: what changes it belongs to the other side"),
    });
}

/// What an index on its column cannot see through, with the column.
fn wrapped(expr: &Expr) -> Option<(String, &Expr)> {
    let (what, parts): (String, Vec<&Expr>) = match &plain(expr).node {
        Node::Call(call) => (format!("{}()", call.name), call.args.iter().collect()),
        Node::Coalesce(parts) => ("coalesce()".to_owned(), parts.iter().collect()),
        Node::Operator(it) if matches!(it.name.as_str(), "||" | "+" | "-" | "*" | "/" | "%") => {
            (it.name.to_string(), it.left.iter().chain([&it.right]).collect())
        }
        Node::Coercion(coercion) if coercion.form == Form::ExplicitCast => ("the cast".to_owned(), vec![&coercion.arg]),
        _ => return None,
    };
    let mut columns = parts.into_iter().filter(|part| !is_fixed(part));
    let column = columns.next().filter(|_| columns.next().is_none()).map(as_stored)?;
    matches!(column.node, Node::Var(_)).then_some((what, column))
}

/// What is below conversions that nobody wrote.
fn as_stored(expr: &Expr) -> &Expr {
    let mut expr = plain(expr);
    while let Node::Coercion(coercion) = &expr.node
        && coercion.form == Form::ImplicitCast
    {
        expr = plain(&coercion.arg);
    }
    expr
}

/// Whether a condition compares a column of the range that starts an index, as it is stored.
fn is_answered<'a>(context: &QueryContext<'a>, block: &'a Query, range: u32, condition: &Expr) -> bool {
    let sides = match &condition.node {
        Node::ScalarArray(it) => vec![&it.left],
        Node::Sublink(it) => it.test.iter().collect(),
        _ => comparison(condition)
            .filter(|(operator, ..)| *operator == "=")
            .map_or(Vec::new(), |(_, a, b, _)| vec![a, b]),
    };
    let column = |side: &&Expr| context.column(block, side).filter(|column| column.range == range);
    sides.iter().filter_map(column).any(|column| context.index_on(column).is_some())
}

/// Whether some index of the table is on an expression over the column.
fn has_expression_index(context: &QueryContext<'_>, column: ColumnUse<'_>) -> bool {
    context.catalog.indexes(column.table).any(|index| {
        index.is.keys.iter().any(|key| match &key.key {
            Key::Expr(expr) => context.sources.slice(expr.span).contains(column.column.name.as_str()),
            Key::Column(_) => false,
        })
    })
}
