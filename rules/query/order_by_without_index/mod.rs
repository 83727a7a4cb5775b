//! The first rows of a whole table in an order that no index has. The README beside this file is its manual and its test.

use crate::rule::tree::RangeKind;
use crate::rule::{Check, Level, QueryContext, RelationClass, Report, Rule, Severity, quote_identifier, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::At(Severity::Info)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    if !context.place.is_lasting() {
        return;
    }
    for block in context.blocks() {
        // With a condition it depends on how many rows that leaves.
        let whole =
            block.filter.is_none() && block.group_by.is_empty() && !block.aggregates && block.distinct.is_none();
        let (true, Some(_), [range]) = (whole, &block.limit, block.ranges.as_slice()) else { continue };
        let RangeKind::Relation { object, .. } = &range.kind else { continue };
        let is_table = object.as_relation().is_some_and(|it| {
            matches!(it.class, RelationClass::Table | RelationClass::PartitionedTable | RelationClass::MaterializedView)
        });
        let Some(order) = block.order_by.first().filter(|_| is_table) else { continue };
        let Some(target) = block.targets.get(order.target as usize) else { continue };
        let Some(column) = context.column(block, &target.expr) else { continue };
        if context.index_on(column).is_some() {
            continue;
        }
        let (table, name) = (context.catalog.short_name(column.table), column.column.name);
        let finding = report.at(target.expr.span, format!("all of {table} is read to find its first rows by {name}"));
        finding.label("no index has this order");
        finding.also(column.column.span, "the column");
        let on = context.catalog.sql_name(column.table);
        finding.help(format!("create index concurrently on {on} ({});", quote_identifier(&name)));
    }
}
