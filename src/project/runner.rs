//! The tools that apply migrations: which files they run, in which order, in which transactions.
//!
//! What each does was read in its own source; the names are those that `pglint.toml` takes.

use std::cmp::Ordering;
use std::path::Path;

use super::marks::{self, Dialect};
use super::natural;
use crate::catalog::replay::TransactionMode;
use crate::rule::{Late, OptOut};

/// A tool that applies migrations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names of the tools")]
pub enum Runner {
    Supabase,
    /// psql, or a tool that is not known: files in the order of their names, each statement on its own.
    Psql,
    Prisma,
    Diesel,
    Sqlx,
    GolangMigrate,
    Goose,
    Dbmate,
    SqlMigrate,
    Flyway,
    Drizzle,
}

/// Every runner with its name in `pglint.toml`.
pub const RUNNERS: &[(&str, Runner)] = &[
    ("supabase", Runner::Supabase),
    ("psql", Runner::Psql),
    ("prisma", Runner::Prisma),
    ("diesel", Runner::Diesel),
    ("sqlx", Runner::Sqlx),
    ("golang-migrate", Runner::GolangMigrate),
    ("goose", Runner::Goose),
    ("dbmate", Runner::Dbmate),
    ("sql-migrate", Runner::SqlMigrate),
    ("flyway", Runner::Flyway),
    ("drizzle", Runner::Drizzle),
];

/// What a runner's choice may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The path below the folder of the migrations, with `/`.
    pub path: &'a str,
    /// The whole text.
    pub text: &'a str,
}

impl Candidate<'_> {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The first folder of the path, or the file's name where there is none.
    fn first(&self) -> &str {
        self.path.split('/').next().unwrap_or(self.path)
    }
}

