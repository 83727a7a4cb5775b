//! Runs of the command itself.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::clock::children_cpu;

/// What a run took.
#[derive(Clone, Copy)]
pub struct Took {
    pub cpu: Duration,
    pub wall: Duration,
    /// In bytes, to a millisecond's growth.
    pub peak: u64,
}

impl Took {
    /// The less of each.
    pub fn least(self, other: Took) -> Took {
        Took { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall), peak: self.peak.min(other.peak) }
    }
}

/// Runs pglint on a path and waits for its end.
pub fn pglint(path: &Path, arguments: &[&str]) -> io::Result<Took> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pglint"));
    command.arg("lint").arg(path).args(["--fail-on", "never", "--color", "never"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (before, start) = (children_cpu(), Instant::now());
    let peak = peak_of(&mut command.spawn()?)?;
    Ok(Took { cpu: children_cpu().saturating_sub(before), wall: start.elapsed(), peak })
}

/// How long a run takes, over many of them: no one of them shows in [`children_cpu`].
pub fn wall_of_many(path: &Path, runs: u32) -> io::Result<Duration> {
    let mut least = Duration::MAX;
    for _ in 0..runs {
        let start = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pglint"));
        command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status()?;
        least = least.min(start.elapsed());
    }
    Ok(least)
}

/// The most memory that a process held, asked again and again until it ends.
fn peak_of(child: &mut Child) -> io::Result<u64> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes: Option<u64> = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or_default() << 10);
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(peak)
}
