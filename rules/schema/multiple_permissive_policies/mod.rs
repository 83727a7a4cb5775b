//! Permissive policies that all run for one command. The README beside this file is its manual and its test.

use std::collections::BTreeMap;

use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    // Each is one more condition a row: seldom what makes a query slow, and merging them is easily got wrong.
    level: Some(Level::At(Severity::Info)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0006", "pgrls/HYG003"],
);

const ADVISOR: Lint = Lint {
    number: "0006",
    name: "multiple_permissive_policies",
    title: "Multiple Permissive Policies",
    level: Severity::Warning,
    category: "PERFORMANCE",
    description: "Several permissive policies for one role and command: the server evaluates all of them for each row.",
    remediation: None,
    entries,
};

const COMMANDS: [(PolicyCommand, &str); 4] = [
    (PolicyCommand::Select, "SELECT"),
    (PolicyCommand::Insert, "INSERT"),
    (PolicyCommand::Update, "UPDATE"),
    (PolicyCommand::Delete, "DELETE"),
];

/// The policies that apply together, in the order they were made.
type Together<'a> = Vec<Found<'a, Policy>>;

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for table in catalog.tables().filter(|table| table.is.row_security.is_some() && context.is_ours(table.object)) {
        let policies: Together<'_> = catalog.policies(table.id).filter(|policy| policy.is.permissive).collect();
        if policies.len() < 2 {
            continue;
        }
        // The same policies for several commands and roles are one finding.
        let mut groups: BTreeMap<Vec<ObjectId>, (Vec<&str>, Vec<Name>)> = BTreeMap::new();
        for (command, word) in COMMANDS {
            for (role, name) in roles_in_use(context, &policies) {
                let ids: Vec<ObjectId> = together(&policies, command, role).iter().map(|policy| policy.id).collect();
                if ids.len() > 1 {
                    let (words, names) = groups.entry(ids).or_default();
                    push_new(words, word);
                    push_new(names, name);
                }
            }
        }
        for (ids, (words, names)) in groups {
            tell(context, report, &table, (&ids, &words, &names));
        }
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The roles that the policies name; where all are for everybody, the API's or, without one, everybody.
fn roles_in_use(context: &SchemaContext<'_>, policies: &Together<'_>) -> Vec<(Option<ObjectId>, Name)> {
    let catalog = context.catalog;
    let named = policies.iter().flat_map(|policy| policy.is.roles.iter().copied());
    let api = ["anon", "authenticated"].iter().filter_map(|name| catalog.role(Name::from(*name)));
    let mut roles = Vec::new();
    named.chain(api).for_each(|role| push_new(&mut roles, role));
    let subject = |role: &ObjectId| catalog.get(*role).and_then(|it| it.as_role()).is_some_and(|role| !role.bypass_rls);
    let roles: Vec<(Option<ObjectId>, Name)> =
        roles.into_iter().filter(subject).filter_map(|role| Some((Some(role), catalog.get(role)?.name))).collect();
    if roles.is_empty() { vec![(None, Name::from("everybody"))] } else { roles }
}

/// The permissive policies for a command that apply to a role (`None`: to those without any of their own).
fn together<'a>(policies: &Together<'a>, command: PolicyCommand, role: Option<ObjectId>) -> Together<'a> {
    let applies = |policy: &&Found<'a, Policy>| {
        let to = &policy.is.roles;
        matches!(policy.is.command, PolicyCommand::All) | (policy.is.command == command)
            && (to.is_empty() || role.is_some_and(|role| to.contains(&role)))
    };
    policies.iter().filter(applies).copied().collect()
}

fn tell(
    context: &SchemaContext<'_>,
    report: &mut Report,
    table: &Found<'_, Relation>,
    (ids, words, names): (&[ObjectId], &[&str], &[Name]),
) {
    let catalog = context.catalog;
    let name = catalog.short_name(table.id);
    let policies: Vec<_> = ids.iter().filter_map(|id| catalog.get(*id)).collect();
    let Some((last, others)) = policies.split_last() else { return };
    let words = words.join(", ").to_lowercase();
    let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let finding = report.at(last.span, format!("{} permissive policies of {name} for {words}", ids.len()));
    finding.label(format!("each row is held against all of them, for {names}"));
    for other in others {
        finding.also(other.span, "and this one");
    }
    finding.note("a row that one of them lets through is let through: they are joined by OR");
    let is: Vec<&Policy> = policies.iter().filter_map(|policy| policy.as_policy()).collect();
    let widened = widened_by_merging(&is);
    widened.iter().for_each(|what| {
        finding.note(*what);
    });
    finding.help(match widened {
        Some(_) => "give each role and command one policy; join conditions only for roles and commands they share",
        None => "for the same roles and command one policy with the conditions joined by OR means the same",
    });
    finding.subject(format!("{} {words} {names}", catalog.qualified_name(table.id)));
}

/// What one policy in place of all would let somebody do who may not do it now.
fn widened_by_merging(policies: &[&Policy]) -> Option<&'static str> {
    let sorted = |policy: &&Policy| {
        let mut roles = policy.roles.clone();
        roles.sort_unstable();
        roles
    };
    if policies.windows(2).any(|pair| sorted(&pair[0]) != sorted(&pair[1])) {
        return Some("they are not for the same roles: merged into one, as the advisor says, they let somebody in");
    }
    let differ = policies.windows(2).any(|pair| pair[0].command != pair[1].command);
    differ.then_some("they are not for the same commands: merged into one, as the advisor says, they allow more")
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let catalog = context.catalog;
    let roles = listed_roles(context);
    let tables = catalog.relations().filter(|table| table.is.class == RelationClass::Table);
    for table in tables.filter(|table| context.is_ours(table.object)) {
        let policies: Together<'_> = catalog.policies(table.id).filter(|policy| policy.is.permissive).collect();
        if policies.len() < 2 {
            continue;
        }
        let (schema, name) = (catalog.schema_name(table.object), table.name());
        for (command, word) in COMMANDS {
            for &(role, role_name) in &roles {
                let together = together(&policies, command, role);
                if together.len() < 2 {
                    continue;
                }
                let mut names: Vec<Name> = together.iter().map(Found::name).collect();
                names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
                let detail = format!(
                    "Table \\`{schema}.{name}\\` has multiple permissive policies for role \\`{role_name}\\` for action \\`{word}\\`. Policies include \\`{}\\`",
                    advisor::array(&names)
                );
                let key = format!("multiple_permissive_policies_{schema}_{name}_{role_name}_{word}");
                entries.push(Entry::about(catalog, table.object, "table", detail, key));
            }
        }
    }
}

/// The roles that the advisor asks about, those that the project is said to have besides among them.
fn listed_roles(context: &SchemaContext<'_>) -> Vec<(Option<ObjectId>, Name)> {
    // `LIKE 'pg_%'`, where the underscore is any letter, and `LIKE 'supabase%admin'`.
    let left_out = |name: &str| {
        (name.starts_with("pg") && name.len() > 2) || (name.starts_with("supabase") && name[8..].ends_with("admin"))
    };
    let made = context.catalog.roles().filter(|role| !role.is.bypass_rls && !left_out(role.name().as_str()));
    let made = made.map(|role| (Some(role.id), role.name()));
    let told = context.facts.roles.iter().filter(|name| !left_out(name.as_str())).map(|name| (None, *name));
    made.chain(told).collect()
}
