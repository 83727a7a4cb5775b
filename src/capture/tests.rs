//! The readers and the model over the captured plans in `testdata/plans`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::source::FileId;

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

fn plans(text: &str) -> Vec<Plan> {
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
