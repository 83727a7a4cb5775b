//! OFFSET reads all the rows that it skips. The README beside this file is its manual and its test.

use crate::rule::capture::figures::count;
use crate::rule::query::plain;
use crate::rule::tree::{Constant, Expr, Node, Query, RangeKind};
use crate::rule::{Check, Index, QueryContext, Report, Rule, Severity, quote_identifier, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check));

/// Rows that may be skipped.
const SKIPPED: i64 = 1000;

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() {
        return;
    }
    for block in context.blocks() {
        let Some(offset) = &block.offset else { continue };
        let reads = block.ranges.iter().any(|range| matches!(range.kind, RangeKind::Relation { .. }));
        let known = constant(offset);
        if !reads || known.is_some_and(|rows| rows < SKIPPED) {
            continue;
        }
        let message = match known {
            Some(rows) => format!("skips {} rows, all of which are read", count(rows as f64)),
            None => "pages by OFFSET: each page reads all the ones before it".to_owned(),
        };
        let finding = report.at(offset.span, message);
        if known.is_none() {
            finding.severity(Severity::Info);
        }
        finding.label("read, ordered and thrown away");
        match keyset(context, block) {
            Some(condition) => {
                finding.help(format!("start behind the last row that was seen: where {condition}"));
            }
            None => {
                finding.help("order by columns that tell the rows apart, and start behind the last row that was seen");
            }
        }
    }
}

fn constant(expr: &Expr) -> Option<i64> {
    match &plain(expr).node {
        Node::Constant(Constant::Integer(rows)) => Some(*rows),
        Node::Coercion(coercion) => constant(&coercion.arg),
        _ => None,
    }
}

/// `(created_at, id) < ($1, $2)`, where all keys are columns that are never NULL, in one direction, and the last one
/// tells all rows apart.
fn keyset(context: &QueryContext<'_>, block: &Query) -> Option<String> {
    let descending = block.order_by.first()?.order.descending;
    let mut names = Vec::new();
    for order in &block.order_by {
        let target = block.targets.get(order.target as usize)?;
        let Node::Var(var) = &plain(&target.expr).node else { return None };
        let RangeKind::Relation { object, .. } = &block.ranges.get(var.range as usize)?.kind else { return None };
        let column = object.as_relation()?.column_number(var.column).filter(|column| column.not_null)?;
        if order.order.descending != descending {
            return None;
        }
        names.push((quote_identifier(&column.name), var, column));
    }
    let (_, last, _) = names.last()?;
    let RangeKind::Relation { id, .. } = &block.ranges.get(last.range as usize)?.kind else { return None };
    let unique = |index: &Index| index.unique && index.predicate.is_none() && index.keys.len() == 1;
    let tells_apart =
        context.catalog.indexes(*id).any(|index| unique(index.is) && index.is.starts_with(&[last.column]));
    if !tells_apart || block.ranges.len() != 1 {
        return None;
    }
    let sign = if descending { "<" } else { ">" };
    let columns: Vec<&str> = names.iter().map(|(name, ..)| &**name).collect();
    let values: Vec<String> = (1..=names.len()).map(|number| format!("${number}")).collect();
    Some(match columns.as_slice() {
        [one] => format!("{one} {sign} $1"),
        _ => format!("({}) {sign} ({})", columns.join(", "), values.join(", ")),
    })
}
