//! CREATE OR REPLACE that drops a setting of what it replaces. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Security, Check::Statement(check),);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    if !context.ran() {
        return;
    }
    match context.kind() {
        StatementKind::CreateView(create) if create.replace => view(context, report, create),
        StatementKind::CreateFunction(create) if create.replace => function(context, report, create),
        _ => {}
    }
}

fn view(context: &StatementContext<'_>, report: &mut Report, create: &syntax::CreateView) {
    let Some(id) = context.find(&create.relation.name) else { return };
    let invoker = |catalog: CatalogAt<'_>| {
        let view = catalog.relation(id);
        view.is_some_and(|it| {
            it.is.options.iter().any(|(name, value)| name.as_str() == "security_invoker" && is_on(value))
        })
    };
    if !invoker(context.before) || invoker(context.at_end_of_file()) {
        return;
    }
    let name = context.name(id);
    let finding = report.at(create.relation.span, format!("view {name} reads with its owner's rights from here on"));
    finding.subject(name).label("replaced without security_invoker, which it had");
    if let Some(before) = context.before.get(id) {
        finding.also(before.span, "made here");
    }
    finding.help("write it again: with (security_invoker = true)");
}

fn is_on(value: &str) -> bool {
    matches!(value, "true" | "on" | "1" | "yes")
}

fn function(context: &StatementContext<'_>, report: &mut Report, create: &syntax::CreateFunction) {
    let replaced = context.changed.iter().copied().filter_map(|id| {
        let before = context.before.get(id)?.as_routine()?;
        let after = context.at_end_of_file().get(id)?.as_routine()?;
        let path = |routine: &Routine| routine.settings.iter().any(|(name, _)| name.as_str() == "search_path");
        (after.security_definer && path(before) && !path(after)).then_some(id)
    });
    for id in replaced {
        let name = context.name(id);
        let finding = report.at(create.name.span(), format!("function {name} looks names up wherever its caller says"));
        finding.subject(name).label("SECURITY DEFINER, replaced without the SET search_path that it had");
        finding.help("write it again: set search_path = ''");
    }
}
