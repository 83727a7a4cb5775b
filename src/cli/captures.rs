//! What commands about captured plans have in common.

use std::io;
use std::path::{Path, PathBuf};

use pglint::finding::{Finding, Severity};
use pglint::lint::Linted;
use pglint::project::Request;
use pglint::source::text_of;

use super::output;

/// A path as the files below it are known.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    Ok(pglint::project::absolute(&here()?, path))
}

fn here() -> io::Result<PathBuf> {
    std::env::current_dir().map_err(|error| io::Error::other(format!("cannot tell where this runs: {error}")))
}

/// How many levels of folders are looked into for captures that are no JSON.
const DEPTH: usize = 8;
/// Files larger than this are no captures that somebody forgot in a folder.
const LARGEST: u64 = 64 << 20;

/// What these paths mean to a command that is about plans: in folders every file that holds one.
pub fn request(paths: &[PathBuf]) -> io::Result<Request> {
    let base = here()?;
    let mut all = paths.to_vec();
    for folder in paths.iter().filter(|path| path.is_dir()) {
        collect(folder, DEPTH, &mut all);
    }
    Ok(Request { base, paths: all, ..Request::default() })
}

/// Adds the files below a folder that hold a plan and are neither JSON nor SQL, which are found anyway.
fn collect(folder: &Path, depth: usize, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden && depth > 0 {
            collect(&path, depth - 1, into);
        } else if is_other_capture(&path) {
            into.push(path);
        }
    }
}

fn is_other_capture(path: &Path) -> bool {
    let known = ["txt", "log", "yaml", "yml", "xml", "csv", "html", "md", "out", "plan"];
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| known.contains(&&*extension))
        && path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST)
        && std::fs::read(path).is_ok_and(|bytes| pglint::capture::may_hold_plan(&text_of(bytes)))
}

/// Says what could not be read; returns whether there was anything. JSON that was only met in a folder need not be a
/// plan.
pub fn say_problems(rest: &Linted, paths: &[PathBuf]) -> bool {
    let named: Vec<PathBuf> = paths.iter().filter_map(|path| absolute(path).ok()).collect();
    let is_met = |finding: &&Finding| {
        finding.message == pglint::capture::NO_PLAN
            && !finding.span.is_none()
            && !named.contains(&rest.sources.file(finding.span.file).path)
    };
    let is_problem =
        |rule: &str| ["unreadable_plan", "unreadable_file", "invalid_config", "internal_error"].contains(&rule);
    let mut any = rest.incomplete;
    for finding in rest.findings.iter().filter(|finding| is_problem(finding.rule) && !is_met(finding)) {
        let place = match finding.span.is_none() {
            true => String::new(),
            false => {
                let file = rest.sources.file(finding.span.file);
                let at = file.line_column(finding.span.start);
                format!("{}:{}:{}: ", file.name, at.line, at.column)
            }
        };
        let because = if finding.label.is_empty() { String::new() } else { format!(": {}", finding.label) };
        output::say(&format!("{place}{}{because}", finding.message));
        any |= finding.severity == Severity::Error || finding.rule == "unreadable_plan";
    }
    any
}
