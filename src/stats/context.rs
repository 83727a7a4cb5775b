//! What rules about statistics share.

use crate::catalog::{Found, Index, NameKey, NameSpace, ObjectId};
use crate::rule::StatsContext;
use crate::source::Span;
use crate::syntax::Name;

use super::{Kind, Row, Statement};

impl<'a> StatsContext<'a> {
    /// The statements that read or write rows: no DDL, COPY, VACUUM and the like.
    pub fn statements(&self) -> Vec<Statement<'a>> {
        self.statistics.statements()
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
