//! From the files of a history to its catalog.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Progress;
use super::guard::guarded;
use super::parse::{Parsed, parse};
use super::pending::{Earlier, earlier};
use crate::catalog::Catalog;
use crate::catalog::replay::{Ahead, Migration, replay};
use crate::finding::Finding;
use crate::project::{MigrationFile, Project, Workspace};
use crate::source::{FileId, Span};
use crate::syntax::Statement;

/// A history that was replayed.
pub(super) struct ReplayedProject {
    /// What it leaves.
    pub catalog: Catalog,
    /// What the findings about it are compared with.
    pub earlier: Earlier,
    /// What is wrong with its files.
    pub findings: Vec<Finding>,
}

/// Parses and replays the files of one history.
pub(super) fn replay_project(workspace: &Workspace, project: &Project, progress: &Progress) -> ReplayedProject {
    let parsed = project.migrations.iter().map(|_| OnceLock::new()).collect();
    let files = Files { workspace, project, parsed, progress };
    let (replayed, earlier) = rayon::scope(|scope| {
        scope.spawn(|_| files.parse_ahead());
        (files.replay(|_| true), earlier(workspace, &files))
    });
    let parsed = files.parsed.into_iter().filter_map(OnceLock::into_inner);
    let mut findings: Vec<Finding> = parsed.flat_map(|parsed| parsed.problems).collect();
    let catalog = replayed.unwrap_or_else(|failure| {
        findings.push(failure);
        Catalog::default()
    });
    ReplayedProject { catalog, earlier, findings }
}

/// A file that no runner applies, with its statements.
pub(super) type LooseFile = (FileId, Vec<Arc<Statement>>);

/// The files that no runner applies, and what is wrong with them.
pub(super) fn loose(workspace: &Workspace, progress: &Progress) -> (Vec<LooseFile>, Vec<Finding>) {
    let parsed = workspace.loose.par_iter().map(|&file| {
        let whole = 0..workspace.sources.file(file).text.len() as u32;
        let parsed = parse(&workspace.sources, file, std::slice::from_ref(&whole));
        progress.advance();
        ((file, parsed.statements), parsed.problems)
    });
    let (files, problems): (Vec<LooseFile>, Vec<Vec<Finding>>) = parsed.unzip();
    (files, problems.concat())
}

/// The files of one history, each parsed by whoever comes to it first: the replay, or who runs ahead of it.
pub(super) struct Files<'a> {
    workspace: &'a Workspace,
    /// The history.
    pub project: &'a Project,
    parsed: Vec<OnceLock<Parsed>>,
    progress: &'a Progress,
}

impl Files<'_> {
    fn parsed(&self, at: usize) -> &Parsed {
        self.parsed[at].get_or_init(|| {
            let migration = &self.project.migrations[at];
            let parsed = parse(&self.workspace.sources, migration.file, &migration.up);
            self.progress.advance();
            parsed
        })
    }

    fn parse_ahead(&self) {
        for at in 0..self.parsed.len() {
            self.parsed(at);
        }
    }

    /// Replays the files that are wanted.
    pub fn replay(&self, wanted: impl Fn(&MigrationFile) -> bool) -> Result<Catalog, Finding> {
        let migrations = self.project.migrations.iter().enumerate().filter(|(_, migration)| wanted(migration));
        let text = |it: &MigrationFile| (it.file, &*self.workspace.sources.file(it.file).text);
        let ahead = Arc::new(Ahead::of(self.project.migrations.iter().map(text)));
        let migrations = migrations.map(|(at, &MigrationFile { file, transaction, .. })| {
            let parsed = self.parsed(at);
            Migration {
                file,
                statements: parsed.statements.clone(),
                gaps: parsed.gaps.clone(),
                transaction,
                ahead: ahead.clone(),
            }
        });
        let place = self.project.migrations.first().map_or(Span::NONE, |first| Span::new(first.file, 0, 0));
        guarded("replaying these migrations", place, || replay(migrations, &self.project.facts.server))
    }
}
