//! From the text of a `pglint.toml` to a [`Config`], with a finding for each mistake.

use std::path::{Path, PathBuf};

use glob::Pattern;
use toml_edit::{Document, Item, Key, TableLike};

use super::{Config, Levels, Override, PlatformName, ProjectConfig, did_you_mean, rule_named};
use crate::finding::{Finding, Severity};
use crate::project::{Pending, RUNNERS};
use crate::rule::{Category, Level, Rule, TableSize, TableSizes};
use crate::source::{FileId, Span};

const LEVELS: &[(&str, Level)] = &[
    ("off", Level::Off),
    ("info", Level::At(Severity::Info)),
    ("warning", Level::At(Severity::Warning)),
    ("error", Level::At(Severity::Error)),
];
const PLATFORMS: &[(&str, PlatformName)] =
    &[("postgres", PlatformName::Postgres), ("supabase", PlatformName::Supabase)];
const PRIVILEGES: &[(&str, bool)] = &[("legacy", true), ("revoked", false)];

/// Reads the text of the file at `path`; mistakes are found in `file`.
pub fn read(path: &Path, file: FileId, text: &str, rules: &[&Rule]) -> (Config, Vec<Finding>) {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut reader = Reader { file, folder: folder.clone(), rules, findings: Vec::new() };
    let mut config = Config::without_file(&folder);
    match Document::parse(text) {
        Ok(document) => reader.document(document.as_table(), &mut config),
        Err(error) => {
            let span = error.span().map_or(Span::new(file, 0, 0), |range| reader.span(range));
            reader.mistake(span, "this is no TOML").label(first_line(error.message()));
        }
    }
    (config, reader.findings)
}

/// The bytes of `40 GB`, `512 MB`, `90 kB`.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let shift = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "kb" => 10,
        "mb" => 20,
        "gb" => 30,
        "tb" => 40,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}

