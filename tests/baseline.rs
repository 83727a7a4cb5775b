//! `pglint baseline`: what is known is left out, wherever it has moved; what is new is found.

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use crate::support::{self, Ran, pglint};

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 6] = [
        ("known findings are left out", known),
        ("known findings may move", moved),
        ("each finding is known once", counted),
        ("what is gone is said and removed", gone),
        ("only what was looked at can be gone", looked_at),
        ("mistakes", mistakes),
    ];
    trials.into_iter().map(|(name, run)| Trial::test(format!("baseline {name}"), run)).collect()
}

fn ensure(holds: bool, what: &str, ran: &Ran) -> Result<(), Failed> {
    if holds {
        return Ok(());
    }
    Err(format!("{what}\nstatus {:?}\n{}{}", ran.status, ran.stdout, ran.stderr).into())
}

const ONE: &str = "db/migrations/0001_a.sql";
const TWO: &str = "db/migrations/0002_b.sql";
/// An unindexed key and a syntax error.
const FIRST: &str = "create table a (id bigint primary key, b bigint references a (id));\ncreate tabel x ();\n";
/// An index that blocks writes.
const SECOND: &str = "create index on a (id, b);\n";

fn short(folder: &Path) -> Ran {
    pglint(folder, &["--format", "short", "."])
}

fn recorded() -> Result<tempfile::TempDir, Failed> {
    let folder = support::folder(&[(ONE, FIRST.as_bytes()), (TWO, SECOND.as_bytes())]);
    let ran = pglint(folder.path(), &["baseline", "."]);
    ensure(ran.stderr.ends_with("pglint-baseline.json holds 3 findings\n"), "it is written", &ran)?;
    ensure(ran.status == Some(0), "that is no failure", &ran)?;
    Ok(folder)
}

fn known() -> Result<(), Failed> {
    let folder = recorded()?;
    let ran = pglint(folder.path(), &["."]);
    let silent = ran.stdout.is_empty() && ran.status == Some(0);
    ensure(silent && ran.stderr.starts_with("no findings (3 known) in 2 migrations"), "nothing is new", &ran)?;
    let below = short(&folder.path().join("db/migrations"));
    ensure(below.stdout.is_empty(), "from a folder below as well", &below)?;
    let all = pglint(folder.path(), &["--format", "short", "--no-baseline", "."]);
    ensure(all.stdout.lines().count() == 3, "all, where they are asked for", &all)?;
    let json = pglint(folder.path(), &["--format", "json", "."]);
    ensure(json.stdout.contains("\"known\":3,\"gone\":0"), "JSON counts them", &json)?;
    support::write(&folder.path().join("db/migrations/0003_c.sql"), b"create tabel y ();\n");
    let new = short(folder.path());
    ensure(
        new.stdout.lines().count() == 1 && new.stdout.starts_with("db/migrations/0003_c.sql:1:8"),
        "what is new",
        &new,
    )
}

fn moved() -> Result<(), Failed> {
    let folder = recorded()?;
    let path = folder.path();
    fs::write(path.join(ONE), format!("-- a comment\n\n{}", FIRST.replace("tabel x", "tabel   x")))?;
    fs::rename(path.join(TWO), path.join("db/migrations/0007_other.sql"))?;
    let ran = pglint(path, &["."]);
    ensure(ran.stdout.is_empty() && ran.stderr.starts_with("no findings (3 known)"), "lines and names may change", &ran)
}

fn counted() -> Result<(), Failed> {
    let folder = recorded()?;
    fs::write(folder.path().join(ONE), format!("{FIRST}create tabel x ();\n"))?;
    let ran = short(folder.path());
    ensure(ran.stdout.lines().count() == 1, "a second one of the same kind is new", &ran)
}

fn gone() -> Result<(), Failed> {
    let folder = recorded()?;
    fs::write(folder.path().join(ONE), FIRST.replace("tabel x ()", "table x (id bigint primary key)"))?;
    let ran = pglint(folder.path(), &["."]);
    let told = format!("gone: {ONE}: syntax error at or near \"tabel\" [syntax_error]\n");
    ensure(ran.stderr.starts_with(&told) && ran.stderr.contains("--prune"), "it is said", &ran)?;
    let pruned = pglint(folder.path(), &["baseline", "--prune", "."]);
    ensure(pruned.stderr.starts_with("1 entry removed\n"), "it is removed", &pruned)?;
    let ran = pglint(folder.path(), &["."]);
    ensure(ran.stderr.starts_with("no findings (2 known)"), "and known no more", &ran)?;
    fs::write(folder.path().join(ONE), FIRST)?;
    let again = short(folder.path());
    ensure(again.stdout.lines().count() == 1, "so it is new when it comes back", &again)?;
    let updated = pglint(folder.path(), &["baseline", "--update", "."]);
    ensure(updated.stderr.ends_with("holds 3 findings\n"), "--update takes it in", &updated)
}

fn looked_at() -> Result<(), Failed> {
    let folder = recorded()?;
    fs::write(folder.path().join(ONE), FIRST.replace("tabel x ()", "table x (id bigint primary key)"))?;
    let ran = pglint(folder.path(), &[TWO]);
    ensure(!ran.stderr.contains("gone"), "a run over another file cannot tell", &ran)?;
    fs::remove_file(folder.path().join(TWO))?;
    let ran = pglint(folder.path(), &["."]);
    ensure(ran.stderr.contains(&format!("gone: {TWO}")), "with its file it is gone", &ran)
}

fn mistakes() -> Result<(), Failed> {
    let folder = recorded()?;
    let again = pglint(folder.path(), &["baseline", "."]);
    ensure(again.status == Some(2) && again.stderr.contains("is there already"), "nothing is overwritten", &again)?;
    let missing = pglint(folder.path(), &["--baseline", "nowhere.json", "."]);
    ensure(missing.status == Some(2) && missing.stderr.contains("nowhere.json"), "one that is not there", &missing)?;
    fs::write(folder.path().join("pglint-baseline.json"), "{}")?;
    let broken = short(folder.path());
    ensure(broken.status == Some(2) && broken.stderr.contains("this is no baseline"), "one that is none", &broken)
}
