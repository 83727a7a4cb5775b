//! What every part of a query is, where it is, and that nothing is too deep or too long.

use std::sync::Arc;

use super::*;
use crate::source::FileId;
use crate::syntax::Cut;
use crate::syntax::pieces::Pieces;
use crate::syntax::{ExprKind, Part, Query, QueryBody, Values};

const FILE: FileId = FileId(0);

/// One of everything. Also for the statements that are no queries, whose tests have their own.
const QUERIES: &str = include_str!("../../../testdata/syntax/queries.sql");

fn origin(base: u32) -> Origin {
    Origin::verbatim(FILE, base)
}

fn statements(text: &str) -> Vec<Statement> {
    parse_statements(text, &origin(0)).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

fn expression(text: &str) -> Expr {
    parse_expression(text, &origin(0)).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

fn query(text: &str) -> Query {
    match statements(text).pop().unwrap().kind {
        StatementKind::Select(query) => *query,
        other => panic!("{other:?}"),
    }
}

/// Calls `visit` for all parts of a statement.
fn each_part<'a>(statement: &'a Statement, visit: &mut dyn FnMut(Part<'a>)) {
    let mut walk = |part: Part<'a>| {
        part.walk(&mut |part| {
            visit(part);
            true
        });
    };
    match &statement.kind {
        StatementKind::Select(query) => walk(Part::Query(query)),
        StatementKind::Insert(insert) => insert.for_each_child(&mut walk),
        StatementKind::Update(update) => update.for_each_child(&mut walk),
        StatementKind::Delete(delete) => delete.for_each_child(&mut walk),
        StatementKind::Merge(merge) => merge.for_each_child(&mut walk),
        other => panic!("{other:?}"),
    }
}

fn span(part: Part) -> Option<Span> {
    Some(match part {
        Part::Expr(expr) => expr.span,
        Part::Query(query) => query.span,
        Part::From(item) => item.span,
        Part::Relation(relation) => relation.span,
        Part::Type(ty) => ty.span,
        Part::Data(_) => return None,
    })
}

/// The texts of all parts of an expression, itself first.
fn texts(text: &str) -> Vec<String> {
    let mut texts = Vec::new();
    Part::Expr(&expression(text)).walk(&mut |part| {
        texts.extend(span(part).map(|span| text[span.range()].to_owned()));
        true
    });
    texts
}

#[test]
fn parts_of_expressions_are_where_they_are_written() {
    let cases: &[(&str, &[&str])] = &[
        ("((a))", &["a"]),
        ("(a + b) * c", &["(a + b) * c", "a + b", "a", "b", "c"]),
        ("a * ((b + c))", &["a * ((b + c))", "a", "b + c", "b", "c"]),
        ("- (1) + - a", &["- (1) + - a", "- (1)", "- a", "a"]),
        ("( - -1 )", &["- -1"]),
        ("(s.t.a)", &["s.t.a"]),
        ("(a and b) and (c)", &["(a and b) and (c)", "a", "b", "c"]),
        ("not (a)", &["not (a)", "a"]),
        ("f ( x , y => (1) )", &["f ( x , y => (1) )", "x", "1"]),
        ("count ( * )", &["count ( * )"]),
        ("f(a) filter (where (b)) over (w)", &["f(a) filter (where (b)) over (w)", "a", "b"]),
        ("f(a) over w || 'x'", &["f(a) over w || 'x'", "f(a) over w", "a", "'x'"]),
        ("f(1) within group (order by (a) desc)", &["f(1) within group (order by (a) desc)", "1", "a"]),
        ("(a)::numeric(10, 2)[]", &["(a)::numeric(10, 2)[]", "a", "numeric(10, 2)[]", "10", "2"]),
        ("cast((a) as s.mood)", &["cast((a) as s.mood)", "a", "s.mood"]),
        (
            "a::timestamp(3) with time zone",
            &["a::timestamp(3) with time zone", "a", "timestamp(3) with time zone", "3"],
        ),
        ("double precision '1'", &["double precision '1'", "'1'", "double precision"]),
        ("interval '1' day to hour", &["interval '1' day to hour", "'1'", "interval"]),
        ("(a) not in (1, (2))", &["(a) not in (1, (2))", "a", "1", "2"]),
        ("a in ( select 1 )", &["a in ( select 1 )", "a", "select 1", "1"]),
        ("((select (1)))", &["(select (1))", "select (1)", "1"]),
        ("exists ((select))", &["exists ((select))", "select"]),
        ("array(table t)", &["array(table t)", "table t", "table", "t", "t"]),
        ("a between (1) and (2) and c", &["a between (1) and (2) and c", "a between (1) and (2)", "a", "1", "2", "c"]),
        ("(a) like ('b') escape ('c')", &["(a) like ('b') escape ('c')", "a", "'b'", "'c'"]),
        ("a is not distinct from (b)", &["a is not distinct from (b)", "a", "b"]),
        ("((a) is not null)", &["(a) is not null", "a"]),
        ("a notnull is not unknown", &["a notnull is not unknown", "a notnull", "a"]),
        ("case (a) when 1 then (2) else (3) end", &["case (a) when 1 then (2) else (3) end", "a", "1", "2", "3"]),
        ("((a).b[(1)].*)", &["(a).b[(1)].*", "a", "1"]),
        ("(f(x)).y", &["(f(x)).y", "f(x)", "x"]),
        ("(a) at time zone ('b') at local", &["(a) at time zone ('b') at local", "(a) at time zone ('b')", "'b'", "a"]),
        ("(a, b) overlaps (c, d)", &["(a, b) overlaps (c, d)", "a", "b", "c", "d"]),
        ("a operator ( s.+ ) (b)", &["a operator ( s.+ ) (b)", "a", "b"]),
        ("a = any ((b))", &["a = any ((b))", "a", "b"]),
        ("(a) <> all ((select 1))", &["(a) <> all ((select 1))", "a", "select 1", "1"]),
        ("array[[1], [a]]", &["array[[1], [a]]", "[1]", "1", "[a]", "a"]),
        ("row((a), b)", &["row((a), b)", "a", "b"]),
        ("((a, b))", &["(a, b)", "a", "b"]),
        ("(a) collate \"C\"", &["(a) collate \"C\"", "a"]),
        ("extract(year from (a))", &["extract(year from (a))", "year", "a"]),
        ("current_timestamp (3)", &["current_timestamp (3)"]),
        ("((a) is not json array)", &["(a) is not json array", "(a) is not json array", "a"]),
        ("u&\"d!0061\" uescape '!' || 'é'", &["u&\"d!0061\" uescape '!' || 'é'", "u&\"d!0061\" uescape '!'", "'é'"]),
        ("'a'\n 'b' || $$c$$", &["'a'\n 'b' || $$c$$", "'a'\n 'b'", "$$c$$"]),
    ];
    for (text, expected) in cases {
        assert_eq!(texts(text), *expected, "{text}");
    }
}

#[test]
fn each_part_says_the_same_by_itself() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for statement in &statements(QUERIES) {
        each_part(statement, &mut |part| {
            let Some(span) = span(part) else { return };
            let text = &QUERIES[span.range()];
            if !says_the_same(part, text, span.start) {
                wrong.push(format!("{text:?} is not {part:?}"));
            }
            checked += 1;
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 900, "{checked} parts");
}

/// Whether the text of a part, parsed alone, is that part again, at the same place.
fn says_the_same(part: Part, text: &str, start: u32) -> bool {
    match part {
        Part::Expr(expr) => {
            is_no_expression(expr, text) || {
                let alone = parse_expression(text, &origin(start)).map(|alone| match alone.kind {
                    // The parser has NOT around `a NOT IN (SELECT …)`, which is written inside.
                    ExprKind::Not(inner) if inner.span == alone.span && !matches!(expr.kind, ExprKind::Not(_)) => {
                        *inner
                    }
                    _ => alone,
                });
                alone.as_ref() == Ok(expr)
            }
        }
        Part::Query(query) => {
            let alone = parse_statements(text, &origin(start)).unwrap_or_default();
            matches!(&alone[..], [Statement { kind: StatementKind::Select(alone), .. }] if **alone == *query)
        }
        Part::From(item) => {
            let from = parse_statements(&format!("table x;select from {text}"), &origin(start - 20));
            let Some(StatementKind::Select(alone)) = from.ok().and_then(|mut from| from.pop()).map(|last| last.kind)
            else {
                return false;
            };
            matches!(&alone.body, QueryBody::Select(select) if select.from == std::slice::from_ref(item))
        }
        Part::Type(ty) => {
            // `char 'a'` has no length, though `char` alone has one.
            parse_type(text, &origin(start)).is_ok_and(|alone| alone.span == ty.span && alone.parts == ty.parts)
        }
        Part::Relation(relation) => relation.span.contains(relation.name.span()),
        Part::Data(_) => true,
    }
}

/// What is an expression for us and none by itself: the star of TABLE, numbers that nobody
/// wrote, inner arrays, EXTRACT's field.
fn is_no_expression(expr: &Expr, text: &str) -> bool {
    let is_quoted = text.contains(['\'', '$']);
    let implied_number = matches!(expr.kind, ExprKind::Integer(_)) && !text.contains(char::is_numeric);
    let is_word = matches!(expr.kind, ExprKind::String(_)) && !is_quoted;
    let is_query = matches!(expr.kind, ExprKind::Subquery(_)) && text.starts_with("select");
    let implied = matches!(expr.kind, ExprKind::Opaque | ExprKind::CurrentOf(_)) || text == "table";
    implied_number || is_word || is_query || implied || text.starts_with('[')
}

#[test]
fn each_part_lies_in_its_parent_and_holds_something() {
    fn check(part: Part, parent: Span) {
        let own = span(part).unwrap_or(parent);
        assert!(parent.contains(own), "{part:?} is not within {parent:?}");
        assert!(!own.is_empty(), "{part:?} is nowhere");
        assert!(QUERIES.get(own.range()).is_some(), "{part:?} splits a character");
        part.for_each_child(&mut |child| check(child, own));
    }
    for statement in &statements(QUERIES) {
        each_part(statement, &mut |part| check(part, statement.span));
    }
}

#[test]
fn names_are_where_they_are_written() {
    let grammar_words = [
        "at",
        "bit",
        "char",
        "character",
        "collation",
        "dec",
        "double",
        "extract",
        "float",
        "int",
        "interval",
        "is",
        "json_object",
        "national",
        "normalize",
        "numeric",
        "overlaps",
        "overlay",
        "position",
        "substring",
        "system_user",
        "time",
        "timestamp",
        "treat",
        "trim",
        "u&\"d!0061ta\"",
        "xmlexists",
        "u&\"d\\0061ta\"",
    ];
    let shown = format!("{:?}", statements(QUERIES));
    let mut checked = 0;
    for ident in shown.split("Ident { name: \"").skip(1) {
        let (name, rest) = ident.split_once("\", span: 0:").unwrap();
        let (start, rest) = rest.split_once("..").unwrap();
        let end = rest.split_once(" }").unwrap().0;
        let text = &QUERIES[start.parse().unwrap()..end.parse().unwrap()];
        let unquoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let written = unquoted.map_or_else(|| text.to_lowercase(), |text| text.replace("\"\"", "\\\""));
        let first_word = text.to_lowercase();
        let first_word = first_word.split_whitespace().next().unwrap();
        assert!(written == name || grammar_words.contains(&first_word), "{name} is not {text}");
        checked += 1;
    }
    assert!(checked > 400, "{checked} names");
}

#[test]
fn statements_end_before_their_semicolon() {
    let text = " select 1 ;; /* é */ select 2 -- b\n ; (select 3) -- c\n";
    let texts: Vec<_> = statements(text).iter().map(|statement| &text[statement.span.range()]).collect();
    assert_eq!(texts, ["select 1", "select 2", "(select 3)"]);
}

#[test]
fn mistakes_are_where_they_are() {
    let text = "select 'é';\nselect 1 form t;";
    let error = parse_statements(text, &origin(100)).unwrap_err();
    assert_eq!(error.message, "syntax error at or near \"t\"");
    assert_eq!(error.span, Span::new(FILE, 127, 128));
    let error = parse_expression("a +", &origin(0)).unwrap_err();
    assert_eq!((error.message.as_str(), error.span), ("syntax error at end of input", Span::new(FILE, 3, 3)));
    assert_eq!(parse_expression("a, b", &origin(0)).unwrap_err().message, "not one expression");
    assert_eq!(parse_expression("a from b", &origin(0)).unwrap_err().message, "not one expression");
    assert!(parse_type("int; drop", &origin(0)).is_err());
}

#[test]
fn text_that_is_not_in_the_file_is_at_the_place_it_stands_for() {
    let place = Span::new(FILE, 7, 9);
    let expr = parse_expression("a + b", &Origin::Elsewhere(place)).unwrap();
    Part::Expr(&expr).walk(&mut |part| {
        assert_eq!(span(part), Some(place));
        true
    });
    // The file has `a /* cut */ + b` from byte 10 on.
    let mut pieces = Pieces::at(FILE, 10);
    pieces.continue_at(2, 22);
    let expr = parse_expression("a + b", &Origin::Pieces(Arc::new(pieces))).unwrap();
    assert_eq!(expr.span, Span::new(FILE, 10, 25));
}

#[test]
fn rows_that_were_cut_out_are_counted() {
    let text = "insert into t values (1), (2) on conflict do nothing; insert into t values (3)";
    for (at, expected) in [(29, [5, 0]), (30, [5, 0]), (78, [0, 5])] {
        let cut = Some(Cut { at, len: 1000, rows: 5 });
        let statements = parse_statements(text, &Origin::Verbatim { file: FILE, base: 0, cut }).unwrap();
        let elided = |statement: &Statement| match &statement.kind {
            StatementKind::Insert(insert) => match insert.source.as_ref().map(|source| &source.body) {
                Some(QueryBody::Values(Values { elided, .. })) => *elided,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!(statements.iter().map(elided).collect::<Vec<_>>(), expected, "cut at {at}");
    }
}

#[test]
fn the_value_of_a_row_is_counted_once() {
    let StatementKind::Update(update) = statements("update t set (a, b) = (select 1, 2)").pop().unwrap().kind else {
        panic!("an UPDATE");
    };
    let kinds: Vec<_> = update.set.iter().map(|set| matches!(set.value.kind, ExprKind::Opaque)).collect();
    assert_eq!(kinds, [false, true]);
    assert_eq!(update.set[0].value.span, update.set[1].value.span);
}

// --- depth and length -------------------------------------------------------------------------------

/// How deep an expression goes, and whether something in it is opaque.
fn depth(part: Part) -> (u32, bool) {
    let own = match part {
        Part::Expr(expr) => matches!(expr.kind, ExprKind::Opaque),
        Part::Query(query) => matches!(query.body, QueryBody::Opaque),
        _ => false,
    };
    let mut deepest = (0, own);
    part.for_each_child(&mut |child| {
        let (levels, opaque) = depth(child);
        deepest = (deepest.0.max(levels), deepest.1 | opaque);
    });
    (deepest.0 + 1, deepest.1)
}

/// Runs with the stack that a thread of the program has.
fn on_large_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(16 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn long_chains_are_opaque_at_their_far_end() {
    on_large_stack(|| {
        let chains = [(" || b", 100_000), ("::int", 20_000), (" is null", 20_000), (" at time zone 'x'", 20_000)];
        for (link, count) in chains {
            let text = format!("select (a){}", link.repeat(count));
            let query = query(&text);
            assert_eq!(query.span.len() as usize, text.len());
            let (levels, opaque) = depth(Part::Query(&query));
            assert!(opaque && levels <= MAX_DEPTH + 2, "{link}: {levels} levels");
        }
    });
}

#[test]
fn unions_are_opaque_at_their_far_end() {
    on_large_stack(|| {
        let text = format!("select 1{}", " union all select 1".repeat(10_000));
        let query = query(&text);
        assert_eq!(query.span.len() as usize, text.len());
        let mut inner = &query;
        while let QueryBody::SetOperation(operation) = &inner.body {
            inner = &operation.left;
        }
        assert!(matches!(inner.body, QueryBody::Opaque));
        assert_eq!(inner.span.start, 0);
        assert!(text[inner.span.range()].ends_with("select 1"));
    });
}

#[test]
fn flat_lists_are_kept_whole() {
    let text = format!("a{}", " and b = 1".repeat(100_000));
    let ExprKind::And(terms) = expression(&text).kind else { panic!("an AND") };
    assert_eq!(terms.len(), 100_001);
    assert_eq!(terms[100_000].span.end as usize, text.len());
}

#[test]
fn nesting_of_any_kind_is_bounded() {
    on_large_stack(|| {
        let kinds = [
            ("f(", ")"),
            ("1 + (", ")"),
            ("not (", ")"),
            ("(select ", ")"),
            ("exists (select ", ")"),
            ("array[", "]"),
            ("case when ", " then 1 end"),
            ("a in (", ")"),
            ("(select 1 from (select ", ") x)"),
            ("(select 1 from a join (select ", ") x on true)"),
            ("coalesce(a, ", ")"),
            ("a between 1 and (", ")"),
            ("(select 1 union (select ", "))"),
            ("(with x as (select ", ") select 1)"),
        ];
        for (open, close) in kinds {
            let text = format!("select {}1{}", open.repeat(600), close.repeat(600));
            let query = query(&text);
            assert_eq!(query.span.len() as usize, text.len(), "{open}");
            assert!(depth(Part::Query(&query)).1, "{open} is followed to its end");
        }
    });
}
