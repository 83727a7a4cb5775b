//! What the engine itself reports: its input, its configuration, its directives.

use crate::rule::Rule;

pub mod internal_error;
pub mod invalid_allow;
pub mod invalid_config;
pub mod not_utf8;
pub mod unreadable_file;
pub mod unreadable_plan;
pub mod unused_allow;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &internal_error::RULE,
    &invalid_allow::RULE,
    &invalid_config::RULE,
    &not_utf8::RULE,
    &unreadable_file::RULE,
    &unreadable_plan::RULE,
    &unused_allow::RULE,
];
