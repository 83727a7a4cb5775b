//! Looking names up as the server does: by search_path.

use std::sync::{Arc, LazyLock};

use super::{Effect, Replay};
use crate::catalog::{CatalogAt, Kind, NameKey, NameSpace, Object, ObjectId, Part, RelationClass, Tag};
use crate::syntax::{
    Ident, Name, ObjectKind, ObjectName, ObjectRef, Persistence, QualifiedName, RelationRef, RoleKind, RoleSpec,
};

/// The name that stands for the schema of temporary relations.
pub(crate) const PG_TEMP: &str = "pg_temp";

/// An object, or a part of one, that a statement names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    /// The object.
    pub id: ObjectId,
    /// The whole of it, or a column.
    pub part: Part,
}

impl Replay {
    /// Works out anew which schemas names are looked up in.
    pub(crate) fn refresh_path(&mut self) {
        // It is seldom another one.
        if !self.effective_search_path().eq(self.path.iter().copied()) {
            self.path = self.effective_search_path().collect();
        }
    }

    /// The schemas of search_path that exist: `pg_temp` first, then `pg_catalog`, where they are not named.
    fn effective_search_path(&self) -> impl Iterator<Item = ObjectId> {
        static IMPLICIT: LazyLock<[Name; 2]> = LazyLock::new(|| [PG_TEMP, "pg_catalog"].map(Name::from));
        let catalog = self.now();
        let path = &self.session.search_path;
        let implicit = IMPLICIT.iter().copied().filter(|name| !path.contains(name));
        let named = path.iter().map(|&name| self.session_schema_name(name));
        implicit.chain(named).filter_map(move |name| catalog.schema(name))
    }

    /// `$user` is the role's name.
    fn session_schema_name(&self, name: Name) -> Name {
        let role = || self.now().get(self.session.role?).map(|role| role.name);
        if name.as_str() == "$user" { role().unwrap_or(name) } else { name }
    }

    /// Where an object without a written schema is made: the first schema of search_path.
    pub(crate) fn creation_schema(&self) -> Option<ObjectId> {
        let mut named = self.session.search_path.iter().map(|&name| self.session_schema_name(name));
        named.find_map(|name| self.now().schema(name))
    }

    /// The schema that a new object goes to.
    pub(crate) fn schema_for_new(&mut self, name: &QualifiedName) -> Effect<ObjectId> {
        let schema = match name.schema {
            Some(schema) if schema.as_str() == PG_TEMP => return Ok(self.temporary_schema()),
            Some(schema) => self.schema_named(schema)?,
            None => {
                let message = "no schema has been selected to create in";
                self.creation_schema().ok_or_else(|| self.refuse("3F000", name.span(), message))?
            }
        };
        self.check_may_create_in(schema, name.span())?;
        Ok(schema)
    }

    /// The schema that a new relation goes to: `pg_temp` for a temporary one.
    pub(crate) fn schema_for_new_relation(&mut self, relation: &RelationRef) -> Effect<ObjectId> {
        if relation.persistence != Persistence::Temporary {
            return self.schema_for_new(&relation.name);
        }
        match relation.name.schema {
            Some(schema) if schema.as_str() != PG_TEMP => {
                self.schema_named(schema)?;
                let message = "cannot create temporary relation in non-temporary schema";
                Err(self.refuse("42P16", schema.span, message))
            }
            _ => Ok(self.temporary_schema()),
        }
    }

    /// The schema of temporary relations; made when it is first needed.
    fn temporary_schema(&mut self) -> ObjectId {
        let name = Name::from(PG_TEMP);
        if let Some(schema) = self.now().schema(name) {
            return schema;
        }
        let object = Object::new(name, None, Kind::Schema);
        let schema = self.add(object);
        self.refresh_path();
        schema
    }

    /// The schema of this name.
    pub(crate) fn schema_named(&mut self, name: Ident) -> Effect<ObjectId> {
        if let Some(schema) = self.now().schema(name.name) {
            return Ok(schema);
        }
        let key = NameKey { space: NameSpace::Other(Tag::Schema), parent: None, name: name.name };
        let message = format!("schema \"{}\" does not exist", name.name);
        Err(self.refuse_undefined("3F000", name.span, message, key))
    }

    /// The relation, index or sequence of this name.
    pub(crate) fn find_relation(&self, name: &QualifiedName) -> Option<ObjectId> {
        self.find(NameSpace::Relation, name)
    }

