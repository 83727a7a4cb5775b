//! SELECT, INSERT, UPDATE, DELETE, MERGE.

use super::*;
use crate::syntax::{DataStatement, Persistence, Query, QueryBody, RelationRef};

impl Converter<'_> {
    /// A statement that yields rows, within these tokens.
    pub(super) fn data_statement(&self, _node: Node, at: Extent) -> DataStatement {
        DataStatement::Select(self.query(_node, at).value)
    }

    /// A query within these tokens (which may go on after its end); its own are the second part.
    pub(super) fn query(&self, _node: Node, within: Extent) -> Placed<Query> {
        let value = Query {
            span: self.span(within),
            with: None,
            body: QueryBody::Opaque,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            locking: Vec::new(),
        };
        Placed { value, at: within }
    }

    /// A relation with its alias.
    pub(super) fn relation(&self, relation: &raw::RangeVar) -> RelationRef {
        self.placed_relation(relation).value
    }

    /// A relation with its alias, and the tokens of both.
    pub(super) fn placed_relation(&self, relation: &raw::RangeVar) -> Placed<RelationRef> {
        let first = self.at(relation.location);
        let names = [&relation.catalogname, &relation.schemaname, &relation.relname];
        let (parts, end) = self.dotted(names.into_iter().filter_map(Ptr::str), first);
        let at = Extent::new(first, end);
        let value = RelationRef {
            span: self.span(at),
            name: self.qualified(parts, first),
            only: !relation.inh,
            persistence: match relation.relpersistence as u8 {
                b't' => Persistence::Temporary,
                b'u' => Persistence::Unlogged,
                _ => Persistence::Permanent,
            },
            alias: None,
        };
        Placed { value, at }
    }
}

impl DataStatement {
    /// As a statement of its own.
    pub(super) fn into_kind(self) -> StatementKind {
        match self {
            DataStatement::Select(query) => StatementKind::Select(Box::new(query)),
            DataStatement::Insert(insert) => StatementKind::Insert(insert),
            DataStatement::Update(update) => StatementKind::Update(update),
            DataStatement::Delete(delete) => StatementKind::Delete(delete),
            DataStatement::Merge(merge) => StatementKind::Merge(merge),
        }
    }
}
