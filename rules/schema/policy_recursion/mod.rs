//! Policies that ask themselves. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Schema(check),
    aliases: &["pgrls/SEC030"],
);

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for found in row_security::recursions(catalog.catalog()) {
        let Some(policy) = catalog.get(found.policy).filter(|policy| !policy.span.is_none()) else { continue };
        let table = catalog.short_name(found.table);
        let span = if found.span.is_none() { policy.span } else { found.span };
        let finding = report.at(span, format!("policy \"{}\" of {table} never ends", policy.name));
        let through: Vec<String> = found.through.iter().map(|id| catalog.short_name(*id)).collect();
        finding.label(if through.is_empty() {
            format!("reading {table} asks the policies of {table} while they are being asked")
        } else {
            format!("its policies read {}, and those read {table} again", through.join(", then "))
        });
        finding.note("each query fails: 42P17, infinite recursion detected in policy");
        finding.help("read it in a SECURITY DEFINER function, which no policy guards, and call that in the policy");
        finding.subject(format!("{} {}", catalog.qualified_name(found.table), policy.name));
    }
}
