//! Plans, queries, statistics and the schema they are about, for commands that think about all of them together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Progress;
use crate::advise::{Advice, Knowledge, Question, advise};
use crate::capture::{self, Plan};
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::{Project, Request, Workspace, open, usual_place};
use crate::rule::Rule;
use crate::source::{FileId, SourceFile, Sources};
use crate::stats::{self, Known, Statistics};
use crate::syntax::{Origin, Statement, parse_statements};

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
    /// The statements of them that take most of the time.
    pub hot: Vec<Hot>,
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
    /// The query, or the statement that writes rows.
    pub statement: Arc<Statement>,
    /// Its place and extent.
    pub span: crate::source::Span,
}

/// A statement of pg_stat_statements that takes much of the time.
pub struct Hot {
    /// Its place among [`Known::all`].
    pub known: usize,
    /// It, its place being its row.
    pub written: Written,
}

/// Statements that are looked at without a plan: so many, those that take the most time in all first.
const MOST_HOT: usize = 50;
/// ms on average from which on a statement may be in want of an index.
const LEAST_MEAN: f64 = 5.0;

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
    let loaded = Loaded {
        sources,
        schema,
        plans: Vec::new(),
        queries: Vec::new(),
        statistics: Statistics::default(),
        hot: Vec::new(),
        problems,
    };
    let skip = root.as_deref();
    loaded.with_captures(base, paths, statistics, skip)
}

impl Loaded {
    /// Advises on all plans, queries and hot statements that were read.
    pub fn advice(&self) -> Advice {
        let sources = &self.sources;
        let catalog = self.schema.as_ref().map(|schema| schema.catalog.end());
        let version = self.schema.as_ref().map_or(17, |schema| schema.version);
        advise(&self.questions(), Knowledge { sources, catalog, statistics: &self.statistics, version })
    }

    /// What is asked: each plan (a query of the same file name is its text), each further query, each hot statement
    /// of pg_stat_statements that is neither.
    pub fn questions(&self) -> Vec<Question<'_>> {
        let known = Known::of(&self.statistics);
        let stem = |file| self.sources.file(file).name.rsplit_once('.').map_or("", |(stem, _)| stem);
        let names_of_queries = self.names(self.queries.iter().map(|query| query.file));
        let mut beside: FxHashMap<&str, usize> = FxHashMap::default();
        for (at, query) in self.queries.iter().enumerate() {
            beside.entry(stem(query.file)).or_insert(at);
        }
        let mut questions = Vec::new();
        let mut asked: FxHashSet<usize> = FxHashSet::default();
        let names = self.names(self.plans.iter().map(|plan| plan.file));
        for (plan, (name, alone)) in self.plans.iter().zip(names) {
            let query = beside.get(stem(plan.file)).copied().filter(|_| alone);
            asked.extend(query);
            let query = query.map(|at| &self.queries[at]);
            let text = plan.query.as_ref().map(|query| &*query.text).or(query.map(|it| self.sources.slice(it.span)));
            let question = Question::new(name, plan.span, Some(plan), query.and_then(|it| it.statement.kind.as_data()));
            questions.push(question.known_as(&known, known.find(plan.query_identifier, text)));
        }
        for (at, (query, (name, _))) in self.queries.iter().zip(names_of_queries).enumerate() {
            if !asked.contains(&at) {
                let question = Question::new(name, query.span, None, query.statement.kind.as_data());
                questions.push(question.known_as(&known, known.find(None, Some(self.sources.slice(query.span)))));
            }
        }
        let told: FxHashSet<usize> = questions.iter().filter_map(|question| question.known).collect();
        for hot in self.hot.iter().filter(|hot| !told.contains(&hot.known)) {
            let name = self.sources.place(hot.written.span);
            let question = Question::new(name, hot.written.span, None, hot.written.statement.kind.as_data());
            questions.push(question.known_as(&known, Some(hot.known)));
        }
        questions
    }

    /// What to call the things of these files: by the file, with a number where it has several; and whether it has one.
    fn names(&self, files: impl Iterator<Item = FileId> + Clone) -> Vec<(String, bool)> {
        let mut counts: FxHashMap<FileId, usize> = FxHashMap::default();
        files.clone().for_each(|file| *counts.entry(file).or_default() += 1);
        let mut seen: FxHashMap<FileId, usize> = FxHashMap::default();
        let name = |file: FileId| {
            let stem = self.sources.file(file).name.rsplit_once('.').map_or("", |(stem, _)| stem);
            let number = seen.entry(file).and_modify(|number| *number += 1).or_insert(1);
            let alone = counts[&file] == 1;
            (if alone { stem.to_owned() } else { format!("{stem}#{number}") }, alone)
        };
        files.map(name).collect()
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
        // Of what only lies in a folder nobody said that it is a capture.
        let named: Vec<PathBuf> = paths.iter().map(|path| base.join(path)).filter(|path| path.is_file()).collect();
        let mut captures: Vec<(FileId, bool)> = Vec::new();
        for path in &asked {
            let Some(file) = self.add(base, path) else { continue };
            match path.extension().is_some_and(|extension| extension == "sql") {
                true => self.add_queries(file),
                false => captures.push((file, named.contains(path))),
            }
        }
        for path in exports.iter().filter(|path| !asked.contains(path)) {
            if let Some(file) = self.add(base, path) {
                rows.extend(stats::read(file, &self.sources.file(file).text));
            }
        }
        let read = captures.into_par_iter().map(|(file, named)| {
            let (plans, rows, mut problems) = capture_or_export(&self.sources, file);
            if named && plans.is_empty() && rows.is_empty() && problems.is_empty() {
                problems.push(capture::no_plan(file, &self.sources.file(file).text));
            }
            (plans, rows, problems)
        });
        let read: Vec<_> = read.collect();
        for (plans, more, problems) in read {
            self.plans.extend(plans);
            rows.extend(more);
            self.problems.extend(problems);
        }
        self.statistics = Statistics::new(rows);
        self.hot = hot(&self.statistics);
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

fn hot(statistics: &Statistics) -> Vec<Hot> {
    let all = statistics.statements();
    let mut slow: Vec<usize> = (0..all.len()).filter(|&at| all[at].mean >= LEAST_MEAN).collect();
    slow.sort_by(|&a, &b| all[b].total.total_cmp(&all[a].total).then(a.cmp(&b)));
    let statement = |known: usize| {
        let origin = Origin::Elsewhere(all[known].row.span);
        let [statement] = <[Statement; 1]>::try_from(parse_statements(all[known].query, &origin).ok()?).ok()?;
        let written = written(all[known].row.span.file, &Arc::new(statement))?;
        Some(Hot { known, written: Written { span: all[known].row.span, ..written } })
    };
    slow.into_iter().take(MOST_HOT).filter_map(statement).collect()
}

fn written(file: FileId, statement: &Arc<Statement>) -> Option<Written> {
    statement.kind.as_data()?;
    Some(Written { file, statement: statement.clone(), span: statement.span })
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
