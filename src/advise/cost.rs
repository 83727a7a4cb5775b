//! What a table's access costs with an index, how large the index is, and whether the planner would take it.
//!
//! The shape is that of the server's costsize.c and selfuncs.c, so that its choice can be foreseen: a page at random
//! costs four in order, a bitmap reads each page once, an index-only scan reads no table where it is vacuumed.

use super::access::{Access, Figures, Order, ROW_COST, sort_work};
use super::candidate::{Candidate, IndexKey, Method};
use super::condition::{Condition, Test};
use super::selectivity::Selectivity;
use super::table::Table;

const PAGE: f64 = 8192.0;
const RANDOM_PAGE: f64 = 4.0;
const ROW: f64 = 0.01;
const OPERATOR: f64 = 0.0025;
const INDEX_ROW: f64 = 0.005;
/// More of a table than this is not looked up by an index, unless it ends early.
const MOST: f64 = 0.25;
/// Blocks of a range of a BRIN index.
const BRIN_RANGE: f64 = 128.0;

/// An access with the conditions of one of its joins.
pub struct Arm<'x, 'a> {
    /// The access.
    pub access: &'x Access<'a>,
    /// What it leaves.
    pub selectivity: &'x Selectivity,
    /// All conditions that hold.
    pub conditions: Vec<&'x Condition>,
    /// How often it runs.
    pub probes: f64,
    /// The part of the table that one run finds by the join alone.
    pub join_part: f64,
    /// The order that the rows of a run are wanted in.
    pub order: Option<&'x Order>,
}

impl Arm<'_, '_> {
    fn part(&self, condition: &Condition) -> f64 {
        if condition.joined.is_some() { self.join_part } else { self.selectivity.part(condition) }
    }

    /// The part of the table that a run leaves.
    pub fn all(&self) -> f64 {
        self.selectivity.all * if self.probes > 0.0 && self.is_join() { self.join_part } else { 1.0 }
    }

    fn is_join(&self) -> bool {
        self.conditions.iter().any(|condition| condition.joined.is_some())
    }
}

/// What an access costs with an index.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cost {
    /// Blocks' worth of work.
    pub work: f64,
    /// As the planner sees it.
    pub planned: f64,
    /// Rows that are looked up in the table.
    pub fetched: f64,
    /// Rows come in the order that is wanted.
    pub ordered: bool,
    /// The table is not read.
    pub index_only: bool,
}

/// What the access costs the planner without any index.
pub fn planned_scan(access: &Access<'_>) -> f64 {
    let figures = &access.figures;
    let conditions = (access.conditions.len() + access.obstacles.len() + access.any.len()).max(1) as f64;
    let sort = figures.sorted.max(1.0);
    figures.runs * (figures.pages + figures.rows * (ROW + OPERATOR * conditions)) + sort * sort.log2() * 2.0 * OPERATOR
}

/// What an arm costs with an index; `None` where the index is of no use for it.
pub fn cost(arm: &Arm<'_, '_>, index: &Candidate) -> Option<Cost> {
    if index.unusable || !index.predicate_follows(&arm.conditions) {
        return None;
    }
    match index.method {
        Method::Btree => btree(arm, index),
        Method::Gin | Method::Gist => inverted(arm, index),
        Method::Brin => brin(arm, index),
        Method::Other => None,
    }
}

/// How far an index narrows a search down.
struct Bounds {
    /// Part of the index's rows between the first and the last entry.
    range: f64,
    /// Part of those that its other columns leave.
    within: f64,
    /// Keys that one value is asked for.
    fixed: usize,
    /// Something was bound at all.
    bound: bool,
    /// The values of IN come one after the other, not in order.
    scattered: bool,
    /// The conditions that it answers.
    used: usize,
}

