//! PL/pgSQL code that writes row by row what one statement could write at once. The README beside this file is its manual and its test.

use crate::rule::syntax::plpgsql::{Body, CodeStatement, CodeStatementKind, Loop, LoopKind, Sql, Target};
use crate::rule::syntax::{FromItem, FromKind, Name, QueryBody, StatementKind};
use crate::rule::{Check, Level, Place, QueryContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::At(Severity::Info)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    let (Place::Function, Some(code)) = (context.place, context.code) else { return };
    code.walk(|statement| {
        let CodeStatementKind::Loop(inner) = &statement.kind else { return };
        let Some((names, turn)) = rows(code, inner) else { return };
        // More than writing happens: errors are handled, transactions end, others are called.
        let Some(writes) = writes(code, turn).filter(|writes| matches!(writes.len(), 1 | 2)) else { return };
        if !writes.iter().all(|write| uses(code, write, &names)) {
            return;
        }
        let finding = report.at(writes[0].span, "runs once for each row of the loop");
        finding.label("one statement could do it for all");
        finding.also(statement.span.at_start(), "the loop");
        finding.help("update … from (query), delete … using (query), or insert … select …");
    });
}

/// The variables that hold a row or a number of a loop over many, and what is done with each.
fn rows<'b>(code: &Body, inner: &'b Loop) -> Option<(Vec<Name>, &'b [CodeStatement])> {
    let targets = match &inner.kind {
        LoopKind::Query { targets, query } if !reads_values(code, *query) => targets,
        LoopKind::Cursor { targets, .. } => targets,
        // Its elements are rows of unnest.
        LoopKind::Array { targets, slice: false, .. } => targets,
        // Its numbers are rows of generate_series.
        LoopKind::Range { variable, .. } => return Some((vec![variable.name], &inner.statements)),
        LoopKind::Forever => return fetched(&inner.statements),
        _ => return None,
    };
    Some((names_of(targets), &inner.statements))
}

fn names_of(targets: &[Target]) -> Vec<Name> {
    targets.iter().filter_map(|target| target.parts.first()).map(|part| part.name).collect()
}

/// `fetch … into …; exit when not found;` and what follows.
fn fetched(statements: &[CodeStatement]) -> Option<(Vec<Name>, &[CodeStatement])> {
    let [first, second, turn @ ..] = statements else { return None };
    let CodeStatementKind::Fetch { targets, .. } = &first.kind else { return None };
    let ends = matches!(second.kind, CodeStatementKind::Exit { continues: false, when: Some(_), .. });
    ends.then(|| (names_of(targets), turn))
}

/// The writes that these statements are, those under an IF too; `None` where they are more.
fn writes<'b>(code: &Body, statements: &'b [CodeStatement]) -> Option<Vec<&'b CodeStatement>> {
    let mut all = Vec::new();
    for statement in statements {
        match &statement.kind {
            // What it asks is a condition of the one statement.
            CodeStatementKind::If { arms, otherwise: None } if arms.len() == 1 => {
                all.extend(writes(code, &arms[0].1)?);
            }
            _ if is_write(code, statement) => all.push(statement),
            _ => return None,
        }
    }
    Some(all)
}

/// Whether the rows are few, written out in the query.
fn reads_values(code: &Body, query: Sql) -> bool {
    let Ok(statement) = code.statement(query) else { return true };
    let StatementKind::Select(query) = &statement.kind else { return true };
    let is_values = |item: &FromItem| match &item.kind {
        FromKind::Subquery { query, .. } => matches!(query.body, QueryBody::Values(_)),
        _ => false,
    };
    match &query.body {
        QueryBody::Select(select) => select.from.is_empty() || select.from.iter().any(is_values),
        QueryBody::Values(_) => true,
        _ => false,
    }
}

/// A plain INSERT, UPDATE or DELETE.
fn is_write(code: &Body, statement: &CodeStatement) -> bool {
    let CodeStatementKind::Sql { sql, into: None } = &statement.kind else { return false };
    let Ok(statement) = code.statement(*sql) else { return false };
    matches!(statement.kind, StatementKind::Insert(_) | StatementKind::Update(_) | StatementKind::Delete(_))
}

/// Whether a statement names the loop's variable.
fn uses(code: &Body, statement: &CodeStatement, names: &[Name]) -> bool {
    let CodeStatementKind::Sql { sql, .. } = &statement.kind else { return false };
    let text = code.text(*sql).to_ascii_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    names.iter().any(|name| text.split(|c| !is_word(c)).any(|word| word == name.as_str()))
}
