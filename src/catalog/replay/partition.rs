//! What partitions get from the table they are partitions of.

use std::sync::Arc;

use super::index::{IndexSpec, KeySpec, ParentIndex, column_map};
use super::{Effect, Replay};
use crate::catalog::{ConstraintKind, Dependency, Index, IndexColumn, Key, Kind, ObjectId, RelationClass};
use crate::syntax::Ident;

/// Column numbers of a partitioned table with those of a partition.
pub(crate) type ColumnMap = Vec<(i16, i16)>;

pub(crate) fn mapped(map: &ColumnMap, column: i16) -> i16 {
    map.iter().find(|(from, _)| *from == column).map_or(column, |(_, to)| *to)
}

impl Replay {
    /// The partitions of a partitioned table, in the order they were made.
    pub(crate) fn partitions(&self, table: ObjectId) -> Vec<ObjectId> {
        if !self.is_partitioned(table) {
            return Vec::new();
        }
        self.children(table)
    }

    pub(crate) fn columns_between(&self, from: ObjectId, to: ObjectId) -> ColumnMap {
        let now = self.now();
        let relation = |id| now.get(id).and_then(|object| object.as_relation());
        relation(from).zip(relation(to)).map(|(from, to)| column_map(from, to)).unwrap_or_default()
    }

    /// Gives a partition its part of an index: one that it has already, or a new one.
    pub(crate) fn index_partition(&mut self, spec: &IndexSpec, parent: ParentIndex, partition: ObjectId) -> Effect<()> {
        let class = self.now().get(partition).and_then(|object| object.as_relation()).map(|relation| relation.class);
        if class == Some(RelationClass::ForeignTable) {
            if !spec.unique {
                return Ok(());
            }
            let message = "cannot create unique index on a partitioned table with foreign table partitions";
            return Err(self.refuse("42809", spec.span, message));
        }
        let map = self.columns_between(spec.table, partition);
        if let Some(existing) = self.matching_index(parent, partition, &map) {
            self.attach_index(parent, existing);
            return Ok(());
        }
        let cloned = IndexSpec {
            name: None,
            table: partition,
            keys: spec.keys.iter().map(|key| mapped_key(key, &map)).collect(),
            include: spec.include.iter().map(|&column| mapped(&map, column)).collect(),
            depends: self.mapped_needs(&spec.depends, spec.table, partition, &map),
            ..spec.clone()
        };
        self.make_index(cloned, Some(parent)).map(|_| ())
    }

    /// The needs of a clone: the same objects, but the partition's own columns.
    pub(crate) fn mapped_needs(
        &self,
        needs: &[Dependency],
        from: ObjectId,
        to: ObjectId,
        map: &ColumnMap,
    ) -> Vec<Dependency> {
        let translate = |need: &Dependency| match need.column {
            Some(column) if need.on == from => Dependency { on: to, column: Some(mapped(map, column)), ..*need },
            None if need.on == from => Dependency { on: to, ..*need },
            _ => *need,
        };
        needs.iter().map(translate).collect()
    }

    /// An index of the partition that can be the part of the parent's: equal in all but its name.
    fn matching_index(&self, parent: ParentIndex, partition: ObjectId, map: &ColumnMap) -> Option<ObjectId> {
        let now = self.now();
        let model = now.get(parent.index)?.as_index()?;
        let mut candidates = now.attached(partition).filter_map(|(id, object)| Some((id, object.as_index()?)));
        candidates.find(|(_, index)| self.is_same_index(model, index, map, parent.constraint)).map(|(id, _)| id)
    }

    pub(super) fn is_same_index(
        &self,
        model: &Index,
        index: &Index,
        map: &ColumnMap,
        constraint: Option<ObjectId>,
    ) -> bool {
        let same_key = |(a, b): (&IndexColumn, &IndexColumn)| same_key(&mapped_key(a, map), b);
        let constraint_fits = match constraint.and_then(|id| self.now().get(id)?.as_constraint()) {
            Some(wanted) => {
                let own = index.constraint.and_then(|id| self.now().get(id)?.as_constraint());
                own.is_some_and(|own| same_kind(&own.kind, &wanted.kind) && own.parent.is_none())
            }
            None => true,
        };
        constraint_fits
            && index.parent.is_none()
            && model.access_method == index.access_method
            && model.unique == index.unique
            && model.nulls_not_distinct == index.nulls_not_distinct
            && model.exclusion == index.exclusion
            && model.keys.len() == index.keys.len()
            && model.keys.iter().zip(&index.keys).all(same_key)
            && model.include.iter().map(|&column| mapped(map, column)).eq(index.include.iter().copied())
            && same_expr(model.predicate.as_ref(), index.predicate.as_ref())
    }

