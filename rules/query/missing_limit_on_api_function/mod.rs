//! A function of the API that returns all rows of a table. The README beside this file is its manual and its test.

use crate::rule::syntax::FunctionBody;
use crate::rule::syntax::plpgsql::CodeStatementKind;
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
    let all = query.command == Command::Select && reads && !bounded && query.set_operation.is_none();
    if !all || !is_returned(context, &routine) {
        return;
    }
    let finding = report.at(context.span, format!("{}() returns all rows there are", routine.name()));
    finding.label("no LIMIT, and no condition");
    finding.also(routine.span(), "the API serves it");
    finding.help("return a page: a condition by an argument, order by, limit");
}

fn is_served(context: &QueryContext<'_>, routine: &Found<'_, Routine>) -> bool {
    let schema = context.catalog.schema_name(routine.object);
    routine.is.returns_set && context.facts.exposed_schemas.contains(&schema)
}

/// Whether the rows of the query are those of the function: in SQL they are, in PL/pgSQL those of RETURN QUERY.
fn is_returned(context: &QueryContext<'_>, routine: &Found<'_, Routine>) -> bool {
    let Some(FunctionBody::Text { code, .. }) = routine.is.body.as_deref() else { return true };
    match routine.is.language.as_str() {
        "sql" => true,
        "plpgsql" => {
            let mut returned = false;
            code.body().walk(|statement| {
                returned |= matches!(&statement.kind, CodeStatementKind::ReturnQuery(sql) if sql.span == context.span);
            });
            returned
        }
        _ => false,
    }
}
