use super::*;
use crate::source::{FileId, Span};

/// Code as it stands at the start of a file.
fn verbatim(text: &str) -> CodeText {
    let inner = Span::new(FileId(0), 0, text.len() as u32);
    CodeText::new(inner, inner, text.into(), true)
}

fn read(text: &str) -> Body {
    parse(&verbatim(text))
}

/// The statements of the outermost block.
fn statements(body: &Body) -> &[CodeStatement] {
    let CodeStatementKind::Block(block) = &body.statements[0].kind else { panic!("{:?}", body.statements) };
    &block.statements
}

/// The statements of `begin … end`, which must leave nothing unknown.
fn read_block(statements_text: &str) -> Body {
    let body = read(&format!("begin {statements_text} end"));
    body.walk(|statement| assert_ne!(statement.kind, CodeStatementKind::Unknown, "{statements_text}"));
    body
}

fn first(body: &Body) -> &CodeStatementKind {
    &statements(body)[0].kind
}

#[test]
fn every_statement_of_the_manual_is_read() {
    let texts = [
        "null;",
        "a := 1; a = 1; a.b := 1; a[1] := 2; a.b[i + 1].c := (select 1); $1 := 2; exit := 1; \"A\" := 3;",
        "if a then b := 1; elsif c then null; elseif d then null; else null; end if;",
        "case a when 1, 2 then null; when (case when b then c end) then null; else null; end case;",
        "case when a then null; end case;",
        "<<l>> loop exit l when a; continue; exit; end loop l;",
        "while a loop null; end loop; while r.loop loop null; end loop;",
        "for i in reverse 1..10 by 2 loop null; end loop; for i in 1..f(2..3) loop null; end loop;",
        "for r in select 1 loop null; end loop; for a, b.c in (values (1, 2)) loop null; end loop;",
        "for r in c loop null; end loop; for r in c(1, x => 2) loop null; end loop;",
        "for r in execute 'a' using 1, f(2, 3) loop null; end loop;",
        "foreach a slice 1 in array b loop null; end loop; foreach a, b in array array[1] loop null; end loop;",
        "return; return 1; return query; return (select 1); return next; return next a; return query select 1;",
        "return query execute 'a' using b, c; return query values (1); return query with a as (select 1) table a;",
        "raise; raise notice 'a'; raise 'a % b %', c, f(d, e); raise exception using errcode = 'a', message := b || c;",
        "raise unique_violation; raise sqlstate '22012' using hint = 'a'; raise info 'a' 'b';",
        "raise warning 'a'\n'b', c using detail = d;",
        "assert a; assert a > b, 'c';",
        "execute 'a'; execute format('a %s', b) into strict c, d.e using f; execute a using b, c into d;",
        "perform f(1); perform 1 from t where a;",
        "get diagnostics a = row_count; get stacked diagnostics a := message_text, b.c = pg_exception_detail;",
        "open c; open c(1, 2); open c for select 1; open c no scroll for execute a using b;",
        "fetch c into a; fetch next from c into a, b; fetch relative -1 in c into a; move forward 2 from c; close c;",
        "commit; rollback and no chain; commit and chain;",
        "begin null; exception when unique_violation or sqlstate '23505' then null; when others then raise; end;",
        "<<a>> declare b int; begin null; end a; call p(1); do $x$ begin end $x$;",
        "create rule r as on insert to t do (select 1; select 2); insert into t default values;",
        ";;",
    ];
    for text in texts {
        read_block(text);
    }
}

#[test]
fn the_sql_in_it_is_what_the_server_accepts() {
    let texts = [
        "a := 1 from t; if exists (select 1) then perform f(1), g(2) from t; end if;",
        "for r in select * from t where a = any (b) loop update t set a = 1 where b = r.b returning c into d; end loop;",
        "select a, b into strict c, d.e from t; select into c a from t; select into c, d a, b from t; insert into t values (1);",
        "with x as (insert into t values (1) returning a) select a into b from x; merge into t using s on a = b when matched then delete;",
        "case a when 1, 2 then return query select 1 -- why\n; end case;",
        "import foreign schema a from server b into c;",
    ];
    for text in texts {
        let body = read_block(text);
        for (sql, _) in body.sql() {
            assert_eq!(body.statement(sql).err(), None, "{}", body.text(sql));
        }
    }
}

#[test]
fn declarations_are_read() {
    let body = read(
        "#variable_conflict use_column\n<<f>> declare a int; b constant numeric(10, 2)[] not null := 1; declare c text = 'x';
         d public.t.e%type; g t%rowtype; h record; i alias for $1; j cursor for select 1; k scroll cursor (l int, m text) is select l;
         n text collate \"C\" default 'y'; o no scroll cursor for select 2; p q%TYPE[] := null; begin end f;",
    );
    let name = |ident: &Ident| ident.as_str();
    assert_eq!(
        body.options.iter().map(|(a, b)| (name(a), name(b))).collect::<Vec<_>>(),
        [("variable_conflict", "use_column")]
    );
    let CodeStatementKind::Block(block) = &body.statements[0].kind else { panic!("a block") };
    let names: Vec<_> = block.declarations.iter().map(|declaration| name(&declaration.name)).collect();
    assert_eq!(names, ["a", "b", "c", "d", "g", "h", "i", "j", "k", "n", "o", "p"]);
    let kinds: Vec<_> = block.declarations.iter().map(|declaration| &declaration.kind).collect();
    assert!(kinds.iter().all(|kind| **kind != DeclarationKind::Unknown));
    let DeclarationKind::Variable { constant: true, ty: VariableType::Type(ty), not_null: true, default: Some(value) } =
        kinds[1]
    else {
        panic!("{:?}", kinds[1])
    };
    assert_eq!((body.text(*ty), body.text(*value)), ("numeric(10, 2)[]", "1"));
    assert_eq!(body.type_name(*ty).map(|ty| ty.array_dimensions), Some(1));
    let DeclarationKind::Variable { ty: VariableType::ColumnType { name: parts, .. }, .. } = kinds[3] else { panic!() };
    assert_eq!(parts.iter().map(name).collect::<Vec<_>>(), ["public", "t", "e"]);
    let DeclarationKind::Cursor { scroll: Some(true), args, .. } = kinds[8] else { panic!() };
    assert_eq!(args.len(), 2);
}

