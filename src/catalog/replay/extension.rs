//! Extensions: where they land, what they make.

use std::sync::Arc;

use super::role::truth;
use super::{Effect, Platform, Replay};
use crate::catalog::acl::{self, Privileges};
use crate::catalog::baseline::{self, Contents, ExtensionFacts, Member, OtherMember};
use crate::catalog::{
    Acl, AclItem, DependencyKind, Extension, Grantee, Kind, Membership, NameKey, NameSpace, Object, ObjectId, Outcome,
    Role, Sequence, Tag, Type, TypeClass,
};
use crate::source::Span;
use crate::syntax::{Definition, DefinitionValue, Ident, Name, ObjectRef, Persistence, QualifiedName};

/// An extension while its objects are made.
struct Installation {
    id: ObjectId,
    /// The schema it is installed in.
    schema: ObjectId,
    owner: Option<ObjectId>,
    span: Span,
}

impl Replay {
    pub(super) fn create_extension(&mut self, name: Ident, if_not_exists: bool, options: &[Definition]) -> Effect {
        let key = NameKey { space: NameSpace::Other(Tag::Extension), parent: None, name: name.name };
        if let Some(&taken) = self.now().named(key).first() {
            if if_not_exists {
                return Ok(Outcome::Skipped);
            }
            let message = format!("extension \"{}\" already exists", name.name);
            return Err(self.refuse_because("42710", name.span, message, taken, "created here"));
        }
        let option = |word: &str| options.iter().find(|option| option.name.as_str() == word);
        let cascade = option("cascade").is_some_and(|option| truth(option.value.as_ref()));
        let version = option("new_version").and_then(|option| option.value.as_ref()?.text());
        let schema = match option("schema") {
            Some(option) => self.extension_schema_written(option)?,
            None => None,
        };
        self.install(name, schema, version, cascade)?;
        Ok(Outcome::Done)
    }

    /// The schema that is written. On the platform a missing one is made up for by where the extension belongs.
    fn extension_schema_written(&mut self, option: &Definition) -> Effect<Option<Ident>> {
        let Some(text) = option.value.as_ref().and_then(|value| value.text()) else { return Ok(None) };
        let name = Ident::new(text, option.span);
        if matches!(self.settings.platform, Platform::Supabase(_)) && self.now().schema(name.name).is_none() {
            return Ok(None);
        }
        self.schema_named(name)?;
        Ok(Some(name))
    }

    fn install(&mut self, name: Ident, written: Option<Ident>, version: Option<String>, cascade: bool) -> Effect<()> {
        let facts = baseline::extension(name.as_str(), self.settings.version);
        if facts.is_none() && matches!(self.settings.platform, Platform::Supabase(_)) {
            return Err(self.refuse_unavailable(name));
        }
        if let Some(facts) = facts {
            self.install_required(name, &facts, cascade)?;
        }
        let schema = self.extension_schema(name, written, facts.and_then(|facts| facts.schema))?;
        // Of others it is not known whom they trust.
        if let Some(facts) = facts.filter(|facts| facts.contents == Contents::All) {
            self.check_may_install(name, facts.trusted)?;
        }
        let version = version.or_else(|| facts.map(|facts| facts.default_version.to_owned()));
        let extension = Extension {
            schema,
            version: version.map(Arc::from),
            relocatable: facts.is_none_or(|facts| facts.relocatable),
        };
        let object = self.owned(name, None, Kind::Extension(extension));
        let owner = object.owner;
        let id = self.create(object)?;
        if let Some(facts) = facts {
            self.make_members(&facts, &Installation { id, schema, owner, span: name.span });
        }
        Ok(())
    }

    fn refuse_unavailable(&mut self, name: Ident) -> super::Stop {
        let (sqlstate, message) = match self.settings.version {
            ..15 => ("58P01", format!("could not open extension control file of \"{}\"", name.name)),
            _ => ("0A000", format!("extension \"{}\" is not available", name.name)),
        };
        self.refuse(sqlstate, name.span, message)
    }

