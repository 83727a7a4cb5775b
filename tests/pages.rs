//! Every example of every rule page runs.
//!
//! Under *Bad* the rule must fire, and what it says must be the `text` fence that follows. *Fixed* is
//! the last bad example with its fixes applied, and clean. *Good* and *When to ignore* are clean under
//! all rules that are on by default. CONTRIBUTING.md says how pages are written.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use pglint::finding::Finding;
use pglint::fix;
use pglint::lint::Linted;
use pglint::rule::{Level, Rule};
use pglint::rules;
use tempfile::TempDir;

use crate::markdown::{self, Block};
use crate::support;

pub fn trials() -> Vec<Trial> {
    rules::all()
        .into_iter()
        .flat_map(|rule| pages(rule).into_iter().flat_map(move |path| trials_of(rule, path)))
        .collect()
}

fn pages(rule: &Rule) -> Vec<PathBuf> {
    let folder = support::root().join(rule.module.trim_start_matches("pglint::").replace("::", "/"));
    ["README.md", "cases.md"].iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect()
}

/// The projects that *Fixed* examples of a rule's pages end in: the last bad example with its files mended, or with
/// the new migration beside them.
#[allow(dead_code, reason = "the live suite applies them")]
pub fn fixed_projects(rule: &Rule) -> Vec<Vec<(String, String)>> {
    let of_page = |path: PathBuf| {
        let examples = examples(&markdown::parse(&fs::read_to_string(&path).unwrap_or_default()));
        let fixed = examples.iter().enumerate().filter(|(_, example)| example.kind == Kind::Fixed);
        let with_bad = fixed.filter_map(|(at, example)| {
            let bad = examples[..at].iter().rev().find(|example| example.kind == Kind::Bad)?;
            Some(with_unchanged(bad, &example.files))
        });
        with_bad.collect::<Vec<_>>()
    };
    pages(rule).into_iter().flat_map(of_page).collect()
}

fn trials_of(rule: &'static Rule, path: PathBuf) -> Vec<Trial> {
    let name = format!("page {}/{}", rule.id, path.file_stem().unwrap_or_default().to_string_lossy());
    if support::update() {
        return vec![Trial::test(name, move || update(rule, &path))];
    }
    let blocks = markdown::parse(&fs::read_to_string(&path).unwrap_or_default());
    let examples = examples(&blocks);
    let trials = examples.iter().enumerate().map(|(at, example)| {
        let name = format!("{name}: {} {}", example.title, at + 1);
        let bad = examples[..at].iter().rev().find(|example| example.kind == Kind::Bad).cloned();
        let example = example.clone();
        Trial::test(name, move || check(rule, &example, bad.as_ref()))
    });
    trials.collect()
}

/// What an example must do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Bad,
    Fixed,
    Good,
}

/// One example of a page.
#[derive(Clone, Debug)]
struct Example {
    kind: Kind,
    /// The heading above it.
    title: String,
    /// Names and texts.
    files: Vec<(String, String)>,
    /// The text that follows a bad one; `None` where there is none yet.
    expected: Option<String>,
    /// Where its last fence is among the page's blocks.
    block: usize,
}

fn examples(blocks: &[Block]) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut section = None;
    let mut languages: Vec<String> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let (info, body) = match block {
            Block::Text(text) => {
                if let Some(heading) = markdown::last_heading(text) {
                    section = kind(heading).map(|kind| (kind, heading.to_owned()));
                    languages.clear();
                }
                continue;
            }
            Block::Fence { info, body } => (info, body),
        };
        let Some((kind, title)) = &section else { continue };
        let (language, name) = info.split_once(' ').unwrap_or((info, ""));
        if language == "text" {
            if let Some(example) = examples.last_mut() {
                (example.expected, example.block) = (Some(body.clone()), at);
            }
            languages.clear();
            continue;
        }
        if !["sql", "toml", "json", "plan"].contains(&language) {
            continue;
        }
        // SQL beside a plan or a configuration is one example; SQL after SQL is the next.
        if languages.is_empty() || languages.contains(&language.to_owned()) {
            languages.clear();
            let (kind, title) = (*kind, title.clone());
            examples.push(Example { kind, title, files: Vec::new(), expected: None, block: at });
        }
        languages.push(language.to_owned());
        let example = examples.last_mut().expect("one was just begun");
        example.files.extend(files(language, name, body));
        example.block = at;
    }
    examples
}

