//! How far below a table an action of ALTER TABLE reaches, and with it its lock.

use super::Work;
use super::tree::tree;
use crate::catalog::{Column, Constraint, ConstraintKind, ObjectId};
use crate::syntax::{
    Constraint as WrittenConstraint, ConstraintKind as Written, Name, TableActionKind as Action, TriggerSelection,
};

impl Work<'_> {
    /// The tables that an action closes: the table, and those of its children that the action opens.
    pub(super) fn reached(&self, table: ObjectId, action: &Action, only: bool) -> Vec<ObjectId> {
        if let Action::DropColumn { column, .. } = action {
            return self.reached_by_drop(table, only, |work, child| work.column_left_in(child, column.name));
        }
        if let Action::DropConstraint { name, .. } = action {
            return self.reached_by_drop_constraint(table, name.name, only);
        }
        self.targets(table, !self.recurses(table, action, only))
    }

    /// Whether an action reaches all below the table.
    fn recurses(&self, table: ObjectId, action: &Action, only: bool) -> bool {
        if only {
            return false;
        }
        match action {
            Action::SetDefault { .. }
            | Action::DropDefault { .. }
            | Action::DropNotNull { .. }
            | Action::SetExpression { .. }
            | Action::DropExpression { .. }
            | Action::SetStatistics { .. }
            | Action::SetStorage { .. }
            | Action::AlterColumnType { .. } => true,
            Action::AddColumn { column, if_not_exists } => {
                !if_not_exists || self.column_of(table, column.name.name).is_none()
            }
            Action::SetNotNull { column } => !self.is_not_null(table, column.name),
            // Only partitions share identity and keys with their table.
            Action::AddIdentity { .. } | Action::SetIdentity { .. } | Action::DropIdentity { .. } => {
                self.version >= 17 && self.is_partitioned(table)
            }
            Action::AlterConstraint(alter) => self.is_partitioned(table) || alter.inherit.is_some(),
            Action::ValidateConstraint { name } => self.validation_recurses(table, name.name),
            Action::Trigger { which, .. } => self.has_copied_trigger(table, which),
            Action::AddConstraint(constraint) => self.constraint_recurses(table, constraint),
            _ => false,
        }
    }

    pub(super) fn is_partitioned(&self, table: ObjectId) -> bool {
        self.relation(table).is_some_and(|it| it.partition_key.is_some())
    }

    fn column_of(&self, table: ObjectId, name: Name) -> Option<&Column> {
        self.relation(table)?.column(name).map(|column| &**column)
    }

    fn is_not_null(&self, table: ObjectId, name: Name) -> bool {
        self.column_of(table, name).is_some_and(|column| column.not_null)
    }

    /// A CHECK is validated for all that inherit it; a foreign key for all partitions.
    fn validation_recurses(&self, table: ObjectId, name: Name) -> bool {
        let Some(waiting) = self.before.constraints(table).find(|it| it.name() == name && !it.is.validated) else {
            return false;
        };
        match waiting.is.kind {
            ConstraintKind::ForeignKey(_) => self.is_partitioned(table),
            _ => !waiting.is.no_inherit,
        }
    }

    /// Whether one of the chosen triggers has copies in partitions, which follow it.
    fn has_copied_trigger(&self, table: ObjectId, which: &TriggerSelection) -> bool {
        if !self.is_partitioned(table) {
            return false;
        }
        let chosen = |name: Name| match which {
            TriggerSelection::Name(wanted) => wanted.name == name,
            TriggerSelection::All | TriggerSelection::User => true,
        };
        let own = self.before.triggers(table).any(|it| it.is.for_each_row && chosen(it.name()));
        own || (matches!(which, TriggerSelection::All) && self.before.foreign_keys(table).next().is_some())
    }

    /// CHECK and NOT NULL reach the children, and so does a primary key whose columns become NOT NULL. Since 18 every
    /// constraint reaches for them; partitions get their part of a key in any case.
    fn constraint_recurses(&self, table: ObjectId, constraint: &WrittenConstraint) -> bool {
        if self.version >= 18 {
            return true;
        }
        match &constraint.kind {
            Written::NotNull { .. } => true,
            Written::Check(_) => !constraint.no_inherit,
            Written::Primary(key) => {
                let not_null = key.columns.iter().all(|column| self.is_not_null(table, column.name));
                !(self.is_partitioned(table) && not_null)
            }
            _ => false,
        }
    }

    /// A dropped constraint leaves the children that inherit it.
    fn reached_by_drop_constraint(&self, table: ObjectId, name: Name, only: bool) -> Vec<ObjectId> {
        if self.is_partitioned(table) {
            return tree(self.before, table);
        }
        let inheritable = |it: &Constraint| match it.kind {
            ConstraintKind::Check { .. } | ConstraintKind::NotNull { .. } => !it.no_inherit,
            _ => false,
        };
        if !self.before.constraints(table).any(|it| it.name() == name && inheritable(it.is)) {
            return vec![table];
        }
        self.reached_by_drop(table, only, |work, child| {
            let own = work.before.constraints(child).find(|it| it.name() == name);
            own.is_some_and(|it| it.is.local || it.is.inherited > 1)
        })
    }

    /// Whether a child keeps a column that its parent drops: it has it from elsewhere, too.
    fn column_left_in(&self, child: ObjectId, name: Name) -> bool {
        self.column_of(child, name).is_some_and(|column| column.local || column.inherited > 1)
    }

    /// What is dropped is dropped from child to child, as far as it came from the parent alone. With ONLY the children
    /// are told that it is their own from now on.
    fn reached_by_drop(&self, table: ObjectId, only: bool, keeps: impl Fn(&Self, ObjectId) -> bool) -> Vec<ObjectId> {
        let mut found = vec![table];
        let mut next = 0;
        while next < found.len() {
            let at = found[next];
            next += 1;
            if at != table && (only || keeps(self, at)) {
                continue;
            }
            for child in self.before.children(at) {
                if !found.contains(&child) {
                    found.push(child);
                }
            }
        }
        found
    }
}
