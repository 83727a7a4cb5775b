//! The figures that decide whether the design holds, beside PostgreSQL's own parser in the same run.
//!
//! - `./dev bench FOLDER…`: parser, statements, replay and the whole run over the `.sql` files there.
//! - `./dev bench --growth`: generated inputs of growing size, in every format; start-up time.
//! - `./dev bench --plans`: 200 MB of plans beside what `serde_json` takes to read them.
//!
//! CPU time is read from `/proc`: Linux alone has these figures.

mod child;
mod clock;
mod folder;
mod generate;
mod growth;
mod plans;

use std::io::{self, Write};
use std::path::PathBuf;

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> io::Result<()> {
    // Deep SQL is read as deep as it is, and a main thread's stack is small.
    let work = std::thread::Builder::new().stack_size(64 << 20).spawn(run)?;
    work.join().unwrap_or_else(|_| Err(io::Error::other("the benchmark failed")))
}

fn run() -> io::Result<()> {
    // `cargo bench` adds --bench.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let out = &mut io::stdout().lock();
    match arguments.first().map(String::as_str) {
        Some("--growth") => growth::run(out),
        Some("--plans") => plans::run(out),
        Some(flag) if flag.starts_with('-') => writeln!(out, "no such flag: {flag}"),
        Some(_) => folder::run(out, &arguments.iter().map(PathBuf::from).collect::<Vec<_>>()),
        None => folder::run(out, &[PathBuf::from("testdata")]),
    }
}
