//! Every measured statement of testdata/ddl-facts on every server version: what we say of it is what the server did.
//!
//! Left out, as the facts themselves advise: AccessShare on indexes and, in the cases of `PLANNER`, which tables are read
//! from end to end (the planner's choice); and the one field in each case of `OUTSIDE` that no catalog can know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Failed, Trial};
use pglint::catalog::replay::{Migration, Platform, Replay, ServerSettings, TransactionMode};
use pglint::catalog::{CatalogAt, ObjectId, Outcome};
use pglint::effects::{Effects, TransactionRule, effects};
use pglint::locks::{grammar_sqlstate, sentence};
use pglint::source::FileId;
use pglint::syntax::{LockMode, Origin, parse_statements};
use serde::Deserialize;

#[derive(Deserialize)]
struct Facts {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    #[serde(default)]
    pre: Vec<String>,
    #[serde(default)]
    session: Vec<String>,
    sql: Vec<String>,
    /// Whether a table is read from end to end is the planner's choice here.
    #[serde(default)]
    planner: bool,
    /// Why the refusal or the locks lie in rows, in the cluster or in how the server was built, which no catalog knows.
    #[serde(default)]
    outside: Option<String>,
    facts: Vec<Fact>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fact {
    pg: Vec<u8>,
    ok: Option<bool>,
    error: Option<String>,
    setup_error: Option<serde_json::Value>,
    in_transaction: Option<bool>,
    locks: Vec<Lock>,
    rewrites: Vec<String>,
    rebuilds_indexes: Vec<String>,
    builds_indexes: Vec<String>,
    scans: Vec<String>,
    validates: Vec<String>,
    proofs: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    relation: String,
    kind: String,
    mode: String,
    new: bool,
}

/// What a statement does, in the words of the facts.
#[derive(PartialEq, Eq, Debug, Default)]
struct Answer {
    /// SQLSTATE.
    error: Option<String>,
    /// Refused inside a transaction block.
    outside_only: bool,
    locks: BTreeMap<String, String>,
    rewrites: BTreeSet<String>,
    rebuilds_indexes: BTreeSet<String>,
    builds_indexes: BTreeSet<String>,
    scans: BTreeSet<String>,
    validates: BTreeSet<String>,
    proofs: BTreeSet<String>,
}

/// Cases in which the planner's choice decides whether a table is read from end to end: `scans` is left out.
const PLANNER: &[&str] = &[
    "dml/",
    "create-table/as-select",
    "matview/",
    "fk/",
    "add-column/references",
    "alter-type-dep/fk-",
    "maintenance/cluster",
    "partition/attach-fk-parent",
];

/// Cases of which a field lies in what no catalog knows, with the reason. A refusal of that kind is left out, and the locks
/// of a statement that succeeds; the rest must be equal.
const OUTSIDE: &[(&str, &str)] = &[
    ("cluster-wide/create-extension-missing", "the files that the server finds"),
    ("cluster-wide/load", "the files that the server finds"),
    ("maintenance/vacuum-deleted-tail", "whether pages at the end of the file are empty"),
    ("publication/create-subscription-slot", "whether the publisher answers"),
    ("publication/drop-subscription-slot", "whether the publisher answers"),
];

/// The files of measured cases, each with the database that its cases start from.
const FILES: &[(&str, &str)] = &[
    ("facts.json", "setup.sql"),
    ("more.json", "setup.sql"),
    ("rows.json", "setup.sql"),
    ("mixed.json", "setup.sql"),
    ("shop.json", "shop.sql"),
    ("clinic.json", "clinic.sql"),
];

fn read(file: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(format!("testdata/ddl-facts/{file}")).expect("the facts are there");
    let facts: Facts = serde_json::from_str(&text).expect("the facts are well-formed");
    facts.cases
}

/// One trial for each case.
pub fn trials() -> Vec<Trial> {
    FILES.iter().flat_map(|(file, setup)| trials_of(file, setup)).collect()
}

fn trials_of(file: &str, setup: &'static str) -> Vec<Trial> {
    let servers: Arc<OnceLock<Vec<Replay>>> = Arc::default();
    let trial = |case: Case| {
        let servers = servers.clone();
        Trial::test(format!("ddl_facts::{}", case.id), move || {
            check(&case, servers.get_or_init(|| (14..=18).map(|version| base(version, setup)).collect()))
        })
    };
    read(file).into_iter().map(trial).collect()
}

fn check(case: &Case, servers: &[Replay]) -> Result<(), Failed> {
    let mut wrong = String::new();
    for fact in &case.facts {
        for &version in &fact.pg {
            if fact.setup_error.is_some() {
                continue;
            }
            let mut expected = expected(fact);
            let mut found = found(case, &servers[usize::from(version) - 14]);
            if expected.error.is_some() {
                found = Answer { error: found.error, outside_only: found.outside_only, ..Answer::default() };
            }
            if case.planner || PLANNER.iter().any(|prefix| case.id.starts_with(prefix)) {
                found.scans = expected.scans.clone();
            }
            if case.outside.is_some() || OUTSIDE.iter().any(|(id, _)| *id == case.id) {
                expected = known_outside(expected);
                found = known_outside(found);
            }
            if expected != found {
                wrong += &format!("{version}: {}\n", difference(&expected, &found));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n{wrong}", case.sql.join(";\n")).into())
}

/// What is left of an answer whose refusal, or whose locks, no catalog knows.
fn known_outside(answer: Answer) -> Answer {
    Answer { error: None, locks: BTreeMap::new(), ..answer }
}

fn difference(expected: &Answer, found: &Answer) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, expected: String, found: String| {
        if expected != found {
            parts.push(format!("{name}: server {expected}, we {found}"));
        }
    };
    part("error", format!("{:?}", expected.error), format!("{:?}", found.error));
    part("outside_only", expected.outside_only.to_string(), found.outside_only.to_string());
    let beyond = |own: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        let unequal = own.iter().filter(|(relation, mode)| other.get(*relation) != Some(mode));
        format!("{:?}", unequal.collect::<BTreeMap<_, _>>())
    };
    part("locks", beyond(&expected.locks, &found.locks), beyond(&found.locks, &expected.locks));
    part("rewrites", format!("{:?}", expected.rewrites), format!("{:?}", found.rewrites));
    part("rebuilds", format!("{:?}", expected.rebuilds_indexes), format!("{:?}", found.rebuilds_indexes));
    part("builds", format!("{:?}", expected.builds_indexes), format!("{:?}", found.builds_indexes));
    part("scans", format!("{:?}", expected.scans), format!("{:?}", found.scans));
    part("validates", format!("{:?}", expected.validates), format!("{:?}", found.validates));
    part("proofs", format!("{:?}", expected.proofs), format!("{:?}", found.proofs));
    parts.join("\n    ")
}

// --- what the server did --------------------------------------------------------------------------

fn expected(fact: &Fact) -> Answer {
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    let outside_only = fact.in_transaction == Some(false);
    if fact.ok == Some(false) {
        return Answer { error: fact.error.clone(), outside_only, ..Answer::default() };
    }
    let mut locks: BTreeMap<String, LockMode> = BTreeMap::new();
    for lock in fact.locks.iter().filter(|lock| !lock.new) {
        let mode = lock_mode(&lock.mode);
        if lock.kind.contains("index") && mode == LockMode::AccessShare {
            continue;
        }
        let strongest = locks.entry(lock.relation.clone()).or_insert(mode);
        *strongest = (*strongest).max(mode);
    }
    Answer {
        error: None,
        outside_only,
        locks: locks.into_iter().map(|(relation, mode)| (relation, format!("{mode:?}"))).collect(),
        rewrites: set(&fact.rewrites),
        rebuilds_indexes: set(&fact.rebuilds_indexes),
        // REINDEX DATABASE builds the system's indexes, too, up to 15.
        builds_indexes: fact
            .builds_indexes
            .iter()
            .filter(|name| !is_system(name))
            .map(|name| qualified(name))
            .collect(),
        scans: set(&fact.scans),
        validates: set(&fact.validates),
        proofs: set(&fact.proofs),
    }
}

/// REINDEX DATABASE builds the system's indexes, too, up to 15.
fn is_system(name: &str) -> bool {
    name.starts_with("pg_catalog.") || (name.starts_with("pg_") && !name.starts_with("pg_temp."))
}

/// The server's messages name an index without its schema.
fn qualified(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

fn lock_mode(name: &str) -> LockMode {
    match name.trim_end_matches("Lock") {
        "AccessShare" => LockMode::AccessShare,
        "RowShare" => LockMode::RowShare,
        "RowExclusive" => LockMode::RowExclusive,
        "ShareUpdateExclusive" => LockMode::ShareUpdateExclusive,
        "Share" => LockMode::Share,
        "ShareRowExclusive" => LockMode::ShareRowExclusive,
        "Exclusive" => LockMode::Exclusive,
        _ => LockMode::AccessExclusive,
    }
}

// --- what we say ----------------------------------------------------------------------------------

fn base(version: u8, setup: &str) -> Replay {
    let mut replay = Replay::new(ServerSettings { version, platform: Platform::Plain });
    let cluster = "create role app_owner; create role app_user; create database c; create tablespace other_space location '/other';";
    run(&mut replay, cluster, TransactionMode::Statement);
    let setup = std::fs::read_to_string(format!("testdata/ddl-facts/{setup}")).expect("the setup is there");
    run(&mut replay, &setup, TransactionMode::Statement);
    replay
}

fn run(replay: &mut Replay, sql: &str, transaction: TransactionMode) -> Option<String> {
    let statements = match parse_statements(sql, &Origin::verbatim(FileId(0), 0)) {
        Ok(statements) => statements,
        Err(error) => return Some(grammar_sqlstate(&error.message, replay.version()).to_owned()),
    };
    let statements = statements.into_iter().map(Arc::new).collect();
    replay.run_file(&Migration { file: FileId(0), statements, gaps: Vec::new(), transaction, ahead: Arc::default() });
    None
}

fn found(case: &Case, base: &Replay) -> Answer {
    let mut replay = base.clone();
    if !case.pre.is_empty() {
        run(&mut replay, &case.pre.join(";\n"), TransactionMode::Statement);
    }
    let inside = answer(case, &replay, TransactionMode::File);
    if inside.error.as_deref().is_some_and(|error| !matches!(error, "25001" | "2D000")) {
        return Answer { outside_only: false, ..inside };
    }
    if !matches!(inside.error.as_deref(), Some("25001" | "2D000")) && !inside.outside_only {
        return inside;
    }
    Answer { outside_only: true, ..answer(case, &replay, TransactionMode::Statement) }
}

fn answer(case: &Case, base: &Replay, transaction: TransactionMode) -> Answer {
    let mut replay = base.clone();
    // The zone of the servers that were measured.
    let session = [&["set timezone = 'UTC'".to_owned()], &case.session[..]].concat();
    let first = replay.catalog().statements().len() + session.len();
    let version = base.version();
    if let Some(error) = run(&mut replay, &[&session[..], &case.sql[..]].concat().join(";\n"), transaction) {
        return Answer { error: Some(error), ..Answer::default() };
    }
    let mut answer = Answer::default();
    let catalog = replay.catalog();
    let measured = &catalog.statements()[first.min(catalog.statements().len())..];
    let before = measured.first().map_or(catalog.end(), |executed| catalog.before(executed.id));
    let mut locks: BTreeMap<ObjectId, LockMode> = BTreeMap::new();
    for executed in measured {
        if let Outcome::Refused(refusal) = &executed.outcome {
            answer.error = answer.error.or(Some(refusal.sqlstate.to_owned()));
        }
        // Locks that ROLLBACK TO SAVEPOINT gave back are not held at the end.
        if executed.rolled_back {
            continue;
        }
        let done = effects(catalog, executed, version);
        answer.outside_only |= done.transaction == TransactionRule::OutsideOnly;
        for (&relation, &mode) in &done.locks {
            let strongest = locks.entry(relation).or_insert(mode);
            *strongest = (*strongest).max(mode);
        }
        tell(&mut answer, before, catalog.after(executed.id), &done);
    }
    for (relation, mode) in locks {
        let Some(object) = before.get(relation) else { continue };
        let is_index = object.as_index().is_some();
        if !(is_index && mode == LockMode::AccessShare) {
            answer.locks.insert(before.qualified_name(relation), format!("{mode:?}"));
        }
    }
    answer
}

fn tell(answer: &mut Answer, before: CatalogAt<'_>, after: CatalogAt<'_>, done: &Effects) {
    let names = |ids: &[ObjectId]| {
        let existing = ids.iter().filter(|&&id| before.get(id).is_some());
        existing.map(|&id| before.qualified_name(id)).collect::<Vec<_>>()
    };
    answer.rewrites.extend(names(&done.rewrites));
    answer.rebuilds_indexes.extend(names(&done.rebuilds_indexes));
    answer.scans.extend(names(&done.scans));
    let name = |id: ObjectId| after.get(id).or_else(|| before.get(id)).map(|object| object.name.to_string());
    answer.builds_indexes.extend(done.builds_indexes.iter().filter_map(|&id| name(id)));
    answer.validates.extend(done.validates.iter().filter_map(|&id| name(id)));
    answer.proofs.extend(done.proofs.iter().map(|&proof| sentence(after, proof)));
}
