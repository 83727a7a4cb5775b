//! All that a rule author must read: [`Rule`], [`Check`], the contexts, [`Report`].
//!
//! A rule is a value with one function in it, chosen by what it looks at. It does no I/O, knows no
//! other rule and no configuration file, and sees neither colours nor JSON.

mod deploy;
mod written;

pub use deploy::{Action, holds_rows, listed, lock_words, new_name, sql_columns, sql_ident, who_waits};

pub use written::{WrittenColumn, serial};

pub use crate::advise::{advise_index, index_for_foreign_key, index_for_order};
pub use crate::advisor;
pub use crate::capture;
pub use crate::catalog::analyze::{FunctionId, tree, walk};
pub use crate::catalog::deparse::Deparser;
pub use crate::catalog::{
    Bucket, CatalogAt, Column, Constraint, ConstraintKind, Executed, Extension, ForeignKey, Found, Grantee, Index,
    IndexColumn, Key, Kind, Object, ObjectId, Outcome, Part as ObjectPart, Policy, Privileges, Refusal, Relation,
    RelationClass, Role, Routine, RoutineKind, RoutineParameter, Sequence, StatementId, Trigger, Type, TypeClass,
    TypeRef,
};
pub use crate::effects::{Cause, Effects, Proof, Rows, TransactionRule};
pub use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
pub use crate::query::{self, ColumnUse, Place, QueryContext};
pub use crate::row_security::{self, RepeatedCall, repeated_calls, session_functions};
pub use crate::source::{FileId, Sources, Span};
pub use crate::stats;
pub use crate::syntax::quote::{quote_identifier, quote_literal};
pub use crate::syntax::{
    self, Expr, ExprKind, Ident, LockMode, Name, Persistence, PolicyCommand, StatementKind, TableAction,
    TableActionKind,
};

/// What a rule is about; decides the default severity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Category {
    /// The server refuses it, or it does something else than it says.
    Correctness,
    /// Opens data to those who should not see or change it.
    Security,
    /// Locks, rewrites, outages while it runs.
    Safety,
    /// Throws data away.
    DataLoss,
    /// Slower than it need be.
    Performance,
    /// A matter of taste; off by default.
    Style,
}

impl Category {
    /// All of them, in the order they are listed in.
    pub const ALL: [Category; 6] = [
        Category::Correctness,
        Category::Security,
        Category::Safety,
        Category::DataLoss,
        Category::Performance,
        Category::Style,
    ];

    /// Lower-case name, as in configuration and output.
    pub fn name(self) -> &'static str {
        match self {
            Category::Correctness => "correctness",
            Category::Security => "security",
            Category::Safety => "safety",
            Category::DataLoss => "data_loss",
            Category::Performance => "performance",
            Category::Style => "style",
        }
    }

    /// The level of its rules where neither rule nor configuration says otherwise.
    pub fn default_level(self) -> Level {
        match self {
            Category::Correctness => Level::At(Severity::Error),
            Category::Style => Level::Off,
            _ => Level::At(Severity::Warning),
        }
    }
}

/// Whether a rule runs, and how bad its findings are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// It runs with this severity.
    At(Severity),
}

