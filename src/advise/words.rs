//! Advice in words: why, how sure, at what price.

use crate::capture::figures::{count, percent, plural, size, time, times};

use super::access::Access;
use super::candidate::{Candidate, Method};
use super::choose::{Proposal, Reason};
use super::condition::{Obstacle, Test};
use super::name::name;
use super::writes::Writes;
use super::{IndexAdvice, Question, Why};

/// An access that a plan showed must have taken so much work for silence about it to be an omission.
const LEAST_TOLD: f64 = 200.0;

/// Why a costly access gets no index; `None` where nobody would ask.
pub fn why(access: &Access<'_>, why: &Reason) -> Option<Why> {
    if access.work() < LEAST_TOLD || matches!(why, Reason::Used(_) | Reason::Small) {
        return None;
    }
    let (code, reason) = reason(why);
    Some(Why { table: access.table.short_name(), span: access.span, code, reason })
}

/// A word for machines, and the reason for people.
pub fn reason(reason: &Reason) -> (&'static str, String) {
    match reason {
        Reason::EveryRow => ("every_row", "every row is needed".to_owned()),
        Reason::KeepsMuch(part) => ("keeps_much", format!("its conditions keep {} of the rows", percent(*part))),
        Reason::EndsEarly => ("ends_early", "a LIMIT ends it early".to_owned()),
        Reason::Obstacle(obstacle) => obstacle_words(*obstacle),
        Reason::Used(name) => ("already_indexed", format!("{name} serves it")),
        Reason::NotUsed(name) => (
            "index_not_used",
            format!("{name} could serve it and was not used: is the table analyzed, are the types compared the same?"),
        ),
        Reason::NoGain => ("no_gain", "no index would make it twice as fast".to_owned()),
        Reason::Unmeasured => (
            "unmeasured",
            "how many rows its conditions keep is not known: give its plan, or the exported pg_stats".to_owned(),
        ),
        Reason::Small => ("small_table", "the table is small".to_owned()),
    }
}

fn obstacle_words(obstacle: Obstacle) -> (&'static str, String) {
    let (code, words) = match obstacle {
        Obstacle::Negated => ("negated", "it asks for what a column is not, and no index finds that"),
        Obstacle::Or => ("or_over_columns", "OR joins conditions of which one has no index: write it as UNION"),
        Obstacle::Element => {
            ("any_of_column", "no index finds an element by = ANY: write it as column @> array[value]")
        }
        Obstacle::Wrapped => {
            ("wrapped_column", "the column is changed before it is compared: compare it as it is stored")
        }
        Obstacle::PerRow => ("per_row_value", "what it is compared with may be another value for each row"),
        Obstacle::Pattern => ("short_pattern", "the pattern has no three letters in a row to look for"),
        Obstacle::Other => ("not_indexable", "no index answers this condition as it is written"),
    };
    (code, words.to_owned())
}

/// A proposal with all that is to be said of it.
pub fn index(
    access: &Access<'_>,
    proposal: &Proposal,
    taken: &[String],
    writes: &Writes,
    serves: Vec<usize>,
) -> IndexAdvice {
    let table = &access.table;
    let index = &proposal.index;
    let name = name(table, index, taken);
    let (confidence, assumptions) = confidence(access, proposal);
    IndexAdvice {
        sql: index.statement(table, &name),
        table: table.sql_name(),
        table_span: table.span(),
        span: access.span,
        index: index.clone(),
        confidence,
        evidence: evidence(access, proposal),
        assumptions,
        size: proposal.size,
        gain: (proposal.before, proposal.after),
        write_cost: writes.cost(table, index),
        replaces: replaced(access, index),
        notes: notes(access, index),
        serves,
        name,
    }
}

fn evidence(access: &Access<'_>, proposal: &Proposal) -> Vec<String> {
    let figures = &access.figures;
    let mut all = Vec::new();
    if let Some(key) = &access.foreign_key {
        all.push(format!(
            "foreign key {key} looks for rows of {} that reference the one that goes",
            access.table.short_name()
        ));
    } else if figures.counted {
        let rows = plural(figures.rows, "row");
        let kept = figures.kept.filter(|_| !access.conditions.is_empty() || !access.any.is_empty());
        let kept = kept.map_or(String::new(), |kept| format!(" to keep {}", count(kept.floor())));
        all.push(format!("reads {rows} of {}{kept}", access.table.short_name()));
    }
    if let Some(probes) = proposal.probes {
        all.push(format!("is joined with {} of another table", plural(probes.ceil(), "row")));
    }
    if let Some(order) = access.order.as_ref().filter(|_| proposal.ordered) {
        let rows = order.limit.map_or_else(String::new, |limit| format!(" to give the first {}", count(limit)));
        all.push(format!("sorts{rows}; the index has the order"));
    }
    if proposal.index_only {
        all.push("the index holds all that is needed: the table is not read".to_owned());
    }
    if proposal.after > 0.0 {
        all.push(format!("about {} less work", times(proposal.before / proposal.after)));
    }
    all
}

