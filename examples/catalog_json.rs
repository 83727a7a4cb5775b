//! Replays folders of migrations and prints each catalog as JSON, for comparison with what a server made of them.
//!
//! `cargo run --example catalog_json -- [--plain] [--version 17] [--skip-code] [--compare TRUTH] OUT FOLDER…` writes one
//! file a folder into OUT. With `--compare` each is held against the file of the same name in TRUTH, the same data as a
//! server gave it, and the figures are printed.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for developers")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pglint::catalog::replay::{Migration, Platform, ServerSettings, SupabaseSettings, TransactionMode, replay};
use pglint::catalog::{Catalog, Outcome};
use pglint::schema::{Schema, changed, summary};
use pglint::source::{SourceFile, Sources};
use pglint::syntax::parse_file;
use serde_json::{Value, json};

fn main() {
    let mut args = std::env::args().skip(1).peekable();
    let mut settings = ServerSettings {
        version: 17,
        platform: Platform::Supabase(SupabaseSettings { legacy_default_privileges: true, pg_graphql: true }),
    };
    let mut skip_code = false;
    let mut truth = None;
    let mut figures = Figures::default();
    while args.peek().is_some_and(|arg| arg.starts_with("--")) {
        match args.next().as_deref() {
            Some("--skip-code") => skip_code = true,
            Some("--compare") => truth = args.next(),
            Some("--plain") => settings.platform = Platform::Plain,
            Some("--version") => settings.version = args.next().unwrap().parse().unwrap(),
            other => panic!("unknown option {other:?}"),
        }
    }
    let out = args.next().expect("a folder to write to");
    for folder in args {
        let started = std::time::Instant::now();
        let result = run(Path::new(&folder), &settings, skip_code);
        let name = Path::new(&folder).file_name().unwrap().to_string_lossy().into_owned();
        std::fs::write(format!("{out}/{name}.json"), serde_json::to_vec_pretty(&result).unwrap()).unwrap();
        println!("{name}: {:?}", started.elapsed());
        if let Some(known) = truth.as_ref().and_then(|truth| std::fs::read(format!("{truth}/{name}.json")).ok()) {
            figures.add(&name, &serde_json::from_slice(&known).unwrap(), &result);
        }
    }
    if truth.is_some() {
        figures.print();
    }
}

fn run(folder: &Path, settings: &ServerSettings, skip_code: bool) -> Value {
    let mut paths: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(|entry| entry.into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    paths.sort_by_key(|path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
    let mut sources = Sources::default();
    let mut migrations = Vec::new();
    let mut broken = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let file = sources.add(SourceFile::from_bytes(name.clone(), path, std::fs::read(path).unwrap()));
        let text = sources.file(file).text.clone();
        let parsed = parse_file(file, &text, std::slice::from_ref(&(0..text.len() as u32)));
        for statement in &parsed.broken {
            let line = sources.file(file).line_column(statement.span.start).line;
            broken.push(json!({"file": name, "line": line, "sqlstate": statement.error.sqlstate(), "message": statement.error.message}));
        }
        let mut statements = parsed.statements;
        if skip_code {
            statements.retain(|statement| !matches!(statement.kind, pglint::syntax::StatementKind::Do(_)));
        }
        keep_going(&mut statements);
        migrations.push(Migration {
            file,
            statements,
            gaps: Vec::new(),
            transaction: TransactionMode::File,
            ahead: std::sync::Arc::default(),
        });
    }
    let mut catalog = replay(&migrations, settings);
    // What refuses a transaction block, or asks for a commit before it, was run outside of one.
    let alone: Vec<_> = catalog.statements().iter().filter(|it| is_refused(&it.outcome)).map(|it| it.file).collect();
    if !alone.is_empty() {
        for migration in migrations.iter_mut().filter(|migration| alone.contains(&migration.file)) {
            migration.transaction = TransactionMode::Statement;
        }
        catalog = replay(&migrations, settings);
    }
    let empty = replay(&[], settings);
    let all = |catalog: &Catalog| summary(&Schema::new(catalog.end(), &sources, settings.version), |_| None);
    let objects = changed(all(&catalog), &all(&empty));
    let mut failed = broken;
    let mut unknown = Vec::new();
    for executed in catalog.statements().iter().filter(|executed| executed.within.is_none()) {
        let file = sources.file(executed.file);
        let line = file.line_column(executed.statement.span.start).line;
        match &executed.outcome {
            Outcome::Refused(refusal) => failed.push(json!({
                "file": file.name, "line": line, "sqlstate": refusal.sqlstate, "message": refusal.message,
                "labels": refusal.labels.iter().map(|(span, text)| format!("{}: {text}", sources.place(*span))).collect::<Vec<_>>(),
                "at": sources.slice(refusal.span).chars().take(80).collect::<String>(),
            })),
            Outcome::Unknown(why) => unknown.push(json!({"file": file.name, "line": line, "why": &**why})),
            _ => {}
        }
    }
    json!({"failed": failed, "unknown": unknown, "catalog": objects})
}

/// A file's own BEGIN and COMMIT are left out unless it rolls back, so that a failure takes nothing else along.
fn keep_going(statements: &mut Vec<std::sync::Arc<pglint::syntax::Statement>>) {
    use pglint::syntax::{StatementKind, Transaction};
    let rolls_back = |kind: &StatementKind| matches!(kind, StatementKind::Transaction(Transaction::Rollback { .. }));
    if !statements.iter().any(|statement| rolls_back(&statement.kind)) {
        statements.retain(|statement| {
            let control = matches!(
                &statement.kind,
                StatementKind::Transaction(Transaction::Begin { .. } | Transaction::Commit { .. })
            );
            !control
        });
    }
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(refusal) if ["25001", "55P04"].contains(&refusal.sqlstate))
}

