//! A function whose names mean what its caller wants. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Info)),
    aliases: &["splinter/0011"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    // On a plain server it matters for functions that run with their owner's rights alone.
    let asked = |routine: &Found<'_, Routine>| context.facts.supabase || routine.is.security_definer;
    for routine in context.catalog.routines().filter(|routine| context.is_ours(routine.object) && asked(routine)) {
        let is_set = routine.is.settings.iter().any(|(name, _)| name.as_str() == "search_path");
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
    }
}
