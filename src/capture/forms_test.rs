//! One plan in forms that no sample file shows: each made here from the plain one.

use super::tests::{folder, shape};
use super::*;
use crate::source::FileId;

fn json() -> String {
    std::fs::read_to_string(folder("formats/filter.pg18.json")).unwrap().trim_end().to_owned()
}

fn text() -> String {
    std::fs::read_to_string(folder("formats/filter.pg18.text.txt")).unwrap().trim_end().to_owned()
}

/// Reads a form and holds its one plan against the plain one.
fn assert_same(name: &str, form: &str, plain: &str) -> Plan {
    let expected = shape(&read(FileId(0), plain).plans[0]);
    let mut reading = read(FileId(0), form);
    assert_eq!(reading.problems, [], "{name}");
    assert_eq!(reading.plans.len(), 1, "{name}\n{}", &form[..form.len().min(400)]);
    let found = shape(&reading.plans[0]);
    let same = found.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
    let from = same.saturating_sub(60);
    assert!(found == expected, "{name}: {} for {}", tail(&found, from), tail(&expected, from));
    reading.plans.remove(0)
}

fn tail(text: &str, from: usize) -> String {
    text.chars().skip(from).take(200).collect()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn each_line(text: &str, line: impl Fn(&str) -> String) -> String {
    text.lines().map(|one| line(one) + "\n").collect()
}

/// A psql table of border 2.
fn boxed(text: &str, rule: &str, separator: &str, mark: &str) -> String {
    let width = text.lines().map(|line| line.chars().count()).max().unwrap_or(0).max(10);
    let rule = rule.replace('-', &"-".repeat(width + 2));
    let separator = separator.replace('-', &"-".repeat(width + 2));
    let last = text.lines().count();
    let rows: String = text
        .lines()
        .enumerate()
        .map(|(at, line)| format!("| {line:width$}{}|\n", if at + 1 < last { mark } else { " " }))
        .collect();
    format!("{rule}\n| {:^width$} |\n{separator}\n{rows}{rule}\n(1 row)\n", "QUERY PLAN")
}

#[test]
fn json_in_tables_and_envelopes() {
    let json = json();
    let envelope = format!("{{\"result\": [{{\"QUERY PLAN\": {json}}}], \"error\": null}}");
    assert_same("an API's envelope", &envelope, &json);
    assert_same("border 2", &boxed(&json, "+-+", "+-+", "+"), &json);
    assert_same("prose around it", &format!("It was slow:\n\n{json}\n\nWhy? See [1].\n"), &json);
    assert_same("cited", &each_line(&json, |line| format!("> {line}")), &json);
    assert_same("indented", &each_line(&json, |line| format!("    {line}")), &json);
    assert_same("CRLF", &json.replace('\n', "\r\n"), &json);
    let one_line: String = json.lines().map(str::trim).collect();
    assert_same("one line", &one_line, &json);
    let twice = quoted(&quoted(&json));
    assert_same("a string in a string", &twice, &json);
}

#[test]
fn json_that_a_terminal_broke_at_its_width() {
    let json = json();
    for width in [60, 72, 80] {
        let broken = each_line(&json, |line| {
            let characters: Vec<char> = line.chars().collect();
            characters.chunks(width).map(String::from_iter).collect::<Vec<_>>().join("\n")
        });
        assert_same("hard wraps", &broken, &json);
    }
}

#[test]
fn keys_in_any_order() {
    // jsonb sorts keys by length, so that Plans come before most of a node's own keys.
    fn reordered(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Array(all) => {
                format!("[{}]", all.iter().map(reordered).collect::<Vec<_>>().join(","))
            }
            serde_json::Value::Object(map) => {
                let mut keys: Vec<_> = map.iter().collect();
                keys.sort_by_key(|(key, _)| (key.len(), (*key).clone()));
                let pairs = keys.into_iter().map(|(key, value)| format!("{}:{}", quoted(key), reordered(value)));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
            }
            other => other.to_string(),
        }
    }
    let json = json();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let plan = read(FileId(0), &reordered(&value)).plans.remove(0);
    let expected = read(FileId(0), &json).plans.remove(0);
    for (node, expected) in plan.nodes().zip(expected.nodes()) {
        assert_eq!(node.node_type, expected.node_type);
        assert_eq!(node.exclusive_time(), expected.exclusive_time());
        assert!(node.key_span(Key::NodeType).is_some());
    }
}

