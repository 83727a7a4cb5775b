//! Runs the rules.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Progress;
use super::guard::guarded;
use super::pending::{Earlier, keep_new};
use crate::capture::{Plan, PlanSettings, Reading};
use crate::catalog::{Catalog, Executed, ObjectId};
use crate::effects::{Effects, effects};
use crate::finding::{Finding, Severity};
use crate::project::{Project, Workspace};
use crate::rule::{Check, HeldLock, Level, PlanContext, ProjectFacts, Report, Rule, SchemaContext, StatementContext};
use crate::source::{FileId, Span};
use crate::syntax::{LockMode, Name};

/// What the rules about statements and schemas find.
pub fn migrations(workspace: &Workspace, catalogs: &[Catalog], earlier: &[Earlier], rules: &[&Rule]) -> Vec<Finding> {
    let replayed = workspace.projects.iter().zip(catalogs);
    let effects: Vec<_> = replayed.clone().map(|(project, catalog)| effects_of(workspace, project, catalog)).collect();
    let runs = replayed.zip(&effects).zip(earlier).flat_map(|(((project, catalog), effects), earlier)| {
        let wanted = rules.iter().filter(|rule| {
            matches!(rule.check, Check::Statement(_) | Check::Schema(_))
                && workspace.configs[project.config].may_run(rule)
        });
        wanted.map(move |rule| ((project, catalog, &effects[..], earlier), *rule))
    });
    let runs: Vec<_> = runs.collect();
    let found: Vec<Vec<Finding>> = runs.into_par_iter().map(|(of, rule)| run_rule(workspace, of, rule)).collect();
    found.concat()
}

/// A statement to report on.
struct Done<'c> {
    executed: &'c Executed,
    effects: Effects,
    /// The locks of its transaction, and how many of them were taken before it.
    held: Arc<[HeldLock]>,
    before: usize,
}

/// The statements to report on, with what each does to a live server.
fn effects_of<'c>(workspace: &Workspace, project: &Project, catalog: &'c Catalog) -> Vec<Done<'c>> {
    let asked = |executed: &&Executed| workspace.is_looked_at(executed.file) && !executed.rolled_back;
    let version = project.facts.server.version;
    let statements: Vec<&Executed> = catalog.statements().iter().filter(asked).collect();
    let effects: Vec<(&Executed, Effects)> =
        statements.into_par_iter().map(|executed| (executed, effects(catalog, executed, version))).collect();
    let mut done = Vec::with_capacity(effects.len());
    let mut rest = effects.into_iter().peekable();
    while let Some(transaction) = rest.peek().map(|(executed, _)| executed.transaction) {
        let of_one = std::iter::from_fn(|| rest.next_if(|(executed, _)| executed.transaction == transaction));
        done.extend(with_locks(of_one.collect()));
    }
    done
}

/// The statements of one transaction with the locks that they find held.
fn with_locks(statements: Vec<(&Executed, Effects)>) -> impl Iterator<Item = Done<'_>> {
    let mut strongest: FxHashMap<ObjectId, LockMode> = FxHashMap::default();
    let mut taken = Vec::new();
    let mut before = Vec::with_capacity(statements.len());
    for (executed, effects) in &statements {
        before.push(taken.len());
        for (&relation, &mode) in &effects.locks {
            let known = strongest.get(&relation).is_some_and(|&held| held >= mode);
            if !known {
                strongest.insert(relation, mode);
                taken.push(HeldLock { relation, mode, by: executed.id });
            }
        }
    }
    let held: Arc<[HeldLock]> = taken.into();
    let statements = statements.into_iter().zip(before);
    statements.map(move |((executed, effects), before)| Done { executed, effects, held: held.clone(), before })
}