fn bounds(arm: &Arm<'_, '_>, index: &Candidate) -> Bounds {
    let mut found = Bounds { range: 1.0, within: 1.0, fixed: 0, bound: false, scattered: false, used: 0 };
    let mut open = true;
    for key in &index.keys {
        let mut of_key: Vec<&&Condition> = arm
            .conditions
            .iter()
            .filter(|condition| condition.key.sql == key.key.sql && answers(key, condition))
            .collect();
        of_key.retain(|condition| !index.predicate.contains(condition));
        let fixing = of_key.iter().find(|condition| condition.fixes() || matches!(condition.test, Test::In(_)));
        if let Some(condition) = fixing {
            found.used += 1;
            if open {
                found.range *= arm.part(condition);
                found.bound = true;
                found.scattered |= matches!(condition.test, Test::In(count) if count != 1);
                found.fixed += usize::from(!found.scattered);
            } else {
                found.within *= arm.part(condition);
            }
            continue;
        }
        let part: f64 = of_key.iter().map(|condition| arm.part(condition)).product();
        found.used += of_key.len();
        if open {
            found.range *= part;
            found.bound |= !of_key.is_empty();
        } else {
            found.within *= part;
        }
        open = false;
    }
    found
}

/// Whether a b-tree with this operator class can find by this condition.
fn answers(key: &IndexKey, condition: &Condition) -> bool {
    let pattern = key.class.as_deref().is_some_and(|class| class.ends_with("_pattern_ops"));
    match condition.test {
        Test::Equal | Test::In(_) | Test::Null | Test::NotNull | Test::True | Test::False => true,
        Test::Above | Test::Below | Test::Row(_) => !pattern,
        Test::Prefix => pattern,
        Test::Pattern | Test::Contains | Test::Gin(_) => false,
    }
}

fn btree(arm: &Arm<'_, '_>, index: &Candidate) -> Option<Cost> {
    let (access, figures) = (arm.access, &arm.access.figures);
    let held: f64 = index.predicate.iter().map(|condition| held_part(arm, condition)).product();
    let entries = (figures.rows * held).max(1.0);
    let found = bounds(arm, index);
    let ordered = arm.order.is_some_and(|order| in_order(order, &index.keys, &found));
    let index_only = covers(access, index);
    // A partial index alone is narrow enough where it leaves out most rows.
    let narrow = found.bound || ordered || held < MOST && !index.predicate.is_empty();
    if !narrow {
        return None;
    }
    let limit = arm.order.and_then(|order| order.limit).filter(|_| ordered);
    let rows_out = (figures.rows * arm.all()).max(0.3);
    let early = limit.map_or(1.0, |limit| (limit / rows_out).min(1.0));
    let skipped = limit.map_or(0.0, |_| nulls_first(arm, index, &found));
    let visited = (entries * found.range * (early + skipped).min(1.0)).max(0.3);
    let fetched = if index_only { 0.0 } else { visited * found.within };
    let whole = early >= 1.0 && visited * arm.probes > MOST * figures.rows;
    if whole && !(ordered && index_only) {
        return None;
    }
    let leaf = visited * entry_width(&access.table, index) / (PAGE * 0.9);
    let correlation = index.keys.first().and_then(|key| key.key.column.as_deref());
    let correlation = correlation.and_then(|column| access.table.correlation(column)).unwrap_or(0.0).powi(2);
    let held_rows = entries / figures.rows.max(1.0);
    let heap = heap_pages(fetched * arm.probes, figures, correlation, held_rows);
    let sorted = if arm.order.is_some() && !ordered { rows_out } else { 0.0 };
    let descent = if entries > 20_000.0 { 2.0 } else { 1.0 };
    let recheck = if index_only { 0.0 } else { figures.row_cost().min(0.1) };
    let work = arm.probes * (descent + leaf) + heap + arm.probes * (visited * (ROW_COST + recheck) + sort_work(sorted));
    Some(Cost {
        work,
        planned: planned_btree(arm, (visited, leaf, fetched, heap), correlation),
        fetched,
        ordered,
        index_only,
    })
}

