//! Rules about the catalog after the last migration.

use crate::rule::Rule;

pub mod auth_rls_initplan;
pub mod no_primary_key;
pub mod unindexed_foreign_keys;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[&auth_rls_initplan::RULE, &no_primary_key::RULE, &unindexed_foreign_keys::RULE];