fn run_rule(
    workspace: &Workspace,
    (project, catalog, done, earlier): (&Project, &Catalog, &[Done<'_>], &Earlier),
    rule: &Rule,
) -> Vec<Finding> {
    let place = project.migrations.first().map_or(Span::NONE, |first| Span::new(first.file, 0, 0));
    let mut report = report_of(rule);
    let mut findings = Vec::new();
    let sources = &workspace.sources;
    let run = || match rule.check {
        Check::Statement(check) => {
            let facts = rule_facts(workspace, project);
            for Done { executed, effects, held, before: known } in done {
                let (before, after) = (catalog.before(executed.id), catalog.after(executed.id));
                let (facts, held) = (&facts, &held[..*known]);
                check(&StatementContext { sources, executed, before, after, effects, held, facts }, &mut report);
            }
        }
        Check::Schema(check) => {
            let facts = rule_facts(workspace, project);
            let mut look = |catalog: &Catalog| {
                check(&SchemaContext { sources, catalog: catalog.end(), facts: &facts }, &mut report);
                report.take_findings()
            };
            findings = match earlier {
                Earlier::Nothing => look(catalog),
                Earlier::Everything => Vec::new(),
                Earlier::Applied(before) => {
                    let mut findings = look(catalog);
                    keep_new(workspace, &mut findings, &look(before));
                    findings
                }
            };
        }
        Check::Query(_) | Check::Plan(_) | Check::Stats(_) | Check::Engine => {}
    };
    let failure = guarded(&format!("rule {}", rule.id), place, run).err();
    findings.extend(report.into_findings());
    findings.extend(failure);
    findings
}

pub(super) fn report_of(rule: &Rule) -> Report {
    let severity = match rule.default_level() {
        Level::At(severity) => severity,
        Level::Off => Severity::Warning,
    };
    Report::new(rule.id, severity)
}

pub fn rule_facts(workspace: &Workspace, project: &Project) -> ProjectFacts {
    let facts = &project.facts;
    let is_pending = |file: &FileId| project.knows_pending && workspace.files[file.0 as usize].pending;
    let mut unreleased: Vec<FileId> = project.migrations.iter().map(|it| it.file).filter(is_pending).collect();
    unreleased.sort_unstable();
    ProjectFacts {
        unreleased,
        server_version: facts.server.version,
        supabase: facts.server.platform != crate::catalog::replay::Platform::Plain,
        roles: facts.roles.iter().map(|role| Name::from(role.as_str())).collect(),
        opt_out: facts.opt_out,
        sizes: facts.sizes.clone(),
        exposed_schemas: facts.api_schemas.iter().map(|schema| Name::from(schema.as_str())).collect(),
    }
}

/// What the rules about plans find, and what could not be read.
pub fn captures(workspace: &Workspace, catalogs: &[Catalog], rules: &[&Rule], progress: &Progress) -> Vec<Finding> {
    let empty = Catalog::default();
    let found = (0..workspace.captures.len()).into_par_iter().map(|at| {
        let capture = workspace.captures[at];
        let catalog = capture.project.map_or(&empty, |project| &catalogs[project]);
        let findings = one_capture(workspace, at, catalog, rules);
        progress.advance();
        findings
    });
    let found: Vec<Vec<Finding>> = found.collect();
    found.concat()
}

fn one_capture(workspace: &Workspace, at: usize, catalog: &Catalog, rules: &[&Rule]) -> Vec<Finding> {
    let reading = match read(workspace, at) {
        Ok(reading) => reading,
        Err(failure) => return vec![failure],
    };
    let mut findings = reading.problems;
    findings.extend(reading.plans.iter().flat_map(|plan| plan_findings(workspace, catalog, plan, rules)));
    findings
}

/// Reads a capture.
pub fn read(workspace: &Workspace, at: usize) -> Result<Reading, Finding> {
    let place = Span::new(workspace.captures[at].file, 0, 0);
    guarded("reading this file", place, || super::read_capture(workspace, at))
}

/// What the rules find in one plan.
pub fn plan_findings(workspace: &Workspace, catalog: &Catalog, plan: &Plan, rules: &[&Rule]) -> Vec<Finding> {
    let config = workspace.config_of(plan.file);
    let usual = PlanSettings::default();
    let settings = config.map_or(&usual, |config| &config.plan);
    let context = PlanContext { sources: &workspace.sources, catalog: catalog.end(), plan, settings };
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| config.is_none_or(|config| config.may_run(rule))) {
        let Check::Plan(check) = rule.check else { continue };
        let mut report = report_of(rule);
        let failure = guarded(&format!("rule {}", rule.id), plan.span, || check(&context, &mut report)).err();
        findings.extend(failure);
        findings.extend(report.into_findings());
    }
    findings
}
