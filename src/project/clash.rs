//! Files that a runner takes for one another, or that come too late for it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::MigrationFile;
use crate::rule::{Clash, Late};
use crate::source::FileId;

/// Which files clash with another one. Of two pending files the later one is told of, of a pending and an applied one
/// the pending one.
pub fn clashes(migrations: &[MigrationFile], late: Late, pending: impl Fn(FileId) -> bool) -> BTreeMap<FileId, Clash> {
    let mut clashes = BTreeMap::new();
    let mut seen: FxHashMap<&str, FileId> = FxHashMap::default();
    for it in migrations {
        let Some(version) = it.version.as_deref() else { continue };
        let Some(&first) = seen.get(version) else {
            seen.insert(version, it.file);
            continue;
        };
        let (told, other) = if pending(first) && !pending(it.file) { (first, it.file) } else { (it.file, first) };
        clashes.insert(told, Clash::Same { other, version: version.to_owned() });
    }
    if late != Late::Runs {
        let mut applied = None;
        for it in migrations.iter().rev().filter(|it| it.version.is_some()) {
            match applied {
                _ if !pending(it.file) => applied = Some(it.file),
                Some(applied) => {
                    clashes.entry(it.file).or_insert(Clash::TooLate { applied, refused: late == Late::Refuses });
                }
                None => {}
            }
        }
    }
    clashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::replay::TransactionMode;

    fn files(versions: &[&str]) -> Vec<MigrationFile> {
        let file = |(at, version): (usize, &&str)| MigrationFile {
            file: FileId(at as u32),
            up: Vec::new(),
            transaction: TransactionMode::File,
            version: Some((*version).to_owned()),
        };
        versions.iter().enumerate().map(file).collect()
    }

    #[test]
    fn the_pending_one_of_two_is_told_of() {
        let files = files(&["1", "1"]);
        let told = |pending: u32| clashes(&files, Late::Runs, |file| file.0 == pending).into_keys().next();
        assert_eq!(told(0), Some(FileId(0)));
        assert_eq!(told(1), Some(FileId(1)));
    }

    #[test]
    fn what_comes_before_an_applied_file_is_late() {
        let files = files(&["1", "2", "3"]);
        let late = |late| clashes(&files, late, |file| file.0 != 1);
        let expected = Clash::TooLate { applied: FileId(1), refused: false };
        assert_eq!(late(Late::Skips).into_iter().collect::<Vec<_>>(), [(FileId(0), expected)]);
        assert!(late(Late::Runs).is_empty());
    }
}
