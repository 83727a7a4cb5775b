//! What `pglint fix` writes, on a real server: it applies, what it mends is gone, nothing new appears, and no role sees
//! other rows than before.
//!
//! The projects are those of `testdata/advisors` and the folders in the folder that `PGLINT_PROJECTS` names. Those whose
//! history the server does not take as it stands are told on standard error and left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use pglint::catalog::Catalog;
use pglint::lint::{Linted, Progress, lint};
use pglint::project::Request;
use pglint::rule::{Check, Rule};
use pglint::rules;
use postgres::Client;
use tempfile::TempDir;

use crate::rows::{Rows, Seen, seed, visible};
use crate::server::Server;
use crate::support::{self, Ran, pglint};

pub fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let own = support::root().join("testdata/advisors");
    let theirs = std::env::var_os("PGLINT_PROJECTS").map(PathBuf::from);
    let mut projects: Vec<PathBuf> = [Some(own), theirs].iter().flatten().flat_map(|folder| projects(folder)).collect();
    projects.sort();
    let trial = |project: PathBuf| {
        let name = project.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let server = Arc::clone(server);
        Trial::test(format!("fixes: {name}"), move || check(&server, &project))
    };
    projects.into_iter().map(trial).collect()
}

/// The folders within a folder that hold SQL files.
fn projects(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    entries.filter(|path| path.is_dir() && !support::sql_files(path).is_empty()).collect()
}

fn check(server: &Server, project: &Path) -> Result<(), Failed> {
    let before = Project::of(project)?;
    let mut history = None;
    let by_migration = server.scratch(|client| {
        if let Err(refused) = apply(client, &before.files()) {
            eprintln!(
                "left out, for the server refuses it: {}: {}",
                before.name,
                refused.message().unwrap_or_default()
            );
            return Ok(());
        }
        let rows = seed(client)?;
        let seen = visible(client)?;
        new_migration(client, &before, &seen)?;
        history = Some((rows, seen));
        Ok(())
    });
    by_migration?;
    let Some((rows, seen)) = history else { return Ok(()) };
    edits(server, &before, &rows, &seen)
}

/// One new migration, safe fixes first, then all: each runs twice.
fn new_migration(client: &mut Client, before: &Project, seen: &Seen) -> Result<(), Failed> {
    for extra in [&[][..], &["--unsafe"]] {
        let after = Project::of(before.folder.path())?;
        let known = after.files();
        after.fix(&[&["--new-migration", "--name", "mended"], extra].concat())?;
        let new: Vec<PathBuf> = after.files().into_iter().filter(|file| !known.contains(file)).collect();
        apply(client, &new).map_err(|error| told("the server refuses the new migration", &new, error))?;
        apply(client, &new).map_err(|error| told("it cannot run twice", &new, error))?;
        if extra.is_empty() {
            seen.expect_same(&visible(client)?)?;
        }
        nothing_new(before, &after)?;
    }
    Ok(())
}

/// Edits of the files, safe ones and all.
fn edits(server: &Server, before: &Project, rows: &Rows, seen: &Seen) -> Result<(), Failed> {
    for extra in [&[][..], &["--unsafe"]] {
        let after = Project::of(before.folder.path())?;
        after.fix(extra)?;
        server.scratch(|client| {
            let files = after.files();
            apply(client, &files).map_err(|error| told("the server refuses the edited history", &[], error))?;
            if extra.is_empty() {
                rows.insert(client)?;
                seen.expect_same(&visible(client)?)?;
            }
            Ok(())
        })?;
        nothing_new(before, &after)?;
    }
    Ok(())
}

/// A project in a folder of its own.
struct Project {
    name: String,
    folder: TempDir,
}

