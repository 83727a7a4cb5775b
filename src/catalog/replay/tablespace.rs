//! Tablespaces: what lies in which. They belong to the cluster, so one that no migration makes may be there.

use super::{Effect, Replay};
use crate::catalog::{Kind, NameKey, NameSpace, ObjectId, Outcome, RelationClass, Tag};
use crate::syntax::{Ident, Name, RelationKind, RoleSpec};

/// Those of every cluster.
const BUILT_IN: &[&str] = &["pg_default", "pg_global"];

impl Replay {
    /// SET TABLESPACE.
    pub(super) fn set_tablespace(&mut self, id: ObjectId, tablespace: Ident) -> Effect<()> {
        self.check_tablespace(tablespace)?;
        self.move_to(id, tablespace.name);
        Ok(())
    }

    fn move_to(&mut self, id: ObjectId, tablespace: Name) {
        self.catalog.modify(id, |object| match &mut object.kind {
            Kind::Relation(relation) => relation.tablespace = Some(tablespace),
            Kind::Index(index) => index.tablespace = Some(tablespace),
            _ => {}
        });
    }

    /// Where the project makes its tablespaces, one that it does not make is missing.
    pub(super) fn check_tablespace(&mut self, tablespace: Ident) -> Effect<()> {
        let key = NameKey { space: NameSpace::Other(Tag::Tablespace), parent: None, name: tablespace.name };
        let made_here = self.now().of_kind(Tag::Tablespace).next().is_some();
        if !made_here || BUILT_IN.contains(&tablespace.name.as_str()) || !self.now().named(key).is_empty() {
            return Ok(());
        }
        let message = format!("tablespace \"{}\" does not exist", tablespace.name);
        Err(self.refuse_undefined("42704", tablespace.span, message, key))
    }

    /// ALTER TABLE ALL IN TABLESPACE … SET TABLESPACE …: all that lies in the one goes to the other.
    pub(super) fn move_all(&mut self, kind: RelationKind, from: Ident, owned_by: &[RoleSpec], to: Ident) -> Effect {
        self.check_tablespace(from)?;
        self.check_tablespace(to)?;
        let mut owners = Vec::new();
        for role in owned_by {
            owners.extend(self.role(role)?);
        }
        let now = self.now();
        let lies_there = |tablespace: Option<Name>| tablespace.unwrap_or_else(|| Name::from("pg_default")) == from.name;
        let moved: Vec<ObjectId> = now
            .objects()
            .filter(|(_, object)| match (&object.kind, kind) {
                (Kind::Index(index), RelationKind::Index) => lies_there(index.tablespace),
                (Kind::Relation(it), RelationKind::Table) => {
                    let has_place = matches!(it.class, RelationClass::Table | RelationClass::PartitionedTable);
                    has_place && lies_there(it.tablespace)
                }
                (Kind::Relation(it), RelationKind::MaterializedView) => {
                    it.class == RelationClass::MaterializedView && lies_there(it.tablespace)
                }
                _ => false,
            })
            .filter(|(_, object)| owners.is_empty() || object.owner.is_some_and(|owner| owners.contains(&owner)))
            .filter(|(_, object)| !is_system(&now.schema_name(object)))
            .map(|(id, _)| id)
            .collect();
        if moved.is_empty() {
            return Ok(Outcome::Skipped);
        }
        moved.into_iter().for_each(|id| self.move_to(id, to.name));
        Ok(Outcome::Done)
    }
}

fn is_system(schema: &str) -> bool {
    schema.starts_with("pg_") || schema == "information_schema"
}
