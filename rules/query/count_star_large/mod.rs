//! count(*) of a whole table reads all of it. The README beside this file is its manual and its test.

use crate::rule::query::plain;
use crate::rule::tree::{Node, RangeKind};
use crate::rule::{Check, Level, QueryContext, RelationClass, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::Off));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() {
        return;
    }
    for block in context.blocks() {
        let [range] = block.ranges.as_slice() else { continue };
        let [target] = block.targets.as_slice() else { continue };
        let RangeKind::Relation { id, object, .. } = &range.kind else { continue };
        let is_table = object
            .as_relation()
            .is_some_and(|it| matches!(it.class, RelationClass::Table | RelationClass::PartitionedTable));
        let Node::Aggregate(aggregate) = &plain(&target.expr).node else { continue };
        let whole = block.filter.is_none() && block.group_by.is_empty() && block.having.is_none();
        // What is never NULL is counted as the row is.
        let every = aggregate.star
            || matches!(aggregate.args.as_slice(), [one] if context.is_nullable(block, one) == Some(false));
        let counts = aggregate.name.as_str() == "count" && every && !aggregate.distinct;
        if is_table && whole && counts && aggregate.filter.is_none() {
            let finding = report.at(target.expr.span, format!("counts {} row by row", context.catalog.short_name(*id)));
            finding.label("no index has the number");
            finding.help("where about is enough: select reltuples::bigint from pg_class where oid = '…'::regclass");
        }
    }
}
