//! What foreign keys and defaults add to the statements that write rows.

use super::Work;
use super::proof::is_column;
use super::route::rows;
use super::tree::key_side;
use crate::catalog::{CatalogAt, Column, Constraint, ForeignKey, Kind, ObjectId, Part};
use crate::syntax::{
    Assignment, ConflictTarget, Expr, ExprKind, Insert, LockMode, Merge, MergeAction, Name, QueryBody,
    ReferentialAction, StatementKind,
};

/// What a statement makes of a column of a row.
#[derive(Clone, Copy)]
enum Written<'e> {
    /// It keeps its value.
    Kept,
    Null,
    /// A value that the text does not show.
    Some,
    Value(&'e Expr),
}

impl<'e> Written<'e> {
    fn of(expr: &'e Expr) -> Written<'e> {
        match expr.kind {
            ExprKind::Null => Written::Null,
            ExprKind::Default => Written::Some,
            _ => Written::Value(expr),
        }
    }
}

impl Work<'_> {
    /// Foreign keys lock rows of the other side.
    pub(super) fn guarded_by_keys(&mut self, kind: &StatementKind) {
        // Keys are looked at row by row.
        if self.before.catalog().is_rowless(self.statement) {
            return;
        }
        match kind {
            StatementKind::Insert(insert) => self.inserted(insert),
            StatementKind::Update(update) => {
                if let Some(table) = self.written_table(&update.relation.name) {
                    self.updated(table, &update.set);
                }
            }
            StatementKind::Delete(delete) => {
                if let Some(table) = self.written_table(&delete.relation.name) {
                    self.deleted(table);
                }
            }
            StatementKind::Merge(merge) => self.merged(merge),
            _ => {}
        }
    }

    /// The table of this name, or the one that the view of this name shows.
    pub(super) fn written_table(&self, name: &crate::syntax::QualifiedName) -> Option<ObjectId> {
        let mut table = self.find(name)?;
        while let Some(shown) = self.table_of_view(table) {
            table = shown;
        }
        Some(table)
    }

    /// Each arm of MERGE is what it would be alone.
    fn merged(&mut self, merge: &Merge) {
        let Some(table) = self.written_table(&merge.relation.name) else { return };
        let before = self.before;
        for arm in &merge.arms {
            match &arm.action {
                MergeAction::Update(set) => self.updated(table, set),
                MergeAction::Insert { columns, .. } => {
                    let named: Vec<Name> = columns.iter().map(|column| column.name.name).collect();
                    let given = |name: Name| named.is_empty() || named.contains(&name);
                    self.lock_sequences_of_defaults(table, given);
                    self.check_keys(
                        table,
                        |name| if given(name) { Written::Some } else { default_of(before, table, name) },
                    );
                }
                MergeAction::Delete => self.deleted(table),
                MergeAction::Nothing => {}
            }
        }
    }

    fn inserted(&mut self, insert: &Insert) {
        let Some(target) = self.find(&insert.relation.name) else { return };
        if let Some(conflict) = &insert.on_conflict {
            self.infer_arbiters(target, conflict.target.as_ref());
        }
        let Some(table) = self.written_table(&insert.relation.name) else { return };
        for partition in self.partitions_written(table, insert) {
            self.lock(partition, LockMode::RowExclusive);
        }
        self.check_partition_bounds(table);
        let columns = self.inserted_columns(target, insert);
        let before = self.before;
        let Some(source) = &insert.source else {
            self.lock_sequences_of_defaults(table, |_| false);
            return;
        };
        let written = rows(source);
        if written.is_empty() {
            let given = |name: Name| columns.contains(&name);
            self.lock_sequences_of_defaults(table, |name| !insert.columns.is_empty() && given(name));
            self.check_keys(table, |name| if given(name) { Written::Some } else { default_of(before, table, name) });
        }
        for row in &written {
            let given = |name: Name| columns.iter().position(|&column| column == name).and_then(|at| row.get(at));
            let fills = |name: Name| given(name).is_some_and(|value| !matches!(value.kind, ExprKind::Default));
            let has_star = row.iter().any(|value| matches!(&value.kind, ExprKind::Column(column) if column.star));
            self.lock_sequences_of_defaults(table, |name| has_star || fills(name));
            self.check_keys(table, |name| match given(name) {
                Some(value) if fills(name) && !has_star => Written::of(value),
                _ if has_star => Written::Some,
                _ => default_of(before, table, name),
            });
        }
        if let Some(QueryBody::Values(values)) = insert.source.as_ref().map(|source| &source.body)
            && values.elided > 0
        {
            self.check_keys(table, |name| if columns.contains(&name) { Written::Some } else { Written::Kept });
        }
    }

