//! Replays folders of migrations and prints each catalog as JSON, for comparison with what a server made of them.
//!
//! `cargo run --example catalog_json -- [--plain] [--version 17] [--skip-code] OUT FOLDER…` writes one file a folder into OUT.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for developers")]

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
    while args.peek().is_some_and(|arg| arg.starts_with("--")) {
        match args.next().as_deref() {
            Some("--skip-code") => skip_code = true,
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
            broken.push(json!({"file": name, "line": line, "sqlstate": "42601", "message": statement.error.message}));
        }
        let mut statements = parsed.statements;
        if skip_code {
            statements.retain(|statement| !matches!(statement.kind, pglint::syntax::StatementKind::Do(_)));
        }
        keep_going(&mut statements);
        migrations.push(Migration { file, statements, gaps: Vec::new(), transaction: TransactionMode::File });
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
