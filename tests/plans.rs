//! Captured plans beyond lint: compare, its lock, history, report.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::support::{self, Ran, folder, pglint, write};

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 16] = [
        ("compare tells what changed and why", compare_text),
        ("compare fails on work", compare_work),
        ("compare fails on the clock where asked", compare_clock),
        ("compare warns of what cannot be compared", compare_warnings),
        ("compare pairs folders by query", compare_folders),
        ("compare refuses what is no plan", compare_refuses),
        ("compare reads UTF-16", compare_utf16),
        ("lock holds shape, pages and cost", lock),
        ("lock names the migration since", lock_migration),
        ("history of a log", history),
        ("history of other prefixes", history_prefixes),
        ("report is one page that loads nothing", report),
        ("report says all findings beside their nodes", report_findings),
        ("thresholds in pglint.toml", thresholds),
        ("a statement beside its plan", statement_beside),
        ("plans of any form in a folder of captures", folder_of_captures),
    ];
    let mut all: Vec<Trial> = trials.into_iter().map(|(name, run)| Trial::test(format!("plans {name}"), run)).collect();
    // A browser is not part of what a build needs.
    if let Some(browser) = browser() {
        all.push(Trial::test("plans report in a browser", move || report_in_browser(&browser)));
    }
    all
}

fn ensure(holds: bool, what: &str, ran: &Ran) -> Result<(), Failed> {
    if holds {
        return Ok(());
    }
    Err(format!("{what}\nstatus {:?}\n{}{}", ran.status, ran.stdout, ran.stderr).into())
}

fn says(ran: &Ran, parts: &[&str]) -> Result<(), Failed> {
    parts.iter().try_for_each(|part| ensure(ran.stdout.contains(part), &format!("does not say {part}"), ran))
}

/// A plan of one scan below a Limit.
fn plan(scan: &str, (time, pages, read): (f64, u64, u64), cost: f64) -> String {
    format!(
        r#"[{{"Plan": {{"Node Type": "Limit", "Startup Cost": 0, "Total Cost": {cost}, "Plan Rows": 10, "Plan Width": 8,
        "Actual Startup Time": 0.01, "Actual Total Time": {time}, "Actual Rows": 10, "Actual Loops": 1,
        "Shared Hit Blocks": {hit}, "Shared Read Blocks": {read}, "Temp Read Blocks": 0, "Temp Written Blocks": 0,
        "Plans": [{{{scan}, "Parent Relationship": "Outer", "Startup Cost": 0, "Total Cost": {cost}, "Plan Rows": 10,
        "Plan Width": 8, "Actual Startup Time": 0.01, "Actual Total Time": {time}, "Actual Rows": 10, "Actual Loops": 1,
        "Shared Hit Blocks": {hit}, "Shared Read Blocks": {read}, "Temp Read Blocks": 0, "Temp Written Blocks": 0}}]}},
        "Planning Time": 0.1, "Execution Time": {time}}}]"#,
        hit = pages - read
    )
}

const SEQ: &str = r#""Node Type": "Seq Scan", "Relation Name": "orders", "Alias": "orders",
    "Filter": "(customer_id = 7)", "Rows Removed by Filter": 149990"#;
const INDEX: &str = r#""Node Type": "Index Scan", "Relation Name": "orders", "Alias": "orders",
    "Index Name": "orders_customer_id_idx", "Index Cond": "(customer_id = 7)""#;
const TABLE: &str = "create table orders (id bigint primary key, customer_id bigint not null);\n";
const ADDS_INDEX: &str = "create index orders_customer_id_idx on orders (customer_id);\n";

fn project(before: &str, after: &str) -> tempfile::TempDir {
    folder(&[
        ("migrations/0001_init.sql", TABLE.as_bytes()),
        ("migrations/0002_index.sql", ADDS_INDEX.as_bytes()),
        ("before.json", before.as_bytes()),
        ("after.json", after.as_bytes()),
    ])
}

