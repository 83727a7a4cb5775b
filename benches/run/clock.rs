//! CPU time.

use std::fs;
use std::time::Duration;

/// What a field of `/proc/…/stat` counts in: `USER_HZ` is 100 on every Linux there is.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of this thread so far.
fn thread_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// The CPU time of all children that were waited for so far, to [`TICK`].
pub fn children_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in parentheses, may hold anything; of what follows, these are fields 16 and 17.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_ascii_whitespace();
    let ticks: u32 = fields.skip(13).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// The CPU time that `work` takes on this thread.
pub fn cpu_of<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = thread_cpu();
    let result = work();
    (result, thread_cpu().saturating_sub(start))
}

/// In milliseconds, for tables.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
