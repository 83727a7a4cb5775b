//! The indexes worth thinking about for one access.

use super::access::Access;
use super::candidate::{Candidate, IndexKey, Method};
use super::choose::pattern_key;
use super::condition::{Condition, Key, Test};
use super::cost::{Arm, cost, size};
use super::selectivity::is_progress;

/// An included column saves reading the table; below so many rows that is not worth its space.
const COVERED_ROWS: f64 = 100.0;
/// Bytes that included columns may take.
const COVERED_WIDTH: f64 = 16.0;
/// Pages that included columns may add for each block's worth of work that they save.
const COVERED_PAGES: f64 = 2.5;
const PAGE: f64 = 8192.0;
/// A value so rare that an index of its rows alone is worth it.
const RARE: f64 = 0.05;

/// All candidates: those of b-trees in all sensible lengths, and one of each other method that fits.
pub fn ideas(arm: &Arm<'_, '_>) -> Vec<Candidate> {
    let mut all = btrees(arm);
    for condition in &arm.conditions {
        all.extend(other_method(arm.access, condition));
    }
    let mut unique: Vec<Candidate> = Vec::new();
    for index in all {
        if !unique.contains(&index) {
            unique.push(index);
        }
    }
    unique
}

fn part(arm: &Arm<'_, '_>, condition: &Condition) -> f64 {
    if condition.joined.is_some() { arm.join_part } else { arm.selectivity.part(condition) }
}

fn btrees(arm: &Arm<'_, '_>) -> Vec<Candidate> {
    let equal = equalities(arm);
    let tails = tails(arm);
    let predicates = predicates(arm);
    let mut all = Vec::new();
    for length in 0..=equal.len() {
        for tail in &tails {
            for predicate in &predicates {
                let in_predicate = |key: &Key| {
                    predicate.iter().any(|condition| condition.key == *key && condition.test == Test::Equal)
                };
                let fixed = equal[..length].iter().map(|condition| &condition.key).filter(|key| !in_predicate(key));
                let mut keys: Vec<IndexKey> = Vec::new();
                for key in fixed.map(IndexKey::plain).chain(tail.iter().cloned()) {
                    if !keys.iter().any(|known| known.key == key.key) {
                        keys.push(key);
                    }
                }
                if keys.is_empty() {
                    keys.extend(any_key(arm.access, predicate).map(|key| IndexKey::plain(&key)));
                }
                if keys.is_empty() || keys.len() > 5 {
                    continue;
                }
                let index = Candidate { predicate: predicate.clone(), ..Candidate::btree(keys) };
                all.extend(covering(arm, &index));
                all.push(index);
            }
        }
    }
    all
}

/// Conditions that fix a key to one or few values, the most selective first.
fn equalities<'x>(arm: &Arm<'x, '_>) -> Vec<&'x Condition> {
    let fixes = |condition: &&&Condition| matches!(condition.test, Test::Equal | Test::In(_));
    let mut equal: Vec<&Condition> = arm.conditions.iter().filter(fixes).copied().collect();
    // Behind the values of IN nothing is in order any more.
    equal.sort_by(|a, b| {
        let several = |condition: &Condition| matches!(condition.test, Test::In(count) if count != 1);
        several(a).cmp(&several(b)).then(part(arm, a).total_cmp(&part(arm, b))).then(a.key.sql.cmp(&b.key.sql))
    });
    equal.dedup_by(|a, b| a.key == b.key);
    equal.truncate(4);
    equal
}

