//! A function with its owner's rights that everybody can call. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0028", "pgrls/SEC015"],
);

const ADVISOR: Lint = Lint {
    number: "0028",
    name: "anon_security_definer_function_executable",
    title: "Public Can Execute SECURITY DEFINER Function",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A function with its owner's rights that everybody with the public key can call.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let asking = session_functions(context.catalog);
    for routine in advisor::definers_for(context, "anon").filter(|routine| context.is_ours(routine.object)) {
        // The API cannot call a trigger's function, and one that asks who calls decides for itself.
        if context.returns_trigger(routine.is) || asking.contains(&routine.id) {
            continue;
        }
        let name = context.catalog.qualified_name(routine.id);
        let arguments = context.catalog.identity_arguments(routine.is);
        let revoke = context.revoke_execute(&routine, "anon");
        report
            .at(routine.span(), format!("anon can call {name} with its owner's rights"))
            .label("security definer: it sees past row security, and does not ask who calls")
            .help(format!("where it shall not be called from outside: {revoke}"))
            .subject(format!("{name}({arguments})"))
            .fix(Fix::needs_review("take the right to call it").migrate(revoke));
    }
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for routine in advisor::definers_for(context, "anon") {
        entries.push(advisor::definer_entry(context, &routine, "anon_security_definer_function_executable", "anon"));
    }
}
