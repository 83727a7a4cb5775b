//! Privileges, kept and judged as the server does (acl.c, aclchk.c).

use super::{CatalogAt, Kind, NameKey, NameSpace, Object, ObjectId, Tag, TypeClass};
use crate::syntax::Name;

/// A set of privileges, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Privileges(pub u16);

/// Each privilege with the word that GRANT has for it, in the order of the words.
const WORDS: [(&str, Privileges); 15] = [
    ("ALTER SYSTEM", Privileges::ALTER_SYSTEM),
    ("CONNECT", Privileges::CONNECT),
    ("CREATE", Privileges::CREATE),
    ("DELETE", Privileges::DELETE),
    ("EXECUTE", Privileges::EXECUTE),
    ("INSERT", Privileges::INSERT),
    ("MAINTAIN", Privileges::MAINTAIN),
    ("REFERENCES", Privileges::REFERENCES),
    ("SELECT", Privileges::SELECT),
    ("SET", Privileges::SET),
    ("TEMPORARY", Privileges::TEMPORARY),
    ("TRIGGER", Privileges::TRIGGER),
    ("TRUNCATE", Privileges::TRUNCATE),
    ("UPDATE", Privileges::UPDATE),
    ("USAGE", Privileges::USAGE),
];

impl Privileges {
    /// No privilege.
    pub const NONE: Privileges = Privileges(0);
    /// INSERT.
    pub const INSERT: Privileges = Privileges(1 << 0);
    /// SELECT.
    pub const SELECT: Privileges = Privileges(1 << 1);
    /// UPDATE.
    pub const UPDATE: Privileges = Privileges(1 << 2);
    /// DELETE.
    pub const DELETE: Privileges = Privileges(1 << 3);
    /// TRUNCATE.
    pub const TRUNCATE: Privileges = Privileges(1 << 4);
    /// REFERENCES.
    pub const REFERENCES: Privileges = Privileges(1 << 5);
    /// TRIGGER.
    pub const TRIGGER: Privileges = Privileges(1 << 6);
    /// EXECUTE.
    pub const EXECUTE: Privileges = Privileges(1 << 7);
    /// USAGE.
    pub const USAGE: Privileges = Privileges(1 << 8);
    /// CREATE.
    pub const CREATE: Privileges = Privileges(1 << 9);
    /// TEMPORARY.
    pub const TEMPORARY: Privileges = Privileges(1 << 10);
    /// CONNECT.
    pub const CONNECT: Privileges = Privileges(1 << 11);
    /// SET on a parameter.
    pub const SET: Privileges = Privileges(1 << 12);
    /// ALTER SYSTEM on a parameter.
    pub const ALTER_SYSTEM: Privileges = Privileges(1 << 13);
    /// MAINTAIN (17 and later).
    pub const MAINTAIN: Privileges = Privileges(1 << 14);
    /// What can be granted on columns.
    pub const OF_COLUMNS: Privileges = Self::INSERT.with(Self::SELECT).with(Self::UPDATE).with(Self::REFERENCES);

