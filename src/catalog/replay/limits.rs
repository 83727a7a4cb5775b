//! What the server refuses of relations of certain kinds, whatever else the statement says.

use super::{Effect, Replay};
use crate::catalog::{Found, Kind, ObjectId, Relation, RelationClass};
use crate::syntax::{
    AlterTable, ConstraintKind, CreateTable, Ident, Name, Persistence, Statement, StatementKind, TableAction,
    TableActionKind as Action,
};

impl Replay {
    /// Refuses what cannot be done to a relation of this kind.
    pub(super) fn check_limits(&self, statement: &Statement) -> Effect<()> {
        match &statement.kind {
            StatementKind::CreateTable(create) => self.check_new_table(create),
            StatementKind::AlterTable(alter) => self.check_altered_table(alter),
            StatementKind::Cluster { relation: Some(relation), .. } => {
                let partitioned = self.find_relation(&relation.name).is_some_and(|id| self.is_partitioned(id));
                if partitioned && self.settings.version < 15 {
                    return Err(self.refuse("0A000", relation.span, "cannot cluster a partitioned table"));
                }
                Ok(())
            }
            StatementKind::SecurityLabel { object, .. } => {
                Err(self.refuse("22023", object.span, "no security label providers have been loaded"))
            }
            _ => Ok(()),
        }
    }

    fn check_new_table(&self, create: &CreateTable) -> Effect<()> {
        let unlogged = create.relation.persistence == Persistence::Unlogged;
        if unlogged && create.partition_by.is_some() && self.settings.version >= 18 {
            return Err(self.refuse("0A000", create.relation.span, "partitioned tables cannot be unlogged"));
        }
        Ok(())
    }

    fn check_altered_table(&self, alter: &AlterTable) -> Effect<()> {
        let Some(id) = self.find_relation(&alter.relation.name) else { return Ok(()) };
        if let Some(Kind::Sequence(_)) = self.now().get(id).map(|object| &object.kind) {
            return self.check_altered_sequence(alter);
        }
        let Some(table) = self.now().relation(id) else { return Ok(()) };
        for action in &alter.actions {
            self.check_action(&table, action, alter.relation.only)?;
        }
        Ok(())
    }

    fn check_altered_sequence(&self, alter: &AlterTable) -> Effect<()> {
        let persistence = |action: &&TableAction| matches!(action.kind, Action::SetLogged | Action::SetUnlogged);
        match alter.actions.iter().find(persistence) {
            Some(action) if self.settings.version < 15 => {
                Err(self.refuse("42809", action.span, format!("\"{}\" is not a table", alter.relation.name.name.name)))
            }
            _ => Ok(()),
        }
    }

    fn check_action(&self, table: &Found<'_, Relation>, action: &TableAction, only: bool) -> Effect<()> {
        let version = self.settings.version;
        let partitioned = table.is.class == RelationClass::PartitionedTable;
        let refuse = |sqlstate, message: &str| Err(self.refuse(sqlstate, action.span, message));
        match &action.kind {
            Action::SetUnlogged | Action::SetLogged if partitioned && version >= 18 => {
                refuse("42809", "a partitioned table has no rows of its own to be logged or not")
            }
            Action::SetUnlogged => self.check_unlogged(table, action),
            Action::SetOptions(_) if partitioned && version >= 16 => {
                refuse("42809", "cannot specify storage parameters for a partitioned table")
            }
            Action::SetOptions(_) if partitioned => refuse("22023", "a partitioned table has no storage parameters"),
            Action::SetAccessMethod { .. } if partitioned && version < 17 => {
                refuse("42809", "cannot change access method of a partitioned table")
            }
            Action::SetNotNull { column } if partitioned && only => self.check_only_not_null(table, *column),
            Action::AddConstraint(constraint) if partitioned => match &constraint.kind {
                ConstraintKind::ForeignKey(_) if only => {
                    refuse("42809", "cannot use ONLY for a foreign key on a partitioned table")
                }
                ConstraintKind::ForeignKey(_) if constraint.not_valid.is_some() && version < 18 => {
                    refuse("42809", "cannot add a NOT VALID foreign key on a partitioned table")
                }
                _ => Ok(()),
            },
            Action::DetachPartition { concurrently: true, .. } if self.has_default_partition(table.id) => {
                refuse("55000", "cannot detach partitions concurrently when a default partition exists")
            }
            Action::DetachPartition { finalize: true, .. } => {
                refuse("55000", "no detach is pending for this partition")
            }
            Action::Inherit { parent }
                if self.find_relation(&parent.name).is_some_and(|id| self.is_partitioned(id)) =>
            {
                Err(self.refuse("42809", parent.span, "cannot inherit from a partitioned table"))
            }
            Action::AlterColumnType { .. } if table.is.of_type.is_some() => {
                refuse("42809", "cannot alter column type of a typed table")
            }
            Action::DropExpression { column, .. } if self.is_virtual(table, column.name) => {
                refuse("0A000", "DROP EXPRESSION is not supported for virtual generated columns")
            }
            _ => Ok(()),
        }
    }

    fn is_virtual(&self, table: &Found<'_, Relation>, column: Name) -> bool {
        let column = table.is.column(column);
        column.is_some_and(|column| column.generated.as_ref().is_some_and(|generated| !generated.stored))
    }

    /// NOT NULL of a partitioned table must hold in its partitions, too.
    fn check_only_not_null(&self, table: &Found<'_, Relation>, column: Ident) -> Effect<()> {
        let nullable = table.is.column(column.name).is_some_and(|column| !column.not_null);
        let has_partitions = self
            .now()
            .dependents(table.id)
            .any(|(_, object, _)| object.as_relation().is_some_and(|relation| relation.parents.contains(&table.id)));
        if nullable && has_partitions {
            return Err(self.refuse("42P16", column.span, "the constraint must be added to child tables too"));
        }
        Ok(())
    }

    fn has_default_partition(&self, table: ObjectId) -> bool {
        self.now().dependents(table).any(|(_, object, _)| {
            let Some(partition) = object.as_relation().filter(|it| it.parents.contains(&table)) else { return false };
            let bound = partition.bound.as_ref();
            bound.is_some_and(|bound| matches!(bound.kind, crate::syntax::PartitionBoundKind::Default))
        })
    }

    /// A permanent table cannot hang on one that a crash empties, and an unlogged one cannot be replicated.
    fn check_unlogged(&self, table: &Found<'_, Relation>, action: &TableAction) -> Effect<()> {
        let name = table.name();
        let publishes = |kind: &Kind| match kind {
            Kind::Publication(publication) => publication.tables.iter().any(|it| it.table == table.id),
            _ => false,
        };
        if self.now().dependents(table.id).any(|(_, object, _)| publishes(&object.kind)) {
            let message = format!("cannot change table \"{name}\" to unlogged because it is part of a publication");
            return Err(self.refuse("55000", action.span, message));
        }
        let is_permanent = |id: ObjectId| {
            self.now().relation(id).is_some_and(|it| it.is.persistence == Persistence::Permanent && it.id != table.id)
        };
        let referencing = self.now().referencing(table.id).find(|(key, _)| is_permanent(key.is.of));
        if let Some((key, _)) = referencing {
            let message = format!("could not change table \"{name}\" to unlogged because logged tables reference it");
            return Err(self.refuse_because("42P16", action.span, message, key.id, "this key references it"));
        }
        Ok(())
    }
}