    fn install_required(&mut self, name: Ident, facts: &ExtensionFacts, cascade: bool) -> Effect<()> {
        for required in facts.requires() {
            let key = NameKey { space: NameSpace::Other(Tag::Extension), parent: None, name: Name::from(required) };
            if !self.now().named(key).is_empty() {
                continue;
            }
            if !cascade {
                let message = format!("required extension \"{required}\" is not installed");
                let help = "say CREATE EXTENSION … CASCADE to install required extensions too";
                return Err(self.refuse_undefined("42704", name.span, message, key).help(help));
            }
            self.install(Ident::new(required, name.span), None, None, true)?;
        }
        Ok(())
    }

    /// What is written, else what the control file fixes, else where new objects go.
    fn extension_schema(
        &mut self,
        name: Ident,
        written: Option<Ident>,
        fixed: Option<&'static str>,
    ) -> Effect<ObjectId> {
        let Some(fixed) = fixed else {
            return match written {
                Some(written) => self.schema_named(written),
                None => {
                    let message = "no schema has been selected to create in";
                    self.creation_schema().ok_or_else(|| self.refuse("3F000", name.span, message))
                }
            };
        };
        let plain = self.settings.platform == Platform::Plain;
        if let Some(written) = written.filter(|written| plain && written.as_str() != fixed) {
            let message = format!("extension \"{}\" must be installed in schema \"{fixed}\"", name.name);
            return Err(self.refuse("0A000", written.span, message));
        }
        if let Some(schema) = self.now().schema(Name::from(fixed)) {
            return Ok(schema);
        }
        let object = self.owned(Ident::new(fixed, name.span), None, Kind::Schema);
        let schema = self.create(object)?;
        self.refresh_path();
        Ok(schema)
    }

    fn make_members(&mut self, facts: &ExtensionFacts, into: &Installation) {
        for other in facts.others() {
            self.make_other(other, into);
        }
        self.refresh_path();
        for method in facts.access_methods() {
            self.member(Object::new(Name::from(method.name), None, Kind::Other(Tag::AccessMethod)), None, into);
        }
        self.make_types(facts, into);
        self.make_relations(facts, into);
        self.make_routines(facts, into);
        for operator in facts.operators() {
            let made = baseline::operator_object(self.now(), &operator, Some(into.schema));
            if let Some(made) = made {
                let object = Object::new(
                    Name::from(operator.name),
                    self.member_schema(operator.schema, into),
                    Kind::Operator(made),
                );
                self.member(object, None, into);
            }
        }
        for cast in facts.casts() {
            let made = baseline::cast(self.now(), &cast, Some(into.schema));
            if let Some(made) = made {
                self.member(Object::new(Name::from("cast"), None, Kind::Cast(made)), None, into);
            }
        }
        for class in facts.operator_classes() {
            let schema = self.member_schema(class.schema, into);
            self.member(Object::new(Name::from(class.name), schema, Kind::Other(Tag::OperatorClass)), None, into);
        }
    }

    fn make_other(&mut self, other: OtherMember, into: &Installation) {
        let name = Name::from(other.name);
        if other.kind == "role" {
            return self.make_role(name, other.detail.unwrap_or(""), into);
        }
        let Some(tag) = other_tag(other.kind) else { return };
        let kind = if tag == Tag::Schema { Kind::Schema } else { Kind::Other(tag) };
        let schema = is_in_schema(tag).then_some(into.schema);
        let grants = other.detail.filter(|_| tag == Tag::Schema);
        self.member(Object::new(name, schema, kind), grants, into);
    }

    /// A role that the extension's script makes where it is not there yet. It is no member.
    fn make_role(&mut self, name: Name, members: &str, into: &Installation) {
        if self.now().role(name).is_some() {
            return;
        }
        let role = Role { inherit: true, ..Role::default() };
        let object = Object { span: into.span, ..Object::new(name, None, Kind::Role(role)) };
        let id = self.add(object);
        for member in members.split(',') {
            if let Some(member) = self.now().role(Name::from(member)) {
                self.set_membership(member, Membership { role: id, inherit: true, set: true, admin: true });
            }
        }
    }

