//! Whole projects: what is found in `testdata/projects/<name>` is in its `expected.txt`.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::support;

pub fn trials() -> Vec<Trial> {
    let Ok(folders) = fs::read_dir(support::root().join("testdata/projects")) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = folders.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let trial = |path: PathBuf| {
        let name = format!("project {}", path.file_name().unwrap_or_default().to_string_lossy());
        Trial::test(name, move || check(&path))
    };
    folders.into_iter().map(trial).collect()
}

fn check(folder: &Path) -> Result<(), Failed> {
    let linted = support::lint_paths(folder, &["."], None);
    let found = support::rendered(&linted);
    let path = folder.join("expected.txt");
    if support::update() {
        fs::write(path, found)?;
        return Ok(());
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    support::expect_same("expected.txt", &expected, &found)
}
