//! A public bucket whose files anyone can list. The README beside this file is its manual and its test.

use crate::rule::advisor::policies::{PolicyText, is_for_bucket, is_literally_true, policy_texts};
use crate::rule::advisor::{Entry, Lint, Value};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Security,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0025", "pgrls/SEC050"],
);

const ADVISOR: Lint = Lint {
    number: "0025",
    name: "public_bucket_allows_listing",
    title: "Public Bucket Allows Listing",
    level: Severity::Warning,
    category: "SECURITY",
    description: "A public bucket with a policy that lets its files be listed, which reading them by URL does not need.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let policies = listing_policies(context);
    for bucket in public_buckets(context) {
        let name = bucket.name();
        for text in broad_for(&policies, name) {
            let policy = text.policy.name();
            let drop = format!("drop policy if exists {} on storage.objects;", quote_identifier(&policy));
            report
                .at(text.policy.span(), format!("policy \"{policy}\" lets all files of bucket {name} be listed"))
                .label("files of a public bucket are read by URL, without a policy")
                .also(bucket.span(), "the bucket is public")
                .help(format!("drop it, or let each user list only what is theirs: {drop}"))
                .subject(format!("{name} {policy}"));
        }
    }
}

fn public_buckets<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = Found<'a, Bucket>> {
    context.catalog.buckets().filter(|bucket| bucket.is.public == Some(true))
}

/// The permissive policies for SELECT on storage.objects that the API's roles are under.
fn listing_policies<'a>(context: &'a SchemaContext<'_>) -> Vec<PolicyText<'a>> {
    let catalog = context.catalog;
    let listing = |text: &PolicyText<'_>| {
        let roles = text.roles(context);
        let to_api = roles.iter().any(|role| ["-", "anon", "authenticated"].contains(&role.as_str()));
        text.table.name().as_str() == "objects"
            && catalog.schema_name(text.table.object).as_str() == "storage"
            && text.policy.is.permissive
            && matches!(text.policy.is.command, PolicyCommand::Select | PolicyCommand::All)
            && to_api
    };
    policy_texts(context).filter(listing).collect()
}

fn broad_for<'p, 'a>(policies: &'p [PolicyText<'a>], bucket: Name) -> impl Iterator<Item = &'p PolicyText<'a>> {
    let broad = move |text: &&PolicyText<'_>| {
        text.using.is_none_or(|using| is_literally_true(using) || is_for_bucket(using, bucket.as_str()))
    };
    policies.iter().filter(broad)
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    let policies = listing_policies(context);
    for bucket in public_buckets(context) {
        let id = bucket.name();
        let mut names: Vec<String> = broad_for(&policies, id).map(|text| text.policy.name().to_string()).collect();
        if names.is_empty() {
            continue;
        }
        names.sort_unstable();
        let title = bucket.is.title.unwrap_or(id);
        let count = names.len() as i64;
        let word = if count == 1 { "policy" } else { "policies" };
        let list = names.join(", ");
        entries.push(Entry {
            detail: format!(
                "Public bucket `{title}` has {count} broad SELECT {word} on `storage.objects` ({list}), allowing clients to list all files. Public buckets don't need this for object URL access and it may expose more data than intended."
            ),
            metadata: vec![
                ("schema", "storage".into()),
                ("name", title.as_str().into()),
                ("type", "bucket".into()),
                ("bucket_id", id.as_str().into()),
                ("bucket_name", title.as_str().into()),
                ("policy_names", Value::Texts(names)),
                ("policy_count", Value::Number(count)),
            ],
            cache_key: format!("public_bucket_allows_listing_{id}"),
        });
    }
}
