//! Rules about captured plans.

use crate::rule::Rule;

pub mod row_misestimate;
pub mod seq_scan_filtered;
pub mod sort_spill;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[&row_misestimate::RULE, &seq_scan_filtered::RULE, &sort_spill::RULE];

#[cfg(test)]
mod judge;
