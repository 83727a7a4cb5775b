//! Constraints that are checked at the end of the transaction: until then their tables cannot be changed.

use super::{Effect, Replay};
use crate::catalog::{ObjectId, Outcome, Tag};
use crate::source::Span;
use crate::syntax::{DropBehavior, Name, ObjectName, QualifiedName, QueryBody, Statement, StatementKind};

impl Replay {
    /// Refuses to change a table that still has rows to check.
    pub(super) fn check_no_checks_pending(&self, statement: &Statement) -> Effect<()> {
        if self.session.pending_checks.is_empty() {
            return Ok(());
        }
        let (command, tables) = self.closes(statement);
        match tables.into_iter().find(|(table, _)| self.session.pending_checks.contains(table)) {
            Some((table, span)) => {
                let name = self.name_of(table);
                let message = format!("cannot {command} \"{name}\" because it has pending trigger events");
                Err(self.refuse("55006", span, message).help("SET CONSTRAINTS ALL IMMEDIATE checks the rows at once"))
            }
            None => Ok(()),
        }
    }

    /// The tables that a statement needs to be at rest.
    fn closes(&self, statement: &Statement) -> (&'static str, Vec<(ObjectId, Span)>) {
        let whole = |name: &QualifiedName| {
            let id = self.find_relation(name);
            id.into_iter().flat_map(|id| self.with_descendants(id)).map(|id| (id, name.span())).collect::<Vec<_>>()
        };
        match &statement.kind {
            StatementKind::AlterTable(alter) => ("ALTER TABLE", whole(&alter.relation.name)),
            StatementKind::Truncate { relations, .. } => {
                ("TRUNCATE", relations.iter().flat_map(|relation| whole(&relation.name)).collect())
            }
            StatementKind::Drop(drop) if drop.behavior == DropBehavior::Restrict || drop.objects.len() == 1 => {
                let names = drop.objects.iter().filter_map(|object| match &object.name {
                    ObjectName::Qualified(name) => Some(whole(name)),
                    _ => None,
                });
                ("DROP TABLE", names.flatten().collect())
            }
            StatementKind::CreateIndex(create) => ("CREATE INDEX", whole(&create.relation.name)),
            StatementKind::Cluster { relation: Some(relation), .. } => ("CLUSTER", whole(&relation.name)),
            _ => ("", Vec::new()),
        }
    }

    /// SET CONSTRAINTS names: each is looked for in the first schema that has some of this name.
    pub(super) fn set_constraints(&mut self, names: &[QualifiedName], deferred: bool) -> Effect {
        for name in names {
            let schemas: Vec<ObjectId> = match name.schema {
                Some(schema) => vec![self.schema_named(schema)?],
                None => self.path.to_vec(),
            };
            let found = schemas.iter().map(|schema| self.may_wait(*schema, name.name.name)).find(|all| !all.is_empty());
            match found {
                Some(all) if deferred && all.contains(&false) => {
                    let message = format!("constraint \"{}\" is not deferrable", name.name.name);
                    return Err(self.refuse("42809", name.span(), message));
                }
                Some(_) => {}
                None => {
                    if let Some(why) = self.doubt.about_kind(Tag::Constraint, name.name.name) {
                        return Err(self.unknown(&why));
                    }
                    let message = format!("constraint \"{}\" does not exist", name.name.name);
                    return Err(self.refuse("42704", name.span(), message));
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Whether the constraints of this name, and the constraint triggers, are deferrable.
    fn may_wait(&self, schema: ObjectId, name: Name) -> Vec<bool> {
        let now = self.now();
        let lives = |of: ObjectId| now.get(of).is_some_and(|of| of.schema == Some(schema));
        let ids = self.constraint_names.get(&name).into_iter().flatten();
        let constraints = ids.filter_map(|id| now.get(*id)).filter(|object| object.name == name).filter_map(|object| {
            let constraint = object.as_constraint()?;
            Some((constraint.of, constraint.deferrable))
        });
        let triggers = now.of_kind(Tag::Trigger).filter(|(_, object)| object.name == name).filter_map(|(_, object)| {
            let trigger = object.as_trigger().filter(|trigger| trigger.constraint)?;
            Some((trigger.table, trigger.deferrable))
        });
        constraints.chain(triggers).filter(|(of, _)| lives(*of)).map(|(_, deferrable)| deferrable).collect()
    }

    /// Notes the tables that a statement leaves rows to check on; outside a block they are checked when it ends.
    pub(super) fn note_checks(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::SetConstraints { constraints, deferred } if constraints.is_empty() => {
                // It lasts until the end of the transaction: alone it does nothing.
                if self.transaction.block.is_some() {
                    self.session.checks_deferred = Some(*deferred);
                }
                if !deferred {
                    self.session.pending_checks.clear();
                }
            }
            // Which of the checks that wait are meant is not followed.
            StatementKind::SetConstraints { deferred: false, .. } => self.session.pending_checks.clear(),
            StatementKind::Insert(insert) if self.transaction.block.is_some() => {
                let has_rows = match insert.source.as_ref().map(|source| &source.body) {
                    None | Some(QueryBody::Values(_)) => insert.on_conflict.is_none(),
                    Some(_) => false,
                };
                let table = self.find_relation(&insert.relation.name).filter(|_| has_rows);
                let waiting = table.filter(|&table| self.has_deferred_check(table));
                self.session.pending_checks.extend(waiting);
            }
            _ => {}
        }
    }

    fn has_deferred_check(&self, table: ObjectId) -> bool {
        let now = self.now();
        let waits = |deferrable: bool, initially: bool| deferrable && self.session.checks_deferred.unwrap_or(initially);
        let key = now.foreign_keys(table).any(|(key, _)| waits(key.is.deferrable, key.is.initially_deferred));
        let mut triggers = now.attached(table).filter_map(|(_, object)| object.as_trigger());
        key || triggers.any(|it| it.constraint && it.events.insert && waits(it.deferrable, it.initially_deferred))
    }
}
