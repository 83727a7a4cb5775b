//! What became of the objects of the empty database: those that are gone, moved, or made anew.

use std::sync::Arc;

use super::Schema;
use crate::catalog::{Kind, Object, ObjectId};
use crate::syntax::quote::quote_identifier;

impl Schema<'_> {
    /// The statements that take away what the history dropped, the last made first, and move what it moved.
    pub(super) fn given_sql(&self, out: &mut Vec<String>) {
        let was = Schema::new(self.empty, self.sources, self.version);
        let given: Vec<(ObjectId, &Arc<Object>)> =
            self.empty.objects().filter(|(_, object)| was.is_listed(object)).collect();
        for &(id, object) in given.iter().rev() {
            if self.at.get(id).is_none() {
                out.extend(self.drop_sql(&was, id, object));
            }
        }
        for &(id, before) in &given {
            let Some(object) = self.at.get(id).filter(|object| !Arc::ptr_eq(object, before)) else { continue };
            match (&object.kind, &before.kind) {
                (Kind::Extension(is), Kind::Extension(was)) if is.schema != was.schema => {
                    out.push(format!("ALTER EXTENSION {} SET SCHEMA {};", self.name(id), self.name(is.schema)));
                }
                (Kind::Schema, _) => self.owner_sql(id, object, out),
                _ => {}
            }
        }
    }

    /// CREATE OR REPLACE of the empty database's routines that have another definition now.
    pub(super) fn replaced_sql(&self, out: &mut Vec<String>) {
        let was = Schema::new(self.empty, self.sources, self.version);
        for (id, object) in self.at.objects().filter(|(_, object)| self.is_listed(object)) {
            let (Some(routine), Some(before)) = (object.as_routine(), self.empty.get(id)) else { continue };
            if Arc::ptr_eq(object, before) || routine.source.is_empty() {
                continue;
            }
            let definition = self.create_routine(id, routine);
            let before = before.as_routine().and_then(|routine| was.create_routine(id, routine));
            if let Some(text) = definition.filter(|text| before.as_ref() != Some(text)) {
                out.push(text.replacen("CREATE ", "CREATE OR REPLACE ", 1));
            }
        }
    }

    /// DROP; nothing for what goes with the table or the schema that it is in.
    fn drop_sql(&self, was: &Schema<'_>, id: ObjectId, object: &Object) -> Option<String> {
        let whole = object.attached_to().or(object.schema);
        if whole.is_some_and(|whole| self.at.get(whole).is_none()) {
            return None;
        }
        let name = quote_identifier(&object.name);
        let (word, rest) = match &object.kind {
            Kind::Constraint(it) => {
                return Some(format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {name} CASCADE;", was.name(it.of)));
            }
            Kind::Policy(it) => ("POLICY", format!("{name} ON {}", was.name(it.table))),
            Kind::Trigger(it) if it.parent.is_none() => ("TRIGGER", format!("{name} ON {}", was.name(it.table))),
            Kind::Rule(it) => ("RULE", format!("{name} ON {}", was.name(it.table))),
            Kind::Index(it) if it.constraint.is_none() => ("INDEX", was.name(id)),
            Kind::Role(_) => return Some(format!("DROP ROLE IF EXISTS {name};")),
            Kind::Extension(_) => ("EXTENSION", was.name(id)),
            Kind::Publication(_) => ("PUBLICATION", was.name(id)),
            Kind::EventTrigger(_) => ("EVENT TRIGGER", was.name(id)),
            _ => was.alter_target(id, object)?,
        };
        Some(format!("DROP {word} IF EXISTS {rest} CASCADE;"))
    }
}
