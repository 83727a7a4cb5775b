//! How each runner sends a migration to the server, as its own source has it.

use std::fs;
use std::path::Path;

use postgres::{Client, Error};

/// A runner with the shape of its projects.
#[derive(Clone, Copy)]
pub struct Runner {
    /// Its name in `pglint.toml`.
    pub name: &'static str,
    /// The file of the `{}`th migration.
    pub file: &'static str,
    /// What stands before and after the statements of a file.
    pub around: (&'static str, &'static str),
    /// Sends a file, whose text is given.
    pub send: fn(&mut Client, &Path, &str) -> Result<(), Error>,
}

pub const RUNNERS: &[Runner] = &[
    Runner { name: "psql", file: "sql/00{}_change.sql", around: ("", ""), send: psql },
    Runner {
        name: "supabase",
        file: "supabase/migrations/2026010100000{}_change.sql",
        around: ("", ""),
        send: supabase,
    },
    Runner { name: "prisma", file: "prisma/migrations/{}_change/migration.sql", around: ("", ""), send: one_string },
    Runner {
        name: "dbmate",
        file: "db/migrations/2026010100000{}_change.sql",
        around: ("-- migrate:up\n", "\n-- migrate:down\nselect 1;\n"),
        send: dbmate,
    },
    Runner {
        name: "goose",
        file: "migrations/0000{}_change.sql",
        around: ("-- +goose Up\n", "\n-- +goose Down\nselect 1;\n"),
        send: goose,
    },
    Runner {
        name: "sql-migrate",
        file: "migrations/{}-change.sql",
        around: ("-- +migrate Up\n", "\n-- +migrate Down\nselect 1;\n"),
        send: sql_migrate,
    },
    Runner { name: "golang-migrate", file: "migrations/00000{}_change.up.sql", around: ("", ""), send: one_string },
    Runner { name: "sqlx", file: "migrations/2026010100000{}_change.sql", around: ("", ""), send: sqlx },
    Runner { name: "flyway", file: "db/migration/V{}__change.sql", around: ("", ""), send: flyway },
    Runner { name: "diesel", file: "migrations/2026-01-0{}-000000_change/up.sql", around: ("", ""), send: diesel },
    Runner { name: "drizzle", file: "drizzle/000{}_change.sql", around: ("", ""), send: drizzle },
];

/// The runner of this name.
pub fn named(name: &str) -> &'static Runner {
    RUNNERS.iter().find(|runner| runner.name == name).expect("it is in the list")
}

fn statements(text: &str) -> Vec<&str> {
    pg_query::split_with_parser(text).unwrap_or_else(|_| vec![text])
}

/// A message a statement.
fn each(client: &mut Client, text: &str) -> Result<(), Error> {
    statements(text).into_iter().try_for_each(|statement| client.batch_execute(statement))
}

fn each_in_transaction(client: &mut Client, text: &str) -> Result<(), Error> {
    client.batch_execute("begin")?;
    each(client, text)?;
    client.batch_execute("commit")
}

/// All in one message, within a transaction.
fn string_in_transaction(client: &mut Client, text: &str) -> Result<(), Error> {
    client.batch_execute("begin")?;
    client.batch_execute(text)?;
    client.batch_execute("commit")
}

/// What the server refuses in a transaction, as these tools know it: by the words.
fn needs_none(statement: &str) -> bool {
    let lines = statement.lines().filter(|line| !line.trim_start().starts_with("--"));
    let words = lines.collect::<Vec<_>>().join(" ").to_lowercase();
    let starts = |word: &str| words.trim_start().starts_with(word);
    words.contains(" concurrently ") || starts("vacuum") || starts("alter system") || starts("reindex database")
}

fn psql(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    each(client, text)
}

/// Prisma, golang-migrate: one message with all. The server makes a transaction of several statements, and none of a
/// single one.
fn one_string(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    client.batch_execute(text)
}

/// From 2.109 on: a transaction, left for what cannot be in one.
fn supabase(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    client.batch_execute("begin")?;
    for statement in statements(text) {
        if needs_none(statement) {
            client.batch_execute("commit")?;
            client.batch_execute(statement)?;
            client.batch_execute("begin")?;
        } else {
            client.batch_execute(statement)?;
        }
    }
    client.batch_execute("commit")
}

/// A transaction, unless the file's settings or its statements say otherwise; statements of both kinds are refused.
fn flyway(client: &mut Client, path: &Path, text: &str) -> Result<(), Error> {
    let settings = fs::read_to_string(format!("{}.conf", path.display())).unwrap_or_default();
    let parts = statements(text);
    match parts.iter().filter(|statement| needs_none(statement)).count() {
        _ if settings.contains("executeInTransaction=false") => each(client, text),
        0 => each_in_transaction(client, text),
        count if count == parts.len() => each(client, text),
        _ => client.batch_execute("do $$ begin raise 'both transactional and non-transactional statements'; end $$"),
    }
}

/// The line of the mark, and what is between it and the way back.
fn part<'t>(text: &'t str, up: &str, down: &str) -> (&'t str, &'t str) {
    let from = text.find(up).map_or(0, |at| at + up.len());
    let line = text[from..].lines().next().unwrap_or("");
    let to = text.find(down).unwrap_or(text.len());
    (line, &text[from + line.len()..to])
}

/// The up part is one string.
fn dbmate(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    match part(text, "-- migrate:up", "-- migrate:down") {
        (options, sql) if options.contains("transaction:false") => client.batch_execute(sql),
        (_, sql) => string_in_transaction(client, sql),
    }
}

fn goose(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    let none = text.lines().any(|line| line.trim() == "-- +goose NO TRANSACTION");
    match part(text, "-- +goose Up", "-- +goose Down") {
        (_, sql) if none => each(client, sql),
        (_, sql) => each_in_transaction(client, sql),
    }
}

fn sql_migrate(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    match part(text, "-- +migrate Up", "-- +migrate Down") {
        (options, sql) if options.contains("notransaction") => each(client, sql),
        (_, sql) => each_in_transaction(client, sql),
    }
}

fn sqlx(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    if text.starts_with("-- no-transaction") { client.batch_execute(text) } else { string_in_transaction(client, text) }
}

/// One string; a file beside it may say that it is in no transaction.
fn diesel(client: &mut Client, path: &Path, text: &str) -> Result<(), Error> {
    let settings = fs::read_to_string(path.with_file_name("metadata.toml")).unwrap_or_default();
    if settings.contains("run_in_transaction = false") {
        return client.batch_execute(text);
    }
    string_in_transaction(client, text)
}

/// What its breakpoints part is sent apart, in one transaction.
fn drizzle(client: &mut Client, _: &Path, text: &str) -> Result<(), Error> {
    client.batch_execute("begin")?;
    text.split("--> statement-breakpoint").try_for_each(|part| client.batch_execute(part))?;
    client.batch_execute("commit")
}
