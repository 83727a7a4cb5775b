//! RENAME, SET SCHEMA and OWNER TO of every kind of object.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::depend::change_column;
use super::drop::is_missing;
use super::names::Target;
use super::{Effect, Replay, Stop};
use crate::catalog::{Constraint, ConstraintKind, Kind, Object, ObjectId, Outcome, Part, RelationClass, TypeClass};
use crate::syntax::{Ident, Name, ObjectKind, ObjectName, ObjectRef, Persistence, QualifiedName, Rename, RoleSpec};

impl Replay {
    pub(super) fn rename(&mut self, rename: &Rename) -> Effect {
        // The cluster's databases are known only where a migration made them.
        if let (ObjectKind::Database, ObjectName::Qualified(name)) = (rename.object.kind, &rename.object.name)
            && self.database(name.name)?.is_none()
        {
            return Ok(Outcome::Done);
        }
        let target = match self.resolve_to_alter(&rename.object, rename.if_exists, true)? {
            Some(target) => target,
            None => return Ok(Outcome::Skipped),
        };
        match target.part {
            Part::Column(number) => {
                self.check_renamed_column(target.id, number, rename)?;
                self.rename_column(target.id, number, rename.new_name)?;
            }
            _ => {
                self.check_renamed_trigger(target.id, rename)?;
                self.check_renamed_constraint(target.id, rename)?;
                self.rename_object(target.id, rename.new_name)?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Since 15 the copy of a partition's trigger has the name of the one it comes from.
    fn check_renamed_trigger(&self, id: ObjectId, rename: &Rename) -> Effect<()> {
        let trigger = self.now().get(id).and_then(|object| object.as_trigger());
        let Some((trigger, parent)) = trigger.and_then(|it| Some((it, it.parent?))) else { return Ok(()) };
        let sqlstate = match self.settings.version {
            ..15 => return Ok(()),
            15..18 => "XX000",
            _ => "0A000",
        };
        let message =
            format!("cannot rename trigger \"{}\" on table \"{}\"", self.name_of(id), self.name_of(trigger.table));
        let span = rename.object.span;
        Err(self.refuse_because(sqlstate, span, message, parent, "it comes from this one"))
    }

    /// What children inherit has one name in all of them.
    fn check_renamed_constraint(&self, id: ObjectId, rename: &Rename) -> Effect<()> {
        let constraint = self.now().get(id).and_then(|object| object.as_constraint());
        let is_inheritable = |it: &&Constraint| match it.kind {
            ConstraintKind::Check { .. } => !it.no_inherit,
            ConstraintKind::NotNull { .. } => !it.no_inherit && self.settings.version >= 18,
            _ => false,
        };
        let Some(constraint) = constraint.filter(is_inheritable) else { return Ok(()) };
        let (name, span) = (self.name_of(id), rename.object.span);
        if constraint.inherited > 0 {
            return Err(self.refuse("42P16", span, format!("cannot rename inherited constraint \"{name}\"")));
        }
        if rename.only && !self.children(constraint.of).is_empty() {
            let message = format!("inherited constraint \"{name}\" must be renamed in child tables too");
            return Err(self.refuse("42P16", span, message).help("leave out ONLY"));
        }
        Ok(())
    }

    /// The object that ALTER is about; `None` where IF EXISTS lets it be missing.
    fn resolve_to_alter(&mut self, object: &ObjectRef, if_exists: bool, is_rename: bool) -> Effect<Option<Target>> {
        let found = match &object.name {
            // ALTER TABLE … RENAME works on any relation, whatever the word.
            ObjectName::Qualified(name) if is_relation_word(object.kind) => {
                self.relation_to_alter(object.kind, name, is_rename)
            }
            // It is the relation that may be missing.
            ObjectName::OfRelation { relation, .. } if if_exists => match self.relation(relation) {
                Ok(_) => return self.resolve(object).map(Some),
                Err(stop) => Err(stop),
            },
            _ => self.resolve(object),
        };
        match found {
            Ok(target) => Ok(Some(target)),
            Err(Stop::Refused(refusal)) if if_exists && is_missing(refusal.sqlstate) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// ALTER TABLE takes views, indexes and sequences too; the other words only their own kind, but ALTER INDEX … RENAME
    /// takes what ALTER TABLE takes.
    fn relation_to_alter(&mut self, kind: ObjectKind, name: &QualifiedName, is_rename: bool) -> Effect<Target> {
        let id = self.relation(name)?;
        let is_table = self.now().relation(id).is_some_and(|it| it.is.class != RelationClass::CompositeType);
        if kind != ObjectKind::Table && !(kind == ObjectKind::Index && is_rename && is_table) {
            self.check_relation_kind(id, kind, name)?;
        }
        Ok(Target { id, part: Part::Whole })
    }

    fn rename_object(&mut self, id: ObjectId, new_name: Ident) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let mut renamed = Object::clone(object);
        renamed.name = new_name.name;
        self.check_renamed_free(&renamed, new_name)?;
        self.change(id, |object| object.name = new_name.name);
        self.rename_companions(id, new_name);
        self.refresh_path();
        Ok(())
    }

    fn check_renamed_free(&mut self, renamed: &Object, new_name: Ident) -> Effect<()> {
        let mut probe = renamed.clone();
        probe.span = new_name.span;
        // A composite type is renamed as a relation.
        if let Some(TypeClass::Composite { relation }) = probe.as_type().map(|ty| &ty.class)
            && let Some(relation) = self.now().get(*relation)
        {
            let relation = Object { name: new_name.name, span: new_name.span, ..Object::clone(relation) };
            return self.check_free(&relation);
        }
        if probe.as_routine().is_some() {
            return self.check_routine_free(&probe);
        }
        self.check_free(&probe)
    }

    /// A relation's row type, a composite type's relation, a key's index have the same name.
    fn rename_companions(&mut self, id: ObjectId, new_name: Ident) {
        let Some(object) = self.now().get(id) else { return };
        let companion = match &object.kind {
            Kind::Relation(relation) => relation.row_type,
            Kind::Constraint(constraint) => constraint.kind.own_index(),
            Kind::Index(index) => index.constraint,
            Kind::Type(ty) => match ty.class {
                crate::catalog::TypeClass::Composite { relation } => Some(relation),
                _ => None,
            },
            _ => None,
        };
        if let Some(companion) = companion {
            self.change(companion, |object| object.name = new_name.name);
        }
    }

    /// Renames a column in a relation and all that inherit it.
    pub(crate) fn rename_column(&mut self, table: ObjectId, number: i16, new_name: Ident) -> Effect<()> {
        let Some(old) = self.column_name(table, number) else { return Ok(()) };
        for id in self.with_descendants(table) {
            let Some(relation) = self.now().get(id).and_then(|object| object.as_relation()) else { continue };
            if let Some(other) = relation.column(new_name.name) {
                let name = self.now().get(id).map(|object| object.name).unwrap_or_default();
                let message = format!("column \"{}\" of relation \"{name}\" already exists", new_name.name);
                let place = other.span;
                return Err(self.refuse("42701", new_name.span, message).label(place, "made here"));
            }
            let Some(number) = relation.column(old).map(|column| column.number) else { continue };
            self.catalog.modify(id, |object| {
                if let Kind::Relation(relation) = &mut object.kind {
                    change_column(relation, number, |column| column.name = new_name.name);
                }
            });
        }
        Ok(())
    }

    /// A column that a parent has, or that typed tables take from their type, is not renamed on its own.
    fn check_renamed_column(&self, table: ObjectId, number: i16, rename: &Rename) -> Effect<()> {
        let Some(relation) = self.now().relation(table) else { return Ok(()) };
        let span = rename.object.span;
        if relation.is.of_type.is_some() {
            return Err(self.refuse("42809", span, "cannot rename column of typed table"));
        }
        if rename.only && self.with_descendants(table).len() > 1 {
            let column = self.column_name(table, number).unwrap_or_default();
            let message = format!("inherited column \"{column}\" must be renamed in child tables too");
            return Err(self.refuse("42P16", span, message).help("leave out ONLY"));
        }
        if let Some(column) = relation.is.column_number(number).filter(|column| column.inherited > 0) {
            let message = format!("cannot rename inherited column \"{}\"", column.name);
            return Err(self.refuse("42P16", span, message));
        }
        let typed = |of: Option<ObjectId>| of.is_some() && of == relation.is.row_type;
        if rename.behavior != crate::syntax::DropBehavior::Cascade
            && let Some(table) = self.now().tables().find(|it| typed(it.is.of_type))
        {
            let message = format!("cannot alter type \"{}\" because it is the type of a typed table", relation.name());
            return Err(self.refuse_because("2BP01", span, message, table.id, "the table is made here"));
        }
        Ok(())
    }

    fn column_name(&self, table: ObjectId, number: i16) -> Option<Name> {
        Some(self.now().get(table)?.as_relation()?.column_number(number)?.name)
    }

    pub(super) fn set_schema(&mut self, object: &ObjectRef, if_exists: bool, schema: Ident) -> Effect {
        let Some(target) = self.resolve_to_alter(object, if_exists, false)? else { return Ok(Outcome::Skipped) };
        let new = self.schema_named(schema)?;
        let Some(moved) = self.now().get(target.id) else { return Ok(Outcome::Done) };
        if moved.schema == Some(new) {
            return Ok(Outcome::Skipped);
        }
        if moved.as_index().is_some() {
            let message = format!("cannot change schema of index \"{}\"", moved.name);
            return Err(self.refuse("42809", object.span, message).help("it moves with its table"));
        }
        let temporary = |relation: &crate::catalog::Relation| relation.persistence == Persistence::Temporary;
        if moved.as_relation().is_some_and(temporary) || schema.as_str() == super::names::PG_TEMP {
            let message = "cannot move objects into or out of temporary schemas";
            return Err(self.refuse("0A000", object.span, message));
        }
        if let Some(owner) = self.identity_owner(moved) {
            let message = "cannot move an owned sequence into another schema";
            return Err(self.refuse_because("0A000", object.span, message, owner, "owned by a column of this table"));
        }
        if matches!(moved.kind, Kind::Extension(_)) {
            return self.move_extension(target.id, new, schema);
        }
        let mut probe = Object::clone(moved);
        probe.schema = Some(new);
        probe.span = schema.span;
        if probe.as_routine().is_some() {
            self.check_routine_free(&probe)?
        } else {
            self.check_free(&probe)?
        }
        self.move_with_parts(target.id, new);
        Ok(Outcome::Done)
    }

    fn identity_owner(&self, object: &Object) -> Option<ObjectId> {
        object.as_sequence().and_then(|sequence| sequence.owned_by).map(|(table, _)| table)
    }

    /// Moves an object with what follows it: row type, indexes, owned sequences.
    pub(crate) fn move_with_parts(&mut self, id: ObjectId, schema: ObjectId) {
        let now = self.now();
        let Some(object) = now.get(id) else { return };
        let mut parts: Vec<ObjectId> = Vec::new();
        match &object.kind {
            Kind::Relation(relation) => parts.extend(relation.row_type),
            Kind::Type(ty) => {
                if let crate::catalog::TypeClass::Composite { relation } = ty.class {
                    parts.push(relation);
                }
            }
            _ => {}
        }
        parts.extend(now.attached(id).filter(|(_, part)| part.schema.is_some()).map(|(part, _)| part));
        let owned = now.dependents(id).filter(|(_, object, _)| self.identity_owner(object) == Some(id));
        parts.extend(owned.map(|(sequence, ..)| sequence));
        for part in parts.into_iter().chain([id]) {
            self.change(part, |object| object.schema = Some(schema));
        }
    }

    pub(super) fn set_owner(&mut self, object: &ObjectRef, owner: &RoleSpec) -> Effect {
        if let (ObjectKind::Database, ObjectName::Qualified(name)) = (object.kind, &object.name)
            && self.database(name.name)?.is_none()
        {
            return Ok(Outcome::Done);
        }
        let Some(target) = self.resolve_to_alter(object, false, false)? else { return Ok(Outcome::Skipped) };
        let Some(role) = self.role(owner)? else { return Ok(Outcome::Done) };
        self.give_to(target.id, role);
        Ok(Outcome::Done)
    }

    /// Changes the owner of an object, its indexes, its row type and its owned sequences.
    pub(crate) fn give_to(&mut self, id: ObjectId, role: ObjectId) {
        let now = self.now();
        let indexes = now.attached(id).filter(|(_, part)| part.as_index().is_some()).map(|(part, _)| part);
        let owned = now.dependents(id).filter(|(_, object, _)| self.identity_owner(object) == Some(id));
        let row_type = now.get(id).and_then(|object| object.as_relation()?.row_type);
        let parts: Vec<ObjectId> = indexes.chain(owned.map(|(id, ..)| id)).chain(row_type).chain([id]).collect();
        for part in parts {
            let Some(object) = self.now().get(part) else { continue };
            let acl = object.acl.as_ref().map(|acl| Arc::new(self.acl_of_new_owner(acl, object.owner, role)));
            self.change(part, |object| {
                object.owner = Some(role);
                object.acl = acl;
            });
        }
    }

    /// A relation and all that inherit from it, partitions included, each once.
    pub(crate) fn with_descendants(&self, id: ObjectId) -> Vec<ObjectId> {
        let mut found: IndexSet<ObjectId, FxBuildHasher> = IndexSet::from_iter([id]);
        let mut at = 0;
        while let Some(&parent) = found.get_index(at) {
            at += 1;
            found.extend(self.children(parent));
        }
        found.into_iter().collect()
    }

    /// The tables that inherit directly from this one, partitions included.
    pub(crate) fn children(&self, id: ObjectId) -> Vec<ObjectId> {
        self.now().children(id)
    }
}

/// The words that ALTER uses for what pg_class holds.
fn is_relation_word(kind: ObjectKind) -> bool {
    super::names::relation_kind_test(kind).is_some()
}
