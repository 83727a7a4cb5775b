//! Making objects: the name must be free, the owner is the current role.

use super::{Effect, Replay, Stop};
use crate::catalog::{Kind, NameKey, NameSpace, Object, ObjectId, Tag};
use crate::source::Span;
use crate::syntax::{Ident, Name};

impl Object {
    /// An object without owner, privileges or dependencies.
    pub fn new(name: Name, schema: Option<ObjectId>, kind: Kind) -> Object {
        Object {
            name,
            schema,
            owner: None,
            acl: None,
            comment: None,
            extension: None,
            span: Span::NONE,
            depends: Vec::new(),
            kind,
        }
    }

    /// Its name in the place where that must be unique; `None` for what has no name of its own.
    pub fn key(&self) -> Option<NameKey> {
        let tag = self.tag();
        let (space, parent) = match tag {
            Tag::Relation | Tag::Sequence | Tag::Index => (NameSpace::Relation, self.schema),
            Tag::Type => (NameSpace::Type, self.schema),
            Tag::Routine => (NameSpace::Routine, self.schema),
            Tag::Operator => (NameSpace::Operator, self.schema),
            Tag::Constraint => (NameSpace::Constraint, self.attached_to()),
            Tag::Policy => (NameSpace::Policy, self.attached_to()),
            Tag::Trigger => (NameSpace::Trigger, self.attached_to()),
            Tag::Rule => (NameSpace::Rule, self.attached_to()),
            Tag::Cast | Tag::DefaultPrivileges | Tag::Transform | Tag::UserMapping => return None,
            Tag::Statistics
            | Tag::Collation
            | Tag::Conversion
            | Tag::OperatorClass
            | Tag::OperatorFamily
            | Tag::TextSearchConfiguration
            | Tag::TextSearchDictionary
            | Tag::TextSearchParser
            | Tag::TextSearchTemplate => (NameSpace::Other(tag), self.schema),
            _ => (NameSpace::Other(tag), None),
        };
        Some(NameKey { space, parent, name: self.name })
    }
}

impl Replay {
    /// A new object of the current role, named at `name`, with the default privileges that apply.
    pub(crate) fn owned(&self, name: Ident, schema: Option<ObjectId>, kind: Kind) -> Object {
        let mut object = Object::new(name.name, schema, kind);
        object.span = name.span;
        object.owner = self.session.role;
        object.acl = self.default_acl(&object);
        object
    }

    /// Makes an object and binds its name, which must be free.
    pub(crate) fn create(&mut self, object: Object) -> Effect<ObjectId> {
        self.check_free(&object)?;
        Ok(self.add(object))
    }

    /// Makes an object and binds its name.
    pub(crate) fn add(&mut self, object: Object) -> ObjectId {
        let key = object.key();
        let constraint = object.as_constraint().is_some();
        let id = self.catalog.insert(object);
        if let Some(key) = key.filter(|_| constraint) {
            self.constraint_names.entry(key.name).or_default().push(id);
        }
        if let Some(key) = key {
            self.catalog.bind(key, id);
        }
        id
    }

    /// Refuses a name that is taken. Routines and operators may share names: their families check arguments.
    pub(crate) fn check_free(&self, object: &Object) -> Effect<()> {
        let Some(key) = object.key() else { return Ok(()) };
        if matches!(key.space, NameSpace::Routine | NameSpace::Operator) {
            return Ok(());
        }
        match self.now().named(key).first() {
            Some(&taken) => Err(self.refuse_taken(object, taken, key)),
            None => self.check_row_type_free(object),
        }
    }

    /// A relation takes its name in the schema's types too.
    fn check_row_type_free(&self, object: &Object) -> Effect<()> {
        if object.as_relation().is_none() {
            return Ok(());
        }
        let key = NameKey { space: NameSpace::Type, parent: object.schema, name: object.name };
        match self.now().named(key).first() {
            Some(&taken) => {
                let message = format!("type \"{}\" already exists", object.name);
                let refusal = self.refuse_because("42710", object.span, message, taken, "the type is made here");
                Err(refusal.help("a relation has a type of the same name; take a name that no type has"))
            }
            None => Ok(()),
        }
    }

    fn refuse_taken(&self, object: &Object, taken: ObjectId, key: NameKey) -> Stop {
        let name = object.name;
        if let Some(why) = self.doubt_about(taken) {
            return Stop::Unknown(why);
        }
        let parent = || key.parent.and_then(|parent| self.now().get(parent)).map(|parent| parent.name);
        let (sqlstate, message) = match key.space {
            NameSpace::Relation => ("42P07", format!("relation \"{name}\" already exists")),
            NameSpace::Other(Tag::Schema) => ("42P06", format!("schema \"{name}\" already exists")),
            NameSpace::Other(Tag::Database) => ("42P04", format!("database \"{name}\" already exists")),
            NameSpace::Policy => {
                let table = parent().unwrap_or_default();
                ("42710", format!("policy \"{name}\" for table \"{table}\" already exists"))
            }
            NameSpace::Constraint | NameSpace::Trigger | NameSpace::Rule => {
                let (word, of) = (object.tag().word(), parent().unwrap_or_default());
                let owner = key.parent.and_then(|parent| self.now().get(parent));
                let owner = if owner.is_some_and(|owner| owner.as_type().is_some()) { "domain" } else { "relation" };
                ("42710", format!("{word} \"{name}\" for {owner} \"{of}\" already exists"))
            }
            _ => ("42710", format!("{} \"{name}\" already exists", object.kind_word())),
        };
        self.refuse_because(sqlstate, object.span, message, taken, format!("{name} is made here"))
    }

    /// Ends an object's life and frees its name. What depends on it is the caller's business.
    pub(crate) fn erase(&mut self, id: ObjectId) {
        let Some(key) = self.now().get(id).map(|object| object.key()) else { return };
        if let Some(key) = key {
            self.catalog.unbind(key, id);
        }
        self.catalog.remove(id);
    }

    /// Changes an object and rebinds its name where that changed.
    pub(crate) fn change(&mut self, id: ObjectId, change: impl FnOnce(&mut Object)) {
        let Some(old) = self.now().get(id) else { return };
        let old_key = old.key();
        let mut object = Object::clone(old);
        change(&mut object);
        let new_key = object.key();
        if old_key != new_key && object.as_constraint().is_some() {
            self.constraint_names.entry(object.name).or_default().push(id);
        }
        self.catalog.update(id, object);
        if old_key == new_key {
            return;
        }
        if let Some(key) = old_key {
            self.catalog.unbind(key, id);
        }
        if let Some(key) = new_key {
            self.catalog.bind(key, id);
        }
    }
}
