//! The pipeline: read, parse, replay, check, suppress, sort.
//!
//! Files are parsed and rules run in parallel; what comes out depends on the input alone.

mod advise;
mod check;
mod exact;
mod files;
mod guard;
mod jsonb;
mod load;
mod parse;
mod pending;
mod plans;
mod progress;
mod queries;
mod statistics;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::advisor::Advice;
use crate::capture;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::finding::{Finding, Severity};
use crate::migration::Target;
use crate::project::{Capture, FileState, Project, Request, Workspace, open};
use crate::report::Scope;
use crate::rule::{Check, Level, ProjectFacts, Rule};
use crate::source::{Encoding, FileId, SourceFile, Sources, Span};
use crate::suppress::Allows;

pub use guard::silence_guarded_panics;
pub use load::{Loaded, Schema, Written, load};
pub use plans::{Judged, JudgedCapture, JudgedPlan, judge};
pub use progress::Progress;

use files::ReplayedProject;
use pending::Earlier;

/// Deep SQL is legal, and both the parser and its reader recurse as deep as it is.
const STACK: usize = 64 << 20;

/// What came out of a run.
#[derive(Default)]
pub struct Linted {
    /// All texts.
    pub sources: Sources,
    /// The histories.
    pub projects: Vec<Project>,
    /// The catalog of each history; empty where the request does not need it.
    pub catalogs: Vec<Catalog>,
    /// Captured plans and the like.
    pub captures: Vec<Capture>,
    /// What is known of each file, by its id.
    pub files: Vec<FileState>,
    /// What the user may want to know of how files were chosen.
    pub notes: Vec<String>,
    /// What was found, in the order to show it.
    pub findings: Vec<Finding>,
    /// What Supabase's advisor would print, where that was asked for instead of our own findings.
    pub advice: Vec<Advice>,
    /// What was looked at.
    pub scope: Scope,
    /// Index of the history that each file is about.
    project_by_file: Vec<Option<usize>>,
    /// Something could not be read, or a rule failed: the job was not done in full.
    pub incomplete: bool,
}

impl Linted {
    /// The history that a finding is about: the one its file is part of, or that its plan was captured on.
    pub fn project_of(&self, finding: &Finding) -> Option<usize> {
        *self.project_by_file.get(finding.span.file.0 as usize)?
    }

    /// What a new migration of that history is written for.
    pub fn target(&self, project: usize) -> Target<'_> {
        Target { project: &self.projects[project], sources: &self.sources, catalog: self.catalogs[project].end() }
    }
}

/// Looks at all that a request means, with these rules.
pub fn lint(request: &Request, rules: &[&Rule], progress: &Progress) -> Linted {
    on_deep_threads(|| run(request, rules, progress))
}

/// Does work on threads whose stacks are deep enough.
fn on_deep_threads<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let threads = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    match threads {
        Ok(threads) => threads.install(work),
        // No thread can be made here: this one does it all.
        Err(_) => work(),
    }
}

/// Findings of rules that cannot be silenced by a directive.
const FIXED: &[&str] = &["internal_error", "invalid_allow", "invalid_config", "unused_allow"];

/// All files, and the catalogs that they make.
struct Replayed {
    workspace: Workspace,
    /// One for each project.
    catalogs: Vec<Catalog>,
    /// What the findings about each project are compared with.
    earlier: Vec<Earlier>,
    /// What went wrong on the way here.
    findings: Vec<Finding>,
}

/// Reads all files; the finding for each that cannot be read.
fn read_all(request: &Request, rules: &[&Rule], progress: &Progress) -> (Workspace, Vec<Finding>) {
    let mut workspace = open(request, rules);
    let mut findings = std::mem::take(&mut workspace.findings);
    progress.expect(workspace.sources.len());
    // No server reads a capture.
    let captures: FxHashSet<FileId> = workspace.captures.iter().map(|capture| capture.file).collect();
    let sent = workspace.sources.iter().filter(|(id, _)| !captures.contains(id));
    findings.extend(sent.filter_map(|(id, file)| not_utf8(id, file)));
    (workspace, findings)
}

