//! A file that cannot be run again after it failed halfway. The README beside this file is its manual and its test.

use crate::rule::*;

/// The rule.
pub const RULE: Rule =
    rule!(Style, Check::Statement(check), aliases: &["squawk/prefer-robust-stmts", "pgls/preferRobustStmts"]);

fn check(context: &StatementContext<'_>, report: &mut Report) {
    // In a transaction all of a file is there or none of it.
    if context.executed.in_transaction_block
        || context.executed.within.is_some()
        || !context.ran()
        || context.is_alone()
    {
        return;
    }
    let Some((span, what, keyword)) = unguarded(context.kind()) else { return };
    let (guard, word) = match what {
        Guard::Made => ("if not exists", "makes"),
        Guard::Dropped => ("if exists", "drops"),
    };
    let finding = report.at(span, format!("a second run of this file fails at what it {word} here"));
    finding.subject(context.sources.slice(span)).label("each statement is on its own: what ran before a failure stays");
    finding.help(format!("{guard}, or one transaction around the file"));
    if let Some(keyword) = keyword.and_then(|keyword| context.keyword(keyword)) {
        finding.fix(Fix::needs_review("let it be there already").insert_after(keyword, format!(" {guard}")));
    }
}

enum Guard {
    Made,
    Dropped,
}

/// What a statement makes or drops without asking whether it is there, with the word that the question follows.
fn unguarded(kind: &StatementKind) -> Option<(Span, Guard, Option<&'static str>)> {
    match kind {
        StatementKind::CreateTable(create) if !create.if_not_exists => {
            Some((create.relation.span, Guard::Made, Some("table")))
        }
        // A broken index of a build that failed has the name already.
        StatementKind::CreateIndex(create) if !create.if_not_exists && create.concurrently.is_none() => {
            Some((create.name?.span, Guard::Made, Some("index")))
        }
        StatementKind::Drop(drop) if !drop.if_exists => {
            let word = match drop.kind {
                syntax::ObjectKind::Table => Some("table"),
                syntax::ObjectKind::View => Some("view"),
                syntax::ObjectKind::Type => Some("type"),
                syntax::ObjectKind::Function => Some("function"),
                syntax::ObjectKind::Policy => Some("policy"),
                syntax::ObjectKind::Trigger => Some("trigger"),
                syntax::ObjectKind::Index if drop.concurrently.is_none() => Some("index"),
                _ => None,
            };
            Some((drop.objects.first()?.span, Guard::Dropped, word))
        }
        StatementKind::AlterTable(alter) => alter.actions.iter().find_map(|action| match &action.kind {
            TableActionKind::AddColumn { column, if_not_exists: false } => Some((column.name.span, Guard::Made, None)),
            TableActionKind::DropColumn { column, if_exists: false, .. } => Some((column.span, Guard::Dropped, None)),
            TableActionKind::DropConstraint { name, if_exists: false, .. } => Some((name.span, Guard::Dropped, None)),
            _ => None,
        }),
        _ => None,
    }
}
