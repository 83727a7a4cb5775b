//! What the current role may do: superusers all, others what they own or were granted.

use super::{Effect, Platform, Replay};
use crate::catalog::{NameKey, NameSpace, ObjectId, Privileges, Tag};
use crate::source::Span;
use crate::syntax::{Ident, RelationRef, Statement, StatementKind};

impl Replay {
    /// Refuses what only the owner of a table may do, and what needs the right to make such objects.
    pub(super) fn check_permission(&self, statement: &Statement) -> Effect<()> {
        let Some(role) = self.session.role.filter(|role| !self.now().is_superuser(*role)) else { return Ok(()) };
        match &statement.kind {
            StatementKind::AlterTable(alter) => self.check_owns(role, &alter.relation),
            StatementKind::CreateIndex(create) => self.check_owns(role, &create.relation),
            StatementKind::CreatePolicy(create) => self.check_owns(role, &create.relation),
            StatementKind::CreateRule(create) => self.check_owns(role, &create.relation),
            StatementKind::CreateSchema(_) => match self.own_database() {
                Some(database) => self.check_may_create(role, database, statement.span),
                None => Ok(()),
            },
            StatementKind::CreateRole { name, .. } => {
                let may = self.now().get(role).and_then(|object| object.as_role()).is_none_or(|it| it.create_role);
                if may { Ok(()) } else { Err(self.refuse("42501", name.span, "permission denied to create role")) }
            }
            _ => Ok(()),
        }
    }

    fn own_database(&self) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Other(Tag::Database), parent: None, name: "postgres".into() };
        self.now().named(key).first().copied()
    }

    /// Refuses an extension that is not trusted, and one that is without the privilege CREATE on the database. On the
    /// platform others may, too.
    pub(super) fn check_may_install(&self, name: Ident, trusted: bool) -> Effect<()> {
        let role = self.session.role.filter(|role| !self.now().is_superuser(*role));
        let Some(role) = role.filter(|_| self.settings.platform == Platform::Plain) else { return Ok(()) };
        let may_create = |database| self.now().has_privilege(role, database, Privileges::CREATE);
        if trusted && self.own_database().is_none_or(may_create) {
            return Ok(());
        }
        Err(self.refuse("42501", name.span, format!("permission denied to create extension \"{}\"", name.name)))
    }

    fn check_owns(&self, role: ObjectId, relation: &RelationRef) -> Effect<()> {
        let Some(id) = self.find_relation(&relation.name) else { return Ok(()) };
        let Some(object) = self.now().get(id) else { return Ok(()) };
        // An index belongs to whom its table does.
        let owner = object.owner.or_else(|| self.now().get(object.attached_to()?)?.owner);
        if owner.is_none_or(|owner| self.now().has_privileges_of_role(role, owner)) {
            return Ok(());
        }
        let message = format!("must be owner of {} {}", object.kind_word(), object.name);
        Err(self.refuse("42501", relation.name.span(), message))
    }

    /// Refuses to make something in a schema without the privilege CREATE there.
    pub(super) fn check_may_create_in(&self, schema: ObjectId, span: Span) -> Effect<()> {
        match self.session.role {
            Some(role) => self.check_may_create(role, schema, span),
            None => Ok(()),
        }
    }

    fn check_may_create(&self, role: ObjectId, within: ObjectId, span: Span) -> Effect<()> {
        let Some(object) = self.now().get(within) else { return Ok(()) };
        if self.now().has_privilege(role, within, Privileges::CREATE) {
            return Ok(());
        }
        let message = format!("permission denied for {} {}", object.kind_word(), object.name);
        Err(self.refuse("42501", span, message))
    }
}
