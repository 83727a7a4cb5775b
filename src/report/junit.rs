//! JUnit XML: each finding is a failed test case of the suite that is its file.

use std::io::{self, Write};

use super::{Outcome, counts};
use crate::finding::Severity;

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    let all = outcome.findings;
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let failed = all.len() - counts(all).of(Severity::Info);
    writeln!(out, r#"<testsuites name="pglint" tests="{}" failures="{failed}">"#, all.len().max(1))?;
    for suite in all.chunk_by(|a, b| a.span.file == b.span.file) {
        let name = outcome.file(suite[0].span).map_or("pglint", |file| &file.name);
        let failed = suite.len() - counts(suite).of(Severity::Info);
        let name = escaped(name);
        writeln!(out, r#"  <testsuite name="{name}" tests="{}" failures="{failed}">"#, suite.len())?;
        for finding in suite {
            write_case(outcome, finding, &name, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if all.is_empty() {
        writeln!(out, r#"  <testsuite name="pglint" tests="1" failures="0">"#)?;
        writeln!(out, r#"    <testcase classname="pglint" name="no findings"/>"#)?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_case(
    outcome: &Outcome<'_>,
    finding: &crate::finding::Finding,
    suite: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let line = outcome.file(finding.span).map_or(1, |file| file.line_column(finding.span.start).line);
    let message = escaped(&finding.message);
    writeln!(out, r#"    <testcase classname="{}" name="{message}" file="{suite}" line="{line}">"#, finding.rule)?;
    let text = finding.help.iter().chain(&finding.notes).map(|text| escaped(text)).collect::<Vec<_>>().join("\n");
    if finding.severity == Severity::Info {
        writeln!(out, "      <system-out>{text}</system-out>")?;
    } else {
        let severity = finding.severity.name();
        writeln!(out, r#"      <failure type="{severity}" message="{message}">{suite}:{line}"#)?;
        writeln!(out, "{text}</failure>")?;
    }
    writeln!(out, "    </testcase>")
}

/// Escaped for text and attributes; what XML 1.0 cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}
