//! The command line: exit status, streams, colours, formats, and every console block of the README.

use std::fs;

use libtest_mimic::{Failed, Trial};

use crate::markdown::{self, Block};
use crate::support::{self, Ran, pglint, pglint_with_input};

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 17] = [
        ("README", readme),
        ("exit status", exit_status),
        ("bad arguments", bad_arguments),
        ("two runs are byte-identical", two_runs),
        ("colours", colours),
        ("output to a file", output_to_file),
        ("quiet", quiet),
        ("rules and explain", rules_and_explain),
        ("init", init),
        ("completions", completions),
        ("one file with its siblings as context", one_file_in_context),
        ("plans find the schema they are about", plans_find_schema),
        ("several projects in one run", several_projects),
        ("configuration", configuration),
        ("standard input as a file", stdin_as_a_file),
        ("directives", directives),
        ("the advisor looks at any folder", advisor_of_any_folder),
    ];
    trials.into_iter().map(|(name, run)| Trial::test(format!("cli {name}"), run)).collect()
}

fn ensure(holds: bool, what: &str, ran: &Ran) -> Result<(), Failed> {
    if holds {
        return Ok(());
    }
    Err(format!("{what}\nstatus {:?}\n{}{}", ran.status, ran.stdout, ran.stderr).into())
}

const BROKEN: &str = "create tabel a ();\n";
const CLEAN: &str = "create table public.a (id bigint primary key);\n";

/// Runs each `$ pglint …` line of the README in the demo project and compares what it prints.
fn readme() -> Result<(), Failed> {
    let path = support::root().join("README.md");
    let page = fs::read_to_string(&path)?;
    let mut blocks = markdown::parse(&page);
    let mut ran = 0;
    for block in &mut blocks {
        if let Block::Fence { info, body } = block
            && info == "console"
        {
            *body = run_console(body)?;
            ran += 1;
        }
    }
    let found = markdown::print(&blocks);
    if ran == 0 {
        return Err("the README has no console block".into());
    }
    let (page, shown) = (without_times(&page), without_times(&found));
    if support::update() && page != shown {
        return Ok(fs::write(path, found)?);
    }
    support::expect_same("README.md", &page, &shown)
}

fn run_console(body: &str) -> Result<String, Failed> {
    let demo = support::root().join("testdata/projects/demo");
    let mut out = String::new();
    for line in body.lines().filter(|line| line.starts_with("$ ")) {
        let mut words = line[2..].split_whitespace();
        if words.next() != Some("pglint") {
            return Err(format!("only pglint can be run here: {line}").into());
        }
        let ran = pglint(&demo, &words.collect::<Vec<_>>());
        out.push_str(&format!("{line}\n{}{}", ran.stdout, ran.stderr));
    }
    Ok(out)
}

/// The clock is no part of what is compared.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(", ") {
        Some((rest, time)) if time.ends_with(" ms") => format!("{rest}, … ms\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn exit_status() -> Result<(), Failed> {
    let folder = support::folder(&[("1_a.sql", BROKEN.as_bytes()), ("2_b.sql", CLEAN.as_bytes())]);
    let status = |arguments: &[&str]| pglint(folder.path(), arguments).status;
    let expected = [
        (status(&["2_b.sql"]), 0),
        (status(&["1_a.sql"]), 1),
        (status(&["--fail-on", "error", "."]), 1),
        (status(&["--fail-on", "never", "."]), 0),
        (status(&["nowhere.sql"]), 2),
        (status(&["--fail-on", "never", "nowhere.sql"]), 2),
    ];
    match expected.iter().find(|(found, expected)| *found != Some(*expected)) {
        Some(wrong) => Err(format!("{wrong:?} in {expected:?}").into()),
        None => Ok(()),
    }
}

fn bad_arguments() -> Result<(), Failed> {
    let folder = support::folder(&[]);
    for arguments in [&["--no-such-flag"][..], &["--postgres", "9"], &["--format", "prose"], &["explain"]] {
        let ran = pglint(folder.path(), arguments);
        ensure(ran.status == Some(2) && !ran.stderr.is_empty(), &format!("{arguments:?} is refused"), &ran)?;
    }
    let help = pglint(folder.path(), &["--help"]);
    ensure(help.status == Some(0) && help.stdout.contains("Exit status"), "--help explains the exit status", &help)
}

fn two_runs() -> Result<(), Failed> {
    let demo = support::root().join("testdata/projects/demo");
    for format in ["human", "json", "github", "sarif", "short", "gitlab", "junit"] {
        let run = || pglint(&demo, &["--format", format, "."]).stdout;
        let first = run();
        if first.is_empty() || first != run() {
            return Err(format!("{format} differs between two runs, or is empty").into());
        }
    }
    Ok(())
}

