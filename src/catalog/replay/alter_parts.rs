//! What ALTER TABLE does to constraints, properties, parents and partitions.

use std::sync::Arc;

use super::alter_table::Altered;
use super::constraint::Written;
use super::depend::Doomed;
use super::index::change_options;
use super::names::Target;
use super::{Effect, Replay, Stop};
use crate::catalog::{
    Constraint, ConstraintKind, Identity, Index, Key, Kind, Object, ObjectId, Outcome, Part, Relation, TypeClass,
};
use crate::source::Span;
use crate::syntax::{
    AlterConstraint, DropBehavior, Firing, Ident, Name, ObjectKind, PartitionBound, Persistence, RelationRef,
    ReplicaIdentity, TableAction, TableActionKind, TriggerSelection,
};

impl Replay {
    // --- constraints ----------------------------------------------------------------------------

    /// A constraint that ALTER TABLE names.
    fn constraint_of(&mut self, table: ObjectId, name: Ident) -> Effect<ObjectId> {
        let found = self.constraint_named(table, name.name).or_else(|| self.unnamed_not_null(table, name));
        if let Some(id) = found {
            return Ok(id);
        }
        let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
        let message = format!("constraint \"{}\" of relation \"{of}\" does not exist", name.name);
        let space = crate::catalog::NameSpace::Constraint;
        let key = crate::catalog::NameKey { space, parent: Some(table), name: name.name };
        Err(self.refuse_undefined("42704", name.span, message, key))
    }

    pub(super) fn change_constraint(&mut self, id: ObjectId, change: impl FnOnce(&mut Constraint)) {
        self.catalog.modify(id, |object| {
            if let Kind::Constraint(constraint) = &mut object.kind {
                change(constraint);
            }
        });
    }

    pub(super) fn alter_constraint(&mut self, table: ObjectId, alter: &AlterConstraint) -> Effect<()> {
        let id = self.constraint_of(table, alter.name)?;
        let Some(constraint) = self.now().get(id).and_then(|object| object.as_constraint()) else { return Ok(()) };
        if !matches!(constraint.kind, ConstraintKind::ForeignKey(_)) && alter.inherit.is_none() {
            let of = self.now().get(table).map(|object| object.name).unwrap_or_default();
            let message =
                format!("constraint \"{}\" of relation \"{of}\" is not a foreign key constraint", alter.name.name);
            return Err(self.refuse_because("42809", alter.name.span, message, id, "made here"));
        }
        for id in self.with_copies(id) {
            self.change_constraint(id, |constraint| {
                if let Some(deferrable) = alter.deferrable {
                    constraint.deferrable = deferrable;
                    constraint.initially_deferred &= deferrable;
                }
                if let Some(deferred) = alter.initially_deferred {
                    constraint.initially_deferred = deferred;
                    constraint.deferrable |= deferred;
                }
                if let Some(enforced) = alter.enforced {
                    constraint.enforced = enforced;
                    constraint.validated = enforced;
                }
                if let Some(inherit) = alter.inherit {
                    constraint.no_inherit = !inherit;
                }
            });
        }
        Ok(())
    }

    /// A constraint and its copies in partitions.
    fn with_copies(&self, id: ObjectId) -> Vec<ObjectId> {
        let mut all = vec![id];
        let mut at = 0;
        while let Some(&parent) = all.get(at) {
            at += 1;
            let copies = self.now().dependents(parent).filter(|(_, object, _)| {
                object.as_constraint().is_some_and(|constraint| constraint.parent == Some(parent))
            });
            all.extend(copies.map(|(copy, ..)| copy));
        }
        all
    }

