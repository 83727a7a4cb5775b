//! The flame chart: each node below the one it serves, as wide as the part of the time that it and all below it took.

use std::fmt::Write as _;

use crate::capture::figures::{percent, time};
use crate::capture::{NodeRef, Plan};

use super::Escaped;
use super::plan::Numbered;

/// Narrower nodes are left out, in parts of the whole.
const MIN_WIDTH: f64 = 0.002;
/// Deeper nodes are left out.
const MAX_DEPTH: usize = 60;
/// px of a row.
const ROW: usize = 24;

/// What a node took itself: ms, or where there are no times the planner's cost.
pub fn own_weights(plan: &Plan) -> Option<Vec<f64>> {
    let weights: Vec<f64> = plan.nodes().map(|node| own_weight(node, plan.has_timing())).collect();
    (weights.iter().sum::<f64>() > 0.0).then_some(weights)
}

fn own_weight(node: NodeRef<'_>, timed: bool) -> f64 {
    if timed {
        return node.exclusive_time().unwrap_or(0.0);
    }
    let below: f64 = node.children().filter_map(|child| child.total_cost).sum();
    (node.total_cost.unwrap_or(0.0) - below).max(0.0)
}

/// Writes the chart; nothing for a plan without times and costs.
pub fn write(plan: &Numbered<'_>, page: &mut String) {
    let of = &plan.judged.plan;
    let Some(own) = own_weights(of) else { return };
    let mut whole = own;
    for node in of.nodes().rev() {
        if let Some(parent) = node.parent() {
            whole[parent.id().0 as usize] += whole[node.id().0 as usize];
        }
    }
    let total = whole[0];
    let mut places: Vec<(f64, usize)> = vec![(0.0, 0); whole.len()];
    let mut bars = String::new();
    let mut deepest = 0;
    for node in of.nodes() {
        let at = node.id().0 as usize;
        let (mut left, depth) = places[at];
        for child in node.children() {
            places[child.id().0 as usize] = (left, depth + 1);
            left += whole[child.id().0 as usize];
        }
        if depth >= MAX_DEPTH || whole[at] < MIN_WIDTH * total {
            continue;
        }
        deepest = deepest.max(depth);
        bar(plan.number, node, (places[at].0 / total, whole[at] / total, depth), of.has_timing(), total, &mut bars);
    }
    let what = if of.has_timing() { "time" } else { "estimated cost" };
    let _ = writeln!(
        page,
        "<div class=\"flame\" role=\"group\" aria-label=\"flame chart by {what}\" style=\"height:{}px\">\n{bars}</div>",
        (deepest + 1) * ROW
    );
}

fn bar(
    number: usize,
    node: NodeRef<'_>,
    (left, width, depth): (f64, f64, usize),
    timed: bool,
    total: f64,
    bars: &mut String,
) {
    let title = node.title();
    let share = percent(width);
    let figure = if timed { format!("{share}, {}", time(width * total)) } else { share };
    let own = node.time_share().unwrap_or(0.0);
    let _ = writeln!(
        bars,
        "<a href=\"#p{number}n{id}\" style=\"left:{:.3}%;width:{:.3}%;top:{}px;--h:{own:.3}\" \
         title=\"{title}: {figure}\">{title}</a>",
        left * 100.0,
        width * 100.0,
        depth * ROW,
        id = node.id().0,
        title = Escaped(&title),
    );
}
