//! A DELETE of every row. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(DataLoss, Check::Statement(check), aliases: &["pgls/banDeleteWithoutWhere"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Delete(delete) = context.kind() else { return };
    let Some(table) = context.find(&delete.relation.name).filter(|&it| context.ran() && context.is_in_use(it)) else {
        return;
    };
    if !delete.using.is_empty() || delete.with.is_some() || !context.lets_all_through(delete.filter.as_ref()) {
        return;
    }
    let name = context.name(table);
    let finding = report.at(delete.relation.span, format!("all rows of {name} are lost"));
    finding.subject(name).label("there is no WHERE that leaves any row out");
    finding.help("say which rows are meant");
}