/// The part of an index's rows that are NULL and come before those that a LIMIT wants: where other conditions are
/// answered by the table alone, they tend to leave none of them.
fn nulls_first(arm: &Arm<'_, '_>, index: &Candidate, found: &Bounds) -> f64 {
    let Some(first) = arm.order.and_then(|order| order.keys.first()).filter(|key| key.nulls_first) else { return 0.0 };
    let of_first = |condition: &&&Condition| condition.key == first.key && condition.is_strict();
    let strict = arm.conditions.iter().any(|condition| of_first(&condition));
    let others = arm.conditions.iter().filter(|condition| !index.predicate.contains(condition)).count();
    if strict || others <= found.used {
        return 0.0;
    }
    first.key.column.as_deref().and_then(|column| arm.access.table.null_part(column)).unwrap_or(0.1)
}

/// The part of the table that is in a partial index.
fn held_part(arm: &Arm<'_, '_>, condition: &Condition) -> f64 {
    let asked = arm.conditions.iter().find(|asked| asked.key.sql == condition.key.sql && asked.test == condition.test);
    match asked {
        Some(asked) => arm.part(asked),
        // IS NOT NULL that follows from another condition.
        None => condition
            .key
            .column
            .as_deref()
            .and_then(|column| arm.access.table.null_part(column))
            .map_or(0.7, |null| 1.0 - null),
    }
}

fn planned_btree(arm: &Arm<'_, '_>, (visited, leaf, fetched, heap): (f64, f64, f64, f64), correlation: f64) -> f64 {
    let pages = arm.access.figures.pages.max(1.0);
    let scattered = heap * RANDOM_PAGE;
    // A bitmap reads pages in order: the more of them, the cheaper each.
    let per_page = RANDOM_PAGE - (RANDOM_PAGE - 1.0) * (heap / pages).min(1.0).sqrt();
    let bitmap = heap * per_page + visited * arm.probes * 0.1 * INDEX_ROW;
    let straight = scattered * (1.0 - correlation) + heap * correlation;
    let heap_cost = if arm.order.is_some() { straight } else { straight.min(bitmap) };
    // Pages of an index that is searched again and again are in memory after a while.
    let searches = if arm.probes > 1.0 { 1.0 + (arm.probes - 1.0) * 0.5 } else { 1.0 };
    searches * leaf.ceil().max(1.0) * RANDOM_PAGE.min(1.0 + leaf * 3.0)
        + heap_cost
        + arm.probes * (visited * (INDEX_ROW + OPERATOR) + fetched.max(1.0) * ROW + 0.3)
}

/// Pages of the table that so many rows lie on, where they lie anywhere or (correlation 1) side by side. Of an index
/// that holds a part of the rows (`held`, 0 to 1) those side by side have others between them.
fn heap_pages(rows: f64, figures: &Figures, correlation: f64, held: f64) -> f64 {
    let pages = figures.pages.max(1.0);
    let anywhere = pages * (1.0 - (-rows / pages).exp());
    let per_page = (figures.rows / pages).max(1.0);
    let together = (rows / held.max(1e-9) / per_page).max(rows.min(1.0)).min(anywhere);
    anywhere + (together - anywhere) * correlation
}

/// Whether the index gives the rows in the order, forwards or backwards.
fn in_order(order: &Order, keys: &[IndexKey], found: &Bounds) -> bool {
    if found.scattered {
        return false;
    }
    let fixed: Vec<&str> = keys[..found.fixed].iter().map(|key| key.key.sql.as_str()).collect();
    let wanted = order.keys.iter().filter(|key| !fixed.contains(&key.key.sql.as_str()));
    let mut have = keys.iter().skip(found.fixed);
    let mut backward = None;
    for wanted in wanted {
        let Some(key) = have.next().filter(|key| key.key.sql == wanted.key.sql && key.class.is_none()) else {
            return false;
        };
        let flipped = key.descending != wanted.descending;
        let nulls_flipped = key.nulls_first != wanted.nulls_first;
        if flipped != nulls_flipped || backward.is_some_and(|backward| backward != flipped) {
            return false;
        }
        backward = Some(flipped);
    }
    true
}

