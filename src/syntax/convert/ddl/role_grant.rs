//! Roles and privileges.

use super::*;

/// Words before TO or FROM that grant on all objects of a kind in schemas.
const ALL_OBJECTS: &[&str] = &[
    "all tables in schema",
    "all sequences in schema",
    "all functions in schema",
    "all procedures in schema",
    "all routines in schema",
];

impl Converter<'_> {
    /// A role at its own place.
    pub(super) fn role(&self, role: &raw::RoleSpec) -> RoleSpec {
        let first = self.at(role.location);
        self.role_or(role, self.span(Extent::new(first, self.name_end(first))))
    }

    /// A role at its own place; at `place` where nobody wrote it.
    pub(super) fn role_or(&self, role: &raw::RoleSpec, place: Span) -> RoleSpec {
        let first = self.at(role.location);
        let span = if role.location < 0 { place } else { self.span(Extent::new(first, self.name_end(first))) };
        let kind = match role.roletype {
            raw::ROLESPEC_CURRENT_ROLE => RoleKind::CurrentRole,
            raw::ROLESPEC_CURRENT_USER => RoleKind::CurrentUser,
            raw::ROLESPEC_SESSION_USER => RoleKind::SessionUser,
            raw::ROLESPEC_PUBLIC => RoleKind::Public,
            _ => RoleKind::Name(name_of(&role.rolename)),
        };
        RoleSpec { span, kind }
    }

    /// A role that is always written.
    pub(super) fn role_at(&self, role: &Ptr<raw::RoleSpec>, c: Cursor) -> RoleSpec {
        let none = || RoleSpec { span: c.here(), kind: RoleKind::CurrentRole };
        role.get().map_or_else(none, |role| self.role(role))
    }

    pub(super) fn roles(&self, list: &Ptr<raw::List>) -> Vec<RoleSpec> {
        list.of().map(|role| self.role(role)).exact()
    }

    /// A GRANT or REVOKE that is next.
    pub(super) fn grant(&self, stmt: &raw::GrantStmt, mut c: Cursor) -> Grant {
        c.eat_any(&["grant", "revoke"]);
        c.eat("grant option for");
        let privileges = c;
        c.skip_to(&["on"]);
        let privileges = self.privileges(&stmt.privileges, privileges.until(c.index()));
        c.eat("on");
        Grant {
            grant: stmt.is_grant,
            privileges,
            target: self.grant_target(stmt, c),
            grantees: self.roles(&stmt.grantees),
            grant_option: stmt.grant_option,
            granted_by: stmt.grantor.get().map(|role| self.role(role)),
            behavior: behavior(stmt.behavior),
        }
    }

    fn privileges(&self, list: &Ptr<raw::List>, c: Cursor) -> Vec<Privilege> {
        let privileges = list.of::<raw::AccessPriv>().zip(c.pieces()).map(|(privilege, mut piece)| {
            let span = piece.rest_span();
            piece.eat_any(&["all privileges", "alter system"]).unwrap_or_else(|| piece.bump());
            Privilege {
                span,
                name: privilege.priv_name.str().map(Name::from),
                columns: piece.names_in_parens(&privilege.cols),
            }
        });
        privileges.exact()
    }

    fn grant_target(&self, stmt: &raw::GrantStmt, mut c: Cursor) -> GrantTarget {
        let (kind, words) = object::object_kind(stmt.objtype);
        match stmt.targtype {
            raw::ACL_TARGET_DEFAULTS => GrantTarget::Defaults { kind },
            raw::ACL_TARGET_ALL_IN_SCHEMA => {
                c.eat_any(ALL_OBJECTS);
                GrantTarget::AllInSchema { kind, schemas: c.names(&stmt.objects) }
            }
            _ => {
                c.eat_any(words);
                let objects = stmt.objects.nodes().zip(c.pieces());
                GrantTarget::Objects {
                    kind,
                    objects: objects.map(|(object, piece)| self.granted_object(kind, object, piece)).exact(),
                }
            }
        }
    }

    fn granted_object(&self, kind: ObjectKind, object: Node, mut c: Cursor) -> ObjectRef {
        match object {
            Node::RangeVar(relation) => {
                let relation = self.relation(relation);
                ObjectRef { kind, span: relation.span, name: ObjectName::Qualified(relation.name) }
            }
            // A setting is one name with dots in it.
            Node::String(name) if kind == ObjectKind::ParameterSetting => {
                let start = c.index();
                c.bump();
                while c.eat_kind(TokenKind::Dot).is_some() {
                    c.bump();
                }
                let span = c.since(start);
                let name = Ident::new(name.sval.str().unwrap_or_default(), span);
                ObjectRef { kind, span, name: ObjectName::Qualified(QualifiedName::unqualified(name)) }
            }
            // Domains and types are written as mere names.
            Node::List(names) if matches!(kind, ObjectKind::Type | ObjectKind::Domain) => {
                let ty = self.plain_type(names.strings().collect(), &mut c);
                ObjectRef { kind, span: ty.span, name: ObjectName::Type(ty) }
            }
            object => self.object(kind, object, &mut c),
        }
    }

    pub(super) fn grant_role(&self, stmt: &raw::GrantRoleStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["grant", "revoke"]);
        let mut options = Vec::new();
        if c.is_ahead(1, "option") && c.is_ahead(2, "for") {
            options = self.definitions(&stmt.opt, c.between(c.index(), c.index() + 3));
            c.seek(c.index() + 3);
        }
        let roles = stmt.granted_roles.of::<raw::AccessPriv>().zip(c.pieces());
        let roles = roles.map(|(role, mut piece)| piece.name(&role.priv_name)).exact();
        if stmt.is_grant && c.skip_to(&["with"]) {
            let mut end = c;
            end.skip_to(&["granted"]);
            let end = if end.index() == c.index() { c.rest().end } else { end.index() };
            options = self.definitions(&stmt.opt, c.until(end));
        }
        StatementKind::GrantRole(Box::new(GrantRole {
            grant: stmt.is_grant,
            roles,
            grantees: self.roles(&stmt.grantee_roles),
            options,
            granted_by: stmt.grantor.get().map(|role| self.role(role)),
            behavior: behavior(stmt.behavior),
        }))
    }

    pub(super) fn alter_default_privileges(
        &self,
        stmt: &raw::AlterDefaultPrivilegesStmt,
        mut c: Cursor,
    ) -> StatementKind {
        c.eat("alter default privileges");
        let mut roles = Vec::new();
        let mut schemas = Vec::new();
        for option in stmt.options.of::<raw::DefElem>() {
            let Some(Node::List(list)) = option.arg.node() else { continue };
            match option.defname.str() {
                Some("roles") => roles = list.of().map(|role| self.role(role)).exact(),
                Some("schemas") => schemas = self.default_schemas(list, option.location, c),
                _ => {}
            }
        }
        let Some(action) = stmt.action.get() else { return StatementKind::Other { tag: "AlterDefaultPrivilegesStmt" } };
        c.skip_to(&["grant", "revoke"]);
        let grant = self.grant(action, c);
        StatementKind::AlterDefaultPrivileges(Box::new(AlterDefaultPrivileges { roles, schemas, grant }))
    }

    /// `IN SCHEMA a, b`.
    fn default_schemas(&self, names: &raw::List, location: raw::ParseLoc, mut c: Cursor) -> Vec<Ident> {
        c.seek_location(location);
        c.eat("in schema");
        c.pieces().zip(names.strings()).map(|(mut piece, name)| piece.ident(name)).exact()
    }

    pub(super) fn create_role(&self, stmt: &raw::CreateRoleStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["create role", "create user", "create group"]);
        let name = c.name(&stmt.role);
        StatementKind::CreateRole {
            name,
            kind: match stmt.stmt_type {
                raw::ROLESTMT_USER => RoleStatementKind::User,
                raw::ROLESTMT_GROUP => RoleStatementKind::Group,
                _ => RoleStatementKind::Role,
            },
            options: self.role_options(&stmt.options, c),
        }
    }

    /// Options one after another, some with lists of roles.
    fn role_options(&self, list: &Ptr<raw::List>, c: Cursor) -> Vec<Definition> {
        let options = list.list().into_iter().flat_map(|list| self.options_in_a_row(list, c));
        options.map(|(option, piece)| self.definition(option, piece)).exact()
    }

    pub(super) fn alter_role(&self, stmt: &raw::AlterRoleStmt, c: Cursor) -> StatementKind {
        let mut words = c;
        let is_membership = words.eat("alter group").is_some();
        StatementKind::AlterRole {
            role: self.role_at(&stmt.role, c),
            options: self.role_options(&stmt.options, c),
            action: match stmt.action {
                _ if !is_membership => GroupAction::None,
                1 => GroupAction::Add,
                _ => GroupAction::Drop,
            },
        }
    }

    pub(super) fn alter_role_set(&self, stmt: &raw::AlterRoleSetStmt, mut c: Cursor) -> StatementKind {
        c.eat_any(&["alter role", "alter user"]);
        c.bump();
        let database = c.eat("in database").and_then(|_| c.maybe_ident(&stmt.database));
        let role = stmt.role.get().map(|role| self.role(role));
        match stmt.setstmt.get() {
            Some(setting) => StatementKind::AlterRoleSet { role, database, setting: self.set_variable(setting, c) },
            None => StatementKind::Other { tag: "AlterRoleSetStmt" },
        }
    }

    pub(super) fn drop_role(&self, stmt: &raw::DropRoleStmt) -> StatementKind {
        StatementKind::DropRole { roles: self.roles(&stmt.roles), if_exists: stmt.missing_ok }
    }

    pub(super) fn drop_owned(&self, stmt: &raw::DropOwnedStmt) -> StatementKind {
        StatementKind::DropOwned { roles: self.roles(&stmt.roles), behavior: behavior(stmt.behavior) }
    }

    pub(super) fn reassign_owned(&self, stmt: &raw::ReassignOwnedStmt, c: Cursor) -> StatementKind {
        StatementKind::ReassignOwned { roles: self.roles(&stmt.roles), to: self.role_at(&stmt.newrole, c) }
    }
}