    fn make_types(&mut self, facts: &ExtensionFacts, into: &Installation) {
        // A composite type may name one that comes after it: first all names, then what they are.
        let mut made = Vec::new();
        for Member { schema, object: fact, .. } in facts.types() {
            let schema = self.member_schema(schema, into);
            let kind = Kind::Type(Type { class: TypeClass::Base, category: fact.category, preferred: fact.preferred });
            let id = self.member(Object::new(Name::from(fact.name), schema, kind), None, into);
            made.push((id, schema, fact));
        }
        for (id, schema, fact) in made {
            if fact.class != 'c' {
                if let Some(ty) = baseline::simple_type(self.now(), &fact, Some(into.schema)) {
                    self.catalog.modify(id, |object| object.kind = Kind::Type(ty));
                }
                continue;
            }
            let columns = baseline::attributes(self.now(), &fact, Some(into.schema));
            let mut relation = baseline::relation(crate::catalog::RelationClass::CompositeType, columns);
            relation.row_type = Some(id);
            let relation =
                self.member(Object::new(Name::from(fact.name), schema, Kind::Relation(relation)), None, into);
            self.catalog.modify(id, |object| {
                object.kind =
                    Kind::Type(Type { class: TypeClass::Composite { relation }, category: 'C', preferred: false });
            });
        }
    }

    fn make_relations(&mut self, facts: &ExtensionFacts, into: &Installation) {
        for Member { schema, object: fact, grants } in facts.relations() {
            let schema = self.member_schema(schema, into);
            let name = Name::from(fact.name);
            let Some(relation) = baseline::fact_relation(self.now(), &fact, Some(into.schema)) else {
                self.member(Object::new(name, schema, Kind::Sequence(plain_sequence())), grants, into);
                continue;
            };
            let id = self.member(Object::new(name, schema, Kind::Relation(relation)), grants, into);
            let ty = Type { class: TypeClass::Composite { relation: id }, category: 'C', preferred: false };
            let mut object = Object::new(name, schema, Kind::Type(ty));
            object.owner = into.owner;
            object.span = into.span;
            let row_type = self.add(object);
            self.catalog.modify(id, |object| {
                if let Kind::Relation(relation) = &mut object.kind {
                    relation.row_type = Some(row_type);
                }
            });
        }
    }

    fn make_routines(&mut self, facts: &ExtensionFacts, into: &Installation) {
        for Member { schema, object: fact, grants } in facts.functions() {
            let schema = self.member_schema(schema, into);
            if let Some(mut routine) = baseline::routine(self.now(), &fact, Some(into.schema)) {
                routine.language = Name::from(fact.language);
                self.member(Object::new(Name::from(fact.name), schema, Kind::Routine(routine)), grants, into);
            }
        }
    }

    /// Adds an object of an extension. Where its name is taken the extension's own script would fail; what
    /// was there stays.
    fn member(&mut self, mut object: Object, grants: Option<&'static str>, into: &Installation) -> ObjectId {
        object.owner = into.owner;
        object.span = into.span;
        object.extension = Some(into.id);
        object.acl = self.default_acl(&object);
        if let Some(grants) = grants {
            object.acl = Some(Arc::new(self.acl_of_facts(&object, grants)));
        }
        self.add(object)
    }

    fn member_schema(&self, schema: &str, into: &Installation) -> Option<ObjectId> {
        if schema == "@" { Some(into.schema) } else { self.now().schema(Name::from(schema)) }
    }

