//! What makes a finding the same finding tomorrow, when lines above it have come or gone.

use std::collections::HashMap;

use super::Outcome;
use crate::finding::Finding;
use crate::rule::{Check, Rule};
use crate::source::Sources;

/// Of a text that may be endless, so much tells it from others.
const ENOUGH: usize = 240;

/// A fingerprint a finding, in the same order: 16 hexadecimal digits, each different from the others.
///
/// Findings whose [`kind_of_finding`] is the same are told apart by their order.
pub fn fingerprints(outcome: &Outcome<'_>) -> impl Iterator<Item = String> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    outcome.findings.iter().map(move |finding| {
        let base = kind_of_finding(outcome.sources, outcome.rules, finding);
        let nth = seen.entry(base).or_default();
        *nth += 1;
        format!("{:016x}", hash(base, &nth.to_le_bytes()))
    })
}

/// What a finding is, wherever it is: the same after lines have moved, and after its file has another name.
///
/// What a rule about the schema finds is known by its subject, such as `public.orders(customer_id)`. Anything else is
/// known by its subject and by the text of the line it is on, whatever the blanks between its words; what is found in a
/// plan by the file's name too, since plans are alike.
pub fn kind_of_finding(sources: &Sources, rules: &[&Rule], finding: &Finding) -> u64 {
    let check = rules.iter().find(|rule| rule.id == finding.rule).map(|rule| rule.check);
    let start = hash(hash(OFFSET, finding.rule.as_bytes()), &[0]);
    let start = hash(hash(start, finding.subject.as_bytes()), &[0]);
    if matches!(check, Some(Check::Schema(_))) && !finding.subject.is_empty() || finding.span.is_none() {
        return if finding.subject.is_empty() { hash(start, finding.message.as_bytes()) } else { start };
    }
    let file = sources.file(finding.span.file);
    let line = file.line_text(file.line_index(finding.span.start));
    let marked = file.slice(finding.span).lines().next().unwrap_or("");
    let mut sum = words(words(start, line), marked);
    if matches!(check, Some(Check::Plan(_) | Check::Stats(_))) {
        sum = hash(sum, file.name.rsplit('/').next().unwrap_or("").as_bytes());
    }
    sum
}

/// The words of the start of a text.
fn words(start: u64, text: &str) -> u64 {
    let text = &text[..text.floor_char_boundary(ENOUGH)];
    text.split_whitespace().fold(start, |sum, word| hash(hash(sum, word.as_bytes()), &[0]))
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, whose values are the same in every build and on every machine.
fn hash(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
