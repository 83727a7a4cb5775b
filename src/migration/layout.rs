//! The files of one migration: where they go, what they are called, and the runner's own lines in them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::statement::Prepared;
use super::version::{self, Parts};
use super::{Draft, DraftFile, Target};
use crate::project::Runner;

/// The last migration, after which a new one is named.
struct Model<'a> {
    /// The folder of its file below the project's, with a slash at its end; empty for none.
    folder: String,
    parts: Option<Parts<'a>>,
    /// Its name, where that holds no version.
    name: &'a str,
    /// Its whole file.
    path: &'a Path,
    crlf: bool,
}

/// Adds the files of one migration, the `nth` of this draft.
pub(super) fn write(
    target: &Target<'_>,
    name: &str,
    steps: &[Prepared],
    now: Timestamp,
    nth: usize,
    draft: &mut Draft,
) {
    let runner = target.project.facts.runner;
    let relatives = relative_names(target);
    let model = model(target, &relatives);
    let label = if nth == 0 { name.to_owned() } else { format!("{name}_{}", nth + 1) };
    let base = base_name(runner, &model, &label, now, nth);
    let apart = steps.iter().any(|step| step.outside);
    let root = &target.project.root;
    let up = render(&up_text(runner, steps, apart), &model);
    let down = render(&down_text(steps), &model);
    let file = |path: PathBuf, text: String, is_up: bool| DraftFile { path, text, replaces: None, is_up };
    if runner.has_folder_each() {
        let folder = root.join(&base);
        if runner == Runner::Prisma {
            draft.files.push(file(folder.join("migration.sql"), up, true));
            return;
        }
        draft.files.push(file(folder.join("up.sql"), up, true));
        draft.files.push(file(folder.join("down.sql"), down, false));
        if apart {
            draft.files.push(file(folder.join("metadata.toml"), "run_in_transaction = false\n".to_owned(), false));
        }
        return;
    }
    let tail = model.parts.as_ref().map_or(default_tail(runner), |parts| parts.tail);
    let path = root.join(format!("{}{base}{tail}", model.folder));
    if runner == Runner::Flyway && apart {
        let settings = PathBuf::from(format!("{}.conf", path.display()));
        draft.files.push(file(settings, "executeInTransaction=false\n".to_owned(), false));
    }
    if runner == Runner::Drizzle {
        journal(target, &base, now, draft);
    }
    if let Some(down_path) = down_path(&path, &model) {
        draft.files.push(file(down_path, down, false));
    }
    draft.files.push(file(path, up, true));
}

fn default_tail(runner: Runner) -> &'static str {
    if runner == Runner::GolangMigrate { ".up.sql" } else { ".sql" }
}

/// The paths of the migrations below the folder of the project, in the order they are run.
fn relative_names(target: &Target<'_>) -> Vec<String> {
    let root = &target.project.root;
    let files = target.project.migrations.iter().map(|migration| target.sources.file(migration.file));
    let below = files.filter_map(|file| file.path.strip_prefix(root).ok());
    below.map(|path| path.to_string_lossy().replace('\\', "/")).collect()
}

/// The last migration with a version; Flyway runs its repeatable ones behind it.
fn model<'a>(target: &Target<'a>, relatives: &'a [String]) -> Model<'a> {
    let in_folders = target.project.facts.runner.has_folder_each();
    let unit = |relative: &'a String| -> (String, &'a str) {
        if in_folders {
            return (String::new(), relative.split('/').next().unwrap_or(relative));
        }
        match relative.rsplit_once('/') {
            Some((folder, name)) => (format!("{folder}/"), name),
            None => (String::new(), relative),
        }
    };
    let with_parts = relatives.iter().rev().find(|relative| Parts::of(unit(relative).1, in_folders).is_some());
    let Some(relative) = with_parts.or(relatives.last()) else {
        return Model { folder: String::new(), parts: None, name: "", path: Path::new(""), crlf: false };
    };
    let (folder, name) = unit(relative);
    let parts = Parts::of(name, in_folders);
    let last = target.project.migrations.iter().map(|migration| target.sources.file(migration.file));
    let file = last.into_iter().find(|file| file.path == target.project.root.join(relative));
    let (path, text) = file.map_or((Path::new(""), ""), |file| (file.path.as_path(), &*file.text));
    Model { folder, parts, name, path, crlf: crate::fix::uses_crlf(text) }
}

/// The name without what stands behind its words.
fn base_name(runner: Runner, model: &Model<'_>, words: &str, now: Timestamp, nth: usize) -> String {
    let Some(parts) = &model.parts else {
        // Behind names without a version no number sorts: the new one starts as the last one does.
        let stem = model.name.trim_end_matches(".sql");
        let own = [Runner::Psql, Runner::SqlMigrate].contains(&runner) && !stem.is_empty();
        return if own { format!("{stem}_{words}") } else { format!("{}_{words}", version::first(now, nth)) };
    };
    let version = version::after(parts.version, now, nth);
    let words = if parts.separator == "-" { words.replace('_', "-") } else { words.to_owned() };
    match parts.description {
        // Names that are only a number stay so.
        "" if parts.separator.is_empty() => format!("{}{version}", parts.head),
        _ => format!("{}{version}{}{words}", parts.head, parts.separator),
    }
}

