//! CREATE TABLE, CREATE TABLE AS, CREATE INDEX, CREATE VIEW.

use super::tree::{key_side, tree};
use super::{Proof, TransactionRule, Work, proof};
use crate::catalog::{ConstraintKind, ObjectId, RelationClass};
use crate::syntax::{
    CreateIndex, CreateTable, CreateTableAs, CreateView, LockMode, QualifiedName, TableElement, TableSource,
};

impl Work<'_> {
    pub(super) fn create_table(&mut self, create: &CreateTable) {
        if self.skipped() {
            return;
        }
        for element in &create.elements {
            if let TableElement::Like { relation, .. } = element
                && let Some(source) = self.find(&relation.name)
            {
                self.lock(source, LockMode::AccessShare);
            }
        }
        if let Some(of) = &create.of_type {
            self.lock_row_type(&QualifiedName {
                database: None,
                schema: of.parts.iter().rev().nth(1).copied(),
                name: of.parts[of.parts.len() - 1],
            });
        }
        let parents: Vec<ObjectId> = create.inherits.iter().filter_map(|parent| self.find(&parent.name)).collect();
        match &create.partition_bound {
            Some(_) => parents.iter().for_each(|&parent| self.new_partition(parent)),
            None => parents.iter().for_each(|&parent| self.lock(parent, LockMode::ShareUpdateExclusive)),
        }
        self.lock_newly_referenced();
        self.build_new_indexes();
    }

    /// CREATE TABLE … PARTITION OF: the parent and the default partition are closed, and the default is read.
    fn new_partition(&mut self, parent: ObjectId) {
        self.lock(parent, LockMode::AccessExclusive);
        self.lock_indexes(parent, LockMode::ShareUpdateExclusive);
        if let Some(default) = self.default_partition(parent) {
            self.lock(default, LockMode::AccessExclusive);
            self.check_default_partition(default, self.new_relation());
        }
        self.lock_keys_to_partition(parent);
    }

    /// Foreign keys that reference a partitioned table reach into its new partition.
    pub(super) fn lock_keys_to_partition(&mut self, parent: ObjectId) {
        let mode = if self.version >= 15 { LockMode::ShareRowExclusive } else { LockMode::AccessShare };
        let referencing: Vec<ObjectId> =
            self.before.referencing(parent).map(|(constraint, _)| constraint.is.of).collect();
        referencing.into_iter().for_each(|table| self.lock(table, mode));
    }

    /// The relation that this statement made.
    pub(super) fn new_relation(&self) -> Option<ObjectId> {
        let mut made = self.after.catalog().changed_in(self.statement);
        made.find(|&id| self.before.get(id).is_none() && self.after.relation(id).is_some())
    }

    /// The default partition is read, unless its own constraints exclude the rows of the new one.
    pub(super) fn check_default_partition(&mut self, default: ObjectId, partition: Option<ObjectId>) {
        for leaf in tree(self.before, default) {
            let proved = partition.is_some_and(|new| proof::default_excludes(self.before, self.after, leaf, new));
            if proved {
                self.effects.proofs.push(Proof::DefaultPartition(leaf));
            } else if self.relation(leaf).is_some_and(super::tree::has_storage) {
                self.scan(leaf);
            }
        }
    }

    /// The default partition of a partitioned table.
    pub(super) fn default_partition(&self, parent: ObjectId) -> Option<ObjectId> {
        self.before.children(parent).into_iter().find(|&child| proof::is_default(self.before, child))
    }

    fn lock_row_type(&mut self, name: &QualifiedName) {
        if let Some(ty) = self.find(name) {
            self.lock(ty, LockMode::AccessShare);
        }
    }

    /// Foreign keys that the statement made close their referenced tables to writers.
    pub(super) fn lock_newly_referenced(&mut self) {
        let made: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        for id in made {
            if self.before.get(id).is_some() {
                continue;
            }
            let Some(constraint) = self.after.get(id).and_then(|object| object.as_constraint()) else { continue };
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            for table in key_side(self.before, key.references) {
                self.lock(table, LockMode::ShareRowExclusive);
            }
        }
    }

    pub(super) fn create_table_as(&mut self, create: &CreateTableAs) {
        if let TableSource::Query(query) = &create.source {
            // A table that is there already is found after the query was analysed.
            self.query(query, create.into.with_data && !self.skipped());
        }
    }

    pub(super) fn create_view(&mut self, create: &CreateView) {
        if let Some(existing) = self.find(&create.relation.name).filter(|_| create.replace) {
            self.lock(existing, LockMode::AccessExclusive);
        }
        self.query(&create.query, false);
    }

    pub(super) fn create_index(&mut self, create: &CreateIndex) {
        let Some(table) = self.find(&create.relation.name) else { return };
        let temporary = self.relation(table).is_some_and(|it| it.persistence == crate::syntax::Persistence::Temporary);
        let mode = match create.concurrently {
            // Nobody else sees a temporary table: the server builds it the plain way.
            Some(_) if !temporary => LockMode::ShareUpdateExclusive,
            _ => LockMode::Share,
        };
        if create.concurrently.is_some() {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        let partitioned = self.relation(table).is_some_and(|it| it.class == RelationClass::PartitionedTable);
        self.lock(table, mode);
        if self.skipped() {
            return;
        }
        if partitioned && !create.relation.only {
            for partition in tree(self.before, table) {
                self.lock(partition, mode);
            }
            self.lock_adopted_indexes();
        }
        self.build_new_indexes();
    }

    /// Indexes of partitions that became parts of the new one instead of a fresh build.
    fn lock_adopted_indexes(&mut self) {
        let changed: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        for id in changed {
            let was = self.before.get(id).and_then(|object| object.as_index()).map(|index| index.parent);
            let is = self.after.get(id).and_then(|object| object.as_index()).map(|index| index.parent);
            if was == Some(None) && is.flatten().is_some() {
                self.lock(id, LockMode::Share);
            }
        }
    }

    /// Whether IF NOT EXISTS or the like made the statement do nothing.
    pub(super) fn skipped(&self) -> bool {
        let executed = self.after.catalog().statement(self.statement);
        executed.is_some_and(|it| matches!(it.outcome, crate::catalog::Outcome::Skipped))
    }
}
