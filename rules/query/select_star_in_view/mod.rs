//! A view that selects `*`. The README beside this file is its manual and its test.

use crate::rule::syntax::{DataStatement, ExprKind, QueryBody};
use crate::rule::{Check, Place, QueryContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Query(check));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    let (Place::View, Some(DataStatement::Select(query))) = (context.place, context.statement) else { return };
    let QueryBody::Select(select) = &query.body else { return };
    for target in &select.targets {
        let ExprKind::Column(column) = &target.expr.kind else { continue };
        if column.star {
            let finding = report.at(target.span, "the view's columns are those of its tables today");
            finding.label("a column added later is not in it");
            finding.help("name the columns");
        }
    }
}
