//! Fixing until nothing more is fixed, in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{apply_in, is_possible};
use crate::finding::{Finding, Safety};
use crate::lint::{Linted, Progress, lint};
use crate::project::Request;
use crate::rule::Rule;
use crate::source::{Encoding, FileId};

/// Fixes may show further ones. After so many rounds two rules are undoing each other's.
const ROUNDS: usize = 10;

/// Which findings are fixed, and how far.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Fixes that need a look too.
    pub unsafe_too: bool,
    /// The rules whose findings are fixed; all of them where this is empty.
    pub only: &'a [&'static str],
}

impl Scope<'_> {
    /// Whether a finding is to be fixed.
    pub fn holds(&self, finding: &Finding) -> bool {
        self.only.is_empty() || self.only.contains(&finding.rule)
    }
}

/// A file whose text changes, or a new one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Where it is.
    pub path: PathBuf,
    /// How it is shown.
    pub name: String,
    /// The text that was read; `None` for a new file.
    pub before: Option<String>,
    /// The text to write.
    pub after: String,
}

/// What fixing came to.
#[derive(Default)]
pub struct Mended {
    /// The files that change, by name.
    pub changes: Vec<Change>,
    /// How many findings were fixed.
    pub fixed: usize,
    /// What is left.
    pub left: Left,
    /// What the reader must know besides.
    pub notes: Vec<String>,
    /// The last run, over the changed texts.
    pub linted: Linted,
    /// Why not all was done that could have been, where that is so.
    pub trouble: Option<String>,
}

/// Findings that stay although there is a remedy.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Left {
    /// Their edits need a look.
    pub need_review: usize,
    /// Their cause is applied already, or cannot be edited: a new migration mends them.
    pub as_migration: usize,
    /// The server would refuse the statement that mends them.
    pub refused: usize,
    /// They can be mended by editing files.
    pub in_files: usize,
    /// Their edits touch others', or contradict them.
    pub colliding: usize,
}

/// Applies fixes, looks again, and so on until nothing more is fixed. Nothing is written.
pub fn mend(request: &Request, rules: &[&Rule], scope: Scope<'_>, progress: &Progress) -> Mended {
    let mut request = request.clone();
    let mut before: BTreeMap<PathBuf, (String, String)> = BTreeMap::new();
    let mut linted = lint(&request, rules, progress);
    let (mut fixed, mut colliding, mut trouble) = (0, 0, None);
    let broken = count_broken(&linted);
    for round in 0.. {
        let wanted: Vec<Finding> = linted.findings.iter().filter(|finding| scope.holds(finding)).cloned().collect();
        let applied = apply_in(&linted.sources, &wanted, scope.unsafe_too, &|file| linted.is_open(file));
        colliding = applied.colliding;
        if applied.texts.is_empty() {
            break;
        }
        if round == ROUNDS {
            trouble = Some(format!("after {ROUNDS} rounds there is still something to fix"));
            break;
        }
        let mut next = request.clone();
        for (id, text) in applied.texts {
            let file = linted.sources.file(id);
            before.entry(file.path.clone()).or_insert_with(|| (file.name.clone(), file.text.to_string()));
            next.overlay.insert(file.path.clone(), text);
        }
        let again = lint(&next, rules, &Progress::default());
        if count_broken(&again) > broken {
            trouble = Some("a fix would have broken a statement, so that round of fixes is left out".to_owned());
            break;
        }
        fixed += applied.fixed;
        (request, linted) = (next, again);
    }
    let left = Left { colliding, ..left(&linted, scope) };
    let changes = before.into_iter().filter_map(|(path, (name, before))| {
        let after = request.overlay.get(&path)?.clone();
        (after != before).then_some(Change { path, name, before: Some(before), after })
    });
    Mended { changes: changes.collect(), fixed, left, notes: Vec::new(), linted, trouble }
}

/// Statements that the parser or the server refuses.
pub(super) fn count_broken(linted: &Linted) -> usize {
    linted.findings.iter().filter(|finding| BROKEN.contains(&finding.rule)).count()
}

/// The rules about statements that the parser or the server refuses.
pub(super) const BROKEN: &[&str] = &["syntax_error", "server_refuses"];

fn left(linted: &Linted, scope: Scope<'_>) -> Left {
    let mut left = Left::default();
    let is_open = |file: FileId| linted.is_open(file);
    for finding in linted.findings.iter().filter(|finding| scope.holds(finding)) {
        let possible =
            |safety: Safety| finding.fixes.iter().any(|fix| fix.safety == safety && is_possible(fix, &is_open));
        if possible(Safety::Unsafe) && !scope.unsafe_too {
            left.need_review += 1;
        } else if !possible(Safety::Safe) && finding.fixes.iter().any(|fix| !fix.migration.is_empty()) {
            left.as_migration += 1;
        }
    }
    left
}

impl Linted {
    /// Whether a file may be edited: it was asked for, is not applied yet, and is on disk as UTF-8.
    pub fn is_open(&self, file: FileId) -> bool {
        let Some(state) = self.files.get(file.0 as usize) else { return false };
        let source = self.sources.file(file);
        let editable = matches!(source.encoding, Encoding::Utf8 { .. }) && !source.path.as_os_str().is_empty();
        state.reported && state.pending && editable
    }
}
