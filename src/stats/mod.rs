//! Statistics that people export from a server: the pg_stat views, pg_stats, pg_settings.
//!
//! An export is known by its columns, so it does not matter what its file is called or which server it came from.
//! It may be CSV, JSON (an array of objects, or an object of several exports) or what psql prints.

mod context;
mod psql;
mod read;
mod settings;
mod statements;
mod views;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::rule::{TableSize, TableSizes};
use crate::source::{FileId, Span};

pub use read::{may_hold_statistics, read};
pub use settings::{StatsKey, StatsSettings};
pub use statements::{Known, Statement};

/// Which view an export is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// pg_stat_statements.
    Statements,
    /// pg_stat_user_tables, pg_stat_all_tables.
    Tables,
    /// pg_stat_user_indexes, pg_stat_all_indexes.
    Indexes,
    /// pg_statio_user_tables.
    TableBlocks,
    /// pg_statio_user_indexes.
    IndexBlocks,
    /// pg_stats.
    Columns,
    /// pg_settings.
    Settings,
    /// pg_index with names: which indexes are valid.
    IndexState,
    /// pg_class with names: pages and rows.
    Sizes,
    /// pg_stat_database: when the counters were reset.
    Database,
}

/// The columns that an export of each kind has in every version; the first that fits is meant.
const SHAPES: &[(Kind, &[&[&str]])] = &[
    (Kind::Statements, &[&["query"], &["calls"], &["mean_exec_time", "mean_time", "total_exec_time", "total_time"]]),
    (Kind::Columns, &[&["tablename"], &["attname"], &["n_distinct"]]),
    (Kind::IndexState, &[&["indexrelname"], &["indisvalid"]]),
    (Kind::IndexBlocks, &[&["indexrelname"], &["idx_blks_read"]]),
    (Kind::Indexes, &[&["indexrelname"], &["idx_scan"]]),
    (Kind::TableBlocks, &[&["relname"], &["heap_blks_read"]]),
    (Kind::Tables, &[&["relname"], &["seq_scan"]]),
    (Kind::Sizes, &[&["relname"], &["relpages"], &["reltuples"]]),
    (Kind::Database, &[&["datname"], &["stats_reset"]]),
    (Kind::Settings, &[&["name"], &["setting"]]),
];

impl Kind {
    /// The kind of an export that has these columns.
    pub fn of(columns: &[Box<str>]) -> Option<Kind> {
        let has = |names: &&[&str]| names.iter().any(|name| columns.iter().any(|column| &**column == *name));
        SHAPES.iter().find(|(_, shape)| shape.iter().all(has)).map(|(kind, _)| *kind)
    }
}

/// One row of an export.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Which export it is of.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
    columns: Arc<[Box<str>]>,
    cells: Vec<Option<Box<str>>>,
}

impl Row {
    /// The value of a column; `None` for NULL, and where the export lacks the column.
    pub fn get(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| &**name == column)?;
        self.cells.get(at)?.as_deref()
    }

    /// Whether the export has a column.
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| &**name == column)
    }

    /// The number in a column.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.get(column)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The boolean in a column.
    pub fn boolean(&self, column: &str) -> Option<bool> {
        match self.get(column)?.trim() {
            "t" | "true" | "on" => Some(true),
            "f" | "false" | "off" => Some(false),
            _ => None,
        }
    }

    /// The first of these columns that the export has with a number in it: names change between versions.
    pub fn first_number(&self, columns: &[&str]) -> Option<f64> {
        columns.iter().find_map(|column| self.number(column))
    }
}

/// All that was exported.
#[derive(Clone, Default, Debug)]
pub struct Statistics {
    rows: Vec<Row>,
    named: FxHashMap<(Kind, String), usize>,
}

impl Statistics {
    /// Of these rows; of two about the same thing the later one counts.
    pub fn new(rows: Vec<Row>) -> Statistics {
        let named = rows.iter().enumerate().filter_map(|(at, row)| Some(((row.kind, name_of(row)?), at))).collect();
        Statistics { rows, named }
    }

    /// Whether nothing was exported.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first file that something was exported to.
    pub fn file(&self) -> FileId {
        self.rows.first().map_or(FileId::NONE, |row| row.span.file)
    }

    /// The rows of one kind, in order.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }

