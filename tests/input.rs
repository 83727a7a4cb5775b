//! Bad input: always a finding with a place, the other files still linted, never a panic.

use std::path::Path;

use libtest_mimic::{Failed, Trial};

use crate::support::{self, Ran, pglint};

/// Text of a file beside the bad one: it must be linted in any case.
const OTHER: &str = "create tabel other ();\n";
/// What is then said of it.
const OTHER_FOUND: &str = "2_other.sql:1:8: error: syntax error at or near \"tabel\" [syntax_error]\n";

/// A bad file, and what `--format short` says of it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    /// A line each, without the file's name.
    found: &'static [&'static str],
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, found: &'static [&'static str]) -> Case {
    Case { name, bytes: bytes.into(), found }
}

fn cases() -> Vec<Case> {
    let utf16: Vec<u8> = "\u{feff}create tabel a ();".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let syntax =
        |head: &str, middle: &str, tail: &str, times: usize| [head, &middle.repeat(times), tail].concat().into_bytes();
    vec![
        case("empty", "", &[]),
        case("comments only", "-- nothing\n/* at /* all */ */\n", &[]),
        case("semicolons only", ";;\n;", &[]),
        case(
            "byte order mark",
            "\u{feff}create tabel a ();",
            &["1:8: error: syntax error at or near \"tabel\" [syntax_error]"],
        ),
        case(
            "CRLF",
            "select 1;\r\ncreate tabel a ();\r\n",
            &["2:8: error: syntax error at or near \"tabel\" [syntax_error]"],
        ),
        case(
            "lone CR",
            "select 1;\rcreate tabel a ();\r",
            &["2:8: error: syntax error at or near \"tabel\" [syntax_error]"],
        ),
        case("NUL byte", b"select 1;\nselect \0 2;\n".to_vec(), &["2:8: error: the file is not UTF-8 [not_utf8]"]),
        case(
            "Latin-1",
            b"select 'caf\xe9';\ncreate tabel a ();".to_vec(),
            &[
                "1:12: error: the file is not UTF-8 [not_utf8]",
                "2:8: error: syntax error at or near \"tabel\" [syntax_error]",
            ],
        ),
        case(
            "UTF-16",
            utf16,
            &[
                "1:1: error: the file is UTF-16; the server takes UTF-8 [not_utf8]",
                "1:8: error: syntax error at or near \"tabel\" [syntax_error]",
            ],
        ),
        case(
            "binary",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\x03\0>\0\x01".to_vec(),
            &["1:1: error: the file is no text [not_utf8]"],
        ),
        case(
            "one syntax error among good statements",
            "create table a (id int primary key);\ncreate table b (id int,);\ncreate table c (id int primary key);",
            &["2:24: error: syntax error at or near \")\" [syntax_error]"],
        ),
        case(
            "unterminated quote",
            "select 1;\nselect 'abc;\nselect 2;",
            &["2:8: error: unterminated quoted string [syntax_error]"],
        ),
        case(
            "unterminated dollar quote",
            "select 1;\ndo $body$ begin end;\n",
            &["2:4: error: unterminated dollar-quoted string [syntax_error]"],
        ),
        case(
            "100,000 nested comments, none closed",
            syntax("select 1;\n", "/*", "", 100_000),
            &["2:1: error: unterminated /* comment [syntax_error]"],
        ),
        case("100,000 nested comments", ["/*".repeat(100_000), "*/".repeat(100_000)].concat(), &[]),
        case("psql commands", "\\set on 1\n\\if :on\nselect :on, :'on';\n\\endif\nselect 2 \\gexec\n", &[]),
        case(
            "COPY data",
            "create table a (b text primary key);\ncopy a from stdin;\nit's; data\n\\.\nselect 1;\n",
            &[],
        ),
        case(
            "templates",
            "create table {{ schema }}.a (id int primary key);\nselect ${x};\ndrop table <%= t %>;\n",
            &[],
        ),
        case("10,000 nested parentheses", [vec![b'('; 10_000], vec![b')'; 10_000]].concat(), &["1:"]),
        case("100,000 terms of AND", syntax("select true", " and true", ";", 100_000), &[]),
        case("60 terms of ||", syntax("select 'a'", " || 'b'", ";", 60), &[]),
        case("4,000 terms of ||", syntax("select 'a'", " || 'b'", ";", 4_000), &[]),
        case("500 nested subselects", syntax("", "select (", &["1", &")".repeat(500), ";"].concat(), 500), &[]),
        case(
            "5 MB of INSERTs",
            syntax(
                "create table a (b bigint generated always as identity primary key, c text);\n",
                "insert into a (c) values ('some text');\n",
                "",
                130_000,
            ),
            &[],
        ),
        case(
            "50 MB in one file",
            syntax(
                "create table a (b int primary key, c text);\ninsert into a values (1, 'some text')",
                ",\n(1, 'some text that is longer')",
                ";",
                1_600_000,
            ),
            &[],
        ),
    ]
}

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> =
        cases().into_iter().map(|case| Trial::test(format!("input {}", case.name), move || check(&case))).collect();
    let others: [(&str, fn() -> Result<(), Failed>); 8] = [
        ("unreadable file", unreadable_file),
        ("missing path", missing_path),
        ("directory loop", directory_loop),
        ("truncated JSON", truncated_json),
        ("JSON that is no plan", no_plan),
        ("200 MB of plans", many_plans),
        ("standard input", standard_input),
        ("closed pipe", closed_pipe),
    ];
    trials.extend(others.map(|(name, run)| Trial::test(format!("input {name}"), run)));
    trials
}

