//! GRANT and REVOKE on objects, and ALTER DEFAULT PRIVILEGES (aclchk.c).

use std::sync::Arc;

use super::names::Target;
use super::{Effect, Replay, Stop};
use crate::catalog::acl::{self, AclError};
use crate::catalog::{
    Acl, AclItem, DefaultPrivileges, Grantee, Kind, NameKey, NameSpace, Object, ObjectId, Outcome, Privileges,
    RelationClass, RoutineKind, Tag, TypeClass,
};
use crate::source::Span;
use crate::syntax::{
    AlterDefaultPrivileges, DropBehavior, Grant, GrantTarget, Ident, ObjectKind, ObjectRef, Privilege, RoleSpec,
};

/// A GRANT or REVOKE with its names looked up.
struct Resolved<'a> {
    grant: &'a Grant,
    grantees: Vec<Grantee>,
}

impl Replay {
    pub(super) fn grant(&mut self, grant: &Grant) -> Effect {
        let targets = self.targets(grant)?;
        let resolved = Resolved { grant, grantees: self.grantees(grant)? };
        self.check_grantor(grant)?;
        for (target, span) in targets {
            self.grant_on(&resolved, target, span)?;
        }
        Ok(Outcome::Done)
    }

    /// GRANTED BY takes the current role only.
    fn check_grantor(&mut self, grant: &Grant) -> Effect<()> {
        let Some(grantor) = &grant.granted_by else { return Ok(()) };
        let role = self.role(grantor)?;
        if role == self.session.role {
            return Ok(());
        }
        Err(self.refuse("0A000", grantor.span, "grantor must be current user"))
    }

    fn grantees(&mut self, grant: &Grant) -> Effect<Vec<Grantee>> {
        let mut grantees = Vec::with_capacity(grant.grantees.len());
        for role in &grant.grantees {
            grantees.push(self.role(role)?.map_or(Grantee::Public, Grantee::Role));
        }
        Ok(grantees)
    }

    /// The objects that are meant, each with the place where it is named.
    fn targets(&mut self, grant: &Grant) -> Effect<Vec<(ObjectId, Span)>> {
        match &grant.target {
            GrantTarget::Objects { objects, .. } => self.named_targets(objects),
            GrantTarget::AllInSchema { kind, schemas } => {
                let mut targets = Vec::new();
                for schema in schemas {
                    let id = self.schema_named(*schema)?;
                    targets.extend(self.all_in_schema(*kind, id).into_iter().map(|id| (id, schema.span)));
                }
                Ok(targets)
            }
            GrantTarget::Defaults { .. } => Ok(Vec::new()),
        }
    }

    fn named_targets(&mut self, objects: &[ObjectRef]) -> Effect<Vec<(ObjectId, Span)>> {
        let mut targets = Vec::with_capacity(objects.len());
        for object in objects {
            let id = self.grant_target(object)?;
            targets.extend(id.map(|id| (id, object.span)));
        }
        Ok(targets)
    }

    /// The object that is named; `None` for what has no place in the catalog.
    fn grant_target(&mut self, object: &ObjectRef) -> Effect<Option<ObjectId>> {
        match (&object.name, object.kind) {
            (_, ObjectKind::LargeObject | ObjectKind::ParameterSetting) => Ok(None),
            // GRANT … ON TABLE takes whatever has rows, and sequences.
            (crate::syntax::ObjectName::Qualified(name), ObjectKind::Table) => {
                let id = self.relation(name)?;
                self.check_grantable(id, name.span())?;
                Ok(Some(id))
            }
            (crate::syntax::ObjectName::Qualified(name), ObjectKind::Database) => self.database(name.name),
            _ => {
                let Target { id, .. } = self.resolve(object)?;
                self.check_grantable(id, object.span)?;
                Ok(Some(id))
            }
        }
    }

    /// The database of this name. On a plain server its name is not known, and any may be meant.
    pub(crate) fn database(&mut self, name: Ident) -> Effect<Option<ObjectId>> {
        let key = NameKey { space: NameSpace::Other(Tag::Database), parent: None, name: name.name };
        if let Some(&id) = self.now().named(key).first() {
            return Ok(Some(id));
        }
        let template = matches!(name.as_str(), "template0" | "template1");
        if template || self.settings.platform == super::Platform::Plain {
            return Ok(None);
        }
        let message = format!("database \"{}\" does not exist", name.name);
        Err(self.refuse_undefined("3D000", name.span, message, key))
    }

