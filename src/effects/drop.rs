//! DROP, and what falls with what is dropped.

use super::tree::{key_side, tree};
use super::{TransactionRule, Work};
use crate::catalog::{ConstraintKind, Kind, Object, ObjectId, RelationClass, Tag};
use crate::syntax::{Drop, LockMode, ObjectKind, ObjectName, StatementKind};

impl Work<'_> {
    pub(super) fn drop(&mut self, drop: &Drop) {
        if drop.concurrently.is_some() {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        if drop.kind == ObjectKind::Database {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        if drop.concurrently.is_some() && drop.kind == ObjectKind::Index {
            self.drop_concurrently(drop);
            return;
        }
        self.lock_what_fell();
        for object in &drop.objects {
            if let ObjectName::OfRelation { relation, .. } = &object.name
                && drop.kind == ObjectKind::Trigger
                && let Some(table) = self.find(relation)
                && !self.skipped()
            {
                // The trigger of a partitioned table has a copy in each partition.
                for partition in tree(self.before, table) {
                    self.lock(partition, LockMode::AccessExclusive);
                }
            }
        }
    }

    fn drop_concurrently(&mut self, drop: &Drop) {
        for object in &drop.objects {
            let ObjectName::Qualified(name) = &object.name else { continue };
            let Some(index) = self.find(name) else { continue };
            // The index itself is closed at the very end, when nobody uses it any more.
            self.lock(index, LockMode::AccessExclusive);
            if let Some(table) = self.before.get(index).and_then(|object| object.as_index()).map(|index| index.table) {
                self.lock(table, LockMode::ShareUpdateExclusive);
            }
        }
    }

    pub(super) fn drop_subscription(&mut self, kind: &StatementKind) {
        if let StatementKind::DropSubscription { name, .. } = kind {
            let mut subscriptions =
                self.before.of_kind(Tag::Subscription).filter(|(_, object)| object.name == name.name);
            if subscriptions.any(|(_, object)| matches!(object.kind, Kind::Subscription { slot: true, .. })) {
                self.effects.transaction = TransactionRule::OutsideOnly;
            }
            return;
        }
        self.lock_what_fell();
    }

    /// Locks for all that is gone, and for what lost a part.
    pub(super) fn lock_what_fell(&mut self) {
        let changed: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        for id in changed {
            let Some(before) = self.before.get(id).cloned() else { continue };
            match self.after.get(id) {
                None => self.fell(id, &before),
                Some(after) => self.lost_a_part(id, &before, &after.clone()),
            }
        }
    }

    fn fell(&mut self, id: ObjectId, object: &Object) {
        const CLOSED: LockMode = LockMode::AccessExclusive;
        match &object.kind {
            Kind::Relation(relation) => {
                self.lock(id, CLOSED);
                self.lock_indexes(id, CLOSED);
                if relation.bound.is_some() {
                    self.lock_parent_of_partition(relation.parents.first().copied());
                }
            }
            Kind::Sequence(_) => self.lock(id, CLOSED),
            Kind::Index(index) => {
                self.lock(id, CLOSED);
                self.lock(index.table, CLOSED);
            }
            Kind::Constraint(constraint) => {
                self.lock(constraint.of, CLOSED);
                // The key of a partition has no triggers of its own on the referenced table; its parent's has them.
                let copied = constraint.parent.and_then(|parent| self.before.get(parent)?.as_constraint());
                let from_parent = copied.is_some_and(|parent| parent.of != constraint.of);
                if let (ConstraintKind::ForeignKey(key), false) = (&constraint.kind, from_parent) {
                    // The triggers that guard the referenced side are dropped from it.
                    // Up to 14 a partitioned table had none, only its partitions.
                    for table in key_side(self.before, key.references) {
                        if self.version >= 15 || !self.is_partitioned(table) {
                            self.lock(table, CLOSED);
                        }
                    }
                }
            }
            Kind::Policy(policy) => self.lock(policy.table, CLOSED),
            Kind::Trigger(trigger) => self.lock(trigger.table, CLOSED),
            Kind::Rule(rule) => self.lock(rule.table, CLOSED),
            Kind::Statistics(statistics) => self.lock(statistics.table, LockMode::ShareUpdateExclusive),
            _ => {}
        }
    }

    fn lock_parent_of_partition(&mut self, parent: Option<ObjectId>) {
        let Some(parent) = parent else { return };
        self.lock(parent, LockMode::AccessExclusive);
        if let Some(default) = self.default_partition(parent) {
            self.lock(default, LockMode::AccessExclusive);
        }
    }

    /// A table that lost a column, or a column its default, because what they need fell.
    fn lost_a_part(&mut self, id: ObjectId, before: &Object, after: &Object) {
        let (Kind::Relation(before), Kind::Relation(after)) = (&before.kind, &after.kind) else { return };
        let lost_default = |number: i16| {
            let had = before.column_number(number).is_some_and(|column| column.default.is_some());
            had && after.column_number(number).is_some_and(|column| column.default.is_none())
        };
        let lost = before
            .columns
            .iter()
            .any(|column| after.column_number(column.number).is_none() || lost_default(column.number));
        if lost && before.class != RelationClass::View {
            self.lock(id, LockMode::AccessExclusive);
        }
    }
}