    /// Whether there is an export of this kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.of(kind).next().is_some()
    }

    /// The row about a table or an index: `public.orders`.
    pub fn about(&self, kind: Kind, name: &str) -> Option<&Row> {
        self.named.get(&(kind, name.to_owned())).map(|&at| &self.rows[at])
    }

    /// pg_stats of a column: `public.orders`, `status`.
    pub fn column(&self, table: &str, column: &str) -> Option<&Row> {
        self.about(Kind::Columns, &format!("{table}.{column}"))
    }

    /// How large each table is, where pg_class says it, or pg_stat_user_tables. A table that was never analyzed is of
    /// unknown size; so is one whose counters say nothing, for they start at zero after a crash.
    pub fn table_sizes(&self) -> TableSizes {
        let mut sizes = TableSizes::default();
        for row in self.rows.iter().filter(|row| matches!(row.kind, Kind::Tables | Kind::Sizes)) {
            let rows = match row.kind {
                Kind::Sizes if row.number("relpages") == Some(0.0) => {
                    row.number("reltuples").filter(|&rows| rows >= 0.0)
                }
                Kind::Sizes => row.number("reltuples").filter(|&rows| rows > 0.0),
                _ => row.number("n_live_tup").filter(|&rows| rows > 0.0),
            };
            let (Some(rows), Some(name)) = (rows, name_of(row)) else { continue };
            let size = TableSize::Rows(rows as u64);
            match row.kind {
                Kind::Sizes => drop(sizes.0.insert(name, size)),
                _ => drop(sizes.0.entry(name).or_insert(size)),
            }
        }
        sizes
    }

    /// A setting as pg_settings has it.
    pub fn setting(&self, name: &str) -> Option<&Row> {
        self.about(Kind::Settings, name)
    }

    /// A setting of memory or time in kB or ms, by its unit.
    pub fn setting_number(&self, name: &str) -> Option<f64> {
        let row = self.setting(name)?;
        let unit = match row.get("unit").unwrap_or("") {
            "8kB" => 8.0,
            "MB" => 1024.0,
            "s" => 1000.0,
            "min" => 60_000.0,
            _ => 1.0,
        };
        Some(row.number("setting")? * unit)
    }
}

/// What a row is about, as [`Statistics::about`] is asked for it.
fn name_of(row: &Row) -> Option<String> {
    let schema = row.get("schemaname").unwrap_or("public");
    Some(match row.kind {
        Kind::Statements | Kind::Database => return None,
        Kind::Settings => row.get("name")?.to_owned(),
        Kind::Columns => format!("{schema}.{}.{}", row.get("tablename")?, row.get("attname")?),
        Kind::Indexes | Kind::IndexBlocks | Kind::IndexState => format!("{schema}.{}", row.get("indexrelname")?),
        Kind::Tables | Kind::TableBlocks | Kind::Sizes => format!("{schema}.{}", row.get("relname")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn one(text: &str) -> Statistics {
        Statistics::new(read(FileId(0), text))
    }

    #[test]
    fn the_same_row_is_read_from_every_form() {
        let csv = "relid,schemaname,relname,seq_scan,idx_scan\n1,public,\"a,b\",7,\n";
        let json = r#"[{"relid":"1","schemaname":"public","relname":"a,b","seq_scan":7,"idx_scan":null}]"#;
        let wrapped =
            r#"{"tables": [{"relid":"1","schemaname":"public","relname":"a,b","seq_scan":7,"idx_scan":null}]}"#;
        let psql = " relid | schemaname | relname | seq_scan | idx_scan \n-------+------------+---------+----------+----------\n     1 | public     | a,b     |        7 |         \n(1 row)\n";
        let expanded = "-[ RECORD 1 ]------\nrelid      | 1\nschemaname | public\nrelname    | a,b\nseq_scan   | 7\nidx_scan   | \n";
        let lines = r#"{"relid":"1","schemaname":"public","relname":"a,b","seq_scan":7,"idx_scan":null}"#;
        let unaligned = "relid|schemaname|relname|seq_scan|idx_scan\n1|public|a,b|7|\n(1 row)\n";
        for text in [csv, json, wrapped, psql, expanded, lines, unaligned] {
            let statistics = one(text);
            let row = statistics.about(Kind::Tables, "public.a,b").unwrap_or_else(|| panic!("{text}"));
            assert_eq!((row.number("seq_scan"), row.number("idx_scan")), (Some(7.0), None), "{text}");
        }
    }

    #[test]
    fn without_names_a_row_is_known_by_its_cells() {
        let csv = "1,public,a,7,1,2,3,4,5,0\n".replace("7,", "7,8,");
        let psql = " 1 | public | a | 7 | 8 | 1 | 2 | 3 | 4 | 5 | 0\n";
        for text in [csv.as_str(), psql] {
            let statistics = one(text);
            let row = statistics.about(Kind::TableBlocks, "public.a").unwrap_or_else(|| panic!("{text}"));
            assert_eq!((row.number("heap_blks_read"), row.number("tidx_blks_hit")), (Some(7.0), Some(0.0)), "{text}");
        }
    }

    #[test]
    fn a_query_over_several_lines_is_one_cell() {
        let psql = " query  | calls | mean_exec_time \n--------+-------+----------------\n SELECT+|     3 |           1.50\n   1    |       |               \n(1 row)\n";
        let statistics = one(psql);
        let row = statistics.of(Kind::Statements).next().expect("one statement");
        assert_eq!((row.get("query"), row.number("calls")), (Some("SELECT\n  1"), Some(3.0)));
    }

    #[test]
    fn what_is_no_export_is_nothing() {
        for text in ["", "{", "[]", "[1]", "a,b\n1,2\n", "| |\n", "{\"a\": {\"b\": 1}}", "-[ RECORD 1 ]\n"] {
            assert!(one(text).is_empty(), "{text}");
        }
    }
}
