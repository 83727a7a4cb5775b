//! Which folder a file's history is in, and whether a folder looks like a history at all.

use std::path::{Path, PathBuf};

/// The folder of the history that a file is part of.
///
/// Usually the one it lies in. Prisma and diesel keep each migration in a folder of its own; others
/// keep folders by version, and Flyway looks below its folder at any depth.
pub fn root_of(file: &Path) -> PathBuf {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let folder = file.parent().unwrap_or(Path::new("/"));
    let own_folder = matches!(&*name, "migration.sql" | "up.sql" | "down.sql");
    let mut root = if own_folder { folder.parent().unwrap_or(folder) } else { folder };
    if is_flyway(&name) {
        root = root.ancestors().find(|folder| is_called(folder, HISTORY_NAMES)).unwrap_or(root);
    }
    while is_version(root) {
        let Some(parent) = root.parent() else { break };
        root = parent;
    }
    root.to_owned()
}

const HISTORY_NAMES: &[&str] = &["migration", "migrations", "migrate", "versions"];
/// How many levels below its root a history may have files.
pub fn depth_of(root: &Path, file: &Path) -> usize {
    let below = file.components().count().saturating_sub(root.components().count());
    if is_called(root, HISTORY_NAMES) { super::discover::DEPTH } else { below.max(1) }
}

const QUERY_NAMES: &[&str] = &["queries", "query"];

/// Places, seen from a folder above, where migrations usually are.
pub const USUAL_PLACES: &[&str] = &[
    "supabase/migrations",
    "migrations",
    "db/migrations",
    "db/migrate",
    "prisma/migrations",
    "drizzle",
    "database/migrations",
    "sql/migrations",
    "src/main/resources/db/migration",
];

/// The folder of migrations that a file belongs to, in one of the usual places beside it or above.
pub fn usual_place(path: &Path) -> Option<PathBuf> {
    let above = path.ancestors().take(6);
    above.flat_map(|above| USUAL_PLACES.iter().map(|place| above.join(place))).find(|path| path.is_dir())
}

fn is_called(folder: &Path, names: &[&str]) -> bool {
    folder.file_name().is_some_and(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// `17`, `v1.2`, `0003`.
fn is_version(folder: &Path) -> bool {
    let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { return false };
    let digits = name.strip_prefix('v').unwrap_or(name);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
}

fn is_flyway(name: &str) -> bool {
    let Some((head, _)) = name.split_once("__") else { return false };
    head.starts_with(['V', 'R', 'U', 'B']) && head[1..].chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'))
}

/// Whether a folder holds queries, which nothing applies.
pub fn holds_queries(folder: &Path) -> bool {
    is_called(folder, QUERY_NAMES)
}

/// Whether files below `root` are a history: the folder says so, or their names are numbered.
pub fn is_history(root: &Path, names: &[impl AsRef<str>]) -> bool {
    let numbered = |name: &&str| {
        let file = name.rsplit('/').next().unwrap_or(name);
        let first = name.split('/').next().unwrap_or(name);
        [file, first].iter().any(|part| part.starts_with(|c: char| c.is_ascii_digit())) || is_flyway(file)
    };
    is_called(root, HISTORY_NAMES) || names.iter().map(AsRef::as_ref).filter(numbered).count() * 2 > names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(file: &str) -> String {
        root_of(Path::new(file)).to_string_lossy().into_owned()
    }

    #[test]
    fn the_folder_of_a_history() {
        assert_eq!(root("/p/supabase/migrations/1_a.sql"), "/p/supabase/migrations");
        assert_eq!(root("/p/prisma/migrations/2024_a/migration.sql"), "/p/prisma/migrations");
        assert_eq!(root("/p/migrations/2024-01-01_a/up.sql"), "/p/migrations");
        assert_eq!(root("/p/pg/01/02_a.up.sql"), "/p/pg");
        assert_eq!(root("/p/db/migration/core/V1__a.sql"), "/p/db/migration");
        assert_eq!(root("/p/db/3.1/01_a.sql"), "/p/db");
    }

    #[test]
    fn numbered_names_are_a_history() {
        assert!(is_history(Path::new("/p/sql"), &["1_a.sql", "2_b.sql", "notes.sql"]));
        assert!(is_history(Path::new("/p/migrations"), &["a.sql"]));
        assert!(!is_history(Path::new("/p/sql"), &["a.sql", "b.sql", "2_c.sql"]));
    }
}
