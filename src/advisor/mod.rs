//! Supabase's advisor, entry for entry: what `supabase db advisors` prints about a database in this state.
//!
//! The advisor decides by the text of definitions and has quirks. Our findings say what is true; this
//! module says what the advisor would say, so that both can be compared with a live run.

mod exposed;
pub mod policies;
mod text;

pub use exposed::{definer_entry, definers_for, in_graphql};
pub use text::{array, holds, md5};

use crate::catalog::deparse::Deparser;
use crate::catalog::{CatalogAt, Found, Object, ObjectId, Privileges, Relation, RelationClass};
use crate::finding::Severity;
use crate::rule::SchemaContext;
use crate::syntax::Name;

/// A lint of the advisor.
#[derive(Debug)]
pub struct Lint {
    /// Its number.
    pub number: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// INFO, WARN or ERROR.
    pub level: Severity,
    /// PERFORMANCE or SECURITY.
    pub category: &'static str,
    /// What it is about, in our words.
    pub description: &'static str,
    /// What to do, where that is not the page in the advisor's documentation.
    pub remediation: Option<&'static str>,
    /// Finds what the advisor would list.
    pub entries: fn(&SchemaContext<'_>, &mut Vec<Entry>),
}

impl Lint {
    /// What to do: mostly the page about it in the advisor's documentation.
    pub fn remediation(&self) -> String {
        match self.remediation {
            Some(other) => other.to_owned(),
            None => {
                format!("https://supabase.com/docs/guides/database/database-linter?lint={}_{}", self.number, self.name)
            }
        }
    }
}

/// A row of the advisor's output.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The sentence about this one case.
    pub detail: String,
    /// What the dashboard shows of it.
    pub metadata: Vec<(&'static str, Value)>,
    /// Identifies the case over runs.
    pub cache_key: String,
}

impl Entry {
    /// A row about one relation.
    pub fn about(catalog: CatalogAt<'_>, object: &Object, kind: &str, detail: String, cache_key: String) -> Entry {
        Entry { detail, metadata: metadata(catalog, object, kind), cache_key }
    }

    /// Adds to the metadata.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Entry {
        self.metadata.push((key, value.into()));
        self
    }
}

/// A row of the advisor's output with its lint.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The lint.
    pub lint: &'static Lint,
    /// The row.
    pub entry: Entry,
}

/// A value of an entry's metadata.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// null.
    Null,
    /// true or false.
    Bool(bool),
    /// A number.
    Number(i64),
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

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Value {
        text.map_or(Value::Null, Value::Text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
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
    // Gone with the session that made it, before the advisor looks.
    "pg_temp",
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

    /// What prints the catalog's expressions and definitions as the server does.
    pub fn deparser(&self) -> Deparser<'_> {
        Deparser::new(self.catalog, self.facts.server_version)
    }

    /// Those of the API's roles that have a privilege on a relation.
    pub fn api_roles_that(&self, relation: ObjectId, privilege: Privileges) -> Vec<&'static str> {
        let has = |name: &&&str| {
            let role = self.catalog.role(Name::from(name));
            role.is_some_and(|role| self.catalog.has_privilege(role, relation, privilege))
        };
        ["anon", "authenticated"].iter().filter(has).copied().collect()
    }

    /// Relations of a class outside the platform's schemas that an API role can read, in a schema that the API serves.
    /// Those of extensions too.
    pub fn readable_through_api(&self, class: RelationClass) -> impl Iterator<Item = Found<'_, Relation>> {
        let relations = self.catalog.relations().filter(move |relation| relation.is.class == class);
        relations.filter(|relation| {
            self.is_exposed(relation.object)
                && !is_platform_schema(self.catalog.schema_name(relation.object).as_str())
                && !self.api_roles_that(relation.id, Privileges::SELECT).is_empty()
        })
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

/// Whether a view counts as one that reads with the caller's rights: the advisor compares the option's text.
pub fn is_invoker_to_the_advisor(view: &Relation) -> bool {
    let option = view.options.iter().find(|(name, _)| name.as_str() == "security_invoker");
    option.is_some_and(|(_, value)| ["1", "true", "yes", "on"].contains(&value.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_schemas_are_sorted() {
        assert!(PLATFORM_SCHEMAS.is_sorted());
    }
}
