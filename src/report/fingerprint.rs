//! What makes a finding the same finding tomorrow, when lines above it have come or gone.

use std::collections::HashMap;

use super::Outcome;
use crate::finding::Finding;

/// A fingerprint a finding, in the same order: 16 hexadecimal digits, each different from the others.
///
/// It is made of the rule, the file and what the finding is about; where a rule names no subject, of
/// the marked text. Findings that agree in all of these are told apart by their order.
pub fn fingerprints(outcome: &Outcome<'_>) -> impl Iterator<Item = String> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    outcome.findings.iter().map(move |finding| {
        let base = base(outcome, finding);
        let nth = seen.entry(base).or_default();
        *nth += 1;
        format!("{:016x}", hash(base, &nth.to_le_bytes()))
    })
}

fn base(outcome: &Outcome<'_>, finding: &Finding) -> u64 {
    let file = outcome.file(finding.span);
    let name = file.map_or("", |file| file.name.as_str());
    let marked = file.map_or("", |file| file.slice(finding.span));
    let about = if finding.subject.is_empty() { marked } else { &finding.subject };
    let about = about.lines().next().unwrap_or("").trim();
    [finding.rule, name, about].iter().fold(OFFSET, |sum, part| hash(hash(sum, part.as_bytes()), &[0]))
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, whose values are the same in every build and on every machine.
fn hash(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