    /// A row for a partition is held against its bounds, which stand with the tables above it.
    pub(super) fn check_partition_bounds(&mut self, partition: ObjectId) {
        let mut at = partition;
        while let Some(relation) = self.relation(at).filter(|relation| relation.bound.is_some()) {
            let Some(&parent) = relation.parents.first() else { return };
            self.lock(parent, LockMode::AccessShare);
            at = parent;
        }
    }

    /// The planner opens a table's indexes one by one to find those that ON CONFLICT means.
    fn infer_arbiters(&mut self, table: ObjectId, target: Option<&ConflictTarget>) {
        let Some(target) = target else { return };
        let mut indexes = self.indexes_of(table);
        indexes.sort_unstable();
        for index in indexes {
            self.lock(index, LockMode::RowExclusive);
            if let ConflictTarget::Constraint(name) = target
                && self.before.get(index).is_some_and(|index| index.name == name.name)
            {
                return;
            }
        }
    }

    fn lock_sequences_of_defaults(&mut self, table: ObjectId, given: impl Fn(Name) -> bool) {
        let Some(object) = self.before.get(table).cloned() else { return };
        let Some(relation) = object.as_relation() else { return };
        let fills = |number: i16| relation.column_number(number).is_some_and(|column| !given(column.name));
        let of_defaults = object.depends.iter().filter_map(|need| match need.part {
            Part::Default(number) if fills(number) => Some(need.on),
            _ => None,
        });
        let of_identity = self.before.owned_sequences(table).into_iter().filter(|&sequence| {
            let is = self.before.get(sequence).and_then(|object| object.as_sequence());
            is.and_then(|is| is.owned_by.filter(|_| is.identity)).is_some_and(|(_, number)| fills(number))
        });
        for sequence in of_defaults.chain(of_identity).collect::<Vec<_>>() {
            if self.before.get(sequence).is_some_and(|object| matches!(object.kind, Kind::Sequence(_))) {
                self.lock(sequence, LockMode::RowExclusive);
            }
        }
    }

