//! Rules about the catalog after the last migration.

use crate::rule::Rule;

pub mod anon_security_definer_function_executable;
pub mod auth_rls_initplan;
pub mod auth_users_exposed;
pub mod authenticated_security_definer_function_executable;
pub mod default_privileges_surprise;
pub mod duplicate_index;
pub mod extension_in_public;
pub mod fkey_to_auth_unique;
pub mod foreign_key_type_mismatch;
pub mod foreign_table_in_api;
pub mod function_search_path_mutable;
pub mod insecure_queue_exposed_in_api;
pub mod jsonb_gin_opclass;
pub mod materialized_view_in_api;
pub mod materialized_view_not_refreshable_concurrently;
pub mod multiple_permissive_policies;
pub mod no_primary_key;
pub mod pg_graphql_anon_table_exposed;
pub mod pg_graphql_authenticated_table_exposed;
pub mod policy_column_unindexed;
pub mod policy_exists_rls_disabled;
pub mod policy_recursion;
pub mod public_bucket_allows_listing;
pub mod redundant_index;
pub mod rls_disabled_in_public;
pub mod rls_enabled_no_policy;
pub mod rls_helper_not_stable;
pub mod rls_policy_always_true;
pub mod rls_references_user_metadata;
pub mod security_definer_view;
pub mod sensitive_columns_exposed;
pub mod sequence_exhaustion_risk;
pub mod unbound_auth_check;
pub mod unindexed_foreign_keys;
pub mod unindexed_policy_join;
pub mod unlogged_table;
pub mod unsupported_reg_types;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &anon_security_definer_function_executable::RULE,
    &auth_rls_initplan::RULE,
    &auth_users_exposed::RULE,
    &authenticated_security_definer_function_executable::RULE,
    &default_privileges_surprise::RULE,
    &duplicate_index::RULE,
    &extension_in_public::RULE,
    &fkey_to_auth_unique::RULE,
    &foreign_key_type_mismatch::RULE,
    &foreign_table_in_api::RULE,
    &function_search_path_mutable::RULE,
    &insecure_queue_exposed_in_api::RULE,
    &jsonb_gin_opclass::RULE,
    &materialized_view_in_api::RULE,
    &materialized_view_not_refreshable_concurrently::RULE,
    &multiple_permissive_policies::RULE,
    &no_primary_key::RULE,
    &pg_graphql_anon_table_exposed::RULE,
    &pg_graphql_authenticated_table_exposed::RULE,
    &policy_column_unindexed::RULE,
    &policy_exists_rls_disabled::RULE,
    &policy_recursion::RULE,
    &public_bucket_allows_listing::RULE,
    &redundant_index::RULE,
    &rls_disabled_in_public::RULE,
    &rls_enabled_no_policy::RULE,
    &rls_helper_not_stable::RULE,
    &rls_policy_always_true::RULE,
    &rls_references_user_metadata::RULE,
    &security_definer_view::RULE,
    &sensitive_columns_exposed::RULE,
    &sequence_exhaustion_risk::RULE,
    &unbound_auth_check::RULE,
    &unindexed_foreign_keys::RULE,
    &unindexed_policy_join::RULE,
    &unlogged_table::RULE,
    &unsupported_reg_types::RULE,
];
