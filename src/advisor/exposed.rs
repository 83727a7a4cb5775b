//! What the API's roles reach: relations through GraphQL, functions with their owner's rights.

use super::{Entry, Value, is_platform_schema};
use crate::catalog::{Found, Grantee, Object, Privileges, Relation, RelationClass, Routine};
use crate::rule::SchemaContext;
use crate::syntax::Name;

/// The relations that pg_graphql shows to a role, with the advisor's word for their kind.
pub fn in_graphql<'a>(
    context: &'a SchemaContext<'_>,
    role: &str,
) -> impl Iterator<Item = (Found<'a, Relation>, &'static str)> {
    let catalog = context.catalog;
    let role = catalog.role(Name::from(role)).filter(|_| catalog.has_extension("pg_graphql"));
    let relations = role.into_iter().flat_map(move |role| catalog.relations().map(move |relation| (role, relation)));
    relations.filter_map(move |(role, relation)| {
        let kind = match relation.is.class {
            RelationClass::Table => "table",
            RelationClass::View => "view",
            RelationClass::MaterializedView => "materialized view",
            RelationClass::ForeignTable => "foreign table",
            RelationClass::PartitionedTable | RelationClass::CompositeType => return None,
        };
        let shown = !is_platform_schema(catalog.schema_name(relation.object).as_str())
            && !relation.is.columns.is_empty()
            && catalog.has_any_column_privilege(role, relation.id, Privileges::SELECT);
        shown.then_some((relation, kind))
    })
}

/// The SECURITY DEFINER routines of schemas that the API serves which a role may call.
pub fn definers_for<'a>(context: &'a SchemaContext<'_>, role: &str) -> impl Iterator<Item = Found<'a, Routine>> {
    let catalog = context.catalog;
    let role = catalog.role(Name::from(role));
    catalog.routines().filter(move |routine| {
        routine.is.security_definer
            && context.is_exposed(routine.object)
            && !is_platform_schema(catalog.schema_name(routine.object).as_str())
            && role.is_some_and(|role| catalog.has_privilege(role, routine.id, Privileges::EXECUTE))
    })
}

/// The row of the lint `name` about a routine that `role` may call.
pub fn definer_entry(context: &SchemaContext<'_>, routine: &Found<'_, Routine>, name: &str, role: &str) -> Entry {
    let catalog = context.catalog;
    let (schema, function) = (catalog.schema_name(routine.object), routine.name());
    let arguments = catalog.identity_arguments(routine.is);
    Entry {
        detail: format!(
            "Function `{schema}.{function}({arguments})` can be executed by the `{role}` role as a `SECURITY DEFINER` function via `/rest/v1/rpc/{function}`. Revoke `EXECUTE` or switch it to `SECURITY INVOKER` if that is not intentional."
        ),
        metadata: vec![
            ("schema", schema.as_str().into()),
            ("name", function.as_str().into()),
            ("arguments", arguments.as_str().into()),
            ("language", routine.is.language.as_str().into()),
            ("security_definer", Value::Bool(true)),
        ],
        cache_key: format!("{name}_{schema}_{function}_{arguments}"),
    }
}

impl SchemaContext<'_> {
    /// Whether a routine is a trigger's, which nothing but a trigger can call.
    pub fn returns_trigger(&self, routine: &Routine) -> bool {
        let returns = routine.returns.as_ref().and_then(|ty| self.catalog.get(ty.id));
        returns.is_some_and(|ty| ["trigger", "event_trigger"].contains(&ty.name.as_str()))
    }

    /// From whom a privilege is revoked so that these roles lose it: from them, and from everybody where that is how they
    /// have it.
    pub fn grantees(&self, object: &Object, privileges: Privileges, roles: &str) -> String {
        let public = object
            .effective_acl()
            .iter()
            .any(|item| item.grantee == Grantee::Public && item.privileges.contains(privileges));
        if public { format!("public, {roles}") } else { roles.to_owned() }
    }

    /// REVOKE EXECUTE from a role, and from everybody where that is how the role has it.
    pub fn revoke_execute(&self, routine: &Found<'_, Routine>, role: &str) -> String {
        let from = self.grantees(routine.object, Privileges::EXECUTE, role);
        format!("revoke execute on {} from {from};", self.catalog.sql_routine(routine))
    }
}
