//! Which files a path on the command line means.

use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// A file that was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Found {
    /// Absolute and without `.` or `..`.
    pub path: PathBuf,
    /// It was named on the command line, not met in a folder.
    pub named: bool,
}

/// A path that cannot be looked at.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The path.
    pub path: PathBuf,
    /// Why, lower case: `no such file`.
    pub reason: String,
    /// Nothing is left out: a link back to a folder that is being looked at anyway.
    pub harmless: bool,
}

/// What a path means.
#[derive(Default, Debug)]
pub struct Discovered {
    /// SQL and captures, in no particular order.
    pub files: Vec<Found>,
    /// Files that may be captures, in folders that are not for them by name.
    pub others: Vec<PathBuf>,
    /// What could not be looked at.
    pub unreadable: Vec<Unreadable>,
}

/// Folders that hold no migrations of this project.
const SKIPPED_FOLDERS: &[&str] = &[
    "node_modules",
    "target",
    "vendor",
    "dist",
    "tests",
    "test",
    "__tests__",
    "spec",
    "fixtures",
    "testdata",
    "seed",
    "seeds",
    "seeders",
    "snippets",
];

/// How many levels of folders are looked into.
pub const DEPTH: usize = 24;

/// Adds the files that `path` means: itself, or all SQL and captures up to `depth` levels below it.
pub fn discover(path: &Path, depth: usize, into: &mut Discovered) {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => walk(path, depth, into),
        Ok(_) => into.files.push(Found { path: path.to_owned(), named: true }),
        Err(error) => into.unreadable.push(unreadable(path, &error)),
    }
}

/// Whether the files of a folder are captures with their queries beside them, and no history of a schema.
pub fn holds_captures_alone(files: &[Found]) -> bool {
    let is_query = |file: &Found| {
        let lies_beside = |extension| file.path.with_extension(extension).is_file();
        file.path.extension().is_none_or(|extension| extension != "sql")
            || CAPTURES.iter().chain(&["json"]).any(lies_beside)
    };
    files.iter().all(is_query)
}

/// Whether a file has an extension that captures have beside JSON.
fn may_be_capture(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| CAPTURES.contains(&extension.as_str()))
}

fn walk(folder: &Path, depth: usize, into: &mut Discovered) {
    let walk = WalkDir::new(folder).follow_links(true).max_depth(depth).sort_by_file_name();
    let mut entries = walk.into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {
                if entry.depth() > 0 && is_skipped(&entry) {
                    entries.skip_current_dir();
                }
            }
            Ok(entry) if entry.file_type().is_file() => {
                if is_wanted(entry.path()) {
                    into.files.push(Found { path: entry.into_path(), named: false });
                } else if may_be_capture(entry.path()) {
                    into.others.push(entry.into_path());
                }
            }
            Ok(_) => {}
            Err(error) => into.unreadable.extend(walk_error(folder, &error)),
        }
    }
}

fn is_skipped(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || SKIPPED_FOLDERS.contains(&&*name) || is_declarative_schema(entry.path())
}

/// `supabase/schemas`: the state that migrations are generated from, not a step of the history.
fn is_declarative_schema(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "schemas")
        && folder
            .parent()
            .is_some_and(|parent| parent.join("config.toml").is_file() && parent.join("migrations").is_dir())
}

/// SQL that is no test data, JSON, and anything that lies with captures.
fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let seed = name.strip_suffix(".sql").is_some_and(|stem| {
        stem == "seed"
            || stem == "seeds"
            || stem.ends_with(".seed")
            || stem.ends_with(".test")
            || stem.ends_with("_test")
    });
    if name.starts_with('.') || seed || name == crate::baseline::FILE_NAME {
        return false;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "sql" | "json") || CAPTURES.contains(&extension) && lies_with_captures(path)
}

/// What plans are kept in beside JSON, where a folder is for plans.
const CAPTURES: &[&str] = &["txt", "log", "yaml", "yml", "xml", "csv", "html", "md", "out", "plan", "tsv"];

/// Whether a file is in a folder for captured plans.
pub fn lies_with_captures(path: &Path) -> bool {
    let names = ["plan", "plans", "explain", "explains", "captures", "stats", "statistics", "exports"];
    let folder = path.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| names.iter().any(|name| folder.eq_ignore_ascii_case(name)))
}

fn walk_error(folder: &Path, error: &walkdir::Error) -> Option<Unreadable> {
    let path = error.path().unwrap_or(folder);
    if error.loop_ancestor().is_some() {
        let reason = "links back to a folder above it".to_owned();
        return Some(Unreadable { path: path.to_owned(), reason, harmless: true });
    }
    let io = error.io_error()?;
    // A dangling link that is no SQL file is nobody's business.
    let dangling = io.kind() == std::io::ErrorKind::NotFound && error.depth() > 0 && !is_wanted(path);
    (!dangling).then(|| unreadable(path, io))
}

/// A path with the system's reason in our words.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Unreadable {
    use std::io::ErrorKind;
    let reason = match error.kind() {
        ErrorKind::NotFound => "no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string().to_lowercase(),
    };
    Unreadable { path: path.to_owned(), reason, harmless: false }
}

/// `path` seen from `base`, without `.` and `..`; the file system is not asked.
pub fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            _ => clean.push(component),
        }
    }
    clean
}

/// How a path is shown: seen from `base` where that is no longer than the path itself, with `/`.
pub fn display(base: &Path, path: &Path) -> String {
    let shared = base.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = base.components().count() - shared;
    if up > 2 || shared <= 1 && up > 0 {
        return path.to_string_lossy().replace('\\', "/");
    }
    let parts = std::iter::repeat_n("..".to_owned(), up);
    let parts = parts.chain(path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned()));
    let shown = parts.collect::<Vec<_>>().join("/");
    if shown.is_empty() { ".".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_where_the_run_started() {
        let show =
            |path: &str| display(Path::new("/home/me/app"), &absolute(Path::new("/home/me/app"), Path::new(path)));
        assert_eq!(show("supabase/./migrations/../a.sql"), "supabase/a.sql");
        assert_eq!(show("../other/a.sql"), "../other/a.sql");
        assert_eq!(show("/tmp/a.sql"), "/tmp/a.sql");
        assert_eq!(show("."), ".");
    }

    #[test]
    fn seeds_and_tests_are_no_migrations() {
        assert!(is_wanted(Path::new("a/0001_x.sql")));
        assert!(is_wanted(Path::new("a/0001_X.SQL")));
        assert!(!is_wanted(Path::new("a/seed.sql")));
        assert!(!is_wanted(Path::new("a/notes.txt")));
    }
}
