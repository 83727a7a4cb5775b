//! Families that are not about relations, and what names their objects.

use super::{Effect, Replay};
use crate::catalog::{Acl, Kind, NameSpace, Object, ObjectId, Outcome, Role};
use crate::source::Span;
use crate::syntax::{Ident, Name, ObjectName, ObjectRef, QualifiedName, Statement};

impl Replay {
    /// Carries out a statement that is not about relations.
    pub(super) fn execute_other(&mut self, _statement: &Statement) -> Effect {
        Ok(Outcome::Done)
    }

    /// What an empty database holds.
    pub(super) fn load_baseline(&mut self) {
        let role = Role { superuser: true, inherit: true, login: true, ..Role::default() };
        let postgres = self.add(Object::new(Name::from("postgres"), None, Kind::Role(role)));
        self.session.role = Some(postgres);
        self.session.session_role = Some(postgres);
        for schema in ["pg_catalog", "information_schema", "public"] {
            let object = self.owned(Ident::new(schema, Span::NONE), None, Kind::Schema);
            self.add(object);
        }
    }

    /// The privileges that a new object starts with; `None`: the built-in default.
    pub(crate) fn default_acl(&self, _object: &Object) -> Option<std::sync::Arc<Acl>> {
        None
    }

    /// The privileges after a change of owner: what the old one had is the new one's.
    pub(crate) fn acl_of_new_owner(&self, acl: &Acl, _old: Option<ObjectId>, _new: ObjectId) -> Acl {
        acl.clone()
    }

    /// Moves an extension with its objects.
    pub(crate) fn move_extension(&mut self, _extension: ObjectId, _schema: ObjectId, _name: Ident) -> Effect {
        Ok(Outcome::Done)
    }

    /// A type as written.
    pub(crate) fn resolve_type(&mut self, ty: &crate::syntax::TypeName) -> Effect<crate::catalog::TypeRef> {
        let (name, schema) = (ty.parts.last().copied(), ty.parts.iter().rev().nth(1).copied());
        let Some(name) = name else { return Err(self.unknown("the type has no name")) };
        let name = QualifiedName { database: None, schema, name };
        let Some(id) = self.find_type(&name) else { return Err(self.unknown("no types yet")) };
        Ok(crate::catalog::TypeRef { id, modifiers: Vec::new(), array: ty.array_dimensions > 0 })
    }

    /// Objects that are not named by a plain or qualified name: routines, types, casts, operators …
    pub(crate) fn resolve_special(&mut self, object: &ObjectRef) -> Effect<ObjectId> {
        match &object.name {
            ObjectName::Function(signature) => self.routine(signature),
            ObjectName::Type(ty) => {
                let (name, schema) = (ty.parts.last().copied(), ty.parts.iter().rev().nth(1).copied());
                let Some(name) = name else { return Err(self.unknown("the type has no name")) };
                let name = QualifiedName { database: None, schema, name };
                if let Some(id) = self.find_type(&name) {
                    return Ok(id);
                }
                let message = format!("type \"{name}\" does not exist");
                Err(self.refuse_no_such("42704", NameSpace::Type, &name, message))
            }
            _ => Err(self.unknown("objects of this kind are not followed")),
        }
    }
}
