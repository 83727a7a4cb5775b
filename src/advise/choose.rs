//! The best index for one access, or why there is none.

use super::access::Access;
use super::candidate::{Candidate, IndexKey, Method};
use super::condition::{Condition, Obstacle, Test};
use super::cost::{Arm, Cost, cost, planned_scan, size};
use super::ideas::ideas;
use super::selectivity::Selectivity;

/// What is to be done about an access.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// These indexes, all of them together.
    Make(Vec<Proposal>),
    /// It is costly, and this is why no index is proposed.
    Leave(Reason),
    /// It is cheap.
    Cheap,
}

/// An index for one access.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    /// The index.
    pub index: Candidate,
    /// Blocks' worth of work today.
    pub before: f64,
    /// Blocks' worth of work with it.
    pub after: f64,
    /// Bytes that it will take.
    pub size: f64,
    /// Rows that it leaves to read of the table.
    pub fetched: f64,
    /// It spares the sort.
    pub ordered: bool,
    /// The table is not read.
    pub index_only: bool,
    /// It is searched once for each row of another table.
    pub probes: Option<f64>,
    /// Nothing about the conditions was guessed.
    pub certain: bool,
}

/// Why a costly access gets no index.
#[derive(Clone, PartialEq, Debug)]
pub enum Reason {
    /// Nothing narrows it down.
    EveryRow,
    /// So large a part of the rows is kept, 0 to 1.
    KeepsMuch(f64),
    /// A LIMIT ends it early.
    EndsEarly,
    /// A condition that no index can answer as it is written.
    Obstacle(Obstacle),
    /// An index that can answer it is there, and is used.
    Used(String),
    /// An index that can answer it is there, and is not used.
    NotUsed(String),
    /// No index would be twice as good.
    NoGain,
    /// Nothing tells how many rows its conditions keep.
    Unmeasured,
    /// The table is too small.
    Small,
}

/// Blocks' worth of work from which on an access is worth a word.
const LEAST_WORK: f64 = 60.0;
/// Rows from which on a table is worth an index.
const LEAST_ROWS: f64 = 500.0;
/// Bytes from which on a BRIN index instead of a b-tree is worth being a little slower.
const LEAST_BTREE: f64 = 5e6;
/// How many times less work than today a BRIN index must be to be taken whatever a b-tree would take.
const FAR_BETTER: f64 = 20.0;
/// How much more work than a b-tree a BRIN index may be otherwise.
const NEARLY: f64 = 1.5;
/// Blocks' worth of work that a smaller index may take beyond the best.
const NEAR: f64 = 6.0;
/// How many times larger an index may be that answers one more equality.
const UNANSWERED: f64 = 1.25;
/// Blocks' worth of work that included columns must save where an index of the same keys is there.
const LEAST_BESIDE: f64 = 500.0;
/// How many times larger an index may be that has the order of the first few rows.
const UNORDERED: f64 = 4.0;
/// How many times better an access must get.
const LEAST_GAIN: f64 = 2.0;

