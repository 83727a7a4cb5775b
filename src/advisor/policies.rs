//! What the advisor reads in policies: the text that the server prints of them.

use std::sync::Arc;

use super::{array, holds, is_platform_schema};
use crate::catalog::{Found, ObjectId, Policy, Relation, Tag};
use crate::rule::SchemaContext;
use crate::syntax::PolicyCommand;

/// A policy with its table and the texts of its conditions.
#[derive(Debug)]
pub struct PolicyText<'a> {
    /// The table.
    pub table: Found<'a, Relation>,
    /// The policy.
    pub policy: Found<'a, Policy>,
    /// `pg_policies.qual`.
    pub using: Option<&'a str>,
    /// `pg_policies.with_check`.
    pub check: Option<&'a str>,
}

impl PolicyText<'_> {
    /// Whether either text holds these parts in this order.
    pub fn either_holds(&self, parts: &[&str]) -> bool {
        self.texts().any(|text| holds(text, parts))
    }

    /// The texts there are.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.using.into_iter().chain(self.check)
    }

    /// The roles as `regrole` prints them; `-` for PUBLIC.
    pub fn roles(&self, context: &SchemaContext<'_>) -> Vec<String> {
        if self.policy.is.roles.is_empty() {
            return vec!["-".to_owned()];
        }
        let name = |role: &ObjectId| {
            Some(crate::syntax::quote::quote_identifier(&context.catalog.get(*role)?.name).into_owned())
        };
        self.policy.is.roles.iter().filter_map(name).collect()
    }
}

/// The policies of all relations, in the order they were made. One whose conditions cannot be printed is left out.
pub fn policy_texts<'a>(context: &'a SchemaContext<'_>) -> impl Iterator<Item = PolicyText<'a>> {
    let catalog = context.catalog;
    let texts = catalog.catalog().memo.policy_texts.get_or_init(|| {
        let deparser = context.deparser();
        let print = |id| (deparser.policy_using(id), deparser.policy_check(id));
        Arc::new(catalog.of_kind(Tag::Policy).map(|(id, _)| (id, print(id))).collect())
    });
    let policies =
        catalog.relations().flat_map(move |table| catalog.policies(table.id).map(move |policy| (table, policy)));
    policies.filter_map(move |(table, policy)| {
        let (using, check) = texts.get(&policy.id).map(|(using, check)| (using.as_deref(), check.as_deref()))?;
        let known = using.is_some() == policy.is.using.is_some() && check.is_some() == policy.is.check.is_some();
        known.then_some(PolicyText { table, policy, using, check })
    })
}

/// Whether a text means true to the advisor, blanks left out.
pub fn is_literally_true(text: &str) -> bool {
    let bare: String = text.to_lowercase().chars().filter(|c| !matches!(c, ' ' | '\n' | '\t')).collect();
    ["true", "(true)", "1=1", "(1=1)"].contains(&bare.as_str())
}

/// The word for a policy's command.
pub fn command_word(command: PolicyCommand) -> &'static str {
    match command {
        PolicyCommand::All => "ALL",
        PolicyCommand::Select => "SELECT",
        PolicyCommand::Insert => "INSERT",
        PolicyCommand::Update => "UPDATE",
        PolicyCommand::Delete => "DELETE",
    }
}

/// Whether lint 0003 finds one of its calls in a text and no `select` before any call of the same.
pub fn calls_without_select(text: &str) -> bool {
    let lower = text.to_lowercase();
    let calls: [&[&str]; 5] =
        [&["auth.uid()"], &["auth.jwt()"], &["auth.role()"], &["auth.email()"], &["current_setting(", ")"]];
    calls.iter().any(|call| {
        let wrapped = format!("select {}", call[0]);
        let wrapped: Vec<&str> = std::iter::once(wrapped.as_str()).chain(call[1..].iter().copied()).collect();
        holds(text, call) && !holds(&lower, &wrapped)
    })
}

/// Whether lint 0003 lists a policy.
pub fn is_listed_as_initplan(context: &SchemaContext<'_>, text: &PolicyText<'_>) -> bool {
    let schema = context.catalog.schema_name(text.table.object);
    let looked_at = schema.as_str() == "realtime" || !is_platform_schema(schema.as_str());
    looked_at && text.table.is.row_security.is_some() && text.texts().any(calls_without_select)
}

/// Whether a policy's text compares `bucket_id` with this bucket and says no more: the regular expression of lint 0025.
pub fn is_for_bucket(text: &str, bucket: &str) -> bool {
    let mut rest = text.trim_start().trim_start_matches('(').trim_start();
    let name = "bucket_id";
    if !rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
        return false;
    }
    rest = rest[name.len()..].trim_start();
    let Some(after) = rest.strip_prefix('=') else { return false };
    let quoted = format!("'{}'", bucket.replace('\'', "''"));
    let Some(after) = after.trim_start().strip_prefix(quoted.as_str()) else { return false };
    let mut rest = after.trim_start();
    if let Some(cast) = rest.strip_prefix("::") {
        let cast = cast.trim_start();
        rest = cast.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        if rest.len() == cast.len() {
            return false;
        }
    }
    rest.trim_start().trim_start_matches(')').trim().is_empty()
}

/// A list of names as the advisor prints them within a sentence.
pub fn sorted_array(mut names: Vec<String>) -> (Vec<String>, String) {
    names.sort_unstable();
    let text = array(&names);
    (names, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_excused_by_a_select_of_the_same() {
        assert!(calls_without_select("(auth.uid() = user_id)"));
        assert!(!calls_without_select("(( SELECT auth.uid() AS uid) = user_id)"));
        assert!(!calls_without_select("((( SELECT auth.uid() AS uid) = a) OR (auth.uid() = b))"));
        assert!(calls_without_select("((( SELECT auth.uid() AS uid) = a) OR (auth.role() = 'x'::text))"));
        assert!(calls_without_select("(( SELECT (auth.jwt() ->> 'org'::text)) = org)"));
        assert!(calls_without_select("(current_setting('app.x'::text) = x)"));
        assert!(!calls_without_select("(( SELECT current_setting('app.x'::text) AS current_setting) = x)"));
    }

    #[test]
    fn buckets_are_compared_as_a_whole() {
        assert!(is_for_bucket("(bucket_id = 'avatars'::text)", "avatars"));
        assert!(is_for_bucket("((bucket_id = 'o''neil'::text))", "o'neil"));
        assert!(!is_for_bucket("((bucket_id = 'avatars'::text) AND (owner = a))", "avatars"));
        assert!(!is_for_bucket("(bucket_id = 'avatars'::text)", "avatar"));
        assert!(!is_for_bucket("('avatars'::text = bucket_id)", "avatars"));
    }
}
