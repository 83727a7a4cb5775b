//! Every statement and clause of the manual's synopses, with the places of all its names.

mod outline;

use std::ops::Range;
use std::path::{Path, PathBuf};

use outline::Outline;

use crate::source::FileId;
use crate::syntax::{Origin, Statement, StatementKind, parse_statements};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/syntax")
}

fn read(name: &str) -> String {
    let text = std::fs::read_to_string(folder().join(name)).expect("the file is part of the repository");
    text.replace("\r\n", "\n")
}

fn statements(text: &str) -> Vec<Statement> {
    parse_statements(text, &Origin::verbatim(FileId(0), 0)).expect("the text is valid SQL")
}

/// `UPDATE=1` rewrites what is expected.
#[test]
fn every_clause_of_the_manual_is_understood() {
    let text = read("ddl.sql");
    let mut found = String::new();
    for statement in statements(&text) {
        let source = text[statement.span.range()].split_whitespace().collect::<Vec<_>>().join(" ");
        found += &format!("{source}\n    {}\n", Outline::of(&statement.kind).render(&text));
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(folder().join("ddl.txt"), &found).expect("the repository can be written");
    }
    let expected = read("ddl.txt");
    for (expected, found) in expected.lines().zip(found.lines()) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.len(), found.len());
}

/// All kinds of statements have a form.
#[test]
fn no_statement_is_left_over() {
    let text = read("ddl.sql");
    let others = statements(&text).into_iter().filter(|it| matches!(it.kind, StatementKind::Other { .. }));
    let others: Vec<String> = others.map(|statement| text[statement.span.range()].to_owned()).collect();
    assert_eq!(others, Vec::<String>::new());
}

#[test]
fn names_are_where_they_are_written() {
    let text = read("ddl.sql");
    for statement in statements(&text) {
        let mut misplaced = Vec::new();
        find_misplaced(&Outline::of(&statement.kind), &text, &mut misplaced);
        assert_eq!(misplaced, Vec::<String>::new(), "{}", &text[statement.span.range()]);
    }
}

#[test]
fn parts_are_within_what_they_are_parts_of() {
    let text = read("ddl.sql");
    for statement in statements(&text) {
        let mut stray = Vec::new();
        find_stray(&Outline::of(&statement.kind), statement.span.range(), &mut stray);
        assert_eq!(stray, Vec::<String>::new(), "{}", &text[statement.span.range()]);
    }
}

/// Parts whose place is empty or outside of the place of what they belong to.
fn find_stray(outline: &Outline, whole: Range<usize>, stray: &mut Vec<String>) {
    let place = match (outline, outline.field("span")) {
        (&Outline::Span(start, end), _) | (_, Some(&Outline::Span(start, end))) => start..end,
        _ => whole.clone(),
    };
    let is_within = whole.start <= place.start && place.start < place.end && place.end <= whole.end;
    if !is_within {
        stray.push(format!("{} at {place:?}", outline.name()));
    }
    match outline.name() {
        // A recursive view's query is made of more than its own text; empty code has no place.
        "Query" | "CodeText" => {}
        // What is renamed is its old name alone, without the table before it.
        "Rename" => outline.field("new_name").into_iter().for_each(|name| find_stray(name, place.clone(), stray)),
        _ => outline.children().into_iter().for_each(|part| find_stray(part, place.clone(), stray)),
    }
}

/// Names whose place does not spell them.
fn find_misplaced(outline: &Outline, source: &str, misplaced: &mut Vec<String>) {
    if outline.name() == "Ident" {
        let name = outline.field("name").map(Outline::text).unwrap_or_default();
        let text = outline.span(source).unwrap_or("?");
        if !spells(text, name) {
            misplaced.push(format!("{name} at {text}"));
        }
    }
    if is_word_of_the_grammar(outline) {
        return;
    }
    // An option may be spelled in several words.
    let is_spelled = |child: &&Outline| !(outline.name() == "Definition" && child.name() == "Ident");
    for part in outline.children().into_iter().filter(is_spelled) {
        find_misplaced(part, source, misplaced);
    }
}

/// `int`, `EXTRACT`, `TABLE (…)`: the parser has put something else in place of the words, and all of
/// its parts are there.
fn is_word_of_the_grammar(outline: &Outline) -> bool {
    let parts = match outline.name() {
        "TypeName" => outline.field("parts").map(Outline::children).unwrap_or_default(),
        "QualifiedName" => ["schema", "name"].iter().filter_map(|part| outline.field(part)).collect(),
        _ => return false,
    };
    let place = |part: &Outline| part.some().field("span").map(|span| format!("{span:?}"));
    let name = |part: &Outline| part.some().field("name").map(|name| name.text().to_owned());
    match parts[..] {
        [schema, object] => name(schema).as_deref() == Some("pg_catalog") && place(schema) == place(object),
        [only] => place(only) == place(outline) && outline.field("setof").is_some_and(|setof| setof.name() == "true"),
        _ => false,
    }
}

/// Whether an identifier's text means this name.
fn spells(text: &str, name: &str) -> bool {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\"").starts_with(name),
        // An escaped name, and a language as a string, are spelled in another way.
        None if text.starts_with("U&") || text.starts_with('\'') => true,
        None => text.to_ascii_lowercase().starts_with(name) && (text.len() == name.len() || name.len() >= 60),
    }
}
