//! `pglint lint`, and plain `pglint`.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pglint::baseline::{Compared, Entry};
use pglint::lint::{Linted, Progress, lint};
use pglint::project::{Pending, Request, absolute};
use pglint::report::{self, Format, Outcome, Style};
use pglint::rule::Rule;
use pglint::rules;

use super::args::{DefaultPrivileges, LintArguments, Platform, Selection};
use super::{Status, baseline, colour, output};

/// No progress is shown for what takes no longer.
const PATIENCE: Duration = Duration::from_secs(1);

pub fn run(arguments: &LintArguments) -> io::Result<Status> {
    let start = Instant::now();
    let rules = rules::all();
    let advisors = arguments.format == Format::Advisors;
    let titles_only = !arguments.diff && !arguments.format.writes_fixes();
    let request = Request { advisors, drops_catalogs: true, titles_only, ..request(&arguments.selection)? };
    let mut linted = with_progress(arguments.quiet, |progress| lint(&request, &rules, progress));
    let gone = if advisors || arguments.no_baseline {
        Vec::new()
    } else {
        leave_out_known(arguments, &request, &mut linted, &rules)?
    };
    linted.findings = report::gathered(std::mem::take(&mut linted.findings), &rules);
    let Linted { sources, findings, advice, scope, .. } = &linted;
    let outcome = Outcome { sources, findings, advice, rules: &rules, scope: *scope };
    let to_stdout = arguments.output.is_none();
    let colour = to_stdout && colour::on_stdout(arguments.color);
    let style = Style { colour, diff: arguments.diff };
    output::to_file_or_stdout(arguments.output.as_deref(), |out| {
        report::write(arguments.format, &outcome, style, out)
    })?;
    if arguments.format == Format::Advisors {
        // Its rows are the advisor's alone: what hinders us is told beside them.
        let mut hindrances = Vec::new();
        report::write(Format::Short, &outcome, Style::default(), &mut hindrances)?;
        String::from_utf8_lossy(&hindrances).lines().for_each(output::say);
    }
    if !arguments.quiet {
        linted.notes.iter().for_each(|note| output::say(&format!("note: {note}")));
    }
    if arguments.format == Format::Human && !arguments.quiet {
        baseline::tell_gone(&gone);
        output::say(&report::summary(&linted.findings, linted.scope, start.elapsed()));
    }
    Ok(status(arguments, &linted))
}

/// Takes out what a baseline knows; what comes back is in it and found no more.
fn leave_out_known(
    arguments: &LintArguments,
    request: &Request,
    linted: &mut Linted,
    rules: &[&Rule],
) -> io::Result<Vec<Entry>> {
    let compared = baseline::apply(arguments.baseline.as_deref(), request, linted, rules)?;
    let Some(Compared { known, gone }) = compared else { return Ok(Vec::new()) };
    linted.scope.known = Some(known);
    linted.scope.gone = gone.len();
    Ok(gone)
}

/// What the arguments ask for; reads standard input where they name it.
pub fn request(selection: &Selection) -> io::Result<Request> {
    let base =
        std::env::current_dir().map_err(|error| io::Error::other(format!("cannot tell where this runs: {error}")))?;
    let (stdin, mut paths): (Vec<_>, Vec<_>) = selection.paths.iter().cloned().partition(|path| path == Path::new("-"));
    let mut texts = Vec::new();
    let mut overlay = BTreeMap::new();
    if !stdin.is_empty() {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        match &selection.stdin_filename {
            // What an editor holds of a file that is part of a history.
            Some(file) => {
                let path = absolute(&base, file);
                overlay.insert(path.clone(), String::from_utf8_lossy(&bytes).into_owned());
                paths.push(path);
            }
            None => texts.push(("<stdin>".to_owned(), bytes)),
        }
    }
    let privileges = selection.default_privileges.map(|which| which == DefaultPrivileges::Legacy);
    let since = selection.since.clone().map(Pending::Since);
    let pending = since.or_else(|| selection.after.clone().map(Pending::After));
    // Set by GitHub's runner for pull requests alone.
    let base_branch = std::env::var("GITHUB_BASE_REF").ok().filter(|branch| !branch.is_empty());
    Ok(Request {
        base,
        paths,
        texts,
        overlay,
        pending,
        base_branch,
        all_pending: selection.all,
        config: selection.config.clone(),
        platform: selection.platform.map(Platform::name),
        postgres: selection.postgres,
        schemas: selection.schemas.clone(),
        legacy_default_privileges: privileges,
        pg_graphql: selection.pg_graphql,
        ..Request::default()
    })
}

fn status(arguments: &LintArguments, linted: &Linted) -> Status {
    if linted.incomplete {
        return Status::Failure;
    }
    let found = linted.findings.iter().map(|finding| finding.severity);
    let found = found.chain(linted.advice.iter().map(|advice| advice.lint.level));
    let counts = |least| found.clone().any(|severity| severity >= least);
    if arguments.fail_on.severity().is_some_and(counts) { Status::Findings } else { Status::Clean }
}

/// Does the work; on a terminal, says how far it is once it takes long.
pub fn with_progress<T>(quiet: bool, work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::default();
    if quiet || !io::stderr().is_terminal() {
        return work(&progress);
    }
    std::thread::scope(|scope| {
        let (done, wait) = channel::<()>();
        let progress = &progress;
        scope.spawn(move || {
            let mut shown = false;
            let mut patience = PATIENCE;
            while wait.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                let (done, expected) = progress.get();
                let _ = write!(io::stderr(), "\r\x1b[K{done} of {expected} files");
                (shown, patience) = (true, PATIENCE / 10);
            }
            if shown {
                let _ = write!(io::stderr(), "\r\x1b[K");
            }
        });
        let result = work(progress);
        drop(done);
        result
    })
}
