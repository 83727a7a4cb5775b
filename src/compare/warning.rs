//! Why the figures of two plans may not be comparable.

use crate::capture::figures::{count, percent};
use crate::capture::{NodeId, NodeRef, Plan};

use super::normal;
use super::work::Work;

/// Blocks that must be read for a run to be cold.
const COLD_BLOCKS: f64 = 64.0;
/// Part of the blocks that must be read for a run to be cold.
const COLD_SHARE: f64 = 0.2;

/// What must be known before one plan is called better than the other.
pub fn warnings(before: &Plan, after: &Plan, aligned: &[(Option<NodeId>, Option<NodeId>)]) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(not_run(before, after));
    warnings.extend(cache(&Work::of(before), &Work::of(after)));
    warnings.extend(parameters(before, after, aligned));
    warnings.extend(rows(before, after));
    warnings.extend(settings(before, after));
    warnings
}

fn not_run(before: &Plan, after: &Plan) -> Option<String> {
    let which = match (before.is_analyzed(), after.is_analyzed()) {
        (true, true) => return None,
        (false, false) => return Some("neither was run (no ANALYZE): only estimates can be compared".to_owned()),
        (false, true) => "before",
        (true, false) => "after",
    };
    Some(format!("the plan {which} was not run (no ANALYZE): only estimates can be compared"))
}

fn cache(before: &Work, after: &Work) -> Option<String> {
    let share = |work: &Work| Some((work.read?, work.read? / work.pages.filter(|pages| *pages > 0.0)?));
    let (one, other) = (share(before)?, share(after).unwrap_or((0.0, 0.0)));
    let is_cold = |(read, share): (f64, f64)| read >= COLD_BLOCKS && share >= COLD_SHARE;
    // Where so many fewer pages are touched, the cache is not what made the difference.
    let both_touch_much = before.pages.zip(after.pages).is_some_and(|(one, other)| one.min(other) >= COLD_BLOCKS);
    if is_cold(one) == is_cold(other) || !both_touch_much && is_cold(one) && after.pages == Some(0.0) {
        return None;
    }
    let (cold, warm, read, share) =
        if is_cold(one) { ("before", "after", one.0, one.1) } else { ("after", "before", other.0, other.1) };
    Some(format!(
        "the cache was cold {cold} ({} blocks read, {} of all) and warm {warm}: run both twice and compare the second \
         runs",
        count(read),
        percent(share)
    ))
}

fn parameters(before: &Plan, after: &Plan, aligned: &[(Option<NodeId>, Option<NodeId>)]) -> Option<String> {
    let parameters = |plan: &Plan| plan.query.as_ref().and_then(|query| query.parameters.clone());
    if let (Some(one), Some(other)) = (parameters(before), parameters(after)) {
        return (one != other).then(|| format!("the parameters differ: {one}, then {other}"));
    }
    for &(one, other) in aligned {
        let (Some(one), Some(other)) = (one, other) else { continue };
        let (one, other) = (conditions(before.node(one)), conditions(after.node(other)));
        let constants = |texts: &[&str]| {
            let mut all: Vec<String> =
                texts.iter().flat_map(|text| normal::constants(text)).map(str::to_owned).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (one, other) = (constants(&one), constants(&other));
        // As many constants, and others: one text with other values.
        if one.len() == other.len() && one != other {
            let only = |one: &[String], other: &[String]| {
                let own: Vec<&str> = one.iter().filter(|value| !other.contains(value)).map(String::as_str).collect();
                crate::capture::figures::shorten(&own.join(", "), 60)
            };
            return Some(format!("the parameters differ: {}, then {}", only(&one, &other), only(&other, &one)));
        }
    }
    None
}

fn conditions(node: NodeRef<'_>) -> Vec<&str> {
    let of = node.get();
    // A bitmap's conditions are printed twice, and by the index of the scan below.
    let found_by = of.index_cond.as_deref().or(of.recheck_cond.as_deref());
    [found_by, of.filter.as_deref(), of.join_filter.as_deref()].into_iter().flatten().collect()
}

fn rows(before: &Plan, after: &Plan) -> Option<String> {
    let (one, other) = (before.root().total_rows()?, after.root().total_rows()?);
    let (least, most) = (one.min(other), one.max(other));
    let differ = most >= 10.0 && most > 2.0 * least.max(1.0);
    differ
        .then(|| format!("other rows come back: {}, then {}; other parameters or other data", count(one), count(other)))
}

fn settings(before: &Plan, after: &Plan) -> Option<String> {
    let value = |plan: &Plan, name: &str| plan.setting(name).unwrap_or("default").to_owned();
    let mut names: Vec<&str> = before.settings.iter().chain(&after.settings).map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.dedup();
    // Without SETTINGS in both captures nothing is known of the other.
    let known = !before.settings.is_empty() && !after.settings.is_empty();
    let differing = names.into_iter().filter_map(|name| {
        let (one, other) = (value(before, name), value(after, name));
        (known && one != other).then(|| format!("{name} {one}, then {other}"))
    });
    let differing: Vec<String> = differing.collect();
    (!differing.is_empty()).then(|| format!("the settings differ: {}", differing.join("; ")))
}
