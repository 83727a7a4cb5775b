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
use crate::project::{Project, Workspace, clashes};
use crate::rule::{Check, HeldLock, Level, PlanContext, ProjectFacts, Report, Rule, SchemaContext, StatementContext};
use crate::source::{FileId, Span};
use crate::syntax::{LockMode, Name};

/// So many statements are looked at before what they do to a live server is forgotten again.
const BLOCK: usize = 1024;

/// What the rules about statements and schemas find in one history.
pub fn migrations(
    workspace: &Workspace,
    project: &Project,
    facts: ProjectFacts,
    catalog: &Catalog,
    earlier: &Earlier,
    rules: &[&Rule],
) -> Vec<Finding> {
    let config = &workspace.configs[project.config];
    let rules: Vec<&Rule> = rules.iter().copied().filter(|rule| config.may_run(rule)).collect();
    let look = Look { workspace, project, catalog, facts };
    let of_schema: Vec<Vec<Finding>> = rules.par_iter().map(|rule| look.at_schema(rule, earlier)).collect();
    let mut found = of_schema.concat();
    let asked = |executed: &&Executed| workspace.is_looked_at(executed.file) && !executed.rolled_back;
    let statements: Vec<&Executed> = catalog.statements().iter().filter(asked).collect();
    let mut rest = &statements[..];
    while !rest.is_empty() {
        let (block, after) = rest.split_at(end_of_block(rest));
        rest = after;
        let block = look.effects_of(block);
        let of_block: Vec<Vec<Finding>> = rules.par_iter().map(|rule| look.at_statements(rule, &block)).collect();
        found.extend(of_block.into_iter().flatten());
    }
    found
}

/// Where a block of whole transactions ends.
fn end_of_block(statements: &[&Executed]) -> usize {
    let Some(last) = statements.get(BLOCK - 1) else { return statements.len() };
    let same = |executed: &&&Executed| executed.transaction == last.transaction;
    BLOCK + statements[BLOCK..].iter().take_while(same).count()
}

/// A statement to report on.
struct Done<'c> {
    executed: &'c Executed,
    effects: Effects,
    /// The locks of its transaction, and how many of them were taken before it.
    held: Arc<[HeldLock]>,
    before: usize,
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

/// What rules about one history are told.
struct Look<'a> {
    workspace: &'a Workspace,
    project: &'a Project,
    catalog: &'a Catalog,
    facts: ProjectFacts,
}

impl<'a> Look<'a> {
    /// Whole transactions, with what each statement does to a live server.
    fn effects_of(&self, statements: &[&'a Executed]) -> Vec<Done<'a>> {
        let version = self.project.facts.server.version;
        let effects: Vec<(&Executed, Effects)> =
            statements.par_iter().map(|executed| (*executed, effects(self.catalog, executed, version))).collect();
        let mut done = Vec::with_capacity(effects.len());
        let mut rest = effects.into_iter().peekable();
        while let Some(transaction) = rest.peek().map(|(executed, _)| executed.transaction) {
            let of_one = std::iter::from_fn(|| rest.next_if(|(executed, _)| executed.transaction == transaction));
            done.extend(with_locks(of_one.collect()));
        }
        done
    }

    fn at_statements(&self, rule: &Rule, statements: &[Done<'_>]) -> Vec<Finding> {
        let Check::Statement(check) = rule.check else { return Vec::new() };
        let mut report = report_of(rule);
        let failure = self.guarded(rule, || {
            let (sources, facts) = (&self.workspace.sources, &self.facts);
            for Done { executed, effects, held, before: known } in statements {
                let (before, after) = (self.catalog.before(executed.id), self.catalog.after(executed.id));
                let held = &held[..*known];
                report.runs(self.catalog.outermost(executed).statement.span);
                check(&StatementContext { sources, executed, before, after, effects, held, facts }, &mut report);
            }
        });
        let mut findings = report.into_findings();
        findings.extend(failure);
        findings
    }

    fn at_schema(&self, rule: &Rule, earlier: &Earlier) -> Vec<Finding> {
        let Check::Schema(check) = rule.check else { return Vec::new() };
        let mut report = report_of(rule);
        let mut findings = Vec::new();
        let failure = self.guarded(rule, || {
            let (sources, facts) = (&self.workspace.sources, &self.facts);
            let mut look = |catalog: &Catalog| {
                check(&SchemaContext { sources, catalog: catalog.end(), facts }, &mut report);
                report.take_findings()
            };
            findings = match earlier {
                Earlier::Nothing => look(self.catalog),
                Earlier::Everything => Vec::new(),
                Earlier::Applied(before) => {
                    let mut findings = look(self.catalog);
                    keep_new(self.workspace, &mut findings, &look(before));
                    findings
                }
            };
        });
        findings.extend(report.into_findings());
        findings.extend(failure);
        findings
    }

    /// Runs a rule; the finding that says so where it fails.
    fn guarded(&self, rule: &Rule, work: impl FnOnce()) -> Option<Finding> {
        let place = self.project.migrations.first().map_or(Span::NONE, |first| Span::new(first.file, 0, 0));
        guarded(format_args!("rule {}", rule.id), place, work).err()
    }
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
        clashes: clashes(&project.migrations, facts.runner.late(), |file| is_pending(&file)),
        unreleased,
        server_version: facts.server.version,
        supabase: facts.server.platform != crate::catalog::replay::Platform::Plain,
        roles: facts.roles.iter().map(|role| Name::from(role.as_str())).collect(),
        opt_out: facts.opt_out,
        sizes: facts.sizes.clone(),
        exposed_schemas: facts.api_schemas.iter().map(|schema| Name::from(schema.as_str())).collect(),
    }
}

/// What the rules about plans find in the captures about a project (`None`: about none), and what could not be read.
pub fn captures(
    workspace: &Workspace,
    project: Option<usize>,
    catalog: &Catalog,
    rules: &[&Rule],
    progress: &Progress,
) -> Vec<Finding> {
    let of_project: Vec<usize> =
        (0..workspace.captures.len()).filter(|&at| workspace.captures[at].project == project).collect();
    let found = of_project.into_par_iter().map(|at| {
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
        let failure = guarded(format_args!("rule {}", rule.id), plan.span, || check(&context, &mut report)).err();
        findings.extend(failure);
        findings.extend(report.into_findings());
    }
    findings
}
