//! Choosing among functions or operators of one name by the types of their arguments (parse_func.c).

use super::Type;
use super::types::{Facts, STRING, UNKNOWN};
use crate::syntax::CastContext;

/// What the server chooses from.
pub(super) trait Candidate {
    /// The types of the arguments as the call passes them.
    fn args(&self) -> &[Type];
}

/// What came of a choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Choice {
    /// This one.
    One(usize),
    /// None fits.
    None,
    /// Several fit equally well.
    Several,
}

impl Facts<'_> {
    /// func_match_argtypes and func_select_candidate.
    pub(super) fn choose<C: Candidate>(&self, actual: &[Type], candidates: &[C]) -> Choice {
        let fits = |at: &usize| self.can_coerce(actual, candidates[*at].args(), CastContext::Implicit);
        let fitting: Vec<usize> = (0..candidates.len()).filter(fits).collect();
        match fitting.as_slice() {
            [] => Choice::None,
            [one] => Choice::One(*one),
            _ => Selection { facts: self, candidates, actual }.run(fitting),
        }
    }
}

struct Selection<'s, 'a, C> {
    facts: &'s Facts<'a>,
    candidates: &'s [C],
    actual: &'s [Type],
}

impl<C: Candidate> Selection<'_, '_, C> {
    fn run(&self, fitting: Vec<usize>) -> Choice {
        let unknown = self.facts.known.unknown;
        let bases: Vec<Type> = self.actual.iter().map(|ty| self.facts.base(*ty)).collect();
        let exact = |candidate: Type, base: Type| base != unknown && candidate == base;
        let best = self.most_matches(&fitting, &bases, exact);
        if let [one] = best[..] {
            return Choice::One(one);
        }
        let exact_or_preferred = |candidate: Type, base: Type| {
            base != unknown && (candidate == base || self.is_preferred_in(candidate, self.facts.category(base).0))
        };
        let best = self.most_matches(&best, &bases, exact_or_preferred);
        if let [one] = best[..] {
            return Choice::One(one);
        }
        if !bases.contains(&unknown) {
            return Choice::Several;
        }
        let best = self.by_category_of_unknowns(best, &bases);
        if let [one] = best[..] {
            return Choice::One(one);
        }
        self.by_known_type(&best, &bases)
    }

    fn is_preferred_in(&self, ty: Type, category: char) -> bool {
        self.facts.category(ty) == (category, true)
    }

    fn most_matches(&self, from: &[usize], bases: &[Type], matches: impl Fn(Type, Type) -> bool) -> Vec<usize> {
        let count = |at: usize| {
            let args = self.candidates[at].args();
            args.iter().zip(bases).filter(|(candidate, base)| matches(**candidate, **base)).count()
        };
        let counts: Vec<usize> = from.iter().map(|at| count(*at)).collect();
        let best = counts.iter().copied().max().unwrap_or(0);
        from.iter().zip(counts).filter(|(_, count)| *count == best).map(|(at, _)| *at).collect()
    }

    /// For each constant without a type: the category that all candidates have there, or strings.
    fn by_category_of_unknowns(&self, from: Vec<usize>, bases: &[Type]) -> Vec<usize> {
        let unknown_places = || (0..bases.len()).filter(|at| bases[*at] == self.facts.known.unknown);
        let slots: Option<Vec<(usize, char, bool)>> = unknown_places().map(|place| self.slot(&from, place)).collect();
        let Some(slots) = slots else { return from };
        let keeps = |at: &usize| {
            slots.iter().all(|(place, category, has_preferred)| {
                let (own, preferred) = self.facts.category(self.candidates[*at].args()[*place]);
                own == *category && (preferred || !has_preferred)
            })
        };
        let kept: Vec<usize> = from.iter().copied().filter(keeps).collect();
        if kept.is_empty() { from } else { kept }
    }

    fn slot(&self, from: &[usize], place: usize) -> Option<(usize, char, bool)> {
        let mut slot: Option<(char, bool)> = None;
        let mut conflict = false;
        for at in from {
            let (category, preferred) = self.facts.category(self.candidates[*at].args()[place]);
            match &mut slot {
                None => slot = Some((category, preferred)),
                Some((chosen, any_preferred)) if *chosen == category => *any_preferred |= preferred,
                Some(chosen) if category == STRING => *chosen = (category, preferred),
                Some(_) => conflict = true,
            }
        }
        let (category, preferred) = slot?;
        (!conflict || category == STRING).then_some((place, category, preferred))
    }

    /// If all known types are the same, the constants without a type are taken for that.
    fn by_known_type(&self, from: &[usize], bases: &[Type]) -> Choice {
        let mut known = bases.iter().copied().filter(|ty| self.facts.category(*ty).0 != UNKNOWN);
        let Some(first) = known.next() else { return Choice::Several };
        if !known.all(|ty| ty == first) {
            return Choice::Several;
        }
        let assumed = vec![first; bases.len()];
        let mut fitting = from
            .iter()
            .filter(|at| self.facts.can_coerce(&assumed, self.candidates[**at].args(), CastContext::Implicit));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Choice::One(*one),
            _ => Choice::Several,
        }
    }
}