fn compare_text() -> Result<(), Failed> {
    let project = project(&plan(SEQ, (84.1, 5_530, 0), 3_000.0), &plan(INDEX, (0.79, 12, 0), 40.0));
    let ran = pglint(project.path(), &["compare", "before.json", "after.json"]);
    says(
        &ran,
        &[
            "106x, 99.1 % faster (84.1 ms to 0.79 ms)",
            "pages 5,530 to 12",
            "orders: Seq Scan on orders",
            "Index Scan using orders_customer_id_idx on orders",
            "gone: reads 150,000 rows of orders to keep 10 [seq_scan_filtered]",
            "because migrations/0002_index.sql:1 creates index orders_customer_id_idx on orders, which the plan now uses",
        ],
    )?;
    ensure(ran.status == Some(0), "less work is no failure", &ran)
}

fn compare_work() -> Result<(), Failed> {
    let project = project(&plan(INDEX, (5.0, 12, 0), 40.0), &plan(SEQ, (4.0, 5_530, 0), 3_000.0));
    let ran = pglint(project.path(), &["compare", "before.json", "after.json"]);
    says(&ran, &["fails: pages 12 to 5,530", "fails: estimated cost 40 to 3,000", "new: reads 150,000 rows"])?;
    ensure(ran.status == Some(1), "more work fails, though it is faster", &ran)?;
    let ran = pglint(project.path(), &["compare", "before.json", "after.json", "--tolerance", "100000%"]);
    ensure(ran.status == Some(0), "as much more as is tolerated", &ran)
}

fn compare_clock() -> Result<(), Failed> {
    let project = project(&plan(INDEX, (5.0, 12, 0), 40.0), &plan(INDEX, (50.0, 12, 0), 40.0));
    let ran = pglint(project.path(), &["compare", "before.json", "after.json"]);
    says(&ran, &["10x, 900.0 % slower"])?;
    ensure(ran.status == Some(0), "the clock fails nobody who did not ask for it", &ran)?;
    let ran = pglint(project.path(), &["compare", "before.json", "after.json", "--fail-on-regression", "20%"]);
    ensure(ran.status == Some(1), "asked for", &ran)?;
    let ran = pglint(project.path(), &["compare", "before.json", "after.json", "--fail-on-regression", "x"]);
    ensure(ran.status == Some(2), "no percentage", &ran)
}

fn folder_of_captures() -> Result<(), Failed> {
    let plan: &[u8] = b"Seq Scan on orders  (cost=0.00..2.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n";
    let project = support::folder(&[
        ("slow/a.txt", plan),
        ("slow/a.sql", b"select id from orders;"),
        ("slow/old/b.log", plan),
        ("slow/README.md", b"Captured on Monday."),
        ("slow/image.png", b"\x89PNG (cost="),
        ("migrations/0001.sql", b"create table orders (id bigint primary key);"),
        ("migrations/NOTES.md", plan),
    ]);
    let ran = pglint(project.path(), &["slow"]);
    says(&ran, &["slow/a.txt:1:1", "slow/old/b.log:1:1"])?;
    ensure(!ran.stdout.contains("README"), "what is no plan is not looked at", &ran)?;
    let ran = pglint(project.path(), &["migrations"]);
    ensure(!ran.stdout.contains("NOTES"), "notes beside migrations are left alone", &ran)
}

fn compare_warnings() -> Result<(), Failed> {
    let other = INDEX.replace("= 7", "= 8");
    let project = project(&plan(INDEX, (90.0, 500, 480), 40.0), &plan(&other, (2.0, 500, 0), 40.0));
    let ran = pglint(project.path(), &["compare", "before.json", "after.json"]);
    says(&ran, &["warning: the cache was cold before (480 blocks read", "warning: the parameters differ: 7, then 8"])?;
    let planned = r#"[{"Plan": {"Node Type": "Result", "Startup Cost": 0, "Total Cost": 1, "Plan Rows": 1}}]"#;
    write(&project.path().join("planned.json"), planned.as_bytes());
    let ran = pglint(project.path(), &["compare", "planned.json", "after.json"]);
    says(&ran, &["warning: the plan before was not run"])
}

