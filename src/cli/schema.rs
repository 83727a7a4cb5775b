//! `pglint schema`.

use std::io;
use std::path::{Path, PathBuf};

use pglint::lint::{Linted, Progress, lint};
use pglint::project::Request;
use pglint::schema::{Change, Difference, Objects, Schema, changed, diff, sql, summary};
use pglint::source::Sources;
use serde_json::{Value, json};

use super::args::{SchemaArguments, SchemaFormat};
use super::{Status, lint as linting, output};

/// Deep queries are legal, and are printed as deep as they are.
const STACK: usize = 64 << 20;

pub fn run(arguments: &SchemaArguments) -> io::Result<Status> {
    let request = linting::request(&arguments.selection)?;
    let mut status = Status::Clean;
    let text = with_stack(|| match &arguments.diff {
        Some(other) => {
            let differences = diff(&objects(&request, None)?, &objects(&request, Some(other))?);
            status = if differences.is_empty() { Status::Clean } else { Status::Findings };
            Ok(match arguments.format {
                SchemaFormat::Sql => differences.iter().map(told).collect(),
                SchemaFormat::Json => pretty(&Value::Array(differences.iter().map(as_data).collect())),
            })
        }
        None => match arguments.format {
            SchemaFormat::Sql => with_schema(&request, sql),
            SchemaFormat::Json => Ok(pretty(&document(objects(&request, None)?))),
        },
    })?;
    output::to_file_or_stdout(arguments.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    Ok(status)
}

fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread can be made: {error}"),
        }
    })
}

/// Replays the one history that a request means.
fn with_schema<T>(request: &Request, work: impl FnOnce(&Schema<'_>) -> T) -> io::Result<T> {
    let linted = lint(request, &[], &Progress::default());
    let Linted { sources, projects, catalogs, .. } = &linted;
    let [project] = &projects[..] else {
        let folders: Vec<String> = projects.iter().map(|project| project.root.display().to_string()).collect();
        return Err(io::Error::other(match folders.len() {
            0 => "no migrations here".to_owned(),
            _ => format!("several histories, name one: {}", folders.join(", ")),
        }));
    };
    Ok(work(&Schema::new(catalogs[0].end(), sources, project.facts.server.version)))
}

/// The objects of the request's history, or of what it is compared with: a JSON file, else files to replay.
fn objects(request: &Request, other: Option<&Path>) -> io::Result<Objects> {
    let Some(other) = other else { return with_schema(request, project_objects) };
    if other.extension().is_some_and(|extension| extension == "json") {
        let text = std::fs::read(other).map_err(|error| io::Error::other(format!("{}: {error}", other.display())))?;
        let value: Value = serde_json::from_slice(&text)
            .map_err(|error| io::Error::other(format!("{}: not JSON: {error}", other.display())))?;
        let objects = value.get("objects").and_then(Value::as_object).cloned();
        return objects.ok_or_else(|| io::Error::other(format!("{}: no `objects` in it", other.display())));
    }
    let paths: Vec<PathBuf> = vec![other.to_owned()];
    with_schema(&Request { paths, texts: Vec::new(), ..request.clone() }, project_objects)
}

/// What the history made or changed.
fn project_objects(schema: &Schema<'_>) -> Objects {
    let all = summary(schema, |id| place(schema, id));
    let nothing = Sources::default();
    let empty =
        Schema::new(schema.at.catalog().after(pglint::catalog::StatementId::BASELINE), &nothing, schema.version);
    changed(all, &summary(&empty, |_| None))
}

fn place(schema: &Schema<'_>, id: pglint::catalog::ObjectId) -> Option<Value> {
    let span = schema.made_at(id)?;
    if span.is_none() {
        return None;
    }
    let file = schema.sources.file(span.file);
    Some(json!({"file": file.name, "line": file.line_column(span.start).line}))
}

fn document(objects: Objects) -> Value {
    json!({"version": 1, "tool": {"name": "pglint", "version": env!("CARGO_PKG_VERSION")}, "objects": objects})
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text + "\n"
}

fn as_data(difference: &Difference) -> Value {
    let (change, fields) = match &difference.change {
        Change::Added => ("added", Vec::new()),
        Change::Removed => ("removed", Vec::new()),
        Change::Changed(fields) => ("changed", fields.clone()),
    };
    let field = |(name, from, to): (String, Value, Value)| json!({"field": name, "from": from, "to": to});
    json!({"kind": difference.kind, "name": difference.name, "change": change,
        "fields": fields.into_iter().map(field).collect::<Vec<_>>()})
}

/// A difference in lines for people.
fn told(difference: &Difference) -> String {
    let Difference { kind, name, change } = difference;
    let mut text = match change {
        Change::Added => format!("+ {kind} {name}\n"),
        Change::Removed => format!("- {kind} {name}\n"),
        Change::Changed(_) => format!("~ {kind} {name}\n"),
    };
    if let Change::Changed(fields) = change {
        for (field, from, to) in fields {
            text.push_str(&format!("    {field}: {} -> {}\n", shown(from), shown(to)));
        }
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
