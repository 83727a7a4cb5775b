//! The statements of pg_stat_statements, and which plans and queries are runs of them.

use rustc_hash::FxHashMap;

use super::{Kind, Row, Statistics};
use crate::compare::normal;

/// A statement of pg_stat_statements.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    /// Its row.
    pub row: &'a Row,
    /// Its text, constants replaced by `$n`.
    pub query: &'a str,
    /// How often it ran.
    pub calls: f64,
    /// ms that it takes on average.
    pub mean: f64,
    /// ms that it took in all.
    pub total: f64,
}

impl Statistics {
    /// The statements that read or write rows: no DDL, COPY, VACUUM and the like.
    pub fn statements(&self) -> Vec<Statement<'_>> {
        let statements = self.of(Kind::Statements).filter_map(|row| {
            let query = row.get("query")?;
            let calls = row.number("calls")?;
            // Up to 12 planning was not told apart, and the columns had shorter names.
            let total = row.first_number(&["total_exec_time", "total_time"]);
            let mean =
                row.first_number(&["mean_exec_time", "mean_time"]).or(total.map(|total| total / calls.max(1.0)))?;
            let total = total.unwrap_or(mean * calls);
            is_data(query).then_some(Statement { row, query, calls, mean, total })
        });
        statements.collect()
    }
}

fn is_data(query: &str) -> bool {
    let word = query.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    ["select", "with", "insert", "update", "delete", "merge", "values"].iter().any(|known| word.eq_ignore_ascii_case(known))
        // Those of tools that look at the server itself.
        && !query.contains("pg_catalog.") && !query.contains("pg_stat_")
}

/// Statements found again by their identifier or their text.
pub struct Known<'a> {
    /// All of them.
    pub all: Vec<Statement<'a>>,
    by_text: FxHashMap<String, usize>,
    by_identifier: FxHashMap<i64, usize>,
}

impl<'a> Known<'a> {
    /// The statements of an export.
    pub fn of(statistics: &'a Statistics) -> Known<'a> {
        let all = statistics.statements();
        let by_text = all.iter().enumerate().map(|(at, it)| (normal::query(it.query), at)).collect();
        let identifier = |it: &Statement<'_>| it.row.get("queryid")?.trim().parse().ok();
        let by_identifier = all.iter().enumerate().filter_map(|(at, it)| Some((identifier(it)?, at))).collect();
        Known { all, by_text, by_identifier }
    }

    /// The statement that a query with this identifier or text is a run of.
    pub fn find(&self, identifier: Option<i64>, text: Option<&str>) -> Option<usize> {
        let by_identifier = identifier.and_then(|identifier| self.by_identifier.get(&identifier));
        by_identifier.or_else(|| self.by_text.get(&normal::query(text?))).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::stats::read;

    #[test]
    fn a_run_is_known_by_its_identifier_or_by_its_text() {
        let json = r#"[{"queryid": -7, "query": "SELECT * FROM a WHERE b = $1 AND c IN ($2, $3)", "calls": 2, "total_exec_time": 6}]"#;
        let statistics = Statistics::new(read(FileId(0), json));
        let known = Known::of(&statistics);
        assert_eq!(known.all[0].mean, 3.0);
        assert_eq!(known.find(Some(-7), None), Some(0));
        assert_eq!(known.find(None, Some("select * from a -- now\nwhere b = 5 and c in (1, 2, 3);")), Some(0));
        assert_eq!(known.find(Some(8), Some("select 1")), None);
    }
}