    /// The type of this name.
    pub(crate) fn find_type(&self, name: &QualifiedName) -> Option<ObjectId> {
        self.find(NameSpace::Type, name)
    }

    /// The first object of this name along search_path, or in the schema that is written.
    pub(crate) fn find(&self, space: NameSpace, name: &QualifiedName) -> Option<ObjectId> {
        find(self.now(), &self.path, space, name)
    }

    /// The relation, index or sequence of this name, or a refusal as a utility statement gives it.
    pub(crate) fn relation(&mut self, name: &QualifiedName) -> Effect<ObjectId> {
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        self.relation_read(name)
    }

    /// The relation, index or sequence of this name, or a refusal as a query gives it.
    pub(crate) fn relation_read(&mut self, name: &QualifiedName) -> Effect<ObjectId> {
        match self.find_relation(name) {
            Some(relation) => Ok(relation),
            None => {
                let message = format!("relation \"{name}\" does not exist");
                Err(self.refuse_no_such("42P01", NameSpace::Relation, name, message))
            }
        }
    }

    /// The refusal for a name that is not there, with what became of it.
    pub(crate) fn refuse_no_such(
        &mut self,
        sqlstate: &'static str,
        space: NameSpace,
        name: &QualifiedName,
        message: String,
    ) -> super::Stop {
        let parent = self.likely_schema(space, name);
        let key = NameKey { space, parent, name: name.name.name };
        self.refuse_undefined(sqlstate, name.span(), message, key)
    }

    /// The schema in which something of this name once was, else the first of search_path.
    fn likely_schema(&self, space: NameSpace, name: &QualifiedName) -> Option<ObjectId> {
        if let Some(schema) = name.schema {
            return self.now().schema(schema.name);
        }
        let once_there = |&schema: &ObjectId| {
            let key = NameKey { space, parent: Some(schema), name: name.name.name };
            self.catalog.name_history(key).next().is_some()
        };
        self.path.iter().copied().find(once_there).or_else(|| self.creation_schema())
    }

    /// The role that is meant; `None` for PUBLIC.
    pub(crate) fn role(&mut self, role: &RoleSpec) -> Effect<Option<ObjectId>> {
        match role.kind {
            RoleKind::Public => Ok(None),
            RoleKind::CurrentRole | RoleKind::CurrentUser => Ok(self.session.role),
            RoleKind::SessionUser => Ok(self.session.session_role),
            RoleKind::Name(name) => self.role_named(Ident { name, span: role.span }, "42704").map(Some),
        }
    }

    /// The object that a statement names, or a refusal as ALTER and COMMENT give it.
    pub(crate) fn resolve(&mut self, object: &ObjectRef) -> Effect<Target> {
        let whole = |id| Target { id, part: Part::Whole };
        match &object.name {
            ObjectName::OfRelation { relation, name } if object.kind == ObjectKind::Column => {
                let table = self.relation(relation)?;
                self.column_of(table, *name).map(|number| Target { id: table, part: Part::Column(number) })
            }
            ObjectName::OfRelation { relation, name } if object.kind == ObjectKind::Attribute => {
                let table = self.relation(relation)?;
                self.column_of(table, *name).map(|number| Target { id: table, part: Part::Column(number) })
            }
            ObjectName::OfRelation { relation, name } => {
                let table = self.relation(relation)?;
                self.part_of_relation(object.kind, table, *name).map(whole)
            }
            ObjectName::Qualified(name) => self.resolve_named(object.kind, name).map(whole),
            ObjectName::OfAccessMethod { name, access_method } if object.kind == ObjectKind::OperatorClass => {
                self.check_operator_class(&access_method.name, name, None)?;
                self.resolve_special(object).map(whole)
            }
            _ => self.resolve_special(object).map(whole),
        }
    }

    /// The number of a column, or the refusal 42703.
    pub(crate) fn column_of(&mut self, table: ObjectId, name: Ident) -> Effect<i16> {
        let Some(object) = self.now().get(table) else { return Err(self.unknown("the relation is gone")) };
        let relation = object.as_relation();
        if let Some(column) = relation.and_then(|relation| relation.column(name.name)) {
            return Ok(column.number);
        }
        let message = format!("column \"{}\" of relation \"{}\" does not exist", name.name, object.name);
        if relation.is_some_and(|relation| !relation.columns_known) {
            return Err(self.unknown("not all columns of the relation are known"));
        }
        Err(self.refuse_missing_column(table, name, message))
    }

