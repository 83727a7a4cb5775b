//! Growing inputs: the time a unit takes must stay what it is.

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

/// Prints a line for each input.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let folder = tempfile::Builder::new().prefix("pglint-bench-").tempdir()?;
    start_up(out, folder.path())?;
    for &shape in &Shape::ALL {
        writeln!(out, "one file of {}", shape.name())?;
        for &size in SIZES {
            let file = folder.path().join("1_one.sql");
            fs::write(&file, shape.text(size))?;
            let took = pglint(&file, &[])?;
            row(out, &format!("{:.1} MB", size as f64 / 1e6), took, (size as f64 / 1e6, "MB"), size)?;
            if matches!(shape, Shape::Tables) {
                formats(out, &file, (size as f64 / 1e6, "MB"), size)?;
            }
        }
    }
    writeln!(out, "many files")?;
    for &count in FILES {
        let folder = tempfile::Builder::new().prefix("pglint-bench-").tempdir()?;
        let bytes = many_files(folder.path(), count)?;
        let took = pglint(folder.path(), &[])?;
        row(out, &format!("{count} files"), took, (count as f64, "file"), bytes)?;
        formats(out, folder.path(), (count as f64, "file"), bytes)?;
    }
    Ok(())
}

fn start_up(out: &mut impl Write, folder: &Path) -> io::Result<()> {
    let file = folder.join("1_small.sql");
    fs::write(&file, "create table a (b int primary key);\n")?;
    writeln!(out, "one small file: {:.2} ms from start to end; at most 5", ms(wall_of_many(&file, 50)?))?;
    fs::remove_file(&file)
}

fn many_files(folder: &Path, count: usize) -> io::Result<usize> {
    let mut bytes = 0;
    fs::write(folder.join("00000_item.sql"), Shape::Tables.text(0))?;
    for number in 1..count {
        let text: String = (0..PIECES).map(|piece| Shape::Tables.piece(number * PIECES + piece)).collect();
        bytes += text.len();
        fs::write(folder.join(format!("{number:05}_more.sql")), text)?;
    }
    Ok(bytes)
}

fn formats(out: &mut impl Write, path: &Path, unit: (f64, &str), bytes: usize) -> io::Result<()> {
    for format in FORMATS {
        let took = pglint(path, &["--format", format])?;
        row(out, &format!("  --format {format}"), took, unit, bytes)?;
    }
    Ok(())
}

fn row(out: &mut impl Write, name: &str, took: Took, (units, unit): (f64, &str), bytes: usize) -> io::Result<()> {
    let each = ms(took.cpu) / units;
    let (peak, limit) = (took.peak as f64 / 1e6, (4.0 * bytes as f64 + 20e6) / 1e6);
    writeln!(
        out,
        "{name:18} {:9.0} ms CPU {:9.0} ms wall {each:9.3} ms a {unit}; {peak:7.1} MB, at most {limit:.1}",
        ms(took.cpu),
        ms(took.wall)
    )
}