#[test]
fn text_in_tables_and_rows() {
    let text = text();
    let rows = |line: &str| format!("{{\"QUERY PLAN\": {}}}", quoted(line));
    let rows = text.lines().map(rows).collect::<Vec<_>>().join(",\n");
    assert_same("rows of a driver", &format!("[{rows}]"), &text);
    let strings = text.lines().map(quoted).collect::<Vec<_>>().join(",");
    assert_same("an array of lines", &format!("{{\"plan\": [{strings}]}}"), &text);
    assert_same("one string", &format!("{{\"QUERY PLAN\": {}}}", quoted(&text)), &text);
    assert_same("border 2", &boxed(&text, "+-+", "+-+", " "), &text);
    assert_same("pgcli", &boxed(&text, "+-+", "|-|", " "), &text);
    let doubled = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    assert_same("CSV", &format!("QUERY PLAN\n{}", each_line(&text, doubled)), &text);
    assert_same("quoted lines", &each_line(&text, |line| format!("\"{line}\"")), &text);
    assert_same("Markdown", &format!("See:\n\n```\n{text}\n```\n"), &text);
    let records = text.lines().enumerate();
    let expanded: String =
        records.map(|(at, line)| format!("-[ RECORD {} ]----\nQUERY PLAN | {line}\n", at + 1)).collect();
    assert_same("expanded", &expanded, &text);
    let numbered: String = text.lines().enumerate().map(|(at, line)| format!("{} {line}\n", at + 1)).collect();
    assert_same("numbered", &numbered, &text);
    // The first line's margin is what a copy loses most easily.
    let shifted = each_line(&text, |line| format!(" {line}"));
    assert_same("shifted", shifted.trim_start(), &text);
}

#[test]
fn rows_in_the_notation_of_languages() {
    let (json, text) = (json(), text());
    let each = |row: &dyn Fn(&str) -> String| text.lines().map(row).collect::<Vec<_>>().join(", ");
    let python = |line: &str| format!("'{}'", line.replace('\\', "\\\\").replace('\'', "\\'"));
    let forms = [
        ("Ruby's hashes", format!("[{}]\n", each(&|line| format!("{{\"QUERY PLAN\"=>{}}}", quoted(line))))),
        ("asyncpg's records", format!("[{}]\n", each(&|line| format!("<Record QUERY PLAN={}>", python(line))))),
        ("Java's maps", format!("[{}]\n", each(&|line| format!("{{QUERY PLAN={line}}}")))),
        ("Go's strings", format!("[]string{{{}}}\n", each(&quoted))),
        ("Go's maps", each_line(&text, |line| format!("map[QUERY PLAN:{line}]"))),
        ("Python's tuples", each_line(&text, |line| format!("({},)", python(line)))),
        (
            "Elixir's result",
            format!("%Postgrex.Result{{\n  rows: [\n    {}\n  ]\n}}\n", each(&|line| format!("[{}]", quoted(line)))),
        ),
        (
            "PHP's array",
            each_line(&text, |line| {
                format!("    [0] => Array\n        (\n            [QUERY PLAN] => {line}\n        )\n")
            }),
        ),
        (
            "INSERT statements",
            each_line(&text, |line| format!("insert into t values ('{}');", line.replace('\'', "''"))),
        ),
        ("comments", each_line(&text, |line| format!("-- {line}"))),
        ("added lines", each_line(&text, |line| format!("+{line}"))),
    ];
    for (name, form) in forms {
        assert_same(name, &form, &text);
    }
    let record = format!("[<Record QUERY PLAN={}>]\n", python(&json).replace('\n', "\\n"));
    assert_same("asyncpg's record with a document", &record, &json);
}

