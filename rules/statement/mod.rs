//! Rules about one statement.

use crate::rule::Rule;

pub mod add_column_rewrites;
pub mod add_column_scans;
pub mod char_type;
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
pub mod enum_value_order;
pub mod exclusion_builds_index;
pub mod explicit_lock;
pub mod foreign_key_validates;
pub mod grant_all;
pub mod grant_to_anon;
pub mod grant_to_public;
pub mod identifier_too_long;
pub mod if_not_exists_is_noop;
pub mod index_build_blocks_writes;
pub mod index_drop_blocks;
pub mod invalid_index_left_behind;
pub mod lock_held_while_working;
pub mod locks_several_tables;
pub mod matview_refresh_blocks;
pub mod missing_if_exists;
pub mod missing_lock_timeout;
pub mod money_type;
pub mod noop_takes_lock;
pub mod partition_attach_scans;
pub mod partition_detach_blocks;
pub mod partition_of_locks_parent;
pub mod policy_dropped;
pub mod policy_true;
pub mod prefer_bigint_key;
pub mod prefer_identity;
pub mod prefer_jsonb;
pub mod prefer_text;
pub mod prefer_timestamptz;
pub mod primary_key_builds_index;
pub mod publication_exposes_table;
pub mod reindex_blocks;
pub mod rename_breaks_clients;
pub mod replaces_and_loses;
pub mod required_column_without_default;
pub mod rls_disabled;
pub mod schema_unqualified;
pub mod server_refuses;
pub mod set_not_null_scans;
pub mod syntax_error;
pub mod table_rewrite;
pub mod trigger_or_policy_locks;
pub mod truncate;
pub mod type_change_rebuilds_index;
pub mod type_change_rewrites;
pub mod type_change_scans;
pub mod type_narrowing;
pub mod unbatched_backfill;
pub mod unique_builds_index;
pub mod unnamed_constraint;
pub mod update_without_where;
pub mod validated_in_same_transaction;
pub mod version_collision;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &add_column_rewrites::RULE,
    &add_column_scans::RULE,
    &char_type::RULE,
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
    &enum_value_order::RULE,
    &exclusion_builds_index::RULE,
    &explicit_lock::RULE,
    &foreign_key_validates::RULE,
    &grant_all::RULE,
    &grant_to_anon::RULE,
    &grant_to_public::RULE,
    &identifier_too_long::RULE,
    &if_not_exists_is_noop::RULE,
    &index_build_blocks_writes::RULE,
    &index_drop_blocks::RULE,
    &invalid_index_left_behind::RULE,
    &lock_held_while_working::RULE,
    &locks_several_tables::RULE,
    &matview_refresh_blocks::RULE,
    &missing_if_exists::RULE,
    &missing_lock_timeout::RULE,
    &money_type::RULE,
    &noop_takes_lock::RULE,
    &partition_attach_scans::RULE,
    &partition_detach_blocks::RULE,
    &partition_of_locks_parent::RULE,
    &policy_dropped::RULE,
    &policy_true::RULE,
    &prefer_bigint_key::RULE,
    &prefer_identity::RULE,
    &prefer_jsonb::RULE,
    &prefer_text::RULE,
    &prefer_timestamptz::RULE,
    &primary_key_builds_index::RULE,
    &publication_exposes_table::RULE,
    &reindex_blocks::RULE,
    &rename_breaks_clients::RULE,
    &replaces_and_loses::RULE,
    &required_column_without_default::RULE,
    &rls_disabled::RULE,
    &schema_unqualified::RULE,
    &server_refuses::RULE,
    &set_not_null_scans::RULE,
    &syntax_error::RULE,
    &table_rewrite::RULE,
    &trigger_or_policy_locks::RULE,
    &truncate::RULE,
    &type_change_rebuilds_index::RULE,
    &type_change_rewrites::RULE,
    &type_change_scans::RULE,
    &type_narrowing::RULE,
    &unbatched_backfill::RULE,
    &unique_builds_index::RULE,
    &unnamed_constraint::RULE,
    &update_without_where::RULE,
    &validated_in_same_transaction::RULE,
    &version_collision::RULE,
];