    pub(super) fn validate_constraint(&mut self, altered: Altered, name: Ident) -> Effect<()> {
        let id = self.constraint_of(altered.table, name)?;
        let Some(constraint) = self.now().get(id).and_then(|object| object.as_constraint()) else { return Ok(()) };
        let can = match constraint.kind {
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. } => true,
            ConstraintKind::NotNull { .. } => self.settings.version >= 18,
            _ => false,
        };
        if !can {
            let of = self.now().get(altered.table).map(|object| object.name).unwrap_or_default();
            let message =
                format!("constraint \"{}\" of relation \"{of}\" is not a foreign key or check constraint", name.name);
            return Err(self.refuse_because("42809", name.span, message, id, "made here"));
        }
        if !constraint.enforced {
            return Err(self.refuse("55000", name.span, "cannot validate NOT ENFORCED constraint"));
        }
        for id in self.with_copies(id) {
            self.change_constraint(id, |constraint| constraint.validated = true);
        }
        for child in self.with_descendants(altered.table).into_iter().skip(1) {
            if let Some(id) = self.constraint_named(child, name.name) {
                self.change_constraint(id, |constraint| constraint.validated = true);
            }
        }
        Ok(())
    }

    pub(super) fn drop_constraint(
        &mut self,
        altered: Altered,
        name: Ident,
        if_exists: bool,
        behavior: DropBehavior,
    ) -> Effect {
        let id = match self.constraint_of(altered.table, name) {
            Ok(id) => id,
            Err(Stop::Refused(_)) if if_exists => return Ok(Outcome::Skipped),
            Err(stop) => return Err(stop),
        };
        let Some(constraint) = self.now().get(id).and_then(|object| object.as_constraint()).cloned() else {
            return Ok(Outcome::Done);
        };
        if let (ConstraintKind::NotNull { column }, 0) = (&constraint.kind, constraint.inherited) {
            let column = self.column_at(altered.table, *column).map_or(name, |it| Ident { name: it.name, ..name });
            self.drop_not_null(altered, column)?;
            return Ok(Outcome::Done);
        }
        if constraint.inherited > 0 {
            let of = self.now().get(altered.table).map(|object| object.name).unwrap_or_default();
            let message = format!("cannot drop inherited constraint \"{}\" of relation \"{of}\"", name.name);
            return Err(self.refuse("42P16", name.span, message));
        }
        let mut doomed = vec![Doomed { target: Target { id, part: Part::Whole }, span: name.span }];
        if matches!(constraint.kind, ConstraintKind::Check { .. }) && !constraint.no_inherit {
            self.let_go_of_check(altered, name, &mut doomed);
        }
        self.drop_all(&doomed, behavior)?;
        Ok(Outcome::Done)
    }

    /// Children lose an inherited CHECK too, unless it is their own as well.
    fn let_go_of_check(&mut self, altered: Altered, name: Ident, doomed: &mut Vec<Doomed>) {
        let mut parents = vec![altered.table];
        while let Some(parent) = parents.pop() {
            for child in self.children(parent) {
                let Some(id) = self.constraint_named(child, name.name) else { continue };
                let Some(constraint) = self.now().get(id).and_then(|object| object.as_constraint()) else { continue };
                if !altered.only && constraint.inherited <= 1 && !constraint.local {
                    doomed.push(Doomed { target: Target { id, part: Part::Whole }, span: name.span });
                    parents.push(child);
                } else {
                    self.change_constraint(id, |constraint| {
                        constraint.inherited = constraint.inherited.saturating_sub(1);
                        constraint.local |= altered.only;
                    });
                }
            }
        }
    }

    /// ADD CONSTRAINT … USING INDEX: the index becomes the constraint's, and takes its name.
    pub(super) fn use_index(
        &mut self,
        table: ObjectId,
        written: Written<'_>,
        key: &crate::syntax::Key,
        primary: bool,
    ) -> Effect<()> {
        let Some(index_name) = key.index else { return Ok(()) };
        let Some(object) = self.now().get(table).cloned() else { return Ok(()) };
        if self.is_partitioned(table) {
            let message = "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables";
            return Err(self.refuse("0A000", index_name.span, message));
        }
        let schema = object.schema.expect("a table lives in a schema");
        let Some(id) = self.relation_in(schema, index_name.name) else {
            let space = crate::catalog::NameSpace::Relation;
            let key = crate::catalog::NameKey { space, parent: Some(schema), name: index_name.name };
            let message = format!("index \"{}\" does not exist", index_name.name);
            return Err(self.refuse_undefined("42704", index_name.span, message, key));
        };
        self.check_usable_index(id, table, index_name)?;
        if primary {
            self.check_first_key(table, written.span())?;
        }
        let index = self.now().get(id).and_then(|object| object.as_index()).cloned();
        let Some(index) = index else { return Ok(()) };
        let columns: Vec<i16> = index.keys.iter().filter_map(|key| key.key.column()).collect();
        if primary {
            self.check_not_null_validated(table, &columns, written.span())?;
            columns.iter().for_each(|&column| self.mark_not_null(table, column, true));
        }
        let name = written.constraint.name.unwrap_or(index_name);
        let kind = if primary {
            ConstraintKind::Primary { columns, index: id }
        } else {
            ConstraintKind::Unique { columns, index: id }
        };
        let constraint = Constraint {
            deferrable: written.constraint.deferrable,
            initially_deferred: written.constraint.initially_deferred,
            no_inherit: true,
            ..Constraint::new(table, kind)
        };
        if name.name != index_name.name {
            let renamed =
                Object { name: name.name, span: name.span, ..Object::clone(self.now().get(id).expect("found above")) };
            self.check_free(&renamed)?;
        }
        let constraint = self.add_constraint(table, name, constraint, Vec::new())?;
        self.change(id, |object| {
            object.name = name.name;
            if let Kind::Index(index) = &mut object.kind {
                index.constraint = Some(constraint);
                index.primary = primary;
            }
        });
        Ok(())
    }

    fn check_usable_index(&self, id: ObjectId, table: ObjectId, name: Ident) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let Some(index) = object.as_index() else {
            return Err(self.refuse("42809", name.span, format!("\"{}\" is not an index", name.name)));
        };
        let plain = |index: &Index| index.keys.iter().all(|key| key.key.column().is_some());
        let sorted = |index: &Index| {
            index.keys.iter().all(|key| {
                !key.descending && !key.nulls_first && key.operator_class.is_none() && key.collation.is_none()
            })
        };
        let (sqlstate, message) = if index.table != table {
            let table = self.now().get(table).map(|object| object.name).unwrap_or_default();
            ("55000", format!("index \"{}\" does not belong to table \"{table}\"", name.name))
        } else if index.constraint.is_some() {
            ("55000", format!("index \"{}\" is already associated with a constraint", name.name))
        } else if !index.valid {
            ("55000", format!("index \"{}\" is not valid", name.name))
        } else if !index.unique {
            ("42809", format!("\"{}\" is not a unique index", name.name))
        } else if !plain(index) {
            ("42809", format!("index \"{}\" contains expressions", name.name))
        } else if index.predicate.is_some() {
            ("42809", format!("\"{}\" is a partial index", name.name))
        } else if !sorted(index) {
            ("42809", format!("index \"{}\" does not have default sorting behavior", name.name))
        } else {
            return Ok(());
        };
        Err(self.refuse(sqlstate, name.span, message).label(object.span, "the index is made here"))
    }

    fn check_first_key(&self, table: ObjectId, span: Span) -> Effect<()> {
        let Some(existing) = self.primary_key(table) else { return Ok(()) };
        let name = self.now().get(table).map(|object| object.name).unwrap_or_default();
        let message = format!("multiple primary keys for table \"{name}\" are not allowed");
        Err(self.refuse_because("42P16", span, message, existing, "the primary key is made here"))
    }

    // --- triggers and rules ---------------------------------------------------------------------

    pub(super) fn set_trigger_firing(
        &mut self,
        altered: Altered,
        which: &TriggerSelection,
        firing: Firing,
    ) -> Effect<()> {
        let tables = if altered.only { vec![altered.table] } else { self.partition_tree(altered.table) };
        if let TriggerSelection::Name(name) = which {
            self.part_of_relation(ObjectKind::Trigger, altered.table, *name)?;
        }
        for table in tables {
            let now = self.now();
            let chosen = now.attached(table).filter(|(_, object)| match which {
                TriggerSelection::Name(name) => object.name == name.name,
                TriggerSelection::All | TriggerSelection::User => true,
            });
            let triggers: Vec<ObjectId> =
                chosen.filter(|(_, object)| object.as_trigger().is_some()).map(|(id, _)| id).collect();
            for id in triggers {
                self.catalog.modify(id, |object| {
                    if let Kind::Trigger(trigger) = &mut object.kind {
                        trigger.firing = firing;
                    }
                });
            }
        }
        Ok(())
    }

    /// A table with its partitions, all levels of them.
    fn partition_tree(&self, table: ObjectId) -> Vec<ObjectId> {
        if self.is_partitioned(table) { self.with_descendants(table) } else { vec![table] }
    }

    pub(super) fn set_rule_firing(&mut self, table: ObjectId, name: Ident, firing: Firing) -> Effect<()> {
        let id = self.part_of_relation(ObjectKind::Rule, table, name)?;
        self.catalog.modify(id, |object| {
            if let Kind::Rule(rule) = &mut object.kind {
                rule.firing = firing;
            }
        });
        Ok(())
    }

    // --- properties -----------------------------------------------------------------------------

    pub(super) fn set_table_property(&mut self, table: ObjectId, action: &TableAction) -> Effect<()> {
        use TableActionKind as A;
        match &action.kind {
            A::EnableRowSecurity => self.change_relation(table, |it| {
                it.row_security.get_or_insert(action.span);
            }),
            A::DisableRowSecurity => self.change_relation(table, |it| it.row_security = None),
            A::ForceRowSecurity => self.change_relation(table, |it| it.force_row_security = true),
            A::NoForceRowSecurity => self.change_relation(table, |it| it.force_row_security = false),
            A::SetLogged => self.set_persistence(table, Persistence::Permanent),
            A::SetUnlogged => self.set_persistence(table, Persistence::Unlogged),
            A::SetAccessMethod { method } => {
                let method = method.map(|method| method.name);
                self.change_relation(table, |it| it.access_method = method);
            }
            A::SetTablespace { tablespace } => self.set_tablespace(table, *tablespace)?,
            A::SetOptions(options) => self.set_options(table, options, false),
            A::ResetOptions(options) => self.set_options(table, options, true),
            A::ClusterOn { index } => self.cluster_on(table, Some(*index))?,
            A::SetWithoutCluster => self.cluster_on(table, None)?,
            A::ReplicaIdentity(identity) => self.set_replica_identity(table, *identity)?,
            A::NotOf => self.change_relation(table, |it| it.of_type = None),
            A::OfType(ty) => {
                let span = ty.span;
                let ty = self.resolve_type(ty)?;
                self.check_columns_of_type(table, ty.id, span)?;
                self.change_relation(table, |it| it.of_type = Some(ty.id));
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn change_relation(&mut self, id: ObjectId, change: impl FnOnce(&mut Relation)) {
        self.catalog.modify(id, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                change(relation);
            }
        });
    }

    fn set_persistence(&mut self, id: ObjectId, persistence: Persistence) {
        // Only what is stored can change how.
        if self.is_partitioned(id) {
            return;
        }
        let owned: Vec<ObjectId> = self
            .now()
            .dependents(id)
            .filter(|(_, object, _)| object.as_sequence().is_some())
            .map(|(sequence, ..)| sequence)
            .collect();
        for id in owned.into_iter().chain([id]) {
            self.catalog.modify(id, |object| match &mut object.kind {
                Kind::Relation(relation) => relation.persistence = persistence,
                Kind::Sequence(sequence) => sequence.persistence = persistence,
                _ => {}
            });
        }
    }

    fn set_options(&mut self, id: ObjectId, definitions: &[crate::syntax::Definition], reset: bool) {
        self.catalog.modify(id, |object| match &mut object.kind {
            Kind::Relation(relation) => change_options(&mut relation.options, definitions, reset),
            Kind::Index(index) => change_options(&mut index.options, definitions, reset),
            _ => {}
        });
    }

    /// An index of a table, named without its schema.
    fn index_of_table(&mut self, table: ObjectId, name: Ident) -> Effect<ObjectId> {
        let Some(object) = self.now().get(table) else { return Err(self.unknown("the table is gone")) };
        let (of, schema) = (object.name, object.schema);
        let found = schema.and_then(|schema| self.relation_in(schema, name.name));
        let is_its_index =
            |id: &ObjectId| self.now().get(*id).and_then(|it| it.as_index()).is_some_and(|it| it.table == table);
        match found {
            Some(id) if is_its_index(&id) => Ok(id),
            Some(id) => {
                let message = format!("\"{}\" is not an index for table \"{of}\"", name.name);
                Err(self.refuse_because("42809", name.span, message, id, "made here"))
            }
            None => {
                let message = format!("index \"{}\" for table \"{of}\" does not exist", name.name);
                let space = crate::catalog::NameSpace::Relation;
                let key = crate::catalog::NameKey { space, parent: schema, name: name.name };
                Err(self.refuse_undefined("42704", name.span, message, key))
            }
        }
    }

    pub(crate) fn cluster_on(&mut self, table: ObjectId, index: Option<Ident>) -> Effect<()> {
        let chosen = index.map(|index| self.index_of_table(table, index)).transpose()?;
        if let (Some(name), Some(id)) = (index, chosen) {
            self.check_clusterable(id, name)?;
        }
        let now = self.now();
        let indexes = now.attached(table).filter(|(_, object)| object.as_index().is_some());
        let changed: Vec<ObjectId> = indexes
            .filter(|(id, object)| object.as_index().is_some_and(|index| index.clustered != (Some(*id) == chosen)))
            .map(|(id, _)| id)
            .collect();
        for id in changed {
            self.catalog.modify(id, |object| {
                if let Kind::Index(index) = &mut object.kind {
                    index.clustered = Some(id) == chosen;
                }
            });
        }
        Ok(())
    }

    /// A table OF a type has the type's columns and no others.
    fn check_columns_of_type(&self, table: ObjectId, ty: ObjectId, span: Span) -> Effect<()> {
        let now = self.now();
        let Some(TypeClass::Composite { relation }) = now.get(ty).and_then(|ty| ty.as_type()).map(|ty| &ty.class)
        else {
            return Ok(());
        };
        let (Some(wanted), Some(has)) = (now.relation(*relation), now.relation(table)) else { return Ok(()) };
        let shape =
            |it: &Relation| it.columns.iter().map(|column| (column.name, column.ty.clone())).collect::<Vec<_>>();
        if shape(wanted.is) == shape(has.is) {
            return Ok(());
        }
        let message = format!("table \"{}\" has other columns than its type", has.name());
        Err(self.refuse_because("42804", span, message, *relation, "the type is made here"))
    }

    fn check_clusterable(&self, id: ObjectId, name: Ident) -> Effect<()> {
        let Some(index) = self.now().get(id).and_then(|object| object.as_index()) else { return Ok(()) };
        let problem = if matches!(index.access_method.as_str(), "hash" | "gin" | "brin" | "spgist") {
            "because access method does not support clustering"
        } else if index.predicate.is_some() {
            "because it is partial"
        } else {
            return Ok(());
        };
        Err(self.refuse("0A000", name.span, format!("cannot cluster on index \"{}\" {problem}", name.name)))
    }

    fn set_replica_identity(&mut self, table: ObjectId, identity: ReplicaIdentity) -> Effect<()> {
        if let ReplicaIdentity::Index(name) = identity {
            let id = self.index_of_table(table, name)?;
            let Some(object) = self.now().get(id) else { return Ok(()) };
            let Some(index) = object.as_index() else { return Ok(()) };
            let nullable = |column: i16| self.column_at(table, column).is_some_and(|column| !column.not_null);
            let problem = if !index.unique {
                "cannot use non-unique index"
            } else if index.keys.iter().any(|key| matches!(key.key, Key::Expr(_))) {
                "cannot use expression index"
            } else if index.predicate.is_some() {
                "cannot use partial index"
            } else if index.keys.iter().filter_map(|key| key.key.column()).any(nullable) {
                "cannot use a nullable column of index"
            } else {
                ""
            };
            if !problem.is_empty() {
                let message = format!("{problem} \"{}\" as replica identity", name.name);
                return Err(self.refuse("42809", name.span, message).label(object.span, "the index is made here"));
            }
        }
        self.change_relation(table, |it| it.replica_identity = identity);
        Ok(())
    }

    // --- parents --------------------------------------------------------------------------------

    pub(super) fn inherit(&mut self, table: ObjectId, parent: &RelationRef) -> Effect<()> {
        let id = self.relation(&parent.name)?;
        let span = parent.name.span();
        let Some(relation) = self.now().get(table).and_then(|object| object.as_relation()) else { return Ok(()) };
        let name = self.now().get(id).map(|object| object.name).unwrap_or_default();
        if relation.parents.contains(&id) {
            let message = format!("relation \"{name}\" would be inherited from more than once");
            return Err(self.refuse("42P07", span, message));
        }
        if relation.bound.is_some() {
            return Err(self.refuse("42809", span, "cannot change inheritance of a partition"));
        }
        if self.is_partitioned(table) {
            return Err(self.refuse("42809", span, "cannot change inheritance of partitioned table"));
        }
        if self.with_descendants(table).contains(&id) {
            return Err(self.refuse("42P07", span, "circular inheritance not allowed"));
        }
        self.take_on_parent(table, id, span)?;
        self.change_relation(table, |it| it.parents.push(id));
        Ok(())
    }

    /// Checks that a table has what its new parent has, and marks that as inherited.
    fn take_on_parent(&mut self, table: ObjectId, parent: ObjectId, span: Span) -> Effect<()> {
        let now = self.now();
        let (Some(child), Some(parent_object)) = (now.get(table).cloned(), now.get(parent).cloned()) else {
            return Ok(());
        };
        let (Some(own), Some(theirs)) = (child.as_relation(), parent_object.as_relation()) else { return Ok(()) };
        if !own.columns_known || !theirs.columns_known {
            return Err(self.unknown("not all columns of the relation are known"));
        }
        for column in &theirs.columns {
            let Some(mine) = own.column(column.name) else {
                let message = format!("child table is missing column \"{}\"", column.name);
                return Err(self.refuse("42804", span, message).label(column.span, "the parent has it here"));
            };
            if let (Some(a), Some(b)) = (&mine.ty, &column.ty)
                && a != b
            {
                let message =
                    format!("child table \"{}\" has different type for column \"{}\"", child.name, column.name);
                return Err(self.refuse("42804", span, message).label(mine.span, "made here"));
            }
            if column.not_null && !mine.not_null {
                let message =
                    format!("column \"{}\" in child table \"{}\" must be marked NOT NULL", column.name, child.name);
                return Err(self.refuse("42804", span, message).label(mine.span, "made here"));
            }
            self.change_column_of(table, mine.number, |column| column.inherited += 1);
        }
        self.take_on_checks(table, parent, span)
    }

    fn take_on_checks(&mut self, table: ObjectId, parent: ObjectId, span: Span) -> Effect<()> {
        let now = self.now();
        let checks: Vec<(crate::syntax::Name, ObjectId, Span)> = now
            .attached(parent)
            .filter_map(|(check, object)| match object.as_constraint() {
                Some(Constraint { kind: ConstraintKind::Check { .. }, no_inherit: false, .. }) => {
                    Some((object.name, check, object.span))
                }
                _ => None,
            })
            .collect();
        for (name, check, place) in checks {
            let Some(id) = self.constraint_named(table, name) else {
                let message = format!("child table is missing constraint \"{name}\"");
                return Err(self.refuse("42804", span, message).label(place, "the parent has it here"));
            };
            if !self.same_definition(id, check) {
                let child = self.now().get(table).map(|object| object.name).unwrap_or_default();
                let message =
                    format!("child table \"{child}\" has different definition for check constraint \"{name}\"");
                return Err(self.refuse("42804", span, message).label(place, "the parent's is here"));
            }
            self.change_constraint(id, |constraint| constraint.inherited += 1);
        }
        Ok(())
    }

    pub(super) fn no_inherit(&mut self, table: ObjectId, parent: &RelationRef) -> Effect<()> {
        let id = self.relation(&parent.name)?;
        let Some(relation) = self.now().get(table).and_then(|object| object.as_relation()) else { return Ok(()) };
        if relation.bound.is_some() {
            return Err(self.refuse("42809", parent.name.span(), "cannot change inheritance of a partition"));
        }
        self.let_go_of_parent(table, id, parent)
    }

    fn let_go_of_parent(&mut self, table: ObjectId, parent: ObjectId, written: &RelationRef) -> Effect<()> {
        let now = self.now();
        let (Some(child), Some(parent_object)) = (now.get(table).cloned(), now.get(parent).cloned()) else {
            return Ok(());
        };
        let (Some(own), Some(theirs)) = (child.as_relation(), parent_object.as_relation()) else { return Ok(()) };
        if !own.parents.contains(&parent) {
            let message = format!("relation \"{}\" is not a parent of relation \"{}\"", parent_object.name, child.name);
            return Err(self.refuse("42P01", written.name.span(), message));
        }
        for column in &theirs.columns {
            let Some(mine) = own.column(column.name) else { continue };
            self.change_column_of(table, mine.number, |column| {
                column.inherited = column.inherited.saturating_sub(1);
                column.local |= column.inherited == 0;
            });
        }
        let inherited: Vec<ObjectId> = self
            .now()
            .attached(parent)
            .filter_map(|(_, object)| self.constraint_named(table, object.as_constraint().map(|_| object.name)?))
            .collect();
        for id in inherited {
            self.change_constraint(id, |constraint| {
                if matches!(constraint.kind, ConstraintKind::Check { .. }) {
                    constraint.inherited = constraint.inherited.saturating_sub(1);
                    constraint.local |= constraint.inherited == 0;
                }
            });
        }
        self.change_relation(table, |it| it.parents.retain(|&known| known != parent));
        Ok(())
    }

    // --- partitions -----------------------------------------------------------------------------

    pub(super) fn attach_partition(
        &mut self,
        table: ObjectId,
        partition: &RelationRef,
        bound: &PartitionBound,
    ) -> Effect<()> {
        let span = partition.name.span();
        self.check_partitioned(table, span)?;
        let id = self.relation(&partition.name)?;
        let Some(object) = self.now().get(table) else { return Ok(()) };
        let parent = object.name;
        let Some(attached) = self.now().get(id).cloned() else { return Ok(()) };
        let Some(relation) = attached.as_relation() else {
            let message = format!("\"{}\" is not a table", attached.name);
            return Err(self.refuse("42809", span, message));
        };
        if relation.bound.is_some() {
            return Err(self.refuse("42809", span, format!("\"{}\" is already a partition", attached.name)));
        }
        if !relation.parents.is_empty() {
            return Err(self.refuse("42809", span, "cannot attach inheritance child as partition"));
        }
        let name = attached.name;
        let theirs = self.now().get(table).and_then(|object| object.as_relation());
        // From 17 a partition has its identity from its parent.
        let inherits = self.settings.version >= 17;
        for column in &relation.columns {
            let (sqlstate, message) = if inherits && column.identity.is_some() {
                let column = column.name;
                ("55000", format!("table \"{name}\" being attached contains an identity column \"{column}\""))
            } else if theirs.is_some_and(|it| it.column(column.name).is_none()) {
                let column = column.name;
                ("42804", format!("table \"{name}\" contains column \"{column}\" not found in parent \"{parent}\""))
            } else {
                continue;
            };
            return Err(self.refuse(sqlstate, span, message).label(column.span, "made here"));
        }
        let identities: Vec<(Name, Option<Identity>)> = theirs
            .filter(|_| inherits)
            .map(|it| it.columns.iter().map(|column| (column.name, column.identity)).collect())
            .unwrap_or_default();
        self.check_bound(table, bound, name)?;
        self.take_on_parent(id, table, span)?;
        let bound = Arc::new(bound.clone());
        self.change_relation(id, |it| {
            it.parents.push(table);
            it.bound = Some(bound);
            for column in &mut it.columns {
                let column = Arc::make_mut(column);
                column.local = false;
                let theirs = identities.iter().find(|(name, _)| *name == column.name);
                column.identity = theirs.map_or(column.identity, |(_, identity)| *identity);
            }
        });
        let checks: Vec<ObjectId> = self
            .now()
            .attached(id)
            .filter(|(_, object)| object.as_constraint().is_some_and(|it| it.inherited > 0))
            .map(|(check, _)| check)
            .collect();
        for check in checks {
            self.change_constraint(check, |constraint| constraint.local = false);
        }
        self.become_partition(table, id)
    }

    /// transformPartitionCmd, which comes before the partition is looked up.
    fn check_partitioned(&self, table: ObjectId, span: Span) -> Effect<()> {
        let Some(object) = self.now().get(table).filter(|_| !self.is_partitioned(table)) else { return Ok(()) };
        let message = format!("table \"{}\" is not partitioned", object.name);
        let sqlstate = if self.settings.version < 18 { "42P17" } else { "42809" };
        Err(self.refuse_because(sqlstate, span, message, table, "made here"))
    }

    /// Gives a new partition what its table has: indexes, keys, foreign keys on either side, row triggers.
    pub(crate) fn become_partition(&mut self, table: ObjectId, partition: ObjectId) -> Effect<()> {
        self.clone_indexes(table, partition)?;
        self.clone_row_triggers(table, partition)?;
        self.clone_foreign_keys(table, partition)?;
        self.clone_referencing_keys(table, partition)?;
        self.validate_indexes(table);
        Ok(())
    }

    pub(super) fn detach_partition(&mut self, table: ObjectId, partition: &RelationRef) -> Effect<()> {
        self.check_partitioned(table, partition.name.span())?;
        let id = self.relation(&partition.name)?;
        let is_partition = self
            .now()
            .get(id)
            .and_then(|object| object.as_relation())
            .is_some_and(|it| it.bound.is_some() && it.parents.contains(&table));
        if !is_partition {
            let name = |id| self.now().get(id).map(|object| object.name).unwrap_or_default();
            let message = format!("relation \"{}\" is not a partition of relation \"{}\"", name(id), name(table));
            return Err(self.refuse("42P01", partition.name.span(), message));
        }
        self.let_go_of_parent(id, table, partition)?;
        let inherits = self.settings.version >= 17;
        self.change_relation(id, |it| {
            it.bound = None;
            if inherits {
                it.columns.iter_mut().for_each(|column| Arc::make_mut(column).identity = None);
            }
        });
        // What it got through its parent is no longer told apart.
        self.catalog.note_row_write(Some(id));
        self.let_go_of_partition_parts(id);
        Ok(())
    }

    /// Indexes and keys of a detached partition are its own again; cloned triggers and the copies of foreign keys
    /// that reference its former table go.
    fn let_go_of_partition_parts(&mut self, partition: ObjectId) {
        let now = self.now();
        let mut gone = Vec::new();
        let mut kept = Vec::new();
        for (id, object) in now.attached(partition) {
            match &object.kind {
                Kind::Index(index) if index.parent.is_some() => kept.push(id),
                Kind::Constraint(constraint) if constraint.parent.is_some() => kept.push(id),
                Kind::Trigger(trigger) if trigger.parent.is_some() => gone.push(id),
                _ => {}
            }
        }
        for (id, object, _) in now.dependents(partition) {
            let Some(constraint) = object.as_constraint() else { continue };
            let references = matches!(&constraint.kind, ConstraintKind::ForeignKey(key) if key.references == partition);
            if references && constraint.parent.is_some() && constraint.of != partition {
                gone.push(id);
            }
        }
        gone.sort_unstable();
        gone.dedup();
        gone.into_iter().for_each(|id| self.drop_quietly(id));
        for id in kept {
            self.catalog.modify(id, |object| match &mut object.kind {
                Kind::Index(index) => index.parent = None,
                Kind::Constraint(constraint) => {
                    constraint.parent = None;
                    constraint.inherited = 0;
                    constraint.local = true;
                }
                _ => {}
            });
        }
    }

    pub(super) fn attach_written_index(&mut self, parent: ObjectId, index: &RelationRef) -> Effect<()> {
        let of = self.now().get(parent).and_then(|object| object.as_index()).map(|index| index.table);
        if of.is_some_and(|table| !self.is_partitioned(table)) {
            let name = self.now().get(parent).map(|object| object.name).unwrap_or_default();
            let message = format!("ALTER action ATTACH PARTITION cannot be performed on relation \"{name}\"");
            return Err(self.refuse_because(
                "42809",
                index.name.span(),
                message,
                parent,
                "its table has no partitions",
            ));
        }
        let id = self.relation(&index.name)?;
        let span = index.name.span();
        let now = self.now();
        let (Some(parent_object), Some(object)) = (now.get(parent), now.get(id)) else { return Ok(()) };
        let (Some(model), Some(part)) = (parent_object.as_index(), object.as_index()) else {
            let message = format!("\"{}\" is not an index", object.name);
            return Err(self.refuse("42809", span, message));
        };
        if part.parent == Some(parent) {
            return Ok(());
        }
        let (of, table) = (part.table, model.table);
        if !self.partitions(table).contains(&of) {
            let message =
                format!("cannot attach index \"{}\" as a partition of index \"{}\"", object.name, parent_object.name);
            return Err(self.refuse("55000", span, message).label(object.span, "it is on no partition of that table"));
        }
        if part.parent.is_some() || self.partition_index(parent, of).is_some() {
            let message =
                format!("cannot attach index \"{}\" as a partition of index \"{}\"", object.name, parent_object.name);
            return Err(self.refuse("55000", span, message));
        }
        let constraint = model.constraint;
        let map = self.columns_between(table, of);
        if !self.is_same_index(model, part, &map, constraint) {
            let message =
                format!("cannot attach index \"{}\" as a partition of index \"{}\"", object.name, parent_object.name);
            return Err(self.refuse("42P17", span, message).label(object.span, "it is defined differently"));
        }
        self.attach_index(super::index::ParentIndex { index: parent, constraint }, id);
        self.validate_indexes(table);
        Ok(())
    }

    /// An index of a partitioned table is valid once all partitions have their part.
    fn validate_indexes(&mut self, table: ObjectId) {
        let now = self.now();
        let invalid: Vec<ObjectId> = now
            .attached(table)
            .filter(|(_, object)| object.as_index().is_some_and(|index| !index.valid))
            .map(|(id, _)| id)
            .collect();
        for id in invalid {
            let part_valid = |partition: ObjectId| {
                let part = self.partition_index(id, partition).and_then(|part| self.now().get(part)?.as_index());
                part.is_some_and(|part| part.valid)
            };
            if self.partitions(table).into_iter().all(part_valid) {
                self.catalog.modify(id, |object| {
                    if let Kind::Index(index) = &mut object.kind {
                        index.valid = true;
                    }
                });
            }
        }
    }

    fn clone_row_triggers(&mut self, table: ObjectId, partition: ObjectId) -> Effect<()> {
        let now = self.now();
        let row_trigger = |object: &Object| object.as_trigger().is_some_and(|trigger| trigger.for_each_row);
        let triggers: Vec<ObjectId> =
            now.attached(table).filter(|(_, object)| row_trigger(object)).map(|(id, _)| id).collect();
        for id in triggers {
            self.clone_trigger(id, partition)?;
        }
        Ok(())
    }

    /// Gives a partition its copy of a row trigger.
    pub(crate) fn clone_trigger(&mut self, id: ObjectId, partition: ObjectId) -> Effect<()> {
        let Some(model) = self.now().get(id).cloned() else { return Ok(()) };
        let Kind::Trigger(trigger) = &model.kind else { return Ok(()) };
        let map = self.columns_between(trigger.table, partition);
        let mut copy = Object::clone(&model);
        copy.depends = self.mapped_needs(&model.depends, trigger.table, partition, &map);
        if let Kind::Trigger(trigger) = &mut copy.kind {
            trigger.table = partition;
            trigger.parent = Some(id);
            trigger.columns.iter_mut().for_each(|column| *column = super::partition::mapped(&map, *column));
        }
        let made = self.create(copy)?;
        for child in self.partitions(partition) {
            self.clone_trigger(made, child)?;
        }
        Ok(())
    }
}