    /// The privilege of this word, in any case; `TEMP` is `TEMPORARY`.
    pub fn from_word(word: &str) -> Option<Privileges> {
        if word.eq_ignore_ascii_case("temp") {
            return Some(Privileges::TEMPORARY);
        }
        WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|&(_, privilege)| privilege)
    }

    /// The words for what is in the set, in alphabetical order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        WORDS.iter().filter(move |(_, privilege)| self.contains(*privilege)).map(|&(word, _)| word)
    }

    /// Whether all of `other` are in this set.
    pub const fn contains(self, other: Privileges) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Privileges) -> Privileges {
        Privileges(self.0 | other.0)
    }

    /// This set without `other`.
    #[must_use]
    pub const fn without(self, other: Privileges) -> Privileges {
        Privileges(self.0 & !other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Privileges) -> Privileges {
        Privileges(self.0 & other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All that can be granted on an object of this kind (`ALL PRIVILEGES`) by a server of this major version.
    pub fn all_of(tag: Tag, version: u8) -> Privileges {
        let relation = Self::OF_COLUMNS.with(Self::DELETE).with(Self::TRUNCATE).with(Self::TRIGGER);
        match tag {
            Tag::Relation | Tag::Index => relation.with(if version >= 17 { Self::MAINTAIN } else { Self::NONE }),
            Tag::Sequence => Self::SELECT.with(Self::UPDATE).with(Self::USAGE),
            Tag::Database => Self::CREATE.with(Self::TEMPORARY).with(Self::CONNECT),
            Tag::Schema => Self::CREATE.with(Self::USAGE),
            Tag::Routine => Self::EXECUTE,
            Tag::Tablespace => Self::CREATE,
            Tag::Type | Tag::Language | Tag::ForeignDataWrapper | Tag::ForeignServer => Self::USAGE,
            _ => Self::NONE,
        }
    }

    /// What everyone has on an object of this kind as long as nothing was granted or revoked.
    pub fn built_in_of_public(tag: Tag) -> Privileges {
        match tag {
            Tag::Database => Self::TEMPORARY.with(Self::CONNECT),
            Tag::Routine => Self::EXECUTE,
            Tag::Type | Tag::Language => Self::USAGE,
            _ => Self::NONE,
        }
    }
}

/// Who has a privilege.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Grantee {
    /// Everyone.
    Public,
    /// A role.
    Role(ObjectId),
}

/// One entry of an access control list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AclItem {
    /// Who has them.
    pub grantee: Grantee,
    /// Who gave them.
    pub grantor: ObjectId,
    /// What they are.
    pub privileges: Privileges,
    /// Those that may be passed on.
    pub grant_options: Privileges,
}

/// An access control list. An object without one has the built-in default of its kind.
pub type Acl = Vec<AclItem>;

/// A change to an access control list that cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AclError {
    /// `0LP01`: grant options may not go round to the one who gave them.
    Circular,
    /// `2BP01`: what was passed on stands in the way, without CASCADE.
    Dependent,
}

/// acldefault: what a kind of object has before anything is granted or revoked.
pub(crate) fn default_acl(tag: Tag, owner: ObjectId, version: u8) -> Acl {
    let item = |grantee, privileges| AclItem { grantee, grantor: owner, privileges, grant_options: Privileges::NONE };
    let everyone = item(Grantee::Public, Privileges::built_in_of_public(tag));
    let own = item(Grantee::Role(owner), Privileges::all_of(tag, version));
    [everyone, own].into_iter().filter(|item| !item.privileges.is_empty()).collect()
}

/// aclupdate with ACL_MODECHG_ADD: adds what `item` says.
pub(crate) fn add(acl: &mut Acl, item: AclItem, owner: ObjectId) -> Result<(), AclError> {
    if !item.grant_options.is_empty() && item.grantee != Grantee::Role(owner) {
        check_circularity(acl, item, owner)?;
    }
    match entry(acl, item.grantee, item.grantor) {
        Some(old) => {
            old.privileges = old.privileges.with(item.privileges);
            old.grant_options = old.grant_options.with(item.grant_options);
        }
        None => acl.push(item),
    }
    acl.retain(|item| !item.privileges.is_empty() || !item.grant_options.is_empty());
    Ok(())
}

/// aclupdate with ACL_MODECHG_DEL: takes away what `item` says, and with `cascade` what was passed on.
pub(crate) fn remove(acl: &mut Acl, item: AclItem, owner: ObjectId, cascade: bool) -> Result<(), AclError> {
    let Some(old) = entry(acl, item.grantee, item.grantor) else { return Ok(()) };
    let lost = old.grant_options.and(item.grant_options);
    old.privileges = old.privileges.without(item.privileges);
    old.grant_options = old.grant_options.without(item.grant_options);
    acl.retain(|item| !item.privileges.is_empty() || !item.grant_options.is_empty());
    match item.grantee {
        Grantee::Role(role) if !lost.is_empty() => revoke_dependent(acl, role, lost, owner, cascade),
        _ => Ok(()),
    }
}

