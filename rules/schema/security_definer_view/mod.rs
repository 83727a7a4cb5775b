//! A view that looks past row security. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0010", "pgrls/VIEW001"],
);

const ADVISOR: Lint = Lint {
    number: "0010",
    name: "security_definer_view",
    title: "Security Definer View",
    level: Severity::Error,
    category: "SECURITY",
    description: "A view that reads with its owner's rights, past the row level security of what it reads.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let views = context.catalog.relations().filter(|view| view.is.class == RelationClass::View);
    for view in views.filter(|view| context.is_ours(view.object) && context.is_exposed(view.object)) {
        let roles = context.api_roles_that(view.id, Privileges::SELECT);
        if roles.is_empty() || view.is.is_security_invoker() {
            continue;
        }
        let name = context.catalog.qualified_name(view.id);
        let alter = format!("alter view {} set (security_invoker = true);", context.catalog.sql_name(view.id));
        report
            .at(view.span(), format!("view {name} reads with its owner's rights"))
            .label(format!("row security of what it reads is not asked for {}", roles.join(" and ")))
            .help(format!("let it read with the caller's rights: {alter}"))
            .subject(name)
            .fix(Fix::needs_review("let the view read with the caller's rights").migrate(alter));
    }
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    // The option came with 15, and the lint asks for the version.
    if context.facts.server_version < 15 {
        return;
    }
    for view in context.readable_through_api(RelationClass::View) {
        if view.object.extension.is_some() || advisor::is_invoker_to_the_advisor(view.is) {
            continue;
        }
        let (schema, name) = (context.catalog.schema_name(view.object), view.name());
        let detail = format!("View \\`{schema}.{name}\\` is defined with the SECURITY DEFINER property");
        let key = format!("security_definer_view_{schema}_{name}");
        entries.push(Entry::about(context.catalog, view.object, "view", detail, key));
    }
}