/// Replays each history and hands it to `work`, history by history.
fn each_project<T: Send>(
    workspace: &Workspace,
    progress: &Progress,
    work: impl Fn(usize, ReplayedProject) -> T + Sync,
) -> Vec<T> {
    let one = |at: usize| work(at, files::replay_project(workspace, &workspace.projects[at], progress));
    (0..workspace.projects.len()).into_par_iter().map(one).collect()
}

fn replay_all(request: &Request, rules: &[&Rule], progress: &Progress) -> Replayed {
    let (workspace, mut findings) = read_all(request, rules, progress);
    findings.extend(files::loose(&workspace, progress).1);
    let (mut catalogs, mut earlier) = (Vec::new(), Vec::new());
    for project in each_project(&workspace, progress, |_, project| project) {
        catalogs.push(project.catalog);
        earlier.push(project.earlier);
        findings.extend(project.findings);
    }
    Replayed { workspace, catalogs, earlier, findings }
}

fn run(request: &Request, rules: &[&Rule], progress: &Progress) -> Linted {
    if request.advisors {
        let mut replayed = replay_all(request, rules, progress);
        let (advice, failures) = advise::advice(&replayed.workspace, &replayed.catalogs, rules);
        replayed.findings.extend(failures);
        return Linted { advice, ..finish(replayed, request, rules) };
    }
    let (workspace, mut findings) = read_all(request, rules, progress);
    let (loose, problems) = files::loose(&workspace, progress);
    findings.extend(problems);
    let looked = each_project(&workspace, progress, |at, project| {
        let ReplayedProject { catalog, earlier, mut findings } = project;
        let exported = statistics::exported(&workspace, Some(at));
        let facts = check::rule_facts(&workspace, &workspace.projects[at]).with_sizes(exported.table_sizes());
        let jsonb = jsonb::questions(&workspace, at, &catalog, &loose, &exported);
        let facts = ProjectFacts { jsonb, ..facts };
        findings.extend(check::migrations(&workspace, &workspace.projects[at], facts, &catalog, &earlier, rules));
        findings.extend(queries::queries(&workspace, at, &catalog, &loose, rules));
        findings.extend(statistics::statistics(&workspace, &catalog, exported, rules));
        findings.extend(check::captures(&workspace, Some(at), &catalog, rules, progress));
        // The next history needs the room.
        (if request.drops_catalogs { Catalog::default() } else { catalog }, findings)
    });
    let nothing = Catalog::default();
    findings.extend(statistics::statistics(&workspace, &nothing, statistics::exported(&workspace, None), rules));
    findings.extend(check::captures(&workspace, None, &nothing, rules, progress));
    let (catalogs, found): (Vec<Catalog>, Vec<Vec<Finding>>) = looked.into_iter().unzip();
    findings.extend(found.into_iter().flatten());
    finish(Replayed { workspace, catalogs, earlier: Vec::new(), findings }, request, rules)
}

/// Levels, directives, order: from what was found to what is said.
fn finish(replayed: Replayed, request: &Request, rules: &[&Rule]) -> Linted {
    let Replayed { workspace, catalogs, mut findings, .. } = replayed;
    let by_id = by_id(rules);
    settle(&workspace, &by_id, &mut findings);
    // Directives silence our rules; without their findings each would seem unused.
    let findings = if request.advisors { findings } else { suppress(&workspace, rules, &by_id, findings) };
    let scope = scope(&workspace);
    let findings = in_order(&workspace.sources, findings);
    let incomplete = findings.iter().any(|finding| {
        let broken = ["internal_error", "invalid_config", "unreadable_file"].contains(&finding.rule);
        broken && finding.severity == Severity::Error
    });
    let project_by_file = project_by_file(&workspace);
    let Workspace { sources, projects, captures, files, notes, .. } = workspace;
    Linted {
        sources,
        projects,
        catalogs,
        captures,
        files,
        notes,
        findings,
        advice: Vec::new(),
        scope,
        project_by_file,
        incomplete,
    }
}

