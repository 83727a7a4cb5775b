//! The first rows of a whole table in an order that no index has. The README beside this file is its manual and its test.

use crate::rule::query::plain;
use crate::rule::tree::{Expr, Node, Query, RangeKind, Target};
use crate::rule::{
    Check, ColumnUse, Key, Level, QueryContext, RelationClass, Report, Rule, Severity, quote_identifier, rule,
};

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
        if let Some(column) = context.column(block, &target.expr) {
            if context.index_on(column).is_none() {
                let name = column.column.name;
                tell(context, report, target, column, (&name, &quote_identifier(&name)));
            }
        } else if let Some((column, expression)) = computed(context, block, &target.expr) {
            tell(context, report, target, column, (&expression, &expression));
        }
    }
}

/// `lower(email)`, where an index could hold it and none does.
fn computed<'a>(context: &QueryContext<'a>, block: &'a Query, expr: &Expr) -> Option<(ColumnUse<'a>, String)> {
    let Node::Call(call) = &plain(expr).node else { return None };
    let [argument] = call.args.as_slice() else { return None };
    let column = context.column(block, argument)?;
    let written = context.column_text(expr.span);
    let name = quote_identifier(&column.column.name);
    let expression = written.replace(context.column_text(argument.span).as_str(), &name);
    let held = context.catalog.indexes(column.table).flat_map(|index| &index.is.keys).any(|key| match &key.key {
        Key::Expr(expr) => context.sources.slice(expr.span).contains(column.column.name.as_str()),
        Key::Column(_) => false,
    });
    (!held && context.may_index(column.table, &expression)).then_some((column, expression))
}

fn tell(
    context: &QueryContext<'_>,
    report: &mut Report,
    target: &Target,
    column: ColumnUse<'_>,
    (by, key): (&str, &str),
) {
    let table = context.catalog.short_name(column.table);
    let finding = report.at(target.expr.span, format!("all of {table} is read to find its first rows by {by}"));
    finding.label("no index has this order");
    finding.also(column.column.span, "the column");
    finding.help(format!("create index concurrently on {} ({key});", context.catalog.sql_name(column.table)));
}