/// How much the statements that an index serves run, by pg_stat_statements.
pub fn load<'q>(served: impl Iterator<Item = &'q Question<'q>>) -> Option<String> {
    let mut known: Vec<(usize, f64, f64)> =
        served.filter_map(|question| Some((question.known?, question.calls?, question.total?))).collect();
    known.sort_unstable_by_key(|(place, ..)| *place);
    known.dedup_by_key(|(place, ..)| *place);
    let (calls, total) = known.iter().fold((0.0, 0.0), |sum, (_, calls, total)| (sum.0 + calls, sum.1 + total));
    (calls > 0.0).then(|| format!("what it serves ran {} and took {} in all", plural(calls, "time"), time(total)))
}

/// Each thing that is assumed makes it less sure.
fn confidence(access: &Access<'_>, proposal: &Proposal) -> (f64, Vec<String>) {
    let mut assumptions = Vec::new();
    let mut confidence = 0.97_f64;
    let mut assume = |holds: bool, factor: f64, words: &str| {
        if holds {
            confidence *= factor;
            assumptions.push(words.to_owned());
        }
    };
    let figures = &access.figures;
    assume(!access.table.is_known(), 0.85, "the table is in no migration: its types and indexes are not known");
    assume(access.table.is_inferred, 0.9, "the partitioned table is called what its partitions' names begin with");
    assume(!figures.analyzed, 0.8, "the query was not run: rows are estimates");
    assume(figures.analyzed && !figures.counted, 0.92, "the size of the table is inferred");
    assume(!proposal.certain && !figures.counted, 0.85, "how many rows a value has is guessed from the column");
    let partial = proposal.index.predicate.iter().any(|condition| condition.test == Test::Equal);
    assume(partial, 0.9, "the value in its condition is always the same");
    let pattern =
        proposal.index.keys.iter().any(|key| key.class.as_deref().is_some_and(|it| it.ends_with("pattern_ops")));
    assume(pattern, 0.95, "the database's collation is not C");
    assume(proposal.index_only, 0.95, "the table is vacuumed, so that its pages are all-visible");
    assume(proposal.probes.is_some(), 0.95, "the planner joins by looking rows up");
    ((confidence * 100.0).round() / 100.0, assumptions)
}

/// Indexes that are there and that the new one makes needless.
fn replaced(access: &Access<'_>, index: &Candidate) -> Vec<String> {
    let shorter = |old: &Candidate| index.extends(old) && !old.unusable;
    let indexes = access.table.indexes().into_iter().filter(|it| !it.is.unique && it.is.constraint.is_none());
    let old = indexes.map(|it| Candidate::of_index(&access.table, it)).filter(shorter);
    old.filter_map(|old| old.existing).collect()
}

fn notes(access: &Access<'_>, index: &Candidate) -> Vec<String> {
    let mut notes = Vec::new();
    let table = &access.table;
    if table.is_partitioned() {
        notes.push(format!(
            "{} is partitioned: this locks it while it builds; on a live table make it ON ONLY, then one of each partition concurrently, and attach those",
            table.short_name()
        ));
    }
    let trigram = index.keys.iter().any(|key| key.class.as_deref().is_some_and(|class| class.contains("trgm")));
    if trigram && !table.knowledge.catalog.is_some_and(|catalog| catalog.has_extension("pg_trgm")) {
        notes.push("it needs: create extension if not exists pg_trgm;".to_owned());
    }
    let range = index.keys.len() == 1
        && index.method == Method::Btree
        && access
            .conditions
            .iter()
            .any(|it| matches!(it.test, Test::Above | Test::Below) && it.key == index.keys[0].key);
    let column = index.keys.first().and_then(|key| key.key.column.as_deref());
    if range && column.is_some_and(|column| table.correlation(column).is_none()) && access.figures.rows > 1e5 {
        notes.push("where rows arrive in this order, using brin is a thousand times smaller".to_owned());
    }
    notes
}

/// `about 9 MB`.
pub fn about(bytes: f64) -> String {
    format!("about {}", size(bytes / 1024.0))
}
