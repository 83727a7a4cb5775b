//! `pglint rules` and `pglint explain`.

use std::io;

use pglint::config::{rule_hint, rule_named};
use pglint::report::rule_url;
use pglint::rule::{Level, Rule};
use pglint::rules;

use super::args::{ListFormat, RulesArguments};
use super::{Status, output};

/// Lists every rule.
pub fn list(arguments: &RulesArguments) -> io::Result<Status> {
    let rules = rules::all();
    let text = match arguments.format {
        ListFormat::Human => table(&rules),
        ListFormat::Json => json(&rules)?,
    };
    output::print(text.as_bytes())?;
    Ok(Status::Clean)
}

fn table(rules: &[&Rule]) -> String {
    let width = |text: &dyn Fn(&Rule) -> usize| rules.iter().map(|rule| text(rule)).max().unwrap_or(0);
    let id = width(&|rule| rule.id.len());
    let category = width(&|rule| rule.category.name().len());
    let line = |rule: &&Rule| {
        let level = level(rule);
        format!("{:id$}  {:category$}  {level:7}  {}\n", rule.id, rule.category.name(), rule.summary())
    };
    rules.iter().map(line).collect()
}

fn json(rules: &[&Rule]) -> io::Result<String> {
    #[derive(serde::Serialize)]
    struct Listed<'a> {
        id: &'a str,
        category: &'a str,
        level: &'a str,
        summary: &'a str,
        aliases: &'a [&'a str],
        url: String,
    }
    let listed: Vec<Listed<'_>> = rules
        .iter()
        .map(|rule| Listed {
            id: rule.id,
            category: rule.category.name(),
            level: level(rule),
            summary: rule.summary(),
            aliases: rule.aliases,
            url: rule_url(rule),
        })
        .collect();
    Ok(serde_json::to_string_pretty(&listed)? + "\n")
}

fn level(rule: &Rule) -> &'static str {
    match rule.default_level() {
        Level::Off => "off",
        Level::At(severity) => severity.name(),
    }
}

/// Prints the page of one rule.
pub fn explain(name: &str) -> io::Result<Status> {
    let rules = rules::all();
    let Some(rule) = rule_named(&rules, name) else {
        output::say(&format!("pglint: there is no rule {name}; {}", rule_hint(&rules, name)));
        return Ok(Status::Failure);
    };
    output::print(rule.doc.as_bytes())?;
    Ok(Status::Clean)
}
