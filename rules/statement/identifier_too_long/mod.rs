//! A name that the server cuts to 63 bytes. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Correctness,
    Check::Statement(check),
    level: Some(Level::At(Severity::Warning)),
    aliases: &["squawk/identifier-too-long"],
);

/// NAMEDATALEN - 1.
const LONGEST: usize = 63;

fn check(context: &StatementContext<'_>, report: &mut Report) {
    let Some(name) = made(context.kind()).filter(|_| context.ran()) else { return };
    let written = context.sources.slice(name.span).trim_matches('"');
    // Where code puts a name together, what is written is no name.
    let is_beginning = written.get(..name.name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_str()));
    if written.len() <= LONGEST || !is_beginning || name.name.len() > LONGEST {
        return;
    }
    let finding = report.at(name.span, format!("the name is cut to {}", name.name));
    finding.subject(name.name.to_string()).label(format!("{} bytes; the server keeps {LONGEST}", written.len()));
    finding.help("choose a shorter name");
}

/// The name that a statement gives.
fn made(kind: &StatementKind) -> Option<Ident> {
    match kind {
        StatementKind::CreateTable(create) => Some(create.relation.name.name),
        StatementKind::CreateView(create) => Some(create.relation.name.name),
        StatementKind::CreateIndex(create) => create.name,
        StatementKind::CreatePolicy(create) => Some(create.name),
        StatementKind::CreateTrigger(create) => Some(create.name),
        StatementKind::CreateFunction(create) => Some(create.name.name),
        StatementKind::Rename(rename) => Some(rename.new_name),
        StatementKind::AlterTable(alter) => alter.actions.iter().find_map(|action| match &action.kind {
            TableActionKind::AddColumn { column, .. } => Some(column.name),
            TableActionKind::AddConstraint(constraint) => constraint.name,
            _ => None,
        }),
        _ => None,
    }
}
