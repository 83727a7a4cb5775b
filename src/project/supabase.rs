//! What `supabase/config.toml` says of the server.

use std::path::{Path, PathBuf};

use memchr::memmem;
use toml_edit::{Document, Item};

/// The settings that matter offline.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SupabaseConfig {
    /// `[db].major_version`.
    pub major_version: Option<u8>,
    /// `[api].schemas`; empty where `[api].enabled` is false.
    pub schemas: Option<Vec<String>>,
    /// `[api].auto_expose_new_tables`.
    pub auto_expose_new_tables: Option<bool>,
}

/// Whether the Supabase CLI takes its migrations from this folder.
pub fn is_migrations_folder(folder: &Path) -> bool {
    let named = |path: &Path, name: &str| path.file_name().is_some_and(|found| found == name);
    named(folder, "migrations")
        && folder.parent().is_some_and(|parent| named(parent, "supabase") || config_path(parent).is_some())
}

/// Whether texts use what only an empty Supabase project has, and do not make it themselves.
pub fn is_assumed<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> bool {
    texts.clone().any(uses_platform) && !texts.into_iter().any(makes_auth)
}

/// Names that an empty Supabase project has, by schema; quoted or not.
fn uses_platform(text: &str) -> bool {
    let uses = |schema: &str, names: &[&str]| {
        memmem::find_iter(text.as_bytes(), schema).any(|at| {
            let after = text[at + schema.len()..].trim_start_matches('"');
            let name = after.strip_prefix('.').map(|name| name.trim_start_matches('"'));
            let is_one = |name: &str| {
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
                names.contains(&&name[..end])
            };
            starts_name(text, at) && name.is_some_and(is_one)
        })
    };
    let role = || memmem::find_iter(text.as_bytes(), "service_role").any(|at| starts_name(text, at));
    uses("auth", &["users", "uid", "jwt", "role", "email"]) || uses("storage", &["objects", "buckets"]) || role()
}

fn starts_name(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
}

fn makes_auth(text: &str) -> bool {
    memmem::find_iter(text.as_bytes(), "auth").any(|at| {
        let before = text[..at].trim_end_matches([' ', '"']);
        let tail = &before.as_bytes()[before.len().saturating_sub(30)..];
        let tail = String::from_utf8_lossy(tail).to_ascii_lowercase();
        tail.ends_with("create schema") || tail.ends_with("create schema if not exists")
    })
}

/// `config.toml` in a folder, where it is one of the Supabase CLI's.
pub fn config_path(folder: &Path) -> Option<PathBuf> {
    let path = folder.join("config.toml");
    let text = std::fs::read_to_string(&path).ok()?;
    let document = Document::parse(text.as_str()).ok()?;
    let has = |table: &str, key: &str| document.get(table).and_then(|table| table.get(key)).is_some();
    let known = document.get("project_id").is_some() || has("db", "major_version") || has("api", "schemas");
    known.then_some(path)
}

/// Reads the settings; what is missing or has another form is `None`.
pub fn read(text: &str) -> SupabaseConfig {
    let Ok(document) = Document::parse(text) else { return SupabaseConfig::default() };
    let api = document.get("api");
    let enabled = api.and_then(|api| api.get("enabled")).and_then(Item::as_bool).unwrap_or(true);
    let schemas = api.and_then(|api| api.get("schemas")).and_then(Item::as_array);
    let schemas = schemas.map(|list| list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect());
    SupabaseConfig {
        major_version: document
            .get("db")
            .and_then(|db| db.get("major_version"))
            .and_then(Item::as_integer)
            .and_then(|version| u8::try_from(version).ok()),
        schemas: if enabled { schemas } else { Some(Vec::new()) },
        auto_expose_new_tables: api.and_then(|api| api.get("auto_expose_new_tables")).and_then(Item::as_bool),
    }
}

/// The version of the Supabase CLI that the nearest package.json pins; empty where none is, or where newer ones may come.
pub fn cli_version(root: &Path) -> String {
    let manifests = root.ancestors().take(6).map(|folder| folder.join("package.json"));
    let text = manifests.into_iter().find_map(|path| std::fs::read_to_string(path).ok());
    let manifest: Option<serde_json::Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    let wanted = manifest.as_ref().and_then(|manifest| {
        ["devDependencies", "dependencies"].iter().find_map(|of| manifest.get(of)?.get("supabase")?.as_str())
    });
    let is_exact = |version: &&str| version.starts_with(|c: char| c.is_ascii_digit());
    wanted.filter(is_exact).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_tell_the_platform() {
        let assumed = |texts: &[&str]| is_assumed(texts.iter().copied());
        assert!(assumed(&["create table a (b uuid references auth.users (id))"]));
        assert!(assumed(&["select 1", "using (auth.uid() = user_id)"]));
        assert!(assumed(&["grant select on a to \"service_role\"", "using (\"auth\".\"uid\"() = b)"]));
        assert!(!assumed(&["create table my_auth.users ()"]));
        assert!(!assumed(&["select auth.usersettings"]));
        assert!(!assumed(&["create schema if not exists \"auth\";", "create table auth.users ()"]));
        assert!(!assumed(&["insert into author values (1)"]));
    }

    #[test]
    fn reads_what_matters() {
        let config = read("project_id = 'x'\n[api]\nschemas = ['public', 'api']\n[db]\nmajor_version = 15\n");
        assert_eq!(config.major_version, Some(15));
        assert_eq!(config.schemas, Some(vec!["public".to_owned(), "api".to_owned()]));
        assert_eq!(config.auto_expose_new_tables, None);
        assert_eq!(read("[api]\nenabled = false\nschemas = ['public']").schemas, Some(Vec::new()));
        assert_eq!(read("not toml at all ["), SupabaseConfig::default());
    }
}