/// What a rule looks at, with the function that looks.
#[derive(Clone, Copy)]
pub enum Check {
    /// One executed statement, with the catalog as it stood before it and its effects.
    Statement(fn(&StatementContext<'_>, &mut Report)),
    /// The catalog after the last migration.
    Schema(fn(&SchemaContext<'_>, &mut Report)),
    /// One query anywhere: view, function body, policy, migration, query file.
    Query(fn(&QueryContext<'_>, &mut Report)),
    /// One captured plan.
    Plan(fn(&PlanContext<'_>, &mut Report)),
    /// Captured statistics exports.
    Stats(fn(&StatsContext<'_>, &mut Report)),
    /// Reported by the engine itself (syntax errors, unused directives, configuration mistakes).
    Engine,
}

/// A rule: the folder name is its id, configuration key, directive word and SARIF id.
pub struct Rule {
    /// The module's name, snake_case.
    pub id: &'static str,
    /// The path of its module, whose last two parts are its folder below `rules/`.
    pub module: &'static str,
    /// The README beside the rule's code; its first paragraph is the summary.
    pub doc: &'static str,
    /// What it is about.
    pub category: Category,
    /// Where the category's default level is not right for it.
    pub level: Option<Level>,
    /// What Supabase's advisor prints for the same check; see [`crate::advisor`].
    pub advisor: Option<&'static crate::advisor::Lint>,
    /// Names that other tools have for the same check, as `tool/name`; accepted in configuration and directives.
    pub aliases: &'static [&'static str],
    /// Whether it only adds to what another rule says of the same statement, if one does.
    pub adds: bool,
    /// What it looks at.
    pub check: Check,
}

impl Rule {
    /// The level where configuration says nothing.
    pub fn default_level(&self) -> Level {
        self.level.unwrap_or(self.category.default_level())
    }

    /// The first paragraph of the README below its title.
    pub fn summary(&self) -> &'static str {
        self.doc.split("\n\n").nth(1).unwrap_or("").trim()
    }
}

/// Makes a [`Rule`]: fills in the id from the module's name and the text from the README beside it.
#[macro_export]
macro_rules! rule {
    ($category:ident, $check:expr $(, $field:ident: $value:expr)* $(,)?) => {
        $crate::rule::Rule {
            $($field: $value,)*
            ..$crate::rule::Rule {
                id: $crate::rule::last_segment(module_path!()),
                module: module_path!(),
                doc: include_str!("README.md"),
                category: $crate::rule::Category::$category,
                level: None,
                advisor: None,
                aliases: &[],
                adds: false,
                check: $check,
            }
        }
    };
}
pub use crate::rule;

/// The part of a module path after the last `::`.
pub const fn last_segment(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut at = bytes.len();
    while at > 0 && bytes[at - 1] != b':' {
        at -= 1;
    }
    match path.split_at_checked(at) {
        Some((_, name)) => name,
        None => path,
    }
}

/// Where one rule appends what it finds.
pub struct Report {
    rule: &'static str,
    severity: Severity,
    statement: Span,
    table: Option<u32>,
    findings: Vec<Finding>,
    told: std::collections::BTreeSet<String>,
}

impl Report {
    /// An empty report for a rule that runs at `severity`.
    pub fn new(rule: &'static str, severity: Severity) -> Report {
        let told = std::collections::BTreeSet::new();
        Report { rule, severity, statement: Span::NONE, table: None, findings: Vec::new(), told }
    }

    /// Says which statement of a file is run where the next findings are made, and which table it is about.
    pub(crate) fn runs(&mut self, statement: Span, table: Option<ObjectId>) {
        self.statement = statement;
        self.table = table.map(|id| id.0);
    }

    /// Adds a finding; decorate what comes back.
    pub fn at(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        let mut finding = Finding::new(self.rule, span, message);
        finding.severity = self.severity;
        finding.statement = self.statement;
        finding.table = self.table;
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Whether `what` was not asked for before: for what is told of once, however many statements show it. Statements
    /// come in the order they are run.
    pub fn first_time(&mut self, what: impl Into<String>) -> bool {
        self.told.insert(what.into())
    }

    /// What was found so far, which is then no longer here.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// All that was found.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// What a statement rule sees.
pub struct StatementContext<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// The statement as it was run.
    pub executed: &'a Executed,
    /// The catalog as it stood before it.
    pub before: CatalogAt<'a>,
    /// The catalog as it left it.
    pub after: CatalogAt<'a>,
    /// The objects that it made, changed or dropped.
    pub changed: &'a [ObjectId],
    /// What it does to a live server.
    pub effects: &'a Effects,
    /// The locks that the transaction holds already, each with the statement that took it, in the order they were taken.
    pub held: &'a [HeldLock],
    /// The table of an ALTER TABLE that ran, where others use it already: most rules ask for it.
    pub altered: Option<ObjectId>,
    /// What is known of the project besides its files.
    pub facts: &'a ProjectFacts,
}

/// A lock that a transaction took and keeps until its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldLock {
    /// The relation.
    pub relation: ObjectId,
    /// The mode.
    pub mode: LockMode,
    /// Who took it.
    pub by: StatementId,
}

/// How a file can leave the transaction that its runner would wrap it in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OptOut {
    /// Nothing is needed: each statement is sent on its own, or the runner does so for those that ask for it.
    Free,
    /// This line at the top of the file.
    TopLine(&'static str),
    /// These words behind the mark that begins the part that is run.
    Mark {
        /// The mark.
        mark: &'static str,
        /// The words.
        words: &'static str,
    },
    /// A file with a single statement is in no transaction.
    OwnFile,
    /// A setting outside of the file.
    Setting(&'static str),
    /// There is no way.
    Never,
}

impl<'a> StatementContext<'a> {
    /// What was written.
    pub fn kind(&self) -> &'a StatementKind {
        &self.executed.statement.kind
    }

    /// Whether the statement ran and did something.
    pub fn ran(&self) -> bool {
        matches!(self.executed.outcome, Outcome::Done)
    }

    /// The refusal of a statement that no transaction block may hold.
    pub fn refused_in_block(&self) -> Option<&'a Refusal> {
        match &self.executed.outcome {
            Outcome::Refused(refusal) if refusal.sqlstate == "25001" => Some(refusal),
            _ => None,
        }
    }

    /// Whether an object is new to this deployment: the file that runs made it, or one that is known not to be
    /// applied yet. Nobody else uses it yet, so nobody waits for it.
    pub fn is_new(&self, id: ObjectId) -> bool {
        let Some(made) = self.before.made_by(id) else { return true };
        let catalog = self.before.catalog();
        self.before.get(id).is_none()
            || catalog.statement(made).is_some_and(|by| {
                by.file == self.executed.file || self.facts.unreleased.binary_search(&by.file).is_ok()
            })
    }

    /// The relations in use before this deployment that the statement locks at least this strongly.
    pub fn locked(&self, at_least: LockMode) -> impl Iterator<Item = (ObjectId, LockMode)> {
        let strong = self.effects.locks.iter().filter(move |&(_, &mode)| mode >= at_least);
        strong.map(|(&id, &mode)| (id, mode)).filter(|&(id, _)| self.is_in_use(id))
    }

    /// Whether a relation was in use before this deployment. Temporary tables are nobody else's.
    pub fn is_in_use(&self, id: ObjectId) -> bool {
        let temporary = |relation: &Relation| relation.persistence == Persistence::Temporary;
        !self.is_new(id) && !self.before.get(id).and_then(|object| object.as_relation()).is_some_and(temporary)
    }

    /// The place of the first keyword of the statement that is spelled so, for a fix that writes beside it. `None` for
    /// a statement that is not in the file word by word.
    pub fn keyword(&self, keyword: &str) -> Option<Span> {
        let span = self.executed.statement.span;
        let text = self.sources.slice(span);
        let tokens = syntax::token::Tokens::of(text);
        let found = tokens.tokens.iter().find(|token| token.is_word(text, keyword))?;
        Some(Span::new(span.file, span.start + found.start, span.start + found.end))
    }

    /// The name for messages: with its schema only where that is not public.
    pub fn name(&self, id: ObjectId) -> String {
        let at = if self.before.get(id).is_some() { self.before } else { self.after };
        at.short_name(id)
    }
}

/// What a schema rule sees.
pub struct SchemaContext<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// The catalog after the last migration.
    pub catalog: crate::catalog::CatalogAt<'a>,
    /// What is known of the project besides its files.
    pub facts: &'a ProjectFacts,
}

impl SchemaContext<'_> {
    /// Where text about a table and columns of it can be added after the statement that made an object: past its
    /// semicolon. `None` when the object comes from no file, or from code inside a statement, and where table or
    /// columns had other names then.
    pub fn end_of_statement(&self, id: ObjectId, table: ObjectId, columns: &[i16]) -> Option<Span> {
        let by = self.catalog.made_by(id)?;
        let then = self.catalog.catalog().after(by);
        let same_column = |&number: &i16| then.column_name(table, number) == self.catalog.column_name(table, number);
        if then.sql_name(table) != self.catalog.sql_name(table) || !columns.iter().all(same_column) {
            return None;
        }
        let executed = self.catalog.catalog().statement(by)?;
        let span = executed.statement.span;
        if executed.within.is_some() || span.is_none() {
            return None;
        }
        let rest = &self.sources.file(span.file).text[span.end as usize..];
        let gap = rest.len() - rest.trim_start().len();
        let past = if rest[gap..].starts_with(';') { span.end + gap as u32 + 1 } else { span.end };
        Some(Span::new(span.file, span.start, past))
    }
}

/// What is known of a project besides its files: from its configuration and from what the runner and the
/// platform leave lying around.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectFacts {
    /// Major version of the server, 14 to 18.
    pub server_version: u8,
    /// It is a Supabase project.
    pub supabase: bool,
    /// The schemas that the API serves (`[api].schemas`, `pgrst.db_schemas`).
    pub exposed_schemas: Vec<crate::syntax::Name>,
    /// Roles that the platform has besides those of its empty project.
    pub roles: Vec<crate::syntax::Name>,
    /// How a file leaves the runner's transaction.
    pub opt_out: OptOut,
    /// How large tables are, where that is known.
    pub sizes: TableSizes,
    /// The files that are known not to be applied yet, sorted; empty where nothing tells.
    pub unreleased: Vec<FileId>,
    /// Files that the runner takes for another one, or that come too late for it.
    pub clashes: std::collections::BTreeMap<FileId, Clash>,
    /// What queries ask of jsonb; nothing where no index hangs on it.
    pub jsonb: JsonbQuestions,
    /// Of fixes only the titles are shown: what costs much to write out may be left out of one that has an edit.
    pub titles_only: bool,
}

impl ProjectFacts {
    /// With the sizes that a server told; what configuration says stands.
    pub fn with_sizes(mut self, told: TableSizes) -> ProjectFacts {
        for (table, size) in told.0 {
            self.sizes.0.entry(table).or_insert(size);
        }
        self
    }
}

/// Why a runner does not run a file as it is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Clash {
    /// Another file has its version.
    Same {
        /// That file.
        other: FileId,
        /// The version.
        version: String,
    },
    /// One with a later version is applied already.
    TooLate {
        /// That file.
        applied: FileId,
        /// The runner stops with an error; otherwise it leaves the file out.
        refused: bool,
    },
}

/// What a runner does with a file whose version is below that of one that is applied already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Late {
    /// It runs it all the same.
    Runs,
    /// It stops with an error.
    Refuses,
    /// It never runs it, and does not say so.
    Skips,
}

/// What all known queries ask of columns of type jsonb by operators that GIN serves.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct JsonbQuestions {
    /// They are those of the clients too, as far as one can tell, and each was understood.
    pub complete: bool,
    /// By the place where they are asked.
    pub all: Vec<JsonbQuestion>,
}

/// One of [`JsonbQuestions`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonbQuestion {
    /// The table; `None` where a plan does not say, so that it may be any.
    pub table: Option<ObjectId>,
    /// The column.
    pub column: Name,
    /// `@>`, `?` and the like.
    pub operator: Name,
    /// Where it is asked.
    pub span: Span,
}

