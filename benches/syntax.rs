//! What our statements cost on top of PostgreSQL's own parser.
//!
//! `cargo bench --bench syntax -- FOLDER…` reads all `.sql` files below the folders (by default
//! `testdata`) and prints the shortest of several passes over them, on one thread.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use pglint::source::FileId;
use pglint::syntax::token::Tokens;
use pglint::syntax::{Origin, parse_statements};
use walkdir::WalkDir;

const PASSES: usize = 9;

fn main() -> io::Result<()> {
    let arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let mut folders: Vec<String> = arguments.collect();
    if folders.is_empty() {
        folders.push("testdata".to_owned());
    }
    let texts: Vec<String> = folders.iter().flat_map(|folder| sql_files(Path::new(folder))).collect();
    let bytes: usize = texts.iter().map(String::len).sum();

    let parser = shortest(&texts, |text| pg_query::split_with_parser(text).is_ok());
    let tokens = shortest(&texts, |text| Tokens::of(text).tokens.len());
    let ours = shortest(&texts, |text| parse_statements(text, &Origin::verbatim(FileId(0), 0)).is_ok());

    let mut out = io::stdout().lock();
    writeln!(out, "{} files, {:.1} MB", texts.len(), bytes as f64 / 1e6)?;
    let rows = [("PostgreSQL's parser", parser), ("tokens", tokens), ("our statements", ours)];
    for (name, time) in rows {
        let factor = time.as_secs_f64() / parser.as_secs_f64();
        writeln!(out, "{name:20} {:8.1} ms {factor:6.2}x", time.as_secs_f64() * 1e3)?;
    }
    Ok(())
}

fn sql_files(folder: &Path) -> Vec<String> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let sql = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "sql"));
    sql.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
}

fn shortest<T>(texts: &[String], mut work: impl FnMut(&str) -> T) -> Duration {
    let pass = |_| {
        let start = Instant::now();
        for text in texts {
            black_box(work(text));
        }
        start.elapsed()
    };
    (0..PASSES).map(pass).min().unwrap_or_default()
}
