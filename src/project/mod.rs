//! What a run looks at: files, their order, the runner, the platform, the server's version.
//!
//! The paths on the command line choose what is reported. What is replayed is the whole project:
//! `pglint supabase/migrations/20260101_x.sql` reads that file's siblings as well.

mod clash;
mod discover;
mod folder;
mod marks;
mod natural;
mod open;
mod pending;
mod query_file;
mod runner;
mod supabase;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::catalog::replay::{ServerSettings, TransactionMode};
use crate::config::{Config, PlatformName};
use crate::finding::Finding;
use crate::rule::{OptOut, TableSizes};
use crate::source::{FileId, Sources, Span};

pub use clash::clashes;
pub use discover::{absolute, display as shown_from};
pub use folder::usual_place;
pub use open::open;
pub use pending::Pending;
pub use runner::{RUNNERS, Runner};

/// What is asked for.
#[derive(Clone, Default, Debug)]
pub struct Request {
    /// Where relative paths start, and what file names are shown from.
    pub base: PathBuf,
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Text to look at as if it were a file, with the name to show.
    pub texts: Vec<(String, Vec<u8>)>,
    /// Texts that stand for those on disk, by absolute path; one that is not on disk is a file that was asked for.
    pub overlay: BTreeMap<PathBuf, String>,
    /// What tells applied migrations from pending ones, over what configuration says.
    pub pending: Option<Pending>,
    /// The branch that a pull request is to be merged into, where this run is about one.
    pub base_branch: Option<String>,
    /// All migrations are pending, whatever else is said.
    pub all_pending: bool,
    /// All migrations are reported on, the applied ones too.
    pub applied_too: bool,
    /// The configuration to use instead of the nearest one.
    pub config: Option<PathBuf>,
    /// What an empty database holds, over what configuration says.
    pub platform: Option<PlatformName>,
    /// The server's major version, over what configuration says.
    pub postgres: Option<u8>,
    /// The schemas that the API exposes, over what configuration says.
    pub schemas: Option<Vec<String>>,
    /// Whether new objects of `public` are granted to the API roles, over what configuration says.
    pub legacy_default_privileges: Option<bool>,
    /// Whether pg_graphql is installed, over what configuration says.
    pub pg_graphql: Option<bool>,
    /// Ask for what Supabase's advisor would print instead of our own findings.
    pub advisors: bool,
    /// Only the findings are asked for: each catalog is dropped once it was looked at, which saves room.
    pub drops_catalogs: bool,
    /// Of fixes only the titles are shown, so that nobody need write them out.
    pub titles_only: bool,
}

/// All that a run looks at.
#[derive(Default, Debug)]
pub struct Workspace {
    /// All texts.
    pub sources: Sources,
    /// The configurations that files are under.
    pub configs: Vec<Config>,
    /// The histories.
    pub projects: Vec<Project>,
    /// SQL that no runner applies: query files, down parts that were named.
    pub loose: Vec<FileId>,
    /// Captured plans and the like.
    pub captures: Vec<Capture>,
    /// What is known of each file, by its id.
    pub files: Vec<FileState>,
    /// Applied migrations are reported on as well.
    pub applied_too: bool,
    /// Of fixes only the titles are shown.
    pub titles_only: bool,
    /// What went wrong on the way here.
    pub findings: Vec<Finding>,
    /// What the user may want to know of how files were chosen.
    pub notes: Vec<String>,
}

/// What is known of a file beside its text.
#[derive(Clone, Copy, Debug)]
pub struct FileState {
    /// It was asked for, so what is found in it is reported.
    pub reported: bool,
    /// It is not applied yet, as far as is known.
    pub pending: bool,
    /// Index of its configuration; `None` for a configuration itself.
    pub config: Option<usize>,
}

/// One history of migrations.
#[derive(Debug)]
pub struct Project {
    /// Its folder.
    pub root: PathBuf,
    /// Facts about it.
    pub facts: Facts,
    /// Index of its configuration.
    pub config: usize,
    /// Whether it is known which of its files are applied.
    pub knows_pending: bool,
    /// Its files in the order they are run.
    pub migrations: Vec<MigrationFile>,
}

/// Facts about a project that rules may ask for.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The tool that applies its migrations.
    pub runner: Runner,
    /// Whether the files are a history in a known order; false for SQL files that merely lie together.
    pub is_history: bool,
    /// The server.
    pub server: ServerSettings,
    /// Schemas that the API exposes; empty where there is no API.
    pub api_schemas: Vec<String>,
    /// Roles that the platform has besides those of its empty project.
    pub roles: Vec<String>,
    /// How a file leaves the runner's transaction.
    pub opt_out: OptOut,
    /// How large tables are.
    pub sizes: TableSizes,
}

/// One migration.
#[derive(Clone, Debug)]
pub struct MigrationFile {
    /// The file.
    pub file: FileId,
    /// The parts of its text that are run on the way up.
    pub up: Vec<Range<u32>>,
    /// How the runner wraps it.
    pub transaction: TransactionMode,
    /// What the runner remembers of it, where that is a version that no two files may share.
    pub version: Option<String>,
}

/// A file with captured plans or statistics.
#[derive(Clone, Copy, Debug)]
pub struct Capture {
    /// The file.
    pub file: FileId,
    /// Index of the project whose schema it is about.
    pub project: Option<usize>,
    /// Whether it must be one: it was named, or lies where captures lie.
    pub certain: bool,
    /// The file beside it with the statement that was explained.
    pub query: Option<FileId>,
}

impl Workspace {
    /// Whether statements of a file are reported on: it was asked for, and is not applied.
    pub fn is_looked_at(&self, file: FileId) -> bool {
        let state = self.files[file.0 as usize];
        state.reported && (state.pending || self.applied_too)
    }

    /// The configuration that a file is under.
    pub fn config_of(&self, file: FileId) -> Option<&Config> {
        self.configs.get(self.files.get(file.0 as usize)?.config?)
    }
}

/// The finding for a path that cannot be read.
pub(crate) fn unreadable(file: FileId, name: &str, reason: &str, harmless: bool) -> Finding {
    let mut finding = Finding::new("unreadable_file", Span::new(file, 0, 0), format!("cannot read {name}: {reason}"));
    finding.severity = if harmless { crate::finding::Severity::Info } else { crate::finding::Severity::Error };
    finding
}

/// Whether two paths are close: how many folders they share from the root.
fn shared_folders(a: &Path, b: &Path) -> usize {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).count()
}
