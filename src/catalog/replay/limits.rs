//! What the server refuses of relations of certain kinds, whatever else the statement says.

use super::{Effect, Replay};
use crate::catalog::{
    Constraint, ConstraintKind as CatalogConstraint, Found, Kind, NameKey, NameSpace, ObjectId, Relation,
    RelationClass, Tag,
};
use crate::syntax::{
    AlterTable, ColumnNumberOrName, ConstraintKind, CreateTable, Definition, Ident, Name, Persistence, Statement,
    StatementKind, TableAction, TableActionKind as Action, VacuumRelation,
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
            StatementKind::Vacuum { vacuum, options, relations } => self.check_vacuum(*vacuum, options, relations),
            StatementKind::SecurityLabel { object, .. } => {
                Err(self.refuse("22023", object.span, "no security label providers have been loaded"))
            }
            _ => Ok(()),
        }
    }

    fn check_vacuum(&self, vacuum: bool, options: &[Definition], relations: &[VacuumRelation]) -> Effect<()> {
        const VACUUM: &[&str] = &[
            "full",
            "freeze",
            "disable_page_skipping",
            "process_toast",
            "truncate",
            "parallel",
            "index_cleanup",
            "process_main",
            "skip_database_stats",
            "only_database_stats",
            "analyze",
        ];
        const BOTH: &[&str] = &["verbose", "skip_locked", "buffer_usage_limit"];
        let known = |name: &str| BOTH.contains(&name) || (vacuum && VACUUM.contains(&name));
        if let Some(option) = options.iter().find(|option| !known(option.name.as_str())) {
            let command = if vacuum { "VACUUM" } else { "ANALYZE" };
            return Err(self.refuse(
                "42601",
                option.span,
                format!("unrecognized {command} option \"{}\"", option.name.name),
            ));
        }
        let analyzes = !vacuum || options.iter().any(|option| option.name.as_str() == "analyze");
        match relations.iter().find(|it| !it.columns.is_empty() && !analyzes) {
            Some(it) => {
                let message = "ANALYZE option must be specified when a column list is provided";
                Err(self.refuse("0A000", it.relation.span, message))
            }
            None => Ok(()),
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
        if let Some(index) = self.now().get(id).and_then(|object| object.as_index()) {
            return self.check_altered_index(index.table, alter);
        }
        let Some(table) = self.now().relation(id) else { return Ok(()) };
        self.check_persistence_set_once(&table, alter)?;
        for action in &alter.actions {
            self.check_action(&table, action, alter.relation.only)?;
        }
        Ok(())
    }

    /// Once one action changes whether the table is logged, no other of the statement may speak of it.
    fn check_persistence_set_once(&self, table: &Found<'_, Relation>, alter: &AlterTable) -> Effect<()> {
        let wanted = |action: &TableAction| match action.kind {
            Action::SetLogged => Some(Persistence::Permanent),
            Action::SetUnlogged => Some(Persistence::Unlogged),
            _ => None,
        };
        let mut set = alter.actions.iter().filter(|action| wanted(action).is_some());
        let changed = set.any(|action| wanted(action) != Some(table.is.persistence));
        match set.next() {
            Some(again) if changed => Err(self.refuse("0A000", again.span, "cannot change persistence setting twice")),
            _ => Ok(()),
        }
    }

    /// The index of a partitioned table has no storage whose parameters could be set.
    fn check_altered_index(&self, table: ObjectId, alter: &AlterTable) -> Effect<()> {
        let sets = |it: &&TableAction| matches!(it.kind, Action::SetOptions(_) | Action::ResetOptions(_));
        match alter.actions.iter().find(sets) {
            Some(action) if self.is_partitioned(table) => {
                let name = alter.relation.name.name.name;
                Err(self.refuse("42809", action.span, format!("\"{name}\" is an index of a partitioned table")))
            }
            _ => Ok(()),
        }
    }

    fn check_altered_sequence(&self, alter: &AlterTable) -> Effect<()> {
        let id = self.find_relation(&alter.relation.name);
        let owned = id.and_then(|id| self.now().get(id)?.as_sequence()?.owned_by);
        let gives = |action: &&TableAction| matches!(action.kind, Action::SetOwner(_));
        if let (Some((table, _)), Some(action)) = (owned, alter.actions.iter().find(gives)) {
            let message = format!("cannot change owner of sequence \"{}\"", alter.relation.name.name.name);
            return Err(self.refuse_because(
                "0A000",
                action.span,
                message,
                table,
                "it belongs to a column of this table",
            ));
        }
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
            Action::SetLogged => self.check_not_temporary(table, action),
            Action::SetStatistics { column: ColumnNumberOrName::Number(_), .. } => {
                refuse("0A000", "cannot refer to non-index column by number")
            }
            Action::SetOptions(_) if partitioned && version >= 16 => {
                refuse("42809", "cannot specify storage parameters for a partitioned table")
            }
            Action::SetOptions(_) if partitioned => refuse("22023", "a partitioned table has no storage parameters"),
            Action::SetAccessMethod { .. } if partitioned && version < 17 => {
                refuse("42809", "cannot change access method of a partitioned table")
            }
            Action::DropConstraint { name, .. } if partitioned && only && version < 18 => {
                self.check_only_dropped(table, *name)
            }
            Action::ClusterOn { .. } | Action::SetWithoutCluster if partitioned => {
                refuse("0A000", "cannot mark index clustered in partitioned table")
            }
            Action::NotOf if table.is.of_type.is_none() => {
                refuse("42809", &format!("\"{}\" is not a typed table", table.name()))
            }
            Action::SetNotNull { column } if partitioned && only => self.check_only_not_null(table, *column),
            Action::AddConstraint(constraint) if table.is.class == RelationClass::ForeignTable => {
                match constraint.kind {
                    ConstraintKind::Check(_) | ConstraintKind::NotNull { .. } => Ok(()),
                    _ => refuse("0A000", "keys and foreign keys are not supported on foreign tables"),
                }
            }
            Action::AddConstraint(constraint) if partitioned => match &constraint.kind {
                ConstraintKind::Primary(key) if only => self.check_only_primary_key(table, &key.columns),
                ConstraintKind::ForeignKey(_) if only => {
                    refuse("42809", "cannot use ONLY for a foreign key on a partitioned table")
                }
                ConstraintKind::Exclude(_) if version < 17 => {
                    refuse("0A000", "exclusion constraints are not supported on partitioned tables")
                }
                ConstraintKind::ForeignKey(_) if constraint.not_valid.is_some() && version < 18 => {
                    refuse("42809", "cannot add a NOT VALID foreign key on a partitioned table")
                }
                _ => Ok(()),
            },
            Action::DetachPartition { concurrently: true, finalize: false, .. } => {
                self.refuse_in_block("ALTER TABLE ... DETACH CONCURRENTLY", action.span)?;
                if !self.has_default_partition(table.id) {
                    return Ok(());
                }
                refuse("55000", "cannot detach partitions concurrently when a default partition exists")
            }
            Action::DetachPartition { finalize: true, .. } if !self.may_hold_pending_detach() => {
                refuse("55000", "no detach is pending for this partition")
            }
            Action::Inherit { parent }
                if self.find_relation(&parent.name).is_some_and(|id| self.is_partitioned(id)) =>
            {
                Err(self.refuse("42809", parent.span, "cannot inherit from a partitioned table"))
            }
            Action::ValidateConstraint { name } if only => self.check_only_validated(table, *name),
            Action::AddColumn { column, .. } => {
                let may =
                    |kind: &ConstraintKind| matches!(kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_));
                match column.constraints.iter().find(|it| !it.enforced && !may(&it.kind)) {
                    Some(constraint) => Err(self.refuse("42601", constraint.span, "misplaced NOT ENFORCED clause")),
                    None => Ok(()),
                }
            }
            Action::SetAccessMethod { method: Some(method) } => self.check_table_method(*method),
            Action::DropColumn { .. } if table.is.of_type.is_some() => {
                refuse("42809", "cannot drop column from typed table")
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

    /// Whether somebody wrote to the catalog by hand that tells which partitions are on their way out.
    fn may_hold_pending_detach(&self) -> bool {
        self.catalog.statements().iter().any(|executed| match &executed.statement.kind {
            StatementKind::Update(update) => update.relation.name.name.name.as_str() == "pg_inherits",
            _ => false,
        })
    }

    fn is_virtual(&self, table: &Found<'_, Relation>, column: Name) -> bool {
        let column = table.is.column(column);
        column.is_some_and(|column| column.generated.as_ref().is_some_and(|generated| !generated.stored))
    }

    /// Up to 17 a CHECK of a partitioned table could not leave its partitions behind.
    fn check_only_dropped(&self, table: &Found<'_, Relation>, name: Ident) -> Effect<()> {
        let is_check = |constraint: &Constraint| matches!(constraint.kind, CatalogConstraint::Check { .. });
        let mut checks = self.now().constraints(table.id).filter(|it| it.name() == name.name);
        if !checks.any(|it| is_check(it.is)) || self.partitions(table.id).is_empty() {
            return Ok(());
        }
        let message = "cannot remove constraint from only the partitioned table when partitions exist";
        Err(self.refuse("42P16", name.span, message).help("leave out ONLY"))
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

    /// The columns of a primary key must be NOT NULL in the partitions, too, and ONLY leaves them as they are.
    fn check_only_primary_key(&self, table: &Found<'_, Relation>, columns: &[Ident]) -> Effect<()> {
        if self.settings.version < 18 {
            return columns.iter().try_for_each(|column| self.check_only_not_null(table, *column));
        }
        for partition in self.partitions(table.id) {
            let Some(partition) = self.now().relation(partition) else { continue };
            let nullable = |column: &&Ident| partition.is.column(column.name).is_some_and(|it| !it.not_null);
            if let Some(column) = columns.iter().find(nullable) {
                let message =
                    format!("column \"{}\" of table \"{}\" is not marked NOT NULL", column.name, partition.name());
                return Err(self.refuse("XX000", column.span, message));
            }
        }
        Ok(())
    }

    /// A CHECK that the children have too is validated with them.
    fn check_only_validated(&self, table: &Found<'_, Relation>, name: Ident) -> Effect<()> {
        let is_inherited = |constraint: &Constraint| {
            matches!(constraint.kind, CatalogConstraint::Check { .. })
                && !constraint.validated
                && !constraint.no_inherit
        };
        let mut constraints = self.now().constraints(table.id);
        let waits = constraints.any(|it| it.name() == name.name && is_inherited(it.is));
        if waits && !self.children(table.id).is_empty() {
            return Err(self.refuse("42P16", name.span, "constraint must be validated on child tables too"));
        }
        Ok(())
    }

    /// An access method for tables: `heap`, or one that the project made.
    fn check_table_method(&self, method: Ident) -> Effect<()> {
        let key = NameKey { space: NameSpace::Other(Tag::AccessMethod), parent: None, name: method.name };
        let known = method.as_str() == "heap" || !self.now().named(key).is_empty() || self.has_unknown_extension();
        if known || self.doubt.about(method.name).is_some() {
            return Ok(());
        }
        Err(self.refuse("42704", method.span, format!("access method \"{}\" does not exist", method.name)))
    }

    fn has_default_partition(&self, table: ObjectId) -> bool {
        self.now().dependents(table).any(|(_, object, _)| {
            let Some(partition) = object.as_relation().filter(|it| it.parents.contains(&table)) else { return false };
            let bound = partition.bound.as_ref();
            bound.is_some_and(|bound| matches!(bound.kind, crate::syntax::PartitionBoundKind::Default))
        })
    }

    fn check_not_temporary(&self, table: &Found<'_, Relation>, action: &TableAction) -> Effect<()> {
        if table.is.persistence != Persistence::Temporary {
            return Ok(());
        }
        let message = format!("cannot change logged status of table \"{}\" because it is temporary", table.name());
        Err(self.refuse("42P16", action.span, message))
    }

    /// A permanent table cannot hang on one that a crash empties, and an unlogged one cannot be replicated.
    fn check_unlogged(&self, table: &Found<'_, Relation>, action: &TableAction) -> Effect<()> {
        let name = table.name();
        self.check_not_temporary(table, action)?;
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