/// Looks for the best index.
pub fn choose(access: &Access<'_>) -> Verdict {
    let work = access.work();
    if work < LEAST_WORK || access.figures.rows < LEAST_ROWS {
        return Verdict::Cheap;
    }
    if let Some(proposals) = by_parts(access) {
        return Verdict::Make(proposals);
    }
    let selectivity = Selectivity::of(access);
    let arms = arms(access, &selectivity);
    if is_guess(access, &selectivity) {
        return Verdict::Leave(Reason::Unmeasured);
    }
    let mut found: Vec<(Candidate, Cost, Option<f64>)> = Vec::new();
    let planned = planned_scan(access) * 0.9;
    for arm in &arms {
        for index in ideas(arm) {
            if let Some(cost) = cost(arm, &index).filter(|cost| cost.planned < planned) {
                let probes = arm.conditions.iter().any(|condition| condition.joined.is_some()).then_some(arm.probes);
                found.push((index, cost, probes));
            }
        }
    }
    let Some(best) = found.iter().map(|(_, cost, _)| cost.work).min_by(f64::total_cmp) else {
        return Verdict::Leave(why_none(access, &selectivity));
    };
    if let Some(reason) = is_served(access, &arms, best) {
        return Verdict::Leave(reason);
    }
    if work < best * LEAST_GAIN {
        return Verdict::Leave(Reason::NoGain);
    }
    let mut good: Vec<(f64, Candidate, Cost, Option<f64>)> = found
        .into_iter()
        .filter(|(index, cost, _)| !is_there(access, index) && !is_beside(access, &arms, index, cost))
        .filter(|(_, cost, _)| cost.work <= (best * 1.3).max(best + NEAR))
        .map(|(index, cost, probes)| (price(access, &selectivity, &index, &cost), index, cost, probes))
        .collect();
    if good.is_empty() {
        // The best one is there, and reading by it took longer than it should for other reasons.
        return Verdict::Leave(Reason::Used(access.index.clone().unwrap_or_default()));
    }
    good.sort_by(|a, b| {
        let fewer_keys = a.1.keys.len().cmp(&b.1.keys.len());
        a.0.total_cmp(&b.0).then(fewer_keys).then(a.2.work.total_cmp(&b.2.work))
    });
    let (_, index, cost, probes) = good.swap_remove(0);
    let size = size(access, &selectivity, &index);
    let chosen = brin_instead(access, &arms[0], &index, size, &cost, work);
    let (index, cost, size) = chosen.map_or((index, cost, size), |(index, cost)| (index, cost, 24.0 * 1024.0));
    Verdict::Make(vec![proposal(index, cost, size, work, probes, selectivity.certain)])
}

fn proposal(index: Candidate, cost: Cost, size: f64, before: f64, probes: Option<f64>, certain: bool) -> Proposal {
    Proposal {
        index,
        before,
        after: cost.work,
        size,
        fetched: cost.fetched,
        ordered: cost.ordered,
        index_only: cost.index_only,
        probes,
        certain,
    }
}

/// Whether an index of the table is the same, or goes on where this one ends.
fn is_there(access: &Access<'_>, index: &Candidate) -> bool {
    access.table.indexes().into_iter().any(|there| {
        let there = Candidate::of_index(&access.table, there);
        let starts = there.keys.len() >= index.keys.len() && there.keys.iter().zip(&index.keys).all(|(a, b)| a == b);
        let holds = index.include.iter().all(|column| there.columns().contains(&column.as_str()));
        !there.unusable && there.method == index.method && starts && holds && there.predicate == index.predicate
    })
}

/// Whether an index of the table has its keys already, and the columns that it includes besides save too little for a
/// second one.
fn is_beside(access: &Access<'_>, arms: &[Arm<'_, '_>], index: &Candidate, covered: &Cost) -> bool {
    let there = Candidate { include: Vec::new(), ..index.clone() };
    if index.include.is_empty() || !is_there(access, &there) {
        return false;
    }
    let alone = arms.iter().filter_map(|arm| cost(arm, &there)).map(|cost| cost.work);
    alone.min_by(f64::total_cmp).is_some_and(|alone| alone - covered.work < LEAST_BESIDE)
}

/// The ways to find the rows: by the filter alone, and by it and one join each.
pub fn arms<'x, 'a>(access: &'x Access<'a>, selectivity: &'x Selectivity) -> Vec<Arm<'x, 'a>> {
    let filter: Vec<&Condition> = access.conditions.iter().collect();
    let rows = access.figures.rows.max(1.0);
    let order = access.order.as_ref();
    // The order of a table that is read again and again is one of the rows of each reading.
    let whole = order.filter(|_| !access.joins.iter().any(|probe| probe.each));
    let mut arms =
        vec![Arm { access, selectivity, conditions: filter.clone(), probes: 1.0, join_part: 1.0, order: whole }];
    for probe in &access.joins {
        let conditions = filter.iter().copied().chain(&probe.conditions).collect();
        // What the join found, as if the filter had not been there.
        let per_probe = probe.found / probe.rows.max(1.0) / selectivity.all.max(1.0 / rows);
        let join_part = (per_probe / rows).clamp(0.05 / rows, 1.0);
        let order = order.filter(|_| probe.each);
        arms.push(Arm { access, selectivity, conditions, probes: probe.rows.max(1.0), join_part, order });
    }
    arms
}

