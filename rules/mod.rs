//! The rules. A folder below `rules/<what it looks at>/` is a rule; its name is the id.

use crate::rule::Rule;

pub mod schema;

/// Every rule, by what it looks at.
pub const ALL: &[&[&Rule]] = &[schema::ALL];
