//! Captured plans with what was found in each, for those who compare and draw them.

use rayon::prelude::*;

use super::{Linted, Progress, Replayed, RulesById, by_id, check, finish, on_deep_threads, replay_all, settle};
use crate::capture::Plan;
use crate::catalog::{Catalog, CatalogAt};
use crate::finding::Finding;
use crate::project::{Request, Workspace};
use crate::rule::Rule;
use crate::source::FileId;

/// All plans of a request, judged by the rules.
pub struct Judged {
    /// The captures that hold plans, in the order of their file names.
    pub captures: Vec<JudgedCapture>,
    /// All else that was found: what could not be read, and what is wrong with the migrations where that was asked for.
    pub rest: Linted,
    empty: Catalog,
}

/// The plans of one file.
pub struct JudgedCapture {
    /// The file.
    pub file: FileId,
    /// In their order.
    pub plans: Vec<JudgedPlan>,
    project: Option<usize>,
}

/// A plan with what was found in it.
pub struct JudgedPlan {
    /// The plan.
    pub plan: Plan,
    /// In the order of their places.
    pub findings: Vec<Finding>,
}

impl Judged {
    /// The schema that the plans of a capture are about; empty where there are no migrations.
    pub fn catalog(&self, capture: &JudgedCapture) -> CatalogAt<'_> {
        capture.project.map_or(&self.empty, |project| &self.rest.catalogs[project]).end()
    }

    /// All plans, with the file of each.
    pub fn plans(&self) -> impl Iterator<Item = (&JudgedCapture, &JudgedPlan)> {
        self.captures.iter().flat_map(|capture| capture.plans.iter().map(move |plan| (capture, plan)))
    }
}

/// Reads and judges all plans of a request; the rules about migrations run where `with_schema` says so.
pub fn judge(request: &Request, rules: &[&Rule], with_schema: bool, progress: &Progress) -> Judged {
    on_deep_threads(|| {
        let mut replayed = replay_all(request, rules, progress);
        let Replayed { workspace, catalogs, earlier, findings, .. } = &mut replayed;
        if with_schema {
            for ((project, catalog), earlier) in workspace.projects.iter().zip(&*catalogs).zip(&*earlier) {
                let facts = check::rule_facts(workspace, project);
                findings.extend(check::migrations(workspace, project, facts, catalog, earlier, rules));
            }
        }
        let empty = Catalog::default();
        let ids = by_id(rules);
        let read = (0..workspace.captures.len()).into_par_iter().map(|at| {
            let project = workspace.captures[at].project;
            let judged = judge_one(workspace, at, project.map_or(&empty, |project| &catalogs[project]), rules, &ids);
            progress.advance();
            judged
        });
        let read: Vec<(Option<JudgedCapture>, Vec<Finding>)> = read.collect();
        let mut captures = Vec::with_capacity(read.len());
        for (capture, problems) in read {
            captures.extend(capture);
            findings.extend(problems);
        }
        captures.sort_by(|a, b| {
            let name = |capture: &JudgedCapture| &workspace.sources.file(capture.file).name;
            name(a).cmp(name(b))
        });
        Judged { captures, rest: finish(replayed, request, rules), empty }
    })
}

fn judge_one(
    workspace: &Workspace,
    at: usize,
    catalog: &Catalog,
    rules: &[&Rule],
    by_id: &RulesById<'_>,
) -> (Option<JudgedCapture>, Vec<Finding>) {
    let reading = match check::read(workspace, at) {
        Ok(reading) => reading,
        Err(failure) => return (None, vec![failure]),
    };
    let plans = reading.plans.into_iter().map(|plan| {
        let mut findings = check::plan_findings(workspace, catalog, &plan, rules);
        settle(workspace, by_id, &mut findings);
        findings.sort_by(|a, b| (a.span, a.rule, &a.message).cmp(&(b.span, b.rule, &b.message)));
        JudgedPlan { plan, findings }
    });
    let plans: Vec<JudgedPlan> = plans.collect();
    let capture = &workspace.captures[at];
    let found = (!plans.is_empty()).then_some(JudgedCapture { file: capture.file, plans, project: capture.project });
    (found, reading.problems)
}
