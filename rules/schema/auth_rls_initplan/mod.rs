//! A policy that asks who is signed in for every row. The README beside this file is its manual and its test.

use std::collections::BTreeSet;

use crate::rule::advisor::policies::{is_listed_as_initplan, policy_texts};
use crate::rule::advisor::{Entry, Lint};
use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(
    Performance,
    Check::Schema(check),
    advisor: Some(&ADVISOR),
    aliases: &["splinter/0003", "pgrls/PERF001"],
);

const ADVISOR: Lint = Lint {
    number: "0003",
    name: "auth_rls_initplan",
    title: "Auth RLS Initialization Plan",
    level: Severity::Warning,
    category: "PERFORMANCE",
    description: "A policy that asks who is signed in for each row, where one answer would do for the statement.",
    remediation: None,
    entries,
};

fn check(context: &SchemaContext<'_>, report: &mut Report) {
    let asking = session_functions(context.catalog);
    let mut silent = BTreeSet::new();
    // It reads the whole history: once, and where there is something to print.
    let mut deparser = None;
    for table in context.catalog.relations().filter(|table| table.is.row_security.is_some()) {
        for policy in context.catalog.policies(table.id).filter(|policy| !policy.span().is_none()) {
            let calls = repeated_calls(context.catalog.catalog(), policy.id, asking, context.facts.server_version);
            if !calls.is_empty() {
                // With an edit there is a fix in any case.
                let asked = !context.facts.titles_only || calls.iter().any(|call| !call.written);
                let sql = asked.then(|| {
                    let deparser = deparser.get_or_insert_with(|| context.deparser());
                    migration(context, deparser, (&table, &policy), &calls)
                });
                let sql = sql.flatten();
                for call in calls.iter().filter(|call| !call.span.is_none()) {
                    tell(context, report, (&table, &policy), call, sql.as_deref());
                }
            }
            if calls.is_empty() {
                silent.insert(policy.id);
            }
        }
    }
    for text in policy_texts(context).filter(|text| silent.contains(&text.policy.id)) {
        if is_listed_as_initplan(context, &text) {
            tell_of_the_advisor(context, report, (&text.table, &text.policy));
        }
    }
}

/// The advisor goes by the text, and takes what runs once for what runs for each row.
fn tell_of_the_advisor(
    context: &SchemaContext<'_>,
    report: &mut Report,
    (table, policy): (&Found<'_, Relation>, &Found<'_, Policy>),
) {
    report
        .at(policy.span(), format!("the advisor reports policy \"{}\", though nothing is repeated", policy.name()))
        .severity(Severity::Info)
        .label("each call runs once for the statement")
        .help("to content the advisor too, write each as (select auth.uid()), with nothing around the call")
        .subject(format!("{} {} advisor", context.catalog.qualified_name(table.id), policy.name()));
}

fn tell(
    context: &SchemaContext<'_>,
    report: &mut Report,
    (table, policy): (&Found<'_, Relation>, &Found<'_, Policy>),
    call: &RepeatedCall,
    migration: Option<&str>,
) {
    let message = format!("policy \"{}\" calls {} for every row", policy.name(), call.function);
    let finding = report.at(call.span, message);
    finding.label(format!("evaluated once per row of {}", call.rows_of));
    finding.subject(format!("{} {} {}", context.catalog.qualified_name(table.id), policy.name(), call.function));
    if let Some(since) = table.is.row_security {
        finding.also(since, "row security is on since here");
    }
    if let Some(helper) = call.helper.and_then(|helper| context.catalog.get(helper)) {
        finding.also(helper.span, "the function is stable: its answer is the same for the whole statement");
    }
    let written = if call.written { context.sources.slice(call.span) } else { &call.function };
    let wrapped = row_security::in_sub_select(written);
    finding.help(format!("wrap it, so that it runs once per statement: {wrapped}"));
    let mut fix = Fix::safe("wrap the call in a sub-select");
    if call.written {
        fix = fix.replace(call.span, wrapped);
    }
    finding.fix(migration.map_or(fix.clone(), |sql| fix.migrate(sql)));
}

/// ALTER POLICY with all repeated calls wrapped: a statement replaces a whole expression.
fn migration(
    context: &SchemaContext<'_>,
    deparser: &Deparser<'_>,
    (table, policy): (&Found<'_, Relation>, &Found<'_, Policy>),
    calls: &[RepeatedCall],
) -> Option<String> {
    let (catalog, sources, version) = (context.catalog.catalog(), context.sources, context.facts.server_version);
    let clause =
        |check| row_security::clause_asking_once(catalog, sources, deparser, (policy.id, check), calls, version);
    let using = clause(false).map(|text| format!(" using ({text})"));
    let check = clause(true).map(|text| format!(" with check ({text})"));
    let clauses = [using, check].into_iter().flatten().collect::<String>();
    let (name, table) = (quote_identifier(&policy.name()).into_owned(), context.catalog.sql_name(table.id));
    (!clauses.is_empty()).then(|| format!("alter policy {name} on {table}{clauses};"))
}

fn entries(context: &SchemaContext<'_>, entries: &mut Vec<Entry>) {
    for text in policy_texts(context).filter(|text| is_listed_as_initplan(context, text)) {
        let (schema, table) = (context.catalog.schema_name(text.table.object), text.table.name());
        let policy = text.policy.name();
        let detail = format!(
            "Table \\`{schema}.{table}\\` has a row level security policy \\`{policy}\\` that re-evaluates current_setting() or auth.<function>() for each row. This produces suboptimal query performance at scale. Resolve the issue by replacing \\`auth.<function>()\\` with \\`(select auth.<function>())\\`. See [docs](https://supabase.com/docs/guides/database/postgres/row-level-security#call-functions-with-select) for more info."
        );
        let key = format!("auth_rls_init_plan_{schema}_{table}_{policy}");
        entries.push(Entry::about(context.catalog, text.table.object, "table", detail, key));
    }
}
