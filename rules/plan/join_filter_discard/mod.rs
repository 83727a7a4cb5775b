//! A join that makes rows in order to throw them away. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, plural, shorten};
use crate::rule::capture::{Expression, Key};
use crate::rule::{Check, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for join in context.plan.nodes().filter(|node| node.is_join()) {
        let Some(filter) = join.get().join_filter.as_deref() else { continue };
        let removed = join.total_rows_removed_by_join_filter().unwrap_or(0.0);
        let made = removed + join.total_rows().unwrap_or(0.0);
        let settings = context.settings;
        let much = removed >= settings.join_rows_removed && removed >= settings.removed_share * made;
        if !much || !context.matters(join) {
            continue;
        }
        let kept = if made - removed < 0.5 { "none".to_owned() } else { count(made - removed) };
        let message = format!("compares {} of rows to keep {kept}", plural(made, "pair"));
        let finding = report.at(join.key_span(Key::JoinFilter).unwrap_or_else(|| join.type_span()), message);
        finding.label(context.cost(join)).subject(shorten(filter, 80));
        finding.help(match Expression::parse(filter) {
            Expression::Or(_) => {
                "an OR over both tables can use neither hash nor index: write it as a UNION of two joins"
            }
            _ => "join by an equality, so that rows can be hashed or found by an index, and filter what is left",
        });
    }
}
