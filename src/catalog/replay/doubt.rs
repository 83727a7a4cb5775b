//! What may have been made or dropped by code that replay could not follow.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Gap, Replay};
use crate::syntax::{Name, ObjectName, Statement, StatementKind};

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

    /// What is now known to exist, or not to.
    pub(crate) fn settle(&mut self, name: Name) {
        self.names.remove(&name);
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

    /// A statement of which nothing is known may have had its effect: what it names is in doubt.
    pub(super) fn doubt_effects_of(&mut self, statement: &Statement) {
        let mut names = Vec::new();
        match &statement.kind {
            StatementKind::CreateTable(create) => names.push(create.relation.name.name.name),
            StatementKind::CreateForeignTable(create) => names.push(create.table.relation.name.name.name),
            StatementKind::CreateTableAs(create) => names.push(create.into.relation.name.name.name),
            StatementKind::CreateView(create) => names.push(create.relation.name.name.name),
            StatementKind::CreateSequence(create) => names.push(create.relation.name.name.name),
            StatementKind::CreateIndex(create) => names.extend(create.name.map(|name| name.name)),
            StatementKind::AlterTable(alter) => names.push(alter.relation.name.name.name),
            StatementKind::CreateFunction(create) => names.push(create.name.name.name),
            StatementKind::CreatePolicy(create) => names.push(create.name.name),
            StatementKind::CreateTrigger(create) => names.push(create.name.name),
            StatementKind::CreateEnum { name, .. }
            | StatementKind::CreateCompositeType { name, .. }
            | StatementKind::CreateRange { name, .. } => names.push(name.name.name),
            StatementKind::CreateDomain(create) => names.push(create.name.name.name),
            StatementKind::CreateSchema(create) => names.extend(create.name.map(|name| name.name)),
            StatementKind::CreateRole { name, .. } => names.push(name.name),
            StatementKind::Rename(rename) => names.push(rename.new_name.name),
            StatementKind::Drop(drop) => names.extend(drop.objects.iter().filter_map(|object| name_of(&object.name))),
            _ => {}
        }
        for name in names {
            self.doubt.name(name, "whether the statement that names it succeeds is not known");
        }
    }
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
