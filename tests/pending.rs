//! Which migrations count as applied, by git and by version, and what is then reported and edited.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::support::{self, Ran, pglint, pglint_with};

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 9] = [
        ("since a revision", since),
        ("what pending files do to the schema", schema),
        ("tables of pending files are new", unreleased),
        ("the branch of a pull request", base_branch),
        ("configuration", configuration),
        ("after a version", after),
        ("mistakes", mistakes),
        ("fix edits pending files alone", fix),
        ("a hook's variables", hook),
    ];
    trials.into_iter().map(|(name, run)| Trial::test(format!("pending {name}"), run)).collect()
}

fn ensure(holds: bool, what: &str, ran: &Ran) -> Result<(), Failed> {
    if holds {
        return Ok(());
    }
    Err(format!("{what}\nstatus {:?}\n{}{}", ran.status, ran.stdout, ran.stderr).into())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<(), Failed> {
    let settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(settings).args(arguments);
    let ran = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output()?;
    if ran.status.success() {
        return Ok(());
    }
    Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr)).into())
}

const OLD: &str = "supabase/migrations/20260101000000_a.sql";
const NEW: &str = "supabase/migrations/20260102000000_b.sql";
/// An unindexed key, an index built late, a syntax error.
const APPLIED: &str = "create table public.a (id bigint primary key, b bigint references public.a (id));
alter table public.a enable row level security;
create tabel oops ();
";

/// A repository whose branch `main` has the first file, and a branch with `new` besides.
fn repository(new: &str) -> Result<TempDir, Failed> {
    let folder = support::folder(&[(OLD, APPLIED.as_bytes())]);
    let path = folder.path();
    git(path, &["init", "-q", "-b", "main"])?;
    git(path, &["add", "."])?;
    git(path, &["commit", "-qm", "one"])?;
    git(path, &["checkout", "-qb", "work"])?;
    support::write(&path.join(NEW), new.as_bytes());
    git(path, &["add", "."])?;
    git(path, &["commit", "-qm", "two"])?;
    Ok(folder)
}

const INDEX: &str = "create index on public.a (id, b);\n";

fn since() -> Result<(), Failed> {
    let folder = repository(INDEX)?;
    let all = pglint(folder.path(), &["--format", "short", "."]);
    ensure(all.stdout.lines().count() == 3, "without it, all is reported", &all)?;
    let since = pglint(folder.path(), &["--format", "short", "--since", "main", "."]);
    let one = since.stdout.lines().count() == 1 && since.stdout.contains("[index_build_blocks_writes]");
    ensure(one && since.stdout.starts_with(NEW), "only what is new", &since)?;
    let human = pglint(folder.path(), &["--since", "main", "."]);
    ensure(human.stderr.contains("in 2 migrations (1 pending)"), "the summary says so", &human)?;
    let inside = pglint(&folder.path().join("supabase/migrations"), &["--format", "short", "--since", "main"]);
    ensure(inside.stdout.lines().count() == 1, "from a folder below as well", &inside)?;
    let nothing = pglint(folder.path(), &["--since", "HEAD", "."]);
    ensure(nothing.status == Some(0) && nothing.stdout.is_empty(), "nothing is pending", &nothing)?;
    // What is not committed counts, be it known to git or not.
    support::write(&folder.path().join("supabase/migrations/20260103000000_ünic ode.sql"), b"create tabel c ();\n");
    let untracked = pglint(folder.path(), &["--format", "short", "--since", "HEAD", "."]);
    ensure(untracked.stdout.contains("ode.sql:1:8: error"), "an untracked file is pending", &untracked)?;
    fs::write(folder.path().join(OLD), format!("{APPLIED}create tabel d ();\n"))?;
    let changed = pglint(folder.path(), &["--format", "short", "--since", "HEAD", "."]);
    ensure(changed.stdout.contains(&format!("{OLD}:4:8")), "so is a changed one", &changed)?;
    // The other branch going on is no change of this one.
    git(folder.path(), &["stash", "-qu"])?;
    git(folder.path(), &["checkout", "-q", "main"])?;
    support::write(&folder.path().join("supabase/migrations/20260101120000_x.sql"), b"create tabel x ();\n");
    git(folder.path(), &["add", "."])?;
    git(folder.path(), &["commit", "-qm", "three"])?;
    git(folder.path(), &["checkout", "-q", "work"])?;
    let since = pglint(folder.path(), &["--format", "short", "--since", "main", "."]);
    ensure(since.stdout.lines().count() == 1, "since the branch was made, not since its other end", &since)
}

fn schema() -> Result<(), Failed> {
    // The pending file takes the index away: the finding is at the key, in the applied file.
    let folder = support::folder(&[
        (OLD, b"create table public.a (id bigint primary key, b bigint references public.a (id), c bigint references public.a (id));
alter table public.a enable row level security;
create index a_b on public.a (b);
"),
        (NEW, b"drop index public.a_b;\n"),
    ]);
    let ran = pglint(folder.path(), &["--format", "short", "--after", "20260101000000", "."]);
    let keys: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("unindexed_foreign_keys")).collect();
    ensure(keys.len() == 1 && keys[0].contains("a_b_fkey") && keys[0].starts_with(OLD), "what it causes", &ran)?;
    let other = repository("create table public.n (id bigint primary key);\n")?;
    let ran = pglint(other.path(), &["--format", "short", "--since", "main", "."]);
    let touched = ran.stdout.contains("table public.n can be read") && !ran.stdout.contains("a_b_fkey");
    ensure(touched, "what is in it", &ran)
}

