//! Indexes that are not needed beside others: an index on `(a, b)` does what one on `(a)` would.

use crate::source::FileId;
use crate::syntax::{CreateIndex, IndexElement, IndexKey, Name, Origin, RelationRef, StatementKind, parse_statements};

/// For each of several indexes the one among them that is to be made instead: of those whose columns start with its own
/// the longest, and of equal ones the first.
pub(crate) fn covering(indexes: &[Option<&CreateIndex>]) -> Vec<Option<usize>> {
    let plain = indexes.iter().enumerate().filter_map(|(at, index)| Some((plain_key((*index)?)?, at)));
    let mut sorted: Vec<(Key, usize)> = plain.collect();
    sorted.sort_by(|(a, at), (b, other)| a.cmp(b).then(other.cmp(at)));
    let mut covering = vec![None; indexes.len()];
    for next in (1..sorted.len()).rev() {
        let [(one, at), (longer, other)] = &sorted[next - 1..=next] else { continue };
        if one.0 == longer.0 && longer.1.starts_with(&one.1) {
            covering[*at] = covering[*other].or(Some(*other));
        }
    }
    covering
}

/// The index that a statement makes, where it is one that makes an index.
pub(crate) fn index_made_by(sql: &str) -> Option<CreateIndex> {
    let starts = sql.get(.."create index".len()).is_some_and(|start| start.eq_ignore_ascii_case("create index"));
    let statements = starts.then(|| parse_statements(sql, &Origin::verbatim(FileId(0), 0)).ok())??;
    match <[_; 1]>::try_from(statements).ok()?.map(|statement| statement.kind) {
        [StatementKind::CreateIndex(create)] => Some(*create),
        _ => None,
    }
}

/// Table and columns, as they are written.
type Key = ((Option<String>, String), Vec<String>);

/// Those of an index that is nothing but a B-tree over columns.
fn plain_key(create: &CreateIndex) -> Option<Key> {
    let usual = create.access_method.is_none_or(|method| method.as_str() == "btree");
    if !usual || create.unique || create.filter.is_some() || !create.include.is_empty() {
        return None;
    }
    let plain = |element: &IndexElement| match &element.key {
        IndexKey::Column(column) if element.collation.is_none() && element.operator_class.is_none() => {
            (!element.descending && element.nulls_first.is_none()).then(|| text(column.name))
        }
        _ => None,
    };
    Some((relation_key(&create.relation), create.elements.iter().map(plain).collect::<Option<_>>()?))
}

fn relation_key(relation: &RelationRef) -> (Option<String>, String) {
    (relation.name.schema.map(|schema| text(schema.name)), text(relation.name.name.name))
}

fn text(name: Name) -> String {
    name.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_stays_and_of_equal_ones_the_first() {
        let made: Vec<Option<CreateIndex>> = [
            "create index on t (a)",
            "create index on t (a, b)",
            "create index on t (a, b, c)",
            "create index on t (b)",
            "create index on u (a)",
            "create index x on t (b)",
            "create index on t (a) where a > 0",
            "create unique index on t (a)",
            "drop index t",
        ]
        .map(index_made_by)
        .into();
        let indexes: Vec<Option<&CreateIndex>> = made.iter().map(Option::as_ref).collect();
        assert_eq!(covering(&indexes), [Some(2), Some(2), None, None, None, Some(3), None, None, None]);
    }
}
