//! An index: one that is there, or one that could be.

use crate::capture::Expression;
use crate::catalog::{Found, Index, Key as CatalogKey};
use crate::syntax::quote::quote_identifier;

use super::access::OrderKey;
use super::condition::{Condition, Conjunct, Key, Side, Test, conjuncts, key};
use super::table::Table;

/// Index access methods that advice knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Method {
    /// Equality, ranges, order.
    Btree,
    /// Values within values.
    Gin,
    /// Ranges and shapes.
    Gist,
    /// A summary of each range of blocks.
    Brin,
    /// hash and the methods of extensions: never proposed.
    Other,
}

impl Method {
    /// As CREATE INDEX names it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Btree => "btree",
            Method::Gin => "gin",
            Method::Gist => "gist",
            Method::Brin => "brin",
            Method::Other => "other",
        }
    }

    fn named(name: &str) -> Method {
        match name {
            "btree" => Method::Btree,
            "gin" => Method::Gin,
            "gist" => Method::Gist,
            "brin" => Method::Brin,
            _ => Method::Other,
        }
    }
}

/// A key of an index.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct IndexKey {
    /// Column or expression.
    pub key: Key,
    /// The operator class, where it is not the default one.
    pub class: Option<String>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST in effect.
    pub nulls_first: bool,
}

/// An index.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// Its access method.
    pub method: Method,
    /// Its keys.
    pub keys: Vec<IndexKey>,
    /// INCLUDE.
    pub include: Vec<String>,
    /// What rows must pass to be in it.
    pub predicate: Vec<Condition>,
    /// The name of one that is there.
    pub existing: Option<String>,
    /// It has a condition that is not understood, or is not valid.
    pub unusable: bool,
}

impl IndexKey {
    /// Ascending, with the default operator class.
    pub fn plain(key: &Key) -> IndexKey {
        IndexKey { key: key.clone(), class: None, descending: false, nulls_first: false }
    }

    /// In the direction of an order.
    pub fn ordered(order: &OrderKey) -> IndexKey {
        IndexKey { descending: order.descending, nulls_first: order.nulls_first, ..IndexKey::plain(&order.key) }
    }

    fn sql(&self) -> String {
        let mut sql = self.key.sql.clone();
        if let Some(class) = &self.class {
            sql.push(' ');
            sql.push_str(class);
        }
        sql.push_str(match (self.descending, self.nulls_first) {
            (false, false) => "",
            (false, true) => " nulls first",
            (true, true) => " desc",
            (true, false) => " desc nulls last",
        });
        sql
    }
}

impl Candidate {
    /// A b-tree of these keys.
    pub fn btree(keys: Vec<IndexKey>) -> Candidate {
        Candidate {
            method: Method::Btree,
            keys,
            include: Vec::new(),
            predicate: Vec::new(),
            existing: None,
            unusable: false,
        }
    }

    /// An index of one key with another method.
    pub fn single(method: Method, key: &Key, class: Option<&str>) -> Candidate {
        let key = IndexKey { class: class.map(str::to_owned), ..IndexKey::plain(key) };
        Candidate { method, ..Candidate::btree(vec![key]) }
    }

    /// One that is there.
    pub fn of_index(table: &Table<'_>, index: Found<'_, Index>) -> Candidate {
        let mut unusable = !index.is.valid;
        let side = Side { table, alias: None, alone: true };
        let text = |expr: &crate::syntax::Expr| Expression::parse(table.knowledge.sources.slice(expr.span));
        let mut keys = Vec::new();
        for part in &index.is.keys {
            let key = match &part.key {
                CatalogKey::Column(number) => column_key(table, *number),
                CatalogKey::Expr(expr) => key(&text(expr), side).ok(),
            };
            let key = key.unwrap_or_else(|| {
                unusable |= keys.is_empty();
                Key { sql: "?".to_owned(), column: None, columns: Vec::new() }
            });
            let class = part.operator_class.map(|class| class.to_string());
            keys.push(IndexKey { key, class, descending: part.descending, nulls_first: part.nulls_first });
        }
        let mut predicate = Vec::new();
        for conjunct in index.is.predicate.iter().flat_map(|expr| conjuncts(&text(expr), side)) {
            match conjunct {
                Conjunct::One(condition) => predicate.push(condition),
                _ => unusable = true,
            }
        }
        let include = index.is.include.iter().filter_map(|number| column_key(table, *number)?.column).collect();
        let method = Method::named(index.is.access_method.as_str());
        let existing = Some(index.name().to_string());
        Candidate { method, keys, include, predicate, existing, unusable: unusable || method == Method::Other }
    }

    /// `(customer_id, created_at) include (total) where deleted_at is null`.
    pub fn definition(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(IndexKey::sql).collect();
        let method =
            if self.method == Method::Btree { String::new() } else { format!("using {} ", self.method.name()) };
        let mut sql = format!("{method}({})", keys.join(", "));
        if !self.include.is_empty() {
            let include: Vec<String> = self.include.iter().map(|name| quote_identifier(name).into_owned()).collect();
            sql.push_str(&format!(" include ({})", include.join(", ")));
        }
        if let Some(predicate) = self.predicate_sql() {
            sql.push_str(&format!(" where {predicate}"));
        }
        sql
    }

    /// The condition of a partial index.
    pub fn predicate_sql(&self) -> Option<String> {
        let parts: Vec<String> = self.predicate.iter().filter_map(Condition::predicate).collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }

    /// The statement that makes it under a name. On a partitioned table it cannot be made concurrently.
    pub fn statement(&self, table: &Table<'_>, name: &str) -> String {
        let concurrently = if table.is_partitioned() { "" } else { "concurrently " };
        let name = quote_identifier(name);
        format!("create index {concurrently}{name} on {} {};", table.sql_name(), self.definition())
    }

    /// All columns that it holds or asks about.
    pub fn columns(&self) -> Vec<&str> {
        let keys = self.keys.iter().flat_map(|key| &key.key.columns);
        let predicate = self.predicate.iter().flat_map(|condition| &condition.key.columns);
        let mut columns: Vec<&str> = keys.chain(&self.include).chain(predicate).map(String::as_str).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Whether it does all that a shorter one does: it starts with its keys and holds its columns.
    pub fn extends(&self, shorter: &Candidate) -> bool {
        let btrees = self.method == Method::Btree && shorter.method == Method::Btree;
        btrees
            && shorter.keys.len() < self.keys.len()
            && shorter.keys.iter().zip(&self.keys).all(|(short, long)| short == long)
            && shorter.include.iter().all(|column| self.columns().contains(&column.as_str()))
            && shorter.predicate == self.predicate
    }

    /// Whether a condition is part of what rows must pass to be in it, or follows from what a query asks.
    pub fn predicate_follows(&self, asked: &[&Condition]) -> bool {
        self.predicate.iter().all(|wanted| {
            asked.iter().any(|condition| {
                let same = condition.test == wanted.test && condition.values == wanted.values;
                let not_null = wanted.test == Test::NotNull && condition.is_strict();
                condition.key.sql == wanted.key.sql && (same || not_null)
            })
        })
    }
}

fn column_key(table: &Table<'_>, number: i16) -> Option<Key> {
    let column = table.columns().find(|column| column.number == number)?;
    let sql = quote_identifier(&column.name).into_owned();
    Some(Key { sql, column: Some(column.name.to_string()), columns: vec![column.name.to_string()] })
}