#[test]
fn logs_of_every_format() {
    let json = json();
    let object = json.trim().trim_start_matches('[').trim_end_matches(']').trim();
    let message = format!("duration: 53.4 ms  plan:\n{object}");
    let doubled = message.replace('"', "\"\"");
    let csv = format!(
        "2025-06-01 10:00:00.123 UTC,\"app\",\"app\",4242,\"10.0.0.1:5000\",683c.1092,3,\"SELECT\",2025-06-01 09:00:00 UTC,\
         4/7,0,LOG,00000,\"{doubled}\",,,,,,,,,\"psql\",\"client backend\",,0\n"
    );
    let plan = assert_same("csvlog", &format!("{}{csv}{}", other_csv(), other_csv()), &json);
    let log = plan.log.unwrap();
    assert_eq!((&*log.timestamp, &*log.session, log.duration), ("2025-06-01 10:00:00.123 UTC", "4242", 53.4));

    let line = |message: &str| {
        format!(
            "{{\"timestamp\":\"2025-06-01 10:00:00.123 UTC\",\"session_id\":\"683c.1092\",\"message\":{}}}\n",
            quoted(message)
        )
    };
    let plan = assert_same("jsonlog", &(line("checkpoint starting: time") + &line(&message)), &json);
    let log = plan.log.unwrap();
    assert_eq!((&*log.timestamp, &*log.session, log.duration), ("2025-06-01 10:00:00.123 UTC", "683c.1092", 53.4));

    let mut lines = message.lines();
    let first = lines.next().unwrap();
    let rest: String = lines
        .enumerate()
        .map(|(at, line)| format!("Jun  1 10:00:00 db postgres[7]: [5-{}] #011{line}\n", at + 2))
        .collect();
    let plan = assert_same("syslog", &format!("Jun  1 10:00:00 db postgres[7]: [5-1] LOG:  {first}\n{rest}"), &json);
    assert_eq!(&*plan.log.unwrap().session, "7");
}

fn other_csv() -> &'static str {
    "2025-06-01 10:00:00.001 UTC,,,99,,683c.63,1,,2025-06-01 09:00:00 UTC,,0,LOG,00000,\"checkpoint starting: \"\"time\"\"\",,,,,,,,,\"\",\"checkpointer\",,0\n"
}

