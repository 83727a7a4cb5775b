//! A policy that believes what the user says. The README beside this file is its manual and its test.

use crate::rule::advisor::policies::{PolicyText, policy_texts};
use crate::rule::advisor::{self, Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    level: Some(Level::At(Severity::Error)),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0015", "pgrls/SEC021"],
);

const ADVISOR: Lint = Lint {
    number: "0015",
    name: "rls_references_user_metadata",
    title: "RLS references user metadata",
    level: Severity::Error,
    category: "SECURITY",
    description: "A policy that rests on user_metadata, which each user can change.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let catalog = context.catalog;
    for text in policy_texts(context).filter(|text| !text.policy.span().is_none()) {
        let read = |in_check| row_security::condition(catalog.catalog(), text.policy.id, in_check);
        let conditions = [false, true].into_iter().filter_map(read);
        let reads: Vec<Span> = conditions.flat_map(|condition| condition.user_metadata()).collect();
        let name = format!("{} {}", catalog.qualified_name(text.table.id), text.policy.name());
        if reads.is_empty() && is_listed(context, &text) {
            report
                .at(text.policy.span(), format!("the advisor reports policy \"{}\"", text.policy.name()))
                .severity(Severity::Info)
                .label("it names user_metadata, but does not read it")
                .subject(name);
            continue;
        }
        for read in reads {
            let message = format!("policy \"{}\" believes what users write about themselves", text.policy.name());
            report
                .at(read, message)
                .label("each user can change this")
                .help("keep it in app_metadata, or in a table that users cannot write")
                .subject(name.clone());
        }
    }
}

fn is_listed(context: &SchemaContext<'_>, text: &PolicyText<'_>) -> bool {
    let schema = context.catalog.schema_name(text.table.object);
    !advisor::is_platform_schema(schema.as_str())
        && (text.either_holds(&["auth.jwt()", "user_metadata"])
            || text.either_holds(&["current_setting(", "request.jwt.claims", ")", "user_metadata"]))
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for text in policy_texts(context).filter(|text| is_listed(context, text)) {
        let (schema, table) = (context.catalog.schema_name(text.table.object), text.table.name());
        let policy = text.policy.name();
        let detail = format!(
            "Table \\`{schema}.{table}\\` has a row level security policy \\`{policy}\\` that references Supabase Auth \\`user_metadata\\`. \\`user_metadata\\` is editable by end users and should never be used in a security context."
        );
        let key = format!("rls_references_user_metadata_{schema}_{table}_{policy}");
        entries.push(Entry::about(context.catalog, text.table.object, "table", detail, key));
    }
}
