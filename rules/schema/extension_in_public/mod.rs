//! An extension among the project's own objects. The README beside this file is its manual and its test.

use std::collections::BTreeSet;

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
        if let Some(routine) = left_behind(context, &extension) {
            finding.also(routine.span(), "this code would no longer find what the extension brings");
            finding
                .help(format!("let that code follow when it moves: alter extension {quoted} set schema extensions;"));
        } else if extension.is.relocatable {
            let alter = format!("alter extension {quoted} set schema extensions;");
            finding.help(format!("move it: {alter}"));
            finding.note("code that names its objects with `public.` must follow");
            finding.fix(Fix::needs_review("move the extension to schema extensions").migrate(alter));
        } else {
            finding.help(format!("install it elsewhere: create extension {quoted} with schema extensions;"));
        }
    }
}

/// A function whose code in a string would look in vain for what the extension brings once that has moved: it says
/// `public.` before it, or its own search_path ends there.
fn left_behind<'a>(context: &'a SchemaContext<'_>, extension: &Found<'_, Extension>) -> Option<Found<'a, Routine>> {
    if !extension.is.relocatable {
        return None;
    }
    let catalog = context.catalog;
    let members: BTreeSet<&str> = catalog
        .dependents(extension.id)
        .filter(|(_, member, _)| member.extension == Some(extension.id) && member.schema == Some(extension.is.schema))
        .map(|(_, member, _)| member.name.as_str())
        .collect();
    let is_left = |routine: &Found<'_, Routine>| {
        let names = names_in(&routine.is.source);
        let mut before = "";
        names.into_iter().any(|(name, after_dot)| {
            let qualified = after_dot && before.eq_ignore_ascii_case("public");
            let looked_up = qualified || !after_dot && stays_in_public(routine.is);
            before = name;
            looked_up && members.contains(&*name.to_ascii_lowercase())
        })
    };
    catalog.routines().filter(|routine| context.is_ours(routine.object) && !routine.span().is_none()).find(is_left)
}

/// The names in a code, each with whether it follows a dot.
fn names_in(code: &str) -> Vec<(&str, bool)> {
    let tokens = syntax::token::Tokens::of(code).tokens;
    let after_dot = |at: usize| at > 0 && tokens[at - 1].kind == syntax::token::TokenKind::Dot;
    let names = tokens.iter().enumerate().filter(|(_, token)| token.is_name());
    names.map(|(at, token)| (token.text(code).trim_matches('"'), after_dot(at))).collect()
}

/// Whether a function looks in public by a path of its own, and not where extensions are.
fn stays_in_public(routine: &Routine) -> bool {
    let path = routine.settings.iter().find(|(name, _)| name.as_str() == "search_path");
    path.is_some_and(|(_, path)| {
        let names = names_in(path);
        let holds = |schema: &str| names.iter().any(|(name, _)| *name == schema);
        holds("public") && !holds("extensions")
    })
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
