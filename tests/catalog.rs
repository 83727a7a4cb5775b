//! The replayed catalog beside a server's: `testdata/catalog/*.sql`.
//!
//! Each file is a project of one migration, run statement by statement on an empty database. A statement that is refused
//! has `-- refused 42P01` at the end of its first line; all others run. What the server then holds is in the `.json` file
//! beside it, as `pglint schema --format json` has it. `./dev live catalog` asks a server, and `UPDATE=1 ./dev live
//! catalog` writes its answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value};

use crate::support;

/// What the projects are replayed on.
const CONFIG: &str = "[project]\nplatform = 'postgres'\nrunner = 'psql'\npostgres = 17\n";

/// What a history makes: the objects by kind and name, and the refused statements as `line code`.
pub struct Answer {
    pub objects: Map<String, Value>,
    pub refused: BTreeSet<(u32, String)>,
}

pub fn trials() -> Vec<Trial> {
    let trial = |path: PathBuf| Trial::test(format!("catalog {}", name(&path)), move || check(&path));
    files().into_iter().map(trial).collect()
}

pub fn files() -> Vec<PathBuf> {
    support::sql_files(&support::root().join("testdata/catalog"))
}

pub fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn check(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let ours = replayed(&text)?;
    let objects = serde_json::from_str(&fs::read_to_string(path.with_extension("json"))?)?;
    let theirs = Answer { objects, refused: marks(&text) };
    support::expect_same("what differs from the server", "", &differences(&theirs, &ours).join("\n"))
}

/// What pglint makes of a file.
pub fn replayed(text: &str) -> Result<Answer, Failed> {
    let files: [(&str, &[u8]); 2] = [("pglint.toml", CONFIG.as_bytes()), ("0001.sql", text.as_bytes())];
    let folder = support::folder(&files);
    let linted = support::lint_paths(folder.path(), &["."], None);
    let refused = linted.findings.iter().filter_map(|finding| {
        let code = finding.sqlstate?;
        let line = linted.sources.file(finding.statement.file).line_column(finding.statement.start).line;
        Some((line, code.to_owned()))
    });
    let ran = support::pglint(folder.path(), &["schema", "--format", "json"]);
    if ran.status != Some(0) {
        return Err(format!("status {:?}: {}", ran.status, ran.stderr).into());
    }
    let mut printed: Value = serde_json::from_str(&ran.stdout)?;
    let Value::Object(mut objects) = printed["objects"].take() else { return Err("no objects".into()) };
    let all = objects.values_mut().filter_map(Value::as_object_mut).flat_map(|objects| objects.values_mut());
    for object in all.filter_map(Value::as_object_mut) {
        object.remove("made");
        // The server's aggregate of nothing is NULL.
        object.retain(|key, value| !matches!(key.as_str(), "columns" | "labels") || *value != Value::Array(Vec::new()));
    }
    Ok(Answer { objects, refused: refused.collect() })
}

/// The marks in a text.
pub fn marks(text: &str) -> BTreeSet<(u32, String)> {
    let marks = text.lines().zip(1..).filter_map(|(line, number)| {
        let (_, code) = line.rsplit_once("-- refused ")?;
        Some((number, code.trim().to_owned()))
    });
    marks.collect()
}

/// A line for each object that differs and for each statement that only one side refuses.
pub fn differences(theirs: &Answer, ours: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (place, name) in names(theirs).union(&names(ours)) {
        let (a, b) = (&theirs.objects.get(place).unwrap_or(&Value::Null)[name], ours.objects.get(place));
        let b = &b.unwrap_or(&Value::Null)[name];
        if a != b {
            lines.push(format!("{place} {name}: {}", fields(a, b)));
        }
    }
    let refused = |(line, code): &(u32, String)| format!("line {line}: {code}");
    lines.extend(theirs.refused.difference(&ours.refused).map(|it| refused(it) + ", which pglint does not say"));
    lines.extend(ours.refused.difference(&theirs.refused).map(|it| refused(it) + ", which the server does not say"));
    lines
}

/// All objects by kind and name.
pub fn names(answer: &Answer) -> BTreeSet<(String, String)> {
    let kinds = answer.objects.iter().filter_map(|(kind, objects)| Some((kind, objects.as_object()?)));
    kinds.flat_map(|(kind, objects)| objects.keys().map(|name| (kind.clone(), name.clone()))).collect()
}

fn fields(theirs: &Value, ours: &Value) -> String {
    let (Some(a), Some(b)) = (theirs.as_object(), ours.as_object()) else {
        return if ours.is_null() { "only the server has it".to_owned() } else { "only pglint has it".to_owned() };
    };
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let value = |it: Option<&Value>| it.map_or("nothing".to_owned(), ToString::to_string);
    let differ = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    differ.map(|key| format!("{key} {} here {}", value(a.get(key)), value(b.get(key)))).collect::<Vec<_>>().join("; ")
}
