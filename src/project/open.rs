//! From paths to a [`Workspace`]: finds, reads, groups, orders.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::discover::{self, Discovered, Found, Unreadable, discover};
use super::runner::{Candidate, Runner};
use super::supabase::{self, SupabaseConfig};
use super::{
    Capture, Facts, FileState, MigrationFile, Pending, Project, Request, Workspace, folder, marks, query_file,
    shared_folders, unreadable,
};
use crate::catalog::replay::{Platform, ServerSettings, SupabaseSettings, TransactionMode};
use crate::config::{self, Config, PlatformName};
use crate::finding::{Finding, Severity};
use crate::rule::Rule;
use crate::source::{FileId, SourceFile, Span};

/// Larger files are refused: offsets are 32 bits, and the parser's lengths are signed.
const LARGEST: u64 = 1 << 30;
/// The server that is meant where nothing says which.
const DEFAULT_VERSION: u8 = 17;

/// Finds and reads all that a request means.
pub fn open(request: &Request, rules: &[&Rule]) -> Workspace {
    let workspace =
        Workspace { applied_too: request.applied_too, titles_only: request.titles_only, ..Workspace::default() };
    let mut opener = Opener { request, rules, workspace, configs: FxHashMap::default(), queries: FxHashMap::default() };
    let mut found = Discovered::default();
    for path in request.paths.iter().map(|path| discover::absolute(&request.base, path)) {
        if path.is_dir() {
            opener.config_for(&path);
        }
        if request.overlay.contains_key(&path) {
            continue;
        }
        let known = found.files.len();
        discover(&path, discover::DEPTH, &mut found);
        let others = std::mem::take(&mut found.others);
        if discover::holds_captures_alone(&found.files[known..]) {
            let captures = others.into_iter().filter(|path| is_capture_file(path));
            found.files.extend(captures.map(|path| Found { path, named: false }));
        }
    }
    let is_new = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "sql") && !path.exists();
    let is_named = |path: &&PathBuf| request.paths.contains(path) || is_new(path);
    let new = request.overlay.keys().filter(is_named);
    found.files.extend(new.map(|path| Found { path: path.clone(), named: true }));
    opener.open_all(found);
    opener.workspace
}

struct Opener<'a> {
    request: &'a Request,
    rules: &'a [&'a Rule],
    workspace: Workspace,
    /// Index of the configuration by folder.
    configs: FxHashMap<PathBuf, usize>,
    /// The statement beside a capture.
    queries: FxHashMap<PathBuf, FileId>,
}

/// The files of each folder that may be a history, in order.
type Groups = BTreeMap<PathBuf, Vec<PathBuf>>;

