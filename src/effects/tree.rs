//! Relations with what belongs to them: partitions, children, indexes, sequences.

use super::Work;
use crate::catalog::{CatalogAt, ObjectId, Relation, RelationClass};
use crate::syntax::LockMode;

/// The table and all below it, parents before children, each once.
pub(super) fn tree(catalog: CatalogAt<'_>, table: ObjectId) -> Vec<ObjectId> {
    let mut found = vec![table];
    let mut next = 0;
    while next < found.len() {
        for child in catalog.children(found[next]) {
            if !found.contains(&child) {
                found.push(child);
            }
        }
        next += 1;
    }
    found
}

/// A table on one side of a foreign key: its partitions share the key, children that inherit do not.
pub(super) fn key_side(catalog: CatalogAt<'_>, table: ObjectId) -> Vec<ObjectId> {
    let partitioned = catalog.get(table).and_then(|object| object.as_relation()?.partition_key.as_ref());
    if partitioned.is_some() { tree(catalog, table) } else { vec![table] }
}

/// Whether a relation has a file of its own.
pub(super) fn has_storage(relation: &Relation) -> bool {
    matches!(relation.class, RelationClass::Table | RelationClass::MaterializedView)
}

impl Work<'_> {
    /// The relation as it was before.
    pub(super) fn relation(&self, id: ObjectId) -> Option<&Relation> {
        self.before.get(id)?.as_relation()
    }

    /// The table alone, or with all below it.
    pub(super) fn targets(&self, table: ObjectId, only: bool) -> Vec<ObjectId> {
        if only { vec![table] } else { tree(self.before, table) }
    }

    /// The indexes a table had before.
    pub(super) fn indexes_of(&self, table: ObjectId) -> Vec<ObjectId> {
        self.before.indexes(table).map(|index| index.id).collect()
    }

    /// Locks a table's indexes.
    pub(super) fn lock_indexes(&mut self, table: ObjectId, mode: LockMode) {
        for index in self.indexes_of(table) {
            self.lock(index, mode);
        }
    }

    /// A table whose rows are all written anew: its indexes are, too.
    pub(super) fn rewrite(&mut self, table: ObjectId) {
        if !self.relation(table).is_some_and(has_storage) {
            return;
        }
        self.lock(table, LockMode::AccessExclusive);
        self.effects.rewrites.push(table);
        self.scan(table);
        for index in self.indexes_of(table) {
            self.lock(index, LockMode::AccessExclusive);
            if self.after.get(index).is_some() {
                self.rebuild(index);
            }
        }
    }

    /// An existing index that is built anew.
    pub(super) fn rebuild(&mut self, index: ObjectId) {
        self.effects.rebuilds_indexes.push(index);
        self.effects.builds_indexes.push(index);
    }

    /// The indexes that the statement made on tables with rows of their own are built; existing tables are read for it.
    pub(super) fn build_new_indexes(&mut self) {
        for id in self.after.catalog().changed_in(self.statement) {
            if self.before.get(id).is_some() {
                continue;
            }
            let Some(index) = self.after.get(id).and_then(|object| object.as_index()) else { continue };
            let table = index.table;
            let stored = self.after.get(table).and_then(|object| object.as_relation()).is_some_and(has_storage);
            if stored {
                self.effects.builds_indexes.push(id);
                self.scan(table);
            }
        }
    }
}
