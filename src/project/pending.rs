//! Which migrations are applied already, as far as anybody says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::natural;
use crate::migration::Parts;

/// What tells the migrations that are applied from those that are pending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pending {
    /// Pending is what has changed since the branch left this git revision: changed, new and untracked files.
    Since(String),
    /// Pending is what is run after the migration with this version.
    After(String),
}

/// The pending ones of a history's files, which are below `root` and in the order they are run.
///
/// # Errors
/// Why it cannot be told, lower case.
pub(super) fn pending(root: &Path, files: &[&Path], is_folder_each: bool, by: &Pending) -> Result<Vec<bool>, String> {
    match by {
        Pending::Since(revision) => {
            let changed = changed_since(root, revision)?;
            Ok(files.iter().map(|file| changed.contains(*file)).collect())
        }
        Pending::After(version) => {
            let names: Vec<String> = files.iter().map(|file| unit_name(root, file, is_folder_each)).collect();
            let first = first_after(&names, is_folder_each, version)?;
            Ok((0..files.len()).map(|at| at >= first).collect())
        }
    }
}

/// What a runner takes for the name of a migration: that of its file or, where it has one of its own, its folder.
fn unit_name(root: &Path, file: &Path, is_folder_each: bool) -> String {
    let below = file.strip_prefix(root).unwrap_or(file);
    let part = if is_folder_each { below.components().next().map(|part| part.as_os_str()) } else { below.file_name() };
    part.unwrap_or_default().to_string_lossy().into_owned()
}

/// Index of the first migration behind the one with this version.
fn first_after(names: &[String], is_folder_each: bool, version: &str) -> Result<usize, String> {
    if version.is_empty() || !version.contains(|c: char| c.is_ascii_digit()) {
        return Err(format!("\"{version}\" is no version"));
    }
    let versions: Vec<Option<&str>> =
        names.iter().map(|name| Parts::of(name, is_folder_each).map(|parts| parts.version)).collect();
    let is_it = |at: &usize| {
        let stem = names[*at].split_once(".sql").map_or(names[*at].as_str(), |(stem, _)| stem);
        names[*at] == version || stem == version || versions[*at].is_some_and(|found| is_same(found, version))
    };
    if let Some(last) = (0..names.len()).rev().find(is_it) {
        return Ok(last + 1);
    }
    // Nobody has that version, as with a date: what is greater comes after it.
    let is_later = |at: &usize| versions[*at].is_some_and(|found| is_greater(found, version));
    Ok((0..names.len()).find(is_later).unwrap_or(names.len()))
}

/// `0007` is `7`, and of a time the start may be given: `20260101` is all of that day.
fn is_same(found: &str, version: &str) -> bool {
    let version = version.trim_start_matches(['V', 'v']);
    let is_time = |text: &str| text.chars().filter(char::is_ascii_digit).count() >= 8;
    found == version
        || is_time(version) && found.starts_with(version)
        || !is_time(found) && natural::compare(&found.replace('_', "."), &version.replace('_', ".")).is_eq()
}

fn is_greater(found: &str, version: &str) -> bool {
    let version = version.trim_start_matches(['V', 'v']);
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (found_digits, version_digits) = (digits(found), digits(version));
    if found_digits.len() >= 8 && version_digits.len() >= 8 {
        // Times of different precision compare from their first digit on.
        return found_digits > version_digits;
    }
    natural::compare(found, version).is_gt()
}

/// The files below a folder that differ from where the branch left a revision, absolute.
fn changed_since(root: &Path, revision: &str) -> Result<BTreeSet<PathBuf>, String> {
    if revision.is_empty() || revision.starts_with('-') {
        return Err(format!("\"{revision}\" is no revision"));
    }
    let commit = git(root, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])
        .map_err(|error| if error.is_empty() { format!("git knows no revision {revision}") } else { error })?;
    let commit = commit.trim();
    // Where the histories share nothing, or not enough of them is there, the revision itself is compared with.
    let base = git(root, &["merge-base", "HEAD", commit]).unwrap_or_else(|_| commit.to_owned());
    let changed = git(root, &["diff", "--name-only", "--no-renames", "--relative", "-z", base.trim(), "--", "."])?;
    let untracked = git(root, &["ls-files", "--others", "--exclude-standard", "-z", "--", "."])?;
    let names = changed.split('\0').chain(untracked.split('\0')).filter(|name| !name.is_empty());
    Ok(names.map(|name| root.join(name)).collect())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.quotePath=false", "-c", "core.fsmonitor=false"]).args(arguments);
    // A hook runs with those of its own, which are relative to another folder.
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"].iter().for_each(|name| {
        command.env_remove(name);
    });
    let output = command.stdin(Stdio::null()).output().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no git here".to_owned(),
        _ => format!("git cannot be run: {error}"),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().unwrap_or("").trim_start_matches("fatal: ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(names: &[&str], version: &str) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let first = first_after(&names, false, version).unwrap();
        names[first..].to_vec()
    }

    #[test]
    fn a_version_divides_a_history() {
        let times = ["20260101080000_a.sql", "20260102080000_b.sql", "20260103080000_c.sql"];
        assert_eq!(after(&times, "20260102080000"), times[2..]);
        assert_eq!(after(&times, "20260102080000_b.sql"), times[2..]);
        assert_eq!(after(&times, "20260102080000_b"), times[2..]);
        assert_eq!(after(&times, "20260102"), times[2..]);
        assert_eq!(after(&times, "20251231"), times);
        assert_eq!(after(&times, "20260102120000"), times[2..]);
        assert_eq!(after(&times, "20270101"), [""; 0]);
        let numbers = ["0009_a.sql", "0010_b.sql", "0011_c.sql"];
        assert_eq!(after(&numbers, "10"), numbers[2..]);
        assert_eq!(after(&numbers, "1"), numbers);
        assert_eq!(after(&["V1.2__a.sql", "V1.10__b.sql", "R__v.sql"], "1.2"), ["V1.10__b.sql", "R__v.sql"]);
        assert!(first_after(&[], false, "latest").is_err());
    }
}