/// The file that undoes it, where the last migration has one.
fn down_path(path: &Path, model: &Model<'_>) -> Option<PathBuf> {
    let tail = model.parts.as_ref()?.tail;
    let down_tail = tail.replacen("up", "down", 1);
    if down_tail == tail {
        return None;
    }
    let swap = |path: &Path| Some(PathBuf::from(format!("{}{down_tail}", path.to_str()?.strip_suffix(tail)?)));
    swap(model.path).filter(|down| down.is_file())?;
    swap(path)
}

/// The statements that are run on the way up, with the runner's own lines.
fn up_text(runner: Runner, steps: &[Prepared], apart: bool) -> String {
    let head = match (runner, apart) {
        (Runner::Sqlx, true) => "-- no-transaction\n",
        (Runner::Goose, true) => "-- +goose NO TRANSACTION\n-- +goose Up\n",
        (Runner::Goose, false) => "-- +goose Up\n",
        (Runner::Dbmate, true) => "-- migrate:up transaction:false\n",
        (Runner::Dbmate, false) => "-- migrate:up\n",
        (Runner::SqlMigrate, true) => "-- +migrate Up notransaction\n",
        (Runner::SqlMigrate, false) => "-- +migrate Up\n",
        _ => "",
    };
    let marks = match runner {
        Runner::Goose => Some("+goose"),
        Runner::SqlMigrate => Some("+migrate"),
        _ => None,
    };
    let one = |step: &Prepared| {
        let comment: String = step.comment.iter().map(|line| format!("-- {}\n", one_line(line))).collect();
        match marks.filter(|_| step.is_compound()) {
            Some(mark) => format!("-- {mark} StatementBegin\n{comment}{}\n-- {mark} StatementEnd\n", step.sql),
            None => format!("{comment}{}\n", step.sql),
        }
    };
    let between = if runner == Runner::Drizzle { "--> statement-breakpoint\n" } else { "\n" };
    let body = steps.iter().map(one).collect::<Vec<_>>().join(between);
    let undo = down_text(steps);
    let tail = match runner {
        Runner::Goose => format!("\n-- +goose Down\n{undo}"),
        Runner::Dbmate if apart => format!("\n-- migrate:down transaction:false\n{undo}"),
        Runner::Dbmate => format!("\n-- migrate:down\n{undo}"),
        Runner::SqlMigrate if apart => format!("\n-- +migrate Down notransaction\n{undo}"),
        Runner::SqlMigrate => format!("\n-- +migrate Down\n{undo}"),
        _ => String::new(),
    };
    format!("{head}{body}{tail}")
}

/// What undoes the statements, last first.
fn down_text(steps: &[Prepared]) -> String {
    let undo = steps.iter().rev().filter_map(|step| step.undo.as_ref()).filter(|undo| !undo.is_empty());
    let undo: String = undo.map(|undo| format!("{undo}\n")).collect();
    let lost = steps.iter().filter(|step| step.undo.is_none()).count();
    match lost {
        0 => undo,
        _ => format!("-- what the other statements changed is not kept, so it cannot be undone here\n{undo}"),
    }
}

/// A text fit for a comment of one line.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// With the line endings of the last migration.
fn render(text: &str, model: &Model<'_>) -> String {
    if model.crlf { text.replace('\n', "\r\n") } else { text.to_owned() }
}

/// Adds the migration to drizzle's list of them, which alone decides what is run.
fn journal(target: &Target<'_>, tag: &str, now: Timestamp, draft: &mut Draft) {
    let path = target.project.root.join("meta/_journal.json");
    let earlier = draft.files.iter().rposition(|file| file.path == path);
    let text = match earlier {
        Some(at) => draft.files[at].text.clone(),
        None => std::fs::read_to_string(&path).unwrap_or_default(),
    };
    let Some(new) = with_entry(&text, tag, now) else {
        draft.notes.push(format!("add {tag} to meta/_journal.json, or drizzle will not run it"));
        return;
    };
    let replaces = match earlier {
        Some(at) => draft.files.remove(at).replaces,
        None => Some(text),
    };
    draft.files.push(DraftFile { path, text: new, replaces, is_up: false });
}

/// The journal with one entry more, as drizzle-kit writes it; `None` where it has another form.
fn with_entry(text: &str, tag: &str, now: Timestamp) -> Option<String> {
    let journal: serde_json::Value = serde_json::from_str(text).ok()?;
    let entries = journal.get("entries")?.as_array()?;
    let number = |key: &str| entries.iter().filter_map(|entry| entry.get(key)?.as_i64()).max();
    let last = entries.last()?;
    let version = last.get("version")?.as_str()?;
    let breakpoints = last.get("breakpoints").and_then(serde_json::Value::as_bool).unwrap_or(true);
    let when = now.as_millisecond().max(number("when")? + 1);
    let close = text.rfind(']')?;
    let head = text[..close].trim_end();
    let entry = format!(
        "    {{\n      \"idx\": {},\n      \"version\": \"{version}\",\n      \"when\": {when},\n      \"tag\": \"{tag}\",\n      \"breakpoints\": {breakpoints}\n    }}",
        number("idx")? + 1
    );
    let new = format!("{head},\n{entry}\n  {}", &text[close..]);
    let count = serde_json::from_str::<serde_json::Value>(&new).ok()?.get("entries")?.as_array()?.len();
    (count == entries.len() + 1).then_some(new)
}
