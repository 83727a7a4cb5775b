//! The hook as pre-commit runs it in somebody's repository: installed from this one, and called for what changed.
//! `PGLINT_PRE_COMMIT` names pre-commit; `./dev live` brings it.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::support;

pub fn trials() -> Vec<Trial> {
    let program = std::env::var_os("PGLINT_PRE_COMMIT").filter(|program| !program.is_empty());
    let missing = program.is_none();
    let trial = Trial::test("pre-commit runs the hook", move || hook_runs(&program.unwrap_or_default()));
    vec![trial.with_ignored_flag(missing)]
}

const FIRST: &str = "supabase/migrations/20260101000000_init.sql";
const SECOND: &str = "supabase/migrations/20260102000000_more.sql";

fn hook_runs(program: &OsStr) -> Result<(), Failed> {
    let commit = output(Command::new("git").arg("-C").arg(support::root()).args(["rev-parse", "HEAD"]))?.1;
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: pglint\n",
        support::root().display(),
        commit.trim()
    );
    let folder = support::folder(&[
        (".pre-commit-config.yaml", config.as_bytes()),
        (FIRST, b"create table public.shops (id int primary key, owner uuid);\nalter table public.shops enable row level security;\n"),
        (SECOND, b"create policy mine on public.shops for select using (owner = auth.uid());\n"),
    ]);
    let git = |arguments: &[&str]| output(Command::new("git").arg("-C").arg(folder.path()).args(arguments));
    git(&["init", "--quiet"])?;
    git(&["add", "."])?;
    let run = || {
        let mut command = Command::new(program);
        // What it builds is kept beside what the suite built, so that a second run is quick.
        command.env("PRE_COMMIT_HOME", folder.path().join(".git/pre-commit"));
        command.env("CARGO_TARGET_DIR", support::root().join("target/pre-commit"));
        command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        output(command.current_dir(folder.path()).args(["run", "--all-files", "--verbose", "--color", "never"]))
    };
    let (status, said) = run()?;
    if status != Some(1) || !said.contains("auth_rls_initplan") || !said.contains(SECOND) {
        return Err(format!("a finding must stop the commit; status {status:?}\n{said}").into());
    }
    mend(&folder.path().join(SECOND))?;
    git(&["add", "."])?;
    let (status, said) = run()?;
    if status == Some(0) { Ok(()) } else { Err(format!("nothing must stop this; status {status:?}\n{said}").into()) }
}

fn mend(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    Ok(fs::write(path, text.replace("auth.uid()", "(select auth.uid())"))?)
}

fn output(command: &mut Command) -> Result<(Option<i32>, String), Failed> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output.status.code(), said))
}
