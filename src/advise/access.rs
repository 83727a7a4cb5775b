//! One table as one query reads it.

use crate::source::Span;

use super::condition::{Condition, Key, Obstacle};
use super::table::Table;

/// A table as a query reads it, from a plan or from the query alone.
#[derive(Clone)]
pub struct Access<'a> {
    /// The table; of partitions the partitioned table.
    pub table: Table<'a>,
    /// Where it is read.
    pub span: Span,
    /// What all rows must pass.
    pub conditions: Vec<Condition>,
    /// Those of them that an index was searched by, and how many rows it found.
    pub searched: Option<(Vec<Condition>, f64)>,
    /// What the table's policy asks besides of those who are subject to it: who asks is not known.
    pub policy: Vec<Condition>,
    /// One of several must hold.
    pub any: Vec<Vec<Vec<Condition>>>,
    /// Conditions that no index can answer, and why.
    pub obstacles: Vec<Obstacle>,
    /// Other tables whose rows it is looked up for.
    pub joins: Vec<Probe>,
    /// The order that rows are wanted in.
    pub order: Option<Order>,
    /// The columns that are needed of it; `None`: all of them, or not known.
    pub needed: Option<Vec<String>>,
    /// What was measured, or thought.
    pub figures: Figures,
    /// The index that was read.
    pub index: Option<String>,
    /// Why it is read at all, where that is not in the query: the foreign key whose check reads it.
    pub foreign_key: Option<String>,
}

/// A join that could look rows up by an index.
#[derive(Clone, PartialEq, Debug)]
pub struct Probe {
    /// Columns of this table that equal columns of others.
    pub conditions: Vec<Condition>,
    /// How many rows the others have.
    pub rows: f64,
    /// How many pairs there are.
    pub found: f64,
    /// The table is read once for each of those rows, so that its order is one within each reading.
    pub each: bool,
}

/// An order, and how many rows are wanted in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// The keys, first to last.
    pub keys: Vec<OrderKey>,
    /// Rows after which it stops.
    pub limit: Option<f64>,
}

/// A key of an order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OrderKey {
    /// What is ordered by.
    pub key: Key,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST in effect.
    pub nulls_first: bool,
}

/// What reading the table costs today.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Figures {
    /// Rows of the table.
    pub rows: f64,
    /// Whether `rows` was counted, and not thought.
    pub counted: bool,
    /// Blocks of the table.
    pub pages: f64,
    /// Rows that the conditions leave, of the whole table; `None` where nobody counted.
    pub kept: Option<f64>,
    /// Blocks touched by this access.
    pub blocks: f64,
    /// ms that it took, of all processes together; `None` without times.
    pub time: Option<f64>,
    /// How often it was read from its start.
    pub runs: f64,
    /// Rows that were sorted for it.
    pub sorted: f64,
    /// The plan was run.
    pub analyzed: bool,
}

/// ms that touching a block takes that is in memory. Costs here are in blocks, so that times and blocks can be added.
pub const BLOCK_TIME: f64 = 0.005;
/// Blocks that looking at a row costs, where no time says more.
pub const ROW_COST: f64 = 0.02;

impl Figures {
    /// Blocks' worth of work that looking at one row takes.
    pub fn row_cost(&self) -> f64 {
        let by_time = |time: f64| (time / BLOCK_TIME - self.blocks).max(0.0) / (self.rows * self.runs).max(1.0);
        self.time.map_or(ROW_COST, by_time).clamp(ROW_COST / 4.0, 4.0)
    }
}

impl Access<'_> {
    /// Blocks' worth of work that the access takes today.
    pub fn work(&self) -> f64 {
        let scan = self.figures.time.map_or(self.figures.rows * self.figures.runs * ROW_COST, |time| time / BLOCK_TIME);
        self.figures.blocks.max(1.0) + scan + sort_work(self.figures.sorted)
    }

    /// Whether a plan says how many rows its conditions keep.
    pub fn is_measured(&self) -> bool {
        self.figures.analyzed || self.figures.kept.is_some()
    }

    /// Whether nothing that the query says leaves a row out.
    pub fn takes_all(&self) -> bool {
        self.conditions.is_empty() && self.any.is_empty() && self.obstacles.is_empty() && self.joins.is_empty()
    }

    /// The same access by a role that the table's policy is for.
    pub fn under_policy(&self) -> Option<Self> {
        let asked = |condition: &&Condition| self.conditions.iter().all(|own| own.key != condition.key || !own.fixes());
        let more: Vec<Condition> = self.policy.iter().filter(asked).cloned().collect();
        let conditions = self.conditions.iter().cloned().chain(more.iter().cloned()).collect();
        (!more.is_empty()).then(|| Access { conditions, policy: Vec::new(), ..self.clone() })
    }

    /// All columns that its conditions and order read.
    pub fn tested(&self) -> Vec<&str> {
        let conditions = self.conditions.iter().chain(self.joins.iter().flat_map(|probe| &probe.conditions));
        let any = self.any.iter().flatten().flatten();
        let keys = conditions.chain(any).map(|condition| &condition.key);
        let order = self.order.iter().flat_map(|order| &order.keys).map(|key| &key.key);
        let mut columns: Vec<&str> = keys.chain(order).flat_map(|key| &key.columns).map(String::as_str).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

/// Blocks' worth of work that sorting takes.
pub fn sort_work(rows: f64) -> f64 {
    if rows < 2.0 { 0.0 } else { rows * rows.log2() * 0.004 }
}
