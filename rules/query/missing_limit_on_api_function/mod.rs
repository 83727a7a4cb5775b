//! A function of the API that returns all rows of a table. The README beside this file is its manual and its test.

use crate::rule::tree::{Command, RangeKind};
use crate::rule::{Check, Found, Level, Place, QueryContext, Report, Routine, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::Off));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    let (Place::Function, Some(analysis)) = (context.place, context.analysis()) else { return };
    let Some(routine) = context.routine.filter(|routine| is_served(context, routine)) else { return };
    let query = &analysis.query;
    let reads = query.ranges.iter().any(|range| matches!(range.kind, RangeKind::Relation { .. }));
    let bounded = query.limit.is_some() || query.filter.is_some() || query.aggregates || !query.group_by.is_empty();
    if query.command != Command::Select || !reads || bounded || query.set_operation.is_some() {
        return;
    }
    let finding = report.at(context.span, format!("{}() returns all rows there are", routine.name()));
    finding.label("no LIMIT, and no condition");
    finding.also(routine.span(), "the API serves it");
    finding.help("return a page: a condition by an argument, order by, limit");
}

fn is_served(context: &QueryContext<'_>, routine: &Found<'_, Routine>) -> bool {
    let schema = context.catalog.schema_name(routine.object);
    routine.is.returns_set && routine.is.language.as_str() == "sql" && context.facts.exposed_schemas.contains(&schema)
}