fn colours() -> Result<(), Failed> {
    let folder = support::folder(&[("1_a.sql", BROKEN.as_bytes())]);
    let is_coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        support::pglint_with(folder.path(), arguments, b"", variables).stdout.contains("\x1b[")
    };
    let forced = [("CLICOLOR_FORCE", "1")];
    let expected = [
        ("a pipe", is_coloured(&["."], &[]), false),
        ("--color always", is_coloured(&["--color", "always", "."], &[]), true),
        ("CLICOLOR_FORCE", is_coloured(&["."], &forced), true),
        ("--color never", is_coloured(&["--color", "never", "."], &forced), false),
        ("NO_COLOR", is_coloured(&["."], &[("NO_COLOR", "1")]), false),
        ("other formats", is_coloured(&["--format", "short", "--color", "always", "."], &[]), false),
    ];
    match expected.iter().find(|(_, found, expected)| found != expected) {
        Some((what, found, _)) => Err(format!("{what}: coloured is {found}").into()),
        None => Ok(()),
    }
}

fn output_to_file() -> Result<(), Failed> {
    let folder = support::folder(&[("1_a.sql", BROKEN.as_bytes())]);
    let ran = pglint(folder.path(), &["--format", "json", "--output", "report.json", "."]);
    ensure(ran.stdout.is_empty() && ran.status == Some(1), "the report goes to the file alone", &ran)?;
    let report: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("report.json"))?)?;
    if report["version"] != 1 || report["findings"][0]["rule"] != "syntax_error" {
        return Err(format!("not the report: {report}").into());
    }
    let ran = pglint(folder.path(), &["--output", "no/such/folder.json", "."]);
    ensure(ran.status == Some(2) && ran.stderr.contains("no/such/folder.json"), "a file that cannot be written", &ran)
}

fn quiet() -> Result<(), Failed> {
    let folder = support::folder(&[("1_a.sql", CLEAN.as_bytes())]);
    let loud = pglint(folder.path(), &["."]);
    ensure(loud.stderr.starts_with("no findings in 1 migration, "), "the summary is on standard error", &loud)?;
    let quiet = pglint(folder.path(), &["--quiet", "."]);
    ensure(quiet.stderr.is_empty() && quiet.stdout.is_empty(), "--quiet says nothing", &quiet)
}

fn rules_and_explain() -> Result<(), Failed> {
    let here = support::root();
    let listed = pglint(here, &["rules", "--format", "json"]);
    let rules: Vec<serde_json::Value> = serde_json::from_str(&listed.stdout)?;
    for rule in &rules {
        let id = rule["id"].as_str().unwrap_or_default();
        let page = pglint(here, &["explain", id]);
        ensure(page.stdout.starts_with(&format!("# {id}\n")), &format!("the page of {id}"), &page)?;
    }
    let listed = pglint(here, &["rules"]);
    ensure(listed.stdout.lines().count() == rules.len(), "a line a rule", &listed)?;
    let alias = pglint(here, &["explain", "splinter/0001"]);
    ensure(alias.stdout.starts_with("# unindexed_foreign_keys"), "another tool's name is understood", &alias)?;
    let wrong = pglint(here, &["explain", "unindexed_foreign_key"]);
    let meant = wrong.stderr.contains("did you mean unindexed_foreign_keys?");
    ensure(meant && wrong.status == Some(2), "a wrong name is corrected", &wrong)
}

fn init() -> Result<(), Failed> {
    let folder = support::folder(&[("1_a.sql", CLEAN.as_bytes())]);
    let first = pglint(folder.path(), &["init"]);
    ensure(first.status == Some(0) && folder.path().join("pglint.toml").is_file(), "init writes the file", &first)?;
    let clean = pglint(folder.path(), &["."]);
    ensure(clean.status == Some(0), "what init writes is no mistake", &clean)?;
    let second = pglint(folder.path(), &["init"]);
    ensure(second.status == Some(2) && second.stderr.contains("is there already"), "init overwrites nothing", &second)
}

fn completions() -> Result<(), Failed> {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = pglint(support::root(), &["completions", shell]);
        ensure(ran.status == Some(0) && ran.stdout.contains("fail-on"), shell, &ran)?;
    }
    Ok(())
}

/// What a pre-commit hook does: it passes one file of many.
fn one_file_in_context() -> Result<(), Failed> {
    let folder = support::folder(&[
        ("supabase/migrations/20260101000000_a.sql", BROKEN.as_bytes()),
        ("supabase/migrations/20260102000000_b.sql", b"create table public.b (id bigint primary key);\n"),
        ("supabase/migrations/20260103000000_c.sql", b"alter table public.b add column c text;\ncreate tabel d ();\n"),
    ]);
    let ran = pglint(folder.path(), &["--format", "short", "supabase/migrations/20260103000000_c.sql"]);
    let expected =
        "supabase/migrations/20260103000000_c.sql:2:8: error: syntax error at or near \"tabel\" [syntax_error]\n";
    ensure(ran.stdout == expected, "only that file is reported, and b is known", &ran)
}

fn plans_find_schema() -> Result<(), Failed> {
    let demo = support::root().join("testdata/projects/demo");
    let alone = pglint(&demo, &["--format", "short", "plans"]);
    let only_plans = alone.stdout.lines().all(|line| line.starts_with("plans/"));
    ensure(only_plans && !alone.stdout.is_empty(), "only plans are reported", &alone)?;
    let together = pglint(&demo, &["--format", "json", "plans"]);
    ensure(together.stdout.contains("supabase/migrations/20260110080000_init.sql"), "the schema is shown", &together)
}

