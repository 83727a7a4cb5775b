//! The shape of a plan: its tree without figures, constants and the names that the query gives its tables.

use crate::capture::{NodeRef, NodeType, Plan};

use super::normal;

/// Deeper nodes are indented no further, so that a plan's shape grows no faster than the plan.
const MAX_INDENT: usize = 40;

/// A line a node, indented by its depth. Partitions that are read alike are one line with the partitioned table's name.
pub fn tree(plan: &Plan) -> Vec<String> {
    let aliases = aliases(plan);
    let mut depths: Vec<usize> = Vec::with_capacity(plan.len());
    let mut blocks: Vec<(usize, String)> = Vec::with_capacity(plan.len());
    for node in plan.nodes() {
        let depth = node.parent().map_or(0, |parent| depths[parent.id().0 as usize] + 1);
        depths.push(depth);
        blocks.push((depth, line(node, &aliases)));
    }
    let lines = without_like_partitions(plan, blocks);
    lines.into_iter().map(|(depth, line)| format!("{}{line}", "  ".repeat(depth.min(MAX_INDENT)))).collect()
}

/// 16 hexadecimal digits that are the same for plans of the same shape.
pub fn id(tree: &[String]) -> String {
    normal::fingerprint(&tree.join("\n"))
}

/// Drops the partitions of an Append that look like the one before them.
fn without_like_partitions(plan: &Plan, lines: Vec<(usize, String)>) -> Vec<(usize, String)> {
    let mut keep = vec![true; lines.len()];
    for append in plan.nodes().filter(|node| matches!(node.node_type, NodeType::Append | NodeType::MergeAppend)) {
        let mut last: Option<std::ops::Range<usize>> = None;
        for member in append.inputs() {
            let from = member.id().0 as usize;
            let range = from..from + member.descendants().count() + 1;
            let like = last.as_ref().is_some_and(|last| lines[last.clone()] == lines[range.clone()]);
            if like && member.partitioned_name().is_some() {
                keep[range].fill(false);
            } else {
                last = Some(range);
            }
        }
    }
    lines.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(line, _)| line).collect()
}

fn line(node: NodeRef<'_>, aliases: &[&str]) -> String {
    let title = match node.partitioned_name() {
        Some(parent) => format!("{} on {parent}", node.kind_title()),
        None => node.title(),
    };
    let of = node.get();
    let single = [
        &of.index_cond,
        &of.recheck_cond,
        &of.order_by,
        &of.tid_cond,
        &of.hash_cond,
        &of.merge_cond,
        &of.join_filter,
        &of.filter,
        &of.one_time_filter,
    ];
    let lists = [&of.sort_key, &of.group_key];
    let is_alias = |name: &str| aliases.binary_search(&name).is_ok();
    let conditions = single.into_iter().flatten().map(|text| normal::condition(text, is_alias));
    let keys = lists
        .into_iter()
        .filter(|keys| !keys.is_empty())
        .map(|keys| keys.iter().map(|key| normal::condition(key, is_alias)).collect::<Vec<_>>().join(", "));
    let details: Vec<String> = conditions.chain(keys).collect();
    if details.is_empty() { title } else { format!("{title}: {}", details.join("; ")) }
}

/// The names that the query gives its tables, sorted.
fn aliases(plan: &Plan) -> Vec<&str> {
    let mut aliases: Vec<&str> = plan
        .nodes()
        .flat_map(|node| [node.get().alias.as_deref(), node.get().relation_name.as_deref()])
        .flatten()
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::tests::{files, plans};

    #[test]
    fn every_run_of_a_query_has_the_shape_of_the_others() {
        let of = |text: &str| tree(&plans(text)[0]);
        let one = r#"[{"Plan": {"Node Type": "Index Scan", "Relation Name": "orders", "Alias": "o",
            "Index Name": "orders_pkey", "Index Cond": "(o.id = 7)", "Filter": "(state = 'new'::text)"}}]"#;
        let other = one.replace("\"o\"", "\"x\"").replace("o.id = 7", "id = $1").replace("'new'", "'old'");
        assert_eq!(of(one), of(&other));
        assert_eq!(of(one), ["Index Scan using orders_pkey on orders: (id = ?); (state = ?::text)"]);
        assert_ne!(of(one), of(&one.replace("orders_pkey", "orders_state_idx")));
    }

    #[test]
    fn shapes_cost_no_more_than_their_plans() {
        for (name, text) in files("corpus", "json") {
            for plan in plans(&text) {
                let tree = tree(&plan);
                assert!(!tree.is_empty() && tree.len() <= plan.len(), "{name}");
                assert!(tree.iter().all(|line| !line.contains("::text'")), "{name}");
            }
        }
    }
}
