//! Plans, queries, statistics and the schema they are about, for commands that think about all of them together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::Progress;
use crate::advise::{Advice, Knowledge, Question, advise};
use crate::capture::{self, Plan};
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::{Project, Request, Workspace, open, usual_place};
use crate::rule::Rule;
use crate::source::{FileId, SourceFile, Sources};
use crate::stats::{self, Statistics};
use crate::syntax::{DataStatement, Statement, StatementKind};

/// What was read.
pub struct Loaded {
    /// All texts.
    pub sources: Sources,
    /// The schema after the last migration, where there are migrations.
    pub schema: Option<Schema>,
    /// Plans, in the order of their files.
    pub plans: Vec<Plan>,
    /// Queries of SQL files, in the order of their files.
    pub queries: Vec<Written>,
    /// Statistics of all exports.
    pub statistics: Statistics,
    /// What could not be read.
    pub problems: Vec<Finding>,
}

/// A replayed history.
pub struct Schema {
    /// The catalog.
    pub catalog: Catalog,
    /// The server's major version.
    pub version: u8,
    /// The history.
    pub project: Project,
}

/// A query as it stands in a file.
pub struct Written {
    /// The file.
    pub file: FileId,
    /// The query.
    pub statement: DataStatement,
    /// Its place and extent.
    pub span: crate::source::Span,
}

/// Reads captures and queries at `paths`, statistics at `paths` and `statistics`, and the migrations at `migrations`,
/// or, where none are named, those in one of the usual places above.
pub fn load(
    base: &Path,
    paths: &[PathBuf],
    migrations: Option<&Path>,
    statistics: &[PathBuf],
    postgres: Option<u8>,
    rules: &[&Rule],
) -> Loaded {
    let threads = rayon::ThreadPoolBuilder::new().stack_size(super::STACK).build();
    let work = || load_all(base, paths, migrations, statistics, postgres, rules);
    match threads {
        Ok(threads) => threads.install(work),
        Err(_) => work(),
    }
}

fn load_all(
    base: &Path,
    paths: &[PathBuf],
    migrations: Option<&Path>,
    statistics: &[PathBuf],
    postgres: Option<u8>,
    rules: &[&Rule],
) -> Loaded {
    let usual = || paths.first().and_then(|path| usual_place(&base.join(path)));
    let root = migrations.map(|path| base.join(path)).or_else(usual);
    let request =
        Request { base: base.to_owned(), paths: root.clone().into_iter().collect(), postgres, ..Request::default() };
    let mut workspace = if root.is_some() { open(&request, rules) } else { Workspace::default() };
    let mut problems = std::mem::take(&mut workspace.findings);
    let project = (!workspace.projects.is_empty()).then(|| workspace.projects.remove(0));
    let schema = project.map(|project| {
        let replayed = super::files::replay_project(&workspace, &project, &Progress::default());
        problems.extend(replayed.findings.into_iter().filter(|finding| finding.rule == "internal_error"));
        Schema { catalog: replayed.catalog, version: project.facts.server.version, project }
    });
    let sources = std::mem::take(&mut workspace.sources);
    let loaded =
        Loaded { sources, schema, plans: Vec::new(), queries: Vec::new(), statistics: Statistics::default(), problems };
    let skip = root.as_deref();
    loaded.with_captures(base, paths, statistics, skip)
}

impl Loaded {
    /// Advises on all plans and queries that were read. A plan and a query of the same file name are one question.
    pub fn advice(&self) -> Advice {
        let loaded = self;
        let sources = &loaded.sources;
        let stem = |file| sources.file(file).name.rsplit_once('.').map_or("", |(stem, _)| stem).to_owned();
        let catalog = loaded.schema.as_ref().map(|schema| schema.catalog.end());
        let version = loaded.schema.as_ref().map_or(17, |schema| schema.version);
        let knowledge = Knowledge { sources, catalog, statistics: &loaded.statistics, version };
        let mut questions = Vec::new();
        let mut beside = vec![false; loaded.queries.len()];
        for (at, plan) in loaded.plans.iter().enumerate() {
            let several = loaded.plans.iter().filter(|other| other.file == plan.file).count() > 1;
            let number = loaded.plans[..at].iter().filter(|other| other.file == plan.file).count() + 1;
            let name = stem(plan.file);
            let query = loaded.queries.iter().position(|query| stem(query.file) == name && !several);
            query.into_iter().for_each(|at| beside[at] = true);
            let statement = query.map(|at| &loaded.queries[at].statement);
            let name = if several { format!("{name}#{number}") } else { name };
            questions.push(Question { name, span: plan.span, plan: Some(plan), statement, calls: None });
        }
        for (at, query) in loaded.queries.iter().enumerate().filter(|(at, _)| !beside[*at]) {
            let several = loaded.queries.iter().filter(|other| other.file == query.file).count() > 1;
            let number = loaded.queries[..at].iter().filter(|other| other.file == query.file).count() + 1;
            let name = stem(query.file);
            let name = if several { format!("{name}#{number}") } else { name };
            let statement = Some(&query.statement);
            questions.push(Question { name, span: query.span, plan: None, statement, calls: None });
        }
        advise(&questions, knowledge)
    }

