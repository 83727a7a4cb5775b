//! Schemas with their plans and queries: what is proposed for each query, and why nothing is.
//!
//! Each index of `expected.txt` was made on a server, where the planner used it, and the others stayed silent there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use pglint::advise::Advice;
use pglint::lint::load;
use pglint::rules;

use crate::support;

pub fn trials() -> Vec<Trial> {
    let folder = support::root().join("testdata/advise");
    let mut trials = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        for of in ["plans", "queries"] {
            let path = entry.path();
            trials.push(Trial::test(format!("advise {name} from {of}"), move || check(&path, of)));
        }
    }
    trials
}

fn check(folder: &Path, of: &str) -> Result<(), Failed> {
    let advice = load(folder, &[of.into()], Some(Path::new("migrations")), &[], Some(15), &rules::all()).advice();
    let expected = folder.join(format!("{of}.txt"));
    let text = printed(&advice);
    if support::update() {
        fs::write(&expected, &text)?;
    }
    support::expect_same(&format!("advice from {of}"), &fs::read_to_string(&expected).unwrap_or_default(), &text)
}

fn printed(advice: &Advice) -> String {
    let mut text = String::new();
    for query in &advice.queries {
        let name = query.name.rsplit('/').next().unwrap_or(&query.name);
        let _ = writeln!(text, "{name}");
        for index in &query.indexes {
            let _ = writeln!(text, "    {} {}", index.table, index.index.definition());
        }
        for why in &query.reasons {
            let _ = writeln!(text, "    none for {}: {}", why.table, why.code);
        }
    }
    let _ = writeln!(text, "\nall together");
    for index in &advice.indexes {
        let _ = writeln!(text, "    {}", index.sql);
    }
    text
}
