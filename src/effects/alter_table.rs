//! ALTER TABLE and what the grammar treats alike.

use super::tree::{has_storage, key_side, tree};
use super::type_change::TypeChange;
use super::{Cause, Proof, Rows, TransactionRule, Work, proof};
use crate::catalog::{Column, Constraint, ConstraintKind, Kind, ObjectId, Outcome, RelationClass, TypeClass};
use crate::syntax::{
    AlterConstraint, AlterTable, Constraint as WrittenConstraint, ConstraintKind as Written, Definition, ExprKind,
    Ident, LockMode, Name, Persistence, ReplicaIdentity, SequenceOption, TableAction, TableActionKind as Action,
    Volatility,
};

impl Work<'_> {
    pub(super) fn alter_table(&mut self, alter: &AlterTable) {
        let Some(table) = self.find(&alter.relation.name) else { return };
        let level = alter.actions.iter().map(|action| self.level(table, &action.kind)).max();
        let Some(level) = level else { return };
        for action in &alter.actions {
            for target in self.reached(table, &action.kind, alter.relation.only) {
                self.lock(target, level);
            }
        }
        if !self.is_done() {
            self.transaction_rule(&alter.actions);
            return;
        }
        self.transaction_rule(&alter.actions);
        self.lock_what_fell();
        for action in &alter.actions {
            self.other_relations(table, alter.relation.only, &action.kind);
        }
        for target in self.targets(table, alter.relation.only) {
            self.rows(target, table, &alter.actions);
        }
        self.foreign_keys(&alter.actions);
        self.build_new_indexes();
        self.note_replaced_indexes();
    }

    /// An index that takes the name of a dropped one is that index with a new file.
    fn note_replaced_indexes(&mut self) {
        let built: Vec<String> = self.effects.builds_indexes.iter().map(|&id| self.after.qualified_name(id)).collect();
        for id in self.after.catalog().changed_in(self.statement).collect::<Vec<_>>() {
            let was_index = self.before.get(id).is_some_and(|object| object.as_index().is_some());
            if was_index && self.after.get(id).is_none() && built.contains(&self.before.qualified_name(id)) {
                self.effects.rebuilds_indexes.push(id);
            }
        }
    }

    /// Whether the statement ran and did something.
    pub(super) fn is_done(&self) -> bool {
        let executed = self.after.catalog().statement(self.statement);
        executed.is_some_and(|it| matches!(it.outcome, Outcome::Done | Outcome::Unknown(_)))
    }

    fn transaction_rule(&mut self, actions: &[TableAction]) {
        let concurrent =
            |action: &TableAction| matches!(action.kind, Action::DetachPartition { concurrently: true, .. });
        if actions.iter().any(concurrent) {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
    }

    /// The lock that an action takes on the relation itself (AlterTableGetLockLevel).
    fn level(&self, table: ObjectId, action: &Action) -> LockMode {
        match action {
            Action::SetStatistics { .. } | Action::SetColumnOptions { .. } | Action::ValidateConstraint { .. } => {
                LockMode::ShareUpdateExclusive
            }
            Action::ClusterOn { .. } | Action::SetWithoutCluster => LockMode::ShareUpdateExclusive,
            Action::AttachPartition { .. } | Action::AttachIndex { .. } => LockMode::ShareUpdateExclusive,
            Action::DetachPartition { concurrently, finalize, .. } if *concurrently || *finalize => {
                LockMode::ShareUpdateExclusive
            }
            Action::AddConstraint(constraint) if matches!(constraint.kind, Written::ForeignKey(_)) => {
                LockMode::ShareRowExclusive
            }
            Action::Trigger { .. } => LockMode::ShareRowExclusive,
            Action::SetOptions(options) | Action::ResetOptions(options) => self.option_level(table, options),
            _ => LockMode::AccessExclusive,
        }
    }

    /// Storage parameters take little; a view's options and two others take all.
    fn option_level(&self, table: ObjectId, options: &[Definition]) -> LockMode {
        const CLOSED: &[&str] =
            &["user_catalog_table", "fastupdate", "buffering", "security_barrier", "security_invoker", "check_option"];
        let is_view = self.relation(table).is_some_and(|relation| relation.class == RelationClass::View);
        if is_view || options.iter().any(|option| CLOSED.contains(&option.name.as_str())) {
            return LockMode::AccessExclusive;
        }
        LockMode::ShareUpdateExclusive
    }

    // --- other relations ------------------------------------------------------------------------

    fn other_relations(&mut self, table: ObjectId, only: bool, action: &Action) {
        match action {
            Action::AddColumn { column, .. } => {
                let defaults = column.constraints.iter().filter_map(|it| match &it.kind {
                    Written::Default(default) => Some(default),
                    _ => None,
                });
                defaults.for_each(|default| self.run_expression(default));
            }
            Action::AddConstraint(constraint) => {
                self.adopted_index(table, &constraint.kind, constraint.name);
                if !only {
                    self.lock_partitions_of_key(table, &constraint.kind);
                }
            }
            Action::DropConstraint { name, .. } => {
                let key = self.before.foreign_keys(table).find(|(it, _)| it.name() == name.name);
                if let Some((_, key)) = key {
                    self.lock(key.references, LockMode::AccessExclusive);
                }
            }
            Action::AlterConstraint(alter) => self.alter_enforcement(table, alter),
            Action::ClusterOn { index } => self.lock_index(table, *index, LockMode::ShareUpdateExclusive),
            Action::ReplicaIdentity(ReplicaIdentity::Index(index)) => self.lock_index(table, *index, LockMode::Share),
            Action::Inherit { parent } => self.lock_named(&parent.name, LockMode::ShareUpdateExclusive),
            Action::NoInherit { parent } => self.lock_named(&parent.name, LockMode::AccessShare),
            Action::OfType(ty) => self.lock_composite(ty.name()),
            Action::SetOwner(_) => self.lock_owned_parts(table),
            Action::AttachPartition { partition, .. } => self.attach(table, &partition.name),
            Action::DetachPartition { partition, concurrently, finalize } => {
                self.detach(table, &partition.name, *concurrently || *finalize);
            }
            Action::AttachIndex { index } => self.attach_index(table, &index.name),
            Action::SetIdentity { column, options, .. } => self.identity_sequence(table, *column, options),
            Action::SetLogged => self.change_persistence(table, Persistence::Permanent),
            Action::SetUnlogged => self.change_persistence(table, Persistence::Unlogged),
            Action::SetTablespace { .. } => self.move_to_tablespace(table),
            Action::SetAccessMethod { .. } => self.change_access_method(table),
            _ => {}
        }
    }

    fn lock_named(&mut self, name: &crate::syntax::QualifiedName, mode: LockMode) {
        if let Some(relation) = self.find(name) {
            self.lock(relation, mode);
        }
    }

    fn lock_index(&mut self, table: ObjectId, index: Ident, mode: LockMode) {
        let named = self.before.indexes(table).find(|found| found.name() == index.name).map(|found| found.id);
        if let Some(index) = named {
            self.lock(index, mode);
        }
    }

    /// The triggers on both sides of a foreign key come or go.
    fn alter_enforcement(&mut self, table: ObjectId, alter: &AlterConstraint) {
        let changes = |constraint: &Constraint| alter.enforced.is_some_and(|wanted| wanted != constraint.enforced);
        let mut keys = self.before.foreign_keys(table);
        let key = keys.find(|(constraint, _)| constraint.name() == alter.name.name && changes(constraint.is));
        let Some((id, references)) = key.map(|(constraint, key)| (constraint.id, key.references)) else { return };
        let comes = alter.enforced == Some(true);
        let mode = if comes { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive };
        for table in key_side(self.before, references) {
            self.lock(table, mode);
        }
        if comes {
            self.effects.validates.push(id);
            self.scan(table);
        }
    }

    fn lock_composite(&mut self, name: Name) {
        let found = self.path.iter().find_map(|&schema| self.before.relation_in(schema, name));
        if let Some(ty) = found {
            self.lock(ty, LockMode::AccessShare);
        }
    }

    /// Each partition gets its part of a key.
    fn lock_partitions_of_key(&mut self, table: ObjectId, kind: &Written) {
        let mode = match kind {
            Written::Unique { .. } | Written::Primary(_) | Written::Exclude(_) => LockMode::Share,
            Written::ForeignKey(_) => LockMode::ShareRowExclusive,
            _ => return,
        };
        if self.is_partitioned(table) {
            tree(self.before, table).into_iter().for_each(|partition| self.lock(partition, mode));
        }
    }

    /// USING INDEX gives the index the constraint's name.
    fn adopted_index(&mut self, table: ObjectId, kind: &Written, name: Option<Ident>) {
        let (Written::Primary(key) | Written::Unique { key, .. }) = kind else { return };
        let Some(index) = key.index else { return };
        if name.is_some_and(|name| name.name != index.name) {
            self.lock_index(table, index, LockMode::ShareUpdateExclusive);
        }
    }

    /// A new owner also owns the indexes and sequences; the same one again changes nothing.
    pub(super) fn lock_owned_parts(&mut self, table: ObjectId) {
        let owner = |catalog: crate::catalog::CatalogAt<'_>| catalog.get(table).and_then(|object| object.owner);
        if owner(self.before) == owner(self.after) && self.is_done() {
            return;
        }
        self.lock_indexes(table, LockMode::AccessExclusive);
        for sequence in self.before.owned_sequences(table) {
            self.lock(sequence, LockMode::AccessExclusive);
        }
    }

    fn identity_sequence(&mut self, table: ObjectId, column: Ident, options: &[SequenceOption]) {
        let number = self.relation(table).and_then(|relation| relation.column(column.name)).map(|column| column.number);
        for sequence in self.before.owned_sequences(table) {
            let Some(Kind::Sequence(is)) = self.before.get(sequence).map(|object| &object.kind) else { continue };
            if is.owned_by.map(|(_, of)| of) == number {
                self.lock(sequence, LockMode::ShareRowExclusive);
                if !options.is_empty() {
                    self.effects.rewrites.push(sequence);
                }
            }
        }
    }

    fn change_persistence(&mut self, table: ObjectId, to: Persistence) {
        if let Some(Kind::Sequence(sequence)) = self.before.get(table).map(|object| &object.kind) {
            if sequence.persistence != to {
                self.effects.rewrites.push(table);
            }
            return;
        }
        let Some(relation) = self.relation(table) else { return };
        if relation.persistence == to || !has_storage(relation) {
            return;
        }
        self.rewrite(table);
        // Since 15 sequences can be unlogged, and those of the table follow it.
        if self.version >= 15 {
            for sequence in self.before.owned_sequences(table) {
                self.lock(sequence, LockMode::AccessExclusive);
                self.effects.rewrites.push(sequence);
            }
        }
    }

    /// The file is copied block by block; indexes stay where they are.
    fn move_to_tablespace(&mut self, table: ObjectId) {
        let tablespace = |catalog: crate::catalog::CatalogAt<'_>| match &catalog.get(table)?.kind {
            Kind::Relation(relation) => Some((relation.tablespace, has_storage(relation))),
            Kind::Index(index) => {
                let table = catalog.get(index.table)?.as_relation()?;
                Some((index.tablespace, has_storage(table)))
            }
            _ => None,
        };
        let named = |tablespace: Option<Name>| tablespace.filter(|name| name.as_str() != "pg_default");
        let (Some((old, stored)), Some((new, _))) = (tablespace(self.before), tablespace(self.after)) else { return };
        if named(old) == named(new) || !stored {
            return;
        }
        match self.before.get(table).map(|object| &object.kind) {
            Some(Kind::Index(_)) => self.effects.rebuilds_indexes.push(table),
            _ => self.effects.rewrites.push(table),
        }
    }

    /// ALL IN TABLESPACE: everything whose tablespace changed.
    pub(super) fn moved(&mut self) {
        let changed: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        for id in changed {
            self.lock(id, LockMode::AccessExclusive);
            self.move_to_tablespace(id);
        }
    }

    fn change_access_method(&mut self, table: ObjectId) {
        let heap = Name::from("heap");
        let method = |catalog: crate::catalog::CatalogAt<'_>| {
            let relation = catalog.get(table)?.as_relation()?;
            Some(relation.access_method.unwrap_or(heap))
        };
        if method(self.before) != method(self.after) && self.relation(table).is_some_and(has_storage) {
            self.rewrite(table);
        }
    }

    // --- partitions -----------------------------------------------------------------------------

    fn attach(&mut self, parent: ObjectId, partition: &crate::syntax::QualifiedName) {
        let Some(partition) = self.find(partition) else { return };
        for table in tree(self.before, partition) {
            self.lock(table, LockMode::AccessExclusive);
        }
        // A foreign table gets no indexes.
        if self.relation(partition).is_some_and(|it| it.class != RelationClass::ForeignTable) {
            self.lock_indexes(parent, LockMode::ShareUpdateExclusive);
        }
        if proof::implied_by_constraints(self.before, self.after, partition) {
            self.effects.proofs.push(Proof::Partition(partition));
        } else {
            for leaf in tree(self.before, partition) {
                if self.relation(leaf).is_some_and(has_storage) {
                    self.scan(leaf);
                }
            }
        }
        if let Some(default) = self.default_partition(parent) {
            self.lock(default, LockMode::AccessExclusive);
            self.check_default_partition(default, Some(partition));
        }
        self.keys_of_new_partition(parent, partition);
    }

    /// Foreign keys of the partitioned table become the partition's, and keys that reference it reach into the partition.
    fn keys_of_new_partition(&mut self, parent: ObjectId, partition: ObjectId) {
        let own: Vec<_> = self.before.foreign_keys(parent).map(|(_, key)| key.clone()).collect();
        for key in own {
            let has_equal = self.before.foreign_keys(partition).any(|(_, other)| {
                other.references == key.references
                    && self.before.column_names(partition, &other.columns)
                        == self.before.column_names(parent, &key.columns)
            });
            // An equal key is taken over: its own triggers on the referenced table are dropped.
            let mode = if has_equal { LockMode::AccessExclusive } else { LockMode::ShareRowExclusive };
            for table in key_side(self.before, key.references) {
                self.lock(table, mode);
            }
        }
        self.lock_keys_to_partition(parent);
    }

    fn detach(&mut self, parent: ObjectId, partition: &crate::syntax::QualifiedName, online: bool) {
        let Some(partition) = self.find(partition) else { return };
        for table in tree(self.before, partition) {
            self.lock(table, LockMode::AccessExclusive);
        }
        let inherited: Vec<ObjectId> =
            self.before.indexes(partition).filter(|index| index.is.parent.is_some()).map(|index| index.id).collect();
        for index in inherited {
            self.lock(index, LockMode::AccessExclusive);
        }
        let referenced: Vec<ObjectId> = self.before.foreign_keys(parent).map(|(_, key)| key.references).collect();
        for table in referenced {
            self.lock(table, LockMode::ShareRowExclusive);
        }
        if online {
            return;
        }
        if let Some(default) = self.default_partition(parent) {
            self.lock(default, LockMode::AccessExclusive);
        }
        let referencing: Vec<ObjectId> =
            self.before.referencing(parent).map(|(constraint, _)| constraint.is.of).collect();
        for table in referencing {
            self.lock(table, LockMode::AccessExclusive);
            self.scan(table);
        }
    }

    fn attach_index(&mut self, parent: ObjectId, index: &crate::syntax::QualifiedName) {
        let Some(index) = self.find(index) else { return };
        self.lock(index, LockMode::AccessExclusive);
        for id in [parent, index] {
            let table = self.before.get(id).and_then(|object| object.as_index()).map(|index| index.table);
            if let Some(table) = table {
                self.lock(table, LockMode::AccessShare);
            }
        }
    }

    // --- rows -----------------------------------------------------------------------------------

    /// What the statement does with the rows of one table of the tree.
    fn rows(&mut self, target: ObjectId, root: ObjectId, actions: &[TableAction]) {
        let stored = self.relation(target).is_some_and(has_storage);
        let mut rows = Rows::Untouched;
        // Dropping a constraint comes first in the server's order, so it proves nothing any more.
        let dropped: Vec<Name> = actions.iter().filter_map(dropped_constraint).collect();
        for (at, action) in actions.iter().enumerate() {
            let known = self.effects.rebuilds_indexes.len();
            let work = self.rows_of(target, root, &action.kind, &dropped, rows);
            rows = rows.max(work);
            let rebuilds = self.effects.rebuilds_indexes[known..].to_vec();
            if stored && (work > Rows::Untouched || !rebuilds.is_empty()) {
                self.effects.causes.push(Cause { action: at, table: target, rows: work, rebuilds });
            }
        }
        if !stored {
            return;
        }
        match rows {
            Rows::Untouched => {}
            Rows::Verified => self.scan(target),
            Rows::Rewritten => self.rewrite(target),
        }
    }

    fn rows_of(&mut self, target: ObjectId, root: ObjectId, action: &Action, dropped: &[Name], so_far: Rows) -> Rows {
        match action {
            Action::AddColumn { column, .. } => self.added_column(target, column),
            Action::AddConstraint(constraint) => self.added_constraint(target, root, constraint, dropped),
            Action::SetNotNull { column } => self.set_not_null(target, column.name, dropped, so_far),
            Action::ValidateConstraint { name } => self.validated(target, name.name),
            Action::SetExpression { column, .. } => self.set_expression(target, column.name),
            Action::AlterColumnType { column, using, .. } => self.type_change(target, column.name, using.as_ref()),
            _ => Rows::Untouched,
        }
    }

    fn added_column(&mut self, target: ObjectId, written: &crate::syntax::ColumnDefinition) -> Rows {
        let had = self.relation(target).is_some_and(|relation| relation.column(written.name.name).is_some());
        let Some(column) = self.after.get(target).and_then(|object| object.as_relation()?.column(written.name.name))
        else {
            return Rows::Untouched;
        };
        if had {
            return Rows::Untouched;
        }
        let column = column.clone();
        if self.needs_new_rows(&column) {
            return Rows::Rewritten;
        }
        let constraints = &written.constraints;
        let checked =
            constraints.iter().any(|it| matches!(it.kind, Written::Check(_)) && it.not_valid.is_none() && it.enforced);
        let filled = column.default.as_ref().is_some_and(|default| !matches!(default.kind, ExprKind::Null))
            || self.domain_default(&column).is_some();
        let must_be_filled = column.not_null && !filled;
        if checked || must_be_filled { Rows::Verified } else { Rows::Untouched }
    }

    /// Whether each row must be written anew to hold the column: a value of its own, or a domain that is checked.
    fn needs_new_rows(&self, column: &Column) -> bool {
        if column.identity.is_some() || column.generated.as_ref().is_some_and(|generated| generated.stored) {
            return true;
        }
        if self.has_checked_domain(column) {
            return true;
        }
        let default = column.default.clone().or_else(|| self.domain_default(column));
        default.is_some_and(|default| self.volatility(&default) == Some(Volatility::Volatile))
    }

    fn has_checked_domain(&self, column: &Column) -> bool {
        let mut ty = column.ty.clone();
        while let Some(of) = ty.filter(|of| !of.array) {
            let Some(TypeClass::Domain { base, not_null, .. }) =
                self.after.get(of.id).and_then(|it| Some(it.as_type()?.class.clone()))
            else {
                return false;
            };
            if not_null || self.after.constraints(of.id).next().is_some() {
                return true;
            }
            ty = Some(base);
        }
        false
    }

    fn domain_default(&self, column: &Column) -> Option<std::sync::Arc<crate::syntax::Expr>> {
        let ty = column.ty.as_ref().filter(|ty| !ty.array)?;
        match &self.after.get(ty.id)?.as_type()?.class {
            TypeClass::Domain { default, .. } => default.clone(),
            _ => None,
        }
    }

    fn added_constraint(
        &mut self,
        target: ObjectId,
        root: ObjectId,
        written: &WrittenConstraint,
        dropped: &[Name],
    ) -> Rows {
        if target != root && (written.no_inherit || self.had_constraint(target, written)) {
            return Rows::Untouched;
        }
        match &written.kind {
            Written::Check(_) if written.enforced && self.is_valid_after(target, written) => Rows::Verified,
            Written::NotNull { column: Some(column) } if written.not_valid.is_none() => {
                self.set_not_null(target, column.name, dropped, Rows::Untouched)
            }
            Written::Primary(_) => self.new_primary_key(target, root),
            _ => Rows::Untouched,
        }
    }

    /// Whether a child has a constraint of the name already, which is made the parent's, too.
    fn had_constraint(&self, child: ObjectId, written: &WrittenConstraint) -> bool {
        written.name.is_some_and(|name| self.before.constraints(child).any(|it| it.name() == name.name))
    }

    /// NOT VALID, and not validated by the same statement either.
    fn is_valid_after(&self, target: ObjectId, written: &WrittenConstraint) -> bool {
        if written.not_valid.is_none() {
            return true;
        }
        let Some(name) = written.name else { return false };
        self.after.constraints(target).any(|it| it.name() == name.name && it.is.validated)
    }

    /// The columns of a new primary key become NOT NULL.
    fn new_primary_key(&mut self, target: ObjectId, root: ObjectId) -> Rows {
        let columns = self.after.constraints(root).find_map(|it| match &it.is.kind {
            ConstraintKind::Primary { columns, .. } => Some(columns.clone()),
            _ => None,
        });
        let mut rows = Rows::Untouched;
        for name in self.after.column_names(root, &columns.unwrap_or_default()) {
            let existed = self.relation(target).is_some_and(|relation| relation.column(name).is_some());
            if existed {
                rows = rows.max(self.set_not_null(target, name, &[], rows));
            }
        }
        rows
    }

    fn set_not_null(&mut self, target: ObjectId, column: Name, dropped: &[Name], so_far: Rows) -> Rows {
        let Some(was) = self.relation(target).and_then(|relation| relation.column(column)).cloned() else {
            return Rows::Verified;
        };
        let awaits_validation = |it: &Constraint| {
            matches!(it.kind, ConstraintKind::NotNull { column } if column == was.number) && !it.validated
        };
        let unproved = self.before.constraints(target).any(|it| awaits_validation(it.is));
        if was.not_null && !unproved {
            return Rows::Untouched;
        }
        // Before 18 the first column without proof decides, and the others are not asked about.
        if so_far >= Rows::Verified && self.version < 18 {
            return Rows::Verified;
        }
        if !unproved && proof::column_is_not_null(self.before, target, &was, dropped) {
            self.effects.proofs.push(Proof::NotNull(target, column));
            return Rows::Untouched;
        }
        Rows::Verified
    }

    fn validated(&mut self, target: ObjectId, name: Name) -> Rows {
        let waiting = self.before.constraints(target).find(|it| it.name() == name && !it.is.validated);
        let Some(found) = waiting else { return Rows::Untouched };
        if let ConstraintKind::ForeignKey(key) = &found.is.kind {
            let (id, references) = (found.id, key.references);
            for table in key_side(self.before, references) {
                self.lock(table, LockMode::RowShare);
            }
            if self.relation(target).is_some_and(has_storage) {
                self.effects.validates.push(id);
            }
        }
        Rows::Verified
    }

    fn set_expression(&self, target: ObjectId, column: Name) -> Rows {
        let column = self.after.get(target).and_then(|object| object.as_relation()?.column(column));
        let stored = column.and_then(|column| column.generated.as_ref()).is_some_and(|generated| generated.stored);
        if stored { Rows::Rewritten } else { Rows::Untouched }
    }

    fn type_change(&mut self, target: ObjectId, column: Name, using: Option<&crate::syntax::Expr>) -> Rows {
        self.retype_identity(target, column);
        match self.change_type(target, column, using) {
            TypeChange::Kept => Rows::Untouched,
            TypeChange::Verified => Rows::Verified,
            TypeChange::Rewritten => Rows::Rewritten,
        }
    }

    /// The sequence of an identity column counts in the column's type.
    fn retype_identity(&mut self, table: ObjectId, column: Name) {
        let is_identity = |column: &Column| column.identity.is_some();
        let Some(relation) = self.relation(table) else { return };
        let Some(number) = relation.column(column).filter(|it| is_identity(it)).map(|it| it.number) else { return };
        for sequence in self.before.owned_sequences(table) {
            let Some(Kind::Sequence(was)) = self.before.get(sequence).map(|object| &object.kind) else { continue };
            if was.owned_by.map(|(_, of)| of) != Some(number) {
                continue;
            }
            self.lock(sequence, LockMode::ShareRowExclusive);
            self.effects.rewrites.push(sequence);
        }
    }

    // --- foreign keys ---------------------------------------------------------------------------

    /// New foreign keys close the referenced tables to writers, and check all rows unless they are known to hold none.
    fn foreign_keys(&mut self, actions: &[TableAction]) {
        self.lock_newly_referenced();
        let made: Vec<ObjectId> = self.after.catalog().changed_in(self.statement).collect();
        let unfilled = actions.iter().all(|action| !fills_keys(&action.kind));
        for id in made {
            if self.before.get(id).is_some() {
                continue;
            }
            let Some(constraint) = self.after.get(id).and_then(|object| object.as_constraint()) else { continue };
            let ConstraintKind::ForeignKey(_) = &constraint.kind else { continue };
            let table = constraint.of;
            // The copies for the partitions of the referenced table stand beside it and are checked with it.
            let beside = constraint.parent.and_then(|parent| self.after.get(parent)?.as_constraint());
            if beside.is_some_and(|parent| parent.of == table) {
                continue;
            }
            let checked = constraint.validated && constraint.enforced && !unfilled;
            let stored = self.after.get(table).and_then(|object| object.as_relation()).is_some_and(has_storage);
            if checked && stored {
                self.effects.validates.push(id);
                self.scan(table);
            }
        }
    }

    /// How often a default must be computed; `None` where it is not known.
    fn volatility(&self, default: &crate::syntax::Expr) -> Option<Volatility> {
        use crate::catalog::analyze::{Environment, Purpose, Scope, expression};
        let environment = Environment::new(self.after, &self.path, self.version);
        expression(environment, &Scope::empty(), default, &Purpose::Value).ok()?.volatility(environment)
    }
}

fn dropped_constraint(action: &TableAction) -> Option<Name> {
    match &action.kind {
        Action::DropConstraint { name, .. } => Some(name.name),
        _ => None,
    }
}

/// Whether an action makes the server check new foreign keys: a key that is added as such, or a new column with a
/// written default, even NULL. A new column without one holds only nulls.
fn fills_keys(action: &Action) -> bool {
    match action {
        Action::AddConstraint(constraint) => matches!(constraint.kind, Written::ForeignKey(_)),
        Action::AddColumn { column, .. } => {
            let serial = column.ty.as_ref().is_some_and(|ty| ty.name().as_str().contains("serial"));
            serial || column.constraints.iter().any(|it| matches!(it.kind, Written::Default(_)))
        }
        Action::AttachPartition { .. } => true,
        _ => false,
    }
}
