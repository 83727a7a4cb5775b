//! An UPDATE that overwrites every row. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(DataLoss, Check::Statement(check), aliases: &["pgls/banUpdateWithoutWhere"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let StatementKind::Update(update) = context.kind() else { return };
    let Some(table) = context.find(&update.relation.name).filter(|&it| context.ran() && context.is_in_use(it)) else {
        return;
    };
    let joined = !update.from.is_empty() || update.with.is_some();
    if joined || !context.lets_all_through(update.filter.as_ref()) || computes(update) {
        return;
    }
    let old: Vec<String> = update
        .set
        .iter()
        .map(|assignment| assignment.column.name.name)
        .filter(|&column| !context.is_new_column(table, column))
        .map(|name| name.to_string())
        .collect();
    if old.is_empty() {
        return;
    }
    let name = context.name(table);
    let finding = report.at(update.relation.span, format!("every row of {name} loses its {}", listed(&old)));
    finding.subject(name).label("there is no WHERE that leaves any row out");
    finding.help("say which rows are meant, or keep the old values in another column until nobody needs them");
}

/// Whether the new values are made of the old ones, or of other columns: then the statement brings them into another form.
fn computes(update: &syntax::Update) -> bool {
    update.set.iter().all(|assignment| {
        !matches!(
            assignment.value.kind,
            ExprKind::Null
                | ExprKind::Bool(_)
                | ExprKind::Integer(_)
                | ExprKind::Float(_)
                | ExprKind::String(_)
                | ExprKind::Default
        )
    })
}
