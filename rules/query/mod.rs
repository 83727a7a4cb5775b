//! Rules about queries, wherever they stand.

use crate::rule::Rule;

pub mod cartesian_join;
pub mod correlated_subquery;
pub mod count_star_large;
pub mod dynamic_sql_injection;
pub mod function_on_indexed_column;
pub mod implicit_cast_defeats_index;
pub mod large_offset;
pub mod leading_wildcard;
pub mod missing_limit_on_api_function;
pub mod not_in_nullable;
pub mod or_across_columns;
pub mod order_by_without_index;
pub mod plpgsql_loop_over_rows;
pub mod select_star_in_view;
pub mod volatile_in_where;

/// All of them, sorted by id.
pub const ALL: &[&Rule] = &[
    &cartesian_join::RULE,
    &correlated_subquery::RULE,
    &count_star_large::RULE,
    &dynamic_sql_injection::RULE,
    &function_on_indexed_column::RULE,
    &implicit_cast_defeats_index::RULE,
    &large_offset::RULE,
    &leading_wildcard::RULE,
    &missing_limit_on_api_function::RULE,
    &not_in_nullable::RULE,
    &or_across_columns::RULE,
    &order_by_without_index::RULE,
    &plpgsql_loop_over_rows::RULE,
    &select_star_in_view::RULE,
    &volatile_in_where::RULE,
];
