//! `pglint compare`.

use std::io;
use std::path::{Path, PathBuf};

use pglint::compare::{self, Comparison, Gate, Lock, Paired};
use pglint::lint::{Judged, JudgedCapture, Progress, judge};
use pglint::project::Request;
use pglint::rules;

use super::args::{CompareArguments, ComparisonFormat};
use super::captures;
use super::{Status, output};

pub fn run(arguments: &CompareArguments) -> io::Result<Status> {
    let gate = Gate { tolerance: arguments.tolerance, time: arguments.fail_on_regression, strict: arguments.strict };
    match (&arguments.lock, arguments.paths.as_slice()) {
        (Some(lock), paths) => with_lock(arguments, lock, paths, &gate),
        // A lock in the place of the plans before.
        (None, [before, after]) if is_lock(before) => with_lock(arguments, before, std::slice::from_ref(after), &gate),
        (None, [before, after]) => two(arguments, before, after, &gate),
        (None, paths) => {
            let given = paths.len();
            Err(io::Error::other(format!("compare takes two captures or folders, before and after; {given} given")))
        }
    }
}

fn is_lock(path: &Path) -> bool {
    path.is_file() && std::fs::read_to_string(path).is_ok_and(|text| Lock::is_lock(&text))
}

fn two(arguments: &CompareArguments, before: &Path, after: &Path, gate: &Gate) -> io::Result<Status> {
    let judged = read(arguments, &[before.to_owned(), after.to_owned()])?;
    let (one, other) = (of_side(&judged, before)?, of_side(&judged, after)?);
    for (path, plans) in [(before, &one), (after, &other)] {
        if plans.is_empty() {
            return Err(io::Error::other(format!("{} holds no plan", path.display())));
        }
    }
    let catalogs: Vec<_> = judged.plans().map(|(capture, plan)| (plan as *const _, judged.catalog(capture))).collect();
    let (pairs, alone) = compare::pair(one, other);
    let changes = pairs.into_iter().map(|(one, other)| {
        let catalog = catalogs.iter().find(|(plan, _)| std::ptr::eq(*plan, other.plan)).map(|(_, catalog)| *catalog);
        let catalog = catalog.expect("every plan is one of those judged");
        compare::compare(other.name, one.plan, other.plan, catalog, gate)
    });
    let changes = changes.collect();
    let names = |side: Vec<Paired<'_>>| side.into_iter().map(|one| one.name).collect();
    let comparison = Comparison { sources: &judged.rest.sources, changes, alone: alone.map(names) };
    output::to_file_or_stdout(arguments.output.as_deref(), |out| match arguments.format {
        ComparisonFormat::Text => compare::write_text(&comparison, out),
        ComparisonFormat::Json => compare::write_json(&comparison, out),
        ComparisonFormat::Markdown => compare::write_markdown(&comparison, out),
    })?;
    Ok(if captures::say_problems(&judged.rest, &arguments.paths) {
        Status::Failure
    } else if comparison.fails() {
        Status::Findings
    } else {
        Status::Clean
    })
}

fn read(arguments: &CompareArguments, paths: &[PathBuf]) -> io::Result<Judged> {
    let request = Request { config: arguments.config.clone(), ..captures::request(paths)? };
    Ok(judge(&request, &rules::all(), false, &Progress::default()))
}

/// The plans below one of the two paths.
fn of_side<'a>(judged: &'a Judged, path: &Path) -> io::Result<Vec<Paired<'a>>> {
    let path = captures::absolute(path)?;
    let below = |capture: &&JudgedCapture| judged.rest.sources.file(capture.file).path.starts_with(&path);
    let plans = judged.captures.iter().filter(below).flat_map(|capture| {
        let file = judged.rest.sources.file(capture.file);
        let name = file.path.strip_prefix(&path).ok().filter(|name| name.components().next().is_some());
        // A file that was named itself is called as it is called elsewhere.
        let name = name.map_or_else(|| file.name.clone(), |name| name.to_string_lossy().replace('\\', "/"));
        let several = capture.plans.len() > 1;
        capture.plans.iter().enumerate().map(move |(at, plan)| Paired {
            name: if several { format!("{name}#{}", at + 1) } else { name.clone() },
            plan,
        })
    });
    Ok(plans.collect())
}

fn with_lock(arguments: &CompareArguments, lock: &Path, paths: &[PathBuf], gate: &Gate) -> io::Result<Status> {
    let here = [PathBuf::from(".")];
    let judged = read(arguments, if paths.is_empty() { &here } else { paths })?;
    let problems = captures::say_problems(&judged.rest, &arguments.paths);
    if arguments.update {
        if problems {
            return Ok(Status::Failure);
        }
        let made = Lock::of(&judged);
        output::to_file_or_stdout(Some(lock), |out| out.write_all(made.text().as_bytes()))?;
        output::say(&format!("locked {} plans in {}", made.plans.len(), lock.display()));
        return Ok(Status::Clean);
    }
    let cannot = |error: String| io::Error::other(format!("{}: {error}", lock.display()));
    let text = std::fs::read_to_string(lock).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => cannot("no such file; --update writes it".to_owned()),
        _ => cannot(error.to_string()),
    })?;
    let locked = Lock::parse(&text).map_err(|error| cannot(error.0))?;
    let changes = compare::held_against(&locked, &judged, gate);
    let sources = &judged.rest.sources;
    output::to_file_or_stdout(arguments.output.as_deref(), |out| match arguments.format {
        ComparisonFormat::Text => compare::write_lock_text(sources, &changes, out),
        ComparisonFormat::Json => compare::write_lock_json(sources, &changes, out),
        ComparisonFormat::Markdown => compare::write_lock_markdown(sources, &changes, out),
    })?;
    Ok(match changes.iter().any(|change| change.fails) {
        _ if problems => Status::Failure,
        true => Status::Findings,
        false => Status::Clean,
    })
}
