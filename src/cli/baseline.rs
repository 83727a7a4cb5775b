//! `pglint baseline`, and what a baseline leaves of a run.

use std::io;
use std::path::{Path, PathBuf};

use pglint::baseline::{self, Baseline, Compared, Entry};
use pglint::config;
use pglint::fix::{self, Change};
use pglint::lint::{Linted, lint};
use pglint::project::{Request, absolute, shown_from};
use pglint::report::plural;
use pglint::rule::Rule;
use pglint::rules;

use super::args::BaselineArguments;
use super::lint::{request, with_progress};
use super::{Status, output};

/// So many of the entries that are gone are named.
const NAMED: usize = 10;

/// Records the findings of today.
pub fn run(arguments: &BaselineArguments) -> io::Result<Status> {
    let rules = rules::all();
    // What is recorded is all there is, applied or not.
    let request = Request { all_pending: true, ..request(&arguments.selection)? };
    let path = match &arguments.file {
        Some(file) => absolute(&request.base, file),
        None => usual_path(&request.base),
    };
    let name = shown_from(&request.base, &path);
    let before = std::fs::read_to_string(&path).ok();
    if before.is_some() && !arguments.update && !arguments.prune {
        let help = "--update records today's findings instead, --prune removes what is found no more";
        return Err(io::Error::other(format!("{name} is there already; {help}")));
    }
    let mut linted = with_progress(false, |progress| lint(&request, &rules, progress));
    let baseline = match before.as_deref() {
        Some(text) if arguments.prune => {
            let known = read(&path, &name, text)?;
            let compared = known.compare(&request, &mut linted, &rules);
            output::say(&format!("{} removed", plural_entries(compared.gone.len())));
            known.without(&compared.gone)
        }
        _ => Baseline::of(&path, &linted, &rules),
    };
    let change = Change { path, name: name.clone(), before, after: baseline.text() };
    if change.before.as_deref() != Some(&change.after) {
        fix::write(std::slice::from_ref(&change))?;
    }
    output::say(&format!("{name} holds {}", plural(baseline.len(), "finding")));
    Ok(if linted.incomplete { Status::Failure } else { Status::Clean })
}

/// Beside the nearest pglint.toml, or here.
fn usual_path(base: &Path) -> PathBuf {
    baseline::find(base).unwrap_or_else(|| {
        let folder = config::find(base).and_then(|config| Some(config.parent()?.to_owned()));
        folder.unwrap_or_else(|| base.to_owned()).join(baseline::FILE_NAME)
    })
}

/// Takes the findings out of a run that the baseline knows: the one that is named, or the nearest. `None` without one.
pub fn apply(
    named: Option<&Path>,
    request: &Request,
    linted: &mut Linted,
    rules: &[&Rule],
) -> io::Result<Option<Compared>> {
    let named = named.map(|path| absolute(&request.base, path));
    let Some(path) = named.or_else(|| baseline::find(&request.base)) else { return Ok(None) };
    let name = shown_from(&request.base, &path);
    let text = std::fs::read_to_string(&path).map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    Ok(Some(read(&path, &name, &text)?.compare(request, linted, rules)))
}

fn read(path: &Path, name: &str, text: &str) -> io::Result<Baseline> {
    Baseline::read(path, text).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

/// Says which known findings are found no more.
pub fn tell_gone(gone: &[Entry]) {
    if gone.is_empty() {
        return;
    }
    for Entry { file, rule, message, .. } in gone.iter().take(NAMED) {
        output::say(&format!("gone: {file}: {message} [{rule}]"));
    }
    let more = gone.len().saturating_sub(NAMED);
    if more > 0 {
        output::say(&format!("gone: and {more} more"));
    }
    output::say("pglint baseline --prune removes what is gone");
}

fn plural_entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
