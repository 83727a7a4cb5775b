//! Names the index that a scan lacks, or the one that it did not use.

use crate::finding::Finding;
use crate::rule::PlanContext;
use crate::syntax::quote::quote_identifier;

use super::conditions::{Condition, IndexIdea, conditions, index_for};
use super::context::name_of;
use super::expression::{Expression, SortKey};
use super::node::NodeType;
use super::plan::NodeRef;
use super::unused_index::tell_unused;

/// Adds to a finding about a scan what could find its rows faster: the index to make, and where its table was made;
/// or an index that is there and was not used. `conditions` are what the scan's rows are chosen by.
pub fn advise_index(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>, printed: &[&str]) {
    let all: Vec<Condition> = printed.iter().flat_map(|one| conditions(node, one)).collect();
    if tell_unused(context, finding, node, printed) {
        return;
    }
    let Some(idea) = index_for(&all).filter(|idea| !is_in_use(idea, node, printed)) else {
        context.also_table(finding, node, "the table");
        finding.help(format!("no index of {} can serve this condition as it is written", name_of(node)));
        return;
    };
    let what = if idea.keys.len() == 1 { "starts with" } else { "is on" };
    context.also_table(finding, node, &format!("no index {what} {}", plain(&idea.keys.join(", "))));
    finding.help(idea.statement(&target(context, node)));
    if let Some(extension) = idea.extension {
        finding.help(format!("its operator class comes with the extension {extension}"));
    }
}

/// Whether the index that the scan used finds by the same already; `printed` ends with the filter.
fn is_in_use(idea: &IndexIdea, node: NodeRef<'_>, printed: &[&str]) -> bool {
    let Some((_, found_by)) = printed.split_last() else { return false };
    let used: Vec<Condition> = found_by.iter().flat_map(|one| conditions(node, one)).collect();
    index_for(&used).is_some_and(|used| used.keys == idea.keys && used.predicate == idea.predicate)
}

/// The statement that makes an index in the order of a Sort, where that sorts a whole table by its own columns.
pub fn index_for_order(sort: NodeRef<'_>) -> Option<String> {
    let scan = sort.outer().filter(|input| input.node_type == NodeType::SeqScan)?;
    let mut keys = Vec::new();
    for key in &sort.get().sort_key {
        let key = SortKey::parse(key);
        let Expression::Column { name, .. } = &key.expression else { return None };
        let direction = if key.descending { " desc" } else { "" };
        let nulls = match key.nulls_first {
            Some(true) => " nulls first",
            Some(false) => " nulls last",
            None => "",
        };
        keys.push(format!("{}{direction}{nulls}", quote_identifier(name)));
    }
    // An index can be read in both directions.
    let plain = keys.iter().all(|key| key.ends_with(" desc"));
    if plain {
        keys.iter_mut().for_each(|key| key.truncate(key.len() - " desc".len()));
    }
    let idea = IndexIdea { method: None, keys, predicate: None, extension: None };
    Some(idea.statement(&name_of(scan)))
}

/// The column or expression of a key, without operator class.
fn plain(key: &str) -> &str {
    key.split(" gin_trgm_ops").next().unwrap_or(key).split(" text_pattern_ops").next().unwrap_or(key)
}

/// The table that an index is made on: of a partition the partitioned table.
fn target(context: &PlanContext<'_>, node: NodeRef<'_>) -> String {
    if let Some((id, relation)) = context.table(node) {
        let parent = relation.bound.as_ref().map(|_| relation.parents.first()).and_then(|parent| parent.copied());
        return context.catalog.sql_name(parent.unwrap_or(id));
    }
    match partitioned_name(node) {
        Some(parent) => parent.to_owned(),
        None => name_of(node),
    }
}

/// The alias of a partition is the partitioned table's with a number behind it.
pub(super) fn partitioned_name<'a>(node: NodeRef<'a>) -> Option<&'a str> {
    let above =
        node.ancestors().take(3).find(|above| matches!(above.node_type, NodeType::Append | NodeType::MergeAppend));
    above?;
    let (alias, relation) = (node.get().alias.as_deref()?, node.get().relation_name.as_deref()?);
    let (base, number) = alias.rsplit_once('_')?;
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && alias != relation && relation.starts_with(base)).then_some(base)
}
