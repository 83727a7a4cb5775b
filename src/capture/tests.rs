//! The readers and the model over the captured plans in `testdata/plans`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::source::{FileId, Span};

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plans").join(name)
}

/// Every file of a folder with its name, sorted.
pub(crate) fn files(name: &str, extension: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder(name)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

pub(crate) fn plans(text: &str) -> Vec<Plan> {
    let reading = read(FileId(0), text);
    assert_eq!(reading.problems, []);
    reading.plans
}

/// The nodes of serde_json's reading, in document order.
fn values<'a>(node: &'a Value, all: &mut Vec<&'a Value>) {
    all.push(node);
    for child in node["Plans"].as_array().into_iter().flatten() {
        values(child, all);
    }
}

#[test]
fn every_node_is_what_serde_json_reads() {
    for (name, text) in files("corpus", "json") {
        let whole: Value = serde_json::from_str(&text).unwrap();
        let plans = plans(&text);
        let with_plan: Vec<_> = whole.as_array().unwrap().iter().filter(|one| one.get("Plan").is_some()).collect();
        assert_eq!(plans.len(), with_plan.len(), "{name}");
        for (plan, value) in plans.iter().zip(with_plan) {
            let mut expected = Vec::new();
            values(&value["Plan"], &mut expected);
            assert_eq!(plan.len(), expected.len(), "{name}");
            assert_eq!(plan.query_identifier, value["Query Identifier"].as_i64(), "{name}");
            assert_eq!(plan.execution_time, value["Execution Time"].as_f64(), "{name}");
            for (node, value) in plan.nodes().zip(expected) {
                assert_node(&name, &text, node, value);
            }
        }
    }
}

fn assert_node(name: &str, text: &str, node: NodeRef<'_>, value: &Value) {
    let string = |key: &str| value[key].as_str();
    let number = |key: &str| value[key].as_f64();
    assert_eq!(Some(node.node_type.name()), string("Node Type"), "{name}");
    assert!(!matches!(node.node_type, NodeType::Other(_)), "{name}: {}", node.node_type);
    assert!(node.extra.is_empty(), "{name}: {:?}", node.extra);
    assert_eq!(node.relation_name.as_deref(), string("Relation Name"), "{name}");
    assert_eq!(node.filter.as_deref(), string("Filter"), "{name}");
    assert_eq!(node.actual_rows, number("Actual Rows"), "{name}");
    assert_eq!(node.actual_loops, number("Actual Loops"), "{name}");
    assert_eq!(node.plan_rows, number("Plan Rows"), "{name}");
    let sort_key = value["Sort Key"].as_array().map_or(0, Vec::len);
    assert_eq!(node.sort_key.len(), sort_key, "{name}");
    assert_eq!(node.workers.len(), value["Workers"].as_array().map_or(0, Vec::len), "{name}");
    let read = node.buffers.as_ref().map(|buffers| buffers.shared_read);
    assert_eq!(read, value["Shared Read Blocks"].as_u64(), "{name}");
    assert_eq!(&text[node.type_span().range()], format!("\"Node Type\": \"{}\"", node.node_type), "{name}");
    assert!(text[node.span.range()].starts_with('{') && text[node.span.range()].ends_with('}'), "{name}");
    let children: Vec<_> = node.children().map(|child| child.node_type.name().to_owned()).collect();
    let expected = value["Plans"].as_array().map_or(Vec::new(), |plans| plans.iter().map(node_type).collect());
    assert_eq!(children, expected, "{name}");
}

fn node_type(value: &Value) -> String {
    value["Node Type"].as_str().unwrap().to_owned()
}

#[test]
fn no_time_is_negative_and_all_add_up_to_the_root() {
    for (name, text) in files("corpus", "json") {
        for plan in plans(&text) {
            let Some(root) = plan.root().inclusive_time() else { continue };
            let late = late_time(&plan);
            let sum: f64 = plan.nodes().map(|node| node.exclusive_time().unwrap()).sum();
            assert!(plan.nodes().all(|node| node.exclusive_time().unwrap() >= 0.0), "{name}");
            assert!((sum - root - late).abs() < 1e-6, "{name}: {sum} for {root} + {late}");
            assert_buffers(&name, &plan);
        }
    }
}

