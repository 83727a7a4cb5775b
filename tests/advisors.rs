//! What Supabase's advisor prints about the situations in `testdata/advisors/<name>`: `expected.json`, which was held
//! against a live run of the advisor's own queries, cache key for cache key and sentence for sentence.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use pglint::lint::{Progress, lint};
use pglint::project::Request;
use pglint::report::Format;
use pglint::rules;

use crate::support;

pub fn trials() -> Vec<Trial> {
    let Ok(folders) = fs::read_dir(support::root().join("testdata/advisors")) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = folders.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let trial = |path: PathBuf| {
        let name = format!("advisors {}", path.file_name().unwrap_or_default().to_string_lossy());
        Trial::test(name, move || check(&path))
    };
    folders.into_iter().map(trial).collect()
}

fn check(folder: &Path) -> Result<(), Failed> {
    let request =
        Request { base: folder.to_owned(), paths: vec![folder.to_owned()], advisors: true, ..Request::default() };
    let linted = lint(&request, &rules::all(), &Progress::default());
    if let Some(finding) = linted.findings.iter().find(|finding| finding.rule != "server_refuses") {
        return Err(format!("{} stands in the way: {}", finding.rule, finding.message).into());
    }
    let found = support::in_format(&linted, Format::Advisors);
    let path = folder.join("expected.json");
    if support::update() {
        fs::write(path, found)?;
        return Ok(());
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    support::expect_same("expected.json", &expected, &found)
}
