//! SARIF 2.1.0, the format of GitHub's code scanning and of most dashboards.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::{Outcome, fingerprints, rule_url};
use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Level, Rule};
use crate::source::Span;

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor {
    id: &'static str,
    short_description: Text,
    help: Text,
    help_uri: String,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: PartialFingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix>,
}

#[derive(Serialize)]
struct PartialFingerprints {
    #[serde(rename = "pglint/v1")]
    v1: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let home = env!("CARGO_PKG_REPOSITORY");
    writeln!(out, r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{"#)?;
    writeln!(out, r#""tool":{{"driver":{{"name":"pglint","semanticVersion":"{version}","informationUri":"{home}","#)?;
    write!(out, r#""rules":["#)?;
    write_list(out, outcome.rules.iter().map(|rule| descriptor(rule)))?;
    writeln!(out, r#"]}}}},"columnKind":"utf16CodeUnits","#)?;
    write!(out, r#""results":["#)?;
    let results = outcome.findings.iter().zip(fingerprints(outcome));
    write_list(out, results.map(|(finding, fingerprint)| result(outcome, finding, fingerprint)))?;
    writeln!(out, "]}}]}}")
}

fn write_list(out: &mut dyn Write, items: impl Iterator<Item = impl Serialize>) -> io::Result<()> {
    let mut separator = "\n";
    for item in items {
        out.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut *out, &item)?;
        separator = ",\n";
    }
    Ok(())
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let (enabled, level) = match rule.default_level() {
        Level::Off => (false, "note"),
        Level::At(severity) => (true, level(severity)),
    };
    ReportingDescriptor {
        id: rule.id,
        short_description: Text { text: rule.summary().to_owned() },
        help: Text { text: rule.doc.to_owned() },
        help_uri: rule_url(rule),
        default_configuration: Configuration { enabled, level },
        properties: Properties { tags: [rule.category.name()] },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(outcome: &Outcome<'_>, finding: &Finding, fingerprint: String) -> SarifResult {
    let related = finding.labels.iter().enumerate();
    SarifResult {
        rule_id: finding.rule,
        rule_index: outcome.rules.iter().position(|rule| rule.id == finding.rule),
        level: level(finding.severity),
        message: Text { text: message(finding) },
        locations: location(outcome, finding.span, None, "").into_iter().collect(),
        related_locations: related
            .filter_map(|(number, label)| location(outcome, label.span, Some(number + 1), &label.message))
            .collect(),
        partial_fingerprints: PartialFingerprints { v1: fingerprint },
        fixes: finding.fixes.iter().filter_map(|fix| sarif_fix(outcome, fix)).collect(),
    }
}

/// What is wrong, why, and what to do: viewers show little more than this.
fn message(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if !finding.label.is_empty() {
        text = format!("{text}: {}", finding.label);
    }
    for help in &finding.help {
        text = format!("{text}\n{help}");
    }
    text
}

fn location(outcome: &Outcome<'_>, span: Span, id: Option<usize>, message: &str) -> Option<Location> {
    let file = outcome.file(span)?;
    let region = region(outcome, span)?;
    let message = (!message.is_empty()).then(|| Text { text: message.to_owned() });
    let artifact_location = ArtifactLocation { uri: uri(&file.name) };
    Some(Location { id, physical_location: PhysicalLocation { artifact_location, region }, message })
}

fn region(outcome: &Outcome<'_>, span: Span) -> Option<Region> {
    let file = outcome.file(span)?;
    Some(Region {
        start_line: file.line_column(span.start).line,
        start_column: file.utf16_column(span.start),
        end_line: file.line_column(span.end).line,
        end_column: file.utf16_column(span.end),
    })
}

/// The fix as edits; one that is only SQL for a new migration has no place in SARIF.
fn sarif_fix(outcome: &Outcome<'_>, fix: &Fix) -> Option<SarifFix> {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let changes = edits.chunk_by(|a, b| a.span.file == b.span.file).filter_map(|edits| {
        let file = outcome.file(edits[0].span)?;
        let replacements = edits.iter().filter_map(|edit| {
            let inserted_content = Text { text: edit.replacement.clone() };
            Some(Replacement { deleted_region: region(outcome, edit.span)?, inserted_content })
        });
        let artifact_location = ArtifactLocation { uri: uri(&file.name) };
        Some(ArtifactChange { artifact_location, replacements: replacements.collect() })
    });
    let artifact_changes: Vec<_> = changes.collect();
    let description = Text { text: fix.title.clone() };
    (!artifact_changes.is_empty()).then_some(SarifFix { description, artifact_changes })
}

/// A file's name as a relative reference: bytes that a path segment may not hold are percent-encoded.
fn uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for &byte in name.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}
