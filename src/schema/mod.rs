//! The schema that a history makes: as data ([`summary`]), as SQL that a server takes ([`sql`]), compared with
//! another ([`diff`]).
//!
//! What the platform's empty database holds is left out, unless the history changed it. The layout of the data is
//! documented in `docs/schema.md`.

mod diff;
mod grants;
mod sql;
mod sql_given;
mod sql_order;
mod sql_table;
mod summary;

pub use diff::{Change, Difference, diff};
pub use sql::sql;
pub use summary::{Objects, changed, summary};

use crate::catalog::deparse::{Deparser, Style};
use crate::catalog::{CatalogAt, Object, ObjectId, StatementId};
use crate::source::{Sources, Span};

/// A catalog with what is needed to write it down.
#[derive(Debug)]
pub struct Schema<'a> {
    /// The moment that is written down.
    pub at: CatalogAt<'a>,
    /// The texts that the catalog was made of.
    pub sources: &'a Sources,
    /// The server's major version.
    pub version: u8,
    deparser: Deparser<'a>,
    plain: Deparser<'a>,
    /// What there was before the first statement.
    empty: CatalogAt<'a>,
}

impl<'a> Schema<'a> {
    /// The schema at a moment.
    pub fn new(at: CatalogAt<'a>, sources: &'a Sources, version: u8) -> Schema<'a> {
        let deparser = Deparser::new(at, version);
        let plain = deparser.styled(Style::PLAIN).stable();
        Schema { at, sources, version, deparser, plain, empty: at.catalog().after(StatementId::BASELINE) }
    }

    /// Where the statement is that made an object; `None` for what the empty database holds.
    pub fn made_at(&self, id: ObjectId) -> Option<Span> {
        let made = self.at.catalog().statement(self.at.made_by(id)?)?;
        Some(made.statement.span)
    }

    /// Whether an object was there before the first statement.
    fn is_given(&self, id: ObjectId) -> bool {
        self.empty.get(id).is_some()
    }

    /// Whether the object is the project's or the platform's, not the system's or an extension's.
    fn is_listed(&self, object: &Object) -> bool {
        let of = object.attached_to().and_then(|of| self.at.get(of));
        let member = object.extension.is_some() || of.is_some_and(|of| of.extension.is_some());
        let schema = object.schema.or_else(|| of.and_then(|of| of.schema));
        let schema = schema.and_then(|schema| self.at.get(schema)).map(|schema| schema.name.as_str());
        let system = schema.is_some_and(|schema| {
            matches!(schema, "pg_catalog" | "information_schema" | "pg_toast") || schema.starts_with("pg_temp")
        });
        let temporary = matches!(object.kind, crate::catalog::Kind::Schema) && object.name.starts_with("pg_temp");
        // A schema is listed whoever it belongs to.
        !system && !temporary && (!member || matches!(object.kind, crate::catalog::Kind::Schema))
    }
}