    fn check_grantable(&self, id: ObjectId, span: Span) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let composite = object.as_relation().is_some_and(|r| r.class == RelationClass::CompositeType);
        let message = match &object.kind {
            Kind::Index(_) => format!("\"{}\" is an index", object.name),
            _ if composite => format!("\"{}\" is a composite type", object.name),
            _ => return Ok(()),
        };
        Err(self.refuse_because("42809", span, message, id, "made here"))
    }

    /// All objects of a kind in a schema, as GRANT … ON ALL … IN SCHEMA takes them.
    fn all_in_schema(&self, kind: ObjectKind, schema: ObjectId) -> Vec<ObjectId> {
        let fits = |object: &Object| match (&object.kind, kind) {
            (Kind::Relation(relation), ObjectKind::Table) => relation.class != RelationClass::CompositeType,
            (Kind::Sequence(_), ObjectKind::Sequence) => true,
            (Kind::Routine(routine), ObjectKind::Function) => routine.kind != RoutineKind::Procedure,
            (Kind::Routine(routine), ObjectKind::Procedure) => routine.kind == RoutineKind::Procedure,
            (Kind::Routine(_), ObjectKind::Routine) => true,
            _ => false,
        };
        let objects = self.now().objects().filter(|(_, object)| object.schema == Some(schema) && fits(object));
        objects.map(|(id, _)| id).collect()
    }

    fn grant_on(&mut self, resolved: &Resolved<'_>, id: ObjectId, span: Span) -> Effect<()> {
        let Some(object) = self.now().get(id) else { return Ok(()) };
        let tag = object.privilege_tag();
        let Some(owner) = object.owner else { return Ok(()) };
        self.check_type_grantable(object, span)?;
        let grant = resolved.grant;
        let mut columns: Vec<(i16, Privileges)> = Vec::new();
        let whole = self.privileges(grant, id, tag, &mut columns)?;
        let old = self.acl_of(id);
        let (role, held) = self.best_grantor(&old, owner, whole);
        if !whole.is_empty() {
            let allowed = self.restrict(whole, held, id, span)?;
            let new = self.merge(&old, resolved, allowed, role, owner)?;
            self.catalog.modify(id, |object| object.acl = Some(Arc::new(new)));
        }
        // REVOKE on the whole takes the same privileges on the columns too.
        if !grant.grant && tag == Tag::Relation {
            self.add_all_columns(id, whole.and(Privileges::OF_COLUMNS), &mut columns);
        }
        for (number, privileges) in columns {
            self.grant_on_column(resolved, id, number, privileges, &old)?;
        }
        Ok(())
    }

    fn check_type_grantable(&self, object: &Object, span: Span) -> Effect<()> {
        let Some(ty) = object.as_type() else { return Ok(()) };
        if let TypeClass::Multirange { .. } = ty.class {
            let message = "cannot set privileges of multirange types";
            return Err(self.refuse("0LP01", span, message).help("set the privileges of the range type instead"));
        }
        Ok(())
    }

    fn acl_of(&self, id: ObjectId) -> Acl {
        let Some(object) = self.now().get(id) else { return Acl::new() };
        match (&object.acl, object.owner) {
            (Some(acl), _) => Acl::clone(acl),
            (None, Some(owner)) => acl::default_acl(object.privilege_tag(), owner, self.settings.version),
            (None, None) => Acl::new(),
        }
    }

    /// The privileges on the whole that are named; those on columns go to `columns`.
    fn privileges(
        &mut self,
        grant: &Grant,
        id: ObjectId,
        tag: Tag,
        columns: &mut Vec<(i16, Privileges)>,
    ) -> Effect<Privileges> {
        if grant.privileges.is_empty() {
            return Ok(Privileges::all_of(tag, self.settings.version));
        }
        let mut whole = Privileges::NONE;
        for privilege in &grant.privileges {
            let on_columns = !privilege.columns.is_empty();
            let named = self.privilege(privilege, tag, on_columns)?;
            if !on_columns {
                whole = whole.with(named);
                continue;
            }
            for column in &privilege.columns {
                let number = self.column_of(id, *column)?;
                match columns.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, privileges)) => *privileges = privileges.with(named),
                    None => columns.push((number, named)),
                }
            }
        }
        Ok(whole)
    }

    /// A privilege by its word, which must fit the kind of object.
    fn privilege(&self, privilege: &Privilege, tag: Tag, on_columns: bool) -> Effect<Privileges> {
        let all = match on_columns {
            true => Privileges::OF_COLUMNS,
            false => Privileges::all_of(tag, self.settings.version),
        };
        let Some(word) = privilege.name else { return Ok(all) };
        let known = Privileges::from_word(word.as_str())
            .filter(|known| !known.contains(Privileges::MAINTAIN) || self.settings.version >= 17);
        let Some(known) = known else {
            let message = format!("unrecognized privilege type \"{word}\"");
            return Err(self.refuse("42601", privilege.span, message));
        };
        if all.contains(known) {
            return Ok(known);
        }
        // GRANT … ON a sequence without the word SEQUENCE: what tables have is passed over with a warning.
        if tag == Tag::Sequence && Privileges::all_of(Tag::Relation, self.settings.version).contains(known) {
            return Ok(Privileges::NONE);
        }
        let kind = if on_columns { "column" } else { plural_word(tag) };
        let message = format!("invalid privilege type {} for {kind}", word.to_uppercase());
        Err(self.refuse("0LP01", privilege.span, message))
    }

    /// select_best_grantor: the owner for who has its privileges, else who holds most of the grant options.
    fn best_grantor(&self, acl: &Acl, owner: ObjectId, wanted: Privileges) -> (ObjectId, Privileges) {
        let now = self.now();
        let Some(role) = self.session.role else { return (owner, wanted) };
        if now.has_privileges_of_role(role, owner) {
            return (owner, wanted);
        }
        let mut best = (role, Privileges::NONE);
        for role in now.roles_of(role) {
            let own = acl.iter().filter(|item| item.grantee == Grantee::Role(role));
            let held = own.fold(Privileges::NONE, |all, item| all.with(item.grant_options)).and(wanted);
            if held.0.count_ones() > best.1.0.count_ones() {
                best = (role, held);
            }
        }
        best
    }

    /// What the grantor may pass on; nothing at all on an object it has no privilege on is refused.
    fn restrict(&self, wanted: Privileges, held: Privileges, id: ObjectId, span: Span) -> Effect<Privileges> {
        if !held.is_empty() {
            return Ok(wanted.and(held));
        }
        let Some(role) = self.session.role else { return Ok(wanted) };
        let now = self.now();
        if !now.privileges_of(role, id).is_empty() {
            return Ok(Privileges::NONE);
        }
        let object = now.get(id);
        let (kind, name) =
            object.map_or(("object", String::new()), |object| (object.kind_word(), object.name.to_string()));
        Err(self.refuse("42501", span, format!("permission denied for {kind} {name}")))
    }

    /// merge_acl_with_grant.
    fn merge(
        &self,
        old: &Acl,
        resolved: &Resolved<'_>,
        privileges: Privileges,
        grantor: ObjectId,
        owner: ObjectId,
    ) -> Effect<Acl> {
        let grant = resolved.grant;
        let mut acl = old.clone();
        for (number, &grantee) in resolved.grantees.iter().enumerate() {
            let span = grant.grantees.get(number).map_or(Span::NONE, |role| role.span);
            if grant.grant && grant.grant_option && grantee == Grantee::Public {
                let message = "grant options can only be granted to roles";
                return Err(self.refuse("0LP01", span, message));
            }
            let item = AclItem {
                grantee,
                grantor,
                privileges: if grant.grant || !grant.grant_option { privileges } else { Privileges::NONE },
                grant_options: if !grant.grant || grant.grant_option { privileges } else { Privileges::NONE },
            };
            let done = match grant.grant {
                true => acl::add(&mut acl, item, owner),
                false => acl::remove(&mut acl, item, owner, grant.behavior == DropBehavior::Cascade),
            };
            done.map_err(|error| self.refuse_acl(error, span))?;
        }
        Ok(acl)
    }

    fn refuse_acl(&self, error: AclError, span: Span) -> Stop {
        match error {
            AclError::Circular => {
                self.refuse("0LP01", span, "grant options cannot be granted back to your own grantor")
            }
            AclError::Dependent => {
                self.refuse("2BP01", span, "dependent privileges exist").help("use CASCADE to revoke them too")
            }
        }
    }

    fn add_all_columns(&self, id: ObjectId, privileges: Privileges, columns: &mut Vec<(i16, Privileges)>) {
        let Some(relation) = self.now().get(id).and_then(|object| object.as_relation()) else { return };
        if privileges.is_empty() {
            return;
        }
        for column in relation.columns.iter().filter(|column| column.acl.is_some()) {
            match columns.iter_mut().find(|(known, _)| *known == column.number) {
                Some((_, known)) => *known = known.with(privileges),
                None => columns.push((column.number, privileges)),
            }
        }
    }

    fn grant_on_column(
        &mut self,
        resolved: &Resolved<'_>,
        id: ObjectId,
        number: i16,
        privileges: Privileges,
        of_table: &Acl,
    ) -> Effect<()> {
        let now = self.now();
        let Some(owner) = now.get(id).and_then(|object| object.owner) else { return Ok(()) };
        let old = now.column(id, number).and_then(|column| column.acl.as_deref().cloned()).unwrap_or_default();
        let both: Acl = of_table.iter().chain(&old).copied().collect();
        let (grantor, held) = self.best_grantor(&both, owner, privileges);
        let new = self.merge(&old, resolved, privileges.and(held), grantor, owner)?;
        self.catalog.modify(id, |object| {
            if let Kind::Relation(relation) = &mut object.kind {
                super::depend::change_column(relation, number, |column| {
                    column.acl = Some(Arc::new(new)).filter(|acl| !acl.is_empty());
                });
            }
        });
        Ok(())
    }

    // --- default privileges -----------------------------------------------------------------------

    pub(super) fn alter_default_privileges(&mut self, alter: &AlterDefaultPrivileges) -> Effect {
        let GrantTarget::Defaults { kind } = alter.grant.target else { return Ok(Outcome::Done) };
        let Some(tag) = default_privileges_tag(kind) else { return Ok(Outcome::Done) };
        let roles = self.roles_altered(&alter.roles)?;
        let schemas = self.schemas_altered(&alter.schemas, tag)?;
        let resolved = Resolved { grant: &alter.grant, grantees: self.grantees(&alter.grant)? };
        let privileges = self.default_privileges_named(&alter.grant, tag)?;
        for role in roles {
            for &schema in &schemas {
                self.set_default_acl(&resolved, role, schema, tag, privileges)?;
            }
        }
        Ok(Outcome::Done)
    }

    /// FOR ROLE: only roles whose privileges one has.
    fn roles_altered(&mut self, written: &[RoleSpec]) -> Effect<Vec<ObjectId>> {
        if written.is_empty() {
            return Ok(self.session.role.into_iter().collect());
        }
        let mut roles = Vec::with_capacity(written.len());
        for spec in written {
            let Some(role) = self.role(spec)? else {
                return Err(self.refuse("42704", spec.span, "role \"public\" does not exist"));
            };
            if self.session.role.is_some_and(|current| !self.now().has_privileges_of_role(current, role)) {
                return Err(self.refuse("42501", spec.span, "permission denied to change default privileges"));
            }
            roles.push(role);
        }
        Ok(roles)
    }

    fn schemas_altered(&mut self, written: &[Ident], tag: Tag) -> Effect<Vec<Option<ObjectId>>> {
        if written.is_empty() {
            return Ok(vec![None]);
        }
        let schemas = written.iter().map(|schema| self.schema_named(*schema).map(Some)).collect::<Effect<_>>()?;
        if tag == Tag::Schema {
            let message = "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS";
            return Err(self.refuse("0LP01", written[0].span, message));
        }
        Ok(schemas)
    }

    fn default_privileges_named(&self, grant: &Grant, tag: Tag) -> Effect<Privileges> {
        if grant.privileges.is_empty() {
            return Ok(Privileges::all_of(tag, self.settings.version));
        }
        let mut all = Privileges::NONE;
        for privilege in &grant.privileges {
            if let Some(column) = privilege.columns.first() {
                return Err(self.refuse("0LP01", column.span, "default privileges cannot be set for columns"));
            }
            let known = privilege.name.and_then(|word| Privileges::from_word(word.as_str()));
            let of_kind = Privileges::all_of(tag, self.settings.version);
            match known.filter(|known| of_kind.contains(*known)) {
                Some(known) => all = all.with(known),
                None => {
                    let word = privilege.name.unwrap_or_default().to_uppercase();
                    let message = format!("invalid privilege type {word} for {}", plural_word(tag));
                    return Err(self.refuse("0LP01", privilege.span, message));
                }
            }
        }
        Ok(all)
    }

    /// SetDefaultACL: an entry that says no more than the default is taken away.
    fn set_default_acl(
        &mut self,
        resolved: &Resolved<'_>,
        role: ObjectId,
        schema: Option<ObjectId>,
        tag: Tag,
        privileges: Privileges,
    ) -> Effect<()> {
        let default = match schema {
            None => acl::default_acl(tag, role, self.settings.version),
            Some(_) => Acl::new(),
        };
        let entry = self.default_entry(role, schema, tag);
        let old = entry.map_or_else(|| default.clone(), |(_, acl)| acl);
        let new = self.merge(&old, resolved, privileges, role, role)?;
        let entry = self.default_entry(role, schema, tag).map(|(id, _)| id);
        match entry {
            Some(id) if acl::same(&new, &default) => self.erase(id),
            Some(id) => self.catalog.modify(id, |object| {
                if let Kind::DefaultPrivileges(defaults) = &mut object.kind {
                    defaults.acl = new;
                }
            }),
            None if acl::same(&new, &default) => {}
            None => {
                let kind = Kind::DefaultPrivileges(DefaultPrivileges { role, schema, object: tag, acl: new });
                let name = crate::syntax::Name::from("default privileges");
                let mut object = Object::new(name, None, kind);
                object.span = resolved.grant.grantees.first().map_or(Span::NONE, |grantee| grantee.span);
                let id = self.add(object);
                self.default_privileges.push(id);
            }
        }
        Ok(())
    }

    fn default_entry(&self, role: ObjectId, schema: Option<ObjectId>, tag: Tag) -> Option<(ObjectId, Acl)> {
        let now = self.now();
        self.default_privileges.iter().find_map(|&id| match &now.get(id)?.kind {
            Kind::DefaultPrivileges(it) if it.role == role && it.schema == schema && it.object == tag => {
                Some((id, it.acl.clone()))
            }
            _ => None,
        })
    }

    /// get_user_default_acl: the privileges that a new object starts with; `None`: the built-in default.
    pub(crate) fn default_acl(&self, object: &Object) -> Option<Arc<Acl>> {
        let owner = object.owner?;
        let tag = match &object.kind {
            Kind::Relation(relation) if relation.class == RelationClass::CompositeType => return None,
            Kind::Type(ty) if self.is_row_type(&ty.class) => return None,
            Kind::Relation(_) => Tag::Relation,
            Kind::Sequence(_) | Kind::Routine(_) | Kind::Type(_) | Kind::Schema => object.tag(),
            _ => return None,
        };
        let built_in = acl::default_acl(tag, owner, self.settings.version);
        let global = self.default_entry(owner, None, tag).map(|(_, acl)| acl);
        let of_schema = object.schema.and_then(|schema| self.default_entry(owner, Some(schema), tag));
        if global.is_none() && of_schema.is_none() {
            return None;
        }
        let mut acl = global.unwrap_or_else(|| built_in.clone());
        for item in of_schema.into_iter().flat_map(|(_, acl)| acl) {
            // What default privileges pass on was checked when they were set.
            let _ = acl::add(&mut acl, item, owner);
        }
        (!acl::same(&acl, &built_in)).then(|| Arc::new(acl))
    }

    /// The row type of a relation that is no type of its own.
    pub(super) fn is_row_type(&self, class: &TypeClass) -> bool {
        let TypeClass::Composite { relation } = class else { return matches!(class, TypeClass::Multirange { .. }) };
        let relation = self.now().get(*relation).and_then(|object| object.as_relation());
        relation.is_some_and(|relation| relation.class != RelationClass::CompositeType)
    }

    /// The privileges after a change of owner: what the old one had is the new one's.
    pub(crate) fn acl_of_new_owner(&self, acl: &Acl, old: Option<ObjectId>, new: ObjectId) -> Acl {
        match old {
            Some(old) => acl::change_owner(acl, old, new),
            None => acl.clone(),
        }
    }
}

fn default_privileges_tag(kind: ObjectKind) -> Option<Tag> {
    Some(match kind {
        ObjectKind::Table => Tag::Relation,
        ObjectKind::Sequence => Tag::Sequence,
        ObjectKind::Function | ObjectKind::Routine | ObjectKind::Procedure => Tag::Routine,
        ObjectKind::Type | ObjectKind::Domain => Tag::Type,
        ObjectKind::Schema => Tag::Schema,
        _ => return None,
    })
}

/// The word of `invalid privilege type`.
fn plural_word(tag: Tag) -> &'static str {
    match tag {
        Tag::Routine => "function",
        other => other.word(),
    }
}
