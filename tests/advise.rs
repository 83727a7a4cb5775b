//! Schemas with their plans and queries: what is proposed for each query, and why nothing is.
//!
//! Each index of `expected.txt` was made on a server, where the planner used it, and the others stayed silent there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use pglint::advise::Advice;
use pglint::lint::load;
use pglint::rules;

use crate::support;

pub fn trials() -> Vec<Trial> {
    let folder = support::root().join("testdata/advise");
    let mut trials = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        for of in ["plans", "queries"].into_iter().filter(|of| entry.path().join(of).is_dir()) {
            let path = entry.path();
            trials.push(Trial::test(format!("advise {name} from {of}"), move || check(&path, of)));
        }
    }
    trials.push(Trial::test("tune ties statements to plans and indexes", tune));
    trials
}

fn tune() -> Result<(), Failed> {
    let from = support::root().join("testdata/advise/saas");
    let [schema, plan, query] = ["migrations/0001_init.sql", "plans/assignee_eq.json", "queries/assignee_eq.sql"]
        .map(|file| fs::read(from.join(file)).unwrap_or_default());
    let statements = |calls: u32, total: f64| {
        let query = "SELECT id, subject, body FROM tickets WHERE assignee_id = $1";
        let mean = total / f64::from(calls);
        format!(
            r#"[{{"queryid": 5, "query": "{query}", "calls": {calls}, "total_exec_time": {total}, "mean_exec_time": {mean}}}]"#
        )
    };
    let (before, after) = (statements(1000, 60_000.0), statements(3000, 60_100.0));
    let folder = support::folder(&[
        ("migrations/0001_init.sql", &schema),
        ("before/assignee.json", &plan),
        ("before/assignee.sql", &query),
        ("before/pg_stat_statements.json", before.as_bytes()),
        ("after/pg_stat_statements.json", after.as_bytes()),
    ]);
    let arguments = ["tune", "before", "--migrations", "migrations", "--after", "after"];
    let said = support::pglint(folder.path(), &arguments).stdout;
    let expected = [
        "60.00 s  100 %  1,000 calls of 60.0 ms  SELECT id, subject, body",
        "plan   before/assignee.json:1",
        "found  seq_scan_filtered",
        "index  create index concurrently tickets_assignee_id_idx on public.tickets (assignee_id);",
        "what it serves ran 1,000 times and took 60.00 s in all",
        "60.0 ms -> 0.05 ms     2,000 calls  SELECT id",
    ];
    match expected.iter().find(|line| !said.contains(**line)) {
        Some(missing) => Err(format!("no `{missing}` in\n{said}").into()),
        None => Ok(()),
    }
}

fn check(folder: &Path, of: &str) -> Result<(), Failed> {
    let migrations = Path::new("migrations");
    let migrations = folder.join(migrations).is_dir().then_some(migrations);
    let advice = load(folder, &[of.into()], migrations, &[], Some(15), &rules::all()).advice();
    let expected = folder.join(format!("{of}.txt"));
    let text = printed(&advice);
    if support::update() {
        fs::write(&expected, &text)?;
    }
    support::expect_same(&format!("advice from {of}"), &fs::read_to_string(&expected).unwrap_or_default(), &text)
}

fn printed(advice: &Advice) -> String {
    let mut text = String::new();
    for query in &advice.queries {
        let name = query.name.rsplit('/').next().unwrap_or(&query.name);
        let _ = writeln!(text, "{name}");
        for index in &query.indexes {
            let _ = writeln!(text, "    {} {}", index.table, index.index.definition());
        }
        for why in &query.reasons {
            let _ = writeln!(text, "    none for {}: {}", why.table, why.code);
        }
    }
    let _ = writeln!(text, "\nall together");
    for index in &advice.indexes {
        let _ = writeln!(text, "    {}", index.sql);
    }
    text
}
