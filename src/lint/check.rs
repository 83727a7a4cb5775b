//! Runs the rules.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Progress;
use super::guard::guarded;
use super::pending::{Earlier, keep_new};
use crate::capture::{Plan, PlanSettings, Reading};
use crate::catalog::{Catalog, CatalogAt, Executed, ObjectId};
use crate::effects::{Effects, effects};
use crate::finding::{Finding, Severity};
use crate::project::{Project, Workspace, clashes};
use crate::rule::{
    Check, HeldLock, JsonbQuestions, Level, PlanContext, ProjectFacts, Report, Rule, SchemaContext, StatementContext,
};
use crate::source::{FileId, Span};
use crate::syntax::{LockMode, Name, ObjectKind, ObjectName, ObjectRef, QualifiedName, StatementKind};

/// So many statements are looked at before what they do to a live server is forgotten again: few enough to stay in the
/// processor's cache while rule after rule goes over them.
const BLOCK: usize = 512;

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
    let mut found: Vec<Finding> = of_schema.into_iter().flatten().collect();
    let mut running: Vec<Running<'_>> = rules.iter().filter_map(|rule| Running::new(rule)).collect();
    let asked = |executed: &&Executed| workspace.is_looked_at(executed.file) && !executed.rolled_back;
    let statements: Vec<&Executed> = catalog.statements().iter().filter(asked).collect();
    let mut rest = &statements[..];
    while !rest.is_empty() {
        let (block, after) = rest.split_at(end_of_block(rest));
        rest = after;
        let block = look.effects_of(block);
        let contexts: Vec<_> = block.iter().map(|done| (done, look.context(done))).collect();
        let failures: Vec<Option<Finding>> =
            running.par_iter_mut().map(|running| look.at_statements(running, &contexts)).collect();
        found.extend(failures.into_iter().flatten());
    }
    found.extend(running.into_iter().flat_map(|running| running.report.into_findings()));
    super::exact::keep(&mut found, catalog);
    found
}

/// A rule about statements on its way through the history.
struct Running<'r> {
    rule: &'r Rule,
    check: fn(&StatementContext<'_>, &mut Report),
    report: Report,
}

impl<'r> Running<'r> {
    fn new(rule: &'r Rule) -> Option<Running<'r>> {
        let Check::Statement(check) = rule.check else { return None };
        Some(Running { rule, check, report: report_of(rule) })
    }
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
    /// The statement of a file that it is, or that ran it.
    outermost: Span,
    /// The table that it names.
    table: Option<ObjectId>,
    changed: Vec<ObjectId>,
    effects: Effects,
    /// The locks of its transaction, and how many of them were taken before it.
    held: Arc<[HeldLock]>,
    before: usize,
}

/// The one table that a statement is about.
fn table_named(before: CatalogAt<'_>, executed: &Executed) -> Option<ObjectId> {
    let name = match &executed.statement.kind {
        StatementKind::AlterTable(alter) => &alter.relation.name,
        StatementKind::CreateIndex(create) => &create.relation.name,
        StatementKind::Insert(insert) => &insert.relation.name,
        StatementKind::Update(update) => &update.relation.name,
        StatementKind::Delete(delete) => &delete.relation.name,
        StatementKind::Rename(rename) => name_of_relation(&rename.object)?,
        StatementKind::Drop(drop) => match &drop.objects[..] {
            [only] => name_of_relation(only)?,
            _ => return None,
        },
        _ => return None,
    };
    let id = before.relation_along(&executed.search_path, name)?;
    let index = before.get(id).and_then(|object| object.as_index());
    Some(index.map_or(id, |index| index.table))
}

fn name_of_relation(object: &ObjectRef) -> Option<&QualifiedName> {
    match &object.name {
        ObjectName::OfRelation { relation, .. } => Some(relation),
        ObjectName::Qualified(name) if matches!(object.kind, ObjectKind::Table | ObjectKind::Index) => Some(name),
        _ => None,
    }
}

/// Tells the statements of one transaction which locks they find held.
fn hold_locks(transaction: &mut [Done<'_>]) {
    let mut strongest: FxHashMap<ObjectId, LockMode> = FxHashMap::default();
    let mut taken = Vec::new();
    for done in &mut *transaction {
        done.before = taken.len();
        for (&relation, &mode) in &done.effects.locks {
            let known = strongest.get(&relation).is_some_and(|&held| held >= mode);
            if !known {
                strongest.insert(relation, mode);
                taken.push(HeldLock { relation, mode, by: done.executed.id });
            }
        }
    }
    let held: Arc<[HeldLock]> = taken.into();
    transaction.iter_mut().for_each(|done| done.held = held.clone());
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
        let nothing: Arc<[HeldLock]> = Arc::default();
        let done = |executed: &&'a Executed| Done {
            executed,
            outermost: self.catalog.outermost(executed).statement.span,
            table: table_named(self.catalog.before(executed.id), executed),
            changed: self.catalog.changed_in(executed.id).collect(),
            effects: effects(self.catalog, executed, version),
            held: nothing.clone(),
            before: 0,
        };
        let mut all: Vec<Done<'a>> = statements.par_iter().map(done).collect();
        all.chunk_by_mut(|one, next| one.executed.transaction == next.executed.transaction).for_each(hold_locks);
        all
    }

    /// What rules are told of a statement.
    fn context<'d>(&'d self, done: &'d Done<'a>) -> StatementContext<'d> {
        let Done { executed, changed, effects, held, .. } = done;
        StatementContext {
            sources: &self.workspace.sources,
            executed,
            before: self.catalog.before(executed.id),
            after: self.catalog.after(executed.id),
            changed,
            effects,
            held: &held[..done.before],
            altered: None,
            facts: &self.facts,
        }
        .with_altered()
    }

    /// Runs a rule over statements; the finding that says so where it fails.
    fn at_statements(
        &self,
        running: &mut Running<'_>,
        statements: &[(&Done<'_>, StatementContext<'_>)],
    ) -> Option<Finding> {
        let Running { rule, check, report } = running;
        self.guarded(rule, || {
            for (done, context) in statements {
                report.runs(done.outermost, done.table);
                check(context, report);
            }
        })
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
        jsonb: JsonbQuestions::default(),
        titles_only: workspace.titles_only,
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
    found.into_iter().flatten().collect()
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