    fn resolve_named(&mut self, kind: ObjectKind, name: &QualifiedName) -> Effect<ObjectId> {
        if let Some(tag) = global_tag(kind) {
            return self.global_named(tag, name.name);
        }
        match relation_kind_test(kind) {
            Some(_) => {
                let id = self.relation(name)?;
                self.check_relation_kind(id, kind, name)?;
                Ok(id)
            }
            None => self.schema_object(kind, name),
        }
    }

    /// What lives in no schema: roles, extensions, publications …
    pub(crate) fn global_named(&mut self, tag: Tag, name: Ident) -> Effect<ObjectId> {
        match tag {
            Tag::Schema => return self.schema_named(name),
            Tag::Role => return self.role_named(name, "42704"),
            _ => {}
        }
        let key = NameKey { space: NameSpace::Other(tag), parent: None, name: name.name };
        if let Some(&id) = self.now().named(key).first() {
            return Ok(id);
        }
        let message = format!("{} \"{}\" does not exist", tag.word(), name.name);
        Err(self.refuse_undefined(if tag == Tag::Database { "3D000" } else { "42704" }, name.span, message, key))
    }

    /// What lives in a schema and is no relation: types by plain name, statistics, collations …
    fn schema_object(&mut self, kind: ObjectKind, name: &QualifiedName) -> Effect<ObjectId> {
        let Some((space, word)) = schema_space(kind) else {
            return Err(self.unknown("objects of this kind are not followed"));
        };
        if let Some(schema) = name.schema {
            self.schema_named(schema)?;
        }
        if let Some(id) = self.find(space, name) {
            return Ok(id);
        }
        Err(self.refuse_no_such("42704", space, name, format!("{word} \"{name}\" does not exist")))
    }

    /// A policy, trigger, rule or constraint of a relation.
    pub(crate) fn part_of_relation(&mut self, kind: ObjectKind, table: ObjectId, name: Ident) -> Effect<ObjectId> {
        let (space, word, preposition) = match kind {
            ObjectKind::Policy => (NameSpace::Policy, "policy", "for table"),
            ObjectKind::Trigger => (NameSpace::Trigger, "trigger", "for table"),
            ObjectKind::Rule => (NameSpace::Rule, "rule", "for relation"),
            _ => (NameSpace::Constraint, "constraint", "for table"),
        };
        let key = NameKey { space, parent: Some(table), name: name.name };
        if let Some(&id) = self.now().named(key).first() {
            return Ok(id);
        }
        let table_name = self.now().get(table).map(|table| table.name).unwrap_or_default();
        let message = format!("{word} \"{}\" {preposition} \"{table_name}\" does not exist", name.name);
        Err(self.refuse_undefined("42704", name.span, message, key))
    }

    /// Refuses a relation of another kind than the statement is for.
    pub(crate) fn check_relation_kind(&mut self, id: ObjectId, kind: ObjectKind, name: &QualifiedName) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let Some(fits) = relation_kind_test(kind) else { return Ok(()) };
        if fits(object) {
            return Ok(());
        }
        let (place, is) = (object.span, object.kind_word());
        let message = format!("\"{}\" is not {}", object.name, with_article(kind));
        Err(self.refuse("42809", name.span(), message).label(place, format!("it is a {is}")))
    }
}

/// The first object of this name along a search path, or in the schema that is written.
pub(crate) fn find(
    catalog: CatalogAt<'_>,
    search_path: &[ObjectId],
    space: NameSpace,
    name: &QualifiedName,
) -> Option<ObjectId> {
    let in_schema = |schema: ObjectId| {
        let key = NameKey { space, parent: Some(schema), name: name.name.name };
        catalog.named(key).first().copied()
    };
    match &name.schema {
        Some(schema) => in_schema(catalog.schema(schema.name)?),
        None => search_path.iter().find_map(|&schema| in_schema(schema)),
    }
}

