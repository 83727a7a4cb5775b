//! The partitioned table behind the partitions of a plan whose schema is not known.

use crate::capture::{Node, NodeRef, NodeType};

/// The name of the table that a scan's table is a partition of: what the names of all its partitions begin with. `None`
/// where the table stands alone, or where it is one that others inherit from, since theirs would not be its index.
pub(super) fn whole(node: NodeRef<'_>) -> Option<String> {
    let base = numbered(node.get())?;
    let append =
        node.ancestors().take(3).find(|it| matches!(it.node_type, NodeType::Append | NodeType::MergeAppend))?;
    let parts: Vec<&Node> = append.inputs().filter_map(scan).collect();
    if parts.len() < 2 || parts.iter().any(|part| numbered(part) != Some(base)) {
        return None;
    }
    let names: Vec<&str> = parts.iter().filter_map(|part| part.relation_name.as_deref()).collect();
    let shared = shared_words(&names)?;
    (!names.contains(&shared)).then(|| shared.to_owned())
}

/// The scan of a table below an input of Append.
fn scan(input: NodeRef<'_>) -> Option<&Node> {
    let mut nodes = std::iter::successors(Some(input), |node| node.outer()).take(3);
    nodes.find(|node| node.get().relation_name.is_some()).map(NodeRef::get)
}

/// What the alias of a partition is without its number: the partitioned table's alias.
fn numbered(scan: &Node) -> Option<&str> {
    let alias = scan.alias.as_deref().filter(|alias| scan.relation_name.as_deref() != Some(*alias))?;
    let (base, number) = alias.rsplit_once('_')?;
    number.parse::<u32>().is_ok().then_some(base)
}

/// The words that all names begin with, without those that number a partition: `events` of `events_2025_01` and
/// `events_2025_02`.
fn shared_words<'n>(names: &[&'n str]) -> Option<&'n str> {
    let first = *names.first()?;
    let alike = |other: &&str| first.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let length = names[1..].iter().map(alike).min()?;
    let mut end = first.get(..length)?.rfind('_')?;
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    while let Some(word) = first[..end].rfind('_').filter(|word| has_digit(&first[*word..end])) {
        end = word;
    }
    (end > 0).then(|| &first[..end])
}

#[cfg(test)]
mod tests {
    use super::shared_words;

    #[test]
    fn a_table_is_called_what_its_partitions_begin_with() {
        assert_eq!(shared_words(&["events_2025_01", "events_2025_02"]), Some("events"));
        assert_eq!(shared_words(&["trips_north", "trips_new", "trips_default"]), Some("trips"));
        assert_eq!(shared_words(&["order_items_p0", "order_items_p1"]), Some("order_items"));
        assert_eq!(shared_words(&["p1", "p2"]), None);
        assert_eq!(shared_words(&["one", "two"]), None);
    }
}
