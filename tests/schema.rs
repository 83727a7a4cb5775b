//! `pglint schema`: each file of `testdata/schema` is a project. What is printed for it is in the `.out` file beside it,
//! and makes the same schema again.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::support;

/// What the projects are replayed on.
pub const CONFIG: &str = "[project]\nplatform = 'supabase'\nrunner = 'psql'\npostgres = 17\n";

pub fn trials() -> Vec<Trial> {
    let files = files().into_iter();
    let same = files.map(|path| Trial::test(format!("schema {}", name(&path)), move || check(&path)));
    let rest = [
        Trial::test("schema: differences decide the exit status", differences),
        Trial::test("schema: an unknown other is told", no_other),
    ];
    same.chain(rest).collect()
}

pub fn files() -> Vec<PathBuf> {
    support::sql_files(&support::root().join("testdata/schema"))
}

pub fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What pglint prints for one file of SQL.
pub fn printed(text: &str, arguments: &[&str]) -> Result<String, Failed> {
    let files: [(&str, &[u8]); 2] = [("pglint.toml", CONFIG.as_bytes()), ("0001.sql", text.as_bytes())];
    let folder = support::folder(&files);
    let ran = support::pglint(folder.path(), &[&["schema", "0001.sql"], arguments].concat());
    if ran.status != Some(0) || !ran.stderr.is_empty() {
        return Err(format!("status {:?}: {}", ran.status, ran.stderr).into());
    }
    Ok(ran.stdout)
}

fn check(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let sql = printed(&text, &[])?;
    let expected = path.with_extension("out");
    if support::update() {
        fs::write(&expected, &sql)?;
    } else {
        support::expect_same("the schema", &fs::read_to_string(&expected).unwrap_or_default(), &sql)?;
    }
    let files: [(&str, &[u8]); 3] =
        [("pglint.toml", CONFIG.as_bytes()), ("before/0001.sql", text.as_bytes()), ("after/0001.sql", sql.as_bytes())];
    let folder = support::folder(&files);
    let ran = support::pglint(folder.path(), &["schema", "before", "--diff", "after"]);
    support::expect_same("what the printed statements make", "", &(ran.stdout + &ran.stderr))
}

fn differences() -> Result<(), Failed> {
    let files: [(&str, &[u8]); 3] = [
        ("pglint.toml", CONFIG.as_bytes()),
        ("a/0001.sql", b"create table public.t (a int, b text); create type public.e as enum ('x');"),
        ("b/0001.sql", b"create table public.t (a bigint); create view public.v as select 1 as one;"),
    ];
    let folder = support::folder(&files);
    let ran = support::pglint(folder.path(), &["schema", "a", "--diff", "b"]);
    let told = "~ relations public.t\n    columns.a.type: integer -> bigint\n";
    let starts = ran.stdout.starts_with(told);
    let lines = ["+ relations public.v\n", "- types public.e\n", "    columns.b: "];
    if ran.status != Some(1) || !starts || !lines.iter().all(|line| ran.stdout.contains(line)) {
        return Err(format!("status {:?}\n{}{}", ran.status, ran.stdout, ran.stderr).into());
    }
    // The data of one side compares like the side itself.
    let json = support::pglint(folder.path(), &["schema", "b", "--format", "json", "--output", "b.json"]);
    let again = support::pglint(folder.path(), &["schema", "a", "--diff", "b.json"]);
    support::expect_same("the comparison with data", &ran.stdout, &(again.stdout + &json.stderr))
}

fn no_other() -> Result<(), Failed> {
    let folder = support::folder(&[("0001.sql", b"select 1;"), ("x.json", b"{}")]);
    let ran = support::pglint(folder.path(), &["schema", "0001.sql", "--diff", "x.json"]);
    if ran.status != Some(2) {
        return Err(format!("status {:?}: {}", ran.status, ran.stderr).into());
    }
    support::expect_same("what is told", "pglint: x.json: no `objects` in it", &ran.stderr)
}