fn several_projects() -> Result<(), Failed> {
    let create = b"create table public.a (id bigint primary key);\n";
    let folder = support::folder(&[("one/migrations/1_a.sql", create), ("two/migrations/1_a.sql", create)]);
    let ran = pglint(folder.path(), &["."]);
    ensure(ran.status == Some(0) && ran.stderr.starts_with("no findings in 2 migrations"), "each is its own", &ran)
}

fn configuration() -> Result<(), Failed> {
    let files: &[(&str, &[u8])] = &[("db/migrations/1_a.sql", BROKEN.as_bytes())];
    let folder = support::folder(files);
    let with = |config: &str, arguments: &[&str]| {
        support::write(&folder.path().join("pglint.toml"), config.as_bytes());
        pglint(folder.path(), arguments)
    };
    let short = ["--format", "short", "db"];
    let off = with("[rules]\nsyntax_error = \"off\"\n", &short);
    ensure(off.status == Some(0) && off.stdout.is_empty(), "a rule can be off", &off)?;
    let milder = with("[rules]\ncorrectness = \"info\"\n", &short);
    ensure(milder.stdout.contains(": info: ") && milder.status == Some(0), "a category can be milder", &milder)?;
    let scoped = with("[[overrides]]\npaths = [\"db/**\"]\nrules = { syntax_error = \"off\" }\n", &short);
    ensure(scoped.status == Some(0), "by path", &scoped)?;
    let excluded = with("[project]\nexclude = [\"db\"]\n", &short);
    ensure(excluded.status == Some(0), "exclude", &excluded)?;
    let mistaken = with("[rules]\nsyntax_eror = \"off\"\n", &short);
    let pointed = mistaken.stdout.contains("pglint.toml:2:1: error: unknown rule \"syntax_eror\" [invalid_config]");
    ensure(pointed && mistaken.status == Some(2), "a mistake is pointed at", &mistaken)?;
    let elsewhere = with("[rules]\nall = \"off\"\n", &["--config", "other.toml", "db"]);
    ensure(elsewhere.status == Some(2), "a configuration that is not there", &elsewhere)
}

/// What an editor does: it pipes what it holds, under the name of the file.
fn stdin_as_a_file() -> Result<(), Failed> {
    let new = "supabase/migrations/20260102000000_b.sql";
    let folder =
        support::folder(&[("supabase/migrations/20260101000000_a.sql", CLEAN.as_bytes()), (new, b"select 1;")]);
    let text = b"alter table public.a add column b text;\nalter table public.nowhere add column c text;\n";
    for name in [new, "supabase/migrations/20260103000000_c.sql"] {
        let arguments = ["--format", "short", "--stdin-filename", name, "-"];
        let ran = pglint_with_input(folder.path(), &arguments, text);
        let one = ran.stdout.lines().count() == 1 && ran.stdout.starts_with(&format!("{name}:2:13: error: "));
        ensure(one, "its siblings are known, and only it is reported", &ran)?;
    }
    Ok(())
}

fn directives() -> Result<(), Failed> {
    let allowed = format!("-- pglint: allow syntax_error because the server is older\n{BROKEN}");
    let folder = support::folder(&[("1_a.sql", allowed.as_bytes())]);
    let ran = pglint(folder.path(), &["."]);
    ensure(ran.status == Some(0) && ran.stdout.is_empty(), "a directive silences", &ran)?;
    let unused = pglint_with_input(
        folder.path(),
        &["--format", "short", "-"],
        b"-- pglint: allow syntax_error because x\nselect 1;",
    );
    ensure(unused.stdout.contains("[unused_allow]") && unused.status == Some(1), "an unused one is found", &unused)
}

/// The advisor is Supabase's, so a folder without its marks is taken for a Supabase project.
fn advisor_of_any_folder() -> Result<(), Failed> {
    let table: (&str, &[u8]) = ("0001_a.sql", b"create table public.a (id bigint primary key);\n");
    let folder = support::folder(&[table]);
    let ran = pglint(folder.path(), &["--format", "advisors", "."]);
    ensure(ran.stdout.contains("\"rls_disabled_in_public_public_a\""), "an open table is listed", &ran)?;
    let without = pglint(folder.path(), &["--format", "advisors", "--pg-graphql", "off", "."]);
    let graphql = |ran: &Ran| ran.stdout.contains("pg_graphql_anon_table_exposed");
    ensure(graphql(&ran) && !graphql(&without), "what shows it to GraphQL can be off", &without)?;
    let plain = pglint(folder.path(), &["--format", "advisors", "--platform", "postgres", "."]);
    ensure(plain.stdout.trim() == "[]" && plain.status == Some(0), "a plain server has no API roles", &plain)?;
    let hidden = support::folder(&[table, ("config.toml", b"[api]\nschemas = [\"api\"]\n")]);
    let ran = pglint(hidden.path(), &["--format", "advisors", "."]);
    ensure(!ran.stdout.contains("rls_disabled_in_public"), "the configuration beside the files counts", &ran)
}