/// The rules, by what findings call them.
type RulesById<'r> = FxHashMap<&'static str, &'r Rule>;

fn by_id<'r>(rules: &[&'r Rule]) -> RulesById<'r> {
    rules.iter().map(|rule| (rule.id, *rule)).collect()
}

/// Keeps what is told, with the severity that configuration asks for.
fn settle(workspace: &Workspace, rules: &RulesById<'_>, findings: &mut Vec<Finding>) {
    findings.retain_mut(|finding| is_reported(workspace, rules, finding) && apply_level(workspace, rules, finding));
}

/// The finding for a file that is not UTF-8.
fn not_utf8(id: FileId, file: &SourceFile) -> Option<Finding> {
    let (message, at) = match file.encoding {
        Encoding::Utf8 { .. } => return None,
        Encoding::Utf16 => ("the file is UTF-16; the server takes UTF-8", None),
        Encoding::Damaged { first } => ("the file is not UTF-8", Some(first)),
        Encoding::Binary => ("the file is no text", None),
    };
    let byte = at.and_then(|at| file.text[at as usize..].chars().next().map(|c| (at, c)));
    let (start, end) = byte.map_or((0, 0), |(at, c)| (at, at + c.len_utf8() as u32));
    let mut finding = Finding::new("not_utf8", Span::new(id, start, end), message);
    finding.label(match byte {
        Some((_, ' ')) => "a NUL byte, which ends the text for the server",
        Some(_) => "this byte is no UTF-8",
        None => "",
    });
    finding.severity = Severity::Error;
    Some(finding)
}

/// Whether a finding is told: its file was asked for and, unless it is about the schema, is not applied.
fn is_reported(workspace: &Workspace, rules: &RulesById<'_>, finding: &Finding) -> bool {
    if finding.span.is_none() {
        return true;
    }
    // What the pending files do to the schema shows in other files too, and was sorted out before.
    let is_schema = || rules.get(finding.rule).is_some_and(|rule| matches!(rule.check, Check::Schema(_)));
    let always = ["internal_error", "invalid_config", "unreadable_file"].contains(&finding.rule);
    let state = workspace.files[finding.span.file.0 as usize];
    state.reported && (always || workspace.is_looked_at(finding.span.file) || is_schema())
}

/// Gives the finding the severity that configuration asks for; false where its rule is off.
fn apply_level(workspace: &Workspace, rules: &RulesById<'_>, finding: &mut Finding) -> bool {
    let Some(rule) = rules.get(finding.rule) else { return true };
    match level(workspace, rule, finding.span) {
        Level::Off => false,
        Level::At(wanted) => {
            let usual = match rule.default_level() {
                Level::At(usual) => usual,
                Level::Off => wanted,
            };
            // A finding that differs from its rule's usual severity keeps its own, unless less is asked for.
            finding.severity = if finding.severity == usual {
                wanted
            } else if wanted < usual {
                finding.severity.min(wanted)
            } else {
                finding.severity
            };
            true
        }
    }
}

fn level(workspace: &Workspace, rule: &Rule, span: Span) -> Level {
    let config: Option<&Config> = if span.is_none() { None } else { workspace.config_of(span.file) };
    let path = || &workspace.sources.file(span.file).path;
    config.map_or_else(|| rule.default_level(), |config| config.level(rule, path()))
}

