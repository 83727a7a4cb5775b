//! Privileges as GRANT and REVOKE: what there is, less what an object has when it is made.

use std::collections::BTreeMap;

use super::Schema;
use crate::catalog::{Acl, Grantee, Kind, Object, ObjectId, Privileges, RelationClass, RoutineKind, Tag, change_owner};
use crate::syntax::quote::quote_identifier;

/// What each grantee has, and may pass on.
type Held = BTreeMap<String, (Privileges, Privileges)>;

impl Schema<'_> {
    /// The statements that give an object its privileges.
    pub(super) fn grants_of(&self, id: ObjectId, object: &Object, out: &mut Vec<String>) {
        let Some(target) = self.grant_target(id, object) else { return };
        let before = match self.empty.get(id) {
            Some(given) => self.handed_over(given.effective_acl(), given.owner, object),
            None => self.handed_over(self.acl_of_new(object), self.runner(), object),
        };
        let all = Privileges::all_of(object.privilege_tag(), self.version);
        self.change(&self.held(&before), &self.held(&object.effective_acl()), (&target, all), out);
        let Some(relation) = object.as_relation() else { return };
        for column in &relation.columns {
            let given = self.empty.column(id, column.number).and_then(|column| column.acl.clone());
            let before = given.map(|acl| self.held(&acl)).unwrap_or_default();
            let after = column.acl.as_deref().map(|acl| self.held(acl)).unwrap_or_default();
            let words = |privileges: Privileges| {
                let name = quote_identifier(&column.name);
                privileges.words().map(|word| format!("{word} ({name})")).collect::<Vec<_>>().join(", ")
            };
            change_with(&before, &after, &target, &words, out);
        }
    }

    fn change(&self, before: &Held, after: &Held, (target, all): (&str, Privileges), out: &mut Vec<String>) {
        let words = |privileges: Privileges| {
            if privileges == all { "ALL".to_owned() } else { privileges.words().collect::<Vec<_>>().join(", ") }
        };
        change_with(before, after, target, &words, out);
    }

    /// The words behind ON.
    fn grant_target(&self, id: ObjectId, object: &Object) -> Option<String> {
        Some(match &object.kind {
            Kind::Schema => format!("SCHEMA {}", self.name(id)),
            Kind::Relation(relation) if relation.class != RelationClass::CompositeType => {
                format!("TABLE {}", self.name(id))
            }
            Kind::Sequence(_) => format!("SEQUENCE {}", self.name(id)),
            Kind::Routine(routine) => {
                let word = if routine.kind == RoutineKind::Procedure { "PROCEDURE" } else { "FUNCTION" };
                format!("{word} {}", self.at.signature(object))
            }
            Kind::Type(_) => format!("TYPE {}", self.name(id)),
            Kind::ForeignServer { .. } => format!("FOREIGN SERVER {}", self.name(id)),
            _ => return None,
        })
    }

    fn held(&self, acl: &Acl) -> Held {
        let mut held = Held::new();
        for item in acl {
            let who = match item.grantee {
                Grantee::Public => "PUBLIC".to_owned(),
                Grantee::Role(role) => match self.at.get(role) {
                    Some(role) => quote_identifier(&role.name).into_owned(),
                    None => continue,
                },
            };
            let entry = held.entry(who).or_default();
            *entry = (entry.0.with(item.privileges), entry.1.with(item.grant_options));
        }
        held
    }

    /// Privileges after OWNER TO.
    fn handed_over(&self, acl: Acl, from: Option<ObjectId>, object: &Object) -> Acl {
        match (from, object.owner) {
            (Some(from), Some(to)) if from != to => change_owner(&acl, from, to),
            _ => acl,
        }
    }

    /// What an object starts with that is made in the empty database (get_user_default_acl).
    fn acl_of_new(&self, object: &Object) -> Acl {
        let runner = self.runner();
        let built_in = Object { acl: None, owner: runner, ..object.clone() }.effective_acl();
        let (Some(owner), tag) = (runner, object.privilege_tag()) else { return built_in };
        let entry = |schema: Option<ObjectId>| {
            let entries = self.empty.of_kind(Tag::DefaultPrivileges).filter_map(|(_, entry)| match &entry.kind {
                Kind::DefaultPrivileges(it) => Some(it),
                _ => None,
            });
            let mut found = entries.filter(|it| it.role == owner && it.schema == schema && it.object == tag);
            found.next().map(|it| it.acl.clone())
        };
        let mut acl = entry(None).unwrap_or(built_in);
        if let Some(schema) = object.schema {
            acl.extend(entry(Some(schema)).into_iter().flatten());
        }
        acl
    }

    /// ALTER DEFAULT PRIVILEGES for what the history changed.
    pub(super) fn default_privileges_sql(&self, out: &mut Vec<String>) {
        let mut entries: Vec<ObjectId> = self.at.of_kind(Tag::DefaultPrivileges).map(|(id, _)| id).collect();
        entries.extend(self.empty.of_kind(Tag::DefaultPrivileges).map(|(id, _)| id));
        entries.sort_unstable();
        entries.dedup();
        for id in entries {
            let entry = |object: Option<&std::sync::Arc<Object>>| match object.map(|object| &object.kind) {
                Some(Kind::DefaultPrivileges(it)) => Some(it.clone()),
                _ => None,
            };
            let (before, after) = (entry(self.empty.get(id)), entry(self.at.get(id)));
            let Some(it) = after.as_ref().or(before.as_ref()) else { continue };
            let (word, tag) = match it.object {
                Tag::Relation => ("TABLES", Tag::Relation),
                Tag::Sequence => ("SEQUENCES", Tag::Sequence),
                Tag::Routine => ("FUNCTIONS", Tag::Routine),
                Tag::Type => ("TYPES", Tag::Type),
                _ => ("SCHEMAS", Tag::Schema),
            };
            // A global entry replaces what is built in; one of a schema adds to it.
            let built_in = if it.schema.is_none() { self.built_in(it.role, tag) } else { Acl::new() };
            let acl = |entry: &Option<crate::catalog::DefaultPrivileges>| {
                self.held(entry.as_ref().map_or(&built_in, |entry| &entry.acl))
            };
            let schema = it.schema.map(|schema| format!(" IN SCHEMA {}", self.name(schema))).unwrap_or_default();
            let mut changes = Vec::new();
            let all = Privileges::all_of(tag, self.version);
            self.change(&acl(&before), &acl(&after), (word, all), &mut changes);
            let prefix = format!("ALTER DEFAULT PRIVILEGES FOR ROLE {}{schema} ", self.name(it.role));
            out.extend(changes.into_iter().map(|change| prefix.clone() + &change));
        }
    }

    fn built_in(&self, owner: ObjectId, tag: Tag) -> Acl {
        crate::catalog::built_in_acl(tag, owner, self.version)
    }
}

fn change_with(before: &Held, after: &Held, target: &str, words: &dyn Fn(Privileges) -> String, out: &mut Vec<String>) {
    let nothing = (Privileges::NONE, Privileges::NONE);
    let who: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for who in who {
        let (had, _) = before.get(who).copied().unwrap_or(nothing);
        let (has, options) = after.get(who).copied().unwrap_or(nothing);
        let (gone, new) = (had.without(has), has.without(had).without(options));
        if !gone.is_empty() {
            out.push(format!("REVOKE {} ON {target} FROM {who};", words(gone)));
        }
        if !new.is_empty() {
            out.push(format!("GRANT {} ON {target} TO {who};", words(new)));
        }
        let passed_on = options.without(before.get(who).map_or(Privileges::NONE, |(_, options)| *options));
        if !passed_on.is_empty() {
            out.push(format!("GRANT {} ON {target} TO {who} WITH GRANT OPTION;", words(passed_on)));
        }
    }
}