    /// The privileges that an extension's script leaves: those of a new object, and what it grants.
    fn acl_of_facts(&self, object: &Object, grants: &str) -> Acl {
        let Some(owner) = object.owner else { return Acl::new() };
        let mut acl = match &object.acl {
            Some(acl) => Acl::clone(acl),
            None => acl::default_acl(object.privilege_tag(), owner, self.settings.version),
        };
        // A list without PUBLIC: the script revoked what everyone has.
        if !grants.split(';').any(|grant| grant.starts_with("public=")) {
            acl.retain(|item| item.grantee != Grantee::Public);
        }
        for grant in grants.split(';') {
            let Some((grantee, words)) = grant.split_once('=') else { continue };
            let grantee = match grantee {
                "public" => Some(Grantee::Public),
                role => self.now().role(Name::from(role)).map(Grantee::Role),
            };
            let Some(grantee) = grantee else { continue };
            let item = AclItem { grantee, grantor: owner, ..privileges_of(words) };
            // Nothing is passed on here, so nothing can go round in circles.
            let _ = acl::add(&mut acl, item, owner);
        }
        acl
    }

    // --- ALTER EXTENSION --------------------------------------------------------------------------

    pub(super) fn alter_extension(&mut self, name: Ident, options: &[Definition]) -> Effect {
        let id = self.global_named(Tag::Extension, name)?;
        let version = options.iter().find(|option| option.name.as_str() == "new_version");
        let to = version.and_then(|option| option.value.as_ref()).and_then(DefinitionValue::text);
        let default = baseline::extension(name.as_str(), self.settings.version).map(|it| it.default_version.to_owned());
        self.catalog.modify(id, |object| {
            if let Kind::Extension(extension) = &mut object.kind {
                extension.version = to.or(default).map(Arc::from);
            }
        });
        Ok(Outcome::Done)
    }

    pub(super) fn alter_extension_contents(&mut self, extension: Ident, add: bool, object: &ObjectRef) -> Effect {
        let id = self.global_named(Tag::Extension, extension)?;
        let target = self.resolve(object)?;
        let member_of = self.now().get(target.id).and_then(|object| object.extension);
        match (add, member_of) {
            (true, Some(other)) => {
                let name = self.now().get(other).map(|object| object.name).unwrap_or_default();
                let what = self.describe(target);
                let message = format!("{what} is already a member of extension \"{name}\"");
                Err(self.refuse("55000", object.span, message))
            }
            (false, of) if of != Some(id) => {
                let what = self.describe(target);
                let message = format!("{what} is not a member of extension \"{}\"", extension.name);
                Err(self.refuse("55000", object.span, message))
            }
            _ => {
                self.catalog.modify(target.id, |object| object.extension = add.then_some(id));
                Ok(Outcome::Done)
            }
        }
    }

    /// Moves an extension with its objects.
    pub(crate) fn move_extension(&mut self, id: ObjectId, schema: ObjectId, name: Ident) -> Effect {
        let Some(object) = self.now().get(id) else { return Ok(Outcome::Done) };
        let Kind::Extension(extension) = &object.kind else { return Ok(Outcome::Done) };
        let old = extension.schema;
        if old == schema {
            return Ok(Outcome::Done);
        }
        if !extension.relocatable {
            let message = format!("extension \"{}\" does not support SET SCHEMA", object.name);
            return Err(self.refuse_because("0A000", name.span, message, id, "created here"));
        }
        let members: Vec<ObjectId> = self
            .now()
            .dependents(id)
            .filter(|(_, member, need)| need.kind == DependencyKind::Extension && member.schema == Some(old))
            .map(|(member, ..)| member)
            .collect();
        for member in members {
            self.move_with_parts(member, schema);
        }
        self.catalog.modify(id, |object| {
            if let Kind::Extension(extension) = &mut object.kind {
                extension.schema = schema;
            }
        });
        Ok(Outcome::Done)
    }

    // --- what is not known ------------------------------------------------------------------------

    /// Whether an extension is installed of which not all contents are known.
    pub(crate) fn unknown_extension_installed(&self) -> bool {
        self.now().extensions_with(self.settings.version, Contents::None).next().is_some()
    }

