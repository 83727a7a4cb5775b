//! TRUNCATE, LOCK, CLUSTER, REINDEX, VACUUM, ANALYZE, REFRESH.

use super::tree::{has_storage, tree};
use super::{TransactionRule, Work};
use crate::catalog::{CatalogAt, ConstraintKind, ObjectId, RelationClass, TypeClass};
use crate::syntax::{
    Definition, DefinitionValue, DropBehavior, LockMode, Reindex, ReindexTarget, RelationRef, StatementKind,
    VacuumRelation,
};

impl Work<'_> {
    pub(super) fn maintenance(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Truncate { relations, restart_identity, behavior } => {
                self.truncate(relations, *restart_identity, *behavior)
            }
            StatementKind::Lock { relations, mode, .. } => self.lock_tables(relations, *mode),
            StatementKind::Cluster { relation, .. } => self.cluster(relation.as_deref()),
            StatementKind::Reindex(reindex) => self.reindex(reindex),
            StatementKind::Vacuum { vacuum, options, relations } => self.vacuum(*vacuum, options, relations),
            StatementKind::RefreshMaterializedView { relation, concurrently, with_data } => {
                self.refresh(relation, concurrently.is_some(), *with_data);
            }
            _ => {}
        }
    }

    // --- TRUNCATE, LOCK -------------------------------------------------------------------------

    fn truncate(&mut self, relations: &[RelationRef], restart_identity: bool, behavior: DropBehavior) {
        let mut tables: Vec<ObjectId> = Vec::new();
        for relation in relations {
            let Some(table) = self.find(&relation.name) else { continue };
            tables.extend(self.targets(table, relation.only));
        }
        if behavior == DropBehavior::Cascade {
            add_referencing(self.before, &mut tables);
        }
        for table in tables {
            self.lock(table, LockMode::AccessExclusive);
            if !self.relation(table).is_some_and(has_storage) {
                continue;
            }
            self.effects.rewrites.push(table);
            for index in self.indexes_of(table) {
                self.lock(index, LockMode::AccessExclusive);
                self.rebuild(index);
            }
            if restart_identity {
                for sequence in self.before.owned_sequences(table) {
                    self.lock(sequence, LockMode::AccessExclusive);
                    self.effects.rewrites.push(sequence);
                }
            }
        }
    }

    fn lock_tables(&mut self, relations: &[RelationRef], mode: LockMode) {
        self.effects.transaction = TransactionRule::InsideOnly;
        for relation in relations {
            let Some(id) = self.find(&relation.name) else { continue };
            self.lock_with_views(id, relation.only, mode);
        }
    }

    /// LOCK of a view also locks the tables that it reads.
    fn lock_with_views(&mut self, id: ObjectId, only: bool, mode: LockMode) {
        let mut waiting = vec![(id, only)];
        let mut seen = Vec::new();
        while let Some((id, only)) = waiting.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            for table in self.targets(id, only) {
                self.lock(table, mode);
            }
            let query = self.relation(id).filter(|it| it.class == RelationClass::View).and_then(|it| it.query.clone());
            waiting.extend(query.iter().flat_map(|query| query.reads.iter().map(|(relation, _)| (*relation, false))));
        }
    }

    // --- CLUSTER, REINDEX, VACUUM ---------------------------------------------------------------

    fn cluster(&mut self, relation: Option<&RelationRef>) {
        let Some(relation) = relation else {
            self.effects.transaction = TransactionRule::OutsideOnly;
            let clustered = self.before.objects().filter_map(|(_, object)| object.as_index().filter(|it| it.clustered));
            for table in clustered.map(|index| index.table).collect::<Vec<_>>() {
                self.lock(table, LockMode::AccessExclusive);
                self.write_anew(table, false);
            }
            return;
        };
        let Some(table) = self.find(&relation.name) else { return };
        let partitioned = self.relation(table).is_some_and(|it| it.class == RelationClass::PartitionedTable);
        // Up to 14 a partitioned table cannot be clustered at all.
        if partitioned && self.version >= 15 {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        self.lock(table, LockMode::AccessExclusive);
        // Of a partitioned table it opens the leaves alone.
        for leaf in self.targets(table, !partitioned) {
            if self.relation(leaf).is_some_and(has_storage) {
                self.lock(leaf, LockMode::AccessExclusive);
                self.write_anew(leaf, false);
            }
        }
    }

    /// A rewrite that may read the table through an index instead of from end to end.
    fn write_anew(&mut self, table: ObjectId, scans: bool) {
        if !self.relation(table).is_some_and(has_storage) {
            return;
        }
        self.effects.rewrites.push(table);
        self.check_column_types(table);
        for index in self.indexes_of(table) {
            self.lock(index, LockMode::AccessExclusive);
            self.rebuild(index);
        }
        if scans {
            self.scan(table);
        }
    }

    /// The new file is made as that of a new table, and composite types of its columns are looked into for a moment.
    fn check_column_types(&mut self, table: ObjectId) {
        if self.effects.transaction != TransactionRule::OutsideOnly {
            return;
        }
        let columns = self.relation(table).map(|relation| relation.columns.clone()).unwrap_or_default();
        for ty in columns.iter().filter_map(|column| column.ty.as_ref()) {
            let class = self.before.get(ty.id).and_then(|object| object.as_type()).map(|ty| &ty.class);
            if let Some(&TypeClass::Composite { relation }) = class {
                self.lock(relation, LockMode::AccessShare);
            }
        }
    }

    fn reindex(&mut self, reindex: &Reindex) {
        if reindex.concurrently.is_some() {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        let online = reindex.concurrently.is_some();
        match &reindex.target {
            ReindexTarget::Index(index) => {
                let Some(index) = self.find(&index.name) else { return };
                self.reindex_index(index, online);
            }
            ReindexTarget::Table(table) => {
                let Some(table) = self.find(&table.name) else { return };
                // Nobody else sees a temporary table.
                let own =
                    self.relation(table).is_some_and(|it| it.persistence == crate::syntax::Persistence::Temporary);
                self.reindex_table(table, online && !own);
            }
            ReindexTarget::Schema(schema) => {
                self.effects.transaction = TransactionRule::OutsideOnly;
                let Some(schema) = self.before.schema(schema.name) else { return };
                self.reindex_all(Some(schema), online);
            }
            ReindexTarget::Database(_) => {
                self.effects.transaction = TransactionRule::OutsideOnly;
                self.reindex_all(None, online);
            }
            ReindexTarget::System(_) => self.effects.transaction = TransactionRule::OutsideOnly,
        }
    }

    fn reindex_index(&mut self, index: ObjectId, online: bool) {
        let parts: Vec<ObjectId> = self.index_tree(index);
        if parts.len() > 1 || self.is_partitioned_index(index) {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        self.lock(index, if online { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive });
        for part in parts {
            let Some(table) = self.before.get(part).and_then(|object| object.as_index()).map(|it| it.table) else {
                continue;
            };
            let stored = self.relation(table).is_some_and(has_storage);
            if part == index || stored {
                self.lock(table, if online { LockMode::ShareUpdateExclusive } else { LockMode::Share });
            }
            if stored {
                self.lock(part, LockMode::AccessExclusive);
                self.rebuild(part);
                self.scan(table);
            } else if part != index {
                self.lock(part, LockMode::Share);
            }
        }
    }

    fn is_partitioned_index(&self, index: ObjectId) -> bool {
        let table = self.before.get(index).and_then(|object| object.as_index()).map(|it| it.table);
        table.and_then(|table| self.relation(table)).is_some_and(|it| it.class == RelationClass::PartitionedTable)
    }

    /// An index with the parts of it in the partitions.
    pub(super) fn index_tree(&self, index: ObjectId) -> Vec<ObjectId> {
        let mut found = vec![index];
        let mut next = 0;
        while next < found.len() {
            let parent = found[next];
            let Some(table) = self.before.get(parent).and_then(|object| object.as_index()).map(|it| it.table) else {
                break;
            };
            for child in self.before.children(table) {
                found.extend(self.before.indexes(child).filter(|it| it.is.parent == Some(parent)).map(|it| it.id));
            }
            next += 1;
        }
        found
    }

    fn reindex_table(&mut self, table: ObjectId, online: bool) {
        let partitioned = self.relation(table).is_some_and(|it| it.class == RelationClass::PartitionedTable);
        if partitioned {
            self.effects.transaction = TransactionRule::OutsideOnly;
            self.lock(table, if online { LockMode::ShareUpdateExclusive } else { LockMode::Share });
        }
        let root = table;
        for table in self.targets(root, !partitioned) {
            if !self.relation(table).is_some_and(has_storage) {
                if table != root {
                    self.lock(table, LockMode::Share);
                }
                continue;
            }
            // Each partition is taken under Share, CONCURRENTLY or not: measured (reindex/table-partitioned-concurrently).
            let mode = if online && !partitioned { LockMode::ShareUpdateExclusive } else { LockMode::Share };
            self.rebuild_all(table, mode, online);
        }
    }

    fn rebuild_all(&mut self, table: ObjectId, mode: LockMode, online: bool) {
        self.lock(table, mode);
        for index in self.indexes_of(table) {
            // CONCURRENTLY passes over those that it cannot build beside the old one.
            if online && self.is_exclusion(index) {
                self.lock(index, LockMode::ShareUpdateExclusive);
                continue;
            }
            self.scan(table);
            self.lock(index, LockMode::AccessExclusive);
            self.rebuild(index);
        }
    }

    fn is_exclusion(&self, index: ObjectId) -> bool {
        let constraint = self.before.get(index).and_then(|object| object.as_index()?.constraint);
        let constraint = constraint.and_then(|id| self.before.get(id)?.as_constraint());
        constraint.is_some_and(|constraint| matches!(constraint.kind, ConstraintKind::Exclude { .. }))
    }

    fn reindex_all(&mut self, schema: Option<ObjectId>, online: bool) {
        let is_system = |name: &str| name.starts_with("pg_") || name == "information_schema";
        let tables: Vec<ObjectId> = self
            .before
            .relations()
            .filter(|table| has_storage(table.is) && !is_system(self.before.schema_name(table.object).as_str()))
            .filter(|table| schema.is_none_or(|schema| table.object.schema == Some(schema)))
            .map(|table| table.id)
            .collect();
        for table in tables {
            let mode = if online { LockMode::ShareUpdateExclusive } else { LockMode::Share };
            self.rebuild_all(table, mode, online);
        }
    }

    fn vacuum(&mut self, vacuum: bool, options: &[Definition], relations: &[VacuumRelation]) {
        if vacuum {
            self.effects.transaction = TransactionRule::OutsideOnly;
        }
        let full = vacuum && is_on(options, "full");
        for table in self.vacuumed(relations, options) {
            let stored = self.relation(table).is_some_and(has_storage);
            if full {
                self.lock(table, LockMode::AccessExclusive);
                self.write_anew(table, true);
                continue;
            }
            // Of a view ANALYZE only says that it cannot be done.
            if !vacuum && self.relation(table).is_some_and(|it| it.class == RelationClass::View) {
                continue;
            }
            self.lock(table, LockMode::ShareUpdateExclusive);
            if vacuum && stored {
                self.lock_indexes(table, LockMode::RowExclusive);
            }
        }
        if !vacuum || is_on(options, "analyze") {
            self.sampled_children(relations);
        }
    }

    /// ANALYZE of a parent also samples the children that it does not analyse for themselves.
    fn sampled_children(&mut self, relations: &[VacuumRelation]) {
        let named = relations.iter().filter_map(|it| self.find(&it.relation.name));
        let is_table = |table: &ObjectId| self.relation(*table).is_some_and(|it| it.class != RelationClass::View);
        for table in named.filter(is_table).collect::<Vec<_>>() {
            for child in tree(self.before, table) {
                if self.relation(child).is_some_and(has_storage) {
                    self.lock(child, LockMode::AccessShare);
                }
            }
        }
    }

    fn vacuumed(&self, relations: &[VacuumRelation], options: &[Definition]) -> Vec<ObjectId> {
        if is_on(options, "only_database_stats") {
            return Vec::new();
        }
        if relations.is_empty() {
            let user = |name: &str| !name.starts_with("pg_") && name != "information_schema";
            let classes = [RelationClass::Table, RelationClass::PartitionedTable, RelationClass::MaterializedView];
            let tables = self.before.relations().filter(|it| classes.contains(&it.is.class));
            return tables.filter(|it| user(self.before.schema_name(it.object).as_str())).map(|it| it.id).collect();
        }
        let named = relations.iter().filter_map(|it| Some((self.find(&it.relation.name)?, it.relation.only)));
        let targets = named.flat_map(|(table, only)| {
            // Children by inheritance follow since 18, partitions always did.
            let partitioned = self.relation(table).is_some_and(|it| it.class == RelationClass::PartitionedTable);
            if !only && (partitioned || self.version >= 18) { tree(self.before, table) } else { vec![table] }
        });
        targets.collect()
    }

    fn refresh(&mut self, relation: &RelationRef, concurrently: bool, with_data: bool) {
        let Some(view) = self.find(&relation.name) else { return };
        if concurrently {
            self.lock(view, LockMode::Exclusive);
            self.lock_indexes(view, LockMode::RowExclusive);
        } else {
            self.lock(view, LockMode::AccessExclusive);
            self.effects.rewrites.push(view);
            for index in self.indexes_of(view) {
                self.lock(index, LockMode::AccessExclusive);
                self.rebuild(index);
            }
        }
        if with_data {
            let reads = self.relation(view).and_then(|it| it.query.clone());
            for (table, _) in reads.iter().flat_map(|query| &query.reads) {
                self.lock_below(*table, false, LockMode::AccessShare);
            }
        }
    }
}

/// A switch among the options: written alone it is on.
pub(super) fn is_on(options: &[Definition], name: &str) -> bool {
    let on = |value: &Option<DefinitionValue>| match value {
        None => true,
        Some(value) => value.text().is_none_or(|text| !matches!(text.as_str(), "false" | "off" | "0" | "no")),
    };
    options.iter().any(|option| option.name.as_str() == name && on(&option.value))
}

/// The tables that reference one of them, and so on.
fn add_referencing(catalog: CatalogAt<'_>, tables: &mut Vec<ObjectId>) {
    let mut next = 0;
    while next < tables.len() {
        for (constraint, _) in catalog.referencing(tables[next]) {
            if !tables.contains(&constraint.is.of) {
                tables.push(constraint.is.of);
            }
        }
        next += 1;
    }
}
