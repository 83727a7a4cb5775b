//! The rules. A folder below `rules/<what it looks at>/` is a rule; its name is the id.

use crate::rule::Rule;

pub mod engine;
pub mod plan;
pub mod query;
pub mod schema;
pub mod statement;
pub mod stats;

/// Every rule, by what it looks at.
pub const ALL: &[&[&Rule]] = &[engine::ALL, plan::ALL, query::ALL, schema::ALL, statement::ALL, stats::ALL];

/// Every rule, sorted by id.
pub fn all() -> Vec<&'static Rule> {
    let mut rules = ALL.concat();
    rules.sort_by_key(|rule| rule.id);
    rules
}
