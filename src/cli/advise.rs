//! `pglint advise`.

use std::fmt::Write as _;
use std::io;

use pglint::advise::{Advice, IndexAdvice, words};
use pglint::lint::load;
use pglint::rules;
use pglint::source::Sources;

use super::args::{AdviseArguments, ListFormat};
use super::{Status, output};

pub fn run(arguments: &AdviseArguments) -> io::Result<Status> {
    let base = std::env::current_dir()?;
    let rules = rules::all();
    let migrations = arguments.migrations.as_deref();
    let loaded = load(&base, &arguments.paths, migrations, &arguments.stats, arguments.postgres, &rules);
    for problem in &loaded.problems {
        output::say(&format!("pglint: {}: {}", loaded.sources.place(problem.span), problem.message));
    }
    let advice = loaded.advice();
    let text = match arguments.format {
        ListFormat::Human => human(&advice, &loaded.sources),
        ListFormat::Json => json(&advice, &loaded.sources)?,
    };
    output::print(text.as_bytes())?;
    if arguments.new_migration
        && let Some(drafted) = super::tune::new_migration(&loaded, &advice, "indexes")
    {
        super::tune::write_or_show(&drafted, true)?;
    }
    Ok(if advice.indexes.is_empty() { Status::Clean } else { Status::Findings })
}

pub fn human(advice: &Advice, sources: &Sources) -> String {
    let mut text = String::new();
    for index in &advice.indexes {
        let _ = writeln!(text, "{}", index.sql);
        let names: Vec<&str> = index.serves.iter().map(|at| advice.queries[*at].name.as_str()).collect();
        let _ = writeln!(text, "  -- serves {}", names.join(", "));
        let _ = writeln!(text, "  -- {} at {}", words::about(index.size), sources.place(index.span));
        for line in &index.evidence {
            let _ = writeln!(text, "  -- {line}");
        }
        let _ = write!(text, "  -- confidence {:.0} %", index.confidence * 100.0);
        let assumed = index.assumptions.join("; ");
        let _ = writeln!(text, "{}", if assumed.is_empty() { assumed } else { format!(": {assumed}") });
        for line in index.write_cost.iter().chain(&index.notes) {
            let _ = writeln!(text, "  -- {line}");
        }
        for old in &index.replaces {
            let _ = writeln!(text, "  -- {old} is needless beside it");
        }
        text.push('\n');
    }
    for query in &advice.queries {
        for why in &query.reasons {
            let _ = writeln!(text, "{}: no index for {}: {}", sources.place(why.span), why.table, why.reason);
        }
    }
    let count = advice.indexes.len();
    let noun = if count == 1 { "index" } else { "indexes" };
    let _ = writeln!(text, "{count} {noun} for {} queries", advice.queries.len());
    text
}

#[derive(serde::Serialize)]
struct Output<'a> {
    queries: Vec<OutputQuery<'a>>,
    indexes: Vec<OutputIndex<'a>>,
}

#[derive(serde::Serialize)]
struct OutputQuery<'a> {
    name: &'a str,
    place: String,
    indexes: Vec<OutputIndex<'a>>,
    no_index: Vec<OutputReason<'a>>,
}

#[derive(serde::Serialize)]
struct OutputReason<'a> {
    table: &'a str,
    code: &'a str,
    reason: &'a str,
    place: String,
}

#[derive(serde::Serialize)]
struct OutputIndex<'a> {
    sql: &'a str,
    name: &'a str,
    table: &'a str,
    method: &'a str,
    definition: String,
    confidence: f64,
    bytes: u64,
    work_before: f64,
    work_after: f64,
    evidence: &'a [String],
    assumptions: &'a [String],
    write_cost: &'a [String],
    replaces: &'a [String],
    notes: &'a [String],
    serves: Vec<&'a str>,
    place: String,
}

fn json(advice: &Advice, sources: &Sources) -> io::Result<String> {
    let queries = advice.queries.iter().map(|query| OutputQuery {
        name: &query.name,
        place: sources.place(query.span),
        indexes: query.indexes.iter().map(|it| printed(advice, it, sources)).collect(),
        no_index: query
            .reasons
            .iter()
            .map(|why| OutputReason {
                table: &why.table,
                code: why.code,
                reason: &why.reason,
                place: sources.place(why.span),
            })
            .collect(),
    });
    let output = Output {
        queries: queries.collect(),
        indexes: advice.indexes.iter().map(|it| printed(advice, it, sources)).collect(),
    };
    Ok(serde_json::to_string_pretty(&output)? + "\n")
}

fn printed<'a>(advice: &'a Advice, index: &'a IndexAdvice, sources: &Sources) -> OutputIndex<'a> {
    OutputIndex {
        sql: &index.sql,
        name: &index.name,
        table: &index.table,
        method: index.index.method.name(),
        definition: index.index.definition(),
        confidence: index.confidence,
        bytes: index.size as u64,
        work_before: index.gain.0.round(),
        work_after: index.gain.1.round(),
        evidence: &index.evidence,
        assumptions: &index.assumptions,
        write_cost: &index.write_cost,
        replaces: &index.replaces,
        notes: &index.notes,
        serves: index.serves.iter().map(|at| advice.queries[*at].name.as_str()).collect(),
        place: sources.place(index.span),
    }
}
