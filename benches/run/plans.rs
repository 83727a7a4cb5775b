//! Plans beside what reading their JSON takes.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use crate::child::pglint;
use crate::clock::{cpu_of, ms};
use crate::generate::plan;

/// In bytes.
const ALL: usize = 200_000_000;

/// Prints a line for each way to lay out the plans.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let one = plan(20);
    let count = ALL / one.len();
    compare(out, "one file", &[format!("[{}]", vec![one.as_str(); count].join(",\n"))])?;
    compare(out, "many files", &vec![one; count])?;
    compare(out, "small files", &vec![plan(0); 15_000])
}

fn compare(out: &mut impl Write, name: &str, files: &[String]) -> io::Result<()> {
    let folder = tempfile::Builder::new().prefix("pglint-bench-").tempdir()?;
    let plans = folder.path().join("plans");
    fs::create_dir(&plans)?;
    for (number, text) in files.iter().enumerate() {
        fs::write(plans.join(format!("{number}.json")), text)?;
    }
    let reading = reading(&plans)?;
    let took = pglint(&plans, &[])?;
    let factor = took.cpu.as_secs_f64() / reading.as_secs_f64();
    let bytes: usize = files.iter().map(String::len).sum();
    writeln!(
        out,
        "{name:12} {:6} files {:6.1} MB: serde_json {:7.0} ms, pglint {:7.0} ms CPU, {:7.0} ms wall, {factor:.2}x, at most 1.5x; {:.1} MB",
        files.len(),
        bytes as f64 / 1e6,
        ms(reading),
        ms(took.cpu),
        ms(took.wall),
        took.peak as f64 / 1e6
    )
}

/// The CPU time that it takes to read each file and parse it into values.
fn reading(folder: &Path) -> io::Result<Duration> {
    let mut all = Duration::ZERO;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let (result, cpu) = cpu_of(|| -> io::Result<()> {
            let value: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
            black_box(&value);
            Ok(())
        });
        result?;
        all += cpu;
    }
    Ok(all)
}
