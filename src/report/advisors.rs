//! What Supabase's advisor would print, as its JSON: an array with an object a row.

use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Outcome;
use crate::advisor::{Entry, Value};
use crate::finding::Severity;

#[derive(Serialize)]
struct Row<'a> {
    name: &'static str,
    title: &'static str,
    level: &'static str,
    facing: &'static str,
    categories: [&'static str; 1],
    description: &'static str,
    detail: &'a str,
    remediation: String,
    metadata: Metadata<'a>,
    cache_key: &'a str,
}

/// The keys in the order of jsonb: shorter ones first.
struct Metadata<'a>(&'a Entry);

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut values: Vec<&(&str, Value)> = self.0.metadata.iter().collect();
        values.sort_by_key(|(key, _)| (key.len(), *key));
        let mut map = serializer.serialize_map(Some(values.len()))?;
        for (key, value) in values {
            match value {
                Value::Null => map.serialize_entry(key, &())?,
                Value::Bool(value) => map.serialize_entry(key, value)?,
                Value::Number(number) => map.serialize_entry(key, number)?,
                Value::Text(text) => map.serialize_entry(key, text)?,
                Value::Texts(texts) => map.serialize_entry(key, texts)?,
                Value::Numbers(numbers) => map.serialize_entry(key, numbers)?,
            }
        }
        map.end()
    }
}

pub fn write(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "[")?;
    let mut separator = "\n";
    for advice in outcome.advice {
        let row = Row {
            name: advice.lint.name,
            title: advice.lint.title,
            level: level(advice.lint.level),
            facing: "EXTERNAL",
            categories: [advice.lint.category],
            description: advice.lint.description,
            detail: &advice.entry.detail,
            remediation: advice.lint.remediation(),
            metadata: Metadata(&advice.entry),
            cache_key: &advice.entry.cache_key,
        };
        write!(out, "{separator}  ")?;
        serde_json::to_writer(&mut *out, &row)?;
        separator = ",\n";
    }
    writeln!(out, "{}]", if outcome.advice.is_empty() { "" } else { "\n" })
}

fn level(level: Severity) -> &'static str {
    match level {
        Severity::Info => "INFO",
        Severity::Warning => "WARN",
        Severity::Error => "ERROR",
    }
}
