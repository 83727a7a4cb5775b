//! Fixes as they are sent: on a real server, in the files and the transactions of each runner.
//!
//! Every *Fixed* example of the rules about statements and schemas is applied as it stands. Then small projects, one a
//! runner and a danger, are mended by `pglint fix`, once in their files and once as a new migration. What comes out must
//! be accepted by the server as the runner sends it, a finding must be gone, and no other one may be there that was not
//! there before.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use pglint::lint::Linted;
use pglint::project::{Request, open};
use pglint::rule::Rule;
use pglint::rules;
use postgres::Client;

use crate::pages;
use crate::runners::{RUNNERS, Runner, named};
use crate::server::Server;
use crate::support::{self, pglint};

pub fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let of_pages = rules::all().into_iter().filter(|rule| looks_at_ddl(rule)).flat_map(|rule| {
        pages::fixed_projects(rule).into_iter().enumerate().map(move |(at, files)| (rule.id, at, files))
    });
    let mut trials: Vec<Trial> = Vec::new();
    for (id, at, files) in of_pages {
        let server = Arc::clone(server);
        trials.push(Trial::test(format!("sent page {id} {}", at + 1), move || page(&server, &files)));
    }
    for runner in RUNNERS {
        for (name, sql) in CASES {
            for new_migration in [false, true] {
                let server = Arc::clone(server);
                let way = if new_migration { "new migration" } else { "edit" };
                let title = format!("sent by {}: {name}, {way}", runner.name);
                trials.push(Trial::test(title, move || mend(&server, runner, sql, new_migration)));
            }
        }
    }
    trials
}

fn looks_at_ddl(rule: &Rule) -> bool {
    rule.module.contains("::statement::") || rule.module.contains("::schema::")
}

/// What is there before the change.
const BASE: &str = "create table accounts (id bigint primary key, name text);
create table orders (id bigint primary key, account_id bigint, code text, qty int, note text);
create index orders_code_idx on orders (code);
create index orders_account_idx on orders (account_id);
create materialized view daily as select qty, count(*) as n from orders group by qty;
create unique index daily_key on daily (qty);
create table events (id bigint not null, day date not null, primary key (id, day)) partition by range (day);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
alter table accounts enable row level security;
alter table orders enable row level security;
alter table events enable row level security;
alter table events_2025 enable row level security;
revoke all on daily from public;
insert into accounts values (1, 'a');
insert into orders values (1, 1, 'a', 1, 'x');
";

/// Dangers, each a file of its own behind the base.
const CASES: &[(&str, &str)] = &[
    ("index", "create index orders_qty_idx on orders (qty);"),
    ("index with a comment", "-- for the list\ncreate index orders_qty_idx /* b-tree */ on orders (qty); -- done\n"),
    ("index if not exists", "create index if not exists orders_qty_idx on orders (qty);"),
    ("unique index", "create unique index orders_code_key on orders (code);"),
    ("two indexes", "create index orders_qty_idx on orders (qty);\ncreate index orders_note_idx on orders (note);"),
    ("index of a partitioned table", "create index events_day_idx on events (day);"),
    ("drop index", "drop index orders_code_idx;"),
    ("drop index if exists", "drop index if exists orders_code_idx;"),
    ("drop two indexes", "drop index orders_code_idx, orders_account_idx;"),
    ("drop index cascade", "drop index orders_code_idx cascade;"),
    ("reindex", "reindex table orders;"),
    ("reindex index", "reindex (verbose) index orders_code_idx;"),
    (
        "foreign key",
        "alter table orders add constraint orders_account_fk foreign key (account_id) references accounts (id);",
    ),
    ("foreign key without a name", "alter table orders add foreign key (account_id) references accounts;"),
    (
        "foreign key in a list",
        "alter table orders add column z int, add foreign key (account_id) references accounts (id);",
    ),
    ("column with a foreign key", "alter table orders add column other bigint default 1 references accounts (id);"),
    ("check", "alter table orders add constraint orders_qty check (qty > 0);"),
    ("check without a name", "alter table orders add check (qty > 0), add column z int;"),
    ("check no inherit", "alter table orders add constraint orders_qty check (qty > 0) no inherit;"),
    ("concurrently in the file", "create index concurrently orders_qty_idx on orders (qty);"),
    (
        "concurrently beside another",
        "alter table orders add column z int;\ncreate index concurrently orders_z_idx on orders (z);",
    ),
    (
        "unindexed foreign key",
        "create table lines (id bigint primary key, order_id bigint references orders (id));\nalter table lines enable row level security;",
    ),
    (
        "unlogged table",
        "create unlogged table cache (id bigint primary key);\nalter table cache enable row level security;",
    ),
    (
        "duplicate index",
        "create table lines (id bigint primary key, n int);\nalter table lines enable row level security;\ncreate index lines_n on lines (n);\ncreate index lines_n2 on lines (n);",
    ),
];

