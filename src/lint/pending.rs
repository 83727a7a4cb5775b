//! Where it is known which migrations are applied: which findings are the pending ones' doing.

use rustc_hash::{FxHashMap, FxHashSet};

use super::parse::Parsed;
use super::replay_files;
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::{MigrationFile, Project, Workspace};
use crate::source::{FileId, Span};

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
pub fn earlier(workspace: &Workspace, project: &Project, parsed: &FxHashMap<FileId, Parsed>) -> Earlier {
    if !project.knows_pending || workspace.applied_too {
        return Earlier::Nothing;
    }
    let is_pending = |migration: &&MigrationFile| workspace.files[migration.file.0 as usize].pending;
    let (pending, applied): (Vec<_>, Vec<_>) = project.migrations.iter().partition(|migration| is_pending(migration));
    match (pending.is_empty(), applied.is_empty()) {
        (true, _) => Earlier::Everything,
        (_, true) => Earlier::Nothing,
        _ => replay_files(project, &applied, parsed).map_or(Earlier::Nothing, |it| Earlier::Applied(Box::new(it))),
    }
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
