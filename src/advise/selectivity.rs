//! Which part of a table's rows a condition leaves.
//!
//! Statistics say it best. Where there are none, a column's type and name give a first guess, and what the plan
//! counted corrects it: the guesses of all conditions together must leave the rows that were left.

use super::access::Access;
use super::condition::{Condition, Key, Test};
use super::table::{SMALL_ROWS, Table};

/// The part of the rows that each condition leaves, 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub struct Selectivity {
    conditions: Vec<(Condition, f64)>,
    /// All of them together, those that no index can answer too.
    pub all: f64,
    /// Nothing had to be guessed.
    pub certain: bool,
}

/// What a condition leaves where nothing is known but its kind.
const UNANSWERABLE: f64 = 0.4;

impl Selectivity {
    /// Of all conditions of an access that must hold together.
    pub fn of(access: &Access<'_>) -> Selectivity {
        let rows = access.figures.rows.max(1.0);
        let mut found: Vec<(Condition, f64, bool)> = Vec::new();
        for condition in &access.conditions {
            let (part, known) = estimate(&access.table, condition, rows);
            found.push((condition.clone(), part.clamp(0.3 / rows, 1.0), known));
        }
        bound_ranges(access, &mut found, rows);
        count_searched(access, &mut found, rows);
        let others = (access.any.len() + access.obstacles.len()) as i32;
        let others = UNANSWERABLE.powi(others);
        let counted = access.figures.kept.map(|kept| kept.max(0.5) / rows);
        let guessed: f64 =
            found.iter().filter(|(_, _, known)| !known).map(|(_, part, _)| part).product::<f64>() * others;
        let known: f64 = found.iter().filter(|(_, _, known)| *known).map(|(_, part, _)| part).product();
        // One exponent for all guesses, so that together they leave what was counted. Of several no one is held to be
        // beyond all measure.
        let alone =
            found.iter().filter(|(_, _, known)| !known).count() + access.any.len() + access.obstacles.len() == 1;
        let most = if alone { f64::INFINITY } else { 6.0 };
        let exponent = match counted {
            Some(counted) if guessed < 0.999 => {
                let wanted = (counted / known).clamp(1e-9, 0.9999);
                (wanted.ln() / guessed.ln()).clamp(0.05, most)
            }
            _ => 1.0,
        };
        let certain = found.iter().all(|(_, _, known)| *known);
        let conditions: Vec<(Condition, f64)> = found
            .into_iter()
            .map(|(condition, part, known)| (condition, if known { part } else { part.powf(exponent) }))
            .collect();
        let product: f64 = conditions.iter().map(|(_, part)| part).product::<f64>() * others.powf(exponent);
        Selectivity { conditions, all: counted.unwrap_or(product).clamp(0.1 / rows, 1.0), certain }
    }

    /// The part that one condition leaves.
    pub fn part(&self, condition: &Condition) -> f64 {
        self.conditions.iter().find(|(known, _)| known == condition).map_or(1.0, |(_, part)| *part)
    }
}

/// What an index found is known of the conditions that it was searched by.
fn count_searched(access: &Access<'_>, found: &mut [(Condition, f64, bool)], rows: f64) {
    let Some((searched, count)) = &access.searched else { return };
    let part = (count / rows).clamp(1e-9, 1.0);
    let guessed: f64 = found.iter().filter(|(it, ..)| searched.contains(it)).map(|(_, part, _)| part).product();
    let exponent = if guessed < 0.999 { (part.ln() / guessed.ln()).clamp(0.0, 8.0) } else { 1.0 };
    for (condition, part, known) in found.iter_mut() {
        if searched.contains(condition) {
            (*part, *known) = (part.powf(exponent), true);
        }
    }
}

/// The two ends of a range on one column are not independent: together they leave less than either part says.
fn bound_ranges(access: &Access<'_>, found: &mut [(Condition, f64, bool)], rows: f64) {
    for lower in 0..found.len() {
        if found[lower].0.test != Test::Above {
            continue;
        }
        let key = found[lower].0.key.clone();
        let Some(upper) = found.iter().position(|(it, ..)| it.test == Test::Below && it.key == key) else { continue };
        let (above, below) = (&found[lower], &found[upper]);
        if above.2 && below.2 {
            // What is above the lower end and below the upper one: P(a) + P(b) - 1.
            let both = (above.1 + below.1 - 1.0).max(1.0 / rows);
            found[upper].1 = (both / found[lower].1).min(1.0);
        } else {
            let guess = if is_time(&access.table, &key) { 0.01 } else { 0.05 };
            (found[lower].1, found[upper].1) = (f64::sqrt(guess), f64::sqrt(guess));
        }
    }
}

