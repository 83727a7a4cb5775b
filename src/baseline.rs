//! Findings that are known: recorded once, so that later runs tell of new ones only.
//!
//! An entry is matched by what the finding is (see [`kind_of_finding`]) and, where there are several of that kind, by
//! the file it is in. So it outlives moved lines and renamed files.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::lint::Linted;
use crate::project::{Request, absolute, shown_from};
use crate::report::kind_of_finding;
use crate::rule::Rule;

/// The file's name.
pub const FILE_NAME: &str = "pglint-baseline.json";

/// Rises when entries change their meaning.
const VERSION: u32 = 1;

/// What is said of the run itself cannot be known before.
const NEVER_KNOWN: &[&str] = &["internal_error", "invalid_config", "unreadable_file"];

/// The findings that are known.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// The folder that file names in it start from.
    folder: PathBuf,
    entries: Vec<Entry>,
}

/// One known finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The file it is in, seen from the baseline, with `/`.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// What it is: 16 hexadecimal digits.
    pub fingerprint: String,
    /// What it says, for people who read the file.
    pub message: String,
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    findings: Vec<Entry>,
}

/// What a baseline said of a run.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// How many findings are known and left out.
    pub known: usize,
    /// Entries whose files were looked at and that are found no more.
    pub gone: Vec<Entry>,
}

impl Baseline {
    /// The baseline that holds these findings and is to be written to `path`.
    pub fn of(path: &Path, linted: &Linted, rules: &[&Rule]) -> Baseline {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let known = linted.findings.iter().filter(|finding| !NEVER_KNOWN.contains(&finding.rule));
        let mut entries: Vec<Entry> = known
            .map(|finding| Entry {
                file: file_of(&folder, linted, finding),
                rule: finding.rule.to_owned(),
                fingerprint: format!("{:016x}", kind_of_finding(&linted.sources, rules, finding)),
                message: finding.message.clone(),
            })
            .collect();
        entries.sort();
        Baseline { folder, entries }
    }

    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    /// What is wrong with it, lower case.
    pub fn read(path: &Path, text: &str) -> Result<Baseline, String> {
        let written: Written = serde_json::from_str(text).map_err(|error| format!("this is no baseline: {error}"))?;
        if written.version != VERSION {
            return Err(format!("version {} of its form is not known here", written.version));
        }
        Ok(Baseline { folder: path.parent().unwrap_or(Path::new("")).to_owned(), entries: written.findings })
    }

    /// The text of the file: an entry a line, in order, so that changes to it are easy to read.
    pub fn text(&self) -> String {
        let line = |entry: &Entry| serde_json::to_string(entry).expect("strings are JSON");
        let entries: Vec<String> = self.entries.iter().map(line).collect();
        format!("{{\"version\":{VERSION},\"findings\":[\n{}\n]}}\n", entries.join(",\n"))
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes known findings out of a run.
    pub fn compare(&self, request: &Request, linted: &mut Linted, rules: &[&Rule]) -> Compared {
        let known = self.known(linted, rules);
        let mut left: Vec<bool> = vec![true; self.entries.len()];
        known.iter().flatten().for_each(|&at| left[at] = false);
        let mut known_of = known.iter();
        linted.findings.retain(|_| known_of.next().is_none_or(Option::is_none));
        let looked_at = LookedAt::of(request, linted);
        let is_gone = |entry: &Entry| looked_at.holds(&absolute(&self.folder, Path::new(&entry.file)));
        let gone = self.entries.iter().zip(left).filter(|(entry, left)| *left && is_gone(entry));
        Compared { known: known.iter().flatten().count(), gone: gone.map(|(entry, _)| entry.clone()).collect() }
    }

    /// The same baseline without these entries.
    #[must_use]
    pub fn without(&self, gone: &[Entry]) -> Baseline {
        let mut counts: FxHashMap<&Entry, usize> = FxHashMap::default();
        gone.iter().for_each(|entry| *counts.entry(entry).or_default() += 1);
        let mut stays = |entry: &&Entry| match counts.get_mut(*entry) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        Baseline { folder: self.folder.clone(), entries: self.entries.iter().filter(&mut stays).cloned().collect() }
    }

    /// The entry of each finding: first one for the same file, then any that is left.
    fn known(&self, linted: &Linted, rules: &[&Rule]) -> Vec<Option<usize>> {
        let mut by_kind: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (at, entry) in self.entries.iter().enumerate().rev() {
            by_kind.entry(&entry.fingerprint).or_default().push(at);
        }
        let kinds: Vec<Option<String>> = linted
            .findings
            .iter()
            .map(|finding| {
                let may_be_known = !NEVER_KNOWN.contains(&finding.rule);
                may_be_known.then(|| format!("{:016x}", kind_of_finding(&linted.sources, rules, finding)))
            })
            .collect();
        let mut known = vec![None; kinds.len()];
        for same_file in [true, false] {
            for (at, kind) in kinds.iter().enumerate() {
                let entries = kind.as_deref().and_then(|kind| by_kind.get_mut(kind));
                let Some(entries) = entries.filter(|_| known[at].is_none()) else { continue };
                if !same_file {
                    known[at] = entries.pop();
                    continue;
                }
                let file = file_of(&self.folder, linted, &linted.findings[at]);
                // Entries of one kind lie together by file, and so do findings: the wanted one is near the end.
                let found = entries.iter().rposition(|&entry| self.entries[entry].file == file);
                known[at] = found.map(|found| entries.remove(found));
            }
        }
        known
    }
}

/// What a run looked at, so that what it did not find there is gone.
struct LookedAt<'a> {
    request: &'a Request,
    files: FxHashSet<&'a Path>,
}

impl<'a> LookedAt<'a> {
    fn of(request: &'a Request, linted: &'a Linted) -> LookedAt<'a> {
        let files = linted.files.iter().zip(linted.sources.iter());
        let looked_at = files.filter(|(state, _)| state.reported && (state.pending || request.applied_too));
        LookedAt { request, files: looked_at.map(|(_, (_, file))| file.path.as_path()).collect() }
    }

    /// Whether a file was looked at, or is gone from a folder that was.
    fn holds(&self, path: &Path) -> bool {
        let in_asked = || self.request.paths.iter().any(|asked| path.starts_with(absolute(&self.request.base, asked)));
        self.files.contains(path) || !path.exists() && in_asked()
    }
}

/// The file of a finding, seen from a folder; empty for what is in no file.
fn file_of(folder: &Path, linted: &Linted, finding: &Finding) -> String {
    if finding.span.is_none() {
        return String::new();
    }
    let file = linted.sources.file(finding.span.file);
    if file.path.as_os_str().is_empty() { file.name.clone() } else { shown_from(folder, &file.path) }
}

/// The baseline of a folder or of the nearest one above it.
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}
