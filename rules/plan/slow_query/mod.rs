//! A statement that takes longer than its kind should. The README beside this file is its manual and its test.

use crate::rule::capture::figures::time;
use crate::rule::capture::{NodeRef, NodeType, Target};
use crate::rule::{Check, Level, PlanContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check), level: Some(Level::At(Severity::Info)));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let Some(total) = context.plan.execution_time.or(context.plan.total_time()) else { return };
    let (kind, target) = kind(context);
    if total <= target.acceptable {
        return;
    }
    let root = context.plan.root();
    let finding = report.at(root.type_span(), format!("takes {}: more than {kind} should", time(total)));
    finding.label(format!("{} at most, {} is good", time(target.acceptable), time(target.good))).subject(kind);
    let costliest = context
        .plan
        .nodes()
        .rev()
        .max_by(|one, other| one.exclusive_time().unwrap_or(0.0).total_cmp(&other.exclusive_time().unwrap_or(0.0)));
    if let Some(node) = costliest.filter(|node| node.id() != root.id() && node.exclusive_time().is_some()) {
        finding.also(node.type_span(), format!("most of it here: {}", context.cost(node)));
    }
}

/// What kind of statement this is, and what it may take.
fn kind(context: &PlanContext<'_>) -> (&'static str, Target) {
    let targets = &context.settings.targets;
    let nodes = || context.plan.nodes();
    let scans: Vec<NodeRef<'_>> = nodes().filter(|node| is_scan(*node)).collect();
    let rows: f64 = scans
        .iter()
        .filter_map(|scan| Some(scan.total_rows()? + scan.total_rows_removed_by_filter().unwrap_or(0.0)))
        .sum();
    let all_by_index = scans.iter().all(|scan| is_by_index(*scan));
    let joined = nodes().any(|node| node.is_join());
    let grouped =
        nodes().any(|node| matches!(node.node_type, NodeType::Aggregate | NodeType::Group | NodeType::WindowAgg));
    if nodes().any(|node| node.node_type == NodeType::ModifyTable) && rows > 10_000.0 {
        return ("a background job", targets.background_job);
    }
    match (all_by_index && !scans.is_empty(), joined, grouped) {
        (true, false, false) if rows <= 1.0 => ("a lookup by key", targets.key_lookup),
        (true, false, false) if rows <= 10_000.0 => ("a filter by index", targets.indexed_filter),
        (true, true, false) if rows <= 10_000.0 => ("a join along indexes", targets.indexed_join),
        (_, _, true) if rows <= 100_000.0 => ("a small aggregate", targets.small_aggregate),
        _ => ("a report", targets.report),
    }
}

fn is_scan(node: NodeRef<'_>) -> bool {
    node.get().relation_name.is_some() && node.node_type != NodeType::ModifyTable
}

fn is_by_index(scan: NodeRef<'_>) -> bool {
    match scan.node_type {
        NodeType::IndexScan | NodeType::IndexOnlyScan => scan.index_cond.is_some(),
        NodeType::BitmapHeapScan | NodeType::TidScan => true,
        _ => false,
    }
}
