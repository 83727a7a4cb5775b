//! What changed between two captures of a query, and whether it is more work than before.
//!
//! A plan is judged by its work: pages touched, temporary pages, the planner's cost. The clock is told, and fails
//! nobody who did not ask for it.

mod align;
mod cause;
mod change;
mod json;
mod lock;
mod markdown;
pub mod normal;
mod pair;
pub mod shape;
mod text;
mod warning;
mod work;

pub use align::align;
pub use cause::{Cause, Uses, causes};
pub use change::{Change, Side, Step, compare};
pub use lock::{Lock, LockChange, LockError, LockedPlan, held_against};
pub use pair::{Paired, pair};
pub use text::{cause_text, place, speed};
pub use work::{Gate, Measure, Regression, Work};

pub use json::{write as write_json, write_lock as write_lock_json};
pub use markdown::{write as write_markdown, write_lock as write_lock_markdown};
pub use text::{write as write_text, write_lock as write_lock_text};

use crate::source::Sources;

/// All that a comparison found.
pub struct Comparison<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// Plans of the same query, before and after.
    pub changes: Vec<Change<'a>>,
    /// Captures that have no counterpart, by what they are called: before, after.
    pub alone: [Vec<String>; 2],
}

impl Comparison<'_> {
    /// Whether something fails: more work than before.
    pub fn fails(&self) -> bool {
        self.changes.iter().any(|change| change.regressions.iter().any(|regression| regression.fails))
    }
}
