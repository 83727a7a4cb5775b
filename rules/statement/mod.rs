//! Rules about one statement.

use crate::rule::Rule;

pub mod add_column_rewrites;
pub mod add_column_scans;
pub mod check_validates;
pub mod code_not_followed;
pub mod domain_change_scans;
pub mod drop_locks_other_table;
pub mod exclusion_builds_index;
pub mod explicit_lock;
pub mod foreign_key_validates;
pub mod index_build_blocks_writes;
pub mod index_drop_blocks;
pub mod matview_refresh_blocks;
pub mod partition_attach_scans;
pub mod partition_detach_blocks;
pub mod partition_of_locks_parent;
pub mod primary_key_builds_index;
pub mod reindex_blocks;
pub mod required_column_without_default;
pub mod server_refuses;
pub mod set_not_null_scans;
pub mod syntax_error;
pub mod table_rewrite;
pub mod type_change_rebuilds_index;
pub mod type_change_rewrites;
pub mod type_change_scans;
pub mod unique_builds_index;
pub mod validated_in_same_transaction;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &add_column_rewrites::RULE,
    &add_column_scans::RULE,
    &check_validates::RULE,
    &code_not_followed::RULE,
    &domain_change_scans::RULE,
    &drop_locks_other_table::RULE,
    &exclusion_builds_index::RULE,
    &explicit_lock::RULE,
    &foreign_key_validates::RULE,
    &index_build_blocks_writes::RULE,
    &index_drop_blocks::RULE,
    &matview_refresh_blocks::RULE,
    &partition_attach_scans::RULE,
    &partition_detach_blocks::RULE,
    &partition_of_locks_parent::RULE,
    &primary_key_builds_index::RULE,
    &reindex_blocks::RULE,
    &required_column_without_default::RULE,
    &server_refuses::RULE,
    &set_not_null_scans::RULE,
    &syntax_error::RULE,
    &table_rewrite::RULE,
    &type_change_rebuilds_index::RULE,
    &type_change_rewrites::RULE,
    &type_change_scans::RULE,
    &unique_builds_index::RULE,
    &validated_in_same_transaction::RULE,
];
