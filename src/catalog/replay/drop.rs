//! DROP of every kind of object.

use super::depend::Doomed;
use super::names::{self, Target};
use super::{Effect, Replay, Stop};
use crate::catalog::{NameSpace, ObjectId, Outcome, Part, TypeClass};
use crate::source::Span;
use crate::syntax::{Drop, Name, ObjectKind, ObjectName, ObjectRef, QualifiedName};

impl Replay {
    pub(super) fn drop(&mut self, drop: &Drop) -> Effect {
        if let Some(word) = drop.concurrently {
            self.check_drop_concurrently(drop, word)?;
        }
        let mut doomed = Vec::new();
        for object in &drop.objects {
            match self.resolve_to_drop(object, drop.if_exists) {
                Ok(Some(target)) if drop.concurrently.is_some() && self.is_partitioned_index(target.id) => {
                    let message = format!("cannot drop partitioned index \"{}\" concurrently", self.name_of(target.id));
                    return Err(self.refuse("0A000", object.span, message));
                }
                Ok(Some(target)) => doomed.push(Doomed { target, span: object.span }),
                Ok(None) => {}
                Err(stop) => return Err(stop),
            }
        }
        if doomed.is_empty() {
            return Ok(Outcome::Skipped);
        }
        self.drop_all(&doomed, drop.behavior)?;
        Ok(Outcome::Done)
    }

    fn check_drop_concurrently(&self, drop: &Drop, word: Span) -> Effect<()> {
        self.refuse_in_block("DROP INDEX CONCURRENTLY", word)?;
        if drop.objects.len() > 1 {
            return Err(self.refuse(
                "0A000",
                word,
                "DROP INDEX CONCURRENTLY does not support dropping multiple objects",
            ));
        }
        if drop.behavior == crate::syntax::DropBehavior::Cascade {
            return Err(self.refuse("0A000", word, "DROP INDEX CONCURRENTLY does not support CASCADE"));
        }
        Ok(())
    }

    /// The object to drop; `None` where IF EXISTS lets it be missing.
    fn resolve_to_drop(&mut self, object: &ObjectRef, if_exists: bool) -> Effect<Option<Target>> {
        let found = match &object.name {
            ObjectName::OfRelation { relation, name } if is_view_rule(object.kind, name.name) => {
                let view = self.relation(relation)?;
                let message =
                    format!("cannot drop rule {} on view {} because it is the view", name.name, self.name_of(view));
                return Err(self.refuse_because("2BP01", object.span, message, view, "the view is made here"));
            }
            ObjectName::Qualified(name) if names::relation_kind_test(object.kind).is_some() => {
                self.relation_to_drop(object.kind, name)
            }
            _ => self.resolve(object),
        };
        match found {
            Ok(target) => {
                self.check_domain(object, target)?;
                Ok(Some(target))
            }
            // Anything that is not there, its schema or its relation included, is skipped.
            Err(Stop::Refused(refusal)) if if_exists && is_missing(refusal.sqlstate) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    fn is_partitioned_index(&self, id: ObjectId) -> bool {
        let index = self.now().get(id).and_then(|object| object.as_index());
        index.is_some_and(|index| self.is_partitioned(index.table))
    }

    fn relation_to_drop(&mut self, kind: ObjectKind, name: &QualifiedName) -> Effect<Target> {
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        if let Some(id) = self.find_relation(name) {
            self.check_relation_kind(id, kind, name)?;
            return Ok(Target { id, part: Part::Whole });
        }
        let (sqlstate, word) = match kind {
            ObjectKind::Index => ("42704", "index"),
            ObjectKind::View => ("42P01", "view"),
            ObjectKind::MaterializedView => ("42P01", "materialized view"),
            ObjectKind::Sequence => ("42P01", "sequence"),
            ObjectKind::ForeignTable => ("42704", "foreign table"),
            _ => ("42P01", "table"),
        };
        let message = format!("{word} \"{}\" does not exist", name.name.name);
        Err(self.refuse_no_such(sqlstate, NameSpace::Relation, name, message))
    }

    /// DROP DOMAIN is for domains alone; DROP TYPE drops them too.
    fn check_domain(&self, object: &ObjectRef, target: Target) -> Effect<()> {
        if object.kind != ObjectKind::Domain {
            return Ok(());
        }
        let Some(dropped) = self.now().get(target.id) else { return Ok(()) };
        if dropped.as_type().is_none_or(|ty| matches!(ty.class, TypeClass::Domain { .. })) {
            return Ok(());
        }
        Err(self.refuse("42809", object.span, format!("\"{}\" is not a domain", dropped.name)))
    }
}

/// The rule that a view is, which the catalog does not hold as an object.
fn is_view_rule(kind: ObjectKind, name: Name) -> bool {
    kind == ObjectKind::Rule && name.as_str() == "_RETURN"
}

/// The SQLSTATEs that IF EXISTS swallows.
pub(crate) fn is_missing(sqlstate: &str) -> bool {
    matches!(sqlstate, "42P01" | "42704" | "42883" | "3F000" | "3D000" | "42703")
}
