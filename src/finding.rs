//! What a rule reports: plain data below all output formats. Not `Serialize`: each report owns its mirror.

use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be dealt with.
    Warning,
    /// The server refuses it, or it opens or destroys data.
    Error,
}

impl Severity {
    /// Lower-case name, as in output and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A second place that a reader must look at, in any file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it shows, lower case, without a final period.
    pub message: String,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// Filled in by the engine from rule and configuration.
    pub severity: Severity,
    /// The smallest thing that is wrong.
    pub span: Span,
    /// The statement of a file that was being run, which may call what is wrong from elsewhere; nothing where none was.
    pub statement: Span,
    /// The number of the table that this statement names, where it is about one.
    pub table: Option<u32>,
    /// What the server would answer, where it refuses the statement.
    pub sqlstate: Option<&'static str>,
    /// The fact: lower case, names the object, no final period.
    pub message: String,
    /// Why it is so, shown under the primary span; may be empty.
    pub label: String,
    /// Other places.
    pub labels: Vec<Label>,
    /// Further facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// How to do it by machine; the first is the preferred one.
    pub fixes: Vec<Fix>,
    /// What the finding is about, for a fingerprint that survives shifted lines: `public.orders(customer_id)`.
    pub subject: String,
}

impl Finding {
    /// A finding with only a place and a message; the engine fills in the severity.
    pub fn new(rule: &'static str, span: Span, message: impl Into<String>) -> Finding {
        Finding {
            rule,
            severity: Severity::Warning,
            span,
            statement: Span::NONE,
            table: None,
            sqlstate: None,
            message: message.into(),
            label: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
            subject: String::new(),
        }
    }

    /// Sets the text under the primary span.
    pub fn label(&mut self, message: impl Into<String>) -> &mut Finding {
        self.label = message.into();
        self
    }

    /// Adds a second place; one that is in no file (an object of the empty server) is left out.
    pub fn also(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        if !span.is_none() {
            self.labels.push(Label { span, message: message.into() });
        }
        self
    }

    /// Adds a further fact.
    pub fn note(&mut self, message: impl Into<String>) -> &mut Finding {
        self.notes.push(message.into());
        self
    }

    /// Adds what to do.
    pub fn help(&mut self, message: impl Into<String>) -> &mut Finding {
        self.help.push(message.into());
        self
    }

    /// Adds a fix.
    pub fn fix(&mut self, fix: Fix) -> &mut Finding {
        self.fixes.push(fix);
        self
    }

    /// Says what the server would answer.
    pub fn sqlstate(&mut self, sqlstate: &'static str) -> &mut Finding {
        self.sqlstate = Some(sqlstate);
        self
    }

    /// Names what the finding is about.
    pub fn subject(&mut self, subject: impl Into<String>) -> &mut Finding {
        self.subject = subject.into();
        self
    }

    /// Overrides the rule's default severity for this one finding.
    pub fn severity(&mut self, severity: Severity) -> &mut Finding {
        self.severity = severity;
        self
    }
}

/// Whether a fix may be applied without a look.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Safety {
    /// Changes nothing but what the finding is about.
    Safe,
    /// May change behaviour; needs `--unsafe`.
    Unsafe,
}

/// A replacement of bytes in one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// A remedy that a machine can carry out: edits where the cause is written (when it is not applied
/// yet), SQL for a new migration (when it is), or both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, imperative: `wrap the call in a sub-select`.
    pub title: String,
    /// Whether it may be applied without a look.
    pub safety: Safety,
    /// All or none are applied.
    pub edits: Vec<Edit>,
    /// Statements for a new migration, each ending in `;`; empty when there is no such form.
    pub migration: Vec<String>,
}

impl Fix {
    /// A fix that changes nothing but what the finding is about.
    pub fn safe(title: impl Into<String>) -> Fix {
        Fix { title: title.into(), safety: Safety::Safe, edits: Vec::new(), migration: Vec::new() }
    }

    /// A fix that needs a look.
    pub fn needs_review(title: impl Into<String>) -> Fix {
        Fix { safety: Safety::Unsafe, ..Fix::safe(title) }
    }

    /// Adds a replacement.
    #[must_use]
    pub fn replace(mut self, span: Span, replacement: impl Into<String>) -> Fix {
        self.edits.push(Edit { span, replacement: replacement.into() });
        self
    }

    /// Adds an insertion before a span.
    #[must_use]
    pub fn insert_before(self, span: Span, text: impl Into<String>) -> Fix {
        self.replace(span.at_start(), text)
    }

    /// Adds an insertion after a span.
    #[must_use]
    pub fn insert_after(self, span: Span, text: impl Into<String>) -> Fix {
        self.replace(span.at_end(), text)
    }

    /// Adds a statement of the new migration.
    #[must_use]
    pub fn migrate(mut self, sql: impl Into<String>) -> Fix {
        self.migration.push(sql.into());
        self
    }
}
