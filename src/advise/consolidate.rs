//! The smallest set of indexes that serves all accesses nearly as well as each one's own best.

use super::access::Access;
use super::candidate::{Candidate, Method};
use super::choose::{Proposal, arms};
use super::cost::cost;
use super::selectivity::Selectivity;

/// What an access may cost beyond its own best when it shares an index, blocks' worth of work.
const SLACK: f64 = 12.0;

/// An index of the set, and the accesses that it serves.
#[derive(Clone, PartialEq, Debug)]
pub struct Shared {
    /// The index, as the access that asked first wants it.
    pub proposal: Proposal,
    /// That access's place in the list of wishes.
    pub wish: usize,
    /// Places in the list of accesses.
    pub serves: Vec<usize>,
}

/// An access with the index it would like best.
pub struct Wish<'x, 'a> {
    /// The access.
    pub access: &'x Access<'a>,
    /// The index.
    pub proposal: Proposal,
    /// The access's place in the list of accesses.
    pub at: usize,
}

/// Leaves out, the largest first, each index whose accesses another one of the set serves nearly as well.
pub fn consolidate(wishes: &[Wish<'_, '_>]) -> Vec<Shared> {
    let mut set: Vec<Shared> = Vec::new();
    let mut tables: Vec<usize> = Vec::new();
    for (place, wish) in wishes.iter().enumerate() {
        let same = set.iter().zip(&tables).position(|(shared, table)| {
            shared.proposal.index == wish.proposal.index && wishes[*table].access.table.is_same(&wish.access.table)
        });
        match same {
            Some(at) => set[at].serves.push(place),
            None => {
                set.push(Shared { proposal: wish.proposal.clone(), wish: place, serves: vec![place] });
                tables.push(place);
            }
        }
    }
    let mut order: Vec<usize> = (0..set.len()).collect();
    // Of two that can stand for each other the one of fewer columns goes, then the one with a condition.
    order.sort_by(|a, b| {
        let rank = |at: &usize| {
            let index = &set[*at].proposal.index;
            (index.keys.len() + index.include.len(), std::cmp::Reverse(index.predicate.len()))
        };
        rank(a).cmp(&rank(b)).then(a.cmp(b))
    });
    let mut alive = vec![true; set.len()];
    for at in order {
        let moved = set[at].serves.iter().map(|&place| stand_in(wishes, &set, &alive, &tables, at, place));
        if let Some(moved) = moved.collect::<Option<Vec<usize>>>() {
            alive[at] = false;
            let serves = std::mem::take(&mut set[at].serves);
            for (place, to) in serves.into_iter().zip(moved) {
                set[to].serves.push(place);
            }
        }
    }
    let mut alive = alive.into_iter();
    set.retain(|_| alive.next().unwrap_or(false));
    for shared in &mut set {
        shared.serves.sort_unstable();
        shared.serves = shared.serves.iter().map(|&place| wishes[place].at).collect();
        shared.serves.dedup();
    }
    set
}

/// Another index of the set that serves an access nearly as well as `own`.
fn stand_in(
    wishes: &[Wish<'_, '_>],
    set: &[Shared],
    alive: &[bool],
    tables: &[usize],
    own: usize,
    place: usize,
) -> Option<usize> {
    let wish = &wishes[place];
    let selectivity = Selectivity::of(wish.access);
    let arms = arms(wish.access, &selectivity);
    let allowed = (wish.proposal.after * 1.25).max(wish.proposal.after + SLACK);
    let others = (0..set.len()).filter(|&at| at != own && alive[at]);
    let others = others.filter(|&at| wishes[tables[at]].access.table.is_same(&wish.access.table));
    let work = |at: &usize| {
        let costs = arms.iter().filter_map(|arm| cost(arm, &set[*at].proposal.index)).map(|cost| cost.work);
        costs.min_by(f64::total_cmp)
    };
    let served = others.filter_map(|at| Some((work(&at)?, at))).filter(|(work, _)| *work <= allowed);
    served.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
}

/// jsonb_path_ops only finds paths with their values: where other questions are asked of the column, one index of
/// the default class answers them all.
pub fn widen_jsonb(wishes: &mut [Wish<'_, '_>]) {
    for at in 0..wishes.len() {
        let index = &wishes[at].proposal.index;
        let class = index.keys.first().and_then(|key| key.class.as_deref());
        if index.method != Method::Gin || class != Some("jsonb_path_ops") {
            continue;
        }
        let default = Candidate::single(Method::Gin, &index.keys[0].key, None);
        let asked = |other: &Wish<'_, '_>| {
            other.proposal.index == default && other.access.table.is_same(&wishes[at].access.table)
        };
        if wishes.iter().any(asked) {
            wishes[at].proposal.index = default;
        }
    }
}