impl Opener<'_> {
    fn open_all(&mut self, found: Discovered) {
        for problem in found.unreadable {
            self.report_unreadable(&problem);
        }
        let asked = merge(found.files);
        let (captures, sql): (Vec<_>, Vec<_>) = asked.iter().partition(|(path, named)| is_capture(path, *named));
        let queries = queries_beside(captures.iter().map(|(path, _)| path.as_path()));
        let (explained, sql): (Vec<_>, Vec<_>) = sql.into_iter().partition(|(path, _)| queries.contains_key(path));
        let mut groups = self.group(sql.iter().map(|(path, _)| path.as_path()));
        if groups.is_empty() {
            // Those of one folder are about the same histories.
            let folders: BTreeSet<&Path> =
                captures.iter().map(|(path, _)| path.parent().unwrap_or(path.as_path())).collect();
            folders.into_iter().for_each(|folder| self.add_context(folder, &mut groups));
        }
        self.open_groups(&groups, &asked.iter().map(|(path, _)| path.as_path()).collect());
        let only_captures = sql.is_empty();
        self.open_queries(&queries, explained.iter().map(|(path, _)| path.as_path()));
        self.open_captures(captures.iter().map(|(path, named)| (path.as_path(), *named || only_captures)));
        self.open_texts();
    }

    /// The files that were asked for by the folder of their history, each with its siblings.
    fn group<'p>(&self, files: impl Iterator<Item = &'p Path>) -> Groups {
        let mut groups = Groups::new();
        for path in files {
            let root = folder::root_of(path);
            let group = groups.entry(root.clone()).or_default();
            if group.is_empty() && !self.is_walked(&root) {
                group.extend(siblings(&root, folder::depth_of(&root, path)));
            }
            group.push(path.to_owned());
        }
        for group in groups.values_mut() {
            group.sort();
            group.dedup();
        }
        groups
    }

    /// Whether a folder was asked for as a whole.
    fn is_walked(&self, folder: &Path) -> bool {
        let mut asked = self.request.paths.iter().map(|path| discover::absolute(&self.request.base, path));
        asked.any(|path| folder.starts_with(&path) && path.is_dir())
    }

    /// The histories that the captures of a folder may be about, where none was asked for.
    fn add_context(&mut self, folder: &Path, groups: &mut Groups) {
        let config = self.config_for(folder);
        let settled = &self.workspace.configs[config].project.migrations;
        let usual = || {
            let above = folder.ancestors().take(6);
            above
                .flat_map(|above| folder::USUAL_PLACES.iter().map(|place| above.join(place)))
                .find(|path| path.is_dir())
        };
        let folders: Vec<PathBuf> = if settled.is_empty() { usual().into_iter().collect() } else { settled.clone() };
        for root in folders {
            groups.entry(root).or_insert_with_key(|root| {
                let mut siblings = siblings(root, discover::DEPTH);
                siblings.sort();
                siblings
            });
        }
    }

    fn open_groups(&mut self, groups: &Groups, asked: &FxHashSet<&Path>) {
        let mut wanted = Vec::new();
        for (root, paths) in groups {
            let config = self.config_for(root);
            let names: Vec<String> = paths.iter().map(|path| below(root, path)).collect();
            let together = self.workspace.configs[config].project.runner.is_some() || folder::is_history(root, &names);
            // Files that merely lie together are each other's context only where they were asked for together.
            let paths = paths.iter().filter(|path| together || asked.contains(path.as_path()));
            let paths = paths.filter(|path| !self.workspace.configs[config].excludes(path));
            // The dump is what was there before, wherever it lies.
            let paths = paths.filter(|path| self.baseline_of(config).as_ref() != Some(*path));
            wanted.extend(paths.map(|path| (root, config, path)));
        }
        let texts: Vec<_> = wanted.par_iter().map(|(_, _, path)| read(self.request, path)).collect();
        let mut by_root: Vec<(&PathBuf, usize, Vec<FileId>)> = Vec::new();
        for ((root, config, path), text) in wanted.into_iter().zip(texts) {
            let state = FileState { reported: asked.contains(path.as_path()), pending: true, config: Some(config) };
            if let Some(file) = self.add_file(path, text, state) {
                match by_root.last_mut() {
                    Some((last, _, files)) if std::ptr::eq(*last, root) => files.push(file),
                    _ => by_root.push((root, config, vec![file])),
                }
            }
        }
        for (root, config, files) in by_root {
            self.open_group(root, config, &files);
        }
    }

    /// Makes a project of the files of one folder; what is not part of it stays loose.
    fn open_group(&mut self, root: &Path, config: usize, files: &[FileId]) {
        if folder::holds_queries(root) {
            self.workspace.loose.extend(files);
            return;
        }
        let sources = &self.workspace.sources;
        let paths: Vec<String> = files.iter().map(|&file| below(root, &sources.file(file).path)).collect();
        let candidates =
            files.iter().zip(&paths).map(|(&file, path)| Candidate { path, text: &sources.file(file).text });
        let candidates: Vec<Candidate<'_>> = candidates.collect();
        let settled = self.workspace.configs[config].project.runner;
        let assumed = self.is_assumed(config, candidates.iter().map(|candidate| candidate.text));
        let runner = settled.unwrap_or_else(|| Runner::detect(root, &candidates, assumed));
        let is_history = settled.is_some() || runner != Runner::Psql || folder::is_history(root, &paths);

        let cli = if runner == Runner::Supabase { supabase::cli_version(root) } else { String::new() };
        let guessed = settled.is_none() && runner == Runner::Supabase && !supabase::is_migrations_folder(root);
        let order = match guessed {
            true => Runner::order_unnamed(&candidates),
            false => runner.order(&candidates, journal(self.request, root, runner).as_deref()),
        };
        let migration = |&at: &usize| {
            let metadata = match runner {
                Runner::Supabase => cli.clone(),
                _ => metadata(self.request, &sources.file(files[at]).path, runner),
            };
            let mut migration = migration(files[at], &candidates[at], runner, &metadata);
            if settled.is_none() && runner == Runner::Psql {
                migration.transaction = TransactionMode::Unknown;
            }
            // Of a runner that is only guessed the versions say nothing.
            MigrationFile { version: migration.version.filter(|_| !guessed), ..migration }
        };
        let migrations: Vec<MigrationFile> = order.iter().map(migration).collect();
        let mut left = vec![true; files.len()];
        order.iter().for_each(|&at| left[at] = false);
        let left =
            files.iter().zip(left).filter(|(file, left)| *left && self.workspace.files[file.0 as usize].reported);
        let left: Vec<FileId> = left.map(|(&file, _)| file).collect();
        self.workspace.loose.extend(left);

        let facts = Facts { opt_out: runner.opt_out(&cli), ..self.facts(root, config, runner, is_history, assumed) };
        let migrations = self.with_baseline(config, migrations);
        if !migrations.is_empty() {
            let knows_pending = self.settle_pending(root, config, runner, &migrations);
            self.workspace.projects.push(Project { root: root.to_owned(), facts, config, knows_pending, migrations });
        }
    }

    /// Marks the files that are applied; whether anything tells which are.
    fn settle_pending(&mut self, root: &Path, config: usize, runner: Runner, migrations: &[MigrationFile]) -> bool {
        if self.request.all_pending {
            return false;
        }
        let settled = self.workspace.configs[config].project.pending.clone();
        let by_branch = |branch: &String| Pending::Since(format!("origin/{branch}"));
        // A version says more than a branch; of two branches that of the pull request is the right one.
        let (by, is_guess) = match (&self.request.pending, settled, &self.request.base_branch) {
            (Some(asked), ..) => (asked.clone(), false),
            (None, Some(settled @ Pending::After(_)), _) => (settled, false),
            (None, _, Some(branch)) => (by_branch(branch), true),
            (None, Some(settled), None) => (settled, false),
            (None, None, None) => return false,
        };
        let sources = &self.workspace.sources;
        // What is only planned is not applied.
        let on_disk: Vec<FileId> =
            migrations.iter().map(|it| it.file).filter(|&id| !self.is_planned(&sources.file(id).path)).collect();
        let paths: Vec<&Path> = on_disk.iter().map(|&id| sources.file(id).path.as_path()).collect();
        let pending = super::pending::pending(root, &paths, runner.has_folder_each(), &by);
        let pending = match &self.request.base_branch {
            // A clone may hold the branch itself and no remote one.
            Some(branch) if is_guess && pending.is_err() => {
                let by = Pending::Since(branch.clone());
                super::pending::pending(root, &paths, runner.has_folder_each(), &by)
            }
            _ => pending,
        };
        match pending {
            Ok(pending) => {
                for (id, pending) in on_disk.into_iter().zip(pending) {
                    self.workspace.files[id.0 as usize].pending = pending;
                }
                true
            }
            Err(reason) if is_guess => {
                let note = format!("all migrations count as pending, for it cannot be told what has changed: {reason}");
                self.workspace.notes.push(note);
                false
            }
            Err(reason) => {
                let message = format!("cannot tell which migrations are pending: {reason}");
                let mut finding = Finding::new("invalid_config", Span::NONE, message);
                finding.severity = Severity::Error;
                self.workspace.findings.push(finding);
                false
            }
        }
    }

    /// Whether a file is only there as a plan.
    fn is_planned(&self, path: &Path) -> bool {
        self.request.overlay.contains_key(path) && !path.exists()
    }

    /// The declared dump.
    fn baseline_of(&self, config: usize) -> Option<PathBuf> {
        let path = self.workspace.configs[config].project.baseline.as_ref()?;
        Some(discover::absolute(&self.request.base, path))
    }

    /// The declared dump runs before the first migration.
    fn with_baseline(&mut self, config: usize, mut migrations: Vec<MigrationFile>) -> Vec<MigrationFile> {
        let Some(path) = self.baseline_of(config) else { return migrations };
        let text = read(self.request, &path);
        let state = FileState { reported: false, pending: true, config: Some(config) };
        if let Some(file) = self.add_file(&path, text, state) {
            let up = std::iter::once(0..self.workspace.sources.file(file).text.len() as u32).collect();
            migrations.insert(0, MigrationFile { file, up, transaction: TransactionMode::Statement, version: None });
        }
        migrations
    }

    /// The platform that was asked for. The advisor looks at Supabase's projects alone.
    fn settled_platform(&self, config: usize) -> Option<PlatformName> {
        let settled = self.request.platform.or(self.workspace.configs[config].project.platform);
        settled.or(self.request.advisors.then_some(PlatformName::Supabase))
    }

    /// Whether texts are taken for those of a Supabase project, whatever lies around them.
    fn is_assumed<'t>(&self, config: usize, texts: impl Iterator<Item = &'t str> + Clone) -> bool {
        match self.settled_platform(config) {
            Some(platform) => platform == PlatformName::Supabase,
            None => supabase::is_assumed(texts),
        }
    }

    fn facts(&self, root: &Path, config: usize, runner: Runner, is_history: bool, assumed: bool) -> Facts {
        let settings = &self.workspace.configs[config].project;
        let found = supabase_config(root);
        let on_supabase = match self.settled_platform(config) {
            Some(platform) => platform == PlatformName::Supabase,
            None => runner == Runner::Supabase || found.is_some() || assumed,
        };
        let found = found.unwrap_or_default();
        let version = self.request.postgres.or(settings.postgres).or(found.major_version).unwrap_or(DEFAULT_VERSION);
        let legacy = self.request.legacy_default_privileges.or(settings.legacy_default_privileges);
        let legacy = legacy.or(found.auto_expose_new_tables).unwrap_or(true);
        let platform = if on_supabase {
            let pg_graphql = self.request.pg_graphql.or(settings.pg_graphql).unwrap_or(true);
            Platform::Supabase(SupabaseSettings { legacy_default_privileges: legacy, pg_graphql })
        } else {
            Platform::Plain
        };
        let exposed = if on_supabase { vec!["public".to_owned(), "graphql_public".to_owned()] } else { Vec::new() };
        let schemas = self.request.schemas.clone().or_else(|| settings.schemas.clone());
        let api_schemas = schemas.or(found.schemas.filter(|_| on_supabase)).unwrap_or(exposed);
        let roles = settings.roles.clone();
        let server = ServerSettings { version: version.clamp(14, 18), platform };
        let (opt_out, sizes) = (runner.opt_out(""), settings.sizes.clone());
        Facts { runner, is_history, server, api_schemas, roles, opt_out, sizes }
    }

    /// The statements that lie beside their plans. They are looked at like other queries where they were asked for.
    fn open_queries<'p>(&mut self, queries: &BTreeMap<PathBuf, Vec<PathBuf>>, asked: impl Iterator<Item = &'p Path>) {
        let asked: BTreeSet<&Path> = asked.collect();
        let request = self.request;
        let texts: Vec<_> = queries.par_iter().map(|(path, captures)| (path, captures, read(request, path))).collect();
        for (path, captures, text) in texts {
            let config = self.config_for(path.parent().unwrap_or(path));
            let reported = asked.contains(path.as_path()) && !self.workspace.configs[config].excludes(path);
            if let Some(file) = self.add_file(path, text, FileState { reported, pending: true, config: Some(config) }) {
                self.queries.extend(captures.iter().map(|capture| (capture.clone(), file)));
                self.workspace.loose.extend(reported.then_some(file));
            }
        }
    }

    fn open_captures<'p>(&mut self, captures: impl Iterator<Item = (&'p Path, bool)>) {
        let wanted: Vec<(&Path, bool)> = captures.collect();
        let texts: Vec<_> = wanted.par_iter().map(|(path, _)| read(self.request, path)).collect();
        for ((path, certain), text) in wanted.into_iter().zip(texts) {
            let config = self.config_for(path.parent().unwrap_or(path));
            if self.workspace.configs[config].excludes(path) {
                continue;
            }
            let state = FileState { reported: true, pending: true, config: Some(config) };
            if let Some(file) = self.add_file(path, text, state) {
                let project = self.nearest_project(path);
                let certain = certain || discover::lies_with_captures(path);
                let query = self.queries.get(path).copied();
                self.workspace.captures.push(Capture { file, project, certain, query });
            }
        }
    }

    fn nearest_project(&self, path: &Path) -> Option<usize> {
        let projects = self.workspace.projects.iter().enumerate();
        projects.max_by_key(|(at, project)| (shared_folders(&project.root, path), usize::MAX - at)).map(|(at, _)| at)
    }

    /// Text that came from elsewhere: a capture where it looks like one, else a history of its own.
    fn open_texts(&mut self) {
        for (name, bytes) in &self.request.texts {
            let config = self.config_for(&self.request.base);
            let file = self.workspace.sources.add(SourceFile::from_bytes(name.clone(), Path::new(""), bytes.clone()));
            self.workspace.files.push(FileState { reported: true, pending: true, config: Some(config) });
            let text = &self.workspace.sources.file(file).text;
            if is_capture_text(text) {
                let project = self.nearest_project(&self.request.base);
                self.workspace.captures.push(Capture { file, project, certain: true, query: None });
                continue;
            }
            let candidates = [Candidate { path: name, text }];
            let settings = &self.workspace.configs[config].project;
            let assumed = self.is_assumed(config, std::iter::once(candidates[0].text));
            let runner = settings.runner.unwrap_or_else(|| Runner::detect(Path::new(""), &candidates, false));
            let migrations = vec![migration(file, &candidates[0], runner, "")];
            let facts = self.facts(&self.request.base, config, runner, false, assumed);
            let root = self.request.base.clone();
            self.workspace.projects.push(Project { root, facts, config, knows_pending: false, migrations });
        }
    }

    fn add_file(&mut self, path: &Path, text: Result<Vec<u8>, Unreadable>, state: FileState) -> Option<FileId> {
        let bytes = match text {
            Ok(bytes) => bytes,
            Err(problem) => {
                self.report_unreadable(&problem);
                return None;
            }
        };
        let name = discover::display(&self.request.base, path);
        self.workspace.files.push(state);
        Some(self.workspace.sources.add(SourceFile::from_bytes(name, path, bytes)))
    }

    fn report_unreadable(&mut self, problem: &Unreadable) {
        let name = discover::display(&self.request.base, &problem.path);
        self.workspace.files.push(FileState { reported: true, pending: true, config: None });
        let file = self.workspace.sources.add(SourceFile::new(name.clone(), ""));
        self.workspace.findings.push(unreadable(file, &name, &problem.reason, problem.harmless));
    }

    /// The configuration of a folder, read once.
    fn config_for(&mut self, folder: &Path) -> usize {
        if let Some(&index) = self.configs.get(folder) {
            return index;
        }
        let named = self.request.config.as_ref().map(|path| discover::absolute(&self.request.base, path));
        let path = named.or_else(|| config::find(folder));
        let home = path.as_deref().unwrap_or(&self.request.base).to_owned();
        let index = match self.configs.get(&home) {
            Some(&index) => index,
            None => {
                let config = self.read_config(path.as_deref());
                self.workspace.configs.push(config);
                self.workspace.configs.len() - 1
            }
        };
        self.configs.insert(home, index);
        self.configs.insert(folder.to_owned(), index);
        index
    }

    fn read_config(&mut self, path: Option<&Path>) -> Config {
        let base = Config::without_file(&self.request.base);
        let Some(path) = path else { return base };
        let Some(file) =
            self.add_file(path, read(self.request, path), FileState { reported: true, pending: true, config: None })
        else {
            return base;
        };
        let text = self.workspace.sources.file(file).text.clone();
        let (config, mistakes) = config::read(path, file, &text, self.rules);
        self.workspace.findings.extend(mistakes);
        config
    }
}