    /// The rows that new values reference are locked against deletion. A key of which one column is null references
    /// nothing.
    fn check_keys<'e>(&mut self, table: ObjectId, written: impl Fn(Name) -> Written<'e>) {
        let keys: Vec<ForeignKey> = self
            .before
            .foreign_keys(table)
            .filter(|(constraint, _)| !constraint.is.initially_deferred && constraint.is.enforced)
            .filter(|(constraint, _)| !self.is_copy_beside(constraint.is))
            .map(|(_, key)| key.clone())
            .collect();
        let mut asked = Vec::new();
        for key in keys {
            let values: Vec<Written<'_>> =
                self.before.column_names(table, &key.columns).into_iter().map(&written).collect();
            let kept = values.iter().all(|value| matches!(value, Written::Kept));
            if !kept && !values.iter().any(|value| matches!(value, Written::Null)) {
                asked.push((key, values));
            }
        }
        for (key, values) in asked {
            self.ask_referenced(&key, &values);
        }
    }

    /// Whether a key is the copy of another of the same table, made for a partition of the referenced one.
    pub(super) fn is_copy_beside(&self, key: &Constraint) -> bool {
        let parent = key.parent.and_then(|parent| self.before.get(parent)?.as_constraint());
        parent.is_some_and(|parent| parent.of == key.of)
    }

    /// SELECT … FOR KEY SHARE on the referenced table; of a partitioned one only where the key can be.
    fn ask_referenced(&mut self, key: &ForeignKey, values: &[Written<'_>]) {
        let names = self.before.column_names(key.references, &key.referenced_columns);
        let constants: Option<Vec<(Name, &Expr)>> = names
            .into_iter()
            .zip(values)
            .map(|(name, value)| match value {
                Written::Value(value) => Some((name, *value)),
                _ => None,
            })
            .collect();
        let place = constants.and_then(|key_of_row| self.partitions_with_key(key.references, &key_of_row));
        self.lock_for_key(place.unwrap_or_else(|| key_side(self.before, key.references)), LockMode::RowShare);
    }

    /// Tables in which a key is looked up, and their indexes; those of partitioned tables are opened since 16.
    fn lock_for_key(&mut self, tables: Vec<ObjectId>, mode: LockMode) {
        for table in tables {
            self.lock(table, mode);
            if self.version >= 16 || !self.is_partitioned(table) {
                self.lock_indexes(table, mode);
            }
        }
    }

    /// New values for keys on either side.
    fn updated(&mut self, table: ObjectId, set: &[Assignment]) {
        // What stays as it was need not be looked up.
        let changed = |it: &&Assignment| !is_column(&it.value, it.column.name.name);
        let value = |name: Name| set.iter().find(|it| it.column.name.name == name).filter(changed).map(|it| &it.value);
        self.check_keys(table, |name| value(name).map_or(Written::Kept, Written::of));
        let set = set.iter().filter(changed).map(|it| it.column.name.name).collect();
        self.key_changed(table, set);
    }

    /// Rows that reference what has new values are asked for, or changed with it, and so on.
    fn key_changed(&mut self, table: ObjectId, set: Vec<Name>) {
        let mut waiting = vec![(table, set)];
        let mut seen = vec![table];
        while let Some((table, set)) = waiting.pop() {
            let is_set = |key: &ForeignKey| {
                let names = self.before.column_names(table, &key.referenced_columns);
                names.into_iter().any(|name| set.contains(&name))
            };
            let referencing = self.before.referencing(table).filter(|(_, key)| is_set(key));
            let referencing: Vec<(ObjectId, ForeignKey)> =
                referencing.map(|(constraint, key)| (constraint.is.of, key.clone())).collect();
            for (referencing, key) in referencing {
                self.lock_for_key(key_side(self.before, referencing), mode_of(key.on_update));
                if mode_of(key.on_update) == LockMode::RowExclusive && !seen.contains(&referencing) {
                    seen.push(referencing);
                    waiting.push((referencing, self.before.column_names(referencing, &key.columns)));
                }
            }
        }
    }

    /// What references deleted rows is deleted, cut loose, or locked while it is asked.
    fn deleted(&mut self, table: ObjectId) {
        let mut waiting = vec![table];
        let mut seen = vec![table];
        while let Some(table) = waiting.pop() {
            let keys: Vec<_> =
                self.before.referencing(table).map(|(constraint, key)| (constraint.is.of, key.on_delete)).collect();
            for (referencing, action) in keys {
                self.lock_for_key(key_side(self.before, referencing), mode_of(action));
                if action == ReferentialAction::Cascade && !seen.contains(&referencing) {
                    seen.push(referencing);
                    waiting.push(referencing);
                }
            }
        }
    }
}

/// What a column that is left out gets.
fn default_of(catalog: CatalogAt<'_>, table: ObjectId, name: Name) -> Written<'static> {
    let relation = catalog.get(table).and_then(|object| object.as_relation());
    let filled = |column: &Column| column.default.is_some() || column.identity.is_some();
    let column = relation.and_then(|relation| relation.column(name));
    if column.is_some_and(|column| filled(column)) { Written::Some } else { Written::Null }
}

/// NO ACTION and RESTRICT ask for referencing rows, the others write them.
fn mode_of(action: ReferentialAction) -> LockMode {
    match action {
        ReferentialAction::NoAction | ReferentialAction::Restrict => LockMode::RowShare,
        _ => LockMode::RowExclusive,
    }
}
