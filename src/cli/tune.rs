//! `pglint tune`: the hot paths, what is wrong with them, the indexes they lack, one migration, and what came of it.

use std::fmt::Write as _;
use std::io;

use jiff::Timestamp;
use pglint::advise::Advice;
use pglint::capture::figures::{shorten, size};
use pglint::finding::Severity;
use pglint::fix::{self, Change};
use pglint::lint::{Linted, Loaded, Progress, lint, load};
use pglint::migration::{Draft, Step, Target, draft};
use pglint::project::Request;
use pglint::report::{self, Format, Outcome, Style, plural};
use pglint::rule::Rule;
use pglint::rules;
use pglint::source::FileId;

use super::args::{ColorChoice, CompareArguments, ComparisonFormat, TuneArguments};
use super::{Status, colour, compare, hot, output};

pub fn run(arguments: &TuneArguments) -> io::Result<Status> {
    let base = std::env::current_dir()?;
    let all = rules::all();
    let migrations = arguments.migrations.as_deref();
    let loaded = load(&base, &arguments.paths, migrations, &arguments.stats, arguments.postgres, &all);
    for problem in &loaded.problems {
        output::say(&format!("pglint: {}: {}", loaded.sources.place(problem.span), problem.message));
    }
    let advice = loaded.advice();
    let linted = linted(arguments)?;
    heading("Hot paths")?;
    output::print(hot::paths(&loaded, &advice, &linted).as_bytes())?;
    heading("Findings")?;
    let found = findings(&linted, &all)?;
    heading("Indexes")?;
    output::print(super::advise::human(&advice, &loaded.sources).as_bytes())?;
    if let Some(drafted) = new_migration(&loaded, &advice, "tune") {
        heading("New migration")?;
        write_or_show(&drafted, arguments.write)?;
    }
    if let Some(after) = &arguments.after {
        heading("Before and after")?;
        let later = load(&base, std::slice::from_ref(after), migrations, &[], arguments.postgres, &all);
        output::print(hot::before_and_after(&loaded, &later).as_bytes())?;
        if !loaded.plans.is_empty() && !later.plans.is_empty() {
            compare::run(&comparison(arguments, after))?;
        }
    }
    Ok(match found {
        Status::Clean if !advice.indexes.is_empty() => Status::Findings,
        status => status,
    })
}

fn heading(text: &str) -> io::Result<()> {
    output::print(format!("\n# {text}\n\n").as_bytes())
}

/// What the rules about plans, statistics and query files find in the captures.
fn linted(arguments: &TuneArguments) -> io::Result<Linted> {
    let paths = arguments.paths.iter().chain(&arguments.stats).chain(&arguments.migrations).cloned().collect();
    let request = Request { base: std::env::current_dir()?, paths, postgres: arguments.postgres, ..Request::default() };
    let mut linted = lint(&request, &rules::all(), &Progress::default());
    let migrations: Vec<FileId> =
        linted.projects.iter().flat_map(|project| &project.migrations).map(|migration| migration.file).collect();
    linted.findings.retain(|finding| !migrations.contains(&finding.span.file));
    Ok(linted)
}

fn findings(linted: &Linted, all: &[&'static Rule]) -> io::Result<Status> {
    let Linted { sources, findings, advice, scope, .. } = linted;
    let outcome = Outcome { sources, findings, advice, rules: all, scope: *scope };
    let style = Style { colour: colour::on_stdout(ColorChoice::Auto), diff: false };
    output::to_file_or_stdout(None, |out| report::write(Format::Human, &outcome, style, out))?;
    let warned = findings.iter().any(|finding| finding.severity >= Severity::Warning);
    Ok(if warned { Status::Findings } else { Status::Clean })
}

fn comparison(arguments: &TuneArguments, after: &std::path::Path) -> CompareArguments {
    let mut paths: Vec<std::path::PathBuf> = arguments.paths.iter().take(1).cloned().collect();
    paths.push(after.to_owned());
    CompareArguments {
        paths,
        format: ComparisonFormat::Text,
        output: None,
        lock: None,
        update: false,
        tolerance: 0.1,
        fail_on_regression: None,
        strict: false,
        config: None,
    }
}

/// The migration that makes all proposed indexes, as the project's runner wants it.
pub fn new_migration(loaded: &Loaded, advice: &Advice, name: &str) -> Option<Draft> {
    let schema = loaded.schema.as_ref().filter(|_| !advice.indexes.is_empty())?;
    let steps: Vec<Step> = advice
        .indexes
        .iter()
        .flat_map(|index| {
            let serves: Vec<&str> = index.serves.iter().map(|at| advice.queries[*at].name.as_str()).collect();
            let comment = vec![
                format!("for {}", shorten(&serves.join(", "), 200)),
                format!("about {}, confidence {:.0} %", size(index.size / 1024.0), index.confidence * 100.0),
            ];
            let trigram = index.notes.iter().any(|note| note.contains("pg_trgm"));
            let extension = trigram.then(|| Step {
                sql: "create extension if not exists pg_trgm;".to_owned(),
                comment: vec!["its operator class gin_trgm_ops is asked for below".to_owned()],
                round: 0,
            });
            extension.into_iter().chain([Step { sql: index.sql.clone(), comment, round: 0 }])
        })
        .collect();
    let target = Target { project: &schema.project, sources: &loaded.sources, catalog: schema.catalog.end() };
    Some(draft(&target, name, &steps, Timestamp::now()))
}

/// Writes the files of a migration, or shows them.
pub fn write_or_show(draft: &Draft, write: bool) -> io::Result<()> {
    draft.notes.iter().for_each(|note| output::say(&format!("note: {note}")));
    let changes: Vec<Change> = draft
        .files
        .iter()
        .map(|file| Change {
            path: file.path.clone(),
            name: file.path.display().to_string(),
            before: file.replaces.clone(),
            after: file.text.clone(),
        })
        .collect();
    if write {
        fix::write(&changes)?;
        output::say(&format!("wrote {}", plural(changes.len(), "file")));
        return Ok(());
    }
    let mut text = String::new();
    for change in &changes {
        let _ = writeln!(text, "-- file: {}\n{}", change.name, change.after);
    }
    output::print(text.as_bytes())
}
