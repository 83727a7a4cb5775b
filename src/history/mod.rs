//! What a log of auto_explain tells of days of work: which statements cost most, when a plan changed and how, and
//! which statements an application runs in a loop.

mod batch;
mod changes;
mod json;
mod loops;
mod statement;
mod text;
mod time;

pub use batch::batched;
pub use changes::{PlanChange, PlanKind};
pub use json::write as write_json;
pub use loops::StatementLoop;
pub use statement::StatementHistory;
pub use text::write as write_text;

use rustc_hash::FxHashMap;

use crate::catalog::CatalogAt;
use crate::compare::normal;
use crate::lint::{Judged, JudgedPlan};
use crate::source::Sources;

/// What a log tells.
pub struct History<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// The statements, those that took most time first.
    pub statements: Vec<StatementHistory<'a>>,
    /// Statements that one session ran again and again.
    pub loops: Vec<StatementLoop<'a>>,
    /// How many runs were read.
    pub runs: usize,
    /// ms that they took.
    pub total: f64,
    /// The first and the last time stamp, as printed.
    pub period: Option<(&'a str, &'a str)>,
}

/// One logged run of a statement.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The plan with its findings.
    pub judged: &'a JudgedPlan,
    /// Index of the statement in order of first appearance.
    pub(crate) statement: usize,
    /// ms since 1970, where the time stamp can be read.
    pub(crate) at: Option<i64>,
    /// The time stamp as printed.
    pub timestamp: &'a str,
    /// The connection.
    pub session: &'a str,
    /// ms.
    pub duration: f64,
    /// The schema that the plan is about.
    pub(crate) catalog: CatalogAt<'a>,
}

impl<'a> Run<'a> {
    /// The statement as it was logged, without the PREPARE that made it.
    pub fn text(&self) -> &'a str {
        self.judged.plan.query.as_ref().map_or("", |query| query.text[normal::prepared(&query.text)..].trim_start())
    }
}

/// Tells what the logged plans tell. Plans that come from no log have no time and are left out.
pub fn history(judged: &Judged) -> History<'_> {
    let mut numbers: FxHashMap<String, usize> = FxHashMap::default();
    let mut runs: Vec<Run<'_>> = Vec::new();
    for (capture, plan) in judged.plans() {
        let Some(log) = &plan.plan.log else { continue };
        let query = plan.plan.query.as_ref().map(|query| normal::query(&query.text));
        let query = query.unwrap_or_else(|| crate::compare::shape::tree(&plan.plan).join("\n"));
        let next = numbers.len();
        let statement = *numbers.entry(query).or_insert(next);
        runs.push(Run {
            judged: plan,
            statement,
            at: time::milliseconds(&log.timestamp),
            timestamp: &log.timestamp,
            session: &log.session,
            duration: log.duration,
            catalog: judged.catalog(capture),
        });
    }
    // Several files may overlap; within one the order is that of the log.
    if runs.iter().all(|run| run.at.is_some()) {
        runs.sort_by_key(|run| run.at);
    }
    let mut queries: Vec<(String, usize)> = numbers.into_iter().collect();
    queries.sort_by_key(|(_, number)| *number);
    let mut of_statement: Vec<Vec<Run<'_>>> = vec![Vec::new(); queries.len()];
    for run in &runs {
        of_statement[run.statement].push(*run);
    }
    let with_runs = queries.into_iter().zip(of_statement);
    let mut statements: Vec<StatementHistory<'_>> =
        with_runs.map(|((query, _), runs)| StatementHistory::of(query, runs)).collect();
    statements.sort_by(|one, other| other.total.total_cmp(&one.total).then_with(|| one.query.cmp(&other.query)));
    let stamps: Vec<&str> = runs.iter().map(|run| run.timestamp).filter(|stamp| !stamp.is_empty()).collect();
    History {
        sources: &judged.rest.sources,
        statements,
        loops: loops::loops(&runs),
        runs: runs.len(),
        total: runs.iter().map(|run| run.duration).sum(),
        period: stamps.first().copied().zip(stamps.last().copied()),
    }
}
