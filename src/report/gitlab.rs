//! GitLab's code quality report: a subset of Code Climate's format.

use std::io::{self, Write};

use serde::Serialize;

use super::{Outcome, fingerprints};
use crate::finding::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "[")?;
    let mut separator = "\n";
    for (finding, fingerprint) in outcome.findings.iter().zip(fingerprints(outcome)) {
        // An issue must have a file; one that has none concerns the whole folder.
        let file = outcome.file(finding.span);
        let (begin, end) = file.map_or((1, 1), |file| {
            let (start, end) = super::places(file, finding.span);
            (start.line, end.line)
        });
        let issue = Issue {
            description: &finding.message,
            check_name: finding.rule,
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "info",
            },
            location: Location { path: file.map_or(".", |file| &file.name), lines: Lines { begin, end } },
        };
        out.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut *out, &issue)?;
        separator = ",\n";
    }
    writeln!(out, "\n]")
}
