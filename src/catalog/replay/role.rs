//! Roles, their attributes and memberships.

use std::sync::Arc;

use super::{Effect, Replay, Stop};
use crate::catalog::{Grantee, Kind, Membership, NameKey, NameSpace, Object, ObjectId, Outcome, Role, Tag};
use crate::source::Span;
use crate::syntax::{
    Definition, DefinitionValue, DropBehavior, GrantRole, GroupAction, Ident, RoleKind, RoleSpec, RoleStatementKind,
    SetVariable,
};

impl Replay {
    pub(super) fn create_role(&mut self, name: Ident, kind: RoleStatementKind, options: &[Definition]) -> Effect {
        self.check_role_name(name)?;
        let mut role = Role { inherit: true, login: kind == RoleStatementKind::User, ..Role::default() };
        options.iter().for_each(|option| set_attribute(&mut role, option));
        let mut object = Object::new(name.name, None, Kind::Role(role));
        object.span = name.span;
        let id = self.create(object)?;
        self.make_creator_admin(id);
        self.apply_role_lists(id, options)?;
        Ok(Outcome::Done)
    }

    fn check_role_name(&self, name: Ident) -> Effect<()> {
        let reserved = matches!(name.as_str(), "public" | "none") || name.as_str().starts_with("pg_");
        if !reserved {
            return Ok(());
        }
        let message = format!("role name \"{}\" is reserved", name.name);
        Err(self.refuse("42939", name.span, message))
    }

    /// Since 16 a role that is no superuser administers what it creates.
    fn make_creator_admin(&mut self, new: ObjectId) {
        let Some(creator) = self.session.role.filter(|&role| !self.now().is_superuser(role)) else { return };
        if self.settings.version >= 16 {
            self.set_membership(creator, Membership { role: new, inherit: false, set: false, admin: true });
        }
    }

