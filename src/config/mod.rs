//! `pglint.toml`: facts about the project, and how much each rule matters to it.
//!
//! A mistake in the file is a finding that points into it; what is right in it still counts.

mod plan;
mod read;
mod stats;
mod template;

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use rustc_hash::FxHashMap;

use crate::capture::PlanSettings;
use crate::project::{Pending, Runner};
use crate::rule::{Category, Level, Rule};

pub use read::read;
pub use template::TEMPLATE;

/// The file's name.
pub const FILE_NAME: &str = "pglint.toml";

/// What one `pglint.toml` says; without a file, its default.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that paths in it start from: where the file is, or where the run started.
    pub folder: PathBuf,
    /// `[project]`.
    pub project: ProjectConfig,
    /// `[plan]`: from which figures on something in a plan is worth a word.
    pub plan: PlanSettings,
    /// `[stats]`: from which figures on something in the statistics is worth a word.
    pub stats: crate::stats::StatsSettings,
    /// `[rules]`.
    levels: Levels,
    /// `[[overrides]]`, in order.
    overrides: Vec<Override>,
}

/// Facts about the project that its files do not tell, or tell otherwise.
#[derive(Clone, Default, Debug)]
pub struct ProjectConfig {
    /// Folders of migrations, for plans that are given alone.
    pub migrations: Vec<PathBuf>,
    /// The tool that applies the migrations.
    pub runner: Option<Runner>,
    /// What an empty database holds.
    pub platform: Option<PlatformName>,
    /// Major version of the server, 14 to 18.
    pub postgres: Option<u8>,
    /// Schemas that the API exposes.
    pub schemas: Option<Vec<String>>,
    /// Whether new objects of `public` are granted to the API roles.
    pub legacy_default_privileges: Option<bool>,
    /// Whether pg_graphql is installed.
    pub pg_graphql: Option<bool>,
    /// Roles that the platform has besides those of its empty project.
    pub roles: Vec<String>,
    /// A dump of the schema that was there before the first migration.
    pub baseline: Option<PathBuf>,
    /// What tells applied migrations from pending ones.
    pub pending: Option<Pending>,
    /// Files that are not looked at.
    pub exclude: Vec<Pattern>,
    /// `[tables]`: how large they are.
    pub sizes: crate::rule::TableSizes,
}

/// The platforms by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlatformName {
    /// A plain server.
    Postgres,
    /// Supabase's empty project.
    Supabase,
}

/// Levels of rules.
#[derive(Clone, Default, Debug)]
pub struct Levels {
    all: Option<Level>,
    categories: Vec<(Category, Level)>,
    rules: FxHashMap<&'static str, Level>,
}

#[derive(Clone, Debug)]
struct Override {
    paths: Vec<Pattern>,
    levels: Levels,
}

impl Config {
    /// The configuration where there is no file; paths start from `folder`.
    pub fn without_file(folder: &Path) -> Config {
        Config {
            folder: folder.to_owned(),
            project: ProjectConfig::default(),
            plan: PlanSettings::default(),
            stats: crate::stats::StatsSettings::default(),
            levels: Levels::default(),
            overrides: Vec::new(),
        }
    }

    /// The level of a rule in a file.
    pub fn level(&self, rule: &Rule, file: &Path) -> Level {
        let overrides = self.overrides.iter().rev().filter(|entry| self.matches(&entry.paths, file));
        let found = overrides.map(|entry| &entry.levels).chain([&self.levels]).find_map(|levels| levels.of(rule));
        found.unwrap_or_else(|| rule.default_level())
    }

    /// Whether the rule is on in any file.
    pub fn may_run(&self, rule: &Rule) -> bool {
        let base = self.levels.of(rule).unwrap_or_else(|| rule.default_level());
        base != Level::Off
            || self.overrides.iter().any(|entry| entry.levels.of(rule).is_some_and(|level| level != Level::Off))
    }

    /// Whether `exclude` names the file.
    pub fn excludes(&self, file: &Path) -> bool {
        self.matches(&self.project.exclude, file)
    }

    fn matches(&self, patterns: &[Pattern], file: &Path) -> bool {
        let Ok(file) = file.strip_prefix(&self.folder) else { return false };
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        patterns.iter().any(|pattern| {
            file.ancestors().any(|part| !part.as_os_str().is_empty() && pattern.matches_path_with(part, options))
        })
    }
}

impl Levels {
    fn of(&self, rule: &Rule) -> Option<Level> {
        let by_category = || self.categories.iter().find(|(category, _)| *category == rule.category);
        let by_rule = self.rules.get(rule.id).copied();
        by_rule.or_else(|| by_category().map(|(_, level)| *level)).or(self.all)
    }
}

/// The `pglint.toml` of a folder or of the nearest one above it.
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

/// The rule of this name, or with this alias: `tool/name`, or the name alone.
pub fn rule_named<'a>(rules: &[&'a Rule], name: &str) -> Option<&'a Rule> {
    let by_id = rules.iter().copied().find(|rule| rule.id == name);
    by_id.or_else(|| rules.iter().copied().find(|rule| rule.aliases.iter().any(|alias| is_alias(alias, name))))
}

fn is_alias(alias: &str, name: &str) -> bool {
    alias == name || alias.split_once('/').is_some_and(|(_, bare)| bare == name)
}

/// What to do about the name of a rule that is none: the one that was probably meant, or where they all are.
pub fn rule_hint(rules: &[&Rule], name: &str) -> String {
    let meant = did_you_mean(name, rules.iter().map(|rule| rule.id));
    meant.map_or_else(|| "pglint rules lists all".to_owned(), |meant| format!("did you mean {meant}?"))
}

/// The name that was probably meant.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|known| (strsim::normalized_damerau_levenshtein(name, known), known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.6).then_some(best.1)
}