/// What a new migration takes itself is told of where its runner has no way around that: it sends a file as one string,
/// in which nothing is built concurrently; SET LOGGED writes the table anew.
const OWN_LOCKS: &[&str] = &["index_build_blocks_writes ", "index_drop_blocks ", "table_rewrite "];

/// A *Fixed* example, sent as psql or the Supabase CLI does.
fn page(server: &Server, files: &[(String, String)]) -> Result<(), Failed> {
    let contents: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let folder = support::folder(&contents);
    let on_supabase = files.iter().any(|(name, _)| name.starts_with("supabase/"));
    let runner = named(if on_supabase { "supabase" } else { "psql" });
    apply(server, runner, folder.path(), on_supabase)
}

fn mend(server: &Server, runner: &Runner, sql: &str, new_migration: bool) -> Result<(), Failed> {
    let (before, after) = runner.around;
    let text = |sql: &str| format!("{before}{sql}{after}");
    let config = format!("[project]\nrunner = \"{}\"\nplatform = \"{}\"\n", runner.name, platform(runner));
    let file = |number: &str| runner.file.replace("{}", number);
    let (base, change) = (file("1"), file("2"));
    let (base_text, change_text) = (text(BASE), text(sql));
    let folder = support::folder(&[
        ("pglint.toml", config.as_bytes()),
        (base.as_str(), base_text.as_bytes()),
        (change.as_str(), change_text.as_bytes()),
    ]);
    if runner.name == "drizzle" {
        write_journal(folder.path());
    }
    let found = keys(&lint(folder.path()));
    let mut arguments = vec!["fix", "--unsafe", "--all"];
    if new_migration {
        arguments.push("--new-migration");
    }
    arguments.push(".");
    let ran = pglint(folder.path(), &arguments);
    if ran.stderr.starts_with("nothing to fix") || !ran.stderr.starts_with("fixed ") {
        return Ok(());
    }
    let said = || format!("{}{}\n{}", ran.stdout, ran.stderr, listing(folder.path()));
    apply(server, runner, folder.path(), runner.name == "supabase")
        .map_err(|failed| format!("{}\n{}", failed.message().unwrap_or_default(), said()))?;
    let left = keys(&lint(folder.path()));
    let told = |key: &String| new_migration && OWN_LOCKS.iter().any(|rule| key.starts_with(rule));
    if let Some(new) = left.iter().find(|key| !found.contains(*key) && !told(key)) {
        return Err(format!("a new finding: {new}\n{}", said()).into());
    }
    if found.is_subset(&left) {
        return Err(format!("all is found as before: {left:?}\n{}", said()).into());
    }
    Ok(())
}

fn platform(runner: &Runner) -> &'static str {
    if runner.name == "supabase" { "supabase" } else { "postgres" }
}

/// The order of drizzle's files.
fn write_journal(folder: &Path) {
    let entry =
        |number: u8| format!(r#"{{"idx":{number},"when":{number},"tag":"000{number}_change","breakpoints":true}}"#);
    let journal = format!(r#"{{"version":"7","dialect":"postgresql","entries":[{},{}]}}"#, entry(1), entry(2));
    support::write(&folder.join("drizzle/meta/_journal.json"), journal.as_bytes());
}

fn lint(folder: &Path) -> Linted {
    support::lint_paths(folder, &["."], None)
}

/// What tells findings apart, wherever they stand.
fn keys(linted: &Linted) -> BTreeSet<String> {
    linted.findings.iter().map(|finding| format!("{} {}", finding.rule, finding.subject)).collect()
}

/// Sends all files to a new database, in pglint's order.
fn apply(server: &Server, runner: &Runner, folder: &Path, on_supabase: bool) -> Result<(), Failed> {
    let base = folder.canonicalize()?;
    let request = Request { base: base.clone(), paths: vec![base], ..Request::default() };
    let workspace = open(&request, &rules::all());
    let send = |client: &mut Client| {
        let migrations = workspace.projects.iter().flat_map(|project| &project.migrations);
        for file in migrations.map(|migration| workspace.sources.file(migration.file)) {
            match (runner.send)(client, &file.path, &file.text) {
                // An extension that this server was not built with: nothing can be said of it here.
                Err(error) if told(&error).ends_with("is not available") => return Ok(()),
                sent => sent.map_err(|error| refused(&file.name, &file.text, &error))?,
            }
        }
        Ok(())
    };
    if on_supabase { server.scratch(send) } else { server.plain(send) }
}

fn told(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |it| format!("{} {}", it.code().code(), it.message()))
}

fn refused(name: &str, text: &str, error: &postgres::Error) -> Failed {
    format!("{name}: the server answers {}\n{text}", told(error)).into()
}

fn listing(folder: &Path) -> String {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let sql = files.filter(|entry| entry.path().extension().is_some_and(|it| it == "sql"));
    let shown =
        sql.filter(|entry| !fs::read_to_string(entry.path()).is_ok_and(|text| text.contains("create table accounts")));
    shown
        .map(|entry| {
            format!("--- {}\n{}\n", entry.path().display(), fs::read_to_string(entry.path()).unwrap_or_default())
        })
        .collect()
}
