//! An extension among the project's own objects. The README beside this file is its manual and its test.

use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Info)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0014"],
);

const ADVISOR: Lint = Lint {
    number: "0014",
    name: "extension_in_public",
    title: "Extension in Public",
    level: Severity::Warning,
    category: "SECURITY",
    description: "An extension in schema public, where the API serves its functions and tables.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    // On a plain server public is where extensions usually live, and nobody serves it.
    if !context.facts.supabase {
        return;
    }
    for extension in in_public(context) {
        let name = extension.name();
        let finding = report.at(extension.span(), format!("extension {name} is installed in schema public"));
        finding.label("the API serves what it brings").subject(name.as_str());
        let quoted = quote_identifier(&name).into_owned();
        if extension.is.relocatable {
            let alter = format!("alter extension {quoted} set schema extensions;");
            finding.help(format!("move it: {alter}"));
            finding.note("code that names its objects with `public.` must follow");
            finding.fix(Fix::needs_review("move the extension to schema extensions").migrate(alter));
        } else {
            finding.help(format!("install it elsewhere: create extension {quoted} with schema extensions;"));
        }
    }
}

fn in_public<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Extension>> {
    let public = context.catalog.schema(Name::from("public"));
    context
        .catalog
        .extensions()
        .filter(move |extension| Some(extension.is.schema) == public && extension.name().as_str() != "plpgsql")
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for extension in in_public(context) {
        let name = extension.name();
        entries.push(Entry {
            detail: format!("Extension \\`{name}\\` is installed in the public schema. Move it to another schema."),
            metadata: vec![("schema", "public".into()), ("name", name.as_str().into()), ("type", "extension".into())],
            cache_key: format!("extension_in_public_{name}"),
        });
    }
}
