//! Flags and their help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use pglint::config::PlatformName;
use pglint::finding::Severity;
use pglint::migration::DEFAULT_NAME;
use pglint::report::Format;

/// Find out offline what migrations, queries and plans do to a real PostgreSQL.
#[derive(Parser, Debug)]
#[command(name = "pglint", version, about, after_help = STATUS_HELP, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const STATUS_HELP: &str = "\
Without a command, `lint` is meant: `pglint supabase/migrations plans/`.

Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 the job could not be done
(a bad argument, an unreadable file, a mistake in pglint.toml).";

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Look at migrations, queries and captured plans (the default)
    Lint(LintArguments),
    /// Mend what a machine can mend: in files that are not applied yet, or as a new migration
    Fix(FixArguments),
    /// Compare the plans of queries before and after, or hold them against a committed lock
    Compare(CompareArguments),
    /// Propose the indexes that plans and queries lack
    Advise(AdviseArguments),
    /// Hot paths, findings, indexes and one migration for captured plans and statistics, all at once
    Tune(TuneArguments),
    /// Print the read-only SQL that makes all captures in one go
    CaptureSql,
    /// Read logs of auto_explain: what cost most, when plans changed, what ran in a loop
    #[command(visible_alias = "log")]
    History(HistoryArguments),
    /// Draw plans and findings as one page of HTML
    Report(ReportArguments),
    /// Record today's findings, so that later runs report new ones only
    Baseline(BaselineArguments),
    /// Print the schema that the migrations make, as SQL or JSON, or compare it with another
    Schema(SchemaArguments),
    /// Show what each statement locks, rewrites and reads
    Locks(LocksArguments),
    /// List the rules
    Rules(RulesArguments),
    /// Show a rule's page
    Explain {
        /// The rule, or another tool's name for it
        rule: String,
    },
    /// Write a pglint.toml in which every setting is explained
    Init {
        /// The folder, or the file itself
        #[arg(default_value = ".")]
        path: PathBuf,
    },
    /// Print a completion script
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What is looked at.
#[derive(Args, Debug)]
pub struct Selection {
    /// Files and folders to report on; `-` is standard input. The whole history they are part of is read
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// The file that standard input stands for, which need not be there: its folder tells the history it is part of
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Migrations are pending that have changed since the branch left this git revision; the others are applied
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["after", "all"])]
    pub since: Option<String>,
    /// Migrations are pending that are run after this version; the others are applied
    #[arg(long, value_name = "VERSION", conflicts_with = "all")]
    pub after: Option<String>,
    /// All migrations are pending, whatever pglint.toml and GITHUB_BASE_REF say
    #[arg(long)]
    pub all: bool,
    /// Use this configuration instead of the nearest pglint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What an empty database holds [default: told by the files; supabase for --format advisors]
    #[arg(long, value_enum, value_name = "PLATFORM")]
    pub platform: Option<Platform>,
    /// The server's major version [default: from supabase/config.toml, else 17]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u8).range(14..=18))]
    pub postgres: Option<u8>,
    /// The schemas that the API serves [default: from supabase/config.toml]
    #[arg(long, value_name = "SCHEMA,…", value_delimiter = ',')]
    pub schemas: Option<Vec<String>>,
    /// Whether new objects of `public` are open to the API roles [default: from supabase/config.toml, else legacy]
    #[arg(long, value_enum, value_name = "WHICH")]
    pub default_privileges: Option<DefaultPrivileges>,
    /// Whether pg_graphql is installed [default: true]
    #[arg(long, value_name = "ON|OFF", value_parser = BoolishValueParser::new())]
    pub pg_graphql: Option<bool>,
}

#[derive(Args, Debug)]
pub struct BaselineArguments {
    #[command(flatten)]
    pub selection: Selection,
    /// The file to write [default: pglint-baseline.json beside the nearest pglint.toml, else here]
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Record today's findings in place of those that are recorded
    #[arg(long, conflicts_with = "prune")]
    pub update: bool,
    /// Only remove what is found no more
    #[arg(long)]
    pub prune: bool,
}

#[derive(Args, Debug)]
pub struct FixArguments {
    #[command(flatten)]
    pub selection: Selection,
    /// Write one new migration for the project's runner instead of editing files
    #[arg(long)]
    pub new_migration: bool,
    /// Words for the name of the new migration
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAME, requires = "new_migration", value_parser = migration_name)]
    pub name: String,
    /// Make fixes too that need a look, since they may change what the SQL does
    #[arg(long = "unsafe")]
    pub unsafe_too: bool,
    /// Fix the findings of this rule only; can be given again
    #[arg(long = "rule", value_name = "RULE")]
    pub rules: Vec<String>,
    /// Show what would change as a unified diff, and write nothing; the exit status is 1 where something would
    #[arg(long)]
    pub diff: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: ColorChoice,
    /// Say nothing but what went wrong
    #[arg(long, short)]
    pub quiet: bool,
}

/// A name that is one part of a path and of every runner's file names.
fn migration_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    match text {
        "" => Err("it is empty".to_owned()),
        _ if text.chars().all(fits) => Ok(text.to_owned()),
        _ => Err("letters, digits, `_` and `-` only".to_owned()),
    }
}

