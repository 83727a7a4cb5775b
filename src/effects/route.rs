//! Which partitions rows go to, and which a condition leaves out.

use super::Work;
use super::proof;
use super::tree::tree;
use crate::catalog::{Key, ObjectId};
use crate::syntax::{Expr, FromKind, Insert, Name, QueryBody, RelationRef, StatementKind};

impl Work<'_> {
    /// The partitions that the rows of an INSERT with constants go to; none where the constants do not tell.
    pub(super) fn partitions_written(&self, table: ObjectId, insert: &Insert) -> Vec<ObjectId> {
        let Some(QueryBody::Values(values)) = insert.source.as_ref().map(|query| &query.body) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for row in &values.rows {
            let mut at = table;
            while let Some(partition) = self.partition_of_row(at, insert, row) {
                found.push(partition);
                at = partition;
            }
        }
        found
    }

    fn partition_of_row(&self, table: ObjectId, insert: &Insert, row: &[Expr]) -> Option<ObjectId> {
        let relation = self.relation(table)?;
        let [Key::Column(number)] = relation.partition_key.as_ref()?.keys[..] else { return None };
        let column = relation.column_number(number)?.name;
        let place = if insert.columns.is_empty() {
            let of = self.find(&insert.relation.name).and_then(|id| self.relation(id))?;
            of.columns.iter().position(|it| it.name == column)?
        } else {
            insert.columns.iter().position(|it| it.name.name == column)?
        };
        proof::partition_for(self.before, table, row.get(place)?)
    }

    /// The partitions that the condition of a statement on one table leaves out.
    pub(super) fn left_out(&self, kind: &StatementKind) -> Vec<ObjectId> {
        let Some((relation, filter)) = condition(kind) else { return Vec::new() };
        let Some(table) = self.find(&relation.name) else { return Vec::new() };
        let mut out = Vec::new();
        for parent in tree(self.before, table) {
            let pruned = proof::partitions_excluded(self.before, parent, filter);
            out.extend(pruned.into_iter().flat_map(|partition| tree(self.before, partition)));
        }
        out
    }

    /// The names of the columns of a table.
    pub(super) fn column_names(&self, table: ObjectId) -> Vec<Name> {
        self.relation(table).iter().flat_map(|relation| relation.columns.iter().map(|column| column.name)).collect()
    }
}

/// The one table that a statement is about, and its WHERE.
fn condition(kind: &StatementKind) -> Option<(&RelationRef, &Expr)> {
    match kind {
        StatementKind::Update(update) if update.from.is_empty() => Some((&update.relation, update.filter.as_ref()?)),
        StatementKind::Delete(delete) if delete.using.is_empty() => Some((&delete.relation, delete.filter.as_ref()?)),
        StatementKind::Select(query) => match &query.body {
            QueryBody::Select(select) => match &select.from[..] {
                [only] => match &only.kind {
                    FromKind::Relation(relation) => Some((relation, select.filter.as_ref()?)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
