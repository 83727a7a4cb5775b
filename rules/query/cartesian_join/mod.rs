//! Two tables are read without a condition that joins them. The README beside this file is its manual and its test.

use crate::rule::query::{comparison, conjuncts, is_fixed, plain, range_name, ranges_read};
use crate::rule::tree::{Command, Expr, FromNode, Node, Query, RangeKind};
use crate::rule::{Check, Level, Place, QueryContext, Report, Rule, Severity, rule};

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Query(check), level: Some(Level::At(Severity::Warning)));

fn check(context: &QueryContext<'_>, report: &mut Report) {
    // What runs once is watched by whoever runs it.
    if context.place == Place::Policy || !context.place.is_lasting() {
        return;
    }
    for block in context.blocks().into_iter().filter(|block| !block.incomplete) {
        // What is updated or deleted is read beside FROM or USING.
        let target = block.result.filter(|_| matches!(block.command, Command::Update | Command::Delete));
        let items = target.map(|target| vec![target]).into_iter().chain(block.from.iter().map(ranges_of));
        let items: Vec<Vec<u32>> = items.collect();
        if items.len() < 2 {
            continue;
        }
        if !items.iter().all(|ranges| ranges.iter().all(|range| is_plain(block, *range))) {
            continue;
        }
        let mut groups: Vec<usize> = (0..items.len()).collect();
        let part_of = |range: u32| items.iter().position(|ranges| ranges.contains(&range));
        for condition in block.filter.iter().flat_map(conjuncts) {
            let parts: Vec<usize> = ranges_read(condition).into_iter().filter_map(part_of).collect();
            join_all(&mut groups, &parts);
            if let [only] = parts.as_slice() {
                // One row by its key multiplies nothing.
                if is_one_row(context, block, condition) && items[*only].len() == 1 {
                    let all: Vec<usize> = (0..items.len()).collect();
                    join_all(&mut groups, &[all[0], *only]);
                    for other in all {
                        join_all(&mut groups, &[other, *only]);
                    }
                }
            }
        }
        let first = groups[0];
        let Some(apart) = groups.iter().position(|group| *group != first) else { continue };
        let (Some(a), Some(b)) = (items[0].first(), items[apart].first()) else { continue };
        let (a, b) = (*a, *b);
        let message = format!("nothing joins {} and {}", range_name(block, a), range_name(block, b));
        let finding = report.at(block.ranges[b as usize].span, message);
        finding.label("each of its rows comes with each row of the other");
        finding.help("join them by a condition; where all pairs are meant, write cross join");
    }
}

/// Tables and what is as large: a sub-select of one row, a function or VALUES is often read beside others on purpose.
fn is_plain(block: &Query, range: u32) -> bool {
    let Some(range) = block.ranges.get(range as usize) else { return false };
    matches!(range.kind, RangeKind::Relation { .. }) && !range.lateral
}

fn ranges_of(from: &FromNode) -> Vec<u32> {
    let mut ranges = Vec::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        match node {
            FromNode::Range(range) => ranges.push(*range),
            FromNode::Join(join) => open.extend([&join.right, &join.left]),
        }
    }
    ranges
}

fn join_all(groups: &mut [usize], parts: &[usize]) {
    let Some(&first) = parts.first() else { return };
    for &part in parts {
        let (from, to) = (groups[part], groups[first]);
        groups.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
    }
}

/// `id = 7` of a unique column.
fn is_one_row(context: &QueryContext<'_>, block: &Query, condition: &Expr) -> bool {
    let Some(("=", left, right, _)) = comparison(condition) else { return false };
    [(left, right), (right, left)].into_iter().any(|(own, value)| {
        let Node::Var(var) = &plain(own).node else { return false };
        let Some(RangeKind::Relation { id, .. }) = block.ranges.get(var.range as usize).map(|range| &range.kind) else {
            return false;
        };
        let mut indexes = context.catalog.indexes(*id);
        let unique =
            indexes.any(|index| index.is.unique && index.is.keys.len() == 1 && index.is.starts_with(&[var.column]));
        var.levels_up == 0 && is_fixed(value) && unique
    })
}
