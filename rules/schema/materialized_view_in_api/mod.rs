//! A materialized view that the API serves. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0016", "pgrls/VIEW002"],
);

const ADVISOR: Lint = Lint {
    number: "0016",
    name: "materialized_view_in_api",
    title: "Materialized View in API",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A materialized view that the API's roles can read: it has no row level security.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for view in served(context) {
        let name = context.catalog.qualified_name(view.id);
        let roles = context.api_roles_that(view.id, Privileges::SELECT).join(" and ");
        let from = context.grantees(view.object, Privileges::SELECT, "anon, authenticated");
        let revoke = format!("revoke all on {} from {from};", context.catalog.sql_name(view.id));
        let finding = report.at(view.span(), format!("all of materialized view {name} can be read by {roles}"));
        finding.label("its rows are a copy that no policy guards");
        let reads = view.is.query.iter().flat_map(|query| &query.reads);
        let guarded = reads.filter_map(|(id, _)| context.catalog.relation(*id)).find(|it| it.is.row_security.is_some());
        if let Some(table) = guarded {
            let name = context.catalog.short_name(table.id);
            finding.also(table.span(), format!("{name} has row security, which the copy has not"));
        }
        finding.help(format!("keep it from the API: {revoke}")).subject(name);
        finding.fix(Fix::needs_review("keep the materialized view from the API").migrate(revoke));
    }
}

fn served<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Relation>> {
    context.readable_through_api(RelationClass::MaterializedView).filter(|view| view.object.extension.is_none())
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for view in served(context) {
        let (schema, name) = (context.catalog.schema_name(view.object), view.name());
        let detail = format!("Materialized view \\`{schema}.{name}\\` is selectable by anon or authenticated roles");
        let key = format!("materialized_view_in_api_{schema}_{name}");
        entries.push(Entry::about(context.catalog, view.object, "materialized view", detail, key));
    }
}
