//! A view that shows the accounts of the project. The README beside this file is its manual and its test.

use crate::rule::advisor::{self, Entry, Lint, Value};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0002", "pgrls/VIEW004"],
);

const ADVISOR: Lint = Lint {
    number: "0002",
    name: "auth_users_exposed",
    title: "Exposed Auth Users",
    level: Severity::Error,
    category: "SECURITY",
    description: "A view in a schema that the API serves reads auth.users, and the API's roles can read the view.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    let Some(users) = auth_users(context) else { return };
    for view in views(context).filter(|view| context.is_ours(view.object)) {
        let Some(through) = path_to(catalog, &view, users.id) else { continue };
        // A view with the caller's rights asks whether the caller may read the accounts.
        let roles: Vec<&str> = context
            .api_roles_that(view.id, Privileges::SELECT)
            .into_iter()
            .filter(|role| !view.is.is_security_invoker() || may_read(context, role, through.unwrap_or(users.id)))
            .collect();
        if roles.is_empty() {
            continue;
        }
        let name = catalog.qualified_name(view.id);
        let message = format!("view {name} shows auth.users to {}", roles.join(" and "));
        let finding = report.at(view.span(), message);
        finding.label("reads the accounts with its owner's rights");
        if let Some(through) = through.and_then(|id| catalog.relation(id)) {
            finding.also(through.span(), "reads auth.users; the view reads this");
        }
        let from = context.grantees(view.object, Privileges::SELECT, "anon, authenticated");
        let revoke = format!("revoke all on {} from {from};", catalog.sql_name(view.id));
        finding.help("copy what may be seen into a table of its own, kept by a trigger on auth.users");
        finding.help(format!("or keep the view from the API: {revoke}"));
        finding.subject(name).fix(Fix::needs_review("keep the view from the API").migrate(revoke));
    }
}

fn auth_users<'a>(context: &'a SchemaContext<'_>) -> Option<Found<'a, Relation>> {
    let schema = context.catalog.schema(Name::from("auth"))?;
    context.catalog.relation(context.catalog.relation_in(schema, Name::from("users"))?)
}

fn views<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Relation>> {
    let is_view = |relation: &Found<'_, Relation>| {
        matches!(relation.is.class, RelationClass::View | RelationClass::MaterializedView)
    };
    context.catalog.relations().filter(move |view| is_view(view) && context.is_exposed(view.object))
}

fn may_read(context: &SchemaContext<'_>, role: &str, relation: ObjectId) -> bool {
    let role = context.catalog.role(Name::from(role));
    role.is_some_and(|role| context.catalog.has_privilege(role, relation, Privileges::SELECT))
}

/// Whether a view reads the relation itself (`Some(None)`) or through other views that use their owners' rights
/// (`Some(first)`).
fn path_to(catalog: CatalogAt<'_>, view: &Found<'_, Relation>, target: ObjectId) -> Option<Option<ObjectId>> {
    let reads = |relation: &Relation| -> Vec<ObjectId> {
        relation.query.iter().flat_map(|query| query.reads.iter().map(|(id, _)| *id)).collect()
    };
    if reads(view.is).contains(&target) {
        return Some(None);
    }
    for first in reads(view.is) {
        let mut seen = vec![first];
        let mut next = 0;
        while let Some(&id) = seen.get(next) {
            next += 1;
            let Some(relation) = catalog.relation(id) else { continue };
            let below = reads(relation.is);
            if below.contains(&target) {
                return Some(Some(first));
            }
            let fresh: Vec<ObjectId> = below.into_iter().filter(|id| !seen.contains(id)).collect();
            seen.extend(fresh);
        }
    }
    None
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let catalog = context.catalog;
    let Some(users) = auth_users(context) else { return };
    for view in views(context) {
        let reads = view.is.query.as_ref().is_some_and(|query| query.reads.iter().any(|(id, _)| *id == users.id));
        let guarded = view.is.class == RelationClass::View
            && advisor::is_invoker_to_the_advisor(view.is)
            && users.is.row_security.is_some();
        let roles = context.api_roles_that(view.id, Privileges::SELECT);
        let Some(first) = roles.first().filter(|_| reads && !guarded) else { continue };
        let (schema, name) = (catalog.schema_name(view.object), view.name());
        let detail = format!(
            "View/Materialized View \"{name}\" in the public schema may expose \\`auth.users\\` data to anon or authenticated roles."
        );
        let key = format!("auth_users_exposed_{schema}_{name}");
        // Its CASE stops at the first role, so that only that one is named.
        let exposed_to = Value::Texts(vec![(*first).to_owned()]);
        entries.push(Entry::about(catalog, view.object, "view", detail, key).with("exposed_to", exposed_to));
    }
}