/// Each path once, in order; named where it was named at least once.
fn merge(mut files: Vec<Found>) -> Vec<(PathBuf, bool)> {
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut merged: Vec<(PathBuf, bool)> = Vec::with_capacity(files.len());
    for Found { path, named } in files {
        match merged.last_mut() {
            Some((last, known)) if *last == path => *known |= named,
            _ => merged.push((path, named)),
        }
    }
    merged
}

/// The statements that lie beside captures, with the captures of each. What is part of a history explains nothing.
fn queries_beside<'p>(captures: impl Iterator<Item = &'p Path>) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut queries: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for capture in captures {
        let candidates = query_file::candidates(capture).into_iter();
        let mut beside = candidates.filter(|path| !folder::is_history(&folder::root_of(path), &[] as &[&str]));
        if let Some(query) = beside.find(|path| path.is_file()) {
            queries.entry(query).or_default().push(capture.to_owned());
        }
    }
    queries
}

/// A file as its runner takes it.
fn migration(file: FileId, candidate: &Candidate<'_>, runner: Runner, metadata: &str) -> MigrationFile {
    let whole = || std::iter::once(0..candidate.text.len() as u32).collect();
    let up = runner.dialect().map_or_else(whole, |dialect| marks::up_ranges(candidate.text, dialect));
    MigrationFile { file, up, transaction: runner.transaction(candidate, metadata), version: runner.version(candidate) }
}