fn entry(acl: &mut Acl, grantee: Grantee, grantor: ObjectId) -> Option<&mut AclItem> {
    acl.iter_mut().find(|item| item.grantee == grantee && item.grantor == grantor)
}

/// recursive_revoke: what `role` passed on and can pass on no more.
fn revoke_dependent(
    acl: &mut Acl,
    role: ObjectId,
    lost: Privileges,
    owner: ObjectId,
    cascade: bool,
) -> Result<(), AclError> {
    let mut left = vec![(role, lost)];
    while let Some((role, lost)) = left.pop() {
        // The owner has every grant option, and another grantor may have given the same one.
        let lost = if role == owner { Privileges::NONE } else { lost.without(options_of(acl, role)) };
        let passed_on = acl.iter_mut().filter(|item| item.grantor == role && !item.privileges.and(lost).is_empty());
        for item in passed_on {
            if !cascade {
                return Err(AclError::Dependent);
            }
            let options = item.grant_options.and(lost);
            item.privileges = item.privileges.without(lost);
            item.grant_options = item.grant_options.without(lost);
            if let Grantee::Role(next) = item.grantee
                && !options.is_empty()
            {
                left.push((next, options));
            }
        }
        acl.retain(|item| !item.privileges.is_empty() || !item.grant_options.is_empty());
    }
    Ok(())
}

/// The grant options that a role has by itself.
fn options_of(acl: &Acl, role: ObjectId) -> Privileges {
    let own = acl.iter().filter(|item| item.grantee == Grantee::Role(role));
    own.fold(Privileges::NONE, |options, item| options.with(item.grant_options))
}

/// The grantor must hold the options without those that hang on the grantee.
fn check_circularity(acl: &Acl, item: AclItem, owner: ObjectId) -> Result<(), AclError> {
    let Grantee::Role(grantee) = item.grantee else { return Ok(()) };
    if item.grantor == owner {
        return Ok(());
    }
    let mut without = acl.clone();
    while let Some(held) =
        without.iter().find(|other| other.grantee == item.grantee && !other.grant_options.is_empty()).copied()
    {
        let all = AclItem { privileges: held.grant_options, ..held };
        remove(&mut without, all, owner, true)?;
    }
    let held = if item.grantor == grantee { Privileges::NONE } else { options_of(&without, item.grantor) };
    if held.contains(item.grant_options) { Ok(()) } else { Err(AclError::Circular) }
}

/// aclnewowner: the new owner takes the old one's place as grantee and grantor.
pub(crate) fn change_owner(acl: &Acl, old: ObjectId, new: ObjectId) -> Acl {
    let substitute = |role: ObjectId| if role == old { new } else { role };
    let mut changed: Acl = Vec::with_capacity(acl.len());
    for item in acl {
        let grantee = match item.grantee {
            Grantee::Role(role) => Grantee::Role(substitute(role)),
            Grantee::Public => Grantee::Public,
        };
        let grantor = substitute(item.grantor);
        match entry(&mut changed, grantee, grantor) {
            Some(same) => {
                same.privileges = same.privileges.with(item.privileges);
                same.grant_options = same.grant_options.with(item.grant_options);
            }
            None => changed.push(AclItem { grantee, grantor, ..*item }),
        }
    }
    changed
}

/// Whether two lists say the same, in whatever order.
pub(crate) fn same(left: &Acl, right: &Acl) -> bool {
    left.len() == right.len() && left.iter().all(|item| right.contains(item))
}

impl Object {
    /// The kind of object that its privileges follow.
    pub fn privilege_tag(&self) -> Tag {
        match &self.kind {
            Kind::Type(ty) if matches!(ty.class, TypeClass::Composite { .. }) => Tag::Type,
            _ => self.tag(),
        }
    }

    /// Its access control list, the built-in one where nothing was granted or revoked.
    pub fn effective_acl(&self) -> Acl {
        match (&self.acl, self.owner) {
            (Some(acl), _) => Acl::clone(acl),
            (None, Some(owner)) => default_acl(self.privilege_tag(), owner, super::baseline::NEWEST),
            (None, None) => Vec::new(),
        }
    }
}