fn compare_folders() -> Result<(), Failed> {
    let (slow, fast) = (plan(SEQ, (84.1, 5_530, 0), 3_000.0), plan(INDEX, (0.79, 12, 0), 40.0));
    let files: [(&str, &[u8]); 7] = [
        ("old/a.json", slow.as_bytes()),
        ("old/a.sql", b"select * from orders where customer_id = 7 limit 10;"),
        ("old/b.json", fast.as_bytes()),
        ("new/renamed.json", fast.as_bytes()),
        ("new/renamed.sql", b"SELECT *\nFROM orders WHERE customer_id = $1 LIMIT 10"),
        ("new/b.json", fast.as_bytes()),
        ("new/c.json", fast.as_bytes()),
    ];
    let project = folder(&files);
    let ran = pglint(project.path(), &["compare", "old", "new", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout)?;
    let names: Vec<&str> =
        json["changes"].as_array().into_iter().flatten().filter_map(|change| change["name"].as_str()).collect();
    ensure(names == ["b.json", "renamed.json"], "pairs", &ran)?;
    ensure(json["changes"][1]["text"] == "106x, 99.1 % faster", "the speed-up", &ran)?;
    ensure(json["only_after"][0] == "c.json" && json["fails"] == false, "what is alone", &ran)?;
    let ran = pglint(project.path(), &["compare", "old", "new", "--format", "markdown"]);
    ensure(!ran.stdout.contains("<summary>b.json"), "nothing to unfold where nothing changed", &ran)?;
    says(&ran, &["| renamed.json | 84.1 ms → 0.79 ms | 5,530 → 12 |", "<details>", "| c.json | | | | | only after |"])
}

/// What a redirection of Windows' shell writes.
fn compare_utf16() -> Result<(), Failed> {
    let text = format!("\u{feff}{}", plan(SEQ, (100.0, 2000, 0), 3000.0));
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = folder(&[("before.txt", &bytes), ("after.json", plan(INDEX, (1.0, 20, 0), 30.0).as_bytes())]);
    let ran = pglint(folder.path(), &["compare", "before.txt", "after.json"]);
    says(&ran, &["99.0 % faster"])?;
    let linted = pglint(folder.path(), &["before.txt", "--format", "short", "--fail-on", "never"]);
    ensure(!linted.stdout.contains("not_utf8"), "a capture goes to no server", &linted)
}

fn compare_refuses() -> Result<(), Failed> {
    let project = project(&plan(SEQ, (84.1, 5_530, 0), 3_000.0), "{}");
    let ran = pglint(project.path(), &["compare", "before.json", "after.json"]);
    ensure(ran.status == Some(2) && ran.stderr.contains("holds no plan"), "no plan", &ran)?;
    let cut = &plan(SEQ, (84.1, 5_530, 0), 3_000.0)[..300];
    write(&project.path().join("after.json"), cut.as_bytes());
    let ran = pglint(project.path(), &["compare", "before.json", "after.json"]);
    ensure(ran.status == Some(2), "a plan that is cut off", &ran)?;
    let ran = pglint(project.path(), &["compare", "before.json"]);
    ensure(ran.status == Some(2) && ran.stderr.contains("two captures"), "one path", &ran)
}

fn lock() -> Result<(), Failed> {
    let project = folder(&[("plans/orders.json", plan(INDEX, (0.79, 12, 0), 40.0).as_bytes())]);
    let run = |arguments: &[&str]| pglint(project.path(), arguments);
    let ran = run(&["compare", "--lock", "plans.lock.json", "plans"]);
    ensure(ran.status == Some(2) && ran.stderr.contains("--update"), "no lock yet", &ran)?;
    let ran = run(&["compare", "--lock", "plans.lock.json", "--update", "plans"]);
    ensure(ran.status == Some(0), "the lock is written", &ran)?;
    // Other figures, constants and aliases are the same plan.
    let other =
        INDEX.replace("\"Alias\": \"orders\"", "\"Alias\": \"o\"").replace("customer_id = 7", "o.customer_id = 8");
    write(&project.path().join("plans/orders.json"), plan(&other, (900.0, 13, 9), 41.0).as_bytes());
    let ran = run(&["compare", "--lock", "plans.lock.json", "--strict", "plans"]);
    ensure(ran.status == Some(0) && ran.stdout.contains("0 changed"), "the same plan", &ran)?;
    write(&project.path().join("plans/orders.json"), plan(SEQ, (0.1, 5_530, 0), 3_000.0).as_bytes());
    let ran = run(&["compare", "plans.lock.json", "plans"]);
    says(
        &ran,
        &["does more work than the lock allows", "pages 12 to 5,530", "+ Seq Scan on orders: (customer_id = ?)"],
    )?;
    ensure(ran.status == Some(1), "more work fails", &ran)?;
    for format in ["json", "markdown"] {
        let ran = run(&["compare", "plans.lock.json", "plans", "--format", format]);
        ensure(ran.status == Some(1) && ran.stdout.contains("plans/orders.json"), format, &ran)?;
    }
    Ok(())
}

fn lock_migration() -> Result<(), Failed> {
    let project = folder(&[
        ("migrations/0001_init.sql", format!("{TABLE}{ADDS_INDEX}").as_bytes()),
        ("plans/orders.json", plan(INDEX, (0.79, 12, 0), 40.0).as_bytes()),
    ]);
    let ran = pglint(project.path(), &["compare", "--lock", "plans.lock.json", "--update", "plans"]);
    ensure(ran.status == Some(0), "the lock is written", &ran)?;
    let lock = fs::read_to_string(project.path().join("plans.lock.json"))?;
    ensure(lock.contains("\"migration\": \"0001_init.sql\""), "it knows the last migration", &ran)?;
    write(&project.path().join("migrations/0002_drop.sql"), b"\ndrop index orders_customer_id_idx;\n");
    write(&project.path().join("plans/orders.json"), plan(SEQ, (0.9, 5_530, 0), 3_000.0).as_bytes());
    let ran = pglint(project.path(), &["compare", "--lock", "plans.lock.json", "plans"]);
    ensure(ran.status == Some(1), "more work", &ran)?;
    says(&ran, &["because migrations/0002_drop.sql:2 drops index orders_customer_id_idx, which the plan used"])
}

fn history() -> Result<(), Failed> {
    let project = support::root().join("testdata/projects/history");
    let ran = pglint(&project, &["history", "logs"]);
    ensure(ran.status == Some(0), "a history", &ran)?;
    let path = project.join("expected_history.txt");
    if support::update() {
        return Ok(fs::write(path, ran.stdout)?);
    }
    support::expect_same("expected_history.txt", &fs::read_to_string(path).unwrap_or_default(), &ran.stdout)?;
    let ran = pglint(&project, &["log", "--format", "json", "logs/postgresql.log"]);
    let json: Value = serde_json::from_str(&ran.stdout)?;
    ensure(
        json["statements"][0]["changes"][0]["causes"][0]["place"] == "migrations/0002_drop_unused_index.sql:1",
        "cause",
        &ran,
    )?;
    ensure(json["statements"][1]["changes"][0]["to_generic"] == true, "generic plan", &ran)?;
    ensure(json["loops"][0]["batch"] == "select * from customers where id = any($1)", "batch", &ran)?;
    ensure(json["loops"][0]["foreign_key"]["name"] == "orders_customer_id_fkey", "foreign key", &ran)
}

/// The same runs in other log formats are the same history.
fn history_prefixes() -> Result<(), Failed> {
    let project = support::root().join("testdata/projects/history");
    let log = fs::read_to_string(project.join("logs/postgresql.log"))?;
    let figures = |ran: &Ran| -> Result<Vec<Value>, Failed> {
        let json: Value = serde_json::from_str(&ran.stdout)?;
        let statements = json["statements"].as_array().into_iter().flatten();
        let mut figures: Vec<Value> = statements
            .map(|statement| {
                serde_json::json!([
                    statement["query"],
                    statement["runs"],
                    statement["changes"].as_array().map(Vec::len)
                ])
            })
            .collect();
        figures.push(json["loops"].as_array().map_or(0, Vec::len).into());
        Ok(figures)
    };
    let expected = figures(&pglint(&project, &["history", "--format", "json", "logs"]))?;
    let forms: [(&str, String); 4] = [
        ("%t [%p]:", log.replace("UTC[7582]_postgres@postgres_LOG:", "UTC [7582]: LOG:")),
        ("%m %u@%d [%p] %a", log.replace("[7582]_postgres@postgres_LOG:", " postgres@postgres [7582] psql LOG:")),
        ("syslog", syslog(&log)),
        ("jsonlog", jsonlog(&log)),
    ];
    for (name, text) in forms {
        let folder = folder(&[("pg.log", text.as_bytes())]);
        let ran = pglint(folder.path(), &["history", "--format", "json", "pg.log"]);
        ensure(ran.status == Some(0), name, &ran)?;
        ensure(figures(&ran)? == expected, name, &ran)?;
    }
    Ok(())
}

fn entries(log: &str) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in log.lines() {
        match line.split_once(" UTC[7582]_postgres@postgres_LOG:  ") {
            Some((stamp, message)) => entries.push((stamp.to_owned(), message.to_owned())),
            None => {
                let message = &mut entries.last_mut().expect("an entry comes first").1;
                message.push('\n');
                message.push_str(line.trim_start_matches('\t'));
            }
        }
    }
    entries
}

