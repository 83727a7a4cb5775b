//! The tree: a line a node with the heat of its time and of its row error, its findings beside it.

use std::fmt::Write as _;

use crate::capture::figures::{count, percent, plural, size, time, times};
use crate::capture::{NodeRef, NodeType};
use crate::source::Sources;

use super::plan::{Beside, Numbered};
use super::{Escaped, finding};

/// Deeper nodes are indented no further.
const MAX_INDENT: usize = 30;

/// Writes the tree.
pub fn write(sources: &Sources, plan: &Numbered<'_>, beside: &Beside<'_>, page: &mut String) {
    let of = &plan.judged.plan;
    let mut depths: Vec<usize> = Vec::with_capacity(of.len());
    page.push_str("<ol class=\"tree\" role=\"tree\" aria-label=\"plan\">\n");
    for node in of.nodes() {
        let depth = node.parent().map_or(0, |parent| depths[parent.id().0 as usize] + 1);
        depths.push(depth);
        open_node(plan.number, node, depth, page);
        for (_, one) in beside.iter().filter(|(about, _)| *about == Some(node.id())) {
            finding(sources, one, page);
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ol>\n");
}

fn open_node(number: usize, node: NodeRef<'_>, depth: usize, page: &mut String) {
    let heat = node.time_share().unwrap_or(0.0);
    let never = if node.never_executed() { " never" } else { "" };
    let relation = node.subplan_name.as_deref().map(|name| format!("<em>{}</em> ", Escaped(name))).unwrap_or_default();
    let _ = write!(
        page,
        "<li role=\"treeitem\" aria-level=\"{}\" aria-expanded=\"false\" id=\"p{number}n{}\" \
         style=\"--d:{};--h:{heat:.3}\" class=\"node{never}\" tabindex=\"-1\">\
         <details><summary><span class=\"title\">{relation}{}</span>{}</summary>",
        depth + 1,
        node.id().0,
        depth.min(MAX_INDENT),
        Escaped(&node.title()),
        figures(node),
    );
    details(node, page);
    page.push_str("</details>\n");
}

fn figures(node: NodeRef<'_>) -> String {
    let mut out = String::new();
    if node.never_executed() {
        return "<span class=\"figure\">never executed</span>".to_owned();
    }
    if let Some(own) = node.exclusive_time() {
        let share = node.time_share().unwrap_or(0.0);
        let _ = write!(
            out,
            "<span class=\"figure heat\"><span class=\"bar\" aria-hidden=\"true\"></span>{} ({})</span>",
            time(own),
            percent(share)
        );
    }
    match (node.total_rows(), node.plan_rows) {
        (Some(rows), _) => {
            let _ = write!(out, "<span class=\"figure\">{}</span>", plural(rows, "row"));
        }
        (None, Some(rows)) => {
            let _ = write!(out, "<span class=\"figure\">{} planned</span>", plural(rows, "row"));
        }
        _ => {}
    }
    if let Some((factor, class, word)) = row_error(node) {
        let _ = write!(out, "<span class=\"figure {class}\">{}x {word} than planned</span>", times(factor));
    }
    if let Some(pages) = node.exclusive_buffers().map(|buffers| buffers.touched()).filter(|pages| *pages > 0) {
        let _ = write!(out, "<span class=\"figure\">{}</span>", plural(pages as f64, "page"));
    }
    if let Some(loops) = node.actual_loops.filter(|loops| *loops > 1.0) {
        let _ = write!(out, "<span class=\"figure\">{}</span>", plural(loops, "run"));
    }
    out
}

/// How many times the planner was off, how hot that is, and in which direction; small errors are none.
fn row_error(node: NodeRef<'_>) -> Option<(f64, &'static str, &'static str)> {
    let (actual, planned) = (node.actual_rows?, node.plan_rows?);
    // These report no rows, or those of another node.
    if matches!(node.node_type, NodeType::BitmapAnd | NodeType::BitmapOr | NodeType::ModifyTable | NodeType::Hash) {
        return None;
    }
    let (more, factor) = match actual > planned {
        true => (true, actual / planned.max(1.0)),
        false => (false, planned / actual.max(1.0)),
    };
    if factor < 3.0 || !more && may_be_cut_short(node) {
        return None;
    }
    let class = match factor {
        factor if factor >= 1_000.0 => "error3",
        factor if factor >= 100.0 => "error2",
        factor if factor >= 10.0 => "error1",
        _ => "error0",
    };
    Some((factor, class, if more { "more rows" } else { "fewer rows" }))
}

/// Whether a node above stops asking for rows once it has enough.
fn may_be_cut_short(node: NodeRef<'_>) -> bool {
    node.ancestors().take(40).any(|above| {
        let join = above.join_type.as_deref().unwrap_or("");
        matches!(above.node_type, NodeType::Limit | NodeType::MergeJoin)
            || join.contains("Semi")
            || join.contains("Anti")
            || above.inner_unique
    })
}

fn details(node: NodeRef<'_>, page: &mut String) {
    let of = node.get();
    let mut all: Vec<(&str, String)> = Vec::new();
    let texts = [
        ("Index Cond", &of.index_cond),
        ("Recheck Cond", &of.recheck_cond),
        ("Hash Cond", &of.hash_cond),
        ("Merge Cond", &of.merge_cond),
        ("Join Filter", &of.join_filter),
        ("Filter", &of.filter),
        ("One-Time Filter", &of.one_time_filter),
        ("Order By", &of.order_by),
        ("Function Call", &of.function_call),
        ("Remote SQL", &of.remote_sql),
    ];
    all.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?.to_owned()))));
    let lists = [("Sort Key", &of.sort_key), ("Group Key", &of.group_key), ("Output", &of.output)];
    all.extend(lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| (name, list.join(", "))));
    let counts = [
        ("Rows Removed by Filter", of.total_rows_removed_by_filter()),
        ("Rows Removed by Join Filter", of.total_rows_removed_by_join_filter()),
        ("Rows Removed by Index Recheck", of.total_rows_removed_by_index_recheck()),
        ("Heap Fetches", of.heap_fetches.map(|fetches| fetches as f64)),
        ("Plan Rows", of.plan_rows),
        ("Workers Planned", of.workers_planned.map(|workers| workers as f64)),
        ("Workers Launched", of.workers_launched.map(|workers| workers as f64)),
    ];
    all.extend(counts.into_iter().filter_map(|(name, number)| Some((name, count(number?)))));
    if let Some(sort) = &of.sort {
        let method = sort.method.as_deref().unwrap_or_default();
        let used = sort.space_used.map(|kb| size(kb as f64)).unwrap_or_default();
        let kind = sort.space_type.as_deref().unwrap_or_default();
        all.push(("Sort", format!("{method} {used} {kind}").trim().to_owned()));
    }
    if let Some(hash) = &of.hash {
        all.push(("Batches", count(hash.batches as f64)));
        all.push(("Memory", size(hash.peak_memory_usage as f64)));
    }
    if let Some(inclusive) = node.inclusive_time() {
        all.push(("with all below", time(inclusive)));
    }
    if let (Some(startup), Some(total)) = (of.startup_cost, of.total_cost) {
        all.push(("Cost", format!("{startup:.2} to {total:.2}")));
    }
    if let Some(buffers) = &of.buffers {
        all.push((
            "Pages with all below",
            format!("{} cached, {} read", count(buffers.shared_hit as f64), count(buffers.shared_read as f64)),
        ));
    }
    page.push_str("<dl>");
    for (name, value) in all {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(&value));
    }
    page.push_str("</dl>");
}
