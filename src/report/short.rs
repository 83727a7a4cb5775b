//! A line a finding, as compilers and editors have read them for fifty years.

use std::io::{self, Write};

use super::Outcome;
use super::snippet::sanitized;

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in outcome.findings {
        match outcome.file(finding.span) {
            Some(file) => {
                let at = file.line_column(finding.span.start);
                write!(out, "{}:{}:{}: ", sanitized(&file.name), at.line, at.column)?;
            }
            None => write!(out, "pglint: ")?,
        }
        writeln!(out, "{}: {} [{}]", finding.severity.name(), sanitized(&finding.message), finding.rule)?;
    }
    Ok(())
}
