//! `pglint capture-sql`: each of its queries runs, in a transaction that may not write, and what it gives is read again.
//!
//! On the server of the suite, and on those whose programs `PGLINT_POSTGRES_ALL` names (folders, `:` between them).

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use pglint::source::FileId;
use pglint::stats::{Kind, Statistics, read};
use postgres::{Client, SimpleQueryMessage};

use crate::server::Server;
use crate::support;

pub fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let own = Arc::clone(server);
    let mut trials = vec![Trial::test("capture-sql", move || check(&mut own.supabase()?))];
    for programs in std::env::var("PGLINT_POSTGRES_ALL").unwrap_or_default().split(':').filter(|it| !it.is_empty()) {
        let programs = programs.to_owned();
        trials.push(Trial::test(format!("capture-sql with {programs}"), move || {
            let server = Server::bare(Path::new(&programs))?;
            check(&mut server.connect("postgres")?)
        }));
    }
    trials
}

fn check(client: &mut Client) -> Result<(), Failed> {
    client.batch_execute(
        "create table public.captured (id int primary key, tags text[]);
         insert into public.captured select g, array['a', 'b'] from generate_series(1, 500) g;
         analyze public.captured;
         select count(*) from public.captured;",
    )?;
    let script = support::pglint(support::root(), &["capture-sql"]).stdout;
    client.batch_execute("begin transaction isolation level repeatable read read only")?;
    for (file, query) in queries(&script) {
        // Where the server does not load it there is nothing to ask.
        if file == "pg_stat_statements.json" {
            continue;
        }
        let rows = client.simple_query(&query).map_err(|error| format!("{file}: {error:?}\n{query}"))?;
        let text = rows.iter().find_map(|row| match row {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let statistics = Statistics::new(read(FileId(0), text.unwrap_or("")));
        let kind = kind_of(&file).ok_or_else(|| format!("{file} is not known"))?;
        if !statistics.has(kind) {
            return Err(format!("{file} is not read as {kind:?}: {}", text.unwrap_or("nothing")).into());
        }
    }
    client.batch_execute("commit")?;
    Ok(())
}

/// The queries of the script, each with the file that it goes to.
fn queries(script: &str) -> Vec<(String, String)> {
    let mut file = String::new();
    let mut query = String::new();
    let mut all = Vec::new();
    for line in script.lines() {
        if let Some(name) = line.strip_prefix("\\o captures/") {
            file = name.to_owned();
        } else if line.starts_with("select coalesce") || line.starts_with("select json_agg") || !query.is_empty() {
            query.push_str(line);
            query.push('\n');
            if line.ends_with(';') {
                all.push((file.clone(), std::mem::take(&mut query)));
            }
        }
    }
    all
}

fn kind_of(file: &str) -> Option<Kind> {
    Some(match file.strip_suffix(".json")? {
        "pg_stat_user_tables" => Kind::Tables,
        "pg_stat_user_indexes" => Kind::Indexes,
        "pg_statio_user_tables" => Kind::TableBlocks,
        "pg_statio_user_indexes" => Kind::IndexBlocks,
        "pg_class" => Kind::Sizes,
        "pg_index" => Kind::IndexState,
        "pg_stats" => Kind::Columns,
        "pg_settings" => Kind::Settings,
        "pg_stat_database" => Kind::Database,
        _ => return None,
    })
}
