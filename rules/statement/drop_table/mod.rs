//! A table dropped with all its rows. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    DataLoss,
    Check::Statement(check),
    aliases: &["squawk/ban-drop-table", "pgls/banDropTable"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Drop(drop) = context.kind() else { return };
    if drop.kind != syntax::ObjectKind::Table || !context.ran() {
        return;
    }
    for object in &drop.objects {
        let syntax::ObjectName::Qualified(name) = &object.name else { continue };
        let Some(table) = context.find(name).filter(|&table| context.is_in_use(table)) else { continue };
        let name = context.name(table);
        let finding = report.at(object.span, format!("all rows of {name} are lost"));
        finding.subject(name).label("only a backup has them afterwards");
        if let Some(made) = context.before.get(table) {
            finding.also(made.span, "made here");
        }
        finding.help("stop using it first; rename it, wait for what breaks, and drop it in a later migration");
    }
}
