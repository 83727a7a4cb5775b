//! ALTER TABLE and what the grammar treats like it: which action is done when, and to which tables.

use super::constraint::{NewCheck, Written};
use super::{Effect, Replay};
use crate::catalog::{Object, ObjectId, Outcome, RelationClass};
use crate::syntax::{self, AlterTable, ObjectKind, RelationKind, TableAction, TableActionKind};

/// The order in which the server carries out actions, whatever order they are written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    Drop,
    AlterType,
    SetExpression,
    AddColumn,
    ColumnAttributes,
    AddIndexConstraint,
    AddIndex,
    AddOtherConstraint,
    Misc,
}

fn pass_of(action: &TableActionKind) -> Pass {
    use TableActionKind as A;
    match action {
        A::DropColumn { .. }
        | A::DropDefault { .. }
        | A::DropNotNull { .. }
        | A::DropExpression { .. }
        | A::DropIdentity { .. }
        | A::DropConstraint { .. }
        | A::SetWithoutOids => Pass::Drop,
        A::AlterColumnType { .. } => Pass::AlterType,
        A::SetExpression { .. } => Pass::SetExpression,
        A::AddColumn { .. } => Pass::AddColumn,
        A::SetNotNull { .. } => Pass::ColumnAttributes,
        A::SetDefault { .. } | A::AddIdentity { .. } => Pass::AddOtherConstraint,
        A::AddConstraint(constraint) => match &constraint.kind {
            syntax::ConstraintKind::Primary(key) | syntax::ConstraintKind::Unique { key, .. } => {
                if key.index.is_some() { Pass::AddIndexConstraint } else { Pass::AddIndex }
            }
            syntax::ConstraintKind::Exclude(_) => Pass::AddIndex,
            syntax::ConstraintKind::NotNull { .. } => Pass::ColumnAttributes,
            _ => Pass::AddOtherConstraint,
        },
        _ => Pass::Misc,
    }
}

/// Kinds of relation that an action is allowed on, as bits.
mod on {
    pub(super) const TABLE: u16 = 1;
    pub(super) const PARTITIONED: u16 = 1 << 1;
    pub(super) const VIEW: u16 = 1 << 2;
    pub(super) const MATVIEW: u16 = 1 << 3;
    pub(super) const INDEX: u16 = 1 << 4;
    pub(super) const FOREIGN: u16 = 1 << 5;
    pub(super) const SEQUENCE: u16 = 1 << 6;
    pub(super) const COMPOSITE: u16 = 1 << 7;
    pub(super) const TABLES: u16 = TABLE | PARTITIONED;
    pub(super) const ANY: u16 = u16::MAX;
}

/// `ATSimplePermissions`: what an action may be done to.
fn allowed_on(action: &TableActionKind) -> u16 {
    use TableActionKind as A;
    use on::{ANY, COMPOSITE, FOREIGN, INDEX, MATVIEW, SEQUENCE, TABLE, TABLES, VIEW};
    match action {
        A::AddColumn { .. } | A::DropColumn { .. } | A::AlterColumnType { .. } => TABLES | COMPOSITE | FOREIGN,
        A::SetDefault { .. }
        | A::DropDefault { .. }
        | A::AddIdentity { .. }
        | A::SetIdentity { .. }
        | A::DropIdentity { .. } => TABLES | VIEW | FOREIGN,
        A::DropNotNull { .. }
        | A::SetNotNull { .. }
        | A::SetExpression { .. }
        | A::DropExpression { .. }
        | A::DropConstraint { .. }
        | A::ValidateConstraint { .. }
        | A::Trigger { .. }
        | A::SetWithoutOids => TABLES | FOREIGN,
        A::AddConstraint(constraint) => match constraint.kind {
            syntax::ConstraintKind::Check(_) | syntax::ConstraintKind::NotNull { .. } => TABLES | FOREIGN,
            _ => TABLES,
        },
        A::SetStatistics { .. } => TABLES | MATVIEW | INDEX | FOREIGN,
        A::SetColumnOptions { .. } | A::SetStorage { .. } => TABLES | MATVIEW | FOREIGN,
        A::SetCompression { .. } | A::ClusterOn { .. } | A::SetWithoutCluster | A::ReplicaIdentity(_) => {
            TABLES | MATVIEW
        }
        A::SetAccessMethod { .. } => TABLES | MATVIEW,
        A::SetLogged | A::SetUnlogged => TABLES | SEQUENCE,
        A::SetTablespace { .. } => TABLES | MATVIEW | INDEX,
        A::SetOptions(_) | A::ResetOptions(_) => TABLES | VIEW | MATVIEW | INDEX,
        A::Inherit { .. } | A::NoInherit { .. } => TABLES | FOREIGN,
        A::AlterConstraint(_)
        | A::OfType(_)
        | A::NotOf
        | A::EnableRowSecurity
        | A::DisableRowSecurity
        | A::ForceRowSecurity
        | A::NoForceRowSecurity => TABLES,
        A::Rule { .. } => TABLES | VIEW | MATVIEW,
        A::AttachPartition { .. } | A::DetachPartition { .. } => TABLE | on::PARTITIONED,
        A::AttachIndex { .. } => INDEX,
        A::ForeignOptions { .. } => FOREIGN,
        A::SetOwner(_) => ANY,
    }
}

