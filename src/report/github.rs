//! Workflow commands: GitHub shows each beside the changed line.

use std::io::{self, Write};

use super::{Outcome, places};
use crate::finding::{Finding, Severity};

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in outcome.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        write!(out, "::{command} ")?;
        if let Some(file) = outcome.file(finding.span) {
            let (start, end) = places(file, finding.span);
            write!(out, "file={},line={},", property(&file.name), start.line)?;
            // Columns are only read where the finding ends on the line it starts on.
            if start.line == end.line {
                write!(out, "col={},endColumn={},", start.column, end.column.max(start.column))?;
            } else {
                write!(out, "endLine={},", end.line)?;
            }
        }
        writeln!(out, "title={}::{}", property(finding.rule), data(&text(outcome, finding)))?;
    }
    Ok(())
}

/// All that the annotation says: the message, then one line each for why, where else, and what to do.
fn text(outcome: &Outcome<'_>, finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if !finding.label.is_empty() {
        text.push_str(&format!("\n{}", finding.label));
    }
    for label in &finding.labels {
        text.push_str(&format!("\n{}: {}", outcome.sources.place(label.span), label.message));
    }
    for note in &finding.notes {
        text.push_str(&format!("\nnote: {note}"));
    }
    for help in &finding.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    text
}

/// Escaped as the runner's own toolkit escapes a command's data.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As [`data`], for what stands before the second `::`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
