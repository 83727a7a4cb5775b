//! Growing inputs: the time a unit takes must stay what it is, and memory within its limit.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::child::{Took, pglint, wall_of_many};
use crate::clock::ms;
use crate::generate::Shape;

const FORMATS: &[&str] = &["human", "short", "json", "sarif", "github", "gitlab", "junit"];

/// In bytes.
const SIZES: &[usize] = &[100_000, 1_000_000, 10_000_000, 50_000_000];

const FILES: &[usize] = &[100, 1_000, 10_000];

/// So many pieces make a file of ordinary size.
const PIECES: usize = 4;

/// Time that grows by this much more than the input is still in proportion: caches hold less of a large input, and
/// the least of a few runs varies.
const SLACK: f64 = 1.5;

/// Takes the start of the program out of a comparison.
const START: f64 = 5.0;

/// Prints a line for each input.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let folder = tempfile::Builder::new().prefix("pglint-bench-").tempdir()?;
    start_up(out, folder.path())?;
    for &shape in &Shape::ALL {
        for format in formats(matches!(shape, Shape::Tables)) {
            let mut line = Line::new(format!("one file of {}, {format}", shape.name()), "MB");
            for &size in SIZES {
                let file = folder.path().join("1_one.sql");
                fs::write(&file, shape.text(size))?;
                let took = pglint(&file, &["--format", format])?;
                line.step(out, size as f64 / 1e6, size, took)?;
            }
        }
    }
    let folders: Vec<_> = FILES.iter().map(|&count| many_files(count)).collect::<io::Result<_>>()?;
    for format in formats(true) {
        let mut line = Line::new(format!("many files, {format}"), "files");
        for (&count, (folder, bytes)) in FILES.iter().zip(&folders) {
            let took = pglint(folder.path(), &["--format", format])?;
            line.step(out, count as f64, *bytes, took)?;
        }
    }
    Ok(())
}

/// Every format, or the one that is the default.
fn formats(every: bool) -> impl Iterator<Item = &'static str> {
    FORMATS.iter().copied().take(if every { FORMATS.len() } else { 1 })
}

fn start_up(out: &mut impl Write, folder: &Path) -> io::Result<()> {
    let file = folder.join("1_small.sql");
    fs::write(&file, "create table a (b int primary key);\n")?;
    let time = ms(wall_of_many(&file, 50)?);
    writeln!(out, "one small file: {time:.2} ms from start to end; at most 5: {}", verdict(time <= 5.0))?;
    fs::remove_file(&file)
}

/// A folder with so many files, and how many bytes they have.
fn many_files(count: usize) -> io::Result<(tempfile::TempDir, usize)> {
    let folder = tempfile::Builder::new().prefix("pglint-bench-").tempdir()?;
    let mut bytes = 0;
    fs::write(folder.path().join("00000_item.sql"), Shape::Tables.text(0))?;
    for number in 1..count {
        let text: String = (0..PIECES).map(|piece| Shape::Tables.piece(number * PIECES + piece)).collect();
        bytes += text.len();
        fs::write(folder.path().join(format!("{number:05}_more.sql")), text)?;
    }
    Ok((folder, bytes))
}

/// One kind of input as it grows.
struct Line {
    name: String,
    unit: &'static str,
    /// Units and CPU in milliseconds of the step before.
    before: Option<(f64, f64)>,
}

impl Line {
    fn new(name: String, unit: &'static str) -> Line {
        Line { name, unit, before: None }
    }

    fn step(&mut self, out: &mut impl Write, units: f64, bytes: usize, took: Took) -> io::Result<()> {
        let cpu = ms(took.cpu);
        let (peak, most) = (took.peak as f64 / 1e6, (4.0 * bytes as f64 + 20e6) / 1e6);
        let growth = self.before.map(|(units_before, cpu_before)| (units / units_before, cpu / cpu_before.max(START)));
        let (grew, is_linear) = match growth {
            Some((input, time)) => (format!("{time:6.1}x for {input:4.0}x"), time <= input * SLACK),
            None => (String::new(), true),
        };
        self.before = Some((units, cpu));
        writeln!(
            out,
            "{:44} {units:8.1} {:5} {cpu:9.0} ms CPU {:9.0} ms wall {grew:17} {:6} {peak:7.1} MB of {most:7.1} {}",
            self.name,
            self.unit,
            ms(took.wall),
            verdict(is_linear),
            verdict(peak <= most),
        )
    }
}

fn verdict(holds: bool) -> &'static str {
    if holds { "ok" } else { "NOT ok" }
}
