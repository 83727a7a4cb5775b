//! Rules about the catalog after the last migration.

use crate::rule::Rule;

pub mod auth_rls_initplan;
pub mod function_search_path_mutable;
pub mod no_primary_key;
pub mod policy_exists_rls_disabled;
pub mod rls_disabled_in_public;
pub mod rls_enabled_no_policy;
pub mod security_definer_view;
pub mod unindexed_foreign_keys;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &auth_rls_initplan::RULE,
    &function_search_path_mutable::RULE,
    &no_primary_key::RULE,
    &policy_exists_rls_disabled::RULE,
    &rls_disabled_in_public::RULE,
    &rls_enabled_no_policy::RULE,
    &security_definer_view::RULE,
    &unindexed_foreign_keys::RULE,
];