#[test]
fn text_of_old_servers() {
    let text = "\
 Nested Loop  (cost=0.29..16.60 rows=1 width=8) (actual time=0.031..0.033 rows=1 loops=1)
   InitPlan 1 (returns $0)
     ->  Result  (cost=0.00..0.01 rows=1 width=0) (actual time=0.002..0.002 rows=1 loops=1)
   CTE recent
     ->  Seq Scan on orders o_1  (cost=0.00..8.30 rows=1 width=4) (never executed)
           Filter: (note = 'a
b: c'::text)
   ->  Index Scan Backward using \"Orders_pkey\" on \"Orders\" o  (cost=0.29..8.30 rows=1 width=4) (actual time=0.021..0.022 rows=1 loops=1)
         Index Cond: (id = $0)
   ->  Hash Left Join  (cost=0.29..8.30 rows=1 width=4) (actual time=0.005..0.006 rows=1 loops=1)
         Hash Cond: (a.x = b.x)
         SubPlan 2
           ->  HashAggregate  (cost=0.00..0.01 rows=1 width=0) (actual time=0.002..0.002 rows=1 loops=1)
                 Group Key: lower(a), (b + 1)
         ->  CTE Scan on recent  (cost=0.00..0.01 rows=1 width=0) (actual time=0.002..0.002 rows=1 loops=1)
         ->  Hash  (cost=0.00..0.01 rows=1 width=0) (actual time=0.002..0.002 rows=1 loops=1)
               Buckets: 2048 (originally 1024)  Batches: 2 (originally 1)  Memory Usage: 9kB
               ->  Parallel Seq Scan on b  (cost=0.00..0.01 rows=1 width=0) (actual time=0.002..0.002 rows=1 loops=1)
 Trigger for constraint orders_fkey on orders: time=1.250 calls=3
 Total runtime: 4.567 ms
(20 rows)
";
    let plan = read(FileId(0), text).plans.remove(0);
    let types: Vec<&str> = plan.nodes().map(|node| node.get().node_type.name()).collect();
    assert_eq!(
        types,
        ["Nested Loop", "Result", "Seq Scan", "Index Scan", "Hash Join", "Aggregate", "CTE Scan", "Hash", "Seq Scan"]
    );
    let parents: Vec<Option<u32>> = plan.nodes().map(|node| node.get().parent.map(|id| id.0)).collect();
    assert_eq!(parents, [None, Some(0), Some(0), Some(0), Some(0), Some(4), Some(4), Some(4), Some(7)]);
    let node = |id: u32| plan.node(NodeId(id)).get();
    assert_eq!(node(1).subplan_name.as_deref(), Some("InitPlan 1 (returns $0)"));
    assert_eq!((node(2).cte(), node(2).never_executed()), (Some("recent"), true));
    assert_eq!(node(2).filter.as_deref(), Some("(note = 'a\nb: c'::text)"));
    assert_eq!(node(3).index_name.as_deref(), Some("Orders_pkey"));
    assert_eq!((node(3).relation_name.as_deref(), node(3).alias.as_deref()), (Some("Orders"), Some("o")));
    assert_eq!(node(3).scan_direction.as_deref(), Some("Backward"));
    assert_eq!(node(4).join_type.as_deref(), Some("Left"));
    assert_eq!(node(4).parent_relationship, Some(ParentRelationship::Inner));
    assert_eq!(node(5).group_key.join("; "), "lower(a); (b + 1)");
    let hash = node(7).hash.as_ref().unwrap();
    assert_eq!((hash.batches, hash.original_batches, hash.peak_memory_usage), (2, 1, 9));
    assert!(node(8).parallel_aware);
    assert_eq!(plan.execution_time, Some(4.567));
    assert_eq!(plan.triggers[0].constraint_name.as_deref(), Some("orders_fkey"));
    assert_eq!(plan.triggers[0].time, Some(1.25));
    assert_eq!(
        &text[plan.node(NodeId(3)).type_span().range()],
        "Index Scan Backward using \"Orders_pkey\" on \"Orders\" o"
    );
}

#[test]
fn text_without_costs_and_structure_of_jit_and_planning() {
    let text = "Limit\n  ->  Seq Scan on posts\n        Filter: (id = 1)\n";
    let plan = read(FileId(0), text).plans.remove(0);
    assert_eq!(plan.len(), 2);
    let text = "\
Aggregate  (cost=1.00..2.00 rows=1 width=8) (actual time=100.000..101.000 rows=1.00 loops=1)
  Buffers: shared hit=3 read=4, temp read=5 written=6
  I/O Timings: shared read=1.500, temp read=2.000 write=3.000
  ->  Incremental Sort  (cost=1.00..2.00 rows=1 width=8) (actual time=1.000..2.000 rows=1.00 loops=1)
        Sort Key: a, b DESC
        Presorted Key: a
        Full-sort Groups: 500  Sort Method: quicksort  Average Memory: 31kB  Peak Memory: 32kB
        Pre-sorted Groups: 400  Sort Methods: quicksort, external merge  Average Memory: 30kB  Peak Memory: 31kB  Average Disk: 824kB  Peak Disk: 830kB
        ->  Result  (cost=1.00..2.00 rows=1 width=8) (actual rows=1.00 loops=1)
Settings: work_mem = '64kB', jit_above_cost = '0'
Planning:
  Buffers: shared hit=10 read=2
  Memory: used=19kB  allocated=64kB
Planning Time: 0.500 ms
JIT:
  Functions: 21
  Options: Inlining true, Optimization false, Expressions true, Deforming true
  Timing: Generation 1.258 ms (Deform 0.500 ms), Inlining 2.000 ms, Optimization 3.000 ms, Emission 4.000 ms, Total 10.258 ms
Serialization: time=0.100 ms  output=25kB  format=text
Execution Time: 120.000 ms
";
    let plan = read(FileId(0), text).plans.remove(0);
    let root = plan.root().get();
    let buffers = root.buffers.as_ref().unwrap();
    assert_eq!((buffers.shared_hit, buffers.shared_read, buffers.temp_read, buffers.temp_written), (3, 4, 5, 6));
    assert_eq!((buffers.shared_read_time, buffers.temp_write_time), (1.5, 3.0));
    let sort = plan.node(NodeId(1)).get();
    assert_eq!(sort.sort_key.len(), 2);
    let groups = sort.sort.as_ref().unwrap().pre_sorted_groups.as_ref().unwrap();
    assert_eq!((groups.count, groups.methods.len(), groups.disk.unwrap().peak), (400, 2, 830));
    assert_eq!(plan.setting("work_mem"), Some("64kB"));
    assert_eq!(plan.planning_buffers.as_ref().unwrap().shared_hit, 10);
    assert_eq!(plan.planning_memory_allocated, Some(64));
    let jit = plan.jit.as_ref().unwrap();
    assert_eq!((jit.functions, jit.total_time, jit.generation_time), (21, Some(10.258), 1.258));
    assert!(jit.inlining && !jit.optimization);
    assert_eq!(plan.serialization.as_ref().unwrap().output_volume, 25);
    assert_eq!((plan.planning_time, plan.execution_time), (Some(0.5), Some(120.0)));
}

#[test]
fn what_is_no_plan_is_none() {
    let others = [
        "",
        "\u{feff}",
        "{}",
        "[]",
        "[{\"Plan\": \"premium\"}]",
        "{\"name\": \"app\", \"scripts\": {\"plan\": \"x\"}}",
        "[{\"Plan\": {}}]",
        "# Title\n\nThe Limit is 5. Sort of.\n",
        "select 1;\n",
        "Result\n",
        "{\"query_block\": {\"select_id\": 1, \"cost_info\": {\"query_cost\": \"1.00\"}}}",
    ];
    for other in others {
        let reading = read(FileId(0), other);
        assert!(reading.plans.is_empty() && reading.problems.is_empty(), "{other:?}: {reading:?}");
    }
}

#[test]
fn unknown_keys_and_nodes_are_kept() {
    let text = r#"[{"Plan": {"Node Type": "Warp Scan", "Warp Factor": [9, {"a": 1}], "Plans": [{"Node Type": "Result"}]},
        "Citus": {"Plan": 3}, "Total Runtime": 1.5}]"#;
    let plan = read(FileId(0), text).plans.remove(0);
    assert_eq!(plan.root().node_type, NodeType::Other("Warp Scan".into()));
    let extra = &plan.root().get().extra[0];
    assert_eq!((&*extra.name, &text[extra.value.range()]), ("Warp Factor", "\"Warp Factor\": [9, {\"a\": 1}]"));
    assert_eq!((plan.len(), plan.extra.len(), plan.execution_time), (2, 1, Some(1.5)));
}