pub(super) struct Reader<'a> {
    file: FileId,
    folder: PathBuf,
    rules: &'a [&'a Rule],
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start as u32, range.end as u32)
    }

    fn item_span(&self, item: &Item) -> Span {
        item.span().map_or(Span::new(self.file, 0, 0), |range| self.span(range))
    }

    pub(super) fn key_span(&self, key: &Key) -> Span {
        key.span().map_or(Span::new(self.file, 0, 0), |range| self.span(range))
    }

    fn mistake(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        let mut finding = Finding::new("invalid_config", span, message);
        finding.severity = Severity::Error;
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Reports a word that is none of `known`.
    pub(super) fn unknown(&mut self, span: Span, what: &str, word: &str, known: &[&str], list: Option<&str>) {
        let meant = did_you_mean(word, known.iter().copied());
        let finding = self.mistake(span, format!("unknown {what} \"{word}\""));
        match meant {
            Some(meant) => finding.help(format!("did you mean \"{meant}\"?")),
            None if known.len() <= 16 => finding.help(format!("known: {}", known.join(", "))),
            None => finding.help(list.unwrap_or("pglint rules lists all")),
        };
    }

    /// The entries of a table with the key as it is written.
    pub(super) fn entries<'t>(&self, table: &'t dyn TableLike) -> Vec<(&'t Key, &'t Item)> {
        table.iter().filter_map(|(name, _)| table.get_key_value(name)).collect()
    }

    fn document(&mut self, table: &dyn TableLike, config: &mut Config) {
        for (key, item) in self.entries(table) {
            match key.get() {
                "project" => {
                    if let Some(table) = self.table(key, item) {
                        self.project(table, &mut config.project);
                    }
                }
                "rules" => {
                    if let Some(table) = self.table(key, item) {
                        config.levels = self.levels(table);
                    }
                }
                "plan" => {
                    if let Some(table) = self.table(key, item) {
                        self.plan(table, &mut config.plan);
                    }
                }
                "stats" => {
                    if let Some(table) = self.table(key, item) {
                        self.stats(table, &mut config.stats);
                    }
                }
                "overrides" => config.overrides = self.overrides(key, item),
                "tables" => {
                    if let Some(table) = self.table(key, item) {
                        config.project.sizes = self.sizes(table);
                    }
                }
                other => {
                    let known = &["project", "rules", "plan", "stats", "tables", "overrides"];
                    self.unknown(self.key_span(key), "key", other, known, None)
                }
            }
        }
    }

    /// Rows as a number, or a size such as "40 GB", by the name of the table.
    fn sizes(&mut self, table: &dyn TableLike) -> TableSizes {
        let mut sizes = TableSizes::default();
        for (key, item) in self.entries(table) {
            let rows = item.as_integer().and_then(|rows| u64::try_from(rows).ok()).map(TableSize::Rows);
            let size = rows.or_else(|| item.as_str().and_then(bytes).map(TableSize::Bytes));
            let name = if key.get().contains('.') { key.get().to_owned() } else { format!("public.{}", key.get()) };
            match size {
                Some(size) => {
                    sizes.0.insert(name, size);
                }
                None => {
                    self.mistake(self.item_span(item), "this is not a size").help("a number of rows, or \"40 GB\"");
                }
            }
        }
        sizes
    }

    pub(super) fn table<'t>(&mut self, key: &Key, item: &'t Item) -> Option<&'t dyn TableLike> {
        let table = item.as_table_like();
        if table.is_none() {
            self.mistake(self.key_span(key), format!("{} is a table", key.get()));
        }
        table
    }

    fn project(&mut self, table: &dyn TableLike, project: &mut ProjectConfig) {
        const KEYS: &[&str] = &[
            "migrations",
            "runner",
            "platform",
            "postgres",
            "schemas",
            "default_privileges",
            "pg_graphql",
            "roles",
            "baseline",
            "pending",
            "exclude",
        ];
        for (key, item) in self.entries(table) {
            match key.get() {
                "migrations" => {
                    let folders = self.strings(item).unwrap_or_default();
                    project.migrations = folders.iter().map(|path| self.folder.join(path)).collect();
                }
                "runner" => project.runner = self.choice(item, "runner", RUNNERS),
                "platform" => project.platform = self.choice(item, "platform", PLATFORMS),
                "postgres" => project.postgres = self.version(item),
                "schemas" => project.schemas = self.strings(item),
                "default_privileges" => {
                    project.legacy_default_privileges = self.choice(item, "value", PRIVILEGES);
                }
                "pg_graphql" => project.pg_graphql = self.expect(item, "true or false", Item::as_bool),
                "roles" => project.roles = self.strings(item).unwrap_or_default(),
                "baseline" => {
                    let path = self.expect(item, "a path", Item::as_str);
                    project.baseline = path.map(|path| self.folder.join(path));
                }
                "pending" => project.pending = self.pending(item),
                "exclude" => project.exclude = self.patterns(item),
                other => self.unknown(self.key_span(key), "key", other, KEYS, None),
            }
        }
    }

    pub(super) fn expect<'t, T>(
        &mut self,
        item: &'t Item,
        what: &str,
        read: impl Fn(&'t Item) -> Option<T>,
    ) -> Option<T> {
        let value = read(item);
        if value.is_none() {
            self.mistake(self.item_span(item), format!("this is not {what}"));
        }
        value
    }

    /// A git revision, or a table that says whether it is one or a version.
    fn pending(&mut self, item: &Item) -> Option<Pending> {
        if let Some(revision) = item.as_str() {
            return Some(Pending::Since(revision.to_owned()));
        }
        let table = self.expect(item, "a git revision, { since = … } or { after = … }", Item::as_table_like)?;
        let mut pending = None;
        for (key, item) in self.entries(table) {
            let make = match key.get() {
                "since" => Pending::Since,
                "after" => Pending::After,
                other => {
                    self.unknown(self.key_span(key), "key", other, &["since", "after"], None);
                    continue;
                }
            };
            if pending.is_some() {
                self.mistake(self.key_span(key), "since and after exclude each other");
            }
            pending = self.expect(item, "a string", Item::as_str).map(|text| make(text.to_owned()));
        }
        pending
    }

    fn strings(&mut self, item: &Item) -> Option<Vec<String>> {
        let list = item.as_array().map(|list| list.iter().map(|value| value.as_str().map(str::to_owned)));
        let list = list.and_then(|mut list| {
            list.try_fold(Vec::new(), |mut all, text| {
                all.push(text?);
                Some(all)
            })
        });
        if list.is_none() {
            self.mistake(self.item_span(item), "this is not a list of strings");
        }
        list
    }

    fn choice<T: Copy>(&mut self, item: &Item, what: &str, known: &[(&str, T)]) -> Option<T> {
        let word = self.expect(item, "a string", Item::as_str)?;
        let found = known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            self.unknown(self.item_span(item), what, word, &names, None);
        }
        found
    }

    fn version(&mut self, item: &Item) -> Option<u8> {
        let number = self.expect(item, "a number", Item::as_integer)?;
        let version = u8::try_from(number).ok().filter(|version| (14..=18).contains(version));
        if version.is_none() {
            self.mistake(self.item_span(item), format!("PostgreSQL {number} is not known here"))
                .help("known: 14, 15, 16, 17, 18");
        }
        version
    }

    fn patterns(&mut self, item: &Item) -> Vec<Pattern> {
        let texts = self.strings(item).unwrap_or_default();
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            match Pattern::new(text.trim_end_matches('/')) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => {
                    let label = first_line(error.msg).to_lowercase();
                    self.mistake(self.item_span(item), format!("\"{text}\" is no pattern")).label(label);
                }
            }
        }
        patterns
    }

    fn overrides(&mut self, key: &Key, item: &Item) -> Vec<Override> {
        let tables: Vec<&dyn TableLike> = match item {
            Item::ArrayOfTables(tables) => tables.iter().map(|table| table as &dyn TableLike).collect(),
            _ => {
                self.mistake(self.key_span(key), "overrides are tables of their own").help("write [[overrides]]");
                return Vec::new();
            }
        };
        tables.into_iter().map(|table| self.one_override(table)).collect()
    }

    fn one_override(&mut self, table: &dyn TableLike) -> Override {
        let mut entry = Override { paths: Vec::new(), levels: Levels::default() };
        for (key, item) in self.entries(table) {
            match key.get() {
                "paths" => entry.paths = self.patterns(item),
                "rules" => {
                    if let Some(table) = self.table(key, item) {
                        entry.levels = self.levels(table);
                    }
                }
                other => self.unknown(self.key_span(key), "key", other, &["paths", "rules"], None),
            }
        }
        entry
    }

    fn levels(&mut self, table: &dyn TableLike) -> Levels {
        let mut levels = Levels::default();
        for (key, item) in self.entries(table) {
            let Some(level) = self.choice(item, "level", LEVELS) else { continue };
            let name = key.get();
            if name == "all" {
                levels.all = Some(level);
            } else if let Some(category) = Category::ALL.iter().find(|category| category.name() == name) {
                levels.categories.push((*category, level));
            } else if let Some(rule) = rule_named(self.rules, name) {
                levels.rules.insert(rule.id, level);
            } else {
                let categories = Category::ALL.iter().map(|category| category.name());
                let known: Vec<&str> = self.rules.iter().map(|rule| rule.id).chain(categories).chain(["all"]).collect();
                self.unknown(self.key_span(key), "rule", name, &known, None);
            }
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::PlanSettings;

    static RULE: Rule = Rule {
        id: "drop_table",
        module: "rules::statement::drop_table",
        doc: "",
        category: Category::DataLoss,
        level: None,
        advisor: None,
        aliases: &["squawk/ban-drop-table"],
        adds: false,
        check: crate::rule::Check::Engine,
    };

    fn config(text: &str) -> (Config, Vec<String>) {
        let (config, findings) = read(Path::new("/p/pglint.toml"), FileId(0), text, &[&RULE]);
        let shown = findings.iter().map(|finding| {
            let marked = text.get(finding.span.range()).unwrap_or("");
            format!("{marked}: {} {}", finding.message, finding.help.join(" ")).trim_end().to_owned()
        });
        (config, shown.collect())
    }

    fn level(text: &str, path: &str) -> Level {
        let (config, mistakes) = config(text);
        assert_eq!(mistakes, [""; 0]);
        config.level(&RULE, Path::new(path))
    }

    #[test]
    fn levels_by_rule_category_alias_and_path() {
        let error = Level::At(Severity::Error);
        assert_eq!(level("", "/p/a.sql"), Level::At(Severity::Warning));
        assert_eq!(level("[rules]\ndata_loss = 'error'", "/p/a.sql"), error);
        assert_eq!(level("[rules]\nall = 'off'\nban-drop-table = 'error'", "/p/a.sql"), error);
        assert_eq!(level("[rules]\n'squawk/ban-drop-table' = 'off'", "/p/a.sql"), Level::Off);
        let scoped = "[[overrides]]\npaths = ['old/**', 'db']\nrules = { drop_table = 'off' }";
        assert_eq!(level(scoped, "/p/old/x/a.sql"), Level::Off);
        assert_eq!(level(scoped, "/p/db/sub/a.sql"), Level::Off);
        assert_eq!(level(scoped, "/p/new/a.sql"), Level::At(Severity::Warning));
    }

    #[test]
    fn mistakes_are_underlined_and_corrected() {
        assert_eq!(config("[projct]").1, ["projct: unknown key \"projct\" did you mean \"project\"?"]);
        assert_eq!(
            config("[rules]\ndrop_tabel = 'off'").1,
            ["drop_tabel: unknown rule \"drop_tabel\" did you mean \"drop_table\"?"]
        );
        assert_eq!(config("[rules]\ndrop_table = 'of'").1, ["'of': unknown level \"of\" did you mean \"off\"?"]);
        assert_eq!(
            config("[project]\npostgres = 9").1,
            ["9: PostgreSQL 9 is not known here known: 14, 15, 16, 17, 18"]
        );
        assert_eq!(config("[project]\nschemas = 'public'").1, ["'public': this is not a list of strings"]);
        assert_eq!(config("project = 1").1, ["project: project is a table"]);
        assert_eq!(config("[project\n").1.len(), 1);
    }

    #[test]
    fn thresholds_of_plans() {
        let text =
            "[plan]\nrows_read = 500\ncache_hit_ratio = 0.99\nblocks = 10\n[plan.targets]\nreport = [2000, 9000]";
        let (read, mistakes) = config(text);
        assert_eq!(mistakes, [""; 0]);
        assert_eq!((read.plan.rows_read, read.plan.cache_hit_ratio, read.plan.blocks), (500.0, 0.99, 10));
        assert_eq!((read.plan.targets.report.good, read.plan.targets.report.acceptable), (2000.0, 9000.0));
        assert_eq!(read.plan.min_time, PlanSettings::default().min_time);
        let mistake = |text: &str| config(&format!("[plan]\n{text}")).1.join("|");
        assert_eq!(mistake("rows_red = 1"), "rows_red: unknown key \"rows_red\" did you mean \"rows_read\"?");
        assert_eq!(mistake("min_share = 10"), "10: this is not a part of 1, from 0 to 1");
        assert_eq!(mistake("min_time = -1"), "-1: this is not a number from 0");
        assert_eq!(mistake("blocks = 1.5"), "1.5: this is not a whole number from 0");
        assert_eq!(
            mistake("targets = { report = [9, 1] }"),
            "[9, 1]: this is not an aim and a limit in ms, as in [10, 50]"
        );
        assert_eq!(
            mistake("targets = { reprt = [1, 2] }"),
            "reprt: unknown kind of statement \"reprt\" did you mean \"report\"?"
        );
    }

    #[test]
    fn what_is_right_counts_beside_a_mistake() {
        let (config, mistakes) = config("[project]\nrunner = 'goose'\npostgres = 'x'\nschemas = ['api']");
        assert_eq!(mistakes, ["'x': this is not a number"]);
        assert_eq!(config.project.runner, Some(crate::project::Runner::Goose));
        assert_eq!(config.project.schemas, Some(vec!["api".to_owned()]));
    }
}