/// Where the rows are as ordered as their values, a BRIN index a thousand times smaller does nearly as well for
/// ranges of many rows. It finds whole ranges of blocks, so that for few rows it reads many times what they take.
fn brin_instead(
    access: &Access<'_>,
    arm: &Arm<'_, '_>,
    index: &Candidate,
    size: f64,
    btree: &Cost,
    today: f64,
) -> Option<(Candidate, Cost)> {
    let first = index.keys.first().filter(|_| index.method == Method::Btree && index.keys.len() == 1)?;
    let range = access.conditions.iter().any(|it| it.key == first.key && matches!(it.test, Test::Above | Test::Below));
    if !range || access.order.is_some() || size < LEAST_BTREE || !index.predicate.is_empty() {
        return None;
    }
    let brin = Candidate::single(Method::Brin, &first.key, None);
    let cost = cost(arm, &brin)?;
    // Of a table that is partitioned by this column only a part is read today.
    let columns = access.table.partition_columns();
    let is_pruned = first.key.column.as_ref().is_some_and(|column| columns.contains(column));
    let good = !is_pruned && cost.work * FAR_BETTER <= today || cost.work <= btree.work * NEARLY;
    good.then_some((brin, cost))
}

/// Whether an index that is there does as well.
fn is_served(access: &Access<'_>, arms: &[Arm<'_, '_>], best: f64) -> Option<Reason> {
    let enough = (best * 1.6).max(best + 10.0);
    if let Some(used) = access.index.as_ref().filter(|_| access.work() <= enough) {
        return Some(Reason::Used(used.clone()));
    }
    for index in access.table.indexes() {
        let index = Candidate::of_index(&access.table, index);
        let name = index.existing.clone().unwrap_or_default();
        let costs = arms.iter().filter_map(|arm| cost(arm, &index)).map(|cost| cost.work);
        // What it really took is known of the one that was used.
        if Some(&name) != access.index.as_ref() && costs.min_by(f64::total_cmp).is_some_and(|work| work <= enough) {
            return Some(if access.figures.analyzed { Reason::NotUsed(name) } else { Reason::Used(name) });
        }
    }
    None
}

/// What an index takes for choosing among those that are about as good: its size. Where the conditions' parts are
/// guesses, one that leaves an equality to the table must be clearly smaller than one that answers it, and one that
/// leaves the order of the first few rows to a sort much smaller: there may be many to sort.
fn price(access: &Access<'_>, selectivity: &Selectivity, index: &Candidate, cost: &Cost) -> f64 {
    let size = size(access, selectivity, index);
    if selectivity.certain {
        return size;
    }
    let answered = |condition: &&Condition| {
        index.keys.iter().any(|key| key.key == condition.key) || index.predicate.contains(condition)
    };
    let equal = access.conditions.iter().filter(|it| matches!(it.test, Test::Equal | Test::In(_)));
    let open = equal.filter(|condition| !answered(condition)).count();
    let first = access.order.as_ref().is_some_and(|order| order.limit.is_some());
    let unordered = if first && !cost.ordered && !access.is_measured() { UNORDERED } else { 1.0 };
    size * UNANSWERED.powi(open as i32) * unordered
}

/// Whether the query alone has to say how many rows are kept, and does not: a status and an open range may keep any
/// part of them.
fn is_guess(access: &Access<'_>, selectivity: &Selectivity) -> bool {
    let conditions = &access.conditions;
    let measured = access.is_measured() || selectivity.certain;
    if measured || conditions.is_empty() || !access.any.is_empty() || access.foreign_key.is_some() {
        return false;
    }
    let few = access.order.as_ref().is_some_and(|order| order.limit.is_some());
    let hints: usize = conditions.iter().map(|condition| hint(access, condition)).sum();
    !few && access.joins.is_empty() && hints < 2
}