#[derive(Args, Debug)]
pub struct LintArguments {
    #[command(flatten)]
    pub selection: Selection,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The mildest finding that makes the exit status 1
    #[arg(long, value_enum, default_value = "warning", value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// Leave out the findings that this file knows [default: the nearest pglint-baseline.json]
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub baseline: Option<PathBuf>,
    /// Report known findings too
    #[arg(long)]
    pub no_baseline: bool,
    /// Show what each fix would change
    #[arg(long)]
    pub diff: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: ColorChoice,
    /// Print findings only, no summary and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Args, Debug)]
pub struct CompareArguments {
    /// Two captures or folders, before and after; with --lock, what is held against it
    pub paths: Vec<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    pub format: ComparisonFormat,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Hold the plans against this lock
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Write the lock
    #[arg(long, requires = "lock")]
    pub update: bool,
    /// How much more work (pages, temporary pages, estimated cost) is no failure
    #[arg(long, value_name = "PERCENT", default_value = "10%", value_parser = percent)]
    pub tolerance: f64,
    /// Fail on the clock as well: when a query takes this much longer
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fail_on_regression: Option<f64>,
    /// With --lock, fail on any change of a plan's shape
    #[arg(long)]
    pub strict: bool,
    /// Use this configuration instead of the nearest pglint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `20%` or `20` as 0.2.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse::<f64>();
    let number = number.ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.map(|number| number / 100.0).ok_or_else(|| "a percentage, as in 20%".to_owned())
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ComparisonFormat {
    /// For people
    Text,
    /// JSON, described in docs/plans.md
    Json,
    /// For a pull request
    Markdown,
}

#[derive(Args, Debug)]
pub struct AdviseArguments {
    /// Plans, queries and statistics: files and folders
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// The migrations that make the schema [default: those in the usual places above]
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,
    /// Exported statistics: pg_stats, pg_stat_user_tables, pg_stat_statements …
    #[arg(long, value_name = "DIR")]
    pub stats: Vec<PathBuf>,
    /// Write the indexes as one new migration for the project's runner
    #[arg(long)]
    pub new_migration: bool,
    /// How to print the advice
    #[arg(long, value_enum, default_value = "human")]
    pub format: ListFormat,
    /// The server's major version [default: from supabase/config.toml, else 17]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u8).range(14..=18))]
    pub postgres: Option<u8>,
}

#[derive(Args, Debug)]
pub struct HistoryArguments {
    /// Logs of auto_explain (stderr, csvlog, jsonlog, syslog), or folders of them
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    pub format: HistoryFormat,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Use this configuration instead of the nearest pglint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum HistoryFormat {
    /// For people
    Text,
    /// JSON, described in docs/plans.md
    Json,
}

#[derive(Args, Debug)]
pub struct ReportArguments {
    /// Captures, migrations and folders of them
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Write the page to this file
    #[arg(long, value_name = "FILE")]
    pub html: PathBuf,
    /// Use this configuration instead of the nearest pglint.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct SchemaArguments {
    #[command(flatten)]
    pub selection: Selection,
    /// How to print it
    #[arg(long, value_enum, default_value = "sql")]
    pub format: SchemaFormat,
    /// Compare with the schema of this folder, dump or JSON file; the exit status is 1 where they differ
    #[arg(long, value_name = "OTHER")]
    pub diff: Option<PathBuf>,
    /// Write to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum SchemaFormat {
    /// Statements that a server takes; of a comparison, lines for people
    Sql,
    /// JSON, each object with where it was made
    Json,
}

#[derive(Args, Debug)]
pub struct LocksArguments {
    #[command(flatten)]
    pub selection: Selection,
    /// How to show it
    #[arg(long, value_enum, default_value = "human")]
    pub format: LocksFormat,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LocksFormat {
    /// For a terminal
    Human,
    /// JSON, an object a statement
    Json,
    /// Tables for a pull request
    Markdown,
}

#[derive(Args, Debug)]
pub struct TuneArguments {
    /// Plans, queries and statistics: files and folders
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// The migrations that make the schema [default: those in the usual places above]
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,
    /// Exported statistics, where they lie elsewhere
    #[arg(long, value_name = "DIR")]
    pub stats: Vec<PathBuf>,
    /// Captures made after the migration was run: shows what came of it
    #[arg(long, value_name = "DIR")]
    pub after: Option<PathBuf>,
    /// Write the new migration instead of showing it
    #[arg(long)]
    pub write: bool,
    /// The server's major version [default: from supabase/config.toml, else 17]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u8).range(14..=18))]
    pub postgres: Option<u8>,
}

#[derive(Args, Debug)]
pub struct RulesArguments {
    /// How to list them
    #[arg(long, value_enum, default_value = "human")]
    pub format: ListFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ListFormat {
    /// A line a rule
    Human,
    /// JSON, an object a rule
    Json,
}

/// What an empty database holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Platform {
    /// What PostgreSQL itself brings along
    Postgres,
    /// What an empty Supabase project holds
    Supabase,
}

impl Platform {
    /// What configuration calls it.
    pub fn name(self) -> PlatformName {
        match self {
            Platform::Postgres => PlatformName::Postgres,
            Platform::Supabase => PlatformName::Supabase,
        }
    }
}

/// What a Supabase project grants on new objects of `public`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum DefaultPrivileges {
    /// Everything to anon, authenticated and service_role
    Legacy,
    /// Nothing
    Revoked,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FailOn {
    /// Anything at all
    Info,
    /// Warnings and errors
    Warning,
    /// Errors only
    Error,
    /// Nothing that is found
    Never,
}

impl FailOn {
    /// The mildest severity that counts.
    pub fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Info => Some(Severity::Info),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Error => Some(Severity::Error),
            FailOn::Never => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE turns them on elsewhere
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Puts `lint` before arguments that name no command.
pub fn with_default_command(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let first = arguments.get(1).and_then(|argument| argument.to_str()).unwrap_or("");
    let command = Arguments::command();
    let is_command =
        command.get_subcommands().any(|known| known.get_name_and_visible_aliases().contains(&first)) || first == "help";
    let asks_for_help = ["-h", "--help", "-V", "--version"].contains(&first);
    if !is_command && !asks_for_help {
        arguments.insert(arguments.len().min(1), OsString::from("lint"));
    }
    arguments
}