impl CatalogAt<'_> {
    /// The role of this name.
    pub fn role(self, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Other(Tag::Role), parent: None, name };
        self.named(key).first().copied()
    }

    /// Whether `role` may do all of `privileges` on the object: by a grant to it, to PUBLIC or to a role
    /// whose privileges it inherits, or as a superuser.
    pub fn has_privilege(self, role: ObjectId, object: ObjectId, privileges: Privileges) -> bool {
        self.privileges_of(role, object).contains(privileges)
    }

    /// All that `role` may do on the object.
    pub fn privileges_of(self, role: ObjectId, object: ObjectId) -> Privileges {
        let Some(object) = self.get(object) else { return Privileges::NONE };
        let tag = object.privilege_tag();
        if self.is_superuser(role) {
            return Privileges::all_of(tag, super::baseline::NEWEST);
        }
        let roles = self.roles_of(role);
        granted(&object.effective_acl(), &roles).with(self.predefined(&roles, tag))
    }

    /// Whether `role` may do all of `privileges` on a column, be it by a grant on the column or the table.
    pub fn has_column_privilege(self, role: ObjectId, relation: ObjectId, column: i16, privileges: Privileges) -> bool {
        let on_table = self.privileges_of(role, relation);
        let acl = self.column(relation, column).and_then(|column| column.acl.as_deref());
        let on_column = acl.map_or(Privileges::NONE, |acl| granted(acl, &self.roles_of(role)));
        on_table.with(on_column).contains(privileges)
    }

    /// Whether `role` may do all of `privileges` on some column of the relation.
    pub fn has_any_column_privilege(self, role: ObjectId, relation: ObjectId, privileges: Privileges) -> bool {
        let on_table = self.privileges_of(role, relation);
        if on_table.contains(privileges) {
            return true;
        }
        let roles = self.roles_of(role);
        let columns = self.get(relation).and_then(|object| object.as_relation()).into_iter().flat_map(|r| &r.columns);
        let mut acls = columns.filter_map(|column| column.acl.as_deref());
        acls.any(|acl| on_table.with(granted(acl, &roles)).contains(privileges))
    }

    /// Whether the role is a superuser.
    pub fn is_superuser(self, role: ObjectId) -> bool {
        self.get(role).and_then(|object| object.as_role()).is_some_and(|role| role.superuser)
    }

    /// Whether `role` has the privileges of `of`: it is the same, inherits them, or is a superuser.
    pub fn has_privileges_of_role(self, role: ObjectId, of: ObjectId) -> bool {
        self.is_superuser(role) || self.roles_of(role).contains(&of)
    }

    /// The role and all roles whose privileges it inherits.
    pub fn roles_of(self, role: ObjectId) -> Vec<ObjectId> {
        self.reachable(role, |membership| membership.inherit)
    }

    /// Whether `role` is a member of `group`, directly or not, inheriting or not.
    pub fn is_member(self, role: ObjectId, group: ObjectId) -> bool {
        self.reachable(role, |_| true).contains(&group)
    }

    /// Whether `role` may become `other` by SET ROLE.
    pub fn can_set_role(self, role: ObjectId, other: ObjectId) -> bool {
        self.is_superuser(role) || self.reachable(role, |membership| membership.set).contains(&other)
    }

    fn reachable(self, role: ObjectId, follow: impl Fn(&super::Membership) -> bool) -> Vec<ObjectId> {
        let database_owner = self.database_owner();
        let mut found = vec![role];
        let mut next = 0;
        while let Some(&role) = found.get(next) {
            next += 1;
            let groups = self.get(role).and_then(|object| object.as_role()).into_iter().flat_map(|r| &r.member_of);
            let groups = groups.filter(|membership| follow(membership)).map(|membership| membership.role);
            // The owner of the database is the one member of pg_database_owner.
            let of_database = database_owner.filter(|&(owner, _)| owner == role).map(|(_, group)| group);
            for group in groups.chain(of_database) {
                if !found.contains(&group) {
                    found.push(group);
                }
            }
        }
        found
    }

    fn database_owner(self) -> Option<(ObjectId, ObjectId)> {
        let name = Name::from("postgres");
        let database = *self.named(NameKey { space: NameSpace::Other(Tag::Database), parent: None, name }).first()?;
        Some((self.get(database)?.owner?, self.role(Name::from("pg_database_owner"))?))
    }

    /// What pg_read_all_data, pg_write_all_data and pg_maintain give on any object.
    fn predefined(self, roles: &[ObjectId], tag: Tag) -> Privileges {
        let has = |name: &str| self.role(Name::from(name)).is_some_and(|role| roles.contains(&role));
        let writes = Privileges::INSERT.with(Privileges::UPDATE).with(Privileges::DELETE);
        let given: &[(&str, Privileges)] = match tag {
            Tag::Relation => &[
                ("pg_read_all_data", Privileges::SELECT),
                ("pg_write_all_data", writes),
                ("pg_maintain", Privileges::MAINTAIN),
            ],
            Tag::Sequence => &[("pg_read_all_data", Privileges::SELECT), ("pg_write_all_data", Privileges::UPDATE)],
            Tag::Schema => &[("pg_read_all_data", Privileges::USAGE), ("pg_write_all_data", Privileges::USAGE)],
            _ => &[],
        };
        given.iter().filter(|(name, _)| has(name)).fold(Privileges::NONE, |all, (_, more)| all.with(*more))
    }
}