fn syslog(log: &str) -> String {
    let mut text = String::new();
    for (at, (stamp, message)) in entries(log).iter().enumerate() {
        for (part, line) in message.lines().enumerate() {
            let level = if part == 0 { format!("{stamp} UTC LOG:  ") } else { "#011".to_owned() };
            text.push_str(&format!("Nov 20 20:13:00 host postgres[7582]: [{at}-{}] {level}{line}\n", part + 1));
        }
    }
    text
}

fn jsonlog(log: &str) -> String {
    let line = |(stamp, message): &(String, String)| {
        let line = serde_json::json!({
            "timestamp": format!("{stamp} UTC"), "user": "app", "pid": 7582, "session_id": "x.1", "message": message,
        });
        line.to_string() + "\n"
    };
    entries(log).iter().map(line).collect()
}

fn page(project: &Path, paths: &[&str]) -> Result<(Ran, String, tempfile::TempDir), Failed> {
    let out = tempfile::tempdir()?;
    let file = out.path().join("out.html");
    let file_name = file.to_string_lossy().into_owned();
    let mut arguments = vec!["report", "--html", &file_name];
    arguments.extend(paths);
    let ran = pglint(project, &arguments);
    let text = fs::read_to_string(&file)?;
    Ok((ran, text, out))
}

