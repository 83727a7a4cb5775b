//! What a statement does to a live server: locks, rewrites, scans, index builds, transaction rules.
//!
//! One pure function from the statement, the catalog before and after it, and the server version. The
//! facts behind it were measured on servers 14 to 18; `testdata/ddl-facts` holds them and is the test.

mod alter_table;
mod call;
mod create;
mod data;
mod drop;
mod hash;
mod keys;
mod maintenance;
mod other;
mod proof;
mod prune;
mod reach;
mod route;
mod tree;
mod trigger;
mod type_change;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, CatalogAt, Executed, Kind, Object, ObjectId, Outcome, StatementId};
use crate::syntax::{LockMode, Name, QualifiedName, StatementKind};

/// Whether a statement may run in a transaction block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TransactionRule {
    /// Inside and outside alike.
    #[default]
    Anywhere,
    /// Refused inside a block (25001).
    OutsideOnly,
    /// Refused outside of one (25P01).
    InsideOnly,
}

/// What one statement does.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The strongest lock on each relation and index that existed before.
    pub locks: BTreeMap<ObjectId, LockMode>,
    /// Tables, materialized views and sequences that get a new file.
    pub rewrites: Vec<ObjectId>,
    /// Existing indexes that are built anew.
    pub rebuilds_indexes: Vec<ObjectId>,
    /// Indexes that are built from the rows, new ones and existing ones.
    pub builds_indexes: Vec<ObjectId>,
    /// Existing tables that are read in full. The referenced side of a foreign key that is checked is not
    /// here: whether the server reads it whole is the planner's choice.
    pub scans: Vec<ObjectId>,
    /// Foreign keys whose rows are all checked.
    pub validates: Vec<ObjectId>,
    /// Columns and tables for which existing constraints made a scan needless.
    pub proofs: Vec<Proof>,
    /// Whether it may run in a transaction block.
    pub transaction: TransactionRule,
    /// Which actions of ALTER TABLE touch the rows or indexes of which tables, in the order of the actions.
    pub causes: Vec<Cause>,
}

/// What one action of ALTER TABLE does with the rows of one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// The place of the action among those of the statement.
    pub action: usize,
    /// The table.
    pub table: ObjectId,
    /// What happens to its rows.
    pub rows: Rows,
    /// Indexes that the action builds anew without new rows.
    pub rebuilds: Vec<ObjectId>,
}

/// What the last phase of ALTER TABLE does with the rows of one table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rows {
    /// Nothing.
    Untouched,
    /// All are read.
    Verified,
    /// All are written anew.
    Rewritten,
}

/// What the server proves from existing constraints instead of reading the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Proof {
    /// The column holds no null.
    NotNull(ObjectId, Name),
    /// All rows fit the partition's bounds.
    Partition(ObjectId),
    /// No row of the default partition belongs into the new one.
    DefaultPartition(ObjectId),
}

impl Effects {
    /// What an action of ALTER TABLE does with rows and indexes.
    pub fn of_action(&self, action: usize) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(move |cause| cause.action == action)
    }

    /// The strongest lock on a relation or index.
    pub fn lock(&self, relation: ObjectId) -> Option<LockMode> {
        self.locks.get(&relation).copied()
    }
}

/// The effects of an executed statement. A refused or skipped one still has the locks that it takes
/// before the server finds out; a refused one has none here.
pub fn effects(catalog: &Catalog, executed: &Executed, version: u8) -> Effects {
    let mut work = Work {
        before: catalog.before(executed.id),
        after: catalog.after(executed.id),
        statement: executed.id,
        path: executed.search_path.clone(),
        version,
        calls: Vec::new(),
        left_out: Vec::new(),
        effects: Effects::default(),
    };
    if let Outcome::Refused(refusal) = &executed.outcome
        && refusal.sqlstate == "42601"
    {
        // Not even read: it is text that this server's grammar does not know.
        return Effects::default();
    }
    work.statement(&executed.statement.kind);
    for data in catalog.code_data(executed.id) {
        work.statement(&data.kind);
    }
    work.finish()
}

/// Collects the effects of one statement.
struct Work<'a> {
    before: CatalogAt<'a>,
    after: CatalogAt<'a>,
    statement: StatementId,
    path: Arc<[ObjectId]>,
    version: u8,
    /// Functions whose code was followed.
    calls: Vec<ObjectId>,
    /// Partitions that the condition of the statement leaves out, so that nobody opens them.
    left_out: Vec<ObjectId>,
    effects: Effects,
}

impl Work<'_> {
    fn statement(&mut self, kind: &StatementKind) {
        use StatementKind as K;
        match kind {
            K::Select(_) | K::Insert(_) | K::Update(_) | K::Delete(_) | K::Merge(_) => self.data(kind),
            K::Copy(_) | K::Prepare { .. } | K::Explain { .. } | K::DeclareCursor { .. } => self.data(kind),
            K::CreateTable(create) => self.create_table(create),
            K::CreateForeignTable(create) => self.create_table(&create.table),
            K::CreateTableAs(create) => self.create_table_as(create),
            K::CreateIndex(create) => self.create_index(create),
            K::CreateView(create) => self.create_view(create),
            K::AlterTable(alter) => self.alter_table(alter),
            K::Drop(drop) => self.drop(drop),
            K::DropOwned { .. } | K::DropRole { .. } | K::DropSubscription { .. } => self.drop_subscription(kind),
            K::Rename(_) | K::SetSchema { .. } | K::SetOwner { .. } | K::Comment { .. } => self.on_object(kind),
            K::DependsOnExtension { .. } | K::ReassignOwned { .. } => self.on_object(kind),
            K::MoveAllInTablespace { .. } => self.moved(),
            K::Truncate { .. } | K::Lock { .. } | K::Cluster { .. } | K::Reindex(_) => self.maintenance(kind),
            K::Vacuum { .. } | K::RefreshMaterializedView { .. } => self.maintenance(kind),
            _ => self.other(kind),
        }
    }

    fn finish(mut self) -> Effects {
        let effects = &mut self.effects;
        for list in [&mut effects.rewrites, &mut effects.rebuilds_indexes, &mut effects.builds_indexes] {
            list.sort_unstable();
            list.dedup();
        }
        for list in [&mut effects.scans, &mut effects.validates] {
            list.sort_unstable();
            list.dedup();
        }
        effects.proofs.sort_unstable();
        effects.proofs.dedup();
        self.effects
    }

    /// The relation, index or sequence of this name before the statement.
    fn find(&self, name: &QualifiedName) -> Option<ObjectId> {
        self.before.relation_along(&self.path, name)
    }

    /// Locks what existed before; a new object is nobody else's to wait for.
    fn lock(&mut self, id: ObjectId, mode: LockMode) {
        let lockable = |object: &Object| matches!(object.kind, Kind::Relation(_) | Kind::Index(_) | Kind::Sequence(_));
        let Some(object) = self.before.get(id).filter(|object| lockable(object)) else { return };
        // Locks on the system's own catalogs are in nobody's way.
        if matches!(self.before.schema_name(object).as_str(), "pg_catalog" | "information_schema") {
            return;
        }
        let held = self.effects.locks.entry(id).or_insert(mode);
        *held = (*held).max(mode);
    }

    /// Notes that an existing table is read in full.
    fn scan(&mut self, id: ObjectId) {
        if self.before.get(id).is_some() {
            self.effects.scans.push(id);
        }
    }
}