/// What a list gives to any of these roles, or to everyone.
fn granted(acl: &[AclItem], roles: &[ObjectId]) -> Privileges {
    let counts = |item: &&AclItem| match item.grantee {
        Grantee::Public => true,
        Grantee::Role(role) => roles.contains(&role),
    };
    acl.iter().filter(counts).fold(Privileges::NONE, |all, item| all.with(item.privileges))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: ObjectId = ObjectId(1);
    const ANNA: ObjectId = ObjectId(2);
    const BERT: ObjectId = ObjectId(3);

    fn item(grantee: ObjectId, grantor: ObjectId, privileges: Privileges, grant_options: Privileges) -> AclItem {
        AclItem { grantee: Grantee::Role(grantee), grantor, privileges, grant_options }
    }

    #[test]
    fn what_was_passed_on_goes_with_cascade_only() {
        let select = Privileges::SELECT;
        let mut acl = default_acl(Tag::Relation, OWNER, 17);
        add(&mut acl, item(ANNA, OWNER, select, select), OWNER).unwrap();
        add(&mut acl, item(BERT, ANNA, select, Privileges::NONE), OWNER).unwrap();
        let revoke = item(ANNA, OWNER, select, select);
        assert_eq!(remove(&mut acl.clone(), revoke, OWNER, false), Err(AclError::Dependent));
        remove(&mut acl, revoke, OWNER, true).unwrap();
        assert!(same(&acl, &default_acl(Tag::Relation, OWNER, 17)));
    }

    #[test]
    fn grant_options_do_not_go_in_circles() {
        let select = Privileges::SELECT;
        let mut acl = Vec::new();
        add(&mut acl, item(ANNA, OWNER, select, select), OWNER).unwrap();
        add(&mut acl, item(BERT, ANNA, select, select), OWNER).unwrap();
        assert_eq!(add(&mut acl, item(ANNA, BERT, select, select), OWNER), Err(AclError::Circular));
    }

    #[test]
    fn a_new_owner_takes_the_old_ones_place() {
        let mut acl = default_acl(Tag::Routine, OWNER, 17);
        add(&mut acl, item(ANNA, OWNER, Privileges::EXECUTE, Privileges::NONE), OWNER).unwrap();
        let changed = change_owner(&acl, OWNER, ANNA);
        assert!(same(&changed, &default_acl(Tag::Routine, ANNA, 17)));
    }

    #[test]
    fn maintain_came_with_17() {
        assert!(!Privileges::all_of(Tag::Relation, 16).contains(Privileges::MAINTAIN));
        assert!(Privileges::all_of(Tag::Relation, 17).contains(Privileges::MAINTAIN));
    }
}
