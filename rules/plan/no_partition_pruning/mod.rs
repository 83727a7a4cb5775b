//! A partitioned table of which every partition is read. The README beside this file is its manual and its test.

use crate::rule::capture::figures::{plural, shorten};
use crate::rule::capture::{ConditionKind, Expression, NodeRef, NodeType, conditions};
use crate::rule::{Check, ObjectId, PlanContext, Relation, Report, Rule, rule};

/// The rule.
pub const RULE: Rule = rule!(Performance, Check::Plan(check));

fn check(context: &PlanContext<'_>, report: &mut Report) {
    for append in context.plan.nodes().filter(|node| node.node_type == NodeType::Append && !node.never_executed()) {
        let scans: Vec<NodeRef<'_>> = append.inputs().filter_map(partition).collect();
        let Some(first) = scans.first().copied().filter(|_| scans.len() > 1) else { continue };
        let removed = append.subplans_removed.unwrap_or(0) > 0;
        let idle = scans.iter().any(|scan| scan.never_executed());
        if removed || idle || !context.plan.is_analyzed() || !context.matters_with_inputs(append) {
            continue;
        }
        let Some(condition) = condition(first).filter(|condition| is_unpruned(context, first, &scans, condition))
        else {
            continue;
        };
        let table = first.partitioned_name().unwrap_or_default().to_owned();
        let finding =
            report.at(append.type_span(), format!("reads all {} of {table}", plural(scans.len() as f64, "partition")));
        finding.label(context.cost_with_inputs(append)).subject(table.clone());
        finding.note(format!("condition {}", shorten(condition, 160)));
        match parent(context, first) {
            Some((parent, relation)) => {
                let key = key_columns(context, parent, relation);
                finding.also(
                    context.catalog.get(parent).map_or(append.type_span(), |object| object.span),
                    format!("partitioned by {key}"),
                );
                finding.help(format!("filter by {key} as well, or partition by what is asked for"));
            }
            None => {
                finding.help(format!(
                    "filter by the key that {table} is partitioned by, or partition by what is asked for"
                ));
            }
        }
    }
}

/// The scan of a partition, which may stand below a node or two.
fn partition(input: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let scan = std::iter::successors(Some(input), |node| node.outer())
        .take(3)
        .find(|node| node.get().relation_name.is_some())?;
    scan.partitioned_name().map(|_| scan)
}

/// What the scan's rows are chosen by; a scan of everything is meant so.
fn condition(scan: NodeRef<'_>) -> Option<&str> {
    let node = scan.get();
    [&node.index_cond, &node.recheck_cond, &node.filter].into_iter().flatten().map(|text| &**text).next()
}

/// Whether the condition cannot have ruled out a partition. With the table at hand its partitions are counted; without,
/// the condition must be equalities alone: of the key such a one would have left a single partition.
fn is_unpruned(context: &PlanContext<'_>, first: NodeRef<'_>, scans: &[NodeRef<'_>], condition: &str) -> bool {
    if let Some((parent, _)) = parent(context, first) {
        return partitions(context, parent) <= scans.len();
    }
    let parsed = Expression::parse(condition);
    let found = conditions(first, condition);
    let harmless = |kind: ConditionKind| !matches!(kind, ConditionKind::Range);
    found.len() == parsed.conjuncts().len()
        && found.iter().all(|one| harmless(one.kind) && !condition.contains("ANY ("))
}

fn parent<'a>(context: &PlanContext<'a>, scan: NodeRef<'_>) -> Option<(ObjectId, &'a Relation)> {
    let (_, relation) = context.table(scan)?;
    let parent = *relation.bound.as_ref().and(relation.parents.first())?;
    Some((parent, context.catalog.get(parent)?.as_relation()?))
}

fn partitions(context: &PlanContext<'_>, parent: ObjectId) -> usize {
    context.catalog.tables().filter(|table| table.is.bound.is_some() && table.is.parents.contains(&parent)).count()
}

fn key_columns(context: &PlanContext<'_>, parent: ObjectId, relation: &Relation) -> String {
    let keys = relation.partition_key.as_ref().map_or(&[][..], |key| &key.keys);
    let names: Vec<String> = keys
        .iter()
        .map(|key| match key {
            crate::rule::Key::Column(number) => context.catalog.column_name(parent, *number).to_string(),
            crate::rule::Key::Expr(_) => "an expression".to_owned(),
        })
        .collect();
    if names.is_empty() { "its key".to_owned() } else { names.join(", ") }
}
