//! `pglint locks`: what each statement takes.

use std::collections::BTreeSet;
use std::io::{self, Write};

use pglint::lint::{Linted, lint};
use pglint::locks::{Lock, Taken, taken};
use pglint::rule::lock_words;
use pglint::source::Sources;
use serde::Serialize;

use super::args::{LocksArguments, LocksFormat};
use super::lint::{request, with_progress};
use super::{Status, output};

/// How much of a statement the tables show.
const WIDTH: usize = 60;

pub fn run(arguments: &LocksArguments) -> io::Result<Status> {
    let request = request(&arguments.selection)?;
    let linted = with_progress(arguments.quiet, |progress| lint(&request, &[], progress));
    let taken = taken(&linted);
    output::to_file_or_stdout(arguments.output.as_deref(), |out| match arguments.format {
        LocksFormat::Human => human(&linted.sources, &taken, out),
        LocksFormat::Json => json(&linted.sources, &taken, out),
        LocksFormat::Markdown => markdown(&linted.sources, &taken, out),
    })?;
    Ok(status(&linted))
}

fn status(linted: &Linted) -> Status {
    if linted.incomplete { Status::Failure } else { Status::Clean }
}

/// One statement, as it is printed.
#[derive(Serialize)]
struct Statement<'a> {
    file: &'a str,
    line: u32,
    sql: &'a str,
    locks: Vec<JsonLock<'a>>,
    rewrites: &'a BTreeSet<String>,
    rebuilds_indexes: &'a BTreeSet<String>,
    builds_indexes: &'a BTreeSet<String>,
    scans: &'a BTreeSet<String>,
    validates: &'a BTreeSet<String>,
    proofs: &'a BTreeSet<String>,
    in_transaction: Option<bool>,
    refused: Option<&'a str>,
    transaction: u32,
    ends_transaction: bool,
    held: Vec<JsonLock<'a>>,
}

#[derive(Serialize)]
struct JsonLock<'a> {
    relation: &'a str,
    mode: String,
}

fn json_locks(locks: &[Lock]) -> Vec<JsonLock<'_>> {
    let named = locks.iter().map(|lock| JsonLock { relation: &lock.relation, mode: format!("{:?}Lock", lock.mode) });
    named.collect()
}

/// An array with a line for each statement.
fn json(sources: &Sources, taken: &[Taken], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, taken) in taken.iter().enumerate() {
        let statement = Statement {
            file: &sources.file(taken.span.file).name,
            line: line(sources, taken),
            sql: sources.slice(taken.span),
            locks: json_locks(&taken.locks),
            rewrites: &taken.rewrites,
            rebuilds_indexes: &taken.rebuilds_indexes,
            builds_indexes: &taken.builds_indexes,
            scans: &taken.scans,
            validates: &taken.validates,
            proofs: &taken.proofs,
            in_transaction: taken.in_transaction,
            refused: taken.refused,
            transaction: taken.transaction,
            ends_transaction: taken.ends_transaction,
            held: json_locks(&taken.held),
        };
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &statement)?;
    }
    out.write_all(b"\n]\n")
}

fn line(sources: &Sources, taken: &Taken) -> u32 {
    sources.file(taken.span.file).line_column(taken.span.start).line
}

/// The statement on one line, cut.
fn short(sources: &Sources, taken: &Taken) -> String {
    let words: Vec<&str> = sources.slice(taken.span).split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn lock_line(lock: &Lock) -> String {
    format!("{:<22} {}", lock_words(lock.mode), lock.relation)
}

/// The files, with the statements of each.
fn by_file(taken: &[Taken]) -> impl Iterator<Item = &[Taken]> {
    taken.chunk_by(|a, b| a.span.file == b.span.file)
}

/// Whether more than this one statement is in its transaction, which then is worth a sum.
fn sums_up(of_file: &[Taken], taken: &Taken) -> bool {
    let members = of_file.iter().filter(|other| other.transaction == taken.transaction).take(2).count();
    taken.ends_transaction && members > 1 && !taken.held.is_empty()
}

fn human(sources: &Sources, taken: &[Taken], out: &mut dyn Write) -> io::Result<()> {
    for (at, of_file) in by_file(taken).enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", sources.file(of_file[0].span.file).name)?;
        let width = of_file.last().map_or(1, |last| line(sources, last).to_string().len());
        for taken in of_file {
            writeln!(out, "{:>width$}  {}", line(sources, taken), short(sources, taken))?;
            let locks = taken.locks.iter().map(lock_line);
            for line in locks.chain(taken.work()) {
                writeln!(out, "{:>width$}    {line}", "")?;
            }
            if sums_up(of_file, taken) {
                writeln!(out, "{:>width$}  at its end the transaction holds", "")?;
                for lock in &taken.held {
                    writeln!(out, "{:>width$}    {}", "", lock_line(lock))?;
                }
            }
        }
    }
    Ok(())
}

fn markdown(sources: &Sources, taken: &[Taken], out: &mut dyn Write) -> io::Result<()> {
    for (at, of_file) in by_file(taken).enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "### {}\n", sources.file(of_file[0].span.file).name)?;
        writeln!(out, "| line | statement | locks | work |\n| ---: | --- | --- | --- |")?;
        for taken in of_file {
            let locks = cells(&taken.locks);
            let work = taken.work().iter().map(|text| escape(text)).collect::<Vec<_>>().join("<br>");
            writeln!(out, "| {} | {} | {locks} | {work} |", line(sources, taken), code(&short(sources, taken)))?;
            if sums_up(of_file, taken) {
                writeln!(out, "| | *at its end the transaction holds* | {} | |", cells(&taken.held))?;
            }
        }
    }
    Ok(())
}

fn cells(locks: &[Lock]) -> String {
    let lock = |lock: &Lock| format!("{} {}", lock_words(lock.mode), code(&lock.relation));
    locks.iter().map(lock).collect::<Vec<_>>().join("<br>")
}

/// A code span that stays within its cell.
fn code(text: &str) -> String {
    let ticks = if text.contains('`') { "``" } else { "`" };
    format!("{ticks}{}{ticks}", text.replace('|', "\\|"))
}

fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
