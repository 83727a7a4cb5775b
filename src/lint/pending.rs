//! Where it is known which migrations are applied: which findings are the pending ones' doing.

use rustc_hash::FxHashSet;

use super::files::Files;
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::{MigrationFile, Workspace};
use crate::source::Span;

/// What a schema's findings are compared with.
pub enum Earlier {
    /// All findings are told: nothing says what is applied, or nothing is.
    Nothing,
    /// Nothing is pending, so there is nothing to tell.
    Everything,
    /// The catalog that the applied migrations leave.
    Applied(Box<Catalog>),
}

/// What the findings about a history are compared with.
pub(super) fn earlier(workspace: &Workspace, files: &Files<'_>) -> Earlier {
    let project = files.project;
    if !project.knows_pending || workspace.applied_too {
        return Earlier::Nothing;
    }
    let is_pending = |migration: &MigrationFile| workspace.files[migration.file.0 as usize].pending;
    let pending = project.migrations.iter().filter(|migration| is_pending(migration)).count();
    if pending == 0 {
        return Earlier::Everything;
    }
    if pending == project.migrations.len() {
        return Earlier::Nothing;
    }
    let applied = files.replay(|migration| !is_pending(migration));
    applied.map_or(Earlier::Nothing, |catalog| Earlier::Applied(Box::new(catalog)))
}

/// Keeps the findings that were not there before, and those at least one of whose places is in a pending file.
pub fn keep_new(workspace: &Workspace, findings: &mut Vec<Finding>, before: &[Finding]) {
    let known: FxHashSet<_> = before.iter().map(about).collect();
    let in_pending = |span: Span| !span.is_none() && workspace.files[span.file.0 as usize].pending;
    findings.retain(|finding| {
        let touched = in_pending(finding.span) || finding.labels.iter().any(|label| in_pending(label.span));
        touched || !known.contains(&about(finding))
    });
}

/// What a finding is about, in whatever file it is.
fn about(finding: &Finding) -> (&'static str, &str) {
    let subject = if finding.subject.is_empty() { &finding.message } else { &finding.subject };
    (finding.rule, subject)
}
