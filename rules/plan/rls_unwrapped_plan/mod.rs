//! A policy that asks who the user is once for each row. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{plural, shorten};
use crate::rule::capture::{Expression, Key, NodeRef, name_of};
use crate::rule::syntax::{Visit, visit_expr};
use crate::rule::{Check, Expr, ExprKind, Finding, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes().filter(|node| !node.never_executed()) {
        // In an index condition it is computed once; so is a one-time filter.
        let Some(filter) = node.get().filter.as_deref().filter(|filter| is_per_row(filter)) else { continue };
        if !context.matters(node) {
            continue;
        }
        let table = name_of(node);
        let rows = node.total_rows().unwrap_or(0.0) + node.total_rows_removed_by_filter().unwrap_or(0.0);
        let message = match node.total_rows() {
            Some(_) => format!("asks for the user once for each of {} of {table}", plural(rows, "row")),
            None => format!("asks for the user once for each row of {table}"),
        };
        let finding = report.at(node.key_span(Key::Filter).unwrap_or_else(|| node.type_span()), message);
        finding.label(context.cost(node)).subject(table);
        finding.note(format!("filter {}", shorten(filter, 200)));
        finding.help("wrap the call in the policy, so that it runs once: (select auth.uid())");
        policies(context, finding, node);
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

/// Points at the policies of the table that make the call.
fn policies(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>) {
    let Some((table, _)) = context.table(node) else { return };
    for policy in context.catalog.policies(table) {
        let mut calls = Calls { bare: None };
        if let Some(using) = &policy.is.using {
            visit_expr(using, &mut calls);
        }
        if let Some(span) = calls.bare {
            finding.also(span, format!("policy {:?} calls it for each row", policy.name().as_str()));
        }
    }
}

struct Calls {
    bare: Option<crate::rule::Span>,
}

impl Visit for Calls {
    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::Call(call) = &expr.kind {
            if is_asking(call.name.name.as_str()) {
                self.bare.get_or_insert(expr.span);
            }
        }
    }
}
