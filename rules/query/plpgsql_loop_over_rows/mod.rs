//! PL/pgSQL code that writes row by row what one statement could write at once. The README beside this file is its manual and its test.

use crate::rule::syntax::plpgsql::{Body, CodeStatement, CodeStatementKind, LoopKind, Sql};
use crate::rule::syntax::{FromItem, FromKind, Name, QueryBody, StatementKind};
use crate::rule::{Check, Level, Place, QueryContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Query(check), level: Some(Level::At(Severity::Info)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    let (Place::Function, Some(code)) = (context.place, context.code) else { return };
    code.walk(|statement| {
        let CodeStatementKind::Loop(inner) = &statement.kind else { return };
        let targets = match &inner.kind {
            LoopKind::Query { targets, query } if !reads_values(code, *query) => targets,
            // Its elements are rows of unnest.
            LoopKind::Array { targets, slice: false, .. } => targets,
            _ => return,
        };
        // More than writing happens: errors are handled, transactions end, others are called.
        let only_writes = inner.statements.iter().all(|inner| is_write(code, inner));
        let Some(first) = inner.statements.first().filter(|_| only_writes && inner.statements.len() <= 2) else {
            return;
        };
        let names: Vec<Name> = targets.iter().filter_map(|target| target.parts.first()).map(|part| part.name).collect();
        if !inner.statements.iter().all(|inner| uses(code, inner, &names)) {
            return;
        }
        let finding = report.at(first.span, "runs once for each row of the loop");
        finding.label("one statement could do it for all");
        finding.also(statement.span.at_start(), "the loop");
        finding.help("update … from (query), delete … using (query), or insert … select …");
    });
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
