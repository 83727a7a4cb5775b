//! `pglint report`.

use std::io;

use pglint::lint::{Progress, judge};
use pglint::page;
use pglint::project::Request;
use pglint::rules;

use super::args::ReportArguments;
use super::{Status, captures, output};

pub fn run(arguments: &ReportArguments) -> io::Result<Status> {
    let request = Request { config: arguments.config.clone(), ..captures::request(&arguments.paths)? };
    let judged = judge(&request, &rules::all(), true, &Progress::default());
    let problems = captures::say_problems(&judged.rest, &arguments.paths);
    output::to_file_or_stdout(Some(&arguments.html), |out| page::write(&judged, out))?;
    let plans = judged.plans().count();
    output::say(&format!("wrote {}: {plans} plans", arguments.html.display()));
    Ok(if problems { Status::Failure } else { Status::Clean })
}