/// The kinds whose names are unique in the database.
pub(crate) fn global_tag(kind: ObjectKind) -> Option<Tag> {
    Some(match kind {
        ObjectKind::AccessMethod => Tag::AccessMethod,
        ObjectKind::Database => Tag::Database,
        ObjectKind::EventTrigger => Tag::EventTrigger,
        ObjectKind::Extension => Tag::Extension,
        ObjectKind::ForeignDataWrapper => Tag::ForeignDataWrapper,
        ObjectKind::ForeignServer => Tag::ForeignServer,
        ObjectKind::Language => Tag::Language,
        ObjectKind::Publication => Tag::Publication,
        ObjectKind::Role => Tag::Role,
        ObjectKind::Schema => Tag::Schema,
        ObjectKind::Subscription => Tag::Subscription,
        ObjectKind::Tablespace => Tag::Tablespace,
        _ => return None,
    })
}

/// The kinds that live in a schema beside relations and routines, with their word in messages.
pub(crate) fn schema_space(kind: ObjectKind) -> Option<(NameSpace, &'static str)> {
    let tag = match kind {
        ObjectKind::Type | ObjectKind::Domain => return Some((NameSpace::Type, "type")),
        ObjectKind::Statistics => Tag::Statistics,
        ObjectKind::Collation => Tag::Collation,
        ObjectKind::Conversion => Tag::Conversion,
        ObjectKind::OperatorClass => Tag::OperatorClass,
        ObjectKind::OperatorFamily => Tag::OperatorFamily,
        ObjectKind::TextSearchConfiguration => Tag::TextSearchConfiguration,
        ObjectKind::TextSearchDictionary => Tag::TextSearchDictionary,
        ObjectKind::TextSearchParser => Tag::TextSearchParser,
        ObjectKind::TextSearchTemplate => Tag::TextSearchTemplate,
        _ => return None,
    };
    Some((NameSpace::Other(tag), tag.word()))
}

/// Whether a relation is of the kind that a word of the grammar names; `None` for words that name no relation.
pub(crate) fn relation_kind_test(kind: ObjectKind) -> Option<fn(&Object) -> bool> {
    fn class(object: &Object) -> Option<RelationClass> {
        object.as_relation().map(|relation| relation.class)
    }
    Some(match kind {
        ObjectKind::Table => {
            |object| matches!(class(object), Some(RelationClass::Table | RelationClass::PartitionedTable))
        }
        ObjectKind::View => |object| class(object) == Some(RelationClass::View),
        ObjectKind::MaterializedView => |object| class(object) == Some(RelationClass::MaterializedView),
        ObjectKind::ForeignTable => |object| class(object) == Some(RelationClass::ForeignTable),
        ObjectKind::Index => |object| object.as_index().is_some(),
        ObjectKind::Sequence => |object| object.as_sequence().is_some(),
        _ => return None,
    })
}

/// `a table`, `an index`.
pub(crate) fn with_article(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "a table",
        ObjectKind::View => "a view",
        ObjectKind::MaterializedView => "a materialized view",
        ObjectKind::ForeignTable => "a foreign table",
        ObjectKind::Index => "an index",
        ObjectKind::Sequence => "a sequence",
        ObjectKind::Domain => "a domain",
        _ => "of that kind",
    }
}

impl Replay {
    /// Gives up on a statement: what it meets is not known well enough.
    pub(crate) fn unknown(&self, why: &str) -> super::Stop {
        super::Stop::Unknown(Arc::from(why))
    }

    /// The refusal for a column that is not there; says where it was dropped or renamed.
    pub(crate) fn refuse_missing_column(&self, table: ObjectId, name: Ident, message: String) -> super::Stop {
        if let Some(why) = self.doubt_about_column(table, name.name) {
            return super::Stop::Unknown(why);
        }
        let refusal = self.refuse("42703", name.span, message);
        match self.end_of_column(table, name.name) {
            Some((place, what)) => refusal.label(place, what),
            None => refusal,
        }
    }

    /// Where a column of this name was dropped or renamed, the latest such place.
    pub(super) fn end_of_column(&self, table: ObjectId, name: Name) -> Option<(crate::source::Span, String)> {
        let mut last_seen: Option<i16> = None;
        let mut end = None;
        for (since, version) in self.catalog.history(table) {
            let relation = version?.as_relation()?;
            let number = relation.column(name).map(|column| column.number);
            if let (Some(was), None) = (last_seen, number) {
                let place = self.catalog.statement(since)?.statement.span;
                let now_called = relation.column_number(was).map(|column| column.name);
                end = Some((
                    place,
                    match now_called {
                        Some(new_name) => format!("renamed to {new_name} here"),
                        None => "dropped here".to_owned(),
                    },
                ));
            }
            last_seen = number;
        }
        end
    }
}
