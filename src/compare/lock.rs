//! A committed lock: what each captured plan was like, so that a change of it shows in a review.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{CatalogAt, StatementId};
use crate::lint::Judged;
use crate::source::Span;

use super::cause::{self, Cause, Uses};
use super::work::{Gate, Regression, Work};
use super::{normal, shape};

/// Rises when a field goes or changes its meaning.
const VERSION: u32 = 1;

/// What is committed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Lock {
    /// Of the format.
    pub pglint_lock: u32,
    /// The last migration when the plans were captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// By the capture's name.
    pub plans: BTreeMap<String, LockedPlan>,
}

/// One plan of a lock.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LockedPlan {
    /// What tells its statement from others, whatever its constants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Blocks touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u64>,
    /// Temporary blocks written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temp: Option<u64>,
    /// The planner's cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// The tree without figures, constants and aliases.
    pub tree: Vec<String>,
}

/// Why a lock cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LockError(pub String);

/// A plan held against a lock.
pub struct LockChange<'a> {
    /// The capture's name.
    pub name: String,
    /// What was locked; `None` for a plan that is not in the lock.
    pub locked: Option<&'a LockedPlan>,
    /// What is there; `None` where the capture is gone.
    pub now: Option<LockedPlan>,
    /// The plan's place; none where it is gone.
    pub span: Span,
    /// Lines of the tree that are gone, and that are new.
    pub lines: [Vec<String>; 2],
    /// What there is more of.
    pub regressions: Vec<Regression>,
    /// The migrations that explain it.
    pub causes: Vec<Cause>,
    /// Whether it fails.
    pub fails: bool,
}

impl LockedPlan {
    fn work(&self) -> Work {
        Work {
            pages: self.pages.map(|pages| pages as f64),
            temp: self.temp.map(|temp| temp as f64),
            cost: self.cost,
            ..Work::default()
        }
    }
}

impl Lock {
    /// The lock of what was captured.
    pub fn of(judged: &Judged) -> Lock {
        let mut plans = BTreeMap::new();
        let mut migration = None;
        for capture in &judged.captures {
            let file = &judged.rest.sources.file(capture.file).name;
            migration = migration.or_else(|| last_migration(judged, judged.catalog(capture)));
            for (at, judged) in capture.plans.iter().enumerate() {
                let name = if capture.plans.len() == 1 { file.clone() } else { format!("{file}#{}", at + 1) };
                let work = Work::of(&judged.plan);
                let query = judged.plan.query.as_ref();
                plans.insert(
                    name,
                    LockedPlan {
                        query: query.map(|query| normal::fingerprint(&normal::query(&query.text))),
                        pages: work.pages.map(|pages| pages as u64),
                        temp: work.temp.map(|temp| temp as u64),
                        cost: work.cost,
                        tree: shape::tree(&judged.plan),
                    },
                );
            }
        }
        Lock { pglint_lock: VERSION, migration, plans }
    }

    /// Whether a text is a lock, before it is read.
    pub fn is_lock(text: &str) -> bool {
        text.trim_start().starts_with('{') && text.contains("\"pglint_lock\"")
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// Text that is no lock, or one of a later version.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let lock: Lock = serde_json::from_str(text).map_err(|error| LockError(format!("this is no lock: {error}")))?;
        if lock.pglint_lock > VERSION {
            return Err(LockError(format!("the lock is of version {}, this pglint knows {VERSION}", lock.pglint_lock)));
        }
        Ok(lock)
    }

    /// The text to commit: sorted, a line a node, so that a review shows what changed.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers are JSON");
        text.push('\n');
        text
    }
}

fn last_migration(judged: &Judged, catalog: CatalogAt<'_>) -> Option<String> {
    let last = catalog.catalog().statements().last()?;
    let name = &judged.rest.sources.file(last.file).name;
    Some(name.rsplit('/').next().unwrap_or(name).to_owned())
}

/// The last statement of the migration of this name.
fn end_of_migration(judged: &Judged, catalog: CatalogAt<'_>, migration: &str) -> Option<StatementId> {
    let is_it = |file: &str| file.rsplit('/').next() == Some(migration);
    let statements = catalog.catalog().statements().iter().rev();
    let mut of_it = statements.filter(|executed| is_it(&judged.rest.sources.file(executed.file).name));
    of_it.next().map(|executed| executed.id)
}