fn bit_of(object: &Object) -> u16 {
    match object.as_relation().map(|relation| relation.class) {
        Some(RelationClass::Table) => on::TABLE,
        Some(RelationClass::PartitionedTable) => on::PARTITIONED,
        Some(RelationClass::View) => on::VIEW,
        Some(RelationClass::MaterializedView) => on::MATVIEW,
        Some(RelationClass::ForeignTable) => on::FOREIGN,
        Some(RelationClass::CompositeType) => on::COMPOSITE,
        None if object.as_sequence().is_some() => on::SEQUENCE,
        None => on::INDEX,
    }
}

/// The table that an action is done to, and whether its children are left out.
#[derive(Clone, Copy)]
pub(crate) struct Altered {
    pub table: ObjectId,
    /// ONLY is written.
    pub only: bool,
}

impl Replay {
    pub(super) fn alter_table(&mut self, alter: &AlterTable) -> Effect {
        let name = &alter.relation.name;
        let Some(table) = self.relation_or_skip(name, alter.if_exists)? else { return Ok(Outcome::Skipped) };
        self.check_altered_kind(table, alter)?;
        let altered = Altered { table, only: alter.relation.only };
        let mut actions: Vec<&TableAction> = alter.actions.iter().collect();
        for action in &actions {
            self.check_allowed(table, action)?;
        }
        for action in &actions {
            self.prepare_action(altered, action)?;
        }
        actions.sort_by_key(|action| pass_of(&action.kind));
        let mut outcome = Outcome::Skipped;
        let mut pending = Vec::new();
        let mut keys_due = true;
        let mut others_due = true;
        for action in actions {
            let pass = pass_of(&action.kind);
            if keys_due && pass >= Pass::AddIndex {
                self.add_pending_keys(altered, &pending)?;
                keys_due = false;
            }
            if others_due && pass >= Pass::AddOtherConstraint {
                self.add_pending_others(altered, &pending)?;
                others_due = false;
            }
            if let Outcome::Done = self.alter_table_action(altered, action, &mut pending)? {
                outcome = Outcome::Done;
            }
        }
        if keys_due {
            self.add_pending_keys(altered, &pending)?;
        }
        if others_due {
            self.add_pending_others(altered, &pending)?;
        }
        self.check_rows(table, alter)?;
        Ok(outcome)
    }

    /// ALTER TABLE takes views, indexes and sequences too; ALTER VIEW and the like only their own kind.
    fn check_altered_kind(&mut self, id: ObjectId, alter: &AlterTable) -> Effect<()> {
        let name = &alter.relation.name;
        let kind = match alter.kind {
            RelationKind::Table => {
                let Some(object) = self.now().get(id) else { return Ok(()) };
                if bit_of(object) == on::COMPOSITE {
                    let message = format!("\"{}\" is a composite type", object.name);
                    return Err(self.refuse("42809", name.span(), message).help("say ALTER TYPE"));
                }
                return Ok(());
            }
            RelationKind::View => ObjectKind::View,
            RelationKind::MaterializedView => ObjectKind::MaterializedView,
            RelationKind::Index => ObjectKind::Index,
            RelationKind::Sequence => ObjectKind::Sequence,
            RelationKind::ForeignTable => ObjectKind::ForeignTable,
            RelationKind::CompositeType => return Ok(()),
        };
        self.check_relation_kind(id, kind, name)
    }