#[test]
fn deep_plans_cost_no_stack() {
    let deep = 50_000;
    let open = r#"{"Node Type": "Append", "Actual Total Time": 1.0, "Actual Loops": 1, "Plans": ["#;
    let text = format!("[{{\"Plan\": {}{}}}]", open.repeat(deep), "]}".repeat(deep));
    let plan = read(FileId(0), &text).plans.remove(0);
    assert_eq!(plan.len(), deep);
    assert_eq!(plan.nodes().map(|node| node.exclusive_time().unwrap()).sum::<f64>(), 1.0);
}

#[test]
fn all_that_psql_prints() {
    let text = std::fs::read_to_string(folder("psql.json")).unwrap();
    let forms: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    for (name, form) in &forms {
        let plain = &forms[&format!("plain {}", name.split([' ', ',']).find(|word| *word != "plain").unwrap())];
        assert_same(name, form, plain);
    }
}

#[test]
fn what_containers_and_journals_put_before_lines() {
    let object = json().trim().trim_start_matches('[').trim_end_matches(']').trim().to_owned();
    let entry = format!("LOG:  duration: 53.4 ms  plan:\n{}", each_line(&object, |line| format!("\t{line}")));
    let stamp = "2025-06-01T10:00:00.123456789Z";
    for prefix in ["db-1  | ", &format!("{stamp} "), &format!("{stamp} stderr F "), "[pod/db-0/postgres] "] {
        let form = each_line(&entry, |line| format!("{prefix}{line}"));
        assert_eq!(assert_same(prefix, &form, &json()).log.unwrap().duration, 53.4);
    }
    let docker =
        each_line(&entry, |line| format!("{{\"log\":{},\"stream\":\"stderr\"}}", quoted(&format!("{line}\n"))));
    assert_same("docker's own file", &docker, &json());
    let journal = each_line(&entry, |line| format!("Jun 01 10:00:00 db postgres[7]: {line}"));
    assert_same("journal", &journal, &json());
    for blanks in ["    ", "        "] {
        assert_same("tabs as blanks", &entry.replace('\t', blanks), &json());
    }
}

