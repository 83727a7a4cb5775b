//! Statements that a server refuses, and those that it takes: `testdata/refusals/*.sql`.
//!
//! Each file is a project of one migration. Its first line says on which servers it holds, as `-- server: 14 17` or
//! `-- server: 17 supabase`. A statement that is refused has `-- refused 42P01` at the end of the line that the finding
//! is on; all others must run. The answers are those of real servers: see `live` in CONTRIBUTING.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::support;

pub fn trials() -> Vec<Trial> {
    let Ok(files) = fs::read_dir(support::root().join("testdata/refusals")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let trial = |path: PathBuf| {
        let name = format!("refusals {}", path.file_stem().unwrap_or_default().to_string_lossy());
        Trial::test(name, move || check(&path))
    };
    files.into_iter().map(trial).collect()
}

fn check(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let head = text.lines().next().and_then(|line| line.strip_prefix("-- server:"));
    let words: Vec<&str> = head.ok_or("the first line says on which servers it holds")?.split_whitespace().collect();
    let supabase = words.contains(&"supabase");
    let file = if supabase { "supabase/migrations/20260101000000_all.sql" } else { "1.sql" };
    let wanted: Vec<String> = text.lines().enumerate().flat_map(|(at, line)| marks(at + 1, line)).collect();
    for version in words.iter().filter_map(|word| word.parse::<u8>().ok()) {
        let runner = if supabase { "supabase" } else { "psql" };
        let config = format!("[project]\npostgres = {version}\nrunner = '{runner}'\n");
        let folder = support::folder(&[(file, text.as_bytes()), ("pglint.toml", config.as_bytes())]);
        let linted = support::lint_paths(folder.path(), &["."], None);
        let says_so = |rule: &str| ["server_refuses", "concurrently_in_transaction"].contains(&rule);
        let refused = linted.findings.iter().filter(|finding| says_so(finding.rule));
        let mut found: Vec<String> = refused
            .map(|finding| {
                let line = linted.sources.file(finding.span.file).line_column(finding.span.start).line;
                format!("{line} {}", finding.subject)
            })
            .collect();
        found.sort_by_key(|line| line.split(' ').next().and_then(|number| number.parse::<usize>().ok()));
        let short: Vec<String> =
            found.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        if short != wanted {
            let lost = wanted.iter().filter(|mark| !short.contains(mark)).cloned().collect::<Vec<_>>().join("\n");
            let extra = found.iter().zip(&short).filter(|(_, short)| !wanted.contains(short));
            let extra = extra.map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("\n");
            return Err(format!("on {version}\n--- not refused\n{lost}\n--- refused, though it runs\n{extra}").into());
        }
    }
    Ok(())
}

/// The marks of a line, as `line code`.
fn marks(line: usize, text: &str) -> Option<String> {
    let (_, code) = text.rsplit_once("-- refused ")?;
    Some(format!("{line} {}", code.trim()))
}
