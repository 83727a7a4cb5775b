//! Names the index that a scan lacks, or the one that it did not use.

use crate::catalog::{Index, IndexColumn, Key as IndexKey, ObjectId, Relation};
use crate::finding::Finding;
use crate::rule::PlanContext;

use super::conditions::{IndexIdea, conditions, index_for};
use super::context::name_of;
use super::node::NodeType;
use super::plan::NodeRef;

/// Adds to a finding about a scan what could find its rows faster: the index to make, and where its table was made;
/// or an index that is there, and why it was not used.
pub fn advise_index(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>, filter: &str) {
    let conditions = conditions(node, filter);
    let Some(idea) = index_for(&conditions) else {
        let table = name_of(node);
        context.also_table(finding, node, "the table");
        finding.help(format!("no index of {table} can serve this condition as it is written"));
        return;
    };
    if let Some((table, relation)) = context.table(node) {
        if let Some((index, reason)) = serving(context, table, relation, &idea) {
            let (name, span) = context
                .catalog
                .get(index)
                .map_or_else(Default::default, |object| (object.name.to_string(), Some(object.span)));
            if let Some(span) = span {
                finding.also(span, format!("{name} starts with {}", plain(&idea.keys[0])));
            }
            finding.help(format!("{name} was not used: {reason}"));
            return;
        }
        let message = format!("no index starts with {}", plain(&idea.keys[0]));
        context.also_table(finding, node, &message);
    }
    finding.help(idea.statement(&target(context, node)));
    if let Some(extension) = idea.extension {
        finding.help(format!("its operator class comes with the extension {extension}"));
    }
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
pub(super) fn partitioned_name(node: NodeRef<'_>) -> Option<&str> {
    let above =
        node.ancestors().take(3).find(|above| matches!(above.node_type, NodeType::Append | NodeType::MergeAppend));
    above?;
    let (alias, relation) = (node.get().alias.as_deref()?, node.get().relation_name.as_deref()?);
    let (base, number) = alias.rsplit_once('_')?;
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && alias != relation && relation.starts_with(base)).then_some(base)
}

/// An index of the table that could serve the idea, and why it did not.
fn serving(
    context: &PlanContext<'_>,
    table: ObjectId,
    relation: &Relation,
    idea: &IndexIdea,
) -> Option<(ObjectId, &'static str)> {
    let key = plain(&idea.keys[0]);
    let column = relation.columns.iter().find(|column| crate::syntax::quote::quote_identifier(&column.name) == key)?;
    for index in context.catalog.indexes(table) {
        let first = index.is.keys.first()?;
        let starts = matches!(first.key, IndexKey::Column(number) if number == column.number);
        if starts {
            return Some((index.id, why_not(index.is, first, idea)?));
        }
    }
    None
}

fn why_not(index: &Index, first: &IndexColumn, idea: &IndexIdea) -> Option<&'static str> {
    if index.access_method.as_str() != idea.method.unwrap_or("btree") {
        return None;
    }
    if idea.keys[0].ends_with("text_pattern_ops") && first.operator_class.is_none() {
        return None;
    }
    Some(match (index.valid, &index.predicate, &idea.predicate) {
        (false, ..) => "it is not valid, reindex it",
        (_, Some(_), None) => "it is partial, and the query does not ask for its condition",
        _ => "the planner thought it dearer; analyze the table, and see whether the types compared are the same",
    })
}
