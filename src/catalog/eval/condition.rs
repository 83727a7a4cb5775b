//! Names of errors (plerrcodes.h), as EXCEPTION WHEN and RAISE have them.

use crate::syntax::plpgsql::Condition;

/// Conditions that migrations name, with their SQLSTATE; a code that ends in 000 stands for its class.
const CONDITIONS: &[(&str, &str)] = &[
    ("ambiguous_alias", "42P09"),
    ("ambiguous_column", "42702"),
    ("ambiguous_function", "42725"),
    ("ambiguous_parameter", "42P08"),
    ("array_subscript_error", "2202E"),
    ("assert_failure", "P0004"),
    ("cannot_coerce", "42846"),
    ("cardinality_violation", "21000"),
    ("case_not_found", "20000"),
    ("check_violation", "23514"),
    ("configuration_limit_exceeded", "53400"),
    ("data_corrupted", "XX001"),
    ("data_exception", "22000"),
    ("datatype_mismatch", "42804"),
    ("datetime_field_overflow", "22008"),
    ("deadlock_detected", "40P01"),
    ("dependent_objects_still_exist", "2BP01"),
    ("dependent_privilege_descriptors_still_exist", "2B000"),
    ("division_by_zero", "22012"),
    ("duplicate_alias", "42712"),
    ("duplicate_column", "42701"),
    ("duplicate_cursor", "42P03"),
    ("duplicate_database", "42P04"),
    ("duplicate_file", "58P02"),
    ("duplicate_function", "42723"),
    ("duplicate_object", "42710"),
    ("duplicate_prepared_statement", "42P05"),
    ("duplicate_schema", "42P06"),
    ("duplicate_table", "42P07"),
    ("exclusion_violation", "23P01"),
    ("external_routine_exception", "38000"),
    ("feature_not_supported", "0A000"),
    ("foreign_key_violation", "23503"),
    ("generated_always", "428C9"),
    ("grouping_error", "42803"),
    ("indeterminate_collation", "42P22"),
    ("indeterminate_datatype", "42P18"),
    ("insufficient_privilege", "42501"),
    ("insufficient_resources", "53000"),
    ("integrity_constraint_violation", "23000"),
    ("internal_error", "XX000"),
    ("invalid_argument_for_power_function", "2201F"),
    ("invalid_authorization_specification", "28000"),
    ("invalid_catalog_name", "3D000"),
    ("invalid_column_definition", "42611"),
    ("invalid_column_reference", "42P10"),
    ("invalid_cursor_definition", "42P11"),
    ("invalid_cursor_name", "34000"),
    ("invalid_database_definition", "42P12"),
    ("invalid_datetime_format", "22007"),
    ("invalid_foreign_key", "42830"),
    ("invalid_function_definition", "42P13"),
    ("invalid_grant_operation", "0LP01"),
    ("invalid_grantor", "0L000"),
    ("invalid_name", "42602"),
    ("invalid_object_definition", "42P17"),
    ("invalid_parameter_value", "22023"),
    ("invalid_password", "28P01"),
    ("invalid_recursion", "42P19"),
    ("invalid_role_specification", "0P000"),
    ("invalid_row_count_in_limit_clause", "2201W"),
    ("invalid_schema_definition", "42P15"),
    ("invalid_schema_name", "3F000"),
    ("invalid_sql_statement_name", "26000"),
    ("invalid_table_definition", "42P16"),
    ("invalid_text_representation", "22P02"),
    ("invalid_transaction_state", "25000"),
    ("lock_not_available", "55P03"),
    ("name_too_long", "42622"),
    ("no_data_found", "P0002"),
    ("not_null_violation", "23502"),
    ("null_value_not_allowed", "22004"),
    ("numeric_value_out_of_range", "22003"),
    ("object_in_use", "55006"),
    ("object_not_in_prerequisite_state", "55000"),
    ("operator_intervention", "57000"),
    ("out_of_memory", "53200"),
    ("plpgsql_error", "P0000"),
    ("query_canceled", "57014"),
    ("raise_exception", "P0001"),
    ("read_only_sql_transaction", "25006"),
    ("reserved_name", "42939"),
    ("restrict_violation", "23001"),
    ("serialization_failure", "40001"),
    ("string_data_right_truncation", "22001"),
    ("syntax_error", "42601"),
    ("syntax_error_or_access_rule_violation", "42000"),
    ("system_error", "58000"),
    ("too_many_columns", "54011"),
    ("too_many_rows", "P0003"),
    ("transaction_rollback", "40000"),
    ("undefined_column", "42703"),
    ("undefined_file", "58P01"),
    ("undefined_function", "42883"),
    ("undefined_object", "42704"),
    ("undefined_parameter", "42P02"),
    ("undefined_table", "42P01"),
    ("unique_violation", "23505"),
    ("unsafe_new_enum_value_usage", "55P04"),
    ("windowing_error", "42P20"),
    ("with_check_option_violation", "44000"),
    ("wrong_object_type", "42809"),
];

/// The SQLSTATE of a condition's name.
pub(super) fn sqlstate(name: &str) -> Option<&'static str> {
    let at = CONDITIONS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(CONDITIONS[at].1)
}

/// A SQLSTATE that is spelled out, if it is one of those that are known.
pub(super) fn known(code: &str) -> Option<&'static str> {
    CONDITIONS.iter().map(|(_, code)| *code).find(|known| *known == code)
}

/// Whether a handler is for an error. OTHERS leaves out what ends the session's work as a whole.
pub(super) fn catches(condition: &Condition, code: &str) -> bool {
    let wanted = match condition {
        Condition::Name(name) if name.as_str() == "others" => return code != "57014" && code != "P0004",
        Condition::Name(name) => match sqlstate(name.as_str()) {
            Some(wanted) => wanted,
            None => return false,
        },
        Condition::SqlState(label) => &label.text,
    };
    wanted == code || (wanted.ends_with("000") && wanted[..2] == code[..code.len().min(2)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::syntax::Ident;

    #[test]
    fn conditions_are_sorted() {
        assert!(CONDITIONS.is_sorted());
    }

    #[test]
    fn handlers_catch_codes_and_classes() {
        let named = |name: &str| Condition::Name(Ident::new(name, Span::NONE));
        assert!(catches(&named("duplicate_object"), "42710"));
        assert!(!catches(&named("duplicate_object"), "42P07"));
        assert!(catches(&named("integrity_constraint_violation"), "23505"));
        assert!(catches(&named("others"), "P0001"));
        assert!(!catches(&named("others"), "57014"));
    }
}