fn check(case: &Case) -> Result<(), Failed> {
    let folder = support::folder(&[("1_bad.sql", &case.bytes), ("2_other.sql", OTHER.as_bytes())]);
    let ran = pglint(folder.path(), &["--format", "short", "."]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let (other, bad) = lines.split_last().ok_or_else(|| format!("nothing was found\n{}", ran.stderr))?;
    if *other != OTHER_FOUND.trim_end() {
        return Err(format!("the other file was not linted\n{}", ran.stdout).into());
    }
    let expected: Vec<String> = case.found.iter().map(|found| format!("1_bad.sql:{found}")).collect();
    let same = expected.len() == bad.len()
        && bad.iter().zip(&expected).all(|(found, expected)| found.starts_with(expected.as_str()));
    if !same {
        return Err(format!("expected {expected:#?}, found {bad:#?}").into());
    }
    expect_status(&ran, 1)
}

fn expect_status(ran: &Ran, status: i32) -> Result<(), Failed> {
    if ran.status == Some(status) {
        return Ok(());
    }
    Err(format!("exit status {:?}, expected {status}\n{}{}", ran.status, ran.stdout, ran.stderr).into())
}

fn expect_line(ran: &Ran, start: &str) -> Result<(), Failed> {
    if ran.stdout.lines().any(|line| line.starts_with(start)) {
        return Ok(());
    }
    Err(format!("no line starts with {start}\n{}{}", ran.stdout, ran.stderr).into())
}

fn unreadable_file() -> Result<(), Failed> {
    let folder = support::folder(&[("2_other.sql", OTHER.as_bytes())]);
    let path = folder.path().join("1_bad.sql");
    make_unreadable(&path)?;
    let ran = pglint(folder.path(), &["--format", "short", "."]);
    expect_line(&ran, "1_bad.sql:1:1: error: cannot read 1_bad.sql: ")?;
    expect_line(&ran, OTHER_FOUND.trim_end())?;
    expect_status(&ran, 2)
}

/// Takes away the permission to read; root reads all the same, so it gets a file that no one can.
fn make_unreadable(path: &Path) -> Result<(), Failed> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, "select 1;")?;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o0))?;
    if std::fs::read(path).is_ok() {
        std::fs::remove_file(path)?;
        std::os::unix::fs::symlink("/proc/self/mem", path)?;
    }
    Ok(())
}

