//! A sort that did not fit in memory. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{plural, size};
use crate::rule::capture::memory::{Allotment, advice, sort_memory};
use crate::rule::capture::{Key, NodeRef, NodeType, Sort, name_of, tell_unused_order};
use crate::rule::{Check, PlanContext, Report, Rule, Span, index_for_order, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for node in context.plan.nodes() {
        let on_disk = spilled(node);
        if on_disk == 0 || !context.matters(node) {
            continue;
        }
        let rows = node.outer().and_then(|input| input.total_rows()).or(node.total_rows()).unwrap_or(0.0);
        let message = format!("sorts {} on disk, {}", plural(rows, "row"), size(on_disk as f64));
        let finding = report.at(place(node), message);
        finding.label(context.cost(node)).subject(format!("sort of {}", below(node)));
        finding.note(format!("sort key {}", node.get().sort_key.join(", ")));
        if let Some(needed) = sort_memory(node).filter(|_| node.node_type == NodeType::Sort) {
            finding.help(advice(context, needed, Allotment::WorkMem));
        }
        if let Some(index) = index_for_order(context, node).filter(|_| !tell_unused_order(context, finding, node)) {
            finding.help(format!("an index gives this order without sorting: {index}"));
        }
    }
}

/// kB that the sort wrote, over all processes.
fn spilled(node: NodeRef<'_>) -> u64 {
    let workers = node.get().workers.iter().filter_map(|worker| worker.sort.as_deref());
    node.get().sort.as_deref().into_iter().chain(workers).map(on_disk).sum()
}

fn on_disk(sort: &Sort) -> u64 {
    let external = sort.method.as_deref().is_some_and(|method| method.starts_with("external"));
    let own =
        if external || sort.space_type.as_deref() == Some("Disk") { sort.space_used.unwrap_or(1).max(1) } else { 0 };
    let groups = [&sort.full_sort_groups, &sort.pre_sorted_groups].into_iter().flatten();
    let peaks = groups.filter_map(|groups| groups.disk).map(|disk| disk.peak);
    own + peaks.sum::<u64>()
}

/// The key that says so.
fn place(node: NodeRef<'_>) -> Span {
    let keys = [Key::SortSpaceType, Key::SortMethod, Key::PreSortedGroups, Key::FullSortGroups];
    let leader_spilled = node.get().sort.as_deref().is_some_and(|sort| on_disk(sort) > 0);
    let printed = keys.into_iter().filter(|_| leader_spilled).find_map(|key| node.key_span(key));
    printed.unwrap_or_else(|| node.type_span())
}

/// What is sorted, for people.
fn below(node: NodeRef<'_>) -> String {
    node.outer().map_or_else(String::new, name_of)
}
