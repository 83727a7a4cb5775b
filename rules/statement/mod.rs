//! Rules about one statement.

use crate::rule::Rule;

pub mod add_column_rewrites;
pub mod add_column_scans;
pub mod check_validates;
pub mod code_not_followed;
pub mod concurrently_in_transaction;
pub mod delete_without_where;
pub mod domain_change_scans;
pub mod drop_cascade;
pub mod drop_column;
pub mod drop_column_takes_along;
pub mod drop_locks_other_table;
pub mod drop_schema;
pub mod drop_table;
pub mod exclusion_builds_index;
pub mod explicit_lock;
pub mod foreign_key_validates;
pub mod grant_to_public;
pub mod identifier_too_long;
pub mod index_build_blocks_writes;
pub mod index_drop_blocks;
pub mod invalid_index_left_behind;
pub mod lock_held_while_working;
pub mod matview_refresh_blocks;
pub mod missing_lock_timeout;
pub mod partition_attach_scans;
pub mod partition_detach_blocks;
pub mod partition_of_locks_parent;
pub mod policy_dropped;
pub mod primary_key_builds_index;
pub mod reindex_blocks;
pub mod rename_breaks_clients;
pub mod replaces_and_loses;
pub mod required_column_without_default;
pub mod rls_disabled;
pub mod server_refuses;
pub mod set_not_null_scans;
pub mod syntax_error;
pub mod table_rewrite;
pub mod truncate;
pub mod type_change_rebuilds_index;
pub mod type_change_rewrites;
pub mod type_change_scans;
pub mod type_narrowing;
pub mod unbatched_backfill;
pub mod unique_builds_index;
pub mod update_without_where;
pub mod validated_in_same_transaction;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &add_column_rewrites::RULE,
    &add_column_scans::RULE,
    &check_validates::RULE,
    &code_not_followed::RULE,
    &concurrently_in_transaction::RULE,
    &delete_without_where::RULE,
    &domain_change_scans::RULE,
    &drop_cascade::RULE,
    &drop_column::RULE,
    &drop_column_takes_along::RULE,
    &drop_locks_other_table::RULE,
    &drop_schema::RULE,
    &drop_table::RULE,
    &exclusion_builds_index::RULE,
    &explicit_lock::RULE,
    &foreign_key_validates::RULE,
    &grant_to_public::RULE,
    &identifier_too_long::RULE,
    &index_build_blocks_writes::RULE,
    &index_drop_blocks::RULE,
    &invalid_index_left_behind::RULE,
    &lock_held_while_working::RULE,
    &matview_refresh_blocks::RULE,
    &missing_lock_timeout::RULE,
    &partition_attach_scans::RULE,
    &partition_detach_blocks::RULE,
    &partition_of_locks_parent::RULE,
    &policy_dropped::RULE,
    &primary_key_builds_index::RULE,
    &reindex_blocks::RULE,
    &rename_breaks_clients::RULE,
    &replaces_and_loses::RULE,
    &required_column_without_default::RULE,
    &rls_disabled::RULE,
    &server_refuses::RULE,
    &set_not_null_scans::RULE,
    &syntax_error::RULE,
    &table_rewrite::RULE,
    &truncate::RULE,
    &type_change_rebuilds_index::RULE,
    &type_change_rewrites::RULE,
    &type_change_scans::RULE,
    &type_narrowing::RULE,
    &unbatched_backfill::RULE,
    &unique_builds_index::RULE,
    &update_without_where::RULE,
    &validated_in_same_transaction::RULE,
];
