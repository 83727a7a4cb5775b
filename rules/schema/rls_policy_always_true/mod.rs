//! A policy that lets everybody write. The README beside this file is its manual and its test.

use crate::rule::advisor::policies::{PolicyText, command_word, is_literally_true, policy_texts};
use crate::rule::advisor::{self, Entry, Lint, Value};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0024", "pgrls/SEC006"],
);

const ADVISOR: Lint = Lint {
    number: "0024",
    name: "rls_policy_always_true",
    title: "RLS Policy Always True",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A policy that lets each row be written: its condition is true whatever the row.",
    remediation: Some("https://supabase.com/docs/guides/database/database-linter?lint=0024_permissive_rls_policy"),
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for text in candidates(context).filter(|text| !text.policy.span().is_none()) {
        let policy = text.policy.is;
        let truth = |in_check| {
            let condition = row_security::condition(catalog.catalog(), text.policy.id, in_check);
            condition.and_then(|condition| condition.truth()) == Some(true)
        };
        let (using, check) = (truth(false), truth(true));
        let opens = opened(policy.command, using, policy.check.is_some(), check);
        let name = format!("{} {}", catalog.qualified_name(text.table.id), text.policy.name());
        let who = if policy.roles.is_empty() { "everybody".to_owned() } else { text.roles(context).join(", ") };
        let table = catalog.short_name(text.table.id);
        if opens.is_empty() {
            if let Some(why) = listed(&text).then(|| why_listed(policy)) {
                report
                    .at(
                        text.policy.span(),
                        format!("the advisor reports policy \"{}\" as always true", text.policy.name()),
                    )
                    .severity(Severity::Info)
                    .label(why)
                    .subject(name);
            }
            continue;
        }
        let span = if using { &policy.using } else { &policy.check }.as_ref().map_or(text.policy.span(), |it| it.span);
        let finding = report.at(span, format!("policy \"{}\" lets {who} {opens} {table}", text.policy.name()));
        finding.label("true for each row").subject(name);
        finding.also(text.policy.span(), "the policy");
        finding.help("say which rows are whose, or leave writing to the service role: it needs no policy");
    }
}

/// What may be done to which rows, for people; empty where neither clause opens anything.
fn opened(command: PolicyCommand, using: bool, has_check: bool, check: bool) -> &'static str {
    let new_rows = check || (using && !has_check);
    match (command, using, new_rows) {
        (PolicyCommand::Insert, _, true) => "insert any row into",
        (PolicyCommand::Update, true, _) => "update any row of",
        (PolicyCommand::Update, false, true) => "update own rows to anything in",
        (PolicyCommand::Delete, true, _) => "delete any row of",
        (PolicyCommand::All, true, true) => "read and write any row of",
        (PolicyCommand::All, true, false) => "read and delete any row of",
        (PolicyCommand::All, false, true) => "insert any row into",
        _ => "",
    }
}

/// Why the advisor is wrong: without its clause a policy lets nothing through.
fn why_listed(policy: &Policy) -> &'static str {
    match (policy.command, policy.using.is_none()) {
        (PolicyCommand::Insert, _) => "without WITH CHECK it lets nothing be inserted",
        (_, true) => "without USING it lets no row be read, updated or deleted",
        _ => "its condition is not true for each row",
    }
}

/// Permissive policies of tables with row security for PUBLIC, anon or authenticated.
fn candidates<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = PolicyText<'a>> {
    policy_texts(context).filter(|text| {
        let table = text.table.is;
        let to_api = || text.roles(context).iter().any(|role| role == "anon" || role == "authenticated");
        table.class == RelationClass::Table
            && table.row_security.is_some()
            && text.policy.is.permissive
            && !advisor::is_platform_schema(context.catalog.schema_name(text.table.object).as_str())
            && (text.policy.is.roles.is_empty() || to_api())
    })
}

/// Whether USING and WITH CHECK are always true to the advisor.
fn to_the_advisor(text: &PolicyText<'_>) -> (bool, bool) {
    let command = text.policy.is.command;
    let using_is_true = text.using.is_some_and(is_literally_true);
    let writes = matches!(command, PolicyCommand::Update | PolicyCommand::Delete | PolicyCommand::All);
    let using = writes && (using_is_true || text.using.is_none());
    let check = match text.check {
        Some(check) => is_literally_true(check),
        None => match command {
            PolicyCommand::Insert => true,
            PolicyCommand::Update | PolicyCommand::All => using_is_true,
            _ => false,
        },
    };
    (using, check)
}

fn listed(text: &PolicyText<'_>) -> bool {
    let (using, check) = to_the_advisor(text);
    using || check
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for text in candidates(context).filter(listed) {
        let (using, check) = to_the_advisor(&text);
        let which = match (using, check) {
            (true, true) => " (both USING and WITH CHECK are always true)",
            (true, false) => " (USING clause is always true)",
            (false, _) => " (WITH CHECK clause is always true)",
        };
        let (schema, table) = (context.catalog.schema_name(text.table.object), text.table.name());
        let (policy, command) = (text.policy.name(), command_word(text.policy.is.command));
        let roles = text.roles(context);
        let detail = format!(
            "Table `{schema}.{table}` has an RLS policy `{policy}` for `{command}` that allows unrestricted access{which}. This effectively bypasses row-level security for {}.",
            roles.join(", ")
        );
        let key = format!("rls_policy_always_true_{schema}_{table}_{policy}");
        let entry = Entry::about(context.catalog, text.table.object, "table", detail, key);
        entries.push(
            entry
                .with("policy_name", policy.as_str())
                .with("command", command)
                .with("roles", Value::Texts(roles))
                .with("qual", text.using.map(str::to_owned))
                .with("with_check", text.check.map(str::to_owned))
                .with("permissive_using", using)
                .with("permissive_with_check", check),
        );
    }
}
