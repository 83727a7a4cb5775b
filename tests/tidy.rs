//! Prohibitions: what ARCHITECTURE.md says is absent, is absent; every rule has the shape that all have.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use pglint::rule::{Check, Level, Rule};
use pglint::rules;
use walkdir::WalkDir;

use crate::support;

pub fn trials() -> Vec<Trial> {
    let trials: [(&str, fn() -> Result<(), Failed>); 6] = [
        ("every folder of rules is in the list", folders_are_listed),
        ("rules know nothing but crate::rule", rules_import_one_module),
        ("imports go one way", imports_go_one_way),
        ("findings are not serialized", findings_are_not_serialized),
        ("standard streams have one door", streams_have_one_door),
        ("ids and aliases are unique", names_are_unique),
    ];
    let trials = trials.into_iter().map(|(name, run)| Trial::test(format!("tidy {name}"), run));
    let pages = rules::all()
        .into_iter()
        .map(|rule| Trial::test(format!("tidy page of {}", rule.id), move || page_has_the_shape(rule)));
    trials.chain(pages).collect()
}

/// The Rust files below a folder, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let files = WalkDir::new(support::root().join(folder)).sort_by_file_name().into_iter().filter_map(Result::ok);
    let rust = files.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?))).collect()
}

/// Fails with each line of these files that `is_wrong` says is wrong.
fn forbid(files: &[(PathBuf, String)], why: &str, is_wrong: impl Fn(&Path, &str) -> bool) -> Result<(), Failed> {
    let mut wrong = String::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| is_wrong(path, line)) {
            let path = path.strip_prefix(support::root()).unwrap_or(path);
            wrong.push_str(&format!("\n{}:{}: {}", path.display(), number + 1, line.trim()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{why}{wrong}").into()) }
}

fn folders_are_listed() -> Result<(), Failed> {
    let all = WalkDir::new(support::root().join("rules")).min_depth(2).max_depth(2).sort_by_file_name();
    let folders = all.into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_dir());
    let mut folders: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    folders.sort();
    let listed: Vec<String> = rules::all().iter().map(|rule| rule.id.to_owned()).collect();
    support::expect_same("the list of rules", &listed.join("\n"), &folders.join("\n"))
}

fn rules_import_one_module() -> Result<(), Failed> {
    let files: Vec<_> = sources("rules").into_iter().filter(|(path, _)| !path.ends_with("rules/mod.rs")).collect();
    forbid(&files, "a rule imports more than crate::rule", |_, line| {
        let import = line.trim_start().strip_prefix("use ").unwrap_or("");
        let allowed = ["crate::rule::", "super::", "std::"];
        !import.is_empty() && !allowed.iter().any(|start| import.starts_with(start))
    })
}

fn imports_go_one_way() -> Result<(), Failed> {
    let only_in = |word: &'static str, home: &'static str| {
        move |path: &Path, line: &str| {
            let code = line.split("//").next().unwrap_or("");
            code.contains(word) && !path.starts_with(support::root().join(home))
        }
    };
    let files = [sources("src"), sources("rules")].concat();
    forbid(&files, "only report::human draws with codespan", only_in("codespan_reporting", "src/report/human.rs"))?;
    forbid(&files, "only syntax knows the parser", only_in("pg_query::", "src/syntax"))?;
    forbid(&files, "only syntax reads raw nodes", only_in("syntax::ffi", "src/syntax"))?;
    forbid(&files, "only capture reads what EXPLAIN prints", only_in("sqlparser", "src/capture"))?;
    forbid(&files, "only cli knows the command line", only_in("clap::Parser", "src/cli"))?;
    let below = |module: &'static str, forbidden: &'static [&'static str]| {
        let files = sources(module);
        let why = format!("{module} uses what stands on it");
        forbid(&files, &why, move |_, line| forbidden.iter().any(|word| line.contains(word)))
    };
    below("src/source.rs", &["crate::"])?;
    below("src/syntax", &["crate::catalog", "crate::rule", "crate::lint", "crate::report", "crate::config"])?;
    below("src/catalog", &["crate::rule::", "crate::lint", "crate::report", "crate::config", "crate::project"])?;
    below("src/effects", &["crate::rule::", "crate::lint", "crate::report", "crate::config", "crate::project"])?;
    below("src/report", &["crate::lint", "crate::config", "crate::project", "crate::catalog"])
}

fn findings_are_not_serialized() -> Result<(), Failed> {
    forbid(&sources("src/finding.rs"), "each report has structs of its own", |_, line| {
        !line.trim_start().starts_with("//") && line.contains("Serialize")
    })
}

fn streams_have_one_door() -> Result<(), Failed> {
    let words = ["println!", "eprintln!", "print!(", "dbg!("];
    forbid(&sources("src"), "output goes through cli/output.rs", |_, line| words.iter().any(|word| line.contains(word)))
}

fn names_are_unique() -> Result<(), Failed> {
    let rules = rules::all();
    let mut names: Vec<&str> = rules.iter().flat_map(|rule| rule.aliases.iter().copied().chain([rule.id])).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("{} is the name of two rules", pair[0]).into()),
        None => Ok(()),
    }
}

const HEADINGS: &[&str] = &["Why", "Bad", "Fixed", "Good", "When to ignore", "References"];

fn page_has_the_shape(rule: &Rule) -> Result<(), Failed> {
    let mut paragraphs = rule.doc.split("\n\n").map(str::trim);
    if paragraphs.next() != Some(&format!("# {}", rule.id)) {
        return Err("the page starts with the rule's name as its title".into());
    }
    let summary = paragraphs.next().unwrap_or("");
    if summary.lines().count() != 1 || !summary.ends_with('.') || summary.starts_with('#') {
        return Err(format!("the second paragraph is one sentence: {summary}").into());
    }
    let facts = paragraphs.next().unwrap_or("");
    let level = match rule.default_level() {
        Level::Off => "off",
        Level::At(severity) => severity.name(),
    };
    let start = format!("{} · {level}", rule.category.name());
    if facts != start && !facts.starts_with(&format!("{start} · ")) {
        return Err(format!("the third paragraph starts with `{start}`, not `{facts}`").into());
    }
    let parts: Vec<&str> = facts.split(" · ").collect();
    if let Some(alias) = rule.aliases.iter().find(|alias| !parts.contains(*alias)) {
        return Err(format!("the third paragraph lists the alias {alias}").into());
    }
    headings_in_order(rule)
}

fn headings_in_order(rule: &Rule) -> Result<(), Failed> {
    let found: Vec<&str> = rule.doc.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let known: Vec<&str> = HEADINGS.iter().copied().filter(|heading| found.contains(heading)).collect();
    if found != known {
        return Err(format!("headings are {found:?}, expected some of {HEADINGS:?} in this order").into());
    }
    // What the engine finds in its input or in itself cannot always be shown in a fence.
    let needed: &[&str] = if matches!(rule.check, Check::Engine) {
        &["Why", "When to ignore"]
    } else {
        &["Why", "Bad", "Good", "When to ignore"]
    };
    match needed.iter().find(|heading| !found.contains(heading)) {
        Some(missing) => Err(format!("the page has no section {missing}").into()),
        None => Ok(()),
    }
}
