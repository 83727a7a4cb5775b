//! What may have been made or dropped by code that replay could not follow.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Gap, Replay};
use crate::syntax::{AlterEnum, Name, ObjectName, Statement, StatementKind, TableActionKind};

/// Names that may or may not exist, and why.
#[derive(Clone, Default, Debug)]
pub(crate) struct Doubt {
    /// Anything may have been made.
    everything: Option<Arc<str>>,
    /// Something of this name may have been made or dropped, in whatever schema.
    names: FxHashMap<Name, Arc<str>>,
}

impl Doubt {
    /// From here on anything may exist.
    pub(crate) fn everything(&mut self, why: impl Into<Arc<str>>) {
        self.everything.get_or_insert_with(|| why.into());
    }

    /// From here on something of this name may exist.
    pub(crate) fn name(&mut self, name: Name, why: impl Into<Arc<str>>) {
        self.names.entry(name).or_insert_with(|| why.into());
    }

    /// Whether nothing is in doubt.
    pub(crate) fn is_empty(&self) -> bool {
        self.everything.is_none() && self.names.is_empty()
    }

    /// Why it is not known whether something of this name exists.
    pub(crate) fn about(&self, name: Name) -> Option<Arc<str>> {
        self.names.get(&name).or(self.everything.as_ref()).cloned()
    }
}

impl crate::catalog::analyze::Uncertainty for Doubt {
    fn may_exist(&self, name: Name) -> bool {
        self.everything.is_some() || self.names.contains_key(&name)
    }
}

impl Replay {
    /// A statement that nobody can read may have had any effect on what it names.
    pub(super) fn doubt_gap(&mut self, gap: &Gap) {
        let why: Arc<str> = "a statement before it cannot be read".into();
        if gap.anything {
            self.doubt.everything(why.clone());
        }
        for &name in &gap.names {
            self.doubt.name(name, why.clone());
        }
    }

    /// A statement of which nothing is known may have had its effect: what it names is in doubt. Those names.
    pub(crate) fn doubt_effects_of(&mut self, statement: &Statement) -> Vec<Name> {
        let names = names_touched(statement);
        for &name in &names {
            self.doubt.name(name, "whether the statement that names it succeeds is not known");
        }
        names
    }
}

/// The names that a statement makes or takes away.
fn names_touched(statement: &Statement) -> Vec<Name> {
    let mut names = Vec::new();
    match &statement.kind {
        StatementKind::CreateTable(create) => names.push(create.relation.name.name.name),
        StatementKind::CreateForeignTable(create) => names.push(create.table.relation.name.name.name),
        StatementKind::CreateTableAs(create) => names.push(create.into.relation.name.name.name),
        StatementKind::CreateView(create) => names.push(create.relation.name.name.name),
        StatementKind::CreateSequence(create) => names.push(create.relation.name.name.name),
        StatementKind::CreateIndex(create) => match create.name {
            Some(name) => names.push(name.name),
            None => names.push(create.relation.name.name.name),
        },
        StatementKind::AlterTable(alter) => {
            names.push(alter.relation.name.name.name);
            names.extend(alter.actions.iter().filter_map(|action| name_in_action(&action.kind)));
        }
        StatementKind::CreateFunction(create) => names.push(create.name.name.name),
        StatementKind::CreatePolicy(create) => names.push(create.name.name),
        StatementKind::CreateTrigger(create) => names.push(create.name.name),
        StatementKind::CreateExtension { name, .. } => names.push(name.name),
        StatementKind::CreatePublication(create) => names.push(create.name.name),
        StatementKind::CreateEnum { name, .. }
        | StatementKind::CreateCompositeType { name, .. }
        | StatementKind::AlterCompositeType { name, .. }
        | StatementKind::CreateRange { name, .. } => names.push(name.name.name),
        StatementKind::AlterEnum(alter) => match &**alter {
            AlterEnum::Add { name, .. } | AlterEnum::Rename { name, .. } => names.push(name.name.name),
        },
        StatementKind::CreateDomain(create) => names.push(create.name.name.name),
        StatementKind::CreateSchema(create) => names.extend(create.name.map(|name| name.name)),
        StatementKind::CreateRole { name, .. } => names.push(name.name),
        StatementKind::Rename(rename) => {
            names.push(rename.new_name.name);
            names.extend(name_of(&rename.object.name));
        }
        StatementKind::SetSchema { object, .. } => names.extend(name_of(&object.name)),
        StatementKind::Drop(drop) => names.extend(drop.objects.iter().filter_map(|object| name_of(&object.name))),
        _ => {}
    }
    names
}

/// The column or constraint that an action of ALTER TABLE makes or takes away.
fn name_in_action(action: &TableActionKind) -> Option<Name> {
    Some(match action {
        TableActionKind::AddColumn { column, .. } => column.name.name,
        TableActionKind::DropColumn { column, .. } => column.name,
        TableActionKind::AddConstraint(constraint) => constraint.name?.name,
        TableActionKind::DropConstraint { name, .. } => name.name,
        _ => return None,
    })
}

/// The last part of an object's name.
fn name_of(name: &ObjectName) -> Option<Name> {
    match name {
        ObjectName::Qualified(name) => Some(name.name.name),
        ObjectName::OfRelation { name, .. } | ObjectName::OfDomain { name, .. } => Some(name.name),
        ObjectName::Function(signature) => Some(signature.name.name.name),
        ObjectName::Type(ty) => Some(ty.name()),
        _ => None,
    }
}