fn kind(heading: &str) -> Option<Kind> {
    let kinds = [("Bad", Kind::Bad), ("Fixed", Kind::Fixed), ("Good", Kind::Good), ("When to ignore", Kind::Good)];
    kinds.into_iter().find(|(word, _)| heading.starts_with(word)).map(|(_, kind)| kind)
}

/// The files of a fence: `-- file: name` lines divide it, `plan` fences name files of the repository.
fn files(language: &str, name: &str, body: &str) -> Vec<(String, String)> {
    if language == "plan" {
        return body.lines().map(plan_file).collect();
    }
    let usual = match language {
        "toml" => "pglint.toml",
        "json" => "plan.json",
        _ => "example.sql",
    };
    let mut files: Vec<(String, String)> = Vec::new();
    let mut body = body;
    if let Some(migration) = body.strip_prefix(MIGRATION_MARK) {
        files.push((NEW_MIGRATION.to_owned(), String::new()));
        body = migration.trim_start();
    }
    for line in body.lines() {
        let marked = line.strip_prefix("-- file: ").or_else(|| line.strip_prefix("# file: "));
        if let Some(name) = marked {
            files.push((name.trim().to_owned(), String::new()));
            continue;
        }
        if files.is_empty() {
            files.push(((if name.is_empty() { usual } else { name }).to_owned(), String::new()));
        }
        let (_, text) = files.last_mut().expect("one was just begun");
        text.push_str(line);
        text.push('\n');
    }
    files
}

/// `testdata/plans/x.pg17/plan.json` is shown as `plans/x.pg17.json`.
fn plan_file(path: &str) -> (String, String) {
    let path = Path::new(path.trim());
    let stem = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("plan") => path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned(),
        stem => stem.unwrap_or_default().to_owned(),
    };
    let text = fs::read_to_string(support::root().join(path)).unwrap_or_default();
    (format!("plans/{stem}.json"), text)
}

/// An example as it was linted.
struct Run {
    linted: Linted,
    _folder: TempDir,
}

fn run(rule: &Rule, files: &[(String, String)]) -> Run {
    let contents: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let folder = support::folder(&contents);
    // A rule that is off by default is on for its own page.
    let config = (rule.default_level() == Level::Off).then(|| {
        let path = folder.path().join("page.toml");
        support::write(&path, format!("[rules]\n{} = \"warning\"\n", rule.id).as_bytes());
        path
    });
    let linted = support::lint_paths(folder.path(), &["."], config);
    Run { linted, _folder: folder }
}

/// The same run with this rule's findings alone.
fn only(rule: &Rule, mut linted: Linted) -> Linted {
    linted.findings.retain(|finding| finding.rule == rule.id);
    linted
}

fn check(rule: &Rule, example: &Example, bad: Option<&Example>) -> Result<(), Failed> {
    match example.kind {
        Kind::Good => expect_clean("this", &run(rule, &example.files).linted),
        Kind::Bad => {
            let found = rendering(rule, example)?;
            support::expect_same("the text fence", example.expected.as_deref().unwrap_or("(none)"), &found)
        }
        Kind::Fixed => {
            let bad = bad.ok_or("no bad example comes before this")?;
            let fixed = fixed(rule, bad, is_migration(example))?;
            support::expect_same("the fixed text", &joined(&example.files), &joined(&fixed))?;
            expect_clean("the fixed text", &run(rule, &with_unchanged(bad, &example.files)).linted)
        }
    }
}

fn rendering(rule: &Rule, example: &Example) -> Result<String, Failed> {
    let linted = only(rule, run(rule, &example.files).linted);
    if linted.findings.is_empty() {
        return Err(format!("{} finds nothing here", rule.id).into());
    }
    Ok(support::rendered(&linted).trim_end().to_owned() + "\n")
}

