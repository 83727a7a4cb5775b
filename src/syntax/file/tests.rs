use super::*;

fn parse_text(text: &str) -> ParsedFile {
    let whole = 0..text.len() as u32;
    parse_file(FileId(0), text, std::slice::from_ref(&whole))
}

/// The texts of the statements.
fn statements(text: &str) -> Vec<&str> {
    parse_text(text).statements.iter().map(|statement| &text[statement.span.range()]).collect()
}

/// Where each error is, and its hint.
fn errors(text: &str) -> Vec<(&str, Option<String>)> {
    let broken = parse_text(text).broken;
    broken.into_iter().map(|broken| (&text[broken.error.span.range()], broken.hint)).collect()
}

#[test]
fn nothing_is_no_statement() {
    for text in ["", " \r\n\t", "-- a\n/* b */", ";;;", "\u{feff}", "\u{feff}-- a"] {
        let parsed = parse_text(text);
        assert!(parsed.statements.is_empty() && parsed.broken.is_empty(), "{text:?}");
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "\u{feff}-- é\r\nselect 1;\rselect 'é' ;\r\n-- a\r\n select 2 -- b";
    assert_eq!(statements(text), ["select 1", "select 'é'", "select 2"]);
    let broken = "\u{feff}-- é\r\nselect 1;\rselect 'é' é é;";
    assert_eq!(parse_text(broken).broken[0].error.span, Span::new(FileId(0), 35, 37));
    assert_eq!(statements(broken), ["select 1"]);
}

#[test]
fn one_mistake_is_one_hole() {
    let text = "create table a (b int);\ncreat table c (d int);\ncreate table e (f int)";
    assert_eq!(statements(text), ["create table a (b int)", "create table e (f int)"]);
    assert_eq!(errors(text), [("creat", Some("did you mean create?".to_owned()))]);
    assert_eq!(&text[parse_text(text).broken[0].span.range()], "creat table c (d int)");
}

#[test]
fn a_lost_semicolon_is_seen() {
    let text = "select 1\ncreate table a (b int)\ncreate table c (d int); select 2";
    assert_eq!(statements(text), ["select 1", "create table a (b int)", "create table c (d int)", "select 2"]);
    let hint = || Some("a semicolon is missing before it".to_owned());
    assert_eq!(errors(text), [("create", hint()), ("create", hint())]);
}

#[test]
fn what_is_never_closed_is_reported_once() {
    for (opening, rest) in [("'", "b; create table c (d int)"), ("\"", "b; x"), ("$$", "b; x"), ("/* ", "b; x")] {
        let text = format!("select 1;\nselect a, {opening}{rest}");
        assert_eq!(statements(&text), ["select 1"], "{text}");
        let found = parse_text(&text).broken;
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].error.span.start, 20, "{text}: {:?}", found[0]);
    }
}

#[test]
fn a_quote_too_many_is_reported_once() {
    let text = "select 1;\ninsert into t values ('it's');\ncreate table a (b text default 'x');\nselect 'y';";
    assert_eq!(statements(text), ["select 1"]);
    assert_eq!(errors(text).len(), 1);
    assert_eq!(errors(text)[0].0, "s");
}

#[test]
fn code_without_its_dollar_quotes_is_one_mistake() {
    let text = "create function f() returns int as\nbegin\n  if a then\n    return 1;\n  end if;\nend;\nlanguage plpgsql;\nselect 2";
    assert_eq!(errors(text).len(), 1);
    assert_eq!(statements(text).last(), Some(&"select 2"));
}

#[test]
fn a_rule_that_is_never_closed_hides_nothing_after_it() {
    let text =
        "create rule r as on insert to t do (select 1; select 2;\ncreate table a (b int);\ndelete from t; drop table a";
    assert_eq!(statements(text), ["create table a (b int)", "drop table a"]);
    assert_eq!(errors(text).len(), 1);
}

#[test]
fn files_for_psql_are_read() {
    let text = "\\set a 1\nselect :'a', b[1:2];\ncopy t (x) from stdin;\n1\t'; \\N\n\\.\nselect :a \\gset\nselect 3;\n\\i b.sql\n";
    assert_eq!(
        statements(text),
        ["select :'a', b[1:2]", "copy t (x) from stdin", "select :a ", "select 3"].map(str::trim_end)
    );
    assert_eq!(errors(text), []);
}

