//! The name that the server would give to an index (`ChooseIndexName`).

use crate::catalog::replay::naming::{distinct_column_names, figure_column_name, first_free, join_names};
use crate::catalog::{NameKey, NameSpace};
use crate::source::Span;
use crate::syntax::{Name, Origin, parse_expression};

use super::candidate::Candidate;
use super::table::Table;

/// A name that nothing in the table's schema has, nor any of `taken`.
pub fn name(table: &Table<'_>, index: &Candidate, taken: &[String]) -> String {
    let keys = index.keys.iter().map(|key| match &key.key.column {
        Some(column) => Name::from(column),
        None => expression_name(&key.key.sql),
    });
    let names: Vec<Name> = keys.chain(index.include.iter().map(Name::from)).collect();
    let joined = join_names(&distinct_column_names(&names));
    let free = |name: Name| !taken.iter().any(|other| other == name.as_str()) && !exists(table, name);
    first_free(&table.name, Some(&joined), "idx", free).to_string()
}

fn expression_name(sql: &str) -> Name {
    let expr = parse_expression(sql, &Origin::Elsewhere(Span::NONE)).ok();
    expr.and_then(|expr| figure_column_name(&expr)).unwrap_or_else(|| Name::from("expr"))
}

fn exists(table: &Table<'_>, name: Name) -> bool {
    let Some(catalog) = table.knowledge.catalog else { return false };
    let schema = table.id.and_then(|id| catalog.get(id)?.schema);
    let key = NameKey { space: NameSpace::Relation, parent: schema, name };
    !catalog.named(key).is_empty()
}