fn expect_clean(what: &str, linted: &Linted) -> Result<(), Failed> {
    if linted.findings.is_empty() {
        Ok(())
    } else {
        Err(format!("{what} is not clean\n{}", support::rendered(linted)).into())
    }
}

/// Whether a *Fixed* example shows the new migration instead of the edited files.
fn is_migration(example: &Example) -> bool {
    example.files.iter().any(|(name, _)| name == NEW_MIGRATION)
}

/// The line that marks SQL for a new migration, and the file that holds it: it sorts behind all that is there.
const MIGRATION_MARK: &str = "-- as a new migration";
const NEW_MIGRATION: &str = "99999999999999_fix.sql";

/// The files that the fixes of this rule change, or the migration that they write.
fn fixed(rule: &Rule, bad: &Example, migration: bool) -> Result<Vec<(String, String)>, Failed> {
    let linted = only(rule, run(rule, &bad.files).linted);
    if migration {
        let first = |finding: &Finding| finding.fixes.iter().find(|fix| !fix.migration.is_empty()).cloned();
        let sql: Vec<String> = linted.findings.iter().filter_map(first).flat_map(|fix| fix.migration).collect();
        if sql.is_empty() {
            return Err("no finding of the bad example has a fix as a new migration".into());
        }
        return Ok(vec![(NEW_MIGRATION.to_owned(), sql.join("\n") + "\n")]);
    }
    let applied = fix::apply(&linted.sources, &linted.findings, true);
    if applied.texts.is_empty() {
        return Err("no finding of the bad example has a fix with edits".into());
    }
    Ok(applied.texts.into_iter().map(|(id, text)| (linted.sources.file(id).name.clone(), text)).collect())
}

/// The fixed files with those of the bad example that stay as they are; a new migration beside them.
fn with_unchanged(bad: &Example, fixed: &[(String, String)]) -> Vec<(String, String)> {
    let unchanged = bad.files.iter().filter(|(name, _)| fixed.iter().all(|(other, _)| other != name));
    let mut files: Vec<(String, String)> = unchanged.chain(fixed).cloned().collect();
    let folder = bad.files.iter().find(|(name, _)| name.ends_with(".sql")).and_then(|(name, _)| name.rsplit_once('/'));
    if let (Some((folder, _)), Some(new)) = (folder, files.iter_mut().find(|(name, _)| name == NEW_MIGRATION)) {
        new.0 = format!("{folder}/{NEW_MIGRATION}");
    }
    files
}

/// The files as one fence shows them.
fn joined(files: &[(String, String)]) -> String {
    match files {
        [(name, text)] if name == "example.sql" => return text.clone(),
        [(name, text)] if name == NEW_MIGRATION => return format!("{MIGRATION_MARK}\n{text}"),
        _ => {}
    }
    files.iter().map(|(name, text)| format!("-- file: {name}\n{text}")).collect()
}

/// Rewrites the expected texts and fixed examples of a page.
fn update(rule: &Rule, path: &Path) -> Result<(), Failed> {
    let page = fs::read_to_string(path)?;
    let mut blocks = markdown::parse(&page);
    let examples = examples(&blocks);
    for (at, example) in examples.iter().enumerate().rev() {
        let bad = examples[..at].iter().rev().find(|example| example.kind == Kind::Bad);
        match (example.kind, bad) {
            (Kind::Bad, _) => {
                let fence = Block::Fence { info: "text".to_owned(), body: rendering(rule, example)? };
                if example.expected.is_some() {
                    blocks[example.block] = fence;
                } else {
                    blocks.insert(example.block + 1, fence);
                }
            }
            (Kind::Fixed, Some(bad)) => {
                let body = joined(&fixed(rule, bad, is_migration(example))?);
                blocks[example.block] = Block::Fence { info: "sql".to_owned(), body };
            }
            _ => {}
        }
    }
    let updated = markdown::print(&blocks);
    if updated != page {
        fs::write(path, updated)?;
    }
    Ok(())
}
