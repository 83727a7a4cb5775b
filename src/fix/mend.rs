//! Fixing until nothing more is fixed, in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Applied, apply_in, is_possible};
use crate::finding::{Finding, Fix, Safety};
use crate::lint::{Linted, Progress, lint};
use crate::project::Request;
use crate::rule::Rule;
use crate::source::{Encoding, FileId};

/// Fixes may show further ones. After so many rounds two rules are undoing each other's.
const ROUNDS: usize = 10;

/// Fixes that do harm are looked for by trying parts of them; so many parts a round.
const TRIALS: usize = 100;

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

    /// Whether a fix is no less safe than asked for.
    pub fn allows(&self, fix: &Fix) -> bool {
        self.unsafe_too || fix.safety == Safety::Safe
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
    /// What would mend others does not mend them, or the server would refuse it.
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
    let (mut fixed, mut trouble) = (0, None);
    let mut colliding;
    let mut breaking: FxHashSet<Key> = FxHashSet::default();
    // What looked as if it was in vain, since another fix brought such a finding.
    let mut cleared: FxHashSet<Key> = FxHashSet::default();
    let harm = count_harm(&linted);
    let mut round = 0;
    loop {
        let wanted = linted.findings.iter().filter(|finding| scope.holds(finding) && !breaking.contains(&key(finding)));
        let wanted: Vec<Finding> = wanted.cloned().collect();
        let applied = apply_in(&linted.sources, &wanted, scope.unsafe_too, &|file| linted.is_open(file));
        colliding = applied.colliding;
        if applied.texts.is_empty() {
            break;
        }
        if round == ROUNDS {
            trouble = Some(format!("after {ROUNDS} rounds there is still something to fix"));
            break;
        }
        let attempt = Attempt { request: &request, rules, linted: &linted, scope, harm, cleared: &cleared };
        let tried = match attempt.with(&wanted) {
            Tried::Harms => attempt.with(&attempt.sound(wanted.clone(), &mut breaking)),
            tried => tried,
        };
        let (next, again, applied) = match tried {
            Tried::Done(done) if !done.2.made.is_empty() => *done,
            Tried::Vain(keys) => {
                let vain: Vec<Key> = keys.iter().filter(|key| attempt.is_vain(&wanted, key)).cloned().collect();
                cleared.extend(keys.into_iter().filter(|key| !vain.contains(key)));
                breaking.extend(vain);
                continue;
            }
            _ => break,
        };
        for id in applied.texts.keys() {
            let file = linted.sources.file(*id);
            before.entry(file.path.clone()).or_insert_with(|| (file.name.clone(), file.text.to_string()));
        }
        round += 1;
        fixed += applied.made.len();
        (request, linted) = (next, again);
    }
    let left = Left { colliding, refused: breaking.len(), ..left(&linted, scope) };
    let changes = before.into_iter().filter_map(|(path, (name, before))| {
        let after = request.overlay.get(&path)?.clone();
        (after != before).then_some(Change { path, name, before: Some(before), after })
    });
    Mended { changes: changes.collect(), fixed, left, notes: Vec::new(), linted, trouble }
}

/// What tells a finding from others over rounds.
pub(super) type Key = (&'static str, String, String);

pub(super) fn key(finding: &Finding) -> Key {
    (finding.rule, finding.subject.clone(), finding.message.clone())
}

/// How many findings there are of each key.
fn counted<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> FxHashMap<Key, usize> {
    let mut counts = FxHashMap::default();
    findings.into_iter().for_each(|finding| *counts.entry(key(finding)).or_default() += 1);
    counts
}

/// One round of fixes on trial.
struct Attempt<'a> {
    request: &'a Request,
    rules: &'a [&'a Rule],
    linted: &'a Linted,
    scope: Scope<'a>,
    /// So much was wrong before.
    harm: usize,
    /// Fixes of these help, though such findings may be there afterwards.
    cleared: &'a FxHashSet<Key>,
}

/// What became of it.
enum Tried {
    /// The texts with the fixes, looked at again.
    Done(Box<(Request, Linted, Applied)>),
    /// Something is wrong that was not.
    Harms,
    /// These are found as before, though their fixes were made.
    Vain(Vec<Key>),
}

impl Attempt<'_> {
    fn with(&self, findings: &[Finding]) -> Tried {
        let linted = self.linted;
        let applied = apply_in(&linted.sources, findings, self.scope.unsafe_too, &|file| linted.is_open(file));
        let mut next = self.request.clone();
        for (id, text) in &applied.texts {
            next.overlay.insert(linted.sources.file(*id).path.clone(), text.clone());
        }
        let again = lint(&next, self.rules, &Progress::default());
        if count_harm(&again) > self.harm {
            return Tried::Harms;
        }
        let made = counted(applied.made.iter().map(|&at| &findings[at]));
        let (before, after) = (counted(&linted.findings), counted(&again.findings));
        let is_vain = |(key, made): &(Key, usize)| {
            !self.cleared.contains(key) && after.get(key).unwrap_or(&0) + made > before[key]
        };
        let vain: Vec<Key> = made.into_iter().filter(is_vain).map(|(key, _)| key).collect();
        if vain.is_empty() { Tried::Done(Box::new((next, again, applied))) } else { Tried::Vain(vain) }
    }

    /// Whether the fixes of one key change nothing by themselves.
    fn is_vain(&self, findings: &[Finding], wanted: &Key) -> bool {
        let alone: Vec<Finding> = findings.iter().filter(|finding| key(finding) == *wanted).cloned().collect();
        matches!(self.with(&alone), Tried::Vain(_))
    }

    /// The findings whose fixes harm nothing together: halves of what does are tried apart.
    fn sound(&self, findings: Vec<Finding>, breaking: &mut FxHashSet<Key>) -> Vec<Finding> {
        let mut sound: Vec<Finding> = Vec::new();
        let mut parts = vec![findings];
        for _ in 0..TRIALS {
            let Some(mut part) = parts.pop() else { break };
            let together = [&sound[..], &part].concat();
            if part.is_empty() || !matches!(self.with(&together), Tried::Harms) {
                sound = together;
            } else if part.len() == 1 {
                breaking.extend(part.iter().map(key));
            } else {
                let later = part.split_off(part.len() / 2);
                parts.extend([later, part]);
            }
        }
        breaking.extend(parts.iter().flatten().map(key));
        sound
    }
}

/// What fixes must not bring: statements that are refused, and an index beside one that is the same.
fn count_harm(linted: &Linted) -> usize {
    let twins = linted.findings.iter().filter(|finding| finding.rule == "duplicate_index").count();
    count_broken(linted) + twins
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