#[test]
fn spans_are_those_of_the_file() {
    let text = "begin select a into b from t; c := d + e; end";
    let body = read(text);
    let places: Vec<_> = statements(&body).iter().map(|statement| &text[statement.span.range()]).collect();
    assert_eq!(places, ["select a into b from t", "c := d + e"]);
    let CodeStatementKind::Sql { sql, into: Some(into) } = first(&body) else { panic!() };
    assert_eq!(&text[into.span.range()], "into b");
    assert_eq!(&text[body.statement(*sql).unwrap().span.range()], "select a into b from t");
    let StatementKind::Select(query) = &body.statement(*sql).unwrap().kind else { panic!() };
    let QueryBody::Select(select) = &query.body else { panic!() };
    assert_eq!(&text[select.from[0].span.range()], "t");
    let CodeStatementKind::Assign { value, .. } = &statements(&body)[1].kind else { panic!() };
    assert_eq!(&text[body.expression(*value).unwrap().span.range()], "d + e");
}

#[test]
fn spans_are_exact_where_quotes_are_doubled() {
    let file = "do 'begin a := ''x'' || b; end'";
    let (start, end) = (4, file.len() as u32 - 1);
    let (span, inner) = (Span::new(FileId(0), 3, end + 1), Span::new(FileId(0), start, end));
    let code = CodeText::new(span, inner, "begin a := 'x' || b; end".into(), false);
    let body = parse(&code);
    let CodeStatementKind::Assign { value, .. } = first(&body) else { panic!() };
    assert_eq!(&file[value.span.range()], "''x'' || b");
    let ExprKind::Operator(operation) = &body.expression(*value).unwrap().kind else { panic!() };
    assert_eq!(&file[operation.left.as_ref().unwrap().span.range()], "''x''");
    assert_eq!(&file[operation.right.span.range()], "b");
}

#[test]
fn escapes_make_everything_one_place() {
    let inner = Span::new(FileId(0), 5, 40);
    let code = CodeText::new(inner, inner, "begin\na := b; end".into(), false);
    let body = parse(&code);
    let CodeStatementKind::Assign { value, .. } = first(&body) else { panic!() };
    assert_eq!((value.span, body.expression(*value).unwrap().span), (inner, inner));
}

#[test]
fn what_is_not_understood_is_unknown_and_no_more_than_that() {
    let kinds = |text: &str| -> Vec<bool> {
        let body = read(text);
        statements(&body).iter().map(|statement| statement.kind == CodeStatementKind::Unknown).collect()
    };
    assert_eq!(kinds("begin a := 1; ) b; c := 2; end"), [false, true, false]);
    assert_eq!(kinds("begin if a; b := 1; end"), [true, false]);
    assert_eq!(kinds("begin a := ; b := 1; end"), [true, false]);
    for text in ["", "begin", "select 1", "begin end; select 1", "begin end if; end", "begin a := 1 end", "begin '"] {
        let body = read(text);
        let mut unknown = 0;
        body.walk(|statement| unknown += usize::from(statement.kind == CodeStatementKind::Unknown));
        assert_eq!(unknown, usize::from(!text.is_empty()), "{text}: {:?}", body.statements);
    }
}

#[test]
fn the_error_is_where_reading_makes_no_sense() {
    let error = |text: &str| read(text).error.map(|error| (error.span.start as usize, error.message));
    let near =
        |text: &str, place: &str| Some((text.rfind(place).unwrap(), format!("syntax error at or near \"{place}\"")));
    for (text, place) in [
        ("begin if a; end", ";"),
        ("begin if a then b := 1; end;", ";"),
        ("begin loop exit; end if; end", "if"),
        ("declare a; begin end", ";"),
        ("begin a := 1; end; x", "x"),
    ] {
        assert_eq!(error(text), near(text, place), "{text}");
    }
    assert_eq!(error("begin a := 1;"), Some((13, "syntax error at end of input".to_owned())));
    assert_eq!(error("begin a := 1; end"), None);
}

#[test]
fn templates_are_read_as_names() {
    let body = read_block("select a into b from \"{{ .A \"B\" }}\".c; {{ if .D }}d := {{ .E }};{{ end }}");
    assert!(body.templated);
    assert_eq!(body.sql().filter(|(sql, _)| body.statement(*sql).is_ok()).count(), 2);
    assert!(!read_block("a := '{{1,2}}';").templated);
}

#[test]
fn one_bad_piece_spoils_no_other() {
    let body = read_block("a := 1; b := select; c := 3;");
    let accepted: Vec<_> = body.sql().map(|(sql, _)| body.statement(sql).is_ok()).collect();
    assert_eq!(accepted, [true, false, true]);
}

#[test]
fn depth_is_bounded() {
    for text in
        ["begin ", "begin if a then ", "begin loop ", "begin for i in (1..(", "begin <<a>> ", "begin raise '', "]
    {
        read(&text.repeat(20_000));
    }
}
