//! A view that selects `*`. The README beside this file is its manual and its test.

use crate::rule::syntax::{DataRef, ExprKind, QueryBody, Target};
use crate::rule::{Check, Place, QueryContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Query(check));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    let (Place::View, Some(DataRef::Select(query))) = (context.place, context.statement) else { return };
    let mut open = vec![&query.body];
    while let Some(body) = open.pop() {
        match body {
            QueryBody::Select(select) => select.targets.iter().for_each(|target| tell(target, report)),
            QueryBody::SetOperation(operation) => open.extend([&operation.right.body, &operation.left.body]),
            _ => {}
        }
    }
}

fn tell(target: &Target, report: &mut Report) {
    if matches!(&target.expr.kind, ExprKind::Column(column) if column.star) {
        let finding = report.at(target.span, "the view's columns are those of its tables today");
        finding.label("a column added later is not in it");
        finding.help("name the columns");
    }
}