fn report() -> Result<(), Failed> {
    let demo = support::root().join("testdata/projects/demo");
    let (ran, page, _out) = page(&demo, &["."])?;
    ensure(ran.status == Some(0), "a page", &ran)?;
    for outside in ["<link", "<img", "src=", "@import", "url(", "<iframe", "href=\"http"] {
        ensure(!page.contains(outside), &format!("the page loads {outside}"), &ran)?;
    }
    for part in [
        "<meta name=\"viewport\"",
        "prefers-color-scheme: dark",
        "default-src 'none'",
        "role=\"tree\"",
        "class=\"flame\"",
        "id=\"schema\"",
        "@media (max-width",
        "keydown",
    ] {
        ensure(page.contains(part), &format!("the page lacks {part}"), &ran)?;
    }
    for tag in ["div", "section", "ol", "li", "details", "dl", "a", "span", "p", "h2", "summary"] {
        let count = |text: &str| page.matches(text).count();
        let open = count(&format!("<{tag} ")) + count(&format!("<{tag}>"));
        ensure(open == count(&format!("</{tag}>")), &format!("{tag} is not closed as often as it is opened"), &ran)?;
    }
    Ok(())
}

fn report_findings() -> Result<(), Failed> {
    let demo = support::root().join("testdata/projects/demo");
    let (_, page, _out) = page(&demo, &["."])?;
    let linted = support::lint_paths(&demo, &["."], None);
    for finding in &linted.findings {
        let message = finding.message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let message = message.replace('"', "&quot;").replace('\'', "&#39;");
        if !page.contains(&message) {
            return Err(format!("the page lacks: {message}").into());
        }
    }
    // What people write is no markup.
    let project = folder(&[(
        "plans/x.json",
        plan(&SEQ.replace("customer_id = 7", "a = '<script>x</script>'::text"), (9.0, 99, 0), 9.0).as_bytes(),
    )]);
    let (_, page, _out) = self::page(project.path(), &["plans"])?;
    if page.contains("<script>x") || !page.contains("&lt;script&gt;x") {
        return Err("a condition became markup".into());
    }
    Ok(())
}

