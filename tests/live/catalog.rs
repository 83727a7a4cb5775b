//! Whether a server makes of `testdata/catalog` what is written down there, and whether what `pglint schema` prints
//! for `testdata/schema` makes the same catalog again.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use pglint::source::FileId;
use pglint::syntax::parse_file;
use postgres::Client;
use serde_json::{Map, Value};

use crate::replayed::{self, Answer, differences};
use crate::server::Server;
use crate::{schema, support};

const QUERY: &str = include_str!("catalog.sql");

pub fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let (one, other) = (Arc::clone(server), Arc::clone(server));
    vec![
        Trial::test("catalog: object for object", move || same_objects(&one)),
        Trial::test("catalog: printed and made again", move || made_again(&other)),
    ]
}

/// One after the other, since roles are the server's and not a database's. Prints the figures.
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn same_objects(server: &Server) -> Result<(), Failed> {
    let (mut problems, mut sums) = (Vec::new(), [0; 4]);
    for path in replayed::files() {
        let text = fs::read_to_string(&path)?;
        let ours = replayed::replayed(&text)?;
        let theirs = asked(server, &text)?;
        write_down(&path, &text, &theirs, &mut problems)?;
        let wrong = differences(&theirs, &ours);
        let refusals = wrong.iter().filter(|line| line.starts_with("line ")).count();
        let counts = [replayed::names(&theirs).len(), wrong.len() - refusals, theirs.refused.len(), refusals];
        println!("{:20} {}", replayed::name(&path), figures(counts));
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        problems.extend(wrong.into_iter().map(|line| format!("{}: {line}", replayed::name(&path))));
    }
    println!("{:20} {}", "together", figures(sums));
    support::expect_same("what differs from the server", "", &problems.join("\n"))
}

fn figures([objects, wrong, refused, refusals]: [usize; 4]) -> String {
    format!("{objects:5} objects, {wrong} differ; {refused:4} refusals, {refusals} differ")
}

/// Holds the server's answer against the one in the repository, or puts it there.
fn write_down(path: &Path, text: &str, theirs: &Answer, problems: &mut Vec<String>) -> Result<(), Failed> {
    let file = path.with_extension("json");
    if support::update() {
        fs::write(&file, serde_json::to_string_pretty(&theirs.objects)? + "\n")?;
    }
    let known = Answer {
        objects: serde_json::from_str(&fs::read_to_string(&file).unwrap_or_else(|_| "{}".to_owned()))?,
        refused: replayed::marks(text),
    };
    let stale = differences(theirs, &known);
    problems.extend(stale.into_iter().map(|line| format!("{}: written down otherwise: {line}", replayed::name(path))));
    Ok(())
}

/// What a server makes of a file in a database of its own.
fn asked(server: &Server, text: &str) -> Result<Answer, Failed> {
    server.plain(|client| answer(client, text))
}

fn answer(client: &mut Client, text: &str) -> Result<Answer, Failed> {
    let before = objects(client)?;
    client.batch_execute("set session authorization postgres; reset search_path")?;
    let parsed = parse_file(FileId(0), text, std::slice::from_ref(&(0..text.len() as u32)));
    let mut spans: Vec<_> = parsed.statements.iter().map(|statement| statement.span).collect();
    spans.extend(parsed.broken.iter().map(|broken| broken.span));
    spans.sort_by_key(|span| span.start);
    let mut refused = std::collections::BTreeSet::new();
    for span in spans {
        let line = 1 + text[..span.start as usize].matches('\n').count() as u32;
        if let Err(error) = client.batch_execute(&text[span.start as usize..span.end as usize]) {
            let code = error.code().ok_or_else(|| error.to_string())?;
            refused.insert((line, code.code().to_owned()));
        }
    }
    let after = objects(client)?;
    Ok(Answer { objects: pglint::schema::changed(after, &before), refused })
}

/// The objects of a database.
fn objects(client: &mut Client) -> Result<Map<String, Value>, Failed> {
    client.batch_execute("reset session authorization; set search_path = ''")?;
    let mut all = Map::new();
    for row in client.query(QUERY, &[])? {
        let (kind, name, value): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let objects = all.entry(kind).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(objects) = objects {
            objects.insert(name, serde_json::from_str(&value)?);
        }
    }
    Ok(all)
}

fn made_again(server: &Server) -> Result<(), Failed> {
    let mut problems = Vec::new();
    for path in schema::files() {
        let text = fs::read_to_string(&path)?;
        let mut made = Vec::new();
        for sql in [&text, &schema::printed(&text, &[])?] {
            let mut client = server.supabase()?;
            client.batch_execute(sql).map_err(|error| format!("{}: {error:?}", path.display()))?;
            let mut objects = objects(&mut client)?;
            // Those of the other trial come and go.
            objects.remove("roles");
            made.push(Answer { objects, refused: Default::default() });
        }
        problems.extend(differences(&made[0], &made[1]));
    }
    support::expect_same("what the printed statements make", "", &problems.join("\n"))
}