    /// Makes an index the part of another.
    pub(crate) fn attach_index(&mut self, parent: ParentIndex, index: ObjectId) {
        let mut constraint = None;
        self.catalog.modify(index, |object| {
            if let Kind::Index(index) = &mut object.kind {
                index.parent = Some(parent.index);
                constraint = index.constraint;
            }
        });
        if let (Some(constraint), Some(parent)) = (constraint, parent.constraint) {
            self.set_parent_constraint(constraint, Some(parent));
        }
    }

    /// Makes a constraint the part of another, or one of its own.
    pub(crate) fn set_parent_constraint(&mut self, id: ObjectId, parent: Option<ObjectId>) {
        self.catalog.modify(id, |object| {
            if let Kind::Constraint(constraint) = &mut object.kind {
                constraint.parent = parent;
                constraint.inherited = u16::from(parent.is_some());
                constraint.local = parent.is_none();
            }
        });
    }

    /// Gives a new partition the indexes and keys of its table.
    pub(crate) fn clone_indexes(&mut self, table: ObjectId, partition: ObjectId) -> Effect<()> {
        let now = self.now();
        let indexes: Vec<ObjectId> =
            now.attached(table).filter(|(_, object)| object.as_index().is_some()).map(|(id, _)| id).collect();
        for index in indexes {
            let Some(spec) = self.spec_of(index) else { continue };
            let constraint = self.now().get(index).and_then(|object| object.as_index()?.constraint);
            self.index_partition(&spec, ParentIndex { index, constraint }, partition)?;
        }
        Ok(())
    }

    /// An existing index as something to make again.
    pub(crate) fn spec_of(&self, index: ObjectId) -> Option<IndexSpec> {
        let now = self.now();
        let object = now.get(index)?;
        let it = object.as_index()?;
        let constraint = it.constraint.and_then(|id| now.get(id)?.as_constraint());
        let key = constraint.map(|constraint| KeySpec {
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            operators: match &constraint.kind {
                ConstraintKind::Exclude { operators, .. } => Some(operators.clone()),
                _ => None,
            },
        });
        Some(IndexSpec {
            name: None,
            span: object.span,
            table: it.table,
            access_method: Ident { name: it.access_method, span: object.span },
            unique: it.unique,
            primary: it.primary,
            nulls_not_distinct: it.nulls_not_distinct,
            keys: it.keys.clone(),
            include: it.include.clone(),
            column_names: self.index_column_names(it),
            predicate: it.predicate.clone(),
            options: it.options.clone(),
            tablespace: it.tablespace,
            constraint: key,
            only: false,
            depends: object.depends.clone(),
        })
    }

    fn index_column_names(&self, index: &Index) -> Vec<crate::syntax::Name> {
        let column = |number: i16| self.column_at(index.table, number).map(|column| column.name);
        let key = |key: &IndexColumn| match &key.key {
            Key::Column(number) => column(*number),
            Key::Expr(expr) => super::naming::figure_column_name(expr),
        };
        let names = index.keys.iter().map(key).chain(index.include.iter().map(|&number| column(number)));
        names.map(|name| name.unwrap_or_else(|| crate::syntax::Name::from("expr"))).collect()
    }
}

pub(crate) fn mapped_key(key: &IndexColumn, map: &ColumnMap) -> IndexColumn {
    match key.key {
        Key::Column(column) => IndexColumn { key: Key::Column(mapped(map, column)), ..key.clone() },
        Key::Expr(_) => key.clone(),
    }
}

fn same_key(a: &IndexColumn, b: &IndexColumn) -> bool {
    let same = match (&a.key, &b.key) {
        (Key::Column(a), Key::Column(b)) => a == b,
        (Key::Expr(a), Key::Expr(b)) => same_expr(Some(a), Some(b)),
        _ => false,
    };
    same && a.operator_class == b.operator_class && a.collation == b.collation
}

fn same_kind(a: &ConstraintKind, b: &ConstraintKind) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// Whether two expressions say the same, wherever they are written.
pub(crate) fn same_expr(a: Option<&Arc<crate::syntax::Expr>>, b: Option<&Arc<crate::syntax::Expr>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
        _ => false,
    }
}
