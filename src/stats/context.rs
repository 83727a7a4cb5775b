//! What rules about statistics share.

use crate::catalog::{Found, Index, NameKey, NameSpace, ObjectId};
use crate::rule::StatsContext;
use crate::source::Span;
use crate::syntax::Name;

use super::{Kind, Row};

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

impl<'a> StatsContext<'a> {
    /// The statements that read or write rows: no DDL, COPY, VACUUM and the like.
    pub fn statements(&self) -> Vec<Statement<'a>> {
        let statements = self.statistics.of(Kind::Statements).filter_map(|row| {
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

    /// The relation or index that a row is about, in the catalog.
    pub fn object(&self, row: &Row, column: &str) -> Option<ObjectId> {
        let schema = self.catalog.schema(Name::from(row.get("schemaname").unwrap_or("public")))?;
        let name = Name::from(row.get(column)?);
        let key = NameKey { space: NameSpace::Relation, parent: Some(schema), name };
        self.catalog.named(key).first().copied()
    }

    /// The index that a row is about.
    pub fn index(&self, row: &Row) -> Option<Found<'a, Index>> {
        let id = self.object(row, "indexrelname")?;
        let object = self.catalog.get(id)?;
        Some(Found { id, object, is: object.as_index()? })
    }

    /// Where the relation or index was made.
    pub fn made(&self, id: Option<ObjectId>) -> Option<Span> {
        Some(self.catalog.get(id?)?.span).filter(|span| !span.is_none())
    }

    /// `2026-09-01 …`, since when the counters count, where an export says so.
    pub fn counted_since(&self) -> Option<&'a str> {
        let resets = self.statistics.of(Kind::Database).filter_map(|row| row.get("stats_reset"));
        resets.last()
    }
}

impl Row {
    /// The table or index that it is about, with its schema where that is not public.
    pub fn subject(&self) -> String {
        let name = self.get("indexrelname").or(self.get("relname")).or(self.get("tablename")).unwrap_or("");
        match self.get("schemaname") {
            Some(schema) if schema != "public" => format!("{schema}.{name}"),
            _ => name.to_owned(),
        }
    }

    /// The table that it is about, as SQL names it.
    pub fn table_sql(&self) -> String {
        let quote = crate::syntax::quote::quote_identifier;
        let table = self.get("relname").or(self.get("tablename")).unwrap_or("");
        format!("{}.{}", quote(self.get("schemaname").unwrap_or("public")), quote(table))
    }

    /// The start of the row, as much as a reader needs to find it.
    pub fn place(&self, text: &str) -> Span {
        let end = (self.span.end as usize).min(self.span.start as usize + 60).min(text.len());
        let line = text[self.span.start as usize..].find('\n').map_or(end, |at| self.span.start as usize + at);
        let end = text.floor_char_boundary(end.min(line));
        Span::new(self.span.file, self.span.start, end as u32)
    }
}

fn is_data(query: &str) -> bool {
    let word = query.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    ["select", "with", "insert", "update", "delete", "merge", "values"].iter().any(|known| word.eq_ignore_ascii_case(known))
        // Those of tools that look at the server itself.
        && !query.contains("pg_catalog.") && !query.contains("pg_stat_")
}