impl Project {
    fn of(project: &Path) -> Result<Project, Failed> {
        let folder = support::folder(&[("pglint.toml", b"[project]\nplatform = \"supabase\"\n")]);
        for entry in fs::read_dir(project)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if path.extension().is_some_and(|it| it == "sql") || name == "pglint.toml" {
                fs::copy(&path, folder.path().join(name))?;
            }
        }
        let name = project.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Project { name, folder })
    }

    fn files(&self) -> Vec<PathBuf> {
        support::sql_files(self.folder.path())
    }

    /// Runs `pglint fix`, and once more: by then nothing is left to do.
    fn fix(&self, arguments: &[&str]) -> Result<(), Failed> {
        let run = |more: &[&str]| pglint(self.folder.path(), &[&["fix"], arguments, more, &["."]].concat());
        let said =
            |what: &str, ran: &Ran| Failed::from(format!("{what} ({arguments:?})\n{}{}", ran.stdout, ran.stderr));
        let ran = run(&[]);
        if ran.status != Some(0) {
            return Err(said("fix fails", &ran));
        }
        let again = run(&["--diff"]);
        if again.status != Some(0) || !again.stdout.is_empty() {
            return Err(said("a second fix does more", &again));
        }
        Ok(())
    }

    fn linted(&self, advisors: bool) -> Linted {
        let base = self.folder.path().to_owned();
        lint(
            &Request { paths: vec![base.clone()], base, advisors, ..Request::default() },
            &rules::all(),
            &Progress::default(),
        )
    }

    /// The same with row security on wherever a finding says that it is off.
    fn awake(&self) -> Result<Project, Failed> {
        let awake = Project::of(self.folder.path())?;
        let asleep = ["rls_disabled_in_public", "policy_exists_rls_disabled", "insecure_queue_exposed_in_api"];
        let linted = self.linted(false);
        let off = linted.findings.iter().filter(|finding| asleep.contains(&finding.rule));
        let statements: BTreeSet<String> =
            off.flat_map(|finding| &finding.fixes).flat_map(|fix| fix.migration.clone()).collect();
        let text = statements.into_iter().collect::<Vec<_>>().join("\n");
        fs::write(awake.folder.path().join("29991231235959_awake.sql"), text)?;
        Ok(awake)
    }

    /// The names of the indexes there are at the end.
    fn indexes(&self) -> BTreeSet<String> {
        let linted = self.linted(true);
        let of_project = |catalog: &Catalog| -> Vec<String> {
            let end = catalog.end();
            let tables = end.relations();
            tables.flat_map(|table| end.indexes(table.id)).map(|index| index.name().as_str().to_owned()).collect()
        };
        linted.catalogs.iter().flat_map(of_project).collect()
    }

    /// What is found about the schema, and by the advisor; statements the server refuses.
    fn found(&self) -> BTreeSet<String> {
        let linted = self.linted(false);
        let rules = rules::all();
        let about_schema = |id: &str| {
            let is_schema = |rule: &&Rule| rule.id == id && matches!(rule.check, Check::Schema(_));
            ["server_refuses", "syntax_error"].contains(&id) || rules.iter().any(is_schema)
        };
        let findings = linted.findings.iter().filter(|finding| about_schema(finding.rule));
        let findings = findings.map(|finding| format!("{}: {}", finding.rule, finding.message));
        let advice = self.linted(true).advice;
        findings.chain(advice.iter().map(|advice| advice.entry.cache_key.clone())).collect()
    }
}

/// Whatever is found after the fix was found before, or is of a policy that slept: it would be found with row security
/// switched on and nothing else. Of several equal indexes fewer may be left, and one that was there before may be
/// needless beside a wider one that a foreign key asked for.
fn nothing_new(before: &Project, after: &Project) -> Result<(), Failed> {
    let (old, awake, new) = (before.found(), before.awake()?.found(), after.found());
    let had = before.indexes();
    let is_known = |found: &String| {
        let fewer =
            twins(found).is_some_and(|fewer| old.iter().filter_map(|old| twins(old)).any(|all| fewer.is_subset(&all)));
        let narrow =
            found.strip_prefix("redundant_index: index ").and_then(|rest| rest.split_once(" is the beginning of "));
        let outgrown = narrow.is_some_and(|(narrow, wide)| had.contains(narrow) && !had.contains(wide));
        old.contains(found) || awake.contains(found) || fewer || outgrown
    };
    let added: Vec<&String> = new.iter().filter(|found| !is_known(found)).collect();
    if added.is_empty() { Ok(()) } else { Err(format!("the fix brings {added:#?}").into()) }
}

/// The indexes of an entry of the advisor about equal ones, each with the table's name before it.
fn twins(key: &str) -> Option<BTreeSet<String>> {
    let (table, names) = key.strip_prefix("duplicate_index_")?.strip_suffix('}')?.split_once('{')?;
    Some(names.split(',').map(|name| format!("{table}{name}")).collect())
}

fn told(what: &str, files: &[PathBuf], error: Failed) -> Failed {
    let texts: Vec<String> = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    format!("{what}: {}\n{}", error.message().unwrap_or_default(), texts.join("\n")).into()
}

/// Runs files as the Supabase CLI does: settings as at the start, one transaction a file. One that may not run in a
/// transaction is run statement by statement.
fn apply(client: &mut Client, files: &[PathBuf]) -> Result<(), Failed> {
    for file in files {
        let text = fs::read_to_string(file)?;
        client.batch_execute("reset all; set client_min_messages to error")?;
        let Err(error) = client.batch_execute(&text) else { continue };
        let _ = client.batch_execute("rollback");
        let code = error.code().map_or("", |code| code.code());
        let apart = ["25001", "2D000", "55P04", "55006"].contains(&code);
        let refused = |error: postgres::Error| Failed::from(format!("{}: {error:?}", file.display()));
        if !apart {
            return Err(refused(error));
        }
        for statement in pg_query::split_with_parser(&text)? {
            client.batch_execute(statement).map_err(refused)?;
        }
    }
    Ok(())
}