fn is_time(table: &Table<'_>, key: &Key) -> bool {
    let ty = key.column.as_deref().and_then(|column| table.type_of(column));
    ty.is_some_and(|ty| ty == "date" || ty.starts_with("timestamp"))
}

/// The part that a condition leaves, and whether statistics say so.
fn estimate(table: &Table<'_>, condition: &Condition, rows: f64) -> (f64, bool) {
    let column = condition.key.column.as_deref();
    if let Some(part) = column.and_then(|column| by_statistics(table, column, condition, rows)) {
        return (part, true);
    }
    let unique = column.is_some_and(|column| table.is_unique(column));
    match &condition.test {
        Test::Equal | Test::In(_) if unique => (condition.values.len().max(1) as f64 / rows, true),
        Test::Equal => (equal(table, &condition.key, rows), false),
        Test::In(count) => ((equal(table, &condition.key, rows) * (*count).max(2) as f64).min(0.5), false),
        Test::Above | Test::Below | Test::Row(_) => (0.4, false),
        Test::Null => (
            if column.is_some_and(is_end) { 0.8 } else { 0.1 },
            column.is_some_and(|column| table.null_part(column) == Some(0.0)),
        ),
        Test::NotNull => match column.and_then(|column| table.null_part(column)) {
            Some(null) => (1.0 - null, true),
            None => (0.7, false),
        },
        Test::True | Test::False => (0.4, false),
        Test::Prefix => (0.005, false),
        Test::Pattern | Test::Contains | Test::Gin(_) => (0.01, false),
    }
}

/// One value of a column: by its type, what it references, and what it is called.
fn equal(table: &Table<'_>, key: &Key, rows: f64) -> f64 {
    let Some(column) = key.column.as_deref() else { return 0.002 };
    if let Some(labels) = table.labels(column) {
        return 1.0 / labels.max(1) as f64;
    }
    if is_category(column) {
        return 0.1;
    }
    if let Some(referenced) = table.references(column) {
        let referenced = Table::of(table.knowledge, referenced);
        let count = referenced.rows().or(referenced.is_small_by_design().then_some(SMALL_ROWS));
        return count.map_or(0.0005, |count| 1.0 / count.max(1.0)).max(1.0 / rows);
    }
    match table.type_of(column).as_deref() {
        Some("boolean") => 0.4,
        Some("uuid" | "inet") => 0.0005,
        Some("smallint") => 0.05,
        Some("integer") => 0.005,
        Some("date") => 0.003,
        Some(_) | None => 0.0005,
    }
}

/// The part of the rows that one value of a key has, by statistics or by what the column is.
pub(super) fn one_value(table: &Table<'_>, key: &Key, rows: f64) -> f64 {
    let column = key.column.as_deref();
    match column.and_then(|column| table.distinct(column, rows)) {
        Some(distinct) => 1.0 / distinct,
        None if column.is_some_and(|column| table.is_unique(column)) => 1.0 / rows.max(1.0),
        None => equal(table, key, rows),
    }
}

/// Names of columns that are filled when a row's life ends: of most rows they are NULL.
fn is_end(column: &str) -> bool {
    const WORDS: [&str; 11] = [
        "deleted",
        "removed",
        "archived",
        "revoked",
        "cancelled",
        "canceled",
        "banned",
        "blocked",
        "disabled",
        "expired",
        "left",
    ];
    column.to_lowercase().split('_').any(|word| WORDS.contains(&word))
}

/// Names of columns that sort rows into few kinds.
pub(super) fn is_category(column: &str) -> bool {
    const WORDS: [&str; 24] = [
        "status",
        "state",
        "type",
        "kind",
        "role",
        "plan",
        "level",
        "priority",
        "category",
        "tier",
        "mode",
        "action",
        "currency",
        "country",
        "locale",
        "lang",
        "language",
        "queue",
        "stage",
        "region",
        "team",
        "channel",
        "gender",
        "environment",
    ];
    let last = column.rsplit('_').next().unwrap_or(column).to_lowercase();
    WORDS.contains(&last.as_str())
        || column.to_lowercase().starts_with("country")
        || last == "code" && column.len() < 14
}

/// Names of columns that say how far a row has come: what asks for one of their values asks for it again and again.
pub(super) fn is_progress(column: &str) -> bool {
    const WORDS: [&str; 9] = ["status", "state", "stage", "phase", "type", "kind", "mode", "action", "queue"];
    let last = column.rsplit('_').next().unwrap_or(column).to_lowercase();
    WORDS.contains(&last.as_str())
}