#[test]
fn what_drivers_and_pages_show() {
    let (json, text) = (json(), text());
    // A string that holds a quote is shown in the other ones.
    let single = |line: &str| if line.contains('\'') { line.to_owned() } else { line.replace('"', "'") };
    let single = each_line(&json, single);
    let python = single.replace("false", "False").replace("true", "True");
    assert_same("psycopg", &format!("[({python},)]"), &json);
    let node = single.replace("'Plan'", "Plan");
    assert_same("node", &format!("[ {{ 'QUERY PLAN': {node} }} ]"), &json);
    let rows: String = text.lines().map(|line| format!("('{}',), ", line.replace('\'', "\\'"))).collect();
    assert_same("rows of psycopg", &format!("[{rows}]"), &text);
    let lines = each_line(&text, |line| format!("{{\"QUERY PLAN\":{}}}", quoted(line)));
    assert_same("rows as lines", &lines, &text);
    assert_same("colours", &format!("\u{1b}[32m{}\u{1b}[0m", json.replace('\n', "\u{1b}[0m\n\u{1b}[32m")), &json);
    assert_same("spaces that do not break", &text.replace("  ", "\u{a0} "), &text);
    assert_same("a page", &format!("<pre>{}</pre>", text.replace('>', "&gt;").replace('"', "&quot;")), &text);
    assert_same("a mail", &each_line(&text, |line| format!("{line}\n")), &text);
    let last = text.lines().count();
    let grep: String = text.lines().zip(1..).map(|(line, at)| format!("plan.txt:{at}:{line}\n")).collect();
    assert_same("grep", &grep, &text);
    assert_same("a logger", &each_line(&text, |line| format!("10:00:00.123 DEBUG [main] sql : {line}")), &text);
    let field = format!("level=info msg=\"slow query\" plan={} n={last}\n", quoted(&text));
    assert_same("logfmt", &field, &text);
    let asciidoc = each_line(&text, |line| format!("<l|{}", line.replace('|', "\\|")));
    assert_same(
        "asciidoc",
        &format!("[cols=\"<l\"]\n|====\n^l|QUERY PLAN\n{asciidoc}|====\n\n....\n(9 rows)\n....\n"),
        &text,
    );
    assert_same("arrows", &text.replace("->  ", "→  "), &text);
    for format in ["yaml", "xml"] {
        let plain = std::fs::read_to_string(folder(&format!("formats/filter.pg18.{format}.txt"))).unwrap();
        let escaped = plain.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert_same("a page", &format!("<html><body><pre>{escaped}</pre></body></html>"), &plain);
        let quoted = format!("QUERY PLAN;\n\"{}\";\n", plain.trim_end().replace('"', "\"\""));
        assert_same("CSV with semicolons", &quoted, &plain);
    }
    let yaml = std::fs::read_to_string(folder("formats/filter.pg18.yaml.txt")).unwrap();
    assert_same("tabs", &yaml.replace("  ", "\t").replacen("-\t", "- ", 1), &yaml);
    assert_same("a chat", &format!("look:\n```{text}```\n"), &text);
    assert_same("cited twice", &each_line(&text, |line| format!("> > {line}")), &text);
}
