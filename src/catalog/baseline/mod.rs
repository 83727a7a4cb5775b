//! What is there before the first statement: the system catalogs of PostgreSQL 14 to 18, and the
//! objects of an empty Supabase project.
//!
//! Functions, operators, casts, settings and the contents of extensions are text that is searched when
//! a name is asked for. Only what has an identity (schemas, roles, types, relations) is made an object.

mod empty;
mod extensions;
mod facts;
mod objects;
mod store;
mod system;

pub use extensions::{
    Contents, ExtensionFacts, ExtensionType, FactColumn, FactRelation, Member, OtherMember, all_extensions, extension,
    extension_operator_classes,
};
pub use system::{
    CastMethod, FamilyOperator, KeywordCategory, Setting, SystemCast, SystemFunction, SystemMethod, SystemOperator,
    SystemOperatorClass, SystemType, access_method, all_casts, all_functions, all_operators, all_types, casts_from,
    family_operators, function, functions, has_collation, has_other, keyword, operator, operator_classes, operators,
    setting,
};
pub(in crate::catalog) use system::{setting_at, settings};

pub(crate) use empty::{column, fill, relation};
pub(crate) use objects::{
    attributes, cast, fact_relation, operator as operator_object, routine, routine_object, simple_type,
};

use super::{CatalogAt, NameKey, NameSpace, ObjectId, TypeRef};
use crate::syntax::Name;

/// The oldest major version whose facts are known.
pub const OLDEST: u8 = 14;
/// The newest major version whose facts are known.
pub const NEWEST: u8 = 18;

/// The statements that make an empty Supabase project of an empty server.
pub(crate) const SUPABASE: &str = include_str!("data/supabase.sql");
/// What a project has whose pg_graphql is on.
pub(crate) const SUPABASE_GRAPHQL: &str = include_str!("data/supabase_graphql.sql");
/// What a project lacks that does not open new objects by default.
pub(crate) const SUPABASE_REVOKED: &str = include_str!("data/supabase_revoked.sql");

impl CatalogAt<'_> {
    /// A type of the facts as a type of this catalog; `at` is the schema that `@` stands for.
    pub fn system_type(self, ty: SystemType, at: Option<ObjectId>) -> Option<TypeRef> {
        let name = Name::from(ty.name);
        let in_schema = |schema: ObjectId| {
            self.named(NameKey { space: NameSpace::Type, parent: Some(schema), name }).first().copied()
        };
        let id = match ty.schema {
            Some(schema) => in_schema(self.schema(Name::from(schema))?),
            None => at.and_then(in_schema).or_else(|| in_schema(self.schema(Name::from("pg_catalog"))?)),
        }?;
        Some(TypeRef { id, modifiers: Vec::new(), array: ty.array })
    }
}
