//! Looking names up as the server does: by search_path.

use std::sync::Arc;

use super::Replay;
use crate::catalog::{CatalogAt, NameKey, NameSpace, ObjectId};
use crate::syntax::{Name, QualifiedName};

impl Replay {
    /// The schemas of search_path that exist, `pg_catalog` first where it is not named.
    pub(crate) fn effective_search_path(&self) -> Arc<[ObjectId]> {
        let catalog = self.catalog.end();
        let system = Name::from("pg_catalog");
        let implicit = (!self.session.search_path.contains(&system)).then_some(system);
        let named = self.session.search_path.iter().map(|&name| self.session_schema_name(name));
        implicit.into_iter().chain(named).filter_map(|name| catalog.schema(name)).collect()
    }

    /// `$user` is the role's name.
    fn session_schema_name(&self, name: Name) -> Name {
        let role = || self.catalog.end().get(self.session.role?).map(|role| role.name);
        if name.as_str() == "$user" { role().unwrap_or(name) } else { name }
    }

    /// The relation, index or sequence of this name.
    pub(crate) fn find_relation(&self, name: &QualifiedName) -> Option<ObjectId> {
        find(self.catalog.end(), &self.effective_search_path(), NameSpace::Relation, name)
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
