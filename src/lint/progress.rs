//! How far a run is, for who watches.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts files; safe to read while the run goes on.
#[derive(Default, Debug)]
pub struct Progress {
    done: AtomicUsize,
    expected: AtomicUsize,
}

impl Progress {
    /// Files that are done, and files in all as far as is known.
    pub fn get(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.expected.load(Ordering::Relaxed))
    }

    pub(super) fn expect(&self, files: usize) {
        self.expected.store(files, Ordering::Relaxed);
    }

    pub(super) fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}