fn missing_path() -> Result<(), Failed> {
    let folder = support::folder(&[("2_other.sql", OTHER.as_bytes())]);
    let ran = pglint(folder.path(), &["--format", "short", "nowhere", "2_other.sql"]);
    expect_line(&ran, "nowhere:1:1: error: cannot read nowhere: no such file or folder [unreadable_file]")?;
    expect_line(&ran, OTHER_FOUND.trim_end())?;
    expect_status(&ran, 2)
}

fn directory_loop() -> Result<(), Failed> {
    let folder = support::folder(&[("sub/2_other.sql", OTHER.as_bytes())]);
    std::os::unix::fs::symlink("..", folder.path().join("sub/up"))?;
    let ran = pglint(folder.path(), &["--format", "short", "."]);
    expect_line(&ran, "sub/up:1:1: info: cannot read sub/up: links back to a folder above it")?;
    expect_line(&ran, &format!("sub/{}", OTHER_FOUND.trim_end()))?;
    expect_status(&ran, 1)
}

fn truncated_json() -> Result<(), Failed> {
    let text = "[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Seq Scan\",\n";
    let folder = support::folder(&[("plans/bad.json", text.as_bytes()), ("2_other.sql", OTHER.as_bytes())]);
    let ran = pglint(folder.path(), &["--format", "short", "."]);
    expect_line(&ran, "plans/bad.json:4:30: warning: the plan is cut off [unreadable_plan]")?;
    expect_line(&ran, OTHER_FOUND.trim_end())?;
    expect_status(&ran, 1)
}

fn no_plan() -> Result<(), Failed> {
    let folder = support::folder(&[("plans/bad.json", b"{\"a\": 1}"), ("package.json", b"{\"name\": 1}")]);
    let ran = pglint(folder.path(), &["--format", "short", "plans"]);
    expect_line(&ran, "plans/bad.json:1:")?;
    expect_status(&ran, 1)?;
    let folder = support::folder(&[("package.json", b"{\"name\": 1}"), ("1_a.sql", b"select 1;")]);
    expect_status(&pglint(folder.path(), &["."]), 0)
}

fn many_plans() -> Result<(), Failed> {
    let plan = r#"[{"Plan": {"Node Type": "Result", "Startup Cost": 0.0, "Total Cost": 0.01, "Plan Rows": 1, "Plan Width": 4}}]"#;
    let padded = format!("{plan}{}", " ".repeat((2 << 20) - plan.len()));
    let names: Vec<String> = (0..100).map(|number| format!("plans/{number}.json")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), padded.as_bytes())).collect();
    let folder = support::folder(&files);
    let ran = pglint(folder.path(), &["plans"]);
    expect_status(&ran, 0)?;
    let summary = "no findings in 100 plans";
    if ran.stderr.contains(summary) { Ok(()) } else { Err(format!("no {summary} in {}", ran.stderr).into()) }
}

fn standard_input() -> Result<(), Failed> {
    let folder = support::folder(&[]);
    let ran = support::pglint_with_input(folder.path(), &["--format", "short", "-"], b"create tabel a ();");
    expect_line(&ran, "<stdin>:1:8: error: syntax error at or near \"tabel\" [syntax_error]")?;
    expect_status(&ran, 1)
}

/// Who reads our output may stop whenever it likes.
fn closed_pipe() -> Result<(), Failed> {
    let names: Vec<String> = (0..2000).map(|number| format!("{number}_a.sql")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), OTHER.as_bytes())).collect();
    let folder = support::folder(&files);
    let script = format!("{} . | head -n 1; exit ${{PIPESTATUS[0]}}", support::BINARY);
    let output = std::process::Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if stderr.contains("panicked") || output.status.code() != Some(0) {
        return Err(format!("status {:?}\n{stderr}", output.status.code()).into());
    }
    Ok(())
}
