//! Schemas.

use super::{Effect, Replay};
use crate::catalog::{Kind, Object, Outcome};
use crate::syntax::{CreateSchema, Ident, RoleKind, Statement};

impl Replay {
    pub(super) fn create_schema(&mut self, create: &CreateSchema) -> Effect {
        let owner = match &create.authorization {
            Some(role) => self.role(role)?,
            None => self.session.role,
        };
        let Some(name) = self.schema_name_of(create) else { return Err(self.unknown("the schema has no name")) };
        if name.as_str().starts_with("pg_") {
            let message = format!("unacceptable schema name \"{}\"", name.name);
            return Err(self.refuse("42939", name.span, message).help("the prefix pg_ is reserved for the system"));
        }
        if create.if_not_exists && self.now().schema(name.name).is_some() {
            return Ok(Outcome::Skipped);
        }
        let mut object = Object { owner, ..Object::new(name.name, None, Kind::Schema) };
        object.span = name.span;
        object.acl = self.default_acl(&object);
        self.create(object)?;
        self.refresh_path();
        self.create_elements(create, name, owner)?;
        Ok(Outcome::Done)
    }

    /// Named after the role where no name is written.
    fn schema_name_of(&self, create: &CreateSchema) -> Option<Ident> {
        let role = || {
            let role = create.authorization.as_ref()?;
            let name = match role.kind {
                RoleKind::Name(name) => name,
                _ => self.now().get(self.find_role(role)?)?.name,
            };
            Some(Ident { name, span: role.span })
        };
        create.name.or_else(role)
    }

    /// The elements are made in the new schema, by its owner.
    fn create_elements(
        &mut self,
        create: &CreateSchema,
        name: Ident,
        owner: Option<crate::catalog::ObjectId>,
    ) -> Effect<()> {
        if create.elements.is_empty() {
            return Ok(());
        }
        let session = self.session.clone();
        let mut path = vec![name.name];
        path.extend(self.session.search_path.iter().copied());
        self.session.search_path = path.into();
        self.session.role = owner;
        self.refresh_path();
        let done = in_order(&create.elements).into_iter().try_for_each(|element| self.execute(element).map(|_| ()));
        self.session = session;
        self.refresh_path();
        done
    }
}

/// transformCreateSchemaStmtElements: sequences, tables, views, indexes, triggers, grants.
fn in_order(elements: &[Statement]) -> Vec<&Statement> {
    use crate::syntax::StatementKind;
    let rank = |statement: &Statement| match statement.kind {
        StatementKind::CreateSequence(_) => 0,
        StatementKind::CreateTable(_) => 1,
        StatementKind::CreateView(_) => 2,
        StatementKind::CreateIndex(_) => 3,
        StatementKind::CreateTrigger(_) => 4,
        _ => 5,
    };
    let mut sorted: Vec<&Statement> = elements.iter().collect();
    sorted.sort_by_key(|statement| rank(statement));
    sorted
}