impl Runner {
    /// Its name in `pglint.toml`.
    pub fn name(self) -> &'static str {
        RUNNERS.iter().find(|(_, runner)| *runner == self).map_or("psql", |(name, _)| name)
    }

    /// The runner that such a folder is for; `on_supabase` where its files assume that platform.
    pub fn detect(root: &Path, files: &[Candidate<'_>], on_supabase: bool) -> Runner {
        let found = by_marks(files).or_else(|| by_shape(root, files));
        let numbered = files.iter().filter(|file| Runner::Supabase.applies(file)).count();
        let unnamed = if on_supabase && numbered * 2 > files.len() { Runner::Supabase } else { Runner::Psql };
        found.unwrap_or(unnamed)
    }

    /// The files that are run on the way up, in order.
    pub fn order(self, files: &[Candidate<'_>], journal: Option<&[String]>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..files.len()).filter(|&at| self.applies(&files[at])).collect();
        match self {
            Runner::Supabase => {
                order.sort_by_key(|&at| files[at].path);
                if order.first().is_some_and(|&at| is_ancient_init(files[at].name())) {
                    order.remove(0);
                }
            }
            Runner::Prisma | Runner::Diesel | Runner::Dbmate => order.sort_by_key(|&at| files[at].path),
            Runner::Flyway => return flyway_order(files, order),
            Runner::Drizzle => order_by_journal(files, &mut order, journal),
            _ => order.sort_by(|&a, &b| natural::compare(files[a].path, files[b].path)),
        }
        order
    }

    /// All files in the order of their names: of a folder that nothing but its files tells the runner of, none is
    /// left out for its name.
    pub fn order_unnamed(files: &[Candidate<'_>]) -> Vec<usize> {
        let mut order: Vec<usize> =
            (0..files.len()).filter(|&at| !files[at].path.contains('/') && !is_down(files[at].name())).collect();
        order.sort_by_key(|&at| files[at].path);
        order
    }

    /// Whether this runner runs the file at all on the way up.
    fn applies(self, file: &Candidate<'_>) -> bool {
        let name = file.name();
        match self {
            Runner::Supabase => !file.path.contains('/') && version_prefix(name).is_some(),
            Runner::Prisma => name == "migration.sql",
            Runner::Diesel => name == "up.sql",
            Runner::Sqlx => version_prefix(name).is_some() && !name.ends_with(".down.sql"),
            Runner::GolangMigrate => is_up(name),
            Runner::Goose => version_prefix(name).is_some(),
            Runner::Dbmate | Runner::SqlMigrate | Runner::Drizzle => !file.path.starts_with("meta/"),
            Runner::Flyway => FlywayName::parse(name).is_some(),
            Runner::Psql => !is_down(name),
        }
    }

    /// How the runner wraps this file in transactions.
    pub fn transaction(self, file: &Candidate<'_>, metadata: &str) -> TransactionMode {
        let own = match self {
            Runner::Psql | Runner::GolangMigrate | Runner::Prisma => false,
            Runner::Drizzle => true,
            Runner::Supabase => return supabase_transaction(metadata),
            Runner::Diesel => !says_false(metadata, "run_in_transaction"),
            Runner::Flyway => !says_false(metadata, "executeInTransaction"),
            Runner::Sqlx => !file.text.starts_with("-- no-transaction"),
            Runner::Goose => !marks::has_line(file.text, &["+goose", "NO TRANSACTION"]),
            Runner::SqlMigrate => !marks::has_line(file.text, &["+migrate", "Up", "notransaction"]),
            Runner::Dbmate => !marks::has_line(file.text, &["migrate:up", "transaction:false"]),
        };
        match (own, self) {
            // It sees that such a statement is in the file, and opens no transaction.
            (true, Runner::Flyway) => TransactionMode::Batch,
            (true, _) => TransactionMode::File,
            // One string with many statements: the server makes it one transaction.
            (false, Runner::Prisma | Runner::GolangMigrate | Runner::Sqlx | Runner::Diesel | Runner::Dbmate) => {
                TransactionMode::Query
            }
            (false, _) => TransactionMode::Statement,
        }
    }

    /// How a file leaves the transaction that this runner would wrap it in.
    pub fn opt_out(self, metadata: &str) -> OptOut {
        match self {
            Runner::Psql => OptOut::Free,
            Runner::Supabase if supabase_transaction(metadata) == TransactionMode::File => {
                OptOut::Setting("a Supabase CLI from 2.109 on sends such a statement on its own")
            }
            Runner::Supabase => OptOut::Free,
            Runner::Prisma | Runner::GolangMigrate | Runner::Flyway => OptOut::OwnFile,
            Runner::Sqlx => OptOut::TopLine("-- no-transaction"),
            Runner::Goose => OptOut::TopLine("-- +goose NO TRANSACTION"),
            Runner::Dbmate => OptOut::Mark { mark: "-- migrate:up", words: " transaction:false" },
            Runner::SqlMigrate => OptOut::Mark { mark: "-- +migrate Up", words: " notransaction" },
            Runner::Diesel => OptOut::Setting("run_in_transaction = false in a metadata.toml beside the file"),
            Runner::Drizzle => OptOut::Never,
        }
    }

    /// What the runner keeps of a file to know that it was run, where two files cannot share it: as it compares it.
    pub fn version(self, file: &Candidate<'_>) -> Option<String> {
        let number = |text: &str| Some(text.trim_start_matches('0').to_owned());
        // Folders below that of the migrations are the project's own way.
        if file.path.contains('/') && self != Runner::Diesel {
            return None;
        }
        match self {
            Runner::Supabase | Runner::Dbmate => version_prefix(file.name()).map(str::to_owned),
            Runner::Diesel => Some(file.first().split('_').next()?.replace('-', "")),
            Runner::Sqlx | Runner::Goose => number(version_prefix(file.name())?),
            Runner::GolangMigrate => number(version_prefix(file.name())?),
            Runner::Flyway => {
                let name = FlywayName::parse(file.name()).filter(|name| name.kind == b'V')?;
                Some(name.numbers().iter().map(u128::to_string).collect::<Vec<_>>().join("."))
            }
            // These keep the whole name, which no other file has.
            Runner::Psql | Runner::Prisma | Runner::SqlMigrate | Runner::Drizzle => None,
        }
    }

    /// What it does with a file whose version is below that of one that is applied already.
    pub fn late(self) -> Late {
        match self {
            Runner::Supabase | Runner::Goose | Runner::Flyway => Late::Refuses,
            Runner::GolangMigrate | Runner::Drizzle => Late::Skips,
            _ => Late::Runs,
        }
    }

    /// Whether each migration is a folder of its own.
    pub fn has_folder_each(self) -> bool {
        matches!(self, Runner::Prisma | Runner::Diesel)
    }

    /// The marks that divide its files into an up and a down part.
    pub fn dialect(self) -> Option<Dialect> {
        match self {
            Runner::Goose => Some(Dialect::Goose),
            Runner::Dbmate => Some(Dialect::Dbmate),
            Runner::SqlMigrate => Some(Dialect::SqlMigrate),
            _ => None,
        }
    }
}

/// From 2.109 on the CLI sends what no transaction may hold on its own. `version` is the one that the project asks for;
/// empty: the newest.
fn supabase_transaction(version: &str) -> TransactionMode {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) if (major, minor) < (2, 109) => TransactionMode::File,
        _ => TransactionMode::Batch,
    }
}