/// The SQL files of the same history.
fn siblings(root: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Discovered::default();
    discover(root, depth, &mut found);
    let sql = found.files.into_iter().map(|file| file.path).filter(|path| !is_capture(path, false));
    sql.filter(|path| folder::root_of(path) == root).collect()
}

fn read(request: &Request, path: &Path) -> Result<Vec<u8>, Unreadable> {
    if let Some(text) = request.overlay.get(path) {
        return Ok(text.clone().into_bytes());
    }
    let refuse = |error: &std::io::Error| discover::unreadable(path, error);
    let size = std::fs::metadata(path).map_err(|error| refuse(&error))?.len();
    if size > LARGEST {
        let reason = format!("{} MB are more than the 1,024 that can be read", size >> 20);
        return Err(Unreadable { path: path.to_owned(), reason, harmless: false });
    }
    std::fs::read(path).map_err(|error| refuse(&error))
}

fn is_capture(path: &Path, named: bool) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("json") => true,
        Some("sql" | "psql" | "pgsql" | "ddl") => false,
        // Of all else only what is named or lies with plans is looked at.
        _ => !named || is_capture_file(path),
    }
}

fn is_capture_file(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| is_capture_text(&crate::source::text_of(bytes)))
}

fn is_capture_text(text: &str) -> bool {
    looks_like_json(text) || crate::capture::may_hold_plan(text) || crate::stats::may_hold_statistics(text)
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The settings of the Supabase project that a folder is in.
fn supabase_config(root: &Path) -> Option<SupabaseConfig> {
    let path = root
        .ancestors()
        .take(6)
        .flat_map(|folder| [folder.to_owned(), folder.join("supabase")])
        .find_map(|folder| supabase::config_path(&folder))?;
    Some(supabase::read(&std::fs::read_to_string(path).ok()?))
}

/// The order that drizzle-kit keeps beside its migrations.
fn journal(request: &Request, root: &Path, runner: Runner) -> Option<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Journal {
        entries: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        idx: u64,
        tag: String,
    }
    if runner != Runner::Drizzle {
        return None;
    }
    let path = root.join("meta/_journal.json");
    let text = request.overlay.get(&path).cloned().or_else(|| std::fs::read_to_string(path).ok())?;
    let mut entries = serde_json::from_str::<Journal>(&text).ok()?.entries;
    entries.sort_by_key(|entry| entry.idx);
    Some(entries.into_iter().map(|entry| entry.tag).collect())
}

/// The file beside a migration in which its runner keeps settings.
fn metadata(request: &Request, path: &Path, runner: Runner) -> String {
    let beside = match runner {
        Runner::Diesel => path.with_file_name("metadata.toml"),
        Runner::Flyway => path.with_extension("sql.conf"),
        _ => return String::new(),
    };
    let planned = request.overlay.get(&beside).cloned();
    planned.or_else(|| std::fs::read_to_string(beside).ok()).unwrap_or_default()
}