/// What may stand behind the equal ones: nothing, the order, a range.
fn tails(arm: &Arm<'_, '_>) -> Vec<Vec<IndexKey>> {
    let mut tails = vec![Vec::new()];
    let fixed = |key: &Key| arm.conditions.iter().any(|it| it.key == *key && it.test == Test::Equal);
    if let Some(order) = arm.order {
        let keys: Vec<_> = order.keys.iter().filter(|key| !fixed(&key.key)).collect();
        // An index can be read in both directions.
        let usual = keys.iter().all(|key| key.descending == key.nulls_first);
        let same = keys.windows(2).all(|pair| pair[0].descending == pair[1].descending);
        let plain = usual && same;
        let key =
            |key: &&super::access::OrderKey| if plain { IndexKey::plain(&key.key) } else { IndexKey::ordered(key) };
        tails.push(keys.iter().map(key).collect());
    }
    for condition in &arm.conditions {
        match &condition.test {
            Test::Above | Test::Below => tails.push(vec![IndexKey::plain(&condition.key)]),
            Test::Prefix if condition.key.columns.len() == 1 => tails.push(vec![pattern_key(condition, arm.access)]),
            Test::Row(more) => {
                let keys = std::iter::once(&condition.key).chain(more).map(IndexKey::plain);
                tails.push(keys.collect());
            }
            _ => {}
        }
    }
    tails.dedup();
    tails
}

/// What a partial index could leave out: nothing; what the query's flags leave out; all but a rare value.
fn predicates(arm: &Arm<'_, '_>) -> Vec<Vec<Condition>> {
    let table = &arm.access.table;
    let is_flag =
        |condition: &&&Condition| matches!(condition.test, Test::Null | Test::NotNull | Test::True | Test::False);
    let fits = |condition: &&Condition| condition.predicate().is_some_and(|sql| table.may_be_predicate(&sql));
    let narrows = |condition: &&Condition| part(arm, condition) <= 0.9;
    let flags: Vec<Condition> =
        arm.conditions.iter().filter(is_flag).copied().filter(fits).filter(narrows).cloned().collect();
    let mut all = vec![Vec::new()];
    if !flags.is_empty() {
        all.push(flags.clone());
    }
    // A queue: the next few rows of one rare kind.
    let others = arm.conditions.iter().filter(|condition| condition.fixes() && condition.is_selective()).count() > 1;
    let measured = arm.selectivity.certain || arm.access.figures.analyzed;
    if !others && measured && arm.order.is_some_and(|order| order.limit.is_some()) {
        let rare = |condition: &&Condition| condition.test == Test::Equal && part(arm, condition) <= RARE;
        let progress = |column: &str| table.labels(column).is_some() || is_progress(column);
        let kind = |key: &Key| key.column.as_deref().is_some_and(|column| table.is_kind(column) && progress(column));
        let few = |condition: &&Condition| kind(&condition.key) && condition.values.len() == 1;
        let rare = arm.conditions.iter().copied().find(|it| rare(it) && few(it) && fits(it));
        all.extend(rare.map(|rare| flags.iter().cloned().chain([rare.clone()]).collect()));
    }
    all.extend(mostly_null(arm, &flags));
    all
}

/// Where most values are NULL, an index of the others is a fraction of the size, and `=` implies them.
fn mostly_null(arm: &Arm<'_, '_>, flags: &[Condition]) -> Option<Vec<Condition>> {
    let sparse = arm.conditions.iter().find(|condition| {
        let column = condition.key.column.as_deref();
        let null = column.and_then(|column| arm.access.table.null_part(column));
        condition.is_selective() && condition.is_strict() && null.is_some_and(|null| null >= 0.5)
    })?;
    let not_null = Condition { test: Test::NotNull, values: Vec::new(), joined: None, key: sparse.key.clone() };
    Some(flags.iter().cloned().chain([not_null]).collect())
}

/// A key for an index whose condition alone finds the rows: a narrow column that is needed anyway, and that the
/// condition does not settle.
fn any_key(access: &Access<'_>, predicate: &[Condition]) -> Option<Key> {
    let settled = |column: &str| predicate.iter().any(|condition| condition.key.columns.iter().any(|it| it == column));
    let needed = access.needed.iter().flatten().map(String::as_str);
    let narrow = needed.filter(|column| !settled(column) && access.table.width(column) <= 16.0);
    let column = narrow.min_by(|a, b| access.table.width(a).total_cmp(&access.table.width(b)));
    let plain = |column: &str| Key {
        sql: crate::syntax::quote::quote_identifier(column).into_owned(),
        column: Some(column.to_owned()),
        columns: vec![column.to_owned()],
    };
    let first = predicate.first()?;
    Some(column.map_or_else(|| first.key.clone(), plain))
}