/// Holds what was captured against a lock: what changed, in the order of the names.
pub fn held_against<'a>(lock: &'a Lock, judged: &Judged, gate: &Gate) -> Vec<LockChange<'a>> {
    let now = Lock::of(judged);
    let places: BTreeMap<String, (Span, CatalogAt<'_>)> = places(judged);
    let mut left: BTreeMap<&str, &LockedPlan> = lock.plans.iter().map(|(name, plan)| (name.as_str(), plan)).collect();
    let mut changes = Vec::new();
    let mut unnamed = Vec::new();
    for (name, plan) in now.plans {
        match left.remove(name.as_str()) {
            Some(locked) => changes.push((name, Some(locked), Some(plan))),
            None => unnamed.push((name, plan)),
        }
    }
    for (name, plan) in unnamed {
        // A capture that was renamed is known by its statement.
        let renamed = left.iter().find(|(_, locked)| locked.query.is_some() && locked.query == plan.query);
        let renamed = renamed.map(|(name, _)| *name);
        let locked = renamed.and_then(|name| left.remove(name));
        changes.push((name, locked, Some(plan)));
    }
    changes.extend(left.into_iter().map(|(name, locked)| (name.to_owned(), Some(locked), None)));
    changes.sort_by(|one, other| one.0.cmp(&other.0));
    let change = |(name, locked, now): (String, Option<&'a LockedPlan>, Option<LockedPlan>)| {
        let place = places.get(&name);
        let since = place.zip(lock.migration.as_deref());
        let since = since.and_then(|((_, catalog), migration)| end_of_migration(judged, *catalog, migration));
        one_change(name, locked, now, place, since, gate)
    };
    changes.into_iter().map(change).collect()
}

fn places(judged: &Judged) -> BTreeMap<String, (Span, CatalogAt<'_>)> {
    let mut places = BTreeMap::new();
    for capture in &judged.captures {
        let file = &judged.rest.sources.file(capture.file).name;
        for (at, plan) in capture.plans.iter().enumerate() {
            let name = if capture.plans.len() == 1 { file.clone() } else { format!("{file}#{}", at + 1) };
            places.insert(name, (plan.plan.root().type_span(), judged.catalog(capture)));
        }
    }
    places
}

fn one_change<'a>(
    name: String,
    locked: Option<&'a LockedPlan>,
    now: Option<LockedPlan>,
    place: Option<&(Span, CatalogAt<'_>)>,
    since: Option<StatementId>,
    gate: &Gate,
) -> LockChange<'a> {
    let (mut lines, mut regressions, mut causes) = ([Vec::new(), Vec::new()], Vec::new(), Vec::new());
    if let (Some(locked), Some(now)) = (locked, &now) {
        regressions = gate.regressions(&locked.work(), &now.work());
        lines = [only_in(&locked.tree, &now.tree), only_in(&now.tree, &locked.tree)];
        let changed = locked.tree != now.tree || !regressions.is_empty();
        if let Some((_, catalog)) = place.filter(|_| changed) {
            causes = cause::causes(*catalog, &Uses::of_tree(&locked.tree), &Uses::of_tree(&now.tree), since);
        }
    }
    let reshaped = locked.zip(now.as_ref()).is_some_and(|(locked, now)| locked.tree != now.tree);
    let one_sided = locked.is_none() || now.is_none();
    let fails = regressions.iter().any(|regression| regression.fails) || gate.strict && (reshaped || one_sided);
    let span = place.map_or(Span::NONE, |(span, _)| *span);
    LockChange { name, locked, now, span, lines, regressions, causes, fails }
}

/// The lines of one tree that the other has not, each as often as it has more of it.
fn only_in(one: &[String], other: &[String]) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in other {
        *left.entry(line.trim_start()).or_default() += 1;
    }
    let mut only = Vec::new();
    for line in one {
        match left.get_mut(line.trim_start()).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => only.push(line.trim_start().to_owned()),
        }
    }
    only
}

impl LockChange<'_> {
    /// Whether there is anything to tell.
    pub fn is_change(&self) -> bool {
        let reshaped = self.locked.zip(self.now.as_ref()).is_none_or(|(locked, now)| locked.tree != now.tree);
        reshaped || !self.regressions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let plan = LockedPlan { query: None, pages: Some(12), temp: None, cost: Some(8.5), tree: vec!["Limit".into()] };
        let lock = Lock { pglint_lock: 1, migration: Some("1_a.sql".into()), plans: [("a".to_owned(), plan)].into() };
        assert!(Lock::is_lock(&lock.text()));
        assert_eq!(Lock::parse(&lock.text()), Ok(lock.clone()));
        let newer = lock.text().replace("\"pglint_lock\": 1", "\"pglint_lock\": 9");
        assert!(Lock::parse(&newer).unwrap_err().0.contains("version 9"));
        assert!(Lock::parse("[]").is_err());
    }

    #[test]
    fn lines_are_compared_without_their_depth() {
        let tree = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let one = tree(&["Limit", "  Seq Scan on a", "  Seq Scan on a"]);
        let other = tree(&["Seq Scan on a"]);
        assert_eq!(only_in(&one, &other), ["Limit", "Seq Scan on a"]);
        assert_eq!(only_in(&other, &one), [""; 0]);
    }
}
