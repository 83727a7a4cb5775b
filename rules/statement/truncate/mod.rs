//! A table emptied by TRUNCATE. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    DataLoss,
    Check::Statement(check),
    aliases: &["squawk/ban-truncate-cascade", "pgls/banTruncateCascade"],
);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Truncate { relations, .. } = context.kind() else { return };
    if !context.ran() {
        return;
    }
    let named: Vec<(ObjectId, Span)> =
        relations.iter().filter_map(|relation| Some((context.find(&relation.name)?, relation.span))).collect();
    let others: Vec<ObjectId> = context.in_use(&context.effects.rewrites);
    let is_child = |id: ObjectId| context.before.relation(id).is_none_or(|it| !it.is.parents.is_empty());
    let cascaded: Vec<ObjectId> =
        others.into_iter().filter(|&id| named.iter().all(|&(table, _)| table != id) && !is_child(id)).collect();
    for &(table, span) in named.iter().filter(|&&(table, _)| context.is_in_use(table)) {
        let name = context.name(table);
        let finding = report.at(span, format!("all rows of {name} are lost"));
        finding.subject(name).label("only a backup has them afterwards");
        if !cascaded.is_empty() {
            finding.note(format!("CASCADE empties {} as well", context.names(&cascaded)));
        }
        finding.help("delete the rows that are meant, in batches, or say why all of them may go");
    }
}
