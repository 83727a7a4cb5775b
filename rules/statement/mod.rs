//! Rules about one statement.

use crate::rule::Rule;

pub mod check_validates;
pub mod exclusion_builds_index;
pub mod foreign_key_validates;
pub mod index_build_blocks_writes;
pub mod primary_key_builds_index;
pub mod server_refuses;
pub mod set_not_null_scans;
pub mod syntax_error;
pub mod unique_builds_index;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &check_validates::RULE,
    &exclusion_builds_index::RULE,
    &foreign_key_validates::RULE,
    &index_build_blocks_writes::RULE,
    &primary_key_builds_index::RULE,
    &server_refuses::RULE,
    &set_not_null_scans::RULE,
    &syntax_error::RULE,
    &unique_builds_index::RULE,
];
