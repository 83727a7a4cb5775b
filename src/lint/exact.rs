//! Fixes change what a file holds, and nothing that stands for it.

use rustc_hash::FxHashSet;

use crate::catalog::Catalog;
use crate::finding::{Edit, Finding};
use crate::source::Span;

/// Takes away the edits of statements that no file holds as they were run: every part of text that code puts together
/// has the place of all of it, and an edit there would change the code that makes it.
pub fn keep(findings: &mut [Finding], catalog: &Catalog) {
    if findings.iter().all(|finding| finding.fixes.iter().all(|fix| fix.edits.is_empty())) {
        return;
    }
    let made = catalog.statements().iter().filter(|executed| !executed.statement.written);
    let made: FxHashSet<Span> = made.map(|executed| executed.statement.span).collect();
    let ends: FxHashSet<Span> = made.iter().flat_map(|span| [span.at_start(), span.at_end()]).collect();
    let is_exact = |edit: &Edit| !made.contains(&edit.span) && !ends.contains(&edit.span);
    for finding in findings {
        for fix in &mut finding.fixes {
            if !fix.edits.iter().all(is_exact) {
                fix.edits.clear();
            }
        }
        finding.fixes.retain(|fix| !fix.edits.is_empty() || !fix.migration.is_empty());
    }
}
