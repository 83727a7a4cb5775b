//! A node whose rows the planner guessed wrong. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{count, shorten, times};
use crate::rule::capture::{Key, NodeRef, NodeType, ParentRelationship, name_of};
use crate::rule::{Check, Finding, PlanContext, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    let cut_short = cut_short(context);
    for node in context.plan.nodes() {
        let Some(estimate) = Estimate::of(node).filter(|_| !cut_short[node.id().0 as usize]) else { continue };
        if !estimate.is_wrong(context) || !weighs(context, node) || is_inherited(context, node, &cut_short) {
            continue;
        }
        let name = what(node);
        let direction = if estimate.actual > estimate.planned { "more" } else { "fewer" };
        let message = format!("{name} has {} times {direction} rows than planned", times(estimate.factor()));
        let planned = format!("{} planned, {} came", count(estimate.planned), count(estimate.actual));
        let finding = report.at(node.key_span(Key::PlanRows).unwrap_or_else(|| node.type_span()), message);
        finding.label(planned).subject(name);
        if let Some(condition) = condition(node) {
            finding.note(format!("condition {}", shorten(condition, 200)));
        }
        remedy(context, finding, node);
    }
}

/// Rows of one loop, planned and real.
struct Estimate {
    planned: f64,
    actual: f64,
}

impl Estimate {
    fn of(node: NodeRef<'_>) -> Option<Estimate> {
        use crate::rule::capture::NodeType::{
            BitmapAnd, BitmapOr, Gather, GatherMerge, Hash, LockRows, Materialize, Memoize, ModifyTable, Sort,
        };
        // These print no rows of their own making: nothing, or their input's.
        let repeats =
            [BitmapAnd, BitmapOr, Gather, GatherMerge, Hash, LockRows, Materialize, Memoize, ModifyTable, Sort];
        if repeats.contains(&node.node_type) || node.never_executed() {
            return None;
        }
        let (planned, actual) = (node.plan_rows?, node.actual_rows?);
        // Up to 17 the average of many loops is rounded: none may be nearly one half.
        let rounded = node.loops()? > 1.0 && actual.fract() == 0.0;
        let actual = if rounded && planned > actual { actual + 0.5 } else { actual };
        Some(Estimate { planned: planned.max(1.0), actual: actual.max(1.0) })
    }

    fn factor(&self) -> f64 {
        self.planned.max(self.actual) / self.planned.min(self.actual)
    }

    fn is_wrong(&self, context: &PlanContext<'_>) -> bool {
        let most = self.planned.max(self.actual);
        self.factor() >= context.settings.misestimate && most >= context.settings.misestimate_rows
    }
}

/// A wrong guess costs where the plan is built on it: in the node, or in what stands above it.
fn weighs(context: &PlanContext<'_>, node: NodeRef<'_>) -> bool {
    let above = node.ancestors().take(3);
    context.matters_with_inputs(node) || above.into_iter().any(|above| context.matters(above))
}

/// Whether an input is as wrong in the same direction: then the guess went wrong there.
fn is_inherited(context: &PlanContext<'_>, node: NodeRef<'_>, cut_short: &[bool]) -> bool {
    let Some(own) = Estimate::of(node) else { return false };
    let mut inputs: Vec<NodeRef<'_>> = node.inputs().collect();
    // Nodes that repeat their input hide it.
    for _ in 0..4 {
        inputs = inputs
            .into_iter()
            .flat_map(|input| match Estimate::of(input) {
                None => input.inputs().collect(),
                Some(_) => vec![input],
            })
            .collect();
    }
    inputs.into_iter().any(|input| {
        let wrong = Estimate::of(input).filter(|estimate| estimate.is_wrong(context));
        let same = wrong.is_some_and(|estimate| (estimate.actual > estimate.planned) == (own.actual > own.planned));
        same && !cut_short[input.id().0 as usize]
    })
}

/// For each node whether something above it may have stopped it early: then fewer rows than planned mean nothing.
fn cut_short(context: &PlanContext<'_>) -> Vec<bool> {
    let mut cut_short: Vec<bool> = Vec::with_capacity(context.plan.len());
    for node in context.plan.nodes() {
        let by_above = node.parent().is_some_and(|above| {
            let reads_all = matches!(above.node_type, NodeType::Sort | NodeType::Hash | NodeType::ModifyTable)
                || above.node_type == NodeType::Aggregate && above.strategy.as_deref() != Some("Sorted")
                || above.node_type == NodeType::BitmapHeapScan;
            stops(above, node) || cut_short[above.id().0 as usize] && !reads_all
        });
        cut_short.push(by_above);
    }
    cut_short
}

/// Whether `above` may leave rows of `node` unread, or read them again.
fn stops(above: NodeRef<'_>, node: NodeRef<'_>) -> bool {
    let join = above.join_type.as_deref().unwrap_or("");
    let inner = node.parent_relationship == Some(ParentRelationship::Inner);
    match above.node_type {
        NodeType::Limit | NodeType::MergeJoin => true,
        NodeType::NestedLoop => inner && (above.inner_unique || matches!(join, "Semi" | "Anti")),
        NodeType::Result => above.one_time_filter.is_some(),
        // A hash join whose hash table is empty reads no outer rows; that shows as none.
        NodeType::HashJoin => !inner && node.actual_rows == Some(0.0),
        _ => node.parent_relationship == Some(ParentRelationship::InitPlan) && node.cte().is_none(),
    }
}

/// The node for people: its table where it has one.
fn what(node: NodeRef<'_>) -> String {
    match node.get().relation_name {
        Some(_) => format!("{} of {}", node.node_type, name_of(node)),
        None if node.is_join() => node.node_type.to_string(),
        None => format!("{}", node.node_type),
    }
}

fn condition(node: NodeRef<'_>) -> Option<&str> {
    let node = node.get();
    let conditions =
        [&node.index_cond, &node.recheck_cond, &node.hash_cond, &node.merge_cond, &node.join_filter, &node.filter];
    conditions.into_iter().flatten().map(|text| &**text).next()
}

/// What makes the guess better depends on what was guessed.
fn remedy(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>) {
    let table = node.get().relation_name.is_some().then(|| name_of(node));
    let columns = condition(node).map_or(0, columns);
    match (&table, node.node_type.clone()) {
        (Some(table), _) if columns > 1 => {
            finding.help(format!(
                "analyze {table}; where that changes nothing: create statistics on the columns together"
            ));
        }
        (Some(table), _) => {
            finding.help(format!("analyze {table}; where that changes nothing: raise the column's statistics target"));
        }
        (None, NodeType::FunctionScan | NodeType::ProjectSet) => {
            finding
                .help("tell the planner with ROWS on the function, or load the rows into an analyzed temporary table");
        }
        (None, _) if node.is_join() => {
            finding.help("analyze the joined tables; columns that depend on each other need create statistics");
        }
        _ => {
            finding
                .help("load this part into an analyzed temporary table, or rewrite it so that the planner can count");
        }
    }
    context.also_table(finding, node, "the table whose rows were guessed");
}

fn columns(condition: &str) -> usize {
    crate::rule::capture::Expression::parse(condition).columns().len()
}
