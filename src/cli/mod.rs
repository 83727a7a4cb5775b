//! Arguments in, exit status out.

mod advise;
mod args;
mod baseline;
mod capture_sql;
mod captures;
mod colour;
mod compare;
mod explain;
mod fix;
mod history;
mod hot;
mod lint;
mod locks;
mod output;
mod report;
mod schema;
mod tune;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command};

/// How a run ends, as the manual page and the README say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    /// Nothing was found at or above `--fail-on`.
    Clean = 0,
    /// Something was.
    Findings = 1,
    /// The job could not be done: a bad argument, an unreadable file, a mistake in pglint.toml.
    Failure = 2,
}

pub fn main() -> ExitCode {
    pglint::lint::silence_guarded_panics();
    let arguments = Arguments::parse_from(args::with_default_command(std::env::args_os()));
    let result = match arguments.command {
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Fix(arguments) => fix::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Advise(arguments) => advise::run(&arguments),
        Command::Tune(arguments) => tune::run(&arguments),
        Command::CaptureSql => capture_sql::run(),
        Command::History(arguments) => history::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Baseline(arguments) => baseline::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Locks(arguments) => locks::run(&arguments),
        Command::Rules(arguments) => explain::list(&arguments),
        Command::Explain { rule } => explain::explain(&rule),
        Command::Init { path } => init(&path),
        Command::Completions { shell } => completions(shell),
    };
    let status = result.unwrap_or_else(|error| match error.kind() {
        // Whoever reads our output has read enough.
        io::ErrorKind::BrokenPipe => Status::Clean,
        _ => {
            output::say(&format!("pglint: {error}"));
            Status::Failure
        }
    });
    ExitCode::from(status as u8)
}

fn init(path: &std::path::Path) -> io::Result<Status> {
    use std::io::Write;
    let file = if path.is_dir() { path.join(pglint::config::FILE_NAME) } else { path.to_owned() };
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).open(&file).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AlreadyExists => "is there already".to_owned(),
            _ => format!("cannot be written: {error}"),
        };
        io::Error::other(format!("{} {reason}", file.display()))
    })?;
    out.write_all(pglint::config::TEMPLATE.as_bytes())?;
    output::say(&format!("wrote {}", file.display()));
    Ok(Status::Clean)
}

fn completions(shell: clap_complete::Shell) -> io::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "pglint", &mut script);
    output::print(&script)?;
    Ok(Status::Clean)
}
