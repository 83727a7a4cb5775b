//! A node's name as FORMAT TEXT prints it: `Parallel Index Scan Backward using orders_pkey on orders`.

use super::context::name_of;
use super::node::{Node, NodeType};
use super::plan::NodeRef;

impl NodeRef<'_> {
    /// What the node does, with the index and the table, without the alias.
    pub fn title(self) -> String {
        let kind = self.kind_title();
        let node = self.get();
        let using = match (&node.node_type, &node.index_name) {
            (NodeType::BitmapIndexScan, Some(index)) => return format!("{kind} on {index}"),
            (_, Some(index)) => format!(" using {index}"),
            (_, None) => String::new(),
        };
        let own = node.cte_name.as_deref().or(node.function_name.as_deref());
        let on = match (&node.relation_name, own) {
            (Some(_), _) => format!(" on {}", name_of(self)),
            (None, Some(own)) => format!(" on {own}"),
            (None, None) => String::new(),
        };
        format!("{kind}{using}{on}")
    }

    /// What the node does, alone: `Parallel Seq Scan`, `Hash Left Join`, `Partial HashAggregate`.
    pub fn kind_title(self) -> String {
        let node = self.get();
        let base = match &node.node_type {
            NodeType::Aggregate => aggregate(node),
            NodeType::ModifyTable => node.operation.as_deref().unwrap_or("ModifyTable").to_owned(),
            NodeType::SetOp => match (node.strategy.as_deref(), node.command.as_deref()) {
                (Some("Hashed"), Some(command)) => format!("HashSetOp {command}"),
                (_, Some(command)) => format!("SetOp {command}"),
                _ => "SetOp".to_owned(),
            },
            NodeType::NestedLoop | NodeType::HashJoin | NodeType::MergeJoin => join(node),
            NodeType::ForeignScan => match node.operation.as_deref() {
                Some(operation) if operation != "Select" => format!("Foreign {operation}"),
                _ => "Foreign Scan".to_owned(),
            },
            other => other.name().to_owned(),
        };
        let backward = if node.scan_direction.as_deref() == Some("Backward") { " Backward" } else { "" };
        let parallel = if node.parallel_aware { "Parallel " } else { "" };
        format!("{parallel}{base}{backward}")
    }
}

fn aggregate(node: &Node) -> String {
    let kind = match node.strategy.as_deref() {
        Some("Sorted") => "GroupAggregate",
        Some("Hashed") => "HashAggregate",
        Some("Mixed") => "MixedAggregate",
        _ => "Aggregate",
    };
    match node.partial_mode.as_deref() {
        Some(mode) if mode != "Simple" => format!("{mode} {kind}"),
        _ => kind.to_owned(),
    }
}

fn join(node: &Node) -> String {
    let name = node.node_type.name();
    match node.join_type.as_deref() {
        None | Some("Inner") => name.to_owned(),
        Some(kind) => match name.strip_suffix(" Join") {
            Some(stem) => format!("{stem} {kind} Join"),
            None => format!("{name} {kind} Join"),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::capture::tests::{files, folder, plans};

    /// Every node's name is on a line of the same plan in FORMAT TEXT.
    #[test]
    fn titles_are_those_of_format_text() {
        let read = |name: &str| std::fs::read_to_string(folder(name)).unwrap();
        for sample in ["filter.pg15", "filter.pg18", "quotes.pg18"] {
            let printed = read(&format!("formats/{sample}.text.txt"));
            let plan = plans(&read(&format!("formats/{sample}.json"))).remove(0);
            for node in plan.nodes() {
                let title = node.title();
                let kind = node.kind_title();
                assert!(printed.contains(&kind), "{sample}: {title}");
            }
        }
        let all: Vec<String> = files("corpus", "json")
            .iter()
            .flat_map(|(_, text)| plans(text))
            .flat_map(|plan| plan.nodes().map(|node| node.title()).collect::<Vec<_>>())
            .collect();
        for known in ["Parallel Seq Scan on ", "Hash Anti Join", "Partial HashAggregate", "Nested Loop Semi Join"] {
            assert!(all.iter().any(|title| title.starts_with(known)), "{known}");
        }
    }
}