    /// IN ROLE, ROLE (or USER) and ADMIN.
    fn apply_role_lists(&mut self, id: ObjectId, options: &[Definition]) -> Effect<()> {
        for option in options {
            let roles = roles_of(option);
            match option.name.as_str() {
                "addroleto" => {
                    for group in roles {
                        let Some(group) = self.role(&group)? else { continue };
                        self.add_member(group, id, option.span, Options::default())?;
                    }
                }
                "rolemembers" | "adminmembers" => {
                    let admin = (option.name.as_str() == "adminmembers").then_some(true);
                    for member in roles {
                        let Some(member) = self.role(&member)? else { continue };
                        self.add_member(id, member, option.span, Options { admin, ..Options::default() })?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn alter_role(&mut self, role: &RoleSpec, options: &[Definition], action: GroupAction) -> Effect {
        let Some(id) = self.role(role)? else { return Ok(Outcome::Done) };
        if action != GroupAction::None {
            return self.alter_group(id, options, action);
        }
        self.catalog.modify(id, |object| {
            if let Kind::Role(role) = &mut object.kind {
                options.iter().for_each(|option| set_attribute(role, option));
            }
        });
        if self.settings.version < 16 {
            self.inherit_as_the_role_says(id);
        }
        Ok(Outcome::Done)
    }

    /// Before 16 it was the member's own attribute that made it inherit, for all its memberships at once.
    fn inherit_as_the_role_says(&mut self, id: ObjectId) {
        self.catalog.modify(id, |object| {
            if let Kind::Role(role) = &mut object.kind {
                let inherit = role.inherit;
                role.member_of.iter_mut().for_each(|membership| membership.inherit = inherit);
            }
        });
    }

    fn alter_group(&mut self, group: ObjectId, options: &[Definition], action: GroupAction) -> Effect {
        for option in options.iter().filter(|option| option.name.as_str() == "rolemembers") {
            for member in roles_of(option) {
                let Some(member) = self.role(&member)? else { continue };
                if action == GroupAction::Add {
                    self.add_member(group, member, option.span, Options::default())?;
                } else {
                    self.remove_member(group, member);
                }
            }
        }
        Ok(Outcome::Done)
    }

    pub(super) fn alter_role_set(&mut self, role: Option<&RoleSpec>, setting: &SetVariable) -> Effect {
        let Some(role) = role else { return Ok(Outcome::Done) };
        let Some(id) = self.role(role)? else { return Ok(Outcome::Done) };
        let change = self.stored_setting(setting)?;
        self.catalog.modify(id, |object| {
            if let Kind::Role(role) = &mut object.kind {
                change.apply(&mut role.settings);
            }
        });
        Ok(Outcome::Done)
    }

    // --- memberships ------------------------------------------------------------------------------

    pub(super) fn grant_role(&mut self, grant: &GrantRole) -> Effect {
        let options = Options::of(&grant.options);
        for group in &grant.roles {
            let group_id = self.role_named(*group, "42704")?;
            for grantee in &grant.grantees {
                let Some(member) = self.role(grantee)? else {
                    let message = "role \"public\" does not exist";
                    return Err(self.refuse("42704", grantee.span, message));
                };
                self.check_admin(group_id, *group)?;
                if grant.grant {
                    self.add_member(group_id, member, grantee.span, options)?;
                } else {
                    self.revoke_member(group_id, member, options);
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Only who administers a role may say who its members are; only superusers may for superusers.
    fn check_admin(&self, group: ObjectId, name: Ident) -> Effect<()> {
        let Some(role) = self.session.role else { return Ok(()) };
        let now = self.now();
        if now.is_superuser(role) || now.administers(role, group, self.settings.version) {
            return Ok(());
        }
        let message = match self.settings.version {
            ..16 => format!("must have admin option on role \"{}\"", name.name),
            _ => format!("permission denied to grant role \"{}\"", name.name),
        };
        Err(self.refuse("42501", name.span, message))
    }

    fn add_member(&mut self, group: ObjectId, member: ObjectId, span: Span, options: Options) -> Effect<()> {
        let now = self.now();
        if member == group || now.is_member(group, member) {
            let name = |id| now.get(id).map(|object| object.name).unwrap_or_default();
            let message = format!("role \"{}\" is a member of role \"{}\"", name(group), name(member));
            return Err(self.refuse("0LP01", span, message));
        }
        let role = now.get(member).and_then(|object| object.as_role());
        let known = role.and_then(|role| role.member_of.iter().find(|known| known.role == group).copied());
        let inherits = role.is_some_and(|role| role.inherit);
        let default = Membership { role: group, inherit: inherits, set: true, admin: false };
        let mut membership = known.unwrap_or(default);
        membership.admin = options.admin.unwrap_or(membership.admin);
        membership.inherit = options.inherit.unwrap_or(membership.inherit);
        membership.set = options.set.unwrap_or(membership.set);
        self.set_membership(member, membership);
        Ok(())
    }

    pub(super) fn set_membership(&mut self, member: ObjectId, membership: Membership) {
        self.catalog.modify(member, |object| {
            let Kind::Role(role) = &mut object.kind else { return };
            match role.member_of.iter_mut().find(|known| known.role == membership.role) {
                Some(known) => *known = membership,
                None => role.member_of.push(membership),
            }
        });
    }

    fn remove_member(&mut self, group: ObjectId, member: ObjectId) {
        self.catalog.modify(member, |object| {
            if let Kind::Role(role) = &mut object.kind {
                role.member_of.retain(|membership| membership.role != group);
            }
        });
    }

    /// REVOKE of a role, or of an option of its membership.
    fn revoke_member(&mut self, group: ObjectId, member: ObjectId, options: Options) {
        if options.is_empty() {
            return self.remove_member(group, member);
        }
        self.catalog.modify(member, |object| {
            let Kind::Role(role) = &mut object.kind else { return };
            for membership in role.member_of.iter_mut().filter(|membership| membership.role == group) {
                membership.admin &= options.admin.is_none();
                membership.inherit &= options.inherit.is_none();
                membership.set &= options.set.is_none();
            }
        });
    }

    // --- dropping ---------------------------------------------------------------------------------

    pub(super) fn drop_role(&mut self, roles: &[RoleSpec], if_exists: bool) -> Effect {
        let mut done = Outcome::Skipped;
        for role in roles {
            let id = match self.role(role) {
                Ok(Some(id)) => id,
                Ok(None) => return Err(self.refuse("42704", role.span, "role \"public\" does not exist")),
                Err(Stop::Refused(_)) if if_exists => continue,
                Err(stop) => return Err(stop),
            };
            self.check_role_droppable(id, role)?;
            self.forget_memberships(id);
            self.erase(id);
            done = Outcome::Done;
        }
        Ok(done)
    }

    fn check_role_droppable(&self, id: ObjectId, role: &RoleSpec) -> Effect<()> {
        let name = self.now().get(id).map(|object| object.name).unwrap_or_default();
        if self.session.role == Some(id) {
            return Err(self.refuse("55006", role.span, "current user cannot be dropped"));
        }
        if self.session.session_role == Some(id) {
            return Err(self.refuse("55006", role.span, "session user cannot be dropped"));
        }
        let mut refusal = None;
        for (_, object) in self.now().objects() {
            let Some(how) = mention(object, id) else { continue };
            let message = format!("role \"{name}\" cannot be dropped because some objects depend on it");
            let place = refusal.unwrap_or_else(|| self.refuse("2BP01", role.span, message));
            let label = format!("{how} {} {}", object.kind_word(), object.name);
            let more = place.label(object.span, label);
            if labels_of(&more) >= 10 {
                return Err(more);
            }
            refusal = Some(more);
        }
        refusal.map_or(Ok(()), |refusal| {
            Err(refusal.help("REASSIGN OWNED and DROP OWNED take a role out of the objects of a database"))
        })
    }

    fn forget_memberships(&mut self, gone: ObjectId) {
        let is_member = |object: &Object| {
            object.as_role().is_some_and(|role| role.member_of.iter().any(|membership| membership.role == gone))
        };
        let roles = self.now().of_kind(Tag::Role);
        let members: Vec<ObjectId> = roles.filter(|(_, object)| is_member(object)).map(|(id, _)| id).collect();
        for member in members {
            self.remove_member(gone, member);
        }
    }

    /// DROP OWNED BY: what the roles own goes, and what was granted to them.
    pub(super) fn drop_owned(&mut self, roles: &[RoleSpec], behavior: DropBehavior) -> Effect {
        for role in roles {
            let Some(id) = self.role(role)? else { continue };
            // Indexes and row types have an owner, but go with their table.
            let is_part = |object: &Object| {
                object.as_index().is_some() || object.as_type().is_some_and(|ty| self.is_row_type(&ty.class))
            };
            let owned = self.now().owned_by(id).filter(|(_, object)| !is_shared(object) && !is_part(object));
            let owned = owned.map(|(id, _)| id);
            let owned: Vec<_> = owned.collect();
            let doomed = owned.into_iter().map(|id| super::depend::Doomed {
                target: super::names::Target { id, part: crate::catalog::Part::Whole },
                span: role.span,
            });
            let doomed: Vec<_> = doomed.collect();
            self.drop_all(&doomed, behavior)?;
            self.forget_grants(id);
        }
        Ok(Outcome::Done)
    }

    /// Takes a role out of privileges, default privileges and policies.
    fn forget_grants(&mut self, gone: ObjectId) {
        let mentioned: Vec<ObjectId> =
            self.now().objects().filter(|(_, object)| mention(object, gone).is_some()).map(|(id, _)| id).collect();
        for id in mentioned {
            let Some(object) = self.now().get(id) else { continue };
            let only_for_it = match &object.kind {
                Kind::DefaultPrivileges(defaults) => defaults.role == gone,
                Kind::Policy(policy) => policy.roles == [gone],
                _ => false,
            };
            if only_for_it {
                self.erase(id);
                continue;
            }
            self.catalog.modify(id, |object| forget_in(object, gone));
        }
    }

    pub(super) fn reassign_owned(&mut self, roles: &[RoleSpec], to: &RoleSpec) -> Effect {
        let Some(new) = self.role(to)? else {
            return Err(self.refuse("42704", to.span, "role \"public\" does not exist"));
        };
        for role in roles {
            let Some(id) = self.role(role)? else { continue };
            let owned: Vec<ObjectId> = self.now().owned_by(id).map(|(id, _)| id).collect();
            for object in owned {
                self.give_to(object, new);
            }
        }
        Ok(Outcome::Done)
    }

    /// The role of a [`RoleSpec`] that may be written as any name; `None` where it is not there.
    pub(crate) fn find_role(&self, role: &RoleSpec) -> Option<ObjectId> {
        match role.kind {
            RoleKind::Public => None,
            RoleKind::CurrentRole | RoleKind::CurrentUser => self.session.role,
            RoleKind::SessionUser => self.session.session_role,
            RoleKind::Name(name) => {
                let key = NameKey { space: NameSpace::Other(Tag::Role), parent: None, name };
                self.now().named(key).first().copied()
            }
        }
    }
}

impl crate::catalog::CatalogAt<'_> {
    /// Whether `role` has the ADMIN option on `group`. Before 16 a role with CREATEROLE had it on all but superusers.
    pub(crate) fn administers(self, role: ObjectId, group: ObjectId, version: u8) -> bool {
        let creates = self.get(role).and_then(|object| object.as_role()).is_some_and(|role| role.create_role);
        if version < 16 && creates && !self.is_superuser(group) {
            return true;
        }
        self.roles_of(role).into_iter().any(|role| {
            let role = self.get(role).and_then(|object| object.as_role());
            role.is_some_and(|role| role.member_of.iter().any(|it| it.role == group && it.admin))
        })
    }
}

/// The options of a membership; `None` where nothing is written.
#[derive(Clone, Copy, Default)]
struct Options {
    admin: Option<bool>,
    inherit: Option<bool>,
    set: Option<bool>,
}

impl Options {
    fn of(options: &[Definition]) -> Options {
        let value = |word: &str| {
            let option = options.iter().find(|option| option.name.as_str() == word)?;
            Some(truth(option.value.as_ref()))
        };
        Options { admin: value("admin"), inherit: value("inherit"), set: value("set") }
    }

    fn is_empty(self) -> bool {
        self.admin.is_none() && self.inherit.is_none() && self.set.is_none()
    }
}

/// A boolean option; without a value it is on.
pub(crate) fn truth(value: Option<&DefinitionValue>) -> bool {
    match value {
        None => true,
        Some(DefinitionValue::Integer(number)) => *number != 0,
        Some(value) => !matches!(
            value.text().map(|text| text.to_ascii_lowercase()).as_deref(),
            Some("false" | "off" | "no" | "0" | "f" | "n")
        ),
    }
}

fn set_attribute(role: &mut Role, option: &Definition) {
    let on = truth(option.value.as_ref());
    match option.name.as_str() {
        "superuser" => role.superuser = on,
        "inherit" => role.inherit = on,
        "canlogin" => role.login = on,
        "bypassrls" => role.bypass_rls = on,
        "createrole" => role.create_role = on,
        "createdb" => role.create_db = on,
        "isreplication" => role.replication = on,
        _ => {}
    }
}

fn roles_of(option: &Definition) -> Vec<RoleSpec> {
    match &option.value {
        Some(DefinitionValue::List(roles)) => roles.iter().filter_map(role_of).collect(),
        Some(role) => role_of(role).into_iter().collect(),
        None => Vec::new(),
    }
}

fn role_of(value: &DefinitionValue) -> Option<RoleSpec> {
    if let DefinitionValue::Role(role) = value { Some(role.clone()) } else { None }
}

/// How an object speaks of a role, if it does.
fn mention(object: &Object, role: ObjectId) -> Option<&'static str> {
    if object.owner == Some(role) {
        return Some("owner of");
    }
    let of_columns = object.as_relation().into_iter().flat_map(|r| &r.columns).filter_map(|column| column.acl.as_ref());
    let mut acls = object.acl.iter().chain(of_columns);
    let in_acl = |acl: &[crate::catalog::AclItem]| {
        acl.iter().any(|item| item.grantee == Grantee::Role(role) || item.grantor == role)
    };
    if acls.any(|acl| in_acl(acl)) {
        return Some("privileges for");
    }
    match &object.kind {
        Kind::Policy(policy) if policy.roles.contains(&role) => Some("target of"),
        Kind::DefaultPrivileges(defaults) if defaults.role == role || in_acl(&defaults.acl) => Some("mentioned in"),
        _ => None,
    }
}

fn forget_in(object: &mut Object, gone: ObjectId) {
    let keep = |item: &crate::catalog::AclItem| item.grantee != Grantee::Role(gone);
    if let Some(acl) = &mut object.acl {
        Arc::make_mut(acl).retain(keep);
    }
    match &mut object.kind {
        Kind::Policy(policy) => policy.roles.retain(|&role| role != gone),
        Kind::DefaultPrivileges(defaults) => defaults.acl.retain(keep),
        Kind::Relation(relation) => {
            for column in relation.columns.iter_mut().filter(|column| column.acl.is_some()) {
                if let Some(acl) = &mut Arc::make_mut(column).acl {
                    Arc::make_mut(acl).retain(keep);
                }
            }
        }
        _ => {}
    }
}

/// What is not of this database.
fn is_shared(object: &Object) -> bool {
    matches!(object.tag(), Tag::Database | Tag::Tablespace | Tag::Role)
}

fn labels_of(stop: &Stop) -> usize {
    match stop {
        Stop::Refused(refusal) => refusal.labels.len(),
        Stop::Unknown(_) => 0,
    }
}