/// What data-modifying CTEs took after the root was done.
fn late_time(plan: &Plan) -> f64 {
    let read: Vec<_> = plan.nodes().filter_map(|node| node.get().cte_name.as_deref()).collect();
    let ctes = plan.nodes().filter(|node| node.cte().is_some_and(|cte| !read.contains(&cte)));
    let subtrees = ctes.map(|cte| {
        let below: f64 = cte.descendants().map(|node| node.exclusive_time().unwrap()).sum();
        below + cte.exclusive_time().unwrap()
    });
    subtrees.sum()
}

fn assert_buffers(name: &str, plan: &Plan) {
    let Some(root) = &plan.root().get().buffers else { return };
    let late = plan.nodes().any(|node| node.cte().is_some() && node.node_type == NodeType::ModifyTable);
    let own: Vec<_> = plan.nodes().map(|node| node.exclusive_buffers().unwrap()).collect();
    let hit: u64 = own.iter().map(|buffers| buffers.shared_hit).sum();
    let written: u64 = own.iter().map(|buffers| buffers.temp_written).sum();
    assert!(late || hit == root.shared_hit, "{name}: {hit} for {}", root.shared_hit);
    assert!(late || written == root.temp_written, "{name}: {written} for {}", root.temp_written);
}

/// What must be the same however a plan was printed: everything but places, the format and the log.
pub(crate) fn shape(plan: &Plan) -> String {
    let nodes = plan.nodes().map(|node| {
        let mut node = node.get().clone();
        node.span = Span::NONE;
        node.keys = 0..0;
        format!("{node:?}\n")
    });
    let nodes: String = nodes.collect();
    let triggers: Vec<_> = plan.triggers.iter().map(|trigger| (&trigger.name, trigger.time)).collect();
    format!(
        "{nodes}{:?} {:?} {:?} {:?} {:?} {triggers:?}",
        plan.planning_time, plan.execution_time, plan.planning_buffers, plan.settings, plan.query_identifier
    )
}

#[derive(serde::Deserialize)]
struct Form {
    file: String,
    same_plan_as: Option<String>,
}

#[test]
fn every_form_is_the_same_plan() {
    let manifest = std::fs::read_to_string(folder("formats/MANIFEST.json")).unwrap();
    let forms: Vec<Form> = serde_json::from_str(&manifest).unwrap();
    assert!(forms.len() > 100);
    for form in forms {
        let text = std::fs::read_to_string(folder("formats").join(&form.file)).unwrap();
        let Some(same) = &form.same_plan_as else { continue };
        let original = std::fs::read_to_string(folder("formats").join(same)).unwrap();
        let expected = shape(&plans(&original)[0]);
        let count = if form.file.contains(".twice.") { 2 } else { 1 };
        let found = plans(&text);
        assert_eq!(found.len(), count, "{}", form.file);
        for plan in found {
            assert_eq!(shape(&plan), expected, "{}", form.file);
            assert_key_spans(&form.file, &text, &plan);
        }
    }
}

/// Each place holds what it is the place of, whatever decorates the lines.
fn assert_key_spans(name: &str, text: &str, plan: &Plan) {
    for node in plan.nodes() {
        let found = &text[node.type_span().range()];
        let words = found.contains("Node Type") && found.contains(node.node_type.name());
        assert!(words, "{name}: {found}");
    }
}

#[test]
fn a_plan_that_is_cut_off_is_refused_with_the_place() {
    for (name, text) in files("formats", "json").into_iter().filter(|(name, _)| name.ends_with(".truncated")) {
        let reading = read(FileId(0), &text);
        assert!(reading.plans.is_empty(), "{name}");
        let [problem] = reading.problems.as_slice() else { panic!("{name}: {:?}", reading.problems) };
        assert_eq!(problem.message, "the plan is cut off", "{name}");
        assert_eq!(problem.span.end as usize, text.trim_end().len(), "{name}");
    }
}

#[test]
fn plans_of_other_formats_have_the_same_tree() {
    for (name, text) in files("formats", "txt").into_iter().chain(files("formats", "log")) {
        let other = [".text", ".yaml", ".xml", ".plain-text", ".auto_explain"];
        if !other.iter().any(|part| name.contains(part)) {
            continue;
        }
        let base = name.split('.').take(2).collect::<Vec<_>>().join(".");
        let original = std::fs::read_to_string(folder("formats").join(format!("{base}.json"))).unwrap();
        let expected = &plans(&original)[0];
        let found = plans(&text);
        assert_eq!(found.len(), 1, "{name}");
        assert_same_tree(&name, &found[0], expected);
    }
}