/// How large tables are.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TableSizes(pub std::collections::BTreeMap<String, TableSize>);

impl TableSizes {
    /// The size of `schema.table`.
    pub fn of(&self, table: &str) -> Option<TableSize> {
        self.0.get(table).copied()
    }
}

/// How large a table is, as somebody said it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableSize {
    /// In rows.
    Rows(u64),
    /// In bytes.
    Bytes(u64),
}

impl TableSize {
    /// Whether reading or writing all of it takes no time that anyone would notice.
    pub fn is_small(self) -> bool {
        match self {
            TableSize::Rows(rows) => rows <= 100_000,
            TableSize::Bytes(bytes) => bytes <= 64 << 20,
        }
    }
}

impl std::fmt::Display for TableSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TableSize::Rows(rows) => write!(f, "{rows} rows"),
            TableSize::Bytes(bytes) if *bytes >= 10 << 30 => write!(f, "{} GB", bytes >> 30),
            TableSize::Bytes(bytes) => write!(f, "{} MB", bytes >> 20),
        }
    }
}

/// What a plan rule sees.
pub struct PlanContext<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// The catalog after the last migration; empty where there are no migrations.
    pub catalog: crate::catalog::CatalogAt<'a>,
    /// The plan.
    pub plan: &'a crate::capture::Plan,
    /// From which figures on something is worth a word.
    pub settings: &'a crate::capture::PlanSettings,
}

/// What a statistics rule sees.
pub struct StatsContext<'a> {
    /// All texts.
    pub sources: &'a Sources,
    /// The catalog after the last migration; empty where there are no migrations.
    pub catalog: crate::catalog::CatalogAt<'a>,
    /// All exports of the project.
    pub statistics: &'a crate::stats::Statistics,
    /// From which figures on something is worth a word.
    pub settings: &'a crate::stats::StatsSettings,
}