/// The same index with the few narrow columns that the query needs besides.
fn covering(arm: &Arm<'_, '_>, index: &Candidate) -> Option<Candidate> {
    let access = arm.access;
    // How much it spares is no matter for a guess.
    let counted = arm.selectivity.certain || access.is_measured();
    let needed = access.needed.as_ref().filter(|_| counted && access.obstacles.is_empty())?;
    let held = index.columns();
    let more: Vec<String> = needed
        .iter()
        .map(String::as_str)
        .chain(access.tested())
        .filter(|column| !held.contains(column))
        .collect::<std::collections::BTreeSet<&str>>()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let width: f64 = more.iter().map(|column| access.table.width(column)).sum();
    if more.is_empty() || more.len() > 3 || width > COVERED_WIDTH {
        return None;
    }
    let index = Candidate { include: more, ..index.clone() };
    let narrow = Candidate { include: Vec::new(), ..index.clone() };
    let (alone, covered) = (cost(arm, &narrow)?, cost(arm, &index)?);
    let pages = (size(access, arm.selectivity, &index) - size(access, arm.selectivity, &narrow)) / PAGE;
    let pays = pages <= COVERED_PAGES * (alone.work - covered.work);
    (pays && alone.fetched * arm.probes >= COVERED_ROWS).then_some(index)
}

/// GIN and GiST, by the operator and the type of the column.
fn other_method(access: &Access<'_>, condition: &Condition) -> Option<Candidate> {
    let key = &condition.key;
    let ty = key.column.as_deref().and_then(|column| access.table.type_of(column)).or_else(|| guess(condition));
    let ty = ty.as_deref().unwrap_or("");
    let is_range = ty.ends_with("range")
        || matches!(ty, "inet" | "cidr" | "box" | "point" | "polygon" | "circle")
        || ty.ends_with("geometry")
        || ty.ends_with("geography");
    match &condition.test {
        Test::Pattern | Test::Prefix => {
            let text = ty.is_empty() || ty == "text" || ty.starts_with("character");
            (condition.test == Test::Pattern && text).then(|| Candidate::single(Method::Gin, key, Some("gin_trgm_ops")))
        }
        Test::Contains | Test::Gin(_) if is_range => Some(Candidate::single(Method::Gist, key, None)),
        Test::Contains if ty == "jsonb" => Some(Candidate::single(Method::Gin, key, Some("jsonb_path_ops"))),
        Test::Gin(operator) if ty == "jsonb" && matches!(operator.as_str(), "@?" | "@@") => {
            Some(Candidate::single(Method::Gin, key, Some("jsonb_path_ops")))
        }
        Test::Gin(operator) if operator == "<@" => None,
        Test::Contains | Test::Gin(_) => {
            let known =
                ty == "jsonb" || ty == "tsvector" || ty.ends_with("[]") || ty == "hstore" || key.column.is_none();
            known.then(|| Candidate::single(Method::Gin, key, None))
        }
        _ => None,
    }
}

/// The type of a column that no schema tells, by what it is compared with.
fn guess(condition: &Condition) -> Option<String> {
    let value = condition.values.first().map_or("", String::as_str).trim_start();
    let ty = match &condition.test {
        Test::Gin(operator) if operator.starts_with('?') => "jsonb",
        Test::Gin(operator) if operator == "@@" => "tsvector",
        Test::Contains if value.starts_with("{\"") || value.starts_with('[') => "jsonb",
        Test::Contains | Test::Gin(_) => "text[]",
        _ => return None,
    };
    Some(ty.to_owned())
}
