//! Secrets in a table that anyone can read. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint, Value};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0023"],
);

const ADVISOR: Lint = Lint {
    number: "0023",
    name: "sensitive_columns_exposed",
    title: "Sensitive Columns Exposed",
    level: Severity::Error,
    category: "SECURITY",
    description: "A column with the name of a secret in a table that the API serves without row level security.",
    remediation: None,
    entries,
};

/// The advisor's words: whole names, in lower case, with `_` for `-`.
const WORDS: &[&str] = &[
    "2fa_code",
    "2fa_secret",
    "access_token",
    "account_number",
    "activation_key",
    "api_key",
    "apikey",
    "auth_code",
    "auth_key",
    "backup_code",
    "bank_account",
    "bearer_token",
    "bic",
    "card_number",
    "certificate",
    "credit_card",
    "cvc",
    "cvn",
    "cvv",
    "device_uuid",
    "driver_license",
    "drivers_license",
    "facial_recognition",
    "gpg_key",
    "health_insurance",
    "health_record",
    "iban",
    "imei",
    "insurance_number",
    "jwt",
    "license_key",
    "license_number",
    "mac_address",
    "macaddr",
    "medical_insurance",
    "medical_record",
    "national_id",
    "oauth_token",
    "otp",
    "passphrase",
    "passport_id",
    "passport_number",
    "passwd",
    "password",
    "patient_id",
    "pgp_key",
    "private_key",
    "pwd",
    "recovery_code",
    "refresh_token",
    "routing_number",
    "secret",
    "secret_key",
    "session_id",
    "session_key",
    "session_secret",
    "session_token",
    "social_security",
    "social_security_number",
    "ssh_key",
    "ssn",
    "swift_code",
    "tax_id",
    "token",
    "treatment",
    "two_factor",
    "verification_code",
];

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    for (table, columns) in exposed(context) {
        if table.object.extension.is_some() {
            continue;
        }
        let name = context.catalog.qualified_name(table.id);
        let roles = context.api_roles_that(table.id, Privileges::SELECT).join(" and ");
        let list = columns.iter().map(|(column, _)| column.name.as_str()).collect::<Vec<_>>().join(", ");
        let spans: Vec<Span> = columns.iter().map(|(column, _)| column.span).filter(|span| !span.is_none()).collect();
        let finding = report
            .at(spans.first().copied().unwrap_or(table.span()), format!("{list} of {name} can be read by {roles}"));
        finding.label("a name that secrets have; row security of the table is off");
        for span in spans.iter().skip(1) {
            finding.also(*span, "and this one");
        }
        let enable = format!("alter table {} enable row level security;", context.catalog.sql_name(table.id));
        finding.help(format!("switch row security on, then add policies: {enable}")).subject(name);
    }
}

type Exposed<'a> = (Found<'a, Relation>, Vec<(&'a Column, &'static str)>);

fn exposed<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Exposed<'a>> {
    let tables = context.readable_through_api(RelationClass::Table).filter(|table| table.is.row_security.is_none());
    tables.filter_map(|table| {
        let word = |column: &'a std::sync::Arc<Column>| {
            let name = column.name.as_str().to_lowercase().replace('-', "_");
            let at = WORDS.binary_search(&name.as_str()).ok()?;
            Some((&**column, WORDS[at]))
        };
        let columns: Vec<_> = table.is.columns.iter().filter_map(word).collect();
        (!columns.is_empty()).then_some((table, columns))
    })
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for (table, columns) in exposed(context) {
        let (schema, name) = (context.catalog.schema_name(table.object), table.name());
        let mut names: Vec<String> = columns.iter().map(|(column, _)| column.name.to_string()).collect();
        let mut words: Vec<String> = columns.iter().map(|(_, word)| (*word).to_owned()).collect();
        names.sort_unstable();
        words.sort_unstable();
        words.dedup();
        let detail = format!(
            "Table `{schema}.{name}` is exposed via API without RLS and contains potentially sensitive column(s): {}. This may lead to data exposure.",
            names.join(", ")
        );
        let key = format!("sensitive_columns_exposed_{schema}_{name}");
        let entry = Entry::about(context.catalog, table.object, "table", detail, key);
        entries
            .push(entry.with("sensitive_columns", Value::Texts(names)).with("matched_patterns", Value::Texts(words)));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_sorted() {
        assert!(super::WORDS.is_sorted());
    }
}