    /// Whether an extension of which not all is known may hold something of this name.
    pub(crate) fn extension_may_have_made(&self, space: NameSpace, name: &QualifiedName) -> bool {
        let schema = name.schema.map(|schema| self.now().schema(schema.name));
        let in_sight = |of: ObjectId| schema.map_or_else(|| self.path.contains(&of), |schema| schema == Some(of));
        self.now().extension_may_hold(self.settings.version, space, name.name.name, in_sight)
    }
}

/// Of an extension whose usual functions are known, others have a name that begins like one of them:
/// `st_` of PostGIS. Of one that is not known at all, anything may be.
fn may_have_function(facts: Option<&ExtensionFacts>, name: Name) -> bool {
    let Some(facts) = facts.filter(|facts| facts.contents != Contents::None) else { return true };
    let first_word = |name: &str| name.trim_start_matches('_').split('_').next().map(str::to_owned);
    facts.functions().any(|known| first_word(known.object.name) == first_word(name.as_str()))
}

impl crate::catalog::CatalogAt<'_> {
    /// Whether an installed extension of which not all is known may hold something of this name in a schema
    /// that is looked at.
    pub(crate) fn extension_may_hold(
        self,
        version: u8,
        space: NameSpace,
        name: Name,
        in_sight: impl Fn(ObjectId) -> bool,
    ) -> bool {
        // Of some extensions all members are known, of others those that are usually named, of others none.
        let most = match space {
            NameSpace::Routine => Contents::Usual,
            NameSpace::Operator | NameSpace::Relation | NameSpace::Type => Contents::None,
            _ => return false,
        };
        let mut doubtful = self.extensions_with(version, most);
        doubtful.any(|(facts, schema)| in_sight(schema) && may_have_function(facts.as_ref(), name))
    }

    /// The installed extensions of whose contents no more is known than `most`, with their schemas.
    fn extensions_with(self, version: u8, most: Contents) -> impl Iterator<Item = (Option<ExtensionFacts>, ObjectId)> {
        self.of_kind(Tag::Extension).filter_map(move |(_, object)| {
            let Kind::Extension(extension) = &object.kind else { return None };
            let facts = baseline::extension(object.name.as_str(), version);
            let known = facts.map_or(Contents::None, |facts| facts.contents);
            (object.name.as_str() != "plpgsql" && known <= most).then_some((facts, extension.schema))
        })
    }
}

/// `select*+insert`: the words and, with a star, the grant options.
fn privileges_of(words: &str) -> AclItem {
    let mut item = AclItem {
        grantee: Grantee::Public,
        grantor: ObjectId(0),
        privileges: Privileges::NONE,
        grant_options: Privileges::NONE,
    };
    for word in words.split('+') {
        let (word, option) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
        let Some(privilege) = Privileges::from_word(word) else { continue };
        item.privileges = item.privileges.with(privilege);
        if option {
            item.grant_options = item.grant_options.with(privilege);
        }
    }
    item
}

fn other_tag(kind: &str) -> Option<Tag> {
    Some(match kind {
        "schema" => Tag::Schema,
        "language" => Tag::Language,
        "foreign data wrapper" => Tag::ForeignDataWrapper,
        "text search configuration" => Tag::TextSearchConfiguration,
        "text search dictionary" => Tag::TextSearchDictionary,
        "text search parser" => Tag::TextSearchParser,
        "text search template" => Tag::TextSearchTemplate,
        _ => return None,
    })
}

fn is_in_schema(tag: Tag) -> bool {
    !matches!(tag, Tag::Schema | Tag::Language | Tag::ForeignDataWrapper)
}

fn plain_sequence() -> Sequence {
    Sequence {
        data_type: Name::from("int8"),
        increment: 1,
        min_value: 1,
        max_value: i64::MAX,
        start: 1,
        cache: 1,
        cycle: false,
        owned_by: None,
        identity: false,
        persistence: Persistence::Permanent,
    }
}
