//! Rules about one statement.

use crate::rule::Rule;

pub mod syntax_error;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[&syntax_error::RULE];