fn unreleased() -> Result<(), Failed> {
    let later = "supabase/migrations/20260103000000_c.sql";
    let folder = repository(
        "create table public.n (id bigint primary key, c text);\nalter table public.n enable row level security;\n",
    )?;
    support::write(&folder.path().join(later), b"create index on public.n (c);\n");
    let all = pglint(folder.path(), &["--format", "short", later]);
    ensure(all.stdout.contains("index_build_blocks_writes"), "each file is a deployment of its own", &all)?;
    let since = pglint(folder.path(), &["--format", "short", "--since", "main", "."]);
    ensure(since.stdout.is_empty(), "but not where both are known to be pending", &since)
}

fn base_branch() -> Result<(), Failed> {
    let folder = repository(INDEX)?;
    let run =
        |branch: &str| pglint_with(folder.path(), &["--format", "short", "."], b"", &[("GITHUB_BASE_REF", branch)]);
    let local = run("main");
    ensure(local.stdout.lines().count() == 1, "the branch itself, where there is no remote one", &local)?;
    git(folder.path(), &["update-ref", "refs/remotes/origin/release", "main"])?;
    let remote = run("release");
    ensure(remote.stdout.lines().count() == 1, "the remote branch", &remote)?;
    let unknown = run("nowhere");
    let told = unknown.stderr.contains("note: all migrations count as pending");
    ensure(unknown.stdout.lines().count() == 3 && told, "a clone without it is told", &unknown)?;
    let empty = run("");
    ensure(empty.stdout.lines().count() == 3 && empty.stderr.is_empty(), "no pull request", &empty)?;
    let arguments = ["--format", "short", "--all", "."];
    let all = pglint_with(folder.path(), &arguments, b"", &[("GITHUB_BASE_REF", "main")]);
    ensure(all.stdout.lines().count() == 3, "--all overrides it", &all)
}

fn configuration() -> Result<(), Failed> {
    let folder = repository(INDEX)?;
    let with = |config: &str| {
        support::write(&folder.path().join("pglint.toml"), config.as_bytes());
        pglint(folder.path(), &["--format", "short", "."])
    };
    for config in ["pending = 'main'", "pending = { since = 'main' }", "pending = { after = '20260101000000' }"] {
        let ran = with(&format!("[project]\n{config}\n"));
        ensure(ran.stdout.lines().count() == 1, config, &ran)?;
    }
    let wrong = with("[project]\npending = { sinse = 'main' }\n");
    ensure(wrong.stdout.contains("unknown key \"sinse\"") && wrong.status == Some(2), "an unknown key", &wrong)
}

fn after() -> Result<(), Failed> {
    let folder = repository(INDEX)?;
    for (version, lines) in
        [("20260101000000", 1), ("20260101", 1), ("20260102000000", 0), ("2026010100", 1), ("20251231", 2)]
    {
        let ran = pglint(folder.path(), &["--format", "short", "--after", version, "."]);
        ensure(ran.stdout.lines().count() == lines, version, &ran)?;
    }
    Ok(())
}

fn mistakes() -> Result<(), Failed> {
    let folder = repository(INDEX)?;
    let unknown = pglint(folder.path(), &["--since", "nowhere", "."]);
    ensure(
        unknown.status == Some(2) && unknown.stdout.contains("git knows no revision nowhere"),
        "a revision",
        &unknown,
    )?;
    let option = pglint(folder.path(), &["--since=--output=x", "."]);
    ensure(option.status == Some(2) && !folder.path().join("x").exists(), "an option is no revision", &option)?;
    let both = pglint(folder.path(), &["--since", "main", "--after", "1", "."]);
    ensure(both.status == Some(2), "both", &both)?;
    let bare = support::folder(&[(OLD, APPLIED.as_bytes())]);
    let none = pglint(bare.path(), &["--since", "main", "."]);
    ensure(
        none.status == Some(2) && none.stdout.contains("cannot tell which migrations are pending"),
        "no repository",
        &none,
    )
}

fn fix() -> Result<(), Failed> {
    let folder = repository("create table public.n (id bigint primary key, a bigint references public.a (id));\n")?;
    let edited = pglint(folder.path(), &["fix", "--since", "main", "."]);
    ensure(edited.stderr.starts_with("fixed 1 finding in 1 file"), "the pending file", &edited)?;
    ensure(fs::read_to_string(folder.path().join(OLD))? == APPLIED, "the applied one stays", &edited)?;
    let migration = pglint(folder.path(), &["fix", "--new-migration", "--diff", "--since", "main", "."]);
    ensure(migration.stdout.contains("on public.a (b)"), "what is applied needs a migration", &migration)?;
    ensure(!migration.stdout.contains("public.n"), "what is not applied does not", &migration)
}

/// git runs a hook with variables that are about another folder.
fn hook() -> Result<(), Failed> {
    let folder = repository(INDEX)?;
    let variables = [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")];
    let below = folder.path().join("supabase");
    let ran = pglint_with(&below, &["--format", "short", "--since", "main", "."], b"", &variables);
    ensure(ran.stdout.lines().count() == 1, "they are left aside", &ran)
}