fn by_statistics(table: &Table<'_>, column: &str, condition: &Condition, rows: f64) -> Option<f64> {
    let distinct = table.distinct(column, rows)?;
    let null = table.null_part(column).unwrap_or(0.0);
    let values = parse_array(table.statistic_text(column, "most_common_vals").unwrap_or(""));
    let parts: Vec<f64> = parse_array(table.statistic_text(column, "most_common_freqs").unwrap_or(""))
        .iter()
        .filter_map(|part| part.parse().ok())
        .collect();
    let common: f64 = parts.iter().sum();
    let rare = ((1.0 - null - common) / (distinct - values.len() as f64).max(1.0)).max(0.3 / rows);
    let one = |value: &str| {
        let at = values.iter().position(|known| same(known, value));
        at.and_then(|at| parts.get(at).copied()).unwrap_or(rare)
    };
    Some(match &condition.test {
        Test::Equal if condition.values.is_empty() => (1.0 - null) / distinct,
        Test::Equal => one(&condition.values[0]),
        Test::In(_) if condition.values.is_empty() => ((1.0 - null) * 5.0 / distinct).min(1.0),
        Test::In(_) => condition.values.iter().map(|value| one(value)).sum::<f64>().min(1.0),
        Test::Contains => elements(table, column, condition)?.into_iter().fold(1.0, f64::min),
        Test::Gin(operator) if operator == "&&" => elements(table, column, condition)?.iter().sum::<f64>().min(1.0),
        Test::Null => null,
        Test::NotNull => 1.0 - null,
        Test::True => one("t"),
        Test::False => one("f"),
        Test::Above | Test::Below => {
            let value = condition.values.first()?;
            let bounds = parse_array(table.statistic_text(column, "histogram_bounds")?);
            let below = position(&bounds, value)?;
            let part = if condition.test == Test::Below { below } else { 1.0 - below };
            (part * (1.0 - null)).max(0.5 / rows)
        }
        _ => return None,
    })
}

/// How many of the rows hold each element of an array that is asked for.
fn elements(table: &Table<'_>, column: &str, condition: &Condition) -> Option<Vec<f64>> {
    let known = parse_array(table.statistic_text(column, "most_common_elems")?);
    let parts: Vec<f64> = parse_array(table.statistic_text(column, "most_common_elem_freqs")?)
        .iter()
        .filter_map(|part| part.parse().ok())
        .collect();
    // Behind the parts of the elements are the least and the largest of them, and that of NULL.
    let least = parts.iter().take(known.len()).copied().fold(f64::INFINITY, f64::min);
    if condition.values.is_empty() || !least.is_finite() {
        return None;
    }
    let part = |value: &String| known.iter().position(|it| it == value).and_then(|at| parts.get(at).copied());
    Some(condition.values.iter().map(|value| part(value).unwrap_or(least / 2.0)).collect())
}

/// Whether two values are the same as text, or as a boolean.
fn same(known: &str, value: &str) -> bool {
    known == value || matches!((known, value), ("t", "true") | ("f", "false") | ("true", "t") | ("false", "f"))
}

/// The part of a histogram that is below a value.
fn position(bounds: &[String], value: &str) -> Option<f64> {
    if bounds.len() < 2 {
        return None;
    }
    let number: Option<f64> = value.parse().ok();
    let below = |bound: &String| match (number, bound.parse::<f64>()) {
        (Some(number), Ok(bound)) => bound < number,
        // Times are printed so that they sort as text.
        _ => bound.as_str() < value,
    };
    let count = bounds.iter().take_while(|bound| below(bound)).count();
    Some((count.max(1) - 1) as f64 / (bounds.len() - 1) as f64)
}

/// The elements of an array as the server writes it: `{a,"b c",NULL}`.
pub(super) fn parse_array(text: &str) -> Vec<String> {
    let Some(inner) = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}')) else { return Vec::new() };
    let mut items = Vec::new();
    let mut item = String::new();
    let (mut quoted, mut any) = (false, false);
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => item.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => items.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
        any = true;
    }
    if any {
        items.push(item);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_read_as_the_server_writes_them() {
        assert_eq!(parse_array(r#"{a,"b, c","d\"e"}"#), ["a", "b, c", "d\"e"]);
        assert_eq!(parse_array("{}"), [""; 0]);
        assert_eq!(parse_array("{0.5,0.25}"), ["0.5", "0.25"]);
    }

    #[test]
    fn a_histogram_says_how_much_lies_below() {
        let bounds: Vec<String> = (0..=10).map(|at| (at * 10).to_string()).collect();
        assert_eq!(position(&bounds, "50"), Some(0.4));
        assert_eq!(position(&bounds, "-1"), Some(0.0));
        assert_eq!(position(&bounds, "1000"), Some(1.0));
    }
}
