//! What one scan or sort of a plan lacks, for findings about it: the same index that `pglint advise` proposes.

use std::sync::LazyLock;

use crate::capture::NodeRef;
use crate::catalog::{Constraint, ForeignKey, Found};
use crate::finding::Finding;
use crate::rule::PlanContext;
use crate::stats::Statistics;

use super::access::Access;
use super::candidate::{Candidate, IndexKey};
use super::choose::{Verdict, choose};
use super::name::name;
use super::table::Knowledge;
use super::writes::Writes;
use super::{IndexAdvice, foreign_key, from_plan, words};

/// Rules about plans see no statistics.
static NO_STATISTICS: LazyLock<Statistics> = LazyLock::new(Statistics::default);
/// The server whose functions and types the schema is read with: the newest knows those of all others.
const NEWEST: u8 = 18;

/// Adds to a finding about a scan the index that would find its rows faster, and where its table was made; or why
/// there is none. `printed` are the conditions that its rows are chosen by: an index that is there and was not used
/// comes first.
pub fn advise_index(context: &PlanContext<'_>, finding: &mut Finding, node: NodeRef<'_>, printed: &[&str]) {
    if crate::capture::tell_unused(context, finding, node, printed) {
        return;
    }
    let access = access(context, node);
    let verdict = access.as_ref().map_or(Verdict::Cheap, choose);
    let (Some(access), Verdict::Make(_)) = (&access, &verdict) else {
        context.also_table(finding, node, "the table");
        if let Verdict::Leave(reason) = verdict {
            finding.help(format!("no index: {}", words::reason(&reason).1));
        }
        return;
    };
    let indexes = proposed(access, verdict, |_| true);
    let keys: Vec<&str> = indexes.iter().flat_map(|index| &index.index.keys).map(|key| key.key.sql.as_str()).collect();
    let what = if keys.len() == 1 || indexes.len() > 1 { "starts with" } else { "is on" };
    let keys = if indexes.len() > 1 { keys.join(" or ") } else { keys.join(", ") };
    context.also_table(finding, node, &format!("no index {what} {keys}"));
    for index in indexes {
        finding.help(index.sql);
        index.notes.into_iter().for_each(|note| {
            finding.help(note);
        });
    }
}

/// The statement that makes an index in the order of a Sort, where that is worth its while.
pub fn index_for_order(context: &PlanContext<'_>, sort: NodeRef<'_>) -> Option<String> {
    let access = access(context, sort.outer()?)?;
    let verdict = choose(&access);
    let index = proposed(&access, verdict, |ordered| ordered).into_iter().next()?;
    Some(index.sql)
}

/// The statement that makes the index by which a foreign key finds the rows that reference one.
pub fn index_for_foreign_key(
    context: &PlanContext<'_>,
    constraint: &Found<'_, Constraint>,
    key: &ForeignKey,
) -> String {
    let access = foreign_key::check(knowledge(context), constraint.is.of, key, &constraint.name());
    let keys = access.conditions.iter().map(|condition| IndexKey::plain(&condition.key)).collect();
    let index = Candidate::btree(keys);
    index.statement(&access.table, &name(&access.table, &index, &[]))
}

fn knowledge<'a>(context: &PlanContext<'a>) -> Knowledge<'a> {
    let (sources, catalog) = (context.sources, Some(context.catalog));
    Knowledge { sources, catalog, statistics: &NO_STATISTICS, version: NEWEST }
}

fn access<'a>(context: &PlanContext<'a>, node: NodeRef<'_>) -> Option<Access<'a>> {
    from_plan::access_of(node, knowledge(context))
}

fn proposed(access: &Access<'_>, verdict: Verdict, wanted: impl Fn(bool) -> bool) -> Vec<IndexAdvice> {
    let Verdict::Make(proposals) = verdict else { return Vec::new() };
    let mut indexes: Vec<IndexAdvice> = Vec::new();
    for proposal in proposals.iter().filter(|proposal| wanted(proposal.ordered)) {
        let taken: Vec<String> = indexes.iter().map(|index| index.name.clone()).collect();
        indexes.push(words::index(access, proposal, &taken, &Writes::default(), Vec::new()));
    }
    indexes
}
