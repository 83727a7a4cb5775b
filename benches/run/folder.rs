//! One folder: the parser, what we add to it, and the whole run.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pglint::catalog::replay::{Ahead, Migration, replay};
use pglint::project::{Request, Workspace, open};
use pglint::rules;
use pglint::source::FileId;
use pglint::syntax::token::Tokens;
use pglint::syntax::{ParsedFile, parse_file};
use walkdir::WalkDir;

use crate::child::{Took, pglint};
use crate::clock::{cpu_of, ms};

/// The least of so many is taken: other work on the machine only ever adds.
const PASSES: usize = 5;

/// Least CPU times.
#[derive(Clone, Copy)]
struct Times {
    parser: Duration,
    tokens: Duration,
    statements: Duration,
    replay: Duration,
}

/// Prints the figures of the `.sql` files below these folders.
pub fn run(out: &mut impl Write, folders: &[PathBuf]) -> io::Result<()> {
    let texts: Vec<String> = folders.iter().flat_map(|folder| sql_files(folder)).collect();
    let workspaces: Vec<Workspace> = folders.iter().map(|folder| open(&request(folder), &rules::all())).collect();
    let mut times: Option<Times> = None;
    let mut whole: Option<Took> = None;
    for _ in 0..PASSES {
        let pass = one_pass(&texts, &workspaces);
        times = Some(times.map_or(pass, |times| times.least(pass)));
        let took = whole_run(folders)?;
        whole = Some(whole.map_or(took, |whole| whole.least(took)));
    }
    let bytes = texts.iter().map(String::len).sum::<usize>() as f64;
    let (Some(times), Some(whole)) = (times, whole) else { return Ok(()) };
    writeln!(out, "{} files, {:.2} MB; CPU, the least of {PASSES} passes", texts.len(), bytes / 1e6)?;
    let mut row = |name: &str, time: Duration, limit: &str| {
        let factor = time.as_secs_f64() / times.parser.as_secs_f64();
        writeln!(out, "{name:28} {:9.1} ms {factor:7.2}x {limit}", ms(time))
    };
    row("PostgreSQL's parser", times.parser, "")?;
    row("tokens", times.tokens, "")?;
    row("parse and our statements", times.statements, "")?;
    row("replay", times.replay, "at most 0.5x")?;
    row("whole run", whole.cpu, "at most 2.5x, aim 2x")?;
    let share = whole.wall.as_secs_f64() / whole.cpu.as_secs_f64();
    writeln!(out, "{:28} {:9.1} ms {share:7.2}x of its CPU; at most 0.6x on two cores", "  wall", ms(whole.wall))?;
    let limit = (4.0 * bytes + 20e6) / 1e6;
    writeln!(out, "{:28} {:9.1} MB; at most {limit:.1} MB", "  peak memory", whole.peak as f64 / 1e6)?;
    reading(out, &texts)
}

/// Says how much of the files is read: all of what PostgreSQL's parser accepts, and what is saved of the rest.
fn reading(out: &mut impl Write, texts: &[String]) -> io::Result<()> {
    let (accepted, refused): (Vec<&String>, Vec<&String>) =
        texts.iter().partition(|text| pg_query::split_with_parser(text.trim_start_matches('\u{feff}')).is_ok());
    let whole = |text: &&&String| parse_whole(text).broken.is_empty();
    let read = accepted.iter().filter(whole).count();
    writeln!(out, "PostgreSQL's parser accepts {} files; {read} of them are read whole", accepted.len())?;
    let saved: Vec<ParsedFile> = refused.iter().map(|text| parse_whole(text)).collect();
    let sum = |count: fn(&ParsedFile) -> usize| saved.iter().map(count).sum::<usize>();
    let clean = saved.iter().filter(|parsed| parsed.broken.is_empty()).count();
    let (statements, broken) = (sum(|parsed| parsed.statements.len()), sum(|parsed| parsed.broken.len()));
    writeln!(out, "of the other {}: {statements} statements read, {broken} broken; {clean} files without", saved.len())
}

fn parse_whole(text: &str) -> ParsedFile {
    parse_file(FileId(0), text, &std::iter::once(0..text.len() as u32).collect::<Vec<_>>())
}

impl Times {
    fn least(self, other: Times) -> Times {
        Times {
            parser: self.parser.min(other.parser),
            tokens: self.tokens.min(other.tokens),
            statements: self.statements.min(other.statements),
            replay: self.replay.min(other.replay),
        }
    }
}

fn one_pass(texts: &[String], workspaces: &[Workspace]) -> Times {
    let each =
        |work: &dyn Fn(&str) -> usize| cpu_of(|| texts.iter().map(|text| black_box(work(text))).sum::<usize>()).1;
    Times {
        parser: each(&|text| pg_query::split_with_parser(text).map_or(0, |parts| parts.len())),
        tokens: each(&|text| Tokens::of(text).tokens.len()),
        statements: each(&|text| parse_whole(text).statements.len()),
        replay: workspaces.iter().map(replay_cpu).sum(),
    }
}

/// Replays all projects of a workspace; what is broken in them is left out.
fn replay_cpu(workspace: &Workspace) -> Duration {
    let projects = workspace.projects.iter().map(|project| {
        let file_text = |file| (file, &*workspace.sources.file(file).text);
        let ahead = Arc::new(Ahead::of(project.migrations.iter().map(|it| file_text(it.file))));
        let migrations = project.migrations.iter().map(|migration| {
            let text = &workspace.sources.file(migration.file).text;
            let ParsedFile { statements, .. } = parse_file(migration.file, text, &migration.up);
            let statements: Vec<Arc<_>> = statements;
            Migration {
                file: migration.file,
                statements,
                gaps: Vec::new(),
                transaction: migration.transaction,
                ahead: ahead.clone(),
            }
        });
        let migrations: Vec<Migration> = migrations.collect();
        cpu_of(|| black_box(replay(&migrations, &project.facts.server))).1
    });
    projects.sum()
}

fn whole_run(folders: &[PathBuf]) -> io::Result<Took> {
    let mut sum = Took { cpu: Duration::ZERO, wall: Duration::ZERO, peak: 0 };
    for folder in folders {
        let took = pglint(folder, &[])?;
        sum = Took { cpu: sum.cpu + took.cpu, wall: sum.wall + took.wall, peak: sum.peak.max(took.peak) };
    }
    Ok(sum)
}

fn request(folder: &Path) -> Request {
    let base = std::env::current_dir().unwrap_or_default();
    Request { base, paths: vec![folder.to_owned()], ..Request::default() }
}

fn sql_files(folder: &Path) -> Vec<String> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let sql = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "sql"));
    sql.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
}