    fn check_allowed(&self, id: ObjectId, action: &TableAction) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        if allowed_on(&action.kind) & bit_of(object) != 0 {
            return Ok(());
        }
        let message = format!("this action cannot be performed on relation \"{}\"", object.name);
        let why = format!("it is a {}", object.kind_word());
        Err(self.refuse("42809", action.span, message).label(object.span, why))
    }

    /// What the server looks at before it changes anything.
    fn prepare_action(&mut self, altered: Altered, action: &TableAction) -> Effect<()> {
        match &action.kind {
            TableActionKind::AlterColumnType { column, ty, using, .. } => {
                self.prepare_column_type(altered, *column, ty, using.as_ref())
            }
            _ => Ok(()),
        }
    }

    fn alter_table_action<'a>(
        &mut self,
        altered: Altered,
        action: &'a TableAction,
        pending: &mut Vec<Vec<Written<'a>>>,
    ) -> Effect {
        use TableActionKind as A;
        let table = altered.table;
        match &action.kind {
            A::AddColumn { column, if_not_exists } => {
                let Some(constraints) = self.add_column(altered, column, *if_not_exists)? else {
                    return Ok(Outcome::Skipped);
                };
                pending.push(constraints);
            }
            A::DropColumn { column, if_exists, behavior } => {
                return self.drop_column(altered, *column, *if_exists, *behavior);
            }
            A::SetDefault { column, default } => self.set_default(altered, *column, default)?,
            A::DropDefault { column } => self.drop_default(altered, *column)?,
            A::SetNotNull { column } => self.set_not_null(altered, *column)?,
            A::DropNotNull { column } => self.drop_not_null(altered, *column)?,
            A::SetExpression { column, expr } => self.set_expression(altered, *column, expr)?,
            A::DropExpression { column, if_exists } => return self.drop_expression(altered, *column, *if_exists),
            A::AlterColumnType { column, ty, collation, .. } => {
                self.alter_column_type(altered, *column, ty, collation.as_ref())?;
            }
            A::AddIdentity { column, always, options } => self.add_identity(altered, *column, *always, options)?,
            A::SetIdentity { column, always, options } => self.change_identity(altered, *column, *always, options)?,
            A::DropIdentity { column, if_exists } => return self.drop_identity(altered, *column, *if_exists),
            A::SetStatistics { column, target } => self.set_statistics(table, *column, *target, action.span)?,
            A::SetStorage { column, storage } => self.set_storage(table, *column, *storage)?,
            A::SetCompression { column, compression } => self.set_compression(table, *column, *compression)?,
            A::SetColumnOptions { column, options, .. } => {
                self.column_of(table, *column)?;
                self.check_column_options(options)?;
            }
            A::AddConstraint(constraint) => self.add_written_constraint(altered, constraint)?,
            A::AlterConstraint(alter) => self.alter_constraint(table, alter)?,
            A::ValidateConstraint { name } => self.validate_constraint(altered, *name)?,
            A::DropConstraint { name, if_exists, behavior } => {
                return self.drop_constraint(altered, *name, *if_exists, *behavior);
            }
            A::AttachPartition { partition, bound } => self.attach_partition(table, partition, bound)?,
            A::DetachPartition { partition, .. } => self.detach_partition(table, partition)?,
            A::AttachIndex { index } => self.attach_written_index(table, index)?,
            A::Inherit { parent } => self.inherit(table, parent)?,
            A::NoInherit { parent } => self.no_inherit(table, parent)?,
            A::SetOwner(owner) => {
                if let Some(role) = self.role(owner)? {
                    self.give_to(table, role);
                }
            }
            A::Trigger { which, firing } => self.set_trigger_firing(altered, which, *firing)?,
            A::Rule { name, firing } => self.set_rule_firing(table, *name, *firing)?,
            _ => self.set_table_property(table, action)?,
        }
        Ok(Outcome::Done)
    }

    /// The keys behind added columns.
    fn add_pending_keys(&mut self, altered: Altered, pending: &[Vec<Written<'_>>]) -> Effect<()> {
        pending.iter().try_for_each(|constraints| self.add_keys(altered.table, constraints))
    }

    /// The CHECKs and foreign keys behind added columns.
    fn add_pending_others(&mut self, altered: Altered, pending: &[Vec<Written<'_>>]) -> Effect<()> {
        for written in pending.iter().flatten() {
            match &written.constraint.kind {
                syntax::ConstraintKind::Check(expr) => {
                    self.add_check_and_below(altered, NewCheck::new(*written, expr, false))?;
                }
                syntax::ConstraintKind::ForeignKey(_) => self.add_foreign_key(altered.table, *written, false)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add_written_constraint(&mut self, altered: Altered, constraint: &syntax::Constraint) -> Effect<()> {
        let written = Written { constraint, column: None };
        match &constraint.kind {
            syntax::ConstraintKind::Check(expr) => {
                let check = NewCheck::new(written, expr, false);
                self.add_check_and_below(altered, check)
            }
            syntax::ConstraintKind::Primary(key) | syntax::ConstraintKind::Unique { key, .. }
                if key.index.is_some() =>
            {
                let primary = matches!(constraint.kind, syntax::ConstraintKind::Primary(_));
                self.use_index(altered.table, written, key, primary)
            }
            syntax::ConstraintKind::Primary(_)
            | syntax::ConstraintKind::Unique { .. }
            | syntax::ConstraintKind::Exclude(_) => match self.key_spec(altered.table, written)? {
                Some(spec) => self.add_key(super::index::IndexSpec { only: altered.only, ..spec }),
                None => Ok(()),
            },
            syntax::ConstraintKind::ForeignKey(_) => self.add_foreign_key(altered.table, written, false),
            syntax::ConstraintKind::NotNull { column: Some(column) } => self.add_not_null(altered, constraint, *column),
            _ => Ok(()),
        }
    }

    /// A CHECK goes to all children, unless it is NO INHERIT.
    fn add_check_and_below(&mut self, altered: Altered, mut check: NewCheck) -> Effect<()> {
        let name = self.add_check(altered.table, &check, false)?;
        if check.no_inherit {
            return Ok(());
        }
        let children = self.children(altered.table);
        if altered.only && !children.is_empty() {
            return Err(self.refuse("42P16", check.span, "constraint must be added to child tables too"));
        }
        check.name = Some(syntax::Ident { name, span: check.span });
        for table in self.with_descendants(altered.table).into_iter().skip(1) {
            self.add_check(table, &check, true)?;
        }
        Ok(())
    }
}
