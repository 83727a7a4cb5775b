//! What changed from one plan of a query to another.

use std::collections::BTreeSet;

use crate::capture::{NodeId, NodeRef, NodeType, Plan};
use crate::catalog::CatalogAt;
use crate::finding::Finding;
use crate::lint::JudgedPlan;

use super::align::align;
use super::cause::{self, Cause, Uses};
use super::warning;
use super::work::{Gate, Regression, Work};

/// Two plans of one query.
pub struct Change<'a> {
    /// What the query is called: a file, or the start of its text.
    pub name: String,
    /// The plan before.
    pub before: &'a JudgedPlan,
    /// The plan after.
    pub after: &'a JudgedPlan,
    /// What each took.
    pub work: [Work; 2],
    /// What each node did before and after, the biggest difference first; those that did not change are left out.
    pub steps: Vec<Step>,
    /// Findings that are gone.
    pub gone: Vec<&'a Finding>,
    /// Findings that are new.
    pub new: Vec<&'a Finding>,
    /// Why the figures may not be comparable.
    pub warnings: Vec<String>,
    /// The migrations that explain the change.
    pub causes: Vec<Cause>,
    /// What there is more of than before.
    pub regressions: Vec<Regression>,
}

/// A piece of work, before and after.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// What is worked on: `orders`, `join of customers, orders`.
    pub what: String,
    /// How it was done.
    pub before: Option<Side>,
    /// How it is done.
    pub after: Option<Side>,
}

/// How a piece of work is done in one plan.
#[derive(Clone, PartialEq, Debug)]
pub struct Side {
    /// The node.
    pub node: NodeId,
    /// As FORMAT TEXT calls it.
    pub title: String,
    /// ms of the node alone.
    pub time: Option<f64>,
    /// Blocks that the node alone touched.
    pub pages: Option<f64>,
    /// Rows returned over all loops.
    pub rows: Option<f64>,
    /// How often it ran.
    pub loops: Option<f64>,
}

/// Compares two plans of one query.
pub fn compare<'a>(
    name: String,
    before: &'a JudgedPlan,
    after: &'a JudgedPlan,
    catalog: CatalogAt<'_>,
    gate: &Gate,
) -> Change<'a> {
    let work = [Work::of(&before.plan), Work::of(&after.plan)];
    let same = |one: &Finding, other: &Finding| one.rule == other.rule && one.subject == other.subject;
    let missing = |from: &'a [Finding], other: &[Finding]| -> Vec<&'a Finding> {
        from.iter().filter(|finding| !other.iter().any(|one| same(finding, one))).collect()
    };
    let aligned = align(&before.plan, &after.plan);
    let steps = steps(&before.plan, &after.plan, &aligned);
    Change {
        name,
        steps,
        gone: missing(&before.findings, &after.findings),
        new: missing(&after.findings, &before.findings),
        warnings: warning::warnings(&before.plan, &after.plan, &aligned),
        causes: cause::causes(catalog, &Uses::of(&before.plan), &Uses::of(&after.plan), None),
        regressions: gate.regressions(&work[0], &work[1]),
        work,
        before,
        after,
    }
}

impl Change<'_> {
    /// How many times faster it became; below 1: slower. `None` without times.
    pub fn speed_up(&self) -> Option<f64> {
        let (before, after) = (self.work[0].time?, self.work[1].time?);
        (before > 0.0 && after > 0.0).then(|| before / after)
    }

    /// Whether both do the same in the same way.
    pub fn is_same_shape(&self) -> bool {
        super::shape::tree(&self.before.plan) == super::shape::tree(&self.after.plan)
    }
}

fn steps(before: &Plan, after: &Plan, aligned: &[(Option<NodeId>, Option<NodeId>)]) -> Vec<Step> {
    let total = [before, after].iter().filter_map(|plan| plan.total_time()).fold(0.0, f64::max);
    let pages = [before, after].iter().filter_map(|plan| Work::of(plan).pages).fold(0.0, f64::max);
    let mut steps: Vec<(f64, Step)> = Vec::new();
    for &(one, other) in aligned {
        let (one, other) = (one.map(|id| before.node(id)), other.map(|id| after.node(id)));
        let Some(node) = other.or(one) else { continue };
        let step = Step { what: what(node), before: one.map(side), after: other.map(side) };
        let weight = step.weight(total, pages);
        if step.is_change(weight) {
            steps.push((weight, step));
        }
    }
    steps.sort_by(|one, other| other.0.total_cmp(&one.0));
    steps.into_iter().map(|(_, step)| step).collect()
}

impl Step {
    /// How much of the whole the difference is: by the clock, or by pages where there is no clock.
    fn weight(&self, total: f64, pages: f64) -> f64 {
        let of = |get: fn(&Side) -> Option<f64>| {
            let one = self.before.as_ref().map_or(Some(0.0), get)?;
            let other = self.after.as_ref().map_or(Some(0.0), get)?;
            Some((one - other).abs())
        };
        let part = |difference: Option<f64>, whole: f64| difference.filter(|_| whole > 0.0).map(|one| one / whole);
        let time = part(of(|side| side.time), total);
        let pages = part(of(|side| side.pages), pages);
        time.unwrap_or(0.0).max(pages.unwrap_or(0.0))
    }

    /// A node is another one, or did notably more or less.
    fn is_change(&self, weight: f64) -> bool {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return true };
        before.title != after.title || weight >= 0.05
    }
}

fn side(node: NodeRef<'_>) -> Side {
    Side {
        node: node.id(),
        title: node.title(),
        time: node.exclusive_time(),
        pages: node.exclusive_buffers().map(|buffers| buffers.touched() as f64),
        rows: node.total_rows(),
        loops: node.actual_loops,
    }
}

/// How many tables a join is named by.
const MAX_TABLES: usize = 4;

fn what(node: NodeRef<'_>) -> String {
    let of = node.get();
    if of.relation_name.is_some() || matches!(of.node_type, NodeType::BitmapIndexScan) {
        return crate::capture::name_of(node);
    }
    if let Some(name) = of.cte_name.as_deref().or(of.function_name.as_deref()) {
        return name.to_owned();
    }
    let reads = node.descendants().filter(|below| below.get().relation_name.is_some()).take(200);
    let tables: BTreeSet<String> = reads
        .map(|below| below.partitioned_name().map_or_else(|| crate::capture::name_of(below), str::to_owned))
        .collect();
    let mut names: Vec<&str> = tables.iter().map(String::as_str).take(MAX_TABLES).collect();
    if tables.len() > MAX_TABLES {
        names.push("…");
    }
    let names = names.join(", ");
    let kind = match of.node_type {
        _ if of.is_join() => "join",
        NodeType::Sort | NodeType::IncrementalSort => "sort",
        NodeType::Aggregate | NodeType::Group | NodeType::Unique => "grouping",
        NodeType::Limit => "limit",
        _ => return if names.is_empty() { of.node_type.name().to_owned() } else { names },
    };
    if names.is_empty() { kind.to_owned() } else { format!("{kind} of {names}") }
}
