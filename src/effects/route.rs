//! Which partitions rows go to, and which a condition leaves out.

use super::Work;
use super::prune::Space;
use super::tree::tree;
use crate::catalog::bound::BoundValue as Value;
use crate::catalog::{Key, ObjectId};
use crate::syntax::{
    Expr, ExprKind, FromItem, FromKind, Insert, Name, Query, QueryBody, RelationRef, Select, StatementKind,
};

/// A relation of a statement, the condition on it, and whether it stands alone there.
struct Filtered<'a> {
    relation: &'a RelationRef,
    filter: &'a Expr,
    alone: bool,
}

impl Work<'_> {
    /// The partitions that the rows of an INSERT go to, as far as constants tell.
    pub(super) fn partitions_written(&self, table: ObjectId, insert: &Insert) -> Vec<ObjectId> {
        let columns = self.inserted_columns(table, insert);
        let mut found = Vec::new();
        for row in insert.source.as_ref().map(rows).unwrap_or_default() {
            let given: Vec<(Name, &Expr)> = columns.iter().copied().zip(row).collect();
            let mut at = table;
            while let Some(partition) = self.partition_of_row(at, &given) {
                found.push(partition);
                at = partition;
            }
        }
        found
    }

    /// The columns that an INSERT names, or all.
    pub(super) fn inserted_columns(&self, table: ObjectId, insert: &Insert) -> Vec<Name> {
        if insert.columns.is_empty() {
            return self.column_names(table);
        }
        insert.columns.iter().map(|column| column.name.name).collect()
    }

    fn partition_of_row(&self, table: ObjectId, given: &[(Name, &Expr)]) -> Option<ObjectId> {
        let relation = self.relation(table)?;
        let keys = &relation.partition_key.as_ref()?.keys;
        let value = |key: &Key| {
            let Key::Column(number) = key else { return None };
            let column = relation.column_number(*number)?;
            match given.iter().find(|(name, _)| *name == column.name) {
                Some((_, value)) if !matches!(value.kind, ExprKind::Default) => Value::of(value),
                _ => column.default.as_ref().map_or(Some(Value::Null), |default| Value::of(default)),
            }
        };
        let row: Option<Vec<Value>> = keys.iter().map(value).collect();
        Space::of(self.before, table)?.place_of(&row?)
    }

    /// The partition, and those above it, that hold the row with this key in a partitioned table.
    pub(super) fn partitions_with_key(&self, table: ObjectId, key: &[(Name, &Expr)]) -> Option<Vec<ObjectId>> {
        let mut found = vec![table];
        let mut at = table;
        while self.is_partitioned(at) {
            at = self.partition_of_row(at, key)?;
            found.push(at);
        }
        Some(found)
    }

    /// The partitions that the conditions of a statement leave out.
    pub(super) fn left_out(&self, kind: &StatementKind) -> Vec<ObjectId> {
        let mut out = Vec::new();
        for filtered in conditions(kind) {
            let Some(table) = self.find(&filtered.relation.name) else { continue };
            if !self.is_partitioned(table) {
                continue;
            }
            if self.version >= 17 && self.is_never_met(table, filtered.filter) {
                out.extend(self.before.children(table).into_iter().flat_map(|child| tree(self.before, child)));
                continue;
            }
            let own = |expr: &Expr| is_of(expr, filtered.relation, filtered.alone);
            for parent in tree(self.before, table) {
                let Some(space) = Space::of(self.before, parent) else { continue };
                let pruned = space.excluded(filtered.filter, &own);
                out.extend(pruned.into_iter().flat_map(|partition| tree(self.before, partition)));
            }
        }
        out
    }

    /// Since 17 the planner knows that a NOT NULL column is never null.
    fn is_never_met(&self, table: ObjectId, filter: &Expr) -> bool {
        match &filter.kind {
            ExprKind::And(parts) => parts.iter().any(|part| self.is_never_met(table, part)),
            ExprKind::NullTest(test) if !test.negated => match &test.expr.kind {
                ExprKind::Column(column) => column.column().is_some_and(|column| {
                    self.relation(table).and_then(|it| it.column(column.name)).is_some_and(|column| column.not_null)
                }),
                _ => false,
            },
            _ => false,
        }
    }

    /// The names of the columns of a table.
    pub(super) fn column_names(&self, table: ObjectId) -> Vec<Name> {
        self.relation(table).iter().flat_map(|relation| relation.columns.iter().map(|column| column.name)).collect()
    }
}

/// The rows that a query gives, where their expressions are written: VALUES, or the targets of a SELECT.
pub(super) fn rows(query: &Query) -> Vec<Vec<&Expr>> {
    match &query.body {
        QueryBody::Values(values) if values.elided == 0 => values.rows.iter().map(|row| row.iter().collect()).collect(),
        QueryBody::Select(select) => vec![select.targets.iter().map(|target| &target.expr).collect()],
        _ => Vec::new(),
    }
}

/// Whether an expression can only be about the one relation.
fn is_of(expr: &Expr, relation: &RelationRef, alone: bool) -> bool {
    let name = relation.alias.as_ref().map_or(relation.name.name.name, |alias| alias.name.name);
    match &expr.kind {
        ExprKind::Column(column) => column.qualifier().map_or(alone, |qualifier| qualifier.name == name),
        _ => alone,
    }
}

/// The relations of a statement whose WHERE may leave partitions out: those that are named once.
fn conditions(kind: &StatementKind) -> Vec<Filtered<'_>> {
    match kind {
        StatementKind::Update(update) => of_target(&update.relation, &update.from, update.filter.as_ref()),
        StatementKind::Delete(delete) => of_target(&delete.relation, &delete.using, delete.filter.as_ref()),
        StatementKind::Select(query) => match &query.body {
            QueryBody::Select(select) => of_select(select),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn of_select(select: &Select) -> Vec<Filtered<'_>> {
    let Some(filter) = &select.filter else { return Vec::new() };
    filtered(select.from.iter().flat_map(relations).collect(), filter)
}

fn of_target<'a>(target: &'a RelationRef, from: &'a [FromItem], filter: Option<&'a Expr>) -> Vec<Filtered<'a>> {
    let Some(filter) = filter else { return Vec::new() };
    filtered(std::iter::once(target).chain(from.iter().flat_map(relations)).collect(), filter)
}

fn filtered<'a>(relations: Vec<&'a RelationRef>, filter: &'a Expr) -> Vec<Filtered<'a>> {
    let alone = relations.len() == 1;
    let once = |relation: &&RelationRef| relations.iter().filter(|other| other.name == relation.name).count() == 1;
    let once: Vec<&RelationRef> = relations.iter().copied().filter(once).collect();
    once.into_iter().map(|relation| Filtered { relation, filter, alone }).collect()
}

/// The relations of a FROM item that its WHERE is about; the far side of an outer join is not.
fn relations(item: &FromItem) -> Vec<&RelationRef> {
    match &item.kind {
        FromKind::Relation(relation) => vec![relation],
        FromKind::Join(join) => [relations(&join.left), relations(&join.right)].concat(),
        _ => Vec::new(),
    }
}
