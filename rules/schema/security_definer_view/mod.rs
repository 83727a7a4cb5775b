//! A view that looks past row security. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    aliases: &["splinter/0010", "pgrls/VIEW001"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let views = context.catalog.relations().filter(|view| view.is.class == RelationClass::View);
    for view in views.filter(|view| context.is_ours(view.object) && context.is_exposed(view.object)) {
        let roles = context.api_roles_that(view.id, Privileges::SELECT);
        if roles.is_empty() || is_invoker(view.is) {
            continue;
        }
        let name = context.catalog.qualified_name(view.id);
        let alter = format!("alter view {} set (security_invoker = true);", context.catalog.sql_name(view.id));
        report
            .at(view.span(), format!("view {name} reads with its owner's rights"))
            .label(format!("{} sees past the row security of what it reads", roles.join(" and ")))
            .help(format!("let it read with the caller's rights: {alter}"))
            .subject(name)
            .fix(Fix::needs_review("let the view read with the caller's rights").migrate(alter));
    }
}

fn is_invoker(view: &Relation) -> bool {
    const ON: &[&str] = &["true", "on", "yes", "1", "t", "y"];
    let option = view.options.iter().find(|(name, _)| name.as_str() == "security_invoker");
    option.is_some_and(|(_, value)| ON.contains(&value.to_ascii_lowercase().as_str()))
}
