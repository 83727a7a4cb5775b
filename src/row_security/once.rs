//! A clause of a policy written down anew, with each call that repeats in a sub-select of its own.

use super::{Finder, RepeatedCall, analysis, session_functions};
use crate::catalog::analyze::{Environment, Purpose, Scope, expression};
use crate::catalog::deparse::{Deparser, Style};
use crate::catalog::{Catalog, ObjectId};
use crate::source::{FileId, Sources, Span};
use crate::syntax::{Origin, parse_expression};

/// A call as it runs once for the statement.
pub fn in_sub_select(call: &str) -> String {
    format!("(select {call})")
}

/// USING or WITH CHECK for a statement after the whole history, its repeated calls each in a sub-select; `None` where
/// there are none, or where the clause cannot be printed.
///
/// `calls`: the repeated calls of the policy. The words of the file are taken where they still mean the same: not those of code, which are not the file's, and not
/// where what they name is called something else by now.
pub fn clause_asking_once(
    catalog: &Catalog,
    sources: &Sources,
    deparser: &Deparser<'_>,
    (policy, in_check): (ObjectId, bool),
    calls: &[RepeatedCall],
    version: u8,
) -> Option<String> {
    let object = catalog.end().get(policy)?;
    let is = object.as_policy()?;
    let clause = if in_check { is.check.as_deref() } else { is.using.as_deref() }?;
    let start_path = catalog.statements().first().map(|first| first.search_path.clone()).unwrap_or_default();
    let (_, written_by) = analysis(catalog, policy, in_check)?;
    let is_of_file = written_by.is_some_and(|by| by.within.is_none() && by.statement.written);
    let mut spans = calls.iter().filter(|call| call.in_check == in_check).map(|call| call.span).peekable();
    spans.peek()?;
    if is_of_file && deparser.policy_clause_holds(policy, clause, &start_path) {
        return wrapped(sources.slice(clause.span), clause.span, spans.collect());
    }
    let style = Style { pretty: true, indent: false, stable: true };
    let text = deparser.styled(style).expression(policy, clause)?;
    let origin = Origin::verbatim(FileId(0), 0);
    let expr = parse_expression(&text, &origin).ok()?;
    let end = catalog.end();
    let environment = Environment::new(end, &start_path, version);
    let analysis = expression(environment, &Scope::of(end, is.table), &expr, &Purpose::Policy).ok()?;
    let asking = session_functions(end);
    let mut finder = Finder { at: end, version, asking, in_check, written: true, found: Vec::new() };
    finder.expr(&analysis.expr, Some(end.get(is.table)?.name));
    let spans = finder.found.iter().map(|call| call.span).collect();
    wrapped(&text, Span::new(FileId(0), 0, text.len() as u32), spans)
}

/// The text of a clause with these parts of it wrapped.
fn wrapped(text: &str, clause: Span, mut calls: Vec<Span>) -> Option<String> {
    // Those of a view are not the clause's.
    calls.retain(|call| clause.contains(*call));
    if calls.is_empty() {
        return None;
    }
    calls.sort();
    // One call may be met twice, and one within another is wrapped with that.
    calls.dedup_by(|later, earlier| earlier.contains(*later));
    let mut text = text.to_owned();
    for call in calls.iter().rev() {
        let range = (call.start - clause.start) as usize..(call.end - clause.start) as usize;
        let wrapped = in_sub_select(text.get(range.clone())?);
        text.replace_range(range, &wrapped);
    }
    Some(text)
}
