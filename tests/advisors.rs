//! What Supabase's advisor prints about the situations in `testdata/advisors/<name>`: `expected.json`, which was held
//! against a live run of the advisor's own queries, cache key for cache key and sentence for sentence. What other
//! settings of the platform come to is kept as cache keys alone.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use pglint::lint::{Linted, Progress, lint};
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

/// Other settings, with the file that holds the cache keys under them.
const SETTINGS: &[(&str, fn(&mut Request))] = &[
    ("keys.revoked.txt", |request| request.legacy_default_privileges = Some(false)),
    ("keys.nographql.txt", |request| request.pg_graphql = Some(false)),
];

fn check(folder: &Path) -> Result<(), Failed> {
    let request =
        Request { base: folder.to_owned(), paths: vec![folder.to_owned()], advisors: true, ..Request::default() };
    let found = support::in_format(&linted(&request)?, Format::Advisors);
    expect(&folder.join("expected.json"), &found)?;
    for (name, settle) in SETTINGS.iter().filter(|(name, _)| folder.join(name).exists()) {
        let mut request = request.clone();
        settle(&mut request);
        let keys =
            linted(&request)?.advice.iter().map(|advice| advice.entry.cache_key.clone() + "\n").collect::<String>();
        expect(&folder.join(name), &keys)?;
    }
    Ok(())
}

fn linted(request: &Request) -> Result<Linted, Failed> {
    let linted = lint(request, &rules::all(), &Progress::default());
    match linted.findings.iter().find(|finding| finding.rule != "server_refuses") {
        Some(finding) => Err(format!("{} stands in the way: {}", finding.rule, finding.message).into()),
        None => Ok(linted),
    }
}

fn expect(path: &Path, found: &str) -> Result<(), Failed> {
    if support::update() {
        fs::write(path, found)?;
        return Ok(());
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    support::expect_same(&path.file_name().unwrap_or_default().to_string_lossy(), &expected, found)
}
