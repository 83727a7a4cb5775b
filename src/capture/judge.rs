//! The plan rules over captured plans of real servers: what they must find, and what they must not.

use std::collections::{BTreeMap, BTreeSet};

use super::tests::{files, folder};
use super::{PlanSettings, read};
use crate::catalog::Catalog;
use crate::rule::{Check, PlanContext, Report, Severity};
use crate::source::{SourceFile, Sources};

/// The expectations' words for what our rules find. A spill of a sort or hash is what is written to temporary blocks.
const CODES: &[(&str, &[&str])] = &[
    ("bitmap_lossy", &["bitmap_lossy"]),
    ("buffer_miss", &["buffer_miss"]),
    ("hash_spill", &["hash_spill", "temp_io"]),
    ("hashagg_spill", &["hashagg_spill", "temp_io"]),
    ("heap_fetches", &["heap_fetches"]),
    ("index_filter_inefficient", &["index_filter_inefficient"]),
    ("jit_overhead", &["jit_overhead"]),
    ("join_filter_discard", &["join_filter_discard"]),
    ("large_offset_plan", &["large_offset"]),
    ("nested_loop_many", &["nested_loop_many"]),
    ("no_partition_pruning", &["no_partition_pruning"]),
    ("planning_dominates", &["planning_dominates"]),
    ("rls_unwrapped_plan", &["rls_unwrapped"]),
    ("row_misestimate", &["row_misestimate"]),
    ("seq_scan_filtered", &["seq_scan_filtered"]),
    ("sort_large", &["sort_large"]),
    ("sort_spill", &["sort_spill", "temp_io"]),
    ("subplan_expensive", &["subplan_expensive"]),
    ("temp_io", &["temp_io"]),
    ("trigger_time", &["trigger_time"]),
    ("workers_not_launched", &["workers_not_launched"]),
    ("wrong_index_for_limit", &["index_filter_inefficient"]),
];

const SPILLS: &[&str] = &["sort_spill", "hash_spill", "hashagg_spill", "temp_io"];

#[derive(serde::Deserialize)]
struct Expected {
    must: Vec<String>,
    also_true: Vec<String>,
    must_not: Vec<String>,
}

/// The ids of the rules that find something in a capture.
fn found(name: &str, text: &str) -> BTreeSet<&'static str> {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new(name, text));
    let reading = read(file, text);
    assert!(reading.problems.is_empty(), "{name}");
    let catalog = Catalog::default();
    let settings = PlanSettings::default();
    let mut ids = BTreeSet::new();
    for plan in &reading.plans {
        let context = PlanContext { sources: &sources, catalog: catalog.end(), plan, settings: &settings };
        for rule in crate::rules::plan::ALL {
            let Check::Plan(check) = rule.check else { continue };
            let mut report = Report::new(rule.id, Severity::Warning);
            check(&context, &mut report);
            for finding in report.into_findings() {
                assert!(finding.message.chars().count() <= 80, "{name}: {}", finding.message);
                assert!(!finding.span.is_empty(), "{name}: {}", finding.message);
                ids.insert(rule.id);
            }
        }
    }
    ids
}

fn codes(ids: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    let of = |id: &str| CODES.iter().find(|(rule, _)| *rule == id).map_or(&[][..], |(_, codes)| *codes);
    ids.iter().flat_map(|id| of(id)).copied().collect()
}

#[test]
fn every_must_is_found_and_no_must_not() {
    let text = std::fs::read_to_string(folder("expected.json")).unwrap();
    let expected: BTreeMap<String, Expected> = serde_json::from_str(&text).unwrap();
    let ours: BTreeSet<&str> = CODES.iter().flat_map(|(_, codes)| *codes).copied().collect();
    let mut wrong = Vec::new();
    for (name, text) in files("corpus", "json") {
        let expected = &expected[&name];
        let found = codes(&found(&name, &text));
        for code in expected.must.iter().filter(|code| ours.contains(code.as_str())) {
            if !found.contains(code.as_str()) {
                wrong.push(format!("{name} lacks {code}"));
            }
        }
        let is_true = |code: &&str| expected.must.iter().chain(&expected.also_true).any(|other| other == code);
        let spills = SPILLS.iter().any(is_true);
        for code in &expected.must_not {
            let lenient = spills && SPILLS.contains(&code.as_str());
            if found.contains(code.as_str()) && !lenient {
                wrong.push(format!("{name} must not have {code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