#[test]
fn copy_data_is_no_sql_even_if_it_looks_like_it() {
    let text = "copy t from stdin;\ndrop table t;\n\\.\nselect 1;";
    assert_eq!(statements(text), ["copy t from stdin", "select 1"]);
}

#[test]
fn templates_are_nobodys_mistake() {
    let text = "create table {{ .A }}.b (c int);\nselect 1 {{ .And }};\n{{ if .X }}drop table d;{{ end }}\n\
                create {{ .Kind }} e (f int);\nselect ${g} from \"{{ index .H \"i\" }}\".j; selct 2;";
    let parsed = parse_text(text);
    assert_eq!(parsed.statements.len(), 4);
    assert_eq!(
        parsed.unreadable.iter().map(|span| &text[span.range()]).collect::<Vec<_>>(),
        ["create {{ .Kind }} e (f int)"]
    );
    assert_eq!(errors(text).len(), 1);
}

#[test]
fn only_the_given_parts_are_read() {
    let text = "-- up\nselect 1; selct 2;\n-- down\ndrop table a; 'x\n-- up\nselect 3";
    let ranges = [0..text.find("-- down").unwrap() as u32, text.rfind("-- up").unwrap() as u32..text.len() as u32];
    let parsed = parse_file(FileId(0), text, &ranges);
    let texts: Vec<_> = parsed.statements.iter().map(|statement| &text[statement.span.range()]).collect();
    assert_eq!(texts, ["select 1", "select 3"]);
    assert_eq!(&text[parsed.broken[0].error.span.range()], "selct");
}

#[test]
fn anything_at_all_is_survived() {
    for text in
        ["a\0b; select 1", "select 1; \0", "\\", "'", "$", "{{", "\u{1}\u{2}; select 1", "select 1;;;)(];", "é'é"]
    {
        parse_text(text);
    }
    assert_eq!(statements("select 1; \0; select 2"), ["select 1", "select 2"]);
    for text in ["(".repeat(10_000), "select ".to_owned() + &"(".repeat(10_000) + "1" + &")".repeat(10_000)] {
        assert!(parse_text(&text).broken.len() + parse_text(&text).statements.len() == 1);
    }
    let long = |term: &str, by: &str, count| format!("select {}", vec![term; count].join(by));
    assert_eq!(statements(&long("a", " || ", 60)).len(), 1);
    assert_eq!(statements(&long("a", " and ", 100_000)).len(), 1);
    assert_eq!(statements(&long("select 1", " union all ", 100)[7..]).len(), 1);
}

#[test]
fn long_lists_keep_their_first_rows() {
    let rows = vec!["(1, 'a')"; 1000].join(",\n");
    let text = format!("select 1; insert into t values {rows} on conflict do nothing; select nothing from;");
    let parsed = parse_text(&text);
    let StatementKind::Insert(insert) = &parsed.statements[1].kind else { panic!("an INSERT") };
    let QueryBody::Values(values) = &insert.source.as_ref().unwrap().body else { panic!("VALUES") };
    assert_eq!((values.rows.len(), values.elided), (64, 936));
    assert!(insert.on_conflict.is_some());
    assert!(text[parsed.statements[1].span.range()].ends_with("do nothing"));
    assert_eq!(&text[parsed.broken[0].span.range()], "select nothing from");
}

#[test]
fn many_inserts_are_not_all_kept() {
    let text = "insert into s.t (a, b) values (1, 'x'); select 1;\n".repeat(1000)
        + "insert into s.t (a) values (1); select 1;";
    let parsed = parse_text(&text);
    assert_eq!(parsed.statements.len(), 64 + 1000 + 2);
    let StatementKind::Insert(insert) = &parsed.statements[126].kind else { panic!("an INSERT") };
    let QueryBody::Values(values) = &insert.source.as_ref().unwrap().body else { panic!("VALUES") };
    assert_eq!((values.rows.len(), values.elided), (1, 936));
}

#[test]
fn large_files_are_read_in_runs() {
    let one = "create table t (a int default 1, b text not null);\n";
    let count = 3 * RUN / one.len();
    let text = one.repeat(count) + "creat table x (y int);\n" + &one.repeat(count);
    let parsed = parse_text(&text);
    assert_eq!((parsed.statements.len(), parsed.broken.len()), (2 * count, 1));
    assert!(parsed.statements.iter().all(|statement| &text[statement.span.range()] == one.trim_end_matches(";\n")));
}