/// The Chromium that PGLINT_CHROMIUM names; none is looked for, since a foreign one may wait for a display.
fn browser() -> Option<PathBuf> {
    std::env::var_os("PGLINT_CHROMIUM").map(PathBuf::from).filter(|path| path.is_file())
}

/// Opens the page, lets its script run and reads what became of it.
fn report_in_browser(browser: &Path) -> Result<(), Failed> {
    let demo = support::root().join("testdata/projects/demo");
    let (_, _, out) = page(&demo, &["."])?;
    let file = out.path().join("out.html");
    let profile = out.path().join("profile");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}#p1n2", file.display()))
        .output()?;
    let dom = String::from_utf8_lossy(&output.stdout);
    // The script made the first node the one that Tab reaches, and took its summaries out of the order.
    let first = dom.find("id=\"p1n0\"").map(|at| &dom[at..(at + 400).min(dom.len())]).unwrap_or_default();
    if !first.contains("tabindex=\"0\"") || !dom.contains("<summary tabindex=\"-1\"") {
        return Err(format!("the script did not run:\n{first}\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(())
}

fn thresholds() -> Result<(), Failed> {
    let project = folder(&[("plans/orders.json", plan(SEQ, (84.1, 5_530, 0), 3_000.0).as_bytes())]);
    let ran = pglint(project.path(), &["plans", "--format", "short"]);
    says(&ran, &["[seq_scan_filtered]"])?;
    write(&project.path().join("pglint.toml"), b"[plan]\nrows_read = 200000\n");
    let ran = pglint(project.path(), &["plans", "--format", "short"]);
    ensure(!ran.stdout.contains("[seq_scan_filtered]"), "the threshold is higher now", &ran)?;
    write(&project.path().join("pglint.toml"), b"[plan]\nrows_red = 1\n");
    let ran = pglint(project.path(), &["plans", "--format", "short"]);
    says(&ran, &["unknown key \"rows_red\""])?;
    ensure(ran.status == Some(2), "a mistake in the configuration", &ran)
}

fn statement_beside() -> Result<(), Failed> {
    let text = plan(INDEX, (0.79, 12, 0), 40.0);
    let project = folder(&[
        ("plans/orders.json", text.as_bytes()),
        ("plans/orders.sql", b"set work_mem = '4MB';\nexplain (analyze) select * from orders where customer_id = 7;\n"),
        ("plans/x/plan.json", text.as_bytes()),
        ("plans/x/query.sql", b"select 1 from orders"),
    ]);
    let ran = pglint(project.path(), &["compare", "plans/x", "plans/orders.json", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout)?;
    ensure(json["changes"][0]["query"] == "select * from orders where customer_id = 7", "its statement", &ran)?;
    let ran = pglint(project.path(), &["lint", "plans", "--fail-on", "never"]);
    ensure(!ran.stdout.contains("orders.sql"), "the statement alone is no migration of a table that is not there", &ran)
}