/// How much of what a server has and says is the same here.
#[derive(Default)]
struct Figures {
    /// Equal objects and all objects, by kind; of all projects, and of those that a server refuses nothing of.
    objects: BTreeMap<String, [(usize, usize); 2]>,
    /// Refused by both, only here, only there.
    refused: [usize; 3],
}

/// What depends on rows: violations of constraints, and values that are no such.
const OF_DATA: [&str; 5] = ["23502", "23503", "23505", "23514", "22P02"];

impl Figures {
    fn add(&mut self, name: &str, truth: &Value, ours: &Value) {
        let clean = truth["failed"].as_array().is_none_or(Vec::is_empty);
        let kinds = [truth, ours].into_iter().filter_map(|it| it["catalog"].as_object());
        let kinds: BTreeSet<&String> = kinds.flat_map(|it| it.keys()).filter(|kind| *kind != "errors").collect();
        for kind in kinds {
            let objects = |it: &Value| it["catalog"][kind].as_object().cloned().unwrap_or_default();
            let (theirs, ours) = (objects(truth), objects(ours));
            let keys: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
            for key in keys {
                let normal = |it: Option<&Value>| it.map(|it| normal(kind, it.clone()));
                let (theirs, ours) = (normal(theirs.get(key)), normal(ours.get(key)));
                let equal = theirs == ours;
                if !equal {
                    println!("  {name}: {kind} {key}");
                    tell(theirs.as_ref(), ours.as_ref());
                }
                let counts = self.objects.entry(kind.clone()).or_default();
                for count in &mut counts[..if clean { 2 } else { 1 }] {
                    count.0 += usize::from(equal);
                    count.1 += 1;
                }
            }
        }
        let refused = |it: &Value| -> BTreeSet<String> {
            let list = it["failed"].as_array().into_iter().flatten();
            let list = list.filter(|it| !OF_DATA.contains(&it["sqlstate"].as_str().unwrap_or_default()));
            list.map(|it| format!("{} {} {}", it["file"], it["line"], it["sqlstate"])).collect()
        };
        let (theirs, ours) = (refused(truth), refused(ours));
        self.refused[0] += theirs.intersection(&ours).count();
        self.refused[1] += ours.difference(&theirs).count();
        self.refused[2] += theirs.difference(&ours).count();
    }

    fn print(&self) {
        let share =
            |(equal, all): (usize, usize)| format!("{equal}/{all} {:.2} %", 100.0 * equal as f64 / all.max(1) as f64);
        let mut sums = [(0, 0); 2];
        for (kind, counts) in &self.objects {
            println!("{kind:20} all {:24} without refusals {}", share(counts[0]), share(counts[1]));
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum = (sum.0 + count.0, sum.1 + count.1);
            }
        }
        println!("{:20} all {:24} without refusals {}", "together", share(sums[0]), share(sums[1]));
        let [both, ours, theirs] = self.refused;
        println!("refused: both {both}, only here {ours}, only there {theirs} (but for what depends on rows)");
    }
}

/// An object without what is not compared: versions of extensions, names of buckets, the order of lists that have none.
fn normal(kind: &str, mut object: Value) -> Value {
    let Some(fields) = object.as_object_mut() else { return object };
    match kind {
        "extensions" => drop(fields.remove("version")),
        "buckets" => drop(fields.remove("name")),
        _ => {}
    }
    for field in ["roles", "tables", "member_of", "reads"] {
        if let Some(Value::Array(list)) = fields.get_mut(field) {
            list.sort_by_key(ToString::to_string);
            list.dedup();
        }
    }
    fields.retain(|_, value| !value.is_null() && *value != json!([]));
    object
}

fn tell(theirs: Option<&Value>, ours: Option<&Value>) {
    let (Some(theirs), Some(ours)) = (theirs, ours) else {
        println!("    only {}", if theirs.is_some() { "there" } else { "here" });
        return;
    };
    let fields = [theirs, ours].into_iter().filter_map(Value::as_object).flat_map(|it| it.keys());
    for field in fields.collect::<BTreeSet<_>>() {
        if theirs[field] != ours[field] {
            println!("    {field}: {} there, {} here", theirs[field], ours[field]);
        }
    }
}