/// How strongly a condition hints that few rows pass: 2 for one that names something, 1 for a kind of rows or an end
/// of a range.
fn hint(access: &Access<'_>, condition: &Condition) -> usize {
    let column = condition.key.column.as_deref();
    let kind = column.is_some_and(|column| access.table.is_kind(column));
    match condition.test {
        Test::True | Test::False | Test::NotNull => 0,
        Test::Null | Test::Row(_) => 1,
        Test::Equal | Test::In(_) => 2 - usize::from(kind),
        // Of `> 0` everybody expects that all pass.
        Test::Above | Test::Below if condition.values.iter().all(|value| matches!(value.as_str(), "0" | "1")) => 0,
        Test::Above | Test::Below => 1,
        Test::Prefix | Test::Pattern | Test::Contains | Test::Gin(_) => 2,
    }
}

fn why_none(access: &Access<'_>, selectivity: &Selectivity) -> Reason {
    if let Some(obstacle) = access.obstacles.iter().min() {
        return Reason::Obstacle(*obstacle);
    }
    if let Some(index) = &access.index {
        return Reason::Used(index.clone());
    }
    let nothing = access.conditions.is_empty() && access.any.is_empty();
    match (nothing, access.figures.kept) {
        (true, _) => Reason::EveryRow,
        (false, Some(kept)) => Reason::KeepsMuch(kept / access.figures.rows),
        (false, None) if !access.any.is_empty() => Reason::Obstacle(Obstacle::Or),
        (false, None) => Reason::KeepsMuch(selectivity.all),
    }
}

/// OR: each part needs an index of its own, and a bitmap brings them together.
fn by_parts(access: &Access<'_>) -> Option<Vec<Proposal>> {
    let [parts] = access.any.as_slice() else { return None };
    let mut proposals: Vec<Proposal> = Vec::new();
    let mut after = 0.0;
    for part in parts {
        let mut alone = access.clone();
        alone.any.clear();
        alone.order = None;
        alone.conditions.extend(part.iter().cloned());
        alone.needed = None;
        let selectivity = Selectivity::of(&alone);
        let arm = &arms(&alone, &selectivity)[0];
        let best = ideas(arm).into_iter().filter_map(|index| Some((cost(arm, &index)?, index)));
        let best = best.min_by(|a, b| a.0.work.total_cmp(&b.0.work).then(a.1.keys.len().cmp(&b.1.keys.len())));
        let (cost_of_best, index) = best?;
        after += cost_of_best.work;
        let there = alone.table.indexes().into_iter().map(|index| Candidate::of_index(&alone.table, index));
        let enough = (cost_of_best.work * 1.6).max(cost_of_best.work + 10.0);
        let served = there.filter_map(|index| cost(arm, &index)).any(|cost| cost.work <= enough);
        let twice = proposals.iter().any(|other| other.index == index);
        if !served && !twice && !is_there(&alone, &index) {
            let size = size(&alone, &selectivity, &index);
            proposals.push(proposal(index, cost_of_best, size, access.work(), None, selectivity.certain));
        }
    }
    let worth = !proposals.is_empty() && access.work() >= after * LEAST_GAIN;
    worth.then_some(proposals)
}

/// A key with the operator class that patterns at the start of a text need.
pub(super) fn pattern_key(condition: &Condition, access: &Access<'_>) -> IndexKey {
    let ty = condition.key.column.as_deref().and_then(|column| access.table.type_of(column));
    let class = if ty.is_some_and(|ty| ty == "character") { "bpchar_pattern_ops" } else { "text_pattern_ops" };
    IndexKey { class: Some(class.to_owned()), ..IndexKey::plain(&condition.key) }
}
