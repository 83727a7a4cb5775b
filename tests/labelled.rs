//! Small migrations, dangerous and safe twins: each danger is found, and nothing else.

use std::collections::BTreeSet;
use std::fs;

use libtest_mimic::{Failed, Trial};

use crate::support;

pub fn trials() -> Vec<Trial> {
    let text = fs::read_to_string(support::root().join("testdata/labelled/cases.sql")).unwrap_or_default();
    let mut parts = text.split("-- case ");
    let base = parts.next().unwrap_or_default().to_owned();
    let trials = parts.map(|part| {
        let (head, sql) = part.split_once('\n').unwrap_or((part, ""));
        let (name, rules) = head.split_once(": ").unwrap_or((head, ""));
        let rules: Vec<String> = rules.split(", ").filter(|rule| *rule != "safe").map(str::to_owned).collect();
        let (base, sql) = (base.clone(), sql.to_owned());
        Trial::test(format!("labelled {name}"), move || check(&base, &sql, &rules))
    });
    trials.collect()
}

fn check(base: &str, sql: &str, rules: &[String]) -> Result<(), Failed> {
    let folder = support::folder(&[("1_base.sql", base.as_bytes()), ("2_change.sql", sql.as_bytes())]);
    let linted = support::lint_paths(folder.path(), &["2_change.sql"], None);
    let of_statements = |rule: &str| {
        let module = pglint::rules::all().into_iter().find(|it| it.id == rule).map_or("", |it| it.module);
        module.contains("::statement::")
    };
    let found: BTreeSet<&str> = linted.findings.iter().map(|it| it.rule).filter(|rule| of_statements(rule)).collect();
    let expected: BTreeSet<&str> = rules.iter().map(String::as_str).collect();
    if found == expected {
        return Ok(());
    }
    Err(format!("expected {expected:?}, found {found:?}\n{sql}\n{}", support::rendered(&linted)).into())
}