    fn with_captures(mut self, base: &Path, paths: &[PathBuf], statistics: &[PathBuf], skip: Option<&Path>) -> Loaded {
        let asked = paths.iter().map(|path| base.join(path)).flat_map(|path| files_of(&path));
        let outside = |path: &PathBuf| skip.is_none_or(|skip| !path.starts_with(skip));
        let mut asked: Vec<PathBuf> = asked.filter(outside).collect();
        asked.sort();
        asked.dedup();
        let mut exports: Vec<PathBuf> = statistics.iter().flat_map(|path| files_of(&base.join(path))).collect();
        exports.sort();
        let mut rows = Vec::new();
        let mut captures: Vec<FileId> = Vec::new();
        for path in &asked {
            let Some(file) = self.add(base, path) else { continue };
            match path.extension().is_some_and(|extension| extension == "sql") {
                true => self.add_queries(file),
                false => captures.push(file),
            }
        }
        for path in exports.iter().filter(|path| !asked.contains(path)) {
            if let Some(file) = self.add(base, path) {
                rows.extend(stats::read(file, &self.sources.file(file).text));
            }
        }
        let read: Vec<_> = captures.into_par_iter().map(|file| capture_or_export(&self.sources, file)).collect();
        for (plans, more, problems) in read {
            self.plans.extend(plans);
            rows.extend(more);
            self.problems.extend(problems);
        }
        self.statistics = Statistics::new(rows);
        self
    }

    fn add(&mut self, base: &Path, path: &Path) -> Option<FileId> {
        let shown = path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
        match std::fs::read(path) {
            Ok(bytes) => Some(self.sources.add(SourceFile::from_bytes(shown, path, bytes))),
            Err(error) => {
                let file = self.sources.add(SourceFile::new(shown.clone(), ""));
                let reason = error.to_string().to_lowercase();
                self.problems.push(crate::project::unreadable(file, &shown, &reason, false));
                None
            }
        }
    }

    fn add_queries(&mut self, file: FileId) {
        let text = self.sources.file(file).text.clone();
        let whole = std::iter::once(0..text.len() as u32).collect::<Vec<_>>();
        let parsed = super::parse::parse(&self.sources, file, &whole);
        self.problems.extend(parsed.problems);
        self.queries.extend(parsed.statements.iter().filter_map(|statement| written(file, statement)));
    }
}

fn written(file: FileId, statement: &Arc<Statement>) -> Option<Written> {
    let data = match &statement.kind {
        StatementKind::Select(query) => DataStatement::Select((**query).clone()),
        StatementKind::Insert(it) => DataStatement::Insert(it.clone()),
        StatementKind::Update(it) => DataStatement::Update(it.clone()),
        StatementKind::Delete(it) => DataStatement::Delete(it.clone()),
        StatementKind::Merge(it) => DataStatement::Merge(it.clone()),
        _ => return None,
    };
    Some(Written { file, statement: data, span: statement.span })
}

fn capture_or_export(sources: &Sources, file: FileId) -> (Vec<Plan>, Vec<stats::Row>, Vec<Finding>) {
    let text = &sources.file(file).text;
    let rows = if stats::may_hold_statistics(text) { stats::read(file, text) } else { Vec::new() };
    if !rows.is_empty() {
        return (Vec::new(), rows, Vec::new());
    }
    let reading =
        super::guard::guarded("reading this file", crate::source::Span::new(file, 0, 0), || capture::read(file, text));
    match reading {
        Ok(reading) => (reading.plans, rows, reading.problems),
        Err(failure) => (Vec::new(), rows, vec![failure]),
    }
}

/// A file itself, or all below a folder that may be asked about, in order.
fn files_of(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    const ENDINGS: &[&str] =
        &["json", "sql", "txt", "log", "yaml", "yml", "xml", "csv", "tsv", "html", "md", "out", "plan", "jsonl"];
    let files = walkdir::WalkDir::new(path).follow_links(true).max_depth(24).sort_by_file_name();
    let files = files.into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let ending =
        |path: &Path| path.extension().is_some_and(|it| ENDINGS.iter().any(|ending| it.eq_ignore_ascii_case(ending)));
    files.map(walkdir::DirEntry::into_path).filter(|path| ending(path)).collect()
}
