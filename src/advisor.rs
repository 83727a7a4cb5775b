//! Supabase's advisor, entry for entry: what `supabase db advisors` prints about a database in this state.
//!
//! The advisor decides by the text of definitions and has quirks. Our findings say what is true; this
//! module says what the advisor would say, so that both can be compared with a live run.

use crate::catalog::{CatalogAt, Object, ObjectId, Privileges};
use crate::rule::SchemaContext;
use crate::syntax::Name;

/// A lint of the advisor.
pub struct Lint {
    /// Its number.
    pub number: &'static str,
    /// Its name, where that is not our rule's.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// INFO, WARN or ERROR.
    pub level: &'static str,
    /// PERFORMANCE or SECURITY.
    pub category: &'static str,
    /// What it is about, in our words.
    pub description: &'static str,
    /// Finds what the advisor would list.
    pub entries: fn(&SchemaContext<'_>, &mut Vec<Entry>),
}

impl Lint {
    /// The page about it in the advisor's documentation.
    pub fn remediation(&self) -> String {
        format!("https://supabase.com/docs/guides/database/database-linter?lint={}_{}", self.number, self.name)
    }
}

/// A row of the advisor's output.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The sentence about this one case.
    pub detail: String,
    /// What the dashboard shows of it, in order.
    pub metadata: Vec<(&'static str, Value)>,
    /// Identifies the case over runs.
    pub cache_key: String,
}

/// A value of an entry's metadata.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A string.
    Text(String),
    /// A list of strings.
    Texts(Vec<String>),
    /// A list of numbers.
    Numbers(Vec<i64>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

/// Schemas of the platform, which most lints leave out.
const PLATFORM_SCHEMAS: &[&str] = &[
    "_timescaledb_cache",
    "_timescaledb_catalog",
    "_timescaledb_config",
    "_timescaledb_internal",
    "auth",
    "cron",
    "extensions",
    "graphql",
    "graphql_public",
    "information_schema",
    "net",
    "pg_catalog",
    "pgbouncer",
    "pgmq",
    "pgroonga",
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "repack",
    "storage",
    "supabase_functions",
    "supabase_migrations",
    "tiger",
    "topology",
    "vault",
];

/// Whether the platform, not the project, looks after this schema.
pub fn is_platform_schema(name: &str) -> bool {
    PLATFORM_SCHEMAS.binary_search(&name).is_ok()
}

impl SchemaContext<'_> {
    /// Whether the project looks after an object: it lives in no schema of the platform and is no part of an
    /// extension.
    pub fn is_ours(&self, object: &Object) -> bool {
        object.extension.is_none() && !is_platform_schema(self.catalog.schema_name(object).as_str())
    }

    /// Those of the API's roles that have a privilege on a relation.
    pub fn api_roles_that(&self, relation: ObjectId, privilege: Privileges) -> Vec<&'static str> {
        let has = |name: &&&str| {
            let role = self.catalog.role(Name::from(name));
            role.is_some_and(|role| self.catalog.has_privilege(role, relation, privilege))
        };
        ["anon", "authenticated"].iter().filter(has).copied().collect()
    }

    /// Whether the API serves the schema of an object.
    pub fn is_exposed(&self, object: &Object) -> bool {
        self.facts.exposed_schemas.contains(&self.catalog.schema_name(object))
    }
}

/// Schema, name and type: what nearly every entry's metadata starts with.
pub fn metadata(catalog: CatalogAt<'_>, object: &Object, kind: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("schema", catalog.schema_name(object).as_str().into()),
        ("name", object.name.as_str().into()),
        ("type", kind.into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_schemas_are_sorted() {
        assert!(PLATFORM_SCHEMAS.is_sorted());
    }
}
