//! A value put behind all others. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Style, Check::Statement(check), aliases: &["squawk/require-enum-value-ordering"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::AlterEnum(alter) = context.kind() else { return };
    let syntax::AlterEnum::Add { name, label, neighbor: None, .. } = &**alter else { return };
    if !context.ran() {
        return;
    }
    let ids = context.changed.iter().copied();
    let labels = |id: ObjectId| match &context.before.get(id)?.as_type()?.class {
        TypeClass::Enum { labels } => Some(labels.clone()),
        _ => None,
    };
    let Some(labels) = ids.filter(|&id| !context.is_new(id)).find_map(labels) else { return };
    let Some(last) = labels.last() else { return };
    let finding =
        report.at(label.span, format!("{} sorts behind all other values of {name}", quote_literal(&label.text)));
    finding.subject(format!("{name} {}", label.text)).label("the order of an enum is the order of its values");
    finding.help("say where it belongs: after or before one of the others");
    if context.executed.within.is_none() {
        let fix = Fix::safe("write its place down");
        finding.fix(fix.insert_after(label.span, format!(" after {}", quote_literal(&last.text))));
    }
}
