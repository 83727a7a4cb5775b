//! What is there before the first statement.

use std::sync::Arc;

use super::{Platform, Replay};
use crate::catalog::{ObjectId, baseline};
use crate::source::{FileId, Span};
use crate::syntax::{self, Name, Origin};

/// The role that owns the system's objects, and the one that migrations run as.
struct Roles {
    superuser: &'static str,
    migrations: &'static str,
}

impl Replay {
    /// What an empty database holds.
    pub(super) fn load_baseline(&mut self) {
        let roles = match self.settings.platform {
            Platform::Plain => Roles { superuser: "postgres", migrations: "postgres" },
            Platform::Supabase(_) => Roles { superuser: "supabase_admin", migrations: "postgres" },
        };
        let superuser = baseline::fill(&mut self.catalog, self.settings.version, roles.superuser);
        self.log_in(superuser);
        if let Platform::Supabase(project) = self.settings.platform.clone() {
            self.run_baseline(baseline::SUPABASE);
            if project.pg_graphql {
                self.run_baseline(baseline::SUPABASE_GRAPHQL);
            }
            if !project.legacy_default_privileges {
                self.run_baseline(baseline::SUPABASE_REVOKED);
            }
        }
        let migrations = self.now().role(Name::from(roles.migrations));
        self.log_in(migrations.unwrap_or(superuser));
    }

    fn log_in(&mut self, role: ObjectId) {
        self.session.role = Some(role);
        self.session.session_role = Some(role);
        self.reset_all();
        self.refresh_path();
    }

    /// Runs statements as a part of the empty database: they are in no file, and in no history.
    fn run_baseline(&mut self, sql: &'static str) {
        let origin = Origin::Elsewhere(Span { file: FileId::NONE, start: 0, end: 0 });
        let statements = syntax::parse_statements(sql, &origin).unwrap_or_default();
        for statement in statements {
            // The file is our own and is tested to run without a refusal.
            let _ = self.execute(&statement);
            self.refresh_path();
        }
        self.transaction = super::TransactionState::default();
        self.catalog.commit();
        self.missing.clear();
        self.path = Arc::default();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ServerSettings, SupabaseSettings};
    use super::*;
    use crate::catalog::{Kind, NameKey, NameSpace, Privileges, Tag};

    fn project(version: u8, legacy: bool) -> Replay {
        let platform = Platform::Supabase(SupabaseSettings { legacy_default_privileges: legacy, pg_graphql: true });
        Replay::new(ServerSettings { version, platform })
    }

    #[test]
    fn the_empty_project_is_made_without_a_refusal() {
        for version in baseline::OLDEST..=baseline::NEWEST {
            let mut replay = Replay::without_objects(ServerSettings { version, platform: Platform::Plain });
            let superuser = baseline::fill(&mut replay.catalog, version, "supabase_admin");
            replay.log_in(superuser);
            for sql in [baseline::SUPABASE, baseline::SUPABASE_GRAPHQL, baseline::SUPABASE_REVOKED] {
                let origin = Origin::Elsewhere(Span::NONE);
                for statement in syntax::parse_statements(sql, &origin).expect("our own SQL parses") {
                    let done = replay.execute(&statement);
                    assert!(done.is_ok(), "{version}: {:?} {:?}", statement.kind, done.err());
                    replay.refresh_path();
                }
            }
        }
    }

    #[test]
    fn new_tables_are_open_or_not() {
        for (legacy, open) in [(true, true), (false, false)] {
            let replay = project(17, legacy);
            let anon = replay.now().role(Name::from("anon")).expect("anon");
            let public = replay.now().schema(Name::from("public"));
            let table = Kind::Relation(baseline::relation(crate::catalog::RelationClass::Table, Vec::new()));
            let ident = crate::syntax::Ident::new("t", Span::NONE);
            let object = replay.owned(ident, public, table);
            let granted = object.effective_acl().into_iter().any(|item| {
                item.grantee == crate::catalog::Grantee::Role(anon) && item.privileges.contains(Privileges::SELECT)
            });
            assert_eq!(granted, open);
        }
    }

    #[test]
    fn preinstalled_extensions_are_where_they_belong() {
        let replay = project(17, true);
        let key = |name| NameKey { space: NameSpace::Other(Tag::Extension), parent: None, name: Name::from(name) };
        let schema = |name| {
            let &id = replay.now().named(key(name)).first()?;
            let Kind::Extension(extension) = &replay.now().get(id)?.kind else { return None };
            Some(replay.now().get(extension.schema)?.name.as_str())
        };
        assert_eq!(schema("uuid-ossp"), Some("extensions"));
        assert_eq!(schema("supabase_vault"), Some("vault"));
        assert_eq!(schema("pg_graphql"), Some("graphql"));
        assert_eq!(schema("pg_cron"), None);
    }
}
