//! The two streams. Nothing else writes to them.

use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes bytes to standard output.
pub fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Writes a line to standard error; where nobody listens, nothing is lost.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes by `write` to a file, or to standard output where there is none.
pub fn to_file_or_stdout(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let Some(path) = path else {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        write(&mut out)?;
        return out.flush();
    };
    let cannot = |error: io::Error| io::Error::other(format!("cannot write {}: {error}", path.display()));
    let mut out = BufWriter::with_capacity(1 << 16, std::fs::File::create(path).map_err(cannot)?);
    write(&mut out).and_then(|()| out.flush()).map_err(cannot)
}