/// Whether all that is needed is in the index.
fn covers(access: &Access<'_>, index: &Candidate) -> bool {
    let Some(needed) = &access.needed else { return false };
    let held = |column: &str| {
        let key = index.keys.iter().any(|key| key.key.column.as_deref() == Some(column));
        key || index.include.iter().any(|name| name == column)
    };
    let implied = |column: &str| {
        let about = |condition: &&Condition| condition.key.columns.iter().any(|name| name == column);
        let asked = access.conditions.iter().filter(about).count();
        asked > 0 && index.predicate.iter().filter(|condition| about(condition)).count() == asked
    };
    let tested = access.tested().into_iter();
    needed.iter().all(|column| held(column))
        && tested.into_iter().all(|column| held(column) || implied(column))
        && access.obstacles.is_empty()
}

fn inverted(arm: &Arm<'_, '_>, index: &Candidate) -> Option<Cost> {
    let figures = &arm.access.figures;
    let first = index.keys.first()?;
    let condition = arm.conditions.iter().find(|it| it.key.sql == first.key.sql && finds(index.method, first, it))?;
    let part = arm.part(condition);
    if part > MOST {
        return None;
    }
    let fetched = (figures.rows * part).max(0.3);
    let heap = heap_pages(fetched, figures, 0.0, 1.0);
    // A pattern looks each of its trigrams up.
    let lookups = if condition.test == Test::Pattern { 12.0 } else { 4.0 };
    let per_page = RANDOM_PAGE - (RANDOM_PAGE - 1.0) * (heap / figures.pages.max(1.0)).min(1.0).sqrt();
    let sorted = if arm.order.is_some() { fetched } else { 0.0 };
    let work = arm.probes * (lookups + heap + fetched * (ROW_COST + figures.row_cost())) + sort_work(sorted);
    let planned = arm.probes * (lookups * RANDOM_PAGE + heap * per_page + fetched * (ROW + OPERATOR));
    Some(Cost { work, planned, fetched, ordered: false, index_only: false })
}

fn finds(method: Method, key: &IndexKey, condition: &Condition) -> bool {
    let class = key.class.as_deref().unwrap_or("");
    match &condition.test {
        Test::Pattern | Test::Prefix => class.contains("trgm"),
        Test::Contains => !class.contains("trgm") && method != Method::Brin,
        // What jsonb_path_ops keeps are paths with their values, not keys.
        Test::Gin(operator) if class == "jsonb_path_ops" => matches!(operator.as_str(), "@?" | "@@"),
        Test::Gin(operator) => operator != "<@" && !class.contains("trgm"),
        _ => false,
    }
}

fn brin(arm: &Arm<'_, '_>, index: &Candidate) -> Option<Cost> {
    let figures = &arm.access.figures;
    let key = index.keys.first()?;
    let of_key = |condition: &&&Condition| condition.key.sql == key.key.sql;
    let bound =
        arm.conditions.iter().filter(of_key).filter(|it| matches!(it.test, Test::Above | Test::Below | Test::Equal));
    let parts: Vec<f64> = bound.map(|condition| arm.part(condition)).collect();
    let correlation = key.key.column.as_deref().and_then(|column| arm.access.table.correlation(column))?;
    if parts.is_empty() || correlation.abs() < 0.9 {
        return None;
    }
    let part: f64 = parts.iter().product();
    // A range's ends are those of its farthest rows: five standard deviations from their place to both sides.
    let spread = 10.0 * ((1.0 - correlation.abs()) / 6.0).sqrt();
    let pages = (figures.pages * (part + spread) + BRIN_RANGE).min(figures.pages);
    let rows = figures.rows * pages / figures.pages.max(1.0);
    let work = 4.0 + pages + rows * figures.row_cost();
    Some(Cost {
        work,
        planned: 8.0 + pages + rows * (ROW + OPERATOR),
        fetched: rows,
        ordered: false,
        index_only: false,
    })
}

