//! `pglint history`.

use std::io;

use pglint::history::{self, history};
use pglint::lint::{Progress, judge};
use pglint::project::Request;
use pglint::rules;

use super::args::{HistoryArguments, HistoryFormat};
use super::{Status, captures, output};

pub fn run(arguments: &HistoryArguments) -> io::Result<Status> {
    let request = Request { config: arguments.config.clone(), ..captures::request(&arguments.paths)? };
    let judged = judge(&request, &rules::all(), false, &Progress::default());
    let problems = captures::say_problems(&judged.rest, &arguments.paths);
    let history = history(&judged);
    if history.runs == 0 {
        return Err(io::Error::other("no entry of auto_explain (\"duration: … ms  plan:\") in what was given"));
    }
    output::to_file_or_stdout(arguments.output.as_deref(), |out| match arguments.format {
        HistoryFormat::Text => history::write_text(&history, out),
        HistoryFormat::Json => history::write_json(&history, out),
    })?;
    // A log is often cut where it was copied; what could be read of it was told.
    Ok(if problems && judged.rest.incomplete { Status::Failure } else { Status::Clean })
}
