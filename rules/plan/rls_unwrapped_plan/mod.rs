//! A policy that asks who the user is once for each row. The README beside this file is its manual and its test.

use crate::rule::capture::figures::plural;
use crate::rule::capture::{Expression, Key, NodeRef, name_of};
use crate::rule::{Check, Finding, PlanContext, Report, Rule, repeated_calls, rule, session_functions};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| !node.never_executed()) {
        // In an index condition it is computed once; so is a one-time filter.
        let per_row = node.get().filter.as_deref().is_some_and(is_per_row);
        if !per_row || !context.matters(node) {
            continue;
        }
        let table = name_of(node);
        let rows = node.total_rows().unwrap_or(0.0) + node.total_rows_removed_by_filter().unwrap_or(0.0);
        let does = if asks_for_user(node) { "asks for the user" } else { "reads a setting" };
        let message = match node.total_rows() {
            Some(_) => format!("{does} once for each of {} of {table}", plural(rows, "row")),
            None => format!("{does} once for each row of {table}"),
        };
        let finding = report.at(node.key_span(Key::Filter).unwrap_or_else(|| node.type_span()), message);
        finding.label(context.cost(node)).subject(table);
        if !policies(context, finding, node) {
            let wrapped = if asks_for_user(node) { "(select auth.uid())" } else { "(select current_setting(…))" };
            finding.help(format!("wrap the call in the policy, so that it runs once: {wrapped}"));
        }
    }
}

/// Functions that tell the user; auth.uid() and its like are inlined and show as current_setting.
fn is_asking(function: &str) -> bool {
    matches!(function, "current_setting" | "uid" | "jwt" | "role" | "email")
}

fn is_per_row(filter: &str) -> bool {
    let words = ["current_setting(", "uid(", "jwt(", "role(", "email("];
    words.iter().any(|word| filter.contains(word))
        && Expression::parse(filter)
            .all()
            .iter()
            .any(|one| matches!(one, Expression::Call { name, .. } if is_asking(name)))
}

/// Whether it is the user that the filter asks for: Supabase keeps the token in settings of this name.
fn asks_for_user(node: NodeRef<'_>) -> bool {
    let filter = node.get().filter.as_deref().unwrap_or_default();
    filter.contains("request.jwt") || !filter.contains("current_setting(")
}

/// Points at the calls in the table's policies that run for each row, and says how they run once; whether there are any.
fn policies(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>) -> bool {
    let Some((table, _)) = context.table(node) else { return false };
    let asking = session_functions(context.catalog);
    for policy in context.catalog.policies(table) {
        for call in repeated_calls(context.catalog.catalog(), policy.id, asking, NEWEST) {
            finding.also(call.span, format!("policy \"{}\" calls {} for each row", policy.name(), call.function));
            let written = context.sources.slice(call.span);
            let help = format!("wrap it in policy \"{}\", so that it runs once: (select {written})", policy.name());
            if !finding.help.contains(&help) {
                finding.help(help);
            }
        }
    }
    !finding.help.is_empty()
}

/// The server whose functions and types policies are read with: the newest knows those of all others.
const NEWEST: u8 = 18;
