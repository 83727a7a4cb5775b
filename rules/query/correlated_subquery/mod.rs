//! A sub-select in the output that counts or sums again for each row. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conditions, is_fixed, plain, ranges_read};
use crate::rule::syntax::Name;
use crate::rule::tree::{Expr, Node, Query, RangeKind, Sublink, SublinkKind};
use crate::rule::walk::{Part, Walk};
use crate::rule::{Check, Found, Index, Level, ObjectId, Place, QueryContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::At(Severity::Info)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() || context.place == Place::Policy {
        return;
    }
    for block in context.blocks().into_iter().filter(|block| gives_many(context, block)) {
        for target in block.targets.iter().filter(|target| !target.junk) {
            for sublink in sublinks(&target.expr) {
                let Some(aggregate) = aggregate(&sublink.query) else { continue };
                let finding = report.at(sublink.query.span, format!("{aggregate} is computed again for each row"));
                finding.label("it reads a column of the query around it");
                finding.help(format!(
                    "group once and join: left join (select …, {aggregate}(…) from … group by …) on …; without a row it is NULL{}",
                    if aggregate == "count" { ", where this is 0" } else { "" }
                ));
            }
        }
    }
}

/// The scalar sub-selects of an expression that read columns of the query itself.
fn sublinks(expr: &Expr) -> Vec<&Sublink> {
    let mut found = Vec::new();
    let mut walk = Walk::expr(expr, &[]);
    while let Some(place) = walk.next() {
        let Part::Expr(part) = place.part else { continue };
        if let Node::Sublink(sublink) = &part.node
            && sublink.kind == SublinkKind::Scalar
            && walk.depth(&place) == 0
            && !ranges_read(part).is_empty()
        {
            found.push(&**sublink);
        }
    }
    found
}

/// The aggregate that a sub-select over a table yields.
fn aggregate(query: &Query) -> Option<Name> {
    let [target] = query.targets.as_slice() else { return None };
    let reads = query.ranges.iter().any(|range| matches!(range.kind, RangeKind::Relation { .. }));
    if !reads || !query.group_by.is_empty() || !query.aggregates {
        return None;
    }
    let aggregates = Walk::expr(&target.expr, &[]).filter_map(|place| match place.part {
        Part::Expr(Expr { node: Node::Aggregate(aggregate), .. }) => Some(aggregate.name),
        _ => None,
    });
    let aggregates: Vec<Name> = aggregates.collect();
    // A list of the rows themselves, as for JSON, is asked for row by row on purpose.
    let figure = |name: &Name| matches!(name.as_str(), "count" | "sum" | "avg" | "min" | "max");
    aggregates.first().copied().filter(|_| aggregates.iter().all(figure))
}

/// Whether a query gives more than a row or a short page of rows.
fn gives_many(context: &QueryContext<'_>, block: &Query) -> bool {
    let mut tables = block.ranges.iter().filter_map(|range| match &range.kind {
        RangeKind::Relation { id, .. } => Some(*id),
        _ => None,
    });
    let Some(table) = tables.next() else { return false };
    let one = conditions(block).into_iter().any(|condition| is_key(context, block, table, condition));
    !block.aggregates && block.limit.is_none() && !one
}

/// `id = $1` of a unique column.
fn is_key(context: &QueryContext<'_>, block: &Query, table: ObjectId, condition: &Expr) -> bool {
    let Some(("=", left, right, _)) = comparison(condition) else { return false };
    [(left, right), (right, left)].into_iter().any(|(own, value)| {
        let Node::Var(var) = &plain(own).node else { return false };
        let of = block.ranges.get(var.range as usize).map(|range| &range.kind);
        let same = matches!(of, Some(RangeKind::Relation { id, .. }) if *id == table);
        let unique = |index: Found<'_, Index>| {
            index.is.unique && index.is.keys.len() == 1 && index.is.starts_with(&[var.column])
        };
        var.levels_up == 0 && same && is_fixed(value) && context.catalog.indexes(table).any(unique)
    })
}
