//! The migration that explains why a plan changed.

use std::collections::BTreeSet;

use crate::capture::Plan;
use crate::catalog::{CatalogAt, Executed, Index, Kind, Object, ObjectId, Outcome, Relation, StatementId};
use crate::source::Span;

/// A statement of a migration that explains a change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cause {
    /// The statement.
    pub span: Span,
    /// What it does, with the object: `drops index orders_customer_id_idx, which the plan used`.
    pub what: String,
}

/// What a plan reads, and by which indexes.
#[derive(Clone, Default, Debug)]
pub struct Uses {
    /// Names of indexes.
    pub indexes: BTreeSet<String>,
    /// Names of tables.
    pub tables: BTreeSet<String>,
    /// The conditions, with the columns that they test.
    conditions: String,
}

impl Uses {
    /// What a plan uses.
    pub fn of(plan: &Plan) -> Uses {
        let mut uses = Uses::default();
        for node in plan.nodes() {
            let node = node.get();
            uses.indexes.extend(node.index_name.as_deref().map(str::to_owned));
            uses.tables.extend(node.relation_name.as_deref().map(str::to_owned));
            for condition in node.expressions() {
                uses.conditions.push_str(condition);
                uses.conditions.push('\n');
            }
        }
        uses
    }

    /// What the lines of a shape use.
    pub fn of_tree(tree: &[String]) -> Uses {
        let mut uses = Uses { conditions: tree.join("\n"), ..Uses::default() };
        for line in tree {
            let title = line.split(": ").next().unwrap_or(line);
            let table = title.split(" on ").nth(1).map(|name| name.rsplit('.').next().unwrap_or(name).to_owned());
            match title.split(" using ").nth(1).and_then(|rest| rest.split(" on ").next()) {
                Some(index) => uses.indexes.extend([index.to_owned()]),
                None if title.trim_start().starts_with("Bitmap Index Scan") => {
                    uses.indexes.extend(table);
                    continue;
                }
                None => {}
            }
            uses.tables.extend(table);
        }
        uses
    }

    fn tests(&self, column: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.conditions.match_indices(column).any(|(at, found)| {
            let before = self.conditions[..at].chars().next_back();
            let after = self.conditions[at + found.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    }
}

/// The statements after `since` (or of the whole history) that explain why a plan went from one to the other.
pub fn causes(catalog: CatalogAt<'_>, before: &Uses, after: &Uses, since: Option<StatementId>) -> Vec<Cause> {
    let history = catalog.catalog();
    let mut causes = Vec::new();
    let ran = |executed: &&Executed| matches!(executed.outcome, Outcome::Done) && !executed.rolled_back;
    for executed in history.statements().iter().filter(ran) {
        if since.is_some_and(|since| executed.id <= since) {
            continue;
        }
        for id in history.changed_in(executed.id) {
            let (old, new) = (history.before(executed.id).get(id), history.after(executed.id).get(id));
            let explained = Step {
                catalog,
                before,
                after,
                bounded: since.is_some(),
                old: old.map(|it| &**it),
                new: new.map(|it| &**it),
                id,
            };
            if let Some(what) = explained.what() {
                causes.push(Cause { span: executed.statement.span, what });
            }
        }
    }
    causes.retain(|cause| !cause.span.is_none());
    causes.dedup();
    causes
}

/// What one statement did to one object.
struct Step<'a> {
    catalog: CatalogAt<'a>,
    before: &'a Uses,
    after: &'a Uses,
    /// Whether it is known that the statement ran between the two plans.
    bounded: bool,
    old: Option<&'a Object>,
    new: Option<&'a Object>,
    id: ObjectId,
}

impl Step<'_> {
    fn what(&self) -> Option<String> {
        match (self.old.map(|object| &object.kind), self.new.map(|object| &object.kind)) {
            (Some(Kind::Index(_)), None) => self.dropped_index(),
            (None, Some(Kind::Index(index))) => self.new_index(index),
            (Some(Kind::Index(_)), Some(Kind::Index(_))) => self.renamed_index(),
            (Some(Kind::Relation(old)), Some(Kind::Relation(new))) => self.changed_table(old, new),
            (None, Some(Kind::Policy(policy))) if self.bounded => self.policy("creates", policy.table),
            (Some(Kind::Policy(policy)), None) if self.bounded => self.policy("drops", policy.table),
            (Some(Kind::Policy(policy)), Some(Kind::Policy(_))) if self.bounded => self.policy("changes", policy.table),
            _ => None,
        }
    }

    fn dropped_index(&self) -> Option<String> {
        let name = self.old?.name.as_str();
        let lost = self.before.indexes.contains(name) && !self.after.indexes.contains(name);
        lost.then(|| format!("drops index {name}, which the plan used"))
    }

    fn new_index(&self, index: &Index) -> Option<String> {
        let name = self.new?.name.as_str();
        let gained = self.after.indexes.contains(name) && !self.before.indexes.contains(name);
        let table = self.catalog.short_name(index.table);
        // An index as old as its table was there for both plans.
        let file = |id: ObjectId| {
            let by = self.catalog.catalog().history(id).next()?.0;
            Some(self.catalog.catalog().statement(by)?.file)
        };
        if !self.bounded && file(self.id) == file(index.table) {
            return None;
        }
        gained.then(|| format!("creates index {name} on {table}, which the plan now uses"))
    }

    fn renamed_index(&self) -> Option<String> {
        let (old, new) = (self.old?.name.as_str(), self.new?.name.as_str());
        let renamed = old != new && self.before.indexes.contains(old) && self.after.indexes.contains(new);
        renamed.then(|| format!("renames index {old} to {new}"))
    }

    fn changed_table(&self, old: &Relation, new: &Relation) -> Option<String> {
        let name = self.new?.name.as_str();
        if !self.before.tables.contains(name) && !self.after.tables.contains(name) {
            return None;
        }
        // Without bounds a change of type explains only a plan that lost an index.
        let lost = self.before.indexes.difference(&self.after.indexes).next().is_some();
        if !self.bounded && !lost {
            return None;
        }
        let table = self.catalog.short_name(self.id);
        let retyped = new.columns.iter().find(|column| {
            let was = old.columns.iter().find(|was| was.number == column.number);
            was.is_some_and(|was| was.ty != column.ty || was.collation != column.collation)
                && (self.before.tests(&column.name) || self.after.tests(&column.name))
        });
        if let Some(column) = retyped {
            return Some(format!("changes the type of {table}.{}, which the plan tests", column.name));
        }
        let switched = old.row_security.is_none() && new.row_security.is_some();
        (switched && self.bounded).then(|| format!("enables row level security on {table}"))
    }

    fn policy(&self, does: &str, table: ObjectId) -> Option<String> {
        let policy = self.new.or(self.old)?.name;
        let relation = self.catalog.get(table)?.name;
        let read = self.before.tables.contains(relation.as_str()) || self.after.tables.contains(relation.as_str());
        read.then(|| format!("{does} policy \"{policy}\" on {}", self.catalog.short_name(table)))
    }
}