fn by_marks(files: &[Candidate<'_>]) -> Option<Runner> {
    let found = files.iter().find_map(|file| marks::dialect(file.text))?;
    Some(match found {
        Dialect::Goose => Runner::Goose,
        Dialect::Dbmate => Runner::Dbmate,
        Dialect::SqlMigrate => Runner::SqlMigrate,
        Dialect::Drizzle => Runner::Drizzle,
    })
}

fn by_shape(root: &Path, files: &[Candidate<'_>]) -> Option<Runner> {
    let any = |test: &dyn Fn(&Candidate<'_>) -> bool| files.iter().any(test);
    if root.join("meta/_journal.json").is_file() {
        return Some(Runner::Drizzle);
    }
    if any(&|file| file.name() == "migration.sql" && file.path.contains('/')) {
        return Some(Runner::Prisma);
    }
    if any(&|file| file.name() == "up.sql" && file.path.contains('/')) {
        return Some(Runner::Diesel);
    }
    if super::supabase::is_migrations_folder(root) {
        return Some(Runner::Supabase);
    }
    if any(&|file| FlywayName::parse(file.name()).is_some()) {
        return Some(Runner::Flyway);
    }
    let sqlx = nearest_manifest_mentions(root, "sqlx");
    // `follow_up.sql` alone is no pair.
    let dotted = any(&|file| file.name().ends_with(".up.sql") || file.name().ends_with(".down.sql"));
    if dotted || any(&|file| is_up(file.name())) && any(&|file| is_down(file.name())) {
        return Some(if sqlx { Runner::Sqlx } else { Runner::GolangMigrate });
    }
    (sqlx && any(&|file| version_prefix(file.name()).is_some())).then_some(Runner::Sqlx)
}

/// Whether the Cargo.toml above the folder names a crate.
fn nearest_manifest_mentions(root: &Path, name: &str) -> bool {
    let manifest = root.ancestors().skip(1).take(6).map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file());
    manifest.and_then(|path| std::fs::read_to_string(path).ok()).is_some_and(|text| text.contains(name))
}

/// The digits before the first `_` of `20240101_name.sql`.
fn version_prefix(name: &str) -> Option<&str> {
    let (digits, _) = name.split_once('_')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

fn is_up(name: &str) -> bool {
    [".up.sql", "-up.sql", "_up.sql"].iter().any(|end| name.ends_with(end)) || name == "up.sql"
}

/// Whether a file undoes what another one does.
pub fn is_down(name: &str) -> bool {
    let ends = [".down.sql", "-down.sql", "_down.sql", ".rollback.sql", "_rollback.sql", ".undo.sql"];
    ends.iter().any(|end| name.ends_with(end)) || name == "down.sql"
}

/// `<timestamp>_init.sql` of the first Supabase CLIs, which today's skips where it comes first.
fn is_ancient_init(name: &str) -> bool {
    let version = name.strip_suffix("_init.sql").filter(|version| version.len() == 14);
    version.and_then(|version| version.parse::<u64>().ok()).is_some_and(|version| version < 20_211_209_000_000)
}

fn says_false(settings: &str, key: &str) -> bool {
    settings.lines().filter_map(|line| line.split_once('=')).any(|(k, v)| k.trim() == key && v.trim() == "false")
}

/// By `meta/_journal.json`, which alone decides; files that it does not list come last.
fn order_by_journal(files: &[Candidate<'_>], order: &mut [usize], journal: Option<&[String]>) {
    let rank = |file: &Candidate<'_>| {
        let tag = file.first().strip_suffix(".sql").unwrap_or(file.first());
        journal.and_then(|tags| tags.iter().position(|listed| listed == tag)).unwrap_or(usize::MAX)
    };
    order.sort_by(|&a, &b| {
        rank(&files[a]).cmp(&rank(&files[b])).then_with(|| natural::compare(files[a].path, files[b].path))
    });
}

/// `V1.2__add_orders.sql`, `R__views.sql`, `B10__all.sql`.
struct FlywayName<'a> {
    kind: u8,
    version: &'a str,
    description: &'a str,
}

impl<'a> FlywayName<'a> {
    fn parse(name: &'a str) -> Option<FlywayName<'a>> {
        let stem = name.strip_suffix(".sql")?;
        let (head, description) = stem.split_once("__")?;
        let kind = *head.as_bytes().first().filter(|&&kind| matches!(kind, b'V' | b'R' | b'B'))?;
        let version = &head[1..];
        let numbers = version.split(['.', '_']).all(|part| !part.is_empty() && part.parse::<u128>().is_ok());
        let fits = if kind == b'R' { version.is_empty() } else { numbers };
        fits.then_some(FlywayName { kind, version, description })
    }

    /// The numbers of the version, without zeros at its end.
    fn numbers(&self) -> Vec<u128> {
        let mut parts: Vec<u128> = self.version.split(['.', '_']).map(|part| part.parse().unwrap_or(0)).collect();
        while parts.last() == Some(&0) {
            parts.pop();
        }
        parts
    }

    fn compare_versions(&self, other: &FlywayName<'_>) -> Ordering {
        self.numbers().cmp(&other.numbers())
    }
}

/// The newest baseline, then the versions above it, then the repeatable ones by description.
fn flyway_order(files: &[Candidate<'_>], order: Vec<usize>) -> Vec<usize> {
    let mut named: Vec<(usize, FlywayName<'_>)> =
        order.into_iter().filter_map(|at| Some((at, FlywayName::parse(files[at].name())?))).collect();
    let rank = |kind: u8| (kind == b'R') as u8;
    named.sort_by(|(_, a), (_, b)| {
        let by_kind = rank(a.kind).cmp(&rank(b.kind)).then_with(|| a.compare_versions(b));
        by_kind.then_with(|| a.kind.cmp(&b.kind)).then_with(|| a.description.cmp(b.description))
    });
    if let Some(baseline) = named.iter().rposition(|(_, name)| name.kind == b'B') {
        let (first, start) = named.remove(baseline);
        named.retain(|(_, name)| name.kind == b'R' || name.compare_versions(&start) == Ordering::Greater);
        return std::iter::once(first).chain(named.into_iter().map(|(at, _)| at)).collect();
    }
    named.into_iter().map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(runner: Runner, paths: &[&str]) -> Vec<String> {
        let files: Vec<Candidate<'_>> = paths.iter().map(|path| Candidate { path, text: "" }).collect();
        runner.order(&files, None).into_iter().map(|at| paths[at].to_owned()).collect()
    }

    fn detect(files: &[(&str, &str)]) -> Runner {
        let files: Vec<_> = files.iter().map(|(path, text)| Candidate { path, text }).collect();
        Runner::detect(Path::new("/nowhere/db"), &files, false)
    }

    #[test]
    fn flyway_orders_by_version_then_repeatables() {
        let paths = ["R__views.sql", "V10__c.sql", "V2__b.sql", "U2__b.sql", "V1.1__a.sql", "V1__a.sql", "readme.sql"];
        assert_eq!(
            order(Runner::Flyway, &paths),
            ["V1__a.sql", "V1.1__a.sql", "V2__b.sql", "V10__c.sql", "R__views.sql"]
        );
        assert_eq!(
            order(Runner::Flyway, &["B2__all.sql", "V1__a.sql", "V2__b.sql", "V3__c.sql"]),
            ["B2__all.sql", "V3__c.sql"]
        );
    }

    #[test]
    fn supabase_runs_what_its_pattern_matches() {
        let paths = ["20240102_b.sql", "notes.sql", "20240101_a.sql", "sub/20230101_c.sql"];
        assert_eq!(order(Runner::Supabase, &paths), ["20240101_a.sql", "20240102_b.sql"]);
        assert_eq!(order(Runner::Supabase, &["20210101000000_init.sql", "20240102_b.sql"]), ["20240102_b.sql"]);
    }

    #[test]
    fn numbers_count_where_the_runner_counts() {
        assert_eq!(order(Runner::Goose, &["10_b.sql", "9_a.sql"]), ["9_a.sql", "10_b.sql"]);
        assert_eq!(order(Runner::Psql, &["10_b.sql", "9_a.sql", "9_a.down.sql"]), ["9_a.sql", "10_b.sql"]);
        assert_eq!(order(Runner::Psql, &["10/a.sql", "9/b.sql"]), ["9/b.sql", "10/a.sql"]);
        assert_eq!(
            order(Runner::GolangMigrate, &["2_b.up.sql", "1_a.up.sql", "1_a.down.sql"]),
            ["1_a.up.sql", "2_b.up.sql"]
        );
    }

    #[test]
    fn the_journal_orders_drizzle() {
        let files = ["0001_b.sql", "0000_a.sql"].map(|path| Candidate { path, text: "" });
        let journal = ["0001_b".to_owned(), "0000_a".to_owned()];
        assert_eq!(Runner::Drizzle.order(&files, Some(&journal)), [0, 1]);
    }

    #[test]
    fn a_folder_tells_its_runner() {
        assert_eq!(detect(&[("1_a.sql", "-- +goose Up\nselect 1;")]), Runner::Goose);
        assert_eq!(detect(&[("1_a.sql", "\n--migrate:up transaction:false\n")]), Runner::Dbmate);
        assert_eq!(detect(&[("1.sql", "-- +migrate Up\n")]), Runner::SqlMigrate);
        assert_eq!(detect(&[("1.sql", "select 1;\n--> statement-breakpoint\nselect 2;")]), Runner::Drizzle);
        assert_eq!(detect(&[("2024_a/migration.sql", "")]), Runner::Prisma);
        assert_eq!(detect(&[("2024_a/up.sql", ""), ("2024_a/down.sql", "")]), Runner::Diesel);
        assert_eq!(detect(&[("V1__a.sql", "")]), Runner::Flyway);
        assert_eq!(detect(&[("1_a.up.sql", ""), ("1_a.down.sql", "")]), Runner::GolangMigrate);
        assert_eq!(detect(&[("1_a_up.sql", ""), ("1_a_down.sql", "")]), Runner::GolangMigrate);
        assert_eq!(detect(&[("1_a.sql", ""), ("2_follow_up.sql", "")]), Runner::Psql);
        assert_eq!(detect(&[("1_a.sql", "select '-- +goose Up'")]), Runner::Psql);
    }

    #[test]
    fn opting_out_of_the_transaction() {
        let mode = |runner: Runner, text| runner.transaction(&Candidate { path: "1_a.sql", text }, "");
        assert_eq!(mode(Runner::Goose, "-- +goose NO TRANSACTION\n-- +goose Up"), TransactionMode::Statement);
        assert_eq!(mode(Runner::Goose, "-- +goose Up"), TransactionMode::File);
        assert_eq!(mode(Runner::Dbmate, "-- migrate:up transaction:false"), TransactionMode::Query);
        assert_eq!(mode(Runner::SqlMigrate, "-- +migrate Up notransaction"), TransactionMode::Statement);
        assert_eq!(mode(Runner::Sqlx, "-- no-transaction\nselect 1"), TransactionMode::Query);
        let diesel =
            Runner::Diesel.transaction(&Candidate { path: "a/up.sql", text: "" }, "run_in_transaction = false");
        assert_eq!(diesel, TransactionMode::Query);
    }
}
