//! The rules. A folder below `rules/<what it looks at>/` is a rule; its name is the id.

use crate::rule::Rule;

/// Every rule, sorted by id.
pub const ALL: &[&Rule] = &[];
