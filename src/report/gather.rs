//! What is told once: what one rule finds about one table of a file, and what further rules add about one statement.
//!
//! Rules, directives, baselines and fixes see every finding; people are told each danger once, with all its places.

use std::mem::take;

use rustc_hash::FxHashMap;

use crate::finding::{Finding, Fix, Label, Severity};
use crate::rule::{Category, Rule};
use crate::source::{FileId, Span};

/// The findings as a report tells them, in their order.
pub fn gathered(findings: Vec<Finding>, rules: &[&Rule]) -> Vec<Finding> {
    let by_id: FxHashMap<&str, &Rule> = rules.iter().map(|rule| (rule.id, *rule)).collect();
    once_a_table(with_further_facts(findings, &by_id), &by_id)
}

/// Whether a rule tells of a danger to those who use the database.
fn is_about_danger(rules: &FxHashMap<&str, &Rule>, finding: &Finding) -> bool {
    let category = rules.get(finding.rule).map(|rule| rule.category);
    matches!(category, Some(Category::Safety | Category::DataLoss))
}

/// What a rule adds about a statement that another finding is about goes to that finding.
fn with_further_facts(findings: Vec<Finding>, rules: &FxHashMap<&str, &Rule>) -> Vec<Finding> {
    let adds = |finding: &Finding| rules.get(finding.rule).is_some_and(|rule| rule.adds);
    let mut main: FxHashMap<Span, usize> = FxHashMap::default();
    for (at, finding) in findings.iter().enumerate() {
        if !finding.statement.is_none() && is_about_danger(rules, finding) && !adds(finding) {
            main.entry(finding.statement).or_insert(at);
        }
    }
    let target = |finding: &Finding| {
        let at = *main.get(&finding.statement).filter(|_| adds(finding))?;
        (findings[at].severity >= finding.severity).then_some(at)
    };
    let targets: Vec<Option<usize>> = findings.iter().map(target).collect();
    fold(findings, &targets, |main, added| {
        main.notes.push(format!("{}: {}", added.message, added.label));
    })
}

/// One finding for all that a rule finds about one table of a file; notes for information are one for the whole file.
fn once_a_table(findings: Vec<Finding>, rules: &FxHashMap<&str, &Rule>) -> Vec<Finding> {
    type Key = (&'static str, FileId, Severity, Option<u32>);
    let key = |finding: &Finding| -> Option<Key> {
        let is_info = finding.severity == Severity::Info;
        let told = is_about_danger(rules, finding) && (is_info || finding.table.is_some());
        let table = finding.table.filter(|_| !is_info);
        told.then_some((finding.rule, finding.span.file, finding.severity, table))
    };
    let mut first: FxHashMap<Key, usize> = FxHashMap::default();
    let mut targets = Vec::with_capacity(findings.len());
    for (at, finding) in findings.iter().enumerate() {
        let known = key(finding).map(|key| *first.entry(key).or_insert(at));
        targets.push(known.filter(|&known| known != at && have_like_fixes(&findings[known], finding)));
    }
    fold(findings, &targets, |first, again| {
        let message = if again.message == first.message { "the same here".to_owned() } else { again.message.clone() };
        first.labels.push(Label { span: again.span, message });
        add_new(&mut first.notes, take(&mut again.notes));
        for (fix, other) in first.fixes.iter_mut().zip(take(&mut again.fixes)) {
            add_new(&mut fix.edits, other.edits);
            add_new(&mut fix.migration, other.migration);
        }
    })
}

/// Whether what mends the one is of the kind that mends the other.
fn have_like_fixes(one: &Finding, other: &Finding) -> bool {
    let like = |(one, other): (&Fix, &Fix)| one.title == other.title && one.safety == other.safety;
    one.fixes.len() == other.fixes.len() && one.fixes.iter().zip(&other.fixes).all(like)
}

/// Takes each finding with a target out and adds it there: its places and its advice, and what `add` says.
fn fold(findings: Vec<Finding>, targets: &[Option<usize>], add: impl Fn(&mut Finding, &mut Finding)) -> Vec<Finding> {
    let mut findings: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    for (at, target) in targets.iter().enumerate() {
        let Some(mut added) = target.and_then(|_| findings[at].take()) else { continue };
        let Some(main) = target.and_then(|target| findings[target].as_mut()) else { continue };
        add(main, &mut added);
        add_new(&mut main.labels, added.labels);
        add_new(&mut main.help, added.help);
    }
    findings.into_iter().flatten().collect()
}

fn add_new<T: PartialEq>(to: &mut Vec<T>, from: Vec<T>) {
    for item in from {
        if !to.contains(&item) {
            to.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    fn finding(rule: &str, start: u32, statement: u32, table: Option<u32>) -> Finding {
        let all = rules::all();
        let rule = all.iter().find(|it| it.id == rule).expect("there is such a rule");
        let mut finding = Finding::new(rule.id, Span::new(FileId(0), start, start + 1), format!("{} {start}", rule.id));
        finding.statement = Span::new(FileId(0), statement, statement + 9);
        finding.table = table;
        finding
    }

    fn told(findings: Vec<Finding>) -> Vec<(String, usize, usize)> {
        let told = gathered(findings, &rules::all());
        told.into_iter().map(|it| (it.message, it.labels.len(), it.notes.len())).collect()
    }

    #[test]
    fn one_finding_for_all_indexes_of_a_table() {
        let builds = [(1, Some(1)), (2, Some(2)), (3, Some(1)), (4, None), (5, None)];
        let findings = builds.map(|(at, table)| finding("index_build_blocks_writes", at, at * 10, table));
        let alone = |at: u32| (format!("index_build_blocks_writes {at}"), 0, 0);
        let expected = vec![("index_build_blocks_writes 1".to_owned(), 1, 0), alone(2), alone(4), alone(5)];
        assert_eq!(told(findings.to_vec()), expected);
    }

    #[test]
    fn what_another_rule_adds_is_a_note() {
        let findings = vec![
            finding("lock_held_while_working", 1, 10, Some(1)),
            finding("index_build_blocks_writes", 2, 10, Some(1)),
            finding("lock_held_while_working", 3, 20, Some(2)),
        ];
        let expected =
            vec![("index_build_blocks_writes 2".to_owned(), 0, 1), ("lock_held_while_working 3".to_owned(), 0, 0)];
        assert_eq!(told(findings), expected);
    }

    #[test]
    fn a_refusal_stands_alone() {
        let findings = vec![finding("server_refuses", 1, 10, Some(1)), finding("server_refuses", 2, 20, Some(1))];
        assert_eq!(told(findings).len(), 2);
    }
}
