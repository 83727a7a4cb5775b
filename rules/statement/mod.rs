//! Rules about one statement.

use crate::rule::Rule;

pub mod index_build_blocks_writes;
pub mod server_refuses;
pub mod syntax_error;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[&index_build_blocks_writes::RULE, &server_refuses::RULE, &syntax_error::RULE];