/// Bytes that an entry of a b-tree takes on its page.
fn entry_width(table: &Table<'_>, index: &Candidate) -> f64 {
    let keys = index.keys.iter().map(|key| key.key.column.as_deref().map_or(24.0, |column| table.width(column)));
    let data: f64 = keys.chain(index.include.iter().map(|column| table.width(column))).map(align).sum();
    4.0 + ((8.0 + data) / 8.0).ceil() * 8.0
}

fn align(width: f64) -> f64 {
    if width <= 2.0 { width } else { (width / 4.0).ceil() * 4.0 }
}

/// Bytes that an index will take.
pub fn size(access: &Access<'_>, selectivity: &Selectivity, index: &Candidate) -> f64 {
    let conditions = access.conditions.iter().collect();
    let arm = Arm { access, selectivity, conditions, probes: 1.0, join_part: 1.0, order: None };
    let held: f64 = index.predicate.iter().map(|condition| held_part(&arm, condition)).product();
    let rows = (access.figures.rows * held).max(1.0);
    let table = &access.table;
    let width = |key: &IndexKey| key.key.column.as_deref().map_or(30.0, |column| table.width(column));
    let bytes = match index.method {
        Method::Btree => btree_size(access, selectivity, index, rows),
        Method::Brin => 3.0 * PAGE,
        // Words, keys and trigrams are kept once, with the rows that hold them packed behind them.
        Method::Gin
            if index.keys.iter().any(|key| key.class.as_deref().is_some_and(|class| class.contains("trgm"))) =>
        {
            rows * index.keys.iter().map(width).sum::<f64>() * 2.2
        }
        Method::Gin if index.keys.iter().any(|key| key.class.is_some()) => rows * width(&index.keys[0]) * 0.35,
        Method::Gin => rows * width(&index.keys[0]) * 0.5,
        Method::Gist | Method::Other => rows * (index.keys.iter().map(width).sum::<f64>() + 16.0) * 1.3,
    };
    bytes.max(2.0 * PAGE)
}

fn btree_size(access: &Access<'_>, selectivity: &Selectivity, index: &Candidate, rows: f64) -> f64 {
    let table = &access.table;
    let width = entry_width(table, index);
    let distinct: f64 = index.keys.iter().map(|key| distinct(access, selectivity, key)).product();
    let distinct = distinct.clamp(1.0, rows);
    let packed = index.include.is_empty()
        && rows / distinct >= 1.5
        && index.keys.iter().all(|key| key.key.column.as_deref().is_none_or(|column| table.is_deduplicated(column)));
    // Equal keys are stored once, with six bytes for each row.
    let bytes = if packed { distinct * width + rows * 6.0 } else { rows * width };
    bytes / 0.9 + PAGE
}

fn distinct(access: &Access<'_>, selectivity: &Selectivity, key: &IndexKey) -> f64 {
    let rows = access.figures.rows.max(1.0);
    if let Some(column) = key.key.column.as_deref() {
        if let Some(distinct) = access.table.distinct(column, rows) {
            return distinct;
        }
        if access.table.is_unique(column) {
            return rows;
        }
        let ty = access.table.type_of(column);
        if ty.as_deref() == Some("boolean") {
            return 2.0;
        }
        if ty.is_some_and(|ty| ty.starts_with("timestamp")) {
            return rows;
        }
    }
    let equal = access.conditions.iter().find(|it| it.key == key.key && it.test == Test::Equal);
    equal.map_or(rows / 5.0, |condition| 1.0 / selectivity.part(condition).max(1.0 / rows))
}