fn assert_same_tree(name: &str, plan: &Plan, expected: &Plan) {
    assert_eq!(plan.len(), expected.len(), "{name}");
    let analyzed = !name.contains("plain-text");
    for (node, expected) in plan.nodes().zip(expected.nodes()) {
        assert_eq!(node.node_type, expected.node_type, "{name}");
        assert_eq!(node.get().parent, expected.get().parent, "{name}");
        assert_eq!(node.parent_relationship, expected.parent_relationship, "{name}");
        assert_eq!(node.parallel_aware, expected.parallel_aware, "{name}");
        assert_eq!(node.relation_name, expected.relation_name, "{name}");
        assert_eq!(node.plan_rows, expected.plan_rows, "{name}");
        assert_eq!(node.total_cost, expected.total_cost, "{name}");
        assert_eq!(node.sort_key.len(), expected.sort_key.len(), "{name}");
        if analyzed {
            assert_eq!(node.actual_loops, expected.actual_loops, "{name}");
            assert_eq!(node.filter, expected.filter, "{name}");
            assert_eq!(node.rows_removed_by_filter, expected.rows_removed_by_filter, "{name}");
            assert_eq!(node.workers.len(), expected.workers.len(), "{name}");
            assert_eq!(node.output, expected.output, "{name}");
            let blocks = |node: NodeRef<'_>| node.get().buffers.as_ref().map(|buffers| buffers.touched());
            assert_eq!(blocks(node), blocks(expected), "{name}");
        }
    }
    if name.contains("auto_explain") {
        assert!(plan.log.as_ref().unwrap().duration > 0.0, "{name}");
        assert!(plan.query.as_ref().unwrap().text.starts_with("SELECT "), "{name}");
        return;
    }
    if analyzed {
        assert_eq!(plan.query_identifier, expected.query_identifier, "{name}");
        assert!(plan.execution_time.is_some() && plan.planning_time.is_some(), "{name}");
        let hit = |plan: &Plan| plan.planning_buffers.as_ref().map(|buffers| buffers.shared_hit);
        assert_eq!(hit(plan).is_some(), hit(expected).is_some(), "{name}");
    }
}

#[test]
fn no_cut_makes_a_reader_panic_or_a_plan_of_half_a_json() {
    let extensions = ["json", "txt", "log", "md", "csv", "html"];
    let forms = extensions.iter().flat_map(|extension| files("formats", extension));
    for (name, text) in forms.filter(|(name, _)| name.starts_with("quotes.pg15") || name.starts_with("filter.pg18")) {
        for cut in (0..text.len()).step_by(1_013).filter(|cut| text.is_char_boundary(*cut)) {
            let reading = read(FileId(0), &text[..cut]);
            let places = reading.problems.iter().map(|problem| problem.span.end as usize);
            assert!(places.max().unwrap_or(0) <= cut, "{name} cut at {cut}");
            let is_json = name.ends_with("pg15") || name.ends_with("pg18") || name.contains("object-only");
            assert!(!is_json || reading.plans.is_empty(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn no_damage_makes_a_reader_panic() {
    let text = std::fs::read_to_string(folder("formats/filter.pg18.psql-wrapped.txt")).unwrap();
    let json = std::fs::read_to_string(folder("formats/filter.pg18.json")).unwrap();
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let noise =
        ["\"", "{", "}", "[", "]", "\n", "\\", "é", "->  ", "(cost=", "Plan:", "|", "+", "'", ":", "<explain", "1e999"];
    for round in 0..100 {
        let mut damaged = if round % 2 == 0 { text.clone() } else { json.clone() };
        for _ in 0..1 + random(6) {
            let mut at = random(damaged.len());
            while !damaged.is_char_boundary(at) {
                at -= 1;
            }
            damaged.insert_str(at, noise[random(noise.len())]);
        }
        let reading = read(FileId(0), &damaged);
        for plan in &reading.plans {
            let negative = plan.nodes().any(|node| node.exclusive_time().is_some_and(|time| time < 0.0));
            assert!(!negative);
        }
    }
}
