//! When a statement went from one plan to another, and what it cost.

use rustc_hash::FxHashMap;

use crate::capture::{NodeId, Plan};
use crate::compare::{Cause, Uses, align, causes, shape};

use super::Run;

/// Runs with plans of one shape.
pub struct PlanKind<'a> {
    /// 16 hexadecimal digits of the shape, and whether it is generic.
    pub id: String,
    /// The tree without figures and constants.
    pub tree: Vec<String>,
    /// How many runs.
    pub runs: usize,
    /// ms of all.
    pub total: f64,
    /// The first run.
    pub first: Run<'a>,
    /// The last run.
    pub last: Run<'a>,
    /// The longest run.
    pub longest: Run<'a>,
    /// Made for any values of the parameters.
    pub generic: bool,
}

impl PlanKind<'_> {
    /// ms of one run.
    pub fn mean(&self) -> f64 {
        self.total / self.runs.max(1) as f64
    }
}

/// A moment from which on a statement ran with another plan.
pub struct PlanChange<'a> {
    /// Index of the plan before.
    pub from: usize,
    /// Index of the plan after.
    pub to: usize,
    /// The first run with it.
    pub since: Run<'a>,
    /// Runs with it until the next change.
    pub runs: usize,
    /// ms of a run before.
    pub before: f64,
    /// ms of a run after.
    pub after: f64,
    /// ms that the runs took more than before; negative: less.
    pub extra: f64,
    /// How it is done now, and how it was: `orders: Index Scan using … → Seq Scan on orders`.
    pub how: Vec<String>,
    /// From a plan for these values to one for any.
    pub to_generic: bool,
    /// The migrations that explain it.
    pub causes: Vec<Cause>,
}

/// The different plans of a statement, in the order of their first run, and which of them each run had.
pub(super) fn kinds<'a>(runs: &[Run<'a>]) -> (Vec<PlanKind<'a>>, Vec<usize>) {
    let mut of_runs = Vec::with_capacity(runs.len());
    let mut kinds: Vec<PlanKind<'a>> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for run in runs {
        let tree = shape::tree(&run.judged.plan);
        let generic = is_generic(&run.judged.plan);
        let id = kind_id(&tree, generic);
        let kind = *known.entry(id.clone()).or_insert_with(|| {
            kinds.push(PlanKind { id, tree, runs: 0, total: 0.0, first: *run, last: *run, longest: *run, generic });
            kinds.len() - 1
        });
        of_runs.push(kind);
        let kind = &mut kinds[kind];
        kind.runs += 1;
        kind.total += run.duration;
        kind.last = *run;
        if run.duration > kind.longest.duration {
            kind.longest = *run;
        }
    }
    (kinds, of_runs)
}

/// A generic plan is another one, though it may look like the one for certain values.
fn kind_id(tree: &[String], generic: bool) -> String {
    let id = shape::id(tree);
    if generic { format!("{id}-generic") } else { id }
}

/// Each change of plan.
pub(super) fn changes<'a>(kinds: &[PlanKind<'a>], of_runs: &[usize], runs: &[Run<'a>]) -> Vec<PlanChange<'a>> {
    if kinds.len() < 2 {
        return Vec::new();
    }
    // Stretches of runs with one plan: which, the first run, how many, ms of all.
    let mut stretches: Vec<(usize, Run<'a>, usize, f64)> = Vec::new();
    for (run, &kind) in runs.iter().zip(of_runs) {
        match stretches.last_mut().filter(|stretch| stretch.0 == kind) {
            Some(stretch) => {
                stretch.2 += 1;
                stretch.3 += run.duration;
            }
            None => stretches.push((kind, *run, 1, run.duration)),
        }
    }
    let pairs = stretches.windows(2).map(|pair| {
        let [(from, _, count, total), (to, since, runs, ms)] = pair else { unreachable!("windows of two") };
        let (before, after) = (total / *count as f64, ms / *runs as f64);
        let (one, other) = (&kinds[*from], &kinds[*to]);
        PlanChange {
            from: *from,
            to: *to,
            since: *since,
            runs: *runs,
            before,
            after,
            extra: (after - before) * *runs as f64,
            how: how(&one.last.judged.plan, &since.judged.plan),
            to_generic: !one.generic && other.generic,
            causes: causes(since.catalog, &Uses::of_tree(&one.tree), &Uses::of_tree(&other.tree), None),
        }
    });
    pairs.collect()
}

/// How many differences are told.
const MAX_HOW: usize = 4;

/// What is done otherwise.
fn how(before: &Plan, after: &Plan) -> Vec<String> {
    let title = |plan: &Plan, id: Option<NodeId>| id.map(|id| plan.node(id).title());
    let differing =
        align(before, after).into_iter().filter_map(|(one, other)| match (title(before, one), title(after, other)) {
            (Some(one), Some(other)) if one == other => None,
            (Some(one), Some(other)) => Some(format!("{one} → {other}")),
            (Some(one), None) => Some(format!("{one} is gone")),
            (None, Some(other)) => Some(format!("{other} is new")),
            (None, None) => None,
        });
    differing.take(MAX_HOW).collect()
}

/// Whether a plan was made for any values: parameters stand where a plan for certain ones has constants.
fn is_generic(plan: &Plan) -> bool {
    // Up to 16 the values of sub-plans are `$0` as well; their plans say which they return.
    let returned: Vec<&str> = plan.nodes().filter_map(|node| node.get().subplan_name.as_deref()).collect();
    plan.nodes().any(|node| {
        let conditions = node.get().expressions();
        conditions.flat_map(parameters).any(|parameter| !returned.iter().any(|name| returns(name, parameter)))
    })
}

/// `InitPlan 1 (returns $0,$1)`
fn returns(name: &str, parameter: &str) -> bool {
    let Some((_, list)) = name.split_once("returns ") else { return false };
    list.trim_end_matches(')').split(',').any(|returned| returned.trim() == parameter)
}

/// `$1` and the like in a printed expression.
fn parameters(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(|(at, _)| {
        let digits = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        (digits > 0).then(|| &text[at..at + 1 + digits])
    })
}
