//! All runs of one statement.

use crate::finding::Finding;

use super::Run;
use super::changes::{PlanChange, PlanKind, changes, kinds};

/// What a log tells of one statement.
pub struct StatementHistory<'a> {
    /// The statement without its constants.
    pub query: String,
    /// Its runs in their order.
    pub runs: Vec<Run<'a>>,
    /// ms of all runs.
    pub total: f64,
    /// ms of one run.
    pub mean: f64,
    /// ms that 95 of 100 runs did not exceed.
    pub p95: f64,
    /// ms of the longest run.
    pub longest: f64,
    /// The different plans it ran with, in the order of their first run.
    pub plans: Vec<PlanKind<'a>>,
    /// When it went from one to another.
    pub changes: Vec<PlanChange<'a>>,
    /// What was found in the plan that took most time.
    pub findings: Vec<&'a Finding>,
}

impl<'a> StatementHistory<'a> {
    pub(super) fn of(query: String, runs: Vec<Run<'a>>) -> StatementHistory<'a> {
        let mut durations: Vec<f64> = runs.iter().map(|run| run.duration).collect();
        durations.sort_by(f64::total_cmp);
        let total: f64 = durations.iter().sum();
        let (plans, of_runs) = kinds(&runs);
        let changes = changes(&plans, &of_runs, &runs);
        let worst = plans.iter().max_by(|one, other| one.total.total_cmp(&other.total));
        let findings = worst.map(|kind| kind.longest.judged.findings.iter().collect()).unwrap_or_default();
        StatementHistory {
            query,
            total,
            mean: total / durations.len().max(1) as f64,
            p95: durations.get((durations.len() * 95).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0.0),
            longest: durations.last().copied().unwrap_or(0.0),
            plans,
            changes,
            findings,
            runs,
        }
    }

    /// Whether it goes to and fro between plans it had before.
    pub fn alternates(&self) -> bool {
        self.changes.len() >= 3 && self.changes.len() > self.plans.len()
    }

    /// ms that plans which are slower than the best took more than it would have.
    pub fn extra(&self) -> f64 {
        self.changes.iter().map(|change| change.extra.max(0.0)).sum()
    }
}
