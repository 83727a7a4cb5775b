//! A function whose names mean what its caller wants. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Info)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0011"],
);

const ADVISOR: Lint = Lint {
    number: "0011",
    name: "function_search_path_mutable",
    title: "Function Search Path Mutable",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A function without a search_path of its own: its unqualified names mean what the caller's path says.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    // On a plain server it matters for functions that run with their owner's rights alone.
    let asked = |routine: &Found<'_, Routine>| context.facts.supabase || routine.is.security_definer;
    for routine in context.catalog.routines().filter(|routine| context.is_ours(routine.object) && asked(routine)) {
        let is_set = has_path(routine.is);
        if is_set || routine.span().is_none() {
            continue;
        }
        let name = context.catalog.qualified_name(routine.id);
        let finding = report.at(routine.span(), format!("function {name} has no search_path of its own"));
        finding.label("its unqualified names are looked up where the caller's search_path says");
        finding.help("qualify the names in it and add: set search_path = ''").subject(name);
        if routine.is.security_definer {
            finding.severity(Severity::Warning);
            finding.note("it runs with its owner's rights: a caller can put other tables and functions in its way");
        }
        if routine.is.kind != RoutineKind::Aggregate {
            finding.fix(usual_path(context, &routine));
        }
    }
}

/// The path that its callers usually have, so that its names go on meaning what they mean: whether it needs names
/// without a schema at all only its reader knows.
fn usual_path(context: &SchemaContext<'_>, routine: &Found<'_, Routine>) -> Fix {
    // Schemas that are not named are searched after these, but for pg_temp, which would be the first.
    let path = if context.facts.supabase { "public, extensions, pg_temp" } else { "public, pg_temp" };
    let set = format!("set search_path = {path}");
    let alter = format!("alter {} {set};", context.catalog.sql_routine(routine));
    let fix = Fix::needs_review("give it the search_path that its callers usually have").migrate(alter);
    match before_body(context, routine) {
        Some(place) => fix.insert_before(place, format!("{set} ")),
        None => fix,
    }
}

/// The word AS before the body, in the statement of a file that gave the function the code it has.
fn before_body(context: &SchemaContext<'_>, routine: &Found<'_, Routine>) -> Option<Span> {
    let Some(syntax::FunctionBody::Text { code, .. }) = routine.is.body.as_deref() else { return None };
    let catalog = context.catalog.catalog();
    let creates =
        |(by, _)| catalog.statement(by).filter(|it| matches!(it.statement.kind, StatementKind::CreateFunction(_)));
    let executed = catalog.history(routine.id).filter_map(creates).last().filter(|it| it.within.is_none())?;
    let span = executed.statement.span;
    if span.file != code.span.file || !(span.start..span.end).contains(&code.span.start) {
        return None;
    }
    let text = &context.sources.file(span.file).text;
    let before = syntax::token::Tokens::of_range(text, span.start as usize..code.span.start as usize).tokens;
    let word = before.last().filter(|token| token.is_word(text, "as"))?;
    Some(Span::new(span.file, word.start, word.end))
}

fn has_path(routine: &Routine) -> bool {
    routine.settings.iter().any(|(name, _)| name.as_str() == "search_path")
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for routine in context.catalog.routines().filter(|routine| context.is_ours(routine.object) && !has_path(routine.is))
    {
        let (schema, name) = (context.catalog.schema_name(routine.object), routine.name());
        // What pg_proc holds for an aggregate.
        let source = if routine.is.kind == RoutineKind::Aggregate { "aggregate_dummy" } else { &routine.is.source };
        let detail = format!("Function \\`{schema}.{name}\\` has a role mutable search_path");
        let key = format!("function_search_path_mutable_{schema}_{name}_{}", advisor::md5(source));
        entries.push(Entry::about(context.catalog, routine.object, "function", detail, key));
    }
}