fn suppress(workspace: &Workspace, rules: &[&Rule], by_id: &RulesById<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut allows: FxHashMap<FileId, Allows> = sql_files(workspace)
        .filter(|&file| workspace.files[file.0 as usize].reported)
        .filter_map(|file| Some((file, Allows::read(file, &workspace.sources.file(file).text, rules)?)))
        .collect();
    if allows.is_empty() {
        return findings;
    }
    findings.retain(|finding| {
        let allows = allows.get_mut(&finding.span.file).filter(|_| !FIXED.contains(&finding.rule));
        !allows.is_some_and(|allows| allows.silence(finding))
    });
    allows.retain(|&file, _| workspace.is_looked_at(file));
    for allows in allows.into_values() {
        let is_on = |id: &str, span: Span| by_id.get(id).is_some_and(|rule| level(workspace, rule, span) != Level::Off);
        let mut mistakes = allows.into_findings(is_on);
        mistakes.retain_mut(|finding| apply_level(workspace, by_id, finding));
        findings.extend(mistakes);
    }
    findings
}

fn sql_files(workspace: &Workspace) -> impl Iterator<Item = FileId> {
    let migrations = workspace.projects.iter().flat_map(|project| &project.migrations);
    migrations.map(|migration| migration.file).chain(workspace.loose.iter().copied())
}

fn project_by_file(workspace: &Workspace) -> Vec<Option<usize>> {
    let mut by_file = vec![None; workspace.files.len()];
    for capture in &workspace.captures {
        by_file[capture.file.0 as usize] = capture.project;
    }
    for (at, project) in workspace.projects.iter().enumerate().rev() {
        project.migrations.iter().for_each(|migration| by_file[migration.file.0 as usize] = Some(at));
    }
    by_file
}

fn scope(workspace: &Workspace) -> Scope {
    let is_reported = |file: FileId| workspace.files[file.0 as usize].reported;
    let knows_pending = !workspace.applied_too && workspace.projects.iter().any(|project| project.knows_pending);
    let migrations = workspace.projects.iter().flat_map(|project| &project.migrations);
    Scope {
        migrations: migrations.clone().filter(|migration| is_reported(migration.file)).count(),
        pending: knows_pending.then(|| migrations.filter(|migration| workspace.is_looked_at(migration.file)).count()),
        plans: workspace.captures.iter().filter(|capture| is_reported(capture.file)).count(),
        queries: workspace.loose.iter().filter(|&&file| is_reported(file)).count(),
        ..Scope::default()
    }
}

/// By file name, place, rule; what is said twice is said once.
fn in_order(sources: &Sources, mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut names: Vec<(&str, FileId)> = sources.iter().map(|(id, file)| (file.name.as_str(), id)).collect();
    names.sort_unstable();
    let mut rank = vec![0u32; names.len()];
    for (place, (_, id)) in names.iter().enumerate() {
        rank[id.0 as usize] = place as u32 + 1;
    }
    let rank = |span: Span| if span.is_none() { 0 } else { rank[span.file.0 as usize] };
    findings.sort_by(|a, b| {
        let place = |finding: &Finding| (rank(finding.span), finding.span.start, finding.span.end);
        place(a).cmp(&place(b)).then_with(|| a.rule.cmp(b.rule)).then_with(|| a.message.cmp(&b.message))
    });
    findings.dedup();
    findings
}

/// The plans of a capture, with what could not be read.
fn read_capture(workspace: &Workspace, at: usize) -> capture::Reading {
    let found = &workspace.captures[at];
    let file = workspace.sources.file(found.file);
    if statistics::holds_statistics(&file.text, found.file) {
        return capture::Reading::default();
    }
    let mut reading = capture::read(found.file, &file.text);
    let holds_none = reading.plans.is_empty() && reading.problems.is_empty();
    // JSON that was only met on the way need not be a plan.
    if holds_none && found.certain && file.encoding != Encoding::Binary {
        reading.problems.push(capture::no_plan(found.file, &file.text));
    }
    if let Some(query) = found.query {
        capture::query_beside(&mut reading.plans, query, &workspace.sources.file(query).text);
    }
    reading
}
