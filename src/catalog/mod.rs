//! The catalog that the migrations make, with its whole history.
//!
//! Every object keeps all its versions, each stamped with the statement that made it. So any moment
//! can be asked about afterwards, from any thread: [`Catalog::before`] a statement,
//! [`Catalog::after`] it, or at the [`Catalog::end`]. A statement that the server would refuse, and
//! a transaction that rolls back, leave no trace: [`Catalog::undo_to`] takes their versions away.

mod acl;
pub mod analyze;
mod ask;
pub mod baseline;
pub(crate) mod bound;
mod datetime;
pub mod deparse;
mod depend;
pub(crate) mod eval;
mod format;
mod id_set;
mod object;
pub mod replay;

pub use acl::{Acl, AclItem, Grantee, Privileges};
pub(crate) use acl::{change_owner, default_acl as built_in_acl};
pub use ask::Found;
use id_set::IdSet;
pub use object::*;

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::{FileId, Span};
use crate::syntax::{FunctionBody, Name, QualifiedName, Statement};

/// An object, for its whole life and through all renames.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectId(pub u32);

/// An executed statement; their order is the order of execution. 0 stands for the empty server.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StatementId(pub u32);

impl StatementId {
    /// What was there before the first statement.
    pub const BASELINE: StatementId = StatementId(0);
}

/// A statement as it was run, at the top level or by code that another one ran.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Its place in the history.
    pub id: StatementId,
    /// The file whose run it was part of.
    pub file: FileId,
    /// What was run.
    pub statement: Arc<Statement>,
    /// The DO block or call that ran it.
    pub within: Option<StatementId>,
    /// Statements of one transaction share the number.
    pub transaction: u32,
    /// Whether the transaction is a block (or the runner's), so that what refuses a block is refused.
    pub in_transaction_block: bool,
    /// Its transaction was rolled back: it left no trace.
    pub rolled_back: bool,
    /// What the server would have answered.
    pub outcome: Outcome,
    /// The schemas that names were looked up in, in order.
    pub search_path: Arc<[ObjectId]>,
    /// The role that ran it.
    pub role: Option<ObjectId>,
    /// TimeZone, where the session set it.
    pub time_zone: Option<Arc<str>>,
}

/// What the server would have answered.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It ran.
    Done,
    /// `IF [NOT] EXISTS` or the like made it do nothing.
    Skipped,
    /// The server would refuse it; it has no effect.
    Refused(Arc<Refusal>),
    /// Cannot be known; what it may have touched is unknown from here on.
    Unknown(Arc<str>),
}

/// Why the server would refuse a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// SQLSTATE, as in the manual's appendix A.
    pub sqlstate: &'static str,
    /// The smallest thing that is wrong.
    pub span: Span,
    /// The server's words, or near them.
    pub message: String,
    /// Why, in terms of the history: where it was dropped, is made later, was made before.
    pub labels: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

/// Within what a name is unique.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NameSpace {
    /// Tables, views, indexes, sequences, composite types: pg_class.
    Relation,
    /// Types, the row types of relations among them: pg_type.
    Type,
    /// Routines: several may share a name.
    Routine,
    /// Constraints of one relation or domain.
    Constraint,
    /// Triggers of one relation.
    Trigger,
    /// Policies of one relation.
    Policy,
    /// Rewrite rules of one relation.
    Rule,
    /// Operators: several may share a name.
    Operator,
    /// Everything else, by the kind of object (operator classes and families may share a name).
    Other(Tag),
}

/// A name in its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameKey {
    /// Within what it is unique.
    pub space: NameSpace,
    /// The schema, or the relation or domain it belongs to; `None` for what is global to the database.
    pub parent: Option<ObjectId>,
    /// The name.
    pub name: Name,
}

impl Hash for NameKey {
    /// In two words: names are looked up more often than anything else is done.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let space = match self.space {
            NameSpace::Relation => 0,
            NameSpace::Type => 1,
            NameSpace::Routine => 2,
            NameSpace::Constraint => 3,
            NameSpace::Trigger => 4,
            NameSpace::Policy => 5,
            NameSpace::Rule => 6,
            NameSpace::Operator => 7,
            NameSpace::Other(tag) => 8 + tag as u64,
        };
        let parent = self.parent.map_or(0, |parent| u64::from(parent.0) + 1);
        state.write_u64(space << 33 | parent);
        self.name.hash(state);
    }
}

#[derive(Clone, Debug)]
struct Version {
    since: u32,
    object: Option<Arc<Object>>,
}

#[derive(Clone, Debug)]
struct NameVersion {
    since: u32,
    ids: Box<[ObjectId]>,
}

#[derive(Clone, Debug)]
enum Undo {
    Filled(Option<ObjectId>),
    RowWrite(Option<ObjectId>),
    Object { id: ObjectId, previous: Option<Version> },
    Name { key: NameKey, previous: Option<NameVersion> },
}

/// A point that [`Catalog::undo_to`] can go back to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark(usize);

/// What there is before the first statement. Every catalog that starts with it shares it.
#[derive(Default, Debug)]
struct Base {
    objects: Vec<Option<Arc<Object>>>,
    names: FxHashMap<NameKey, Box<[ObjectId]>>,
    /// Where the types of the empty server are, once it was asked for.
    system_types: OnceLock<analyze::SystemTypes>,
}

/// Answers about the end of a history that several rules need, computed when the first one asks. Whoever asks, asks
/// after replay: what is written later is not in them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Memo {
    /// USING and WITH CHECK of policies as the server prints them.
    pub policy_texts: OnceLock<Arc<FxHashMap<ObjectId, (Option<String>, Option<String>)>>>,
    /// Where all expressions were written.
    pub(in crate::catalog) origins: OnceLock<Arc<deparse::Origins>>,
    /// The functions that ask who is signed in.
    pub session_functions: OnceLock<Arc<FxHashSet<ObjectId>>>,
}

/// All objects there ever were.
#[derive(Clone, Default, Debug)]
pub struct Catalog {
    /// What rules ask of the finished catalog again and again.
    pub(crate) memo: Memo,
    base: Arc<Base>,
    /// The versions of objects that came after those of the base.
    objects: Vec<Vec<Version>>,
    /// The versions that came after those of the base, of its own objects.
    changed: FxHashMap<ObjectId, Vec<Version>>,
    /// A bit for each object of the base: it may have such versions.
    changed_bits: Vec<u64>,
    /// Those of the system catalogs.
    system: std::ops::Range<u32>,
    names: FxHashMap<NameKey, Vec<NameVersion>>,
    /// Objects ever attached to another: constraints, indexes, policies to their relation.
    attached: FxHashMap<ObjectId, IdSet>,
    /// Objects that ever needed another, be it as schema, owner or part of them.
    dependents: FxHashMap<ObjectId, IdSet>,
    /// Every write: the statement and the object, in order.
    writes: Vec<(u32, ObjectId)>,
    /// The objects ever made of each kind.
    by_tag: FxHashMap<Tag, Vec<ObjectId>>,
    statements: Vec<Executed>,
    /// Where among them another file begins.
    file_starts: Vec<u32>,
    journal: Vec<Undo>,
    now: u32,
    /// Relations that rows were written to, with the statement that was the first; `None` stands for all.
    filled: FxHashMap<Option<ObjectId>, u32>,
    /// The statements that wrote rows of a relation, or took them away, in order; `None` stands for any relation.
    row_writes: FxHashMap<Option<ObjectId>, Vec<u32>>,
    /// The UPDATEs and DELETEs that certainly found no row to change.
    rowless: FxHashSet<StatementId>,
    /// Queries and changes of rows that the code of a statement ran, each once.
    code_data: FxHashMap<StatementId, Vec<Arc<Statement>>>,
    /// Tables that were ever made as a child of another: partitions, and those that inherit.
    children: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// Sequences that ever belonged to a table.
    sequences: FxHashMap<ObjectId, Vec<ObjectId>>,
    /// Casts that ever were, by the types they are between.
    casts: FxHashMap<(ObjectId, ObjectId), Vec<ObjectId>>,
    /// Whether there ever was a cast between two types of the system that is not its own.
    casts_system_types: bool,
    /// The types that there ever was a cast from or to.
    cast_types: FxHashSet<ObjectId>,
    /// How often something was taken back.
    undone: u32,
    /// Objects whose name was changed, with each name that they had.
    renamed: Vec<(ObjectId, Name)>,
}

/// Of how many statements of code a single run keeps count.
const MOST_CODE_DATA: usize = 64;

impl Catalog {
    /// The types of the empty server, which never change.
    pub(in crate::catalog) fn system_types(&self, version: u8) -> &analyze::SystemTypes {
        self.base.system_types.get_or_init(|| analyze::SystemTypes::resolve(self.end(), version))
    }

    /// How many objects there ever were.
    fn object_count(&self) -> u32 {
        (self.base.objects.len() + self.objects.len()) as u32
    }

    /// The versions of an object after that of the base.
    #[inline]
    fn versions(&self, id: ObjectId) -> &[Version] {
        let versions = match (id.0 as usize).checked_sub(self.base.objects.len()) {
            Some(own) => self.objects.get(own),
            // The base is asked for far more than it is changed.
            None if self.changed_bits.get(id.0 as usize / 64).is_none_or(|bits| bits >> (id.0 % 64) & 1 == 0) => None,
            None => self.changed.get(&id),
        };
        versions.map_or(&[], Vec::as_slice)
    }

    fn versions_mut(&mut self, id: ObjectId) -> &mut Vec<Version> {
        match (id.0 as usize).checked_sub(self.base.objects.len()) {
            Some(own) => &mut self.objects[own],
            None => {
                self.changed_bits.resize(self.base.objects.len().div_ceil(64), 0);
                self.changed_bits[id.0 as usize / 64] |= 1 << (id.0 % 64);
                self.changed.entry(id).or_default()
            }
        }
    }

    /// The object as it was before the first statement.
    #[inline]
    fn base_object(&self, id: ObjectId) -> Option<&Arc<Object>> {
        self.base.objects.get(id.0 as usize)?.as_ref()
    }

    /// The state that `statement` met.
    pub fn before(&self, statement: StatementId) -> CatalogAt<'_> {
        CatalogAt { catalog: self, until: statement.0 }
    }

    /// The state that `statement` left.
    pub fn after(&self, statement: StatementId) -> CatalogAt<'_> {
        CatalogAt { catalog: self, until: statement.0 + 1 }
    }

    /// The state after all that was replayed so far.
    pub fn end(&self) -> CatalogAt<'_> {
        CatalogAt { catalog: self, until: u32::MAX }
    }

    /// All statements in the order they ran.
    pub fn statements(&self) -> &[Executed] {
        &self.statements
    }

    /// The statement; `None` for [`StatementId::BASELINE`].
    pub fn statement(&self, id: StatementId) -> Option<&Executed> {
        self.statements.get((id.0 as usize).checked_sub(1)?)
    }

    /// The statement of a file that runs this one: itself, or what called the code that it is in.
    pub fn outermost<'a>(&'a self, mut executed: &'a Executed) -> &'a Executed {
        while let Some(caller) = executed.within.and_then(|id| self.statement(id)) {
            executed = caller;
        }
        executed
    }

    /// The statements of the run of a file that a statement was part of, from the first.
    pub fn statements_beside(&self, id: StatementId) -> &[Executed] {
        let at = id.0.saturating_sub(1);
        let next = self.file_starts.partition_point(|&start| start <= at);
        let start = next.checked_sub(1).map_or(0, |of| self.file_starts[of] as usize);
        let end = self.file_starts.get(next).map_or(self.statements.len(), |&end| end as usize);
        &self.statements[start..end]
    }

    /// Each version of an object: the statement that made it, and what it then was (`None`: dropped).
    pub fn history(&self, id: ObjectId) -> impl Iterator<Item = (StatementId, Option<&Arc<Object>>)> {
        let base = self.base_object(id).map(|object| (StatementId::BASELINE, Some(object)));
        let versions = self.versions(id).iter();
        base.into_iter().chain(versions.map(|version| (StatementId(version.since), version.object.as_ref())))
    }

    /// The objects that a statement made, changed or dropped, each once.
    pub fn changed_in(&self, statement: StatementId) -> impl Iterator<Item = ObjectId> {
        let first = self.writes.partition_point(|&(by, _)| by < statement.0);
        let writes = self.writes[first..].iter().take_while(|&&(by, _)| by == statement.0);
        let mut ids: Vec<ObjectId> = writes.map(|&(_, id)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        // What was taken back left no version.
        ids.retain(|&id| self.versions(id).binary_search_by_key(&statement.0, |version| version.since).is_ok());
        ids.into_iter()
    }

    /// The objects that ever had this name at this place, latest first, with what became of the name.
    pub fn name_history(&self, key: NameKey) -> impl Iterator<Item = (StatementId, &[ObjectId])> {
        let versions = self.names.get(&key).map_or(&[][..], Vec::as_slice);
        let base = self.base.names.get(&key).map(|ids| (StatementId::BASELINE, &ids[..]));
        versions.iter().rev().map(|version| (StatementId(version.since), &version.ids[..])).chain(base)
    }

    /// Another number whenever anything was written or taken back.
    pub(in crate::catalog) fn edition(&self) -> (usize, u32) {
        (self.writes.len(), self.undone)
    }

    // --- for replay -------------------------------------------------------------------------------

    /// Enters the next statement into the history; what is written from now on is its work.
    pub fn begin_statement(&mut self, executed: impl FnOnce(StatementId) -> Executed) -> StatementId {
        let id = StatementId(self.statements.len() as u32 + 1);
        let executed = executed(id);
        if self.statements.last().is_none_or(|last| last.file != executed.file) {
            self.file_starts.push(self.statements.len() as u32);
        }
        self.statements.push(executed);
        self.now = id.0;
        id
    }

    /// Changes what the history says of a statement.
    pub fn statement_mut(&mut self, id: StatementId) -> Option<&mut Executed> {
        self.statements.get_mut((id.0 as usize).checked_sub(1)?)
    }

    /// Notes a query or change of rows that the code of a statement runs; a loop's counts once.
    pub(crate) fn note_code_data(&mut self, within: StatementId, data: Arc<Statement>) {
        let known = self.code_data.entry(within).or_default();
        if known.len() < MOST_CODE_DATA && !known.iter().any(|it| Arc::ptr_eq(it, &data) || **it == *data) {
            known.push(data);
        }
    }

    /// The queries and changes of rows that the code of a statement ran.
    pub fn code_data(&self, within: StatementId) -> &[Arc<Statement>] {
        self.code_data.get(&within).map(Vec::as_slice).unwrap_or_default()
    }

    /// A point to come back to.
    pub fn mark(&self) -> Mark {
        Mark(self.journal.len())
    }

    /// Takes back all that was written since `mark`.
    pub fn undo_to(&mut self, mark: Mark) {
        if self.journal.len() > mark.0 {
            self.undone += 1;
        }
        while self.journal.len() > mark.0 {
            match self.journal.pop() {
                Some(Undo::Object { id, previous }) => restore(self.versions_mut(id), previous),
                Some(Undo::Filled(id)) => {
                    self.filled.remove(&id);
                }
                Some(Undo::RowWrite(id)) => {
                    self.row_writes.entry(id).or_default().pop();
                }
                Some(Undo::Name { key, previous }) => restore(self.names.entry(key).or_default(), previous),
                None => return,
            }
        }
    }

    /// Notes that rows were written to a relation.
    pub fn fill(&mut self, relation: ObjectId) {
        self.note_filled(Some(relation));
    }

    /// Notes that rows may have been written to any relation.
    pub fn fill_all(&mut self) {
        self.note_filled(None);
    }

    /// Notes that the current statement changes the rows of a relation, or maybe of any.
    pub(crate) fn note_row_write(&mut self, relation: Option<ObjectId>) {
        let now = self.now;
        let writes = self.row_writes.entry(relation).or_default();
        if writes.last() != Some(&now) {
            writes.push(now);
            self.journal.push(Undo::RowWrite(relation));
        }
    }

    /// Notes that an UPDATE or DELETE finds no row to change.
    pub(crate) fn note_rowless(&mut self, statement: StatementId) {
        self.rowless.insert(statement);
    }

    /// Whether an UPDATE or DELETE certainly found no row to change.
    pub fn is_rowless(&self, statement: StatementId) -> bool {
        self.rowless.contains(&statement)
    }

    /// Whether anything wrote rows.
    pub(crate) fn has_row_writes(&self) -> bool {
        !self.row_writes.is_empty()
    }

    /// The statements that may have changed the rows of a relation, in order; of `None` those that may have of any.
    pub(crate) fn row_writes(&self, relation: Option<ObjectId>) -> &[u32] {
        self.row_writes.get(&relation).map(Vec::as_slice).unwrap_or_default()
    }

    fn note_filled(&mut self, relation: Option<ObjectId>) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.filled.entry(relation) {
            entry.insert(self.now);
            self.journal.push(Undo::Filled(relation));
        }
    }

    /// Makes a new object. It has no name yet: see [`Catalog::bind`].
    pub fn insert(&mut self, object: Object) -> ObjectId {
        let id = ObjectId(self.object_count());
        self.objects.push(Vec::new());
        self.by_tag.entry(object.tag()).or_default().push(id);
        self.write(id, Some(object));
        id
    }

    /// Replaces an object by a changed one.
    pub fn update(&mut self, id: ObjectId, object: Object) {
        self.write(id, Some(object));
    }

    /// Changes an object in place, as a new version.
    pub fn modify(&mut self, id: ObjectId, change: impl FnOnce(&mut Object)) {
        if let Some(object) = self.end().get(id) {
            let mut object = Object::clone(object);
            change(&mut object);
            self.write(id, Some(object));
        }
    }

    /// Ends an object's life. Its name stays bound until [`Catalog::unbind`].
    pub fn remove(&mut self, id: ObjectId) {
        self.write(id, None);
    }

    /// Forgets how to take back what was written so far: it is committed.
    pub fn commit(&mut self) {
        self.journal.clear();
    }

    /// Lets go of what nobody needs once all has run: how to take it back, and spare room.
    fn settle(&mut self) {
        self.journal = Vec::new();
        self.objects.shrink_to_fit();
        self.statements.shrink_to_fit();
        self.writes.shrink_to_fit();
    }

    /// Adds an object to those that have a name.
    pub fn bind(&mut self, key: NameKey, id: ObjectId) {
        let mut ids = self.end().named(key).to_vec();
        ids.push(id);
        self.write_name(key, ids);
    }

    /// Takes a name from an object.
    pub fn unbind(&mut self, key: NameKey, id: ObjectId) {
        let mut ids = self.end().named(key).to_vec();
        ids.retain(|&bound| bound != id);
        self.write_name(key, ids);
    }

    /// Whether there ever was a cast between two types of the system that is not its own.
    fn casts_system_types(&self) -> bool {
        self.casts_system_types
    }

    /// Whether there ever was a cast from or to a type that is not the system's own.
    fn casts_type(&self, id: ObjectId) -> bool {
        self.cast_types.contains(&id)
    }

    /// Whether it is an object of the system catalogs.
    fn is_of_system(&self, id: ObjectId) -> bool {
        self.system.contains(&id.0)
    }

    /// Notes both names of an object that gets another.
    fn note_name(&mut self, id: ObjectId, new: Name) {
        if let Some(old) = self.end().get(id).map(|object| object.name).filter(|old| *old != new) {
            self.renamed.extend([(id, old), (id, new)]);
        }
    }

    fn write(&mut self, id: ObjectId, object: Option<Object>) {
        self.forget_code(id, object.as_ref());
        if let Some(object) = &object {
            self.note_name(id, object.name);
            object.each_need(|dependency| {
                self.dependents.entry(dependency.on).or_default().insert(id);
            });
            if let Some(owner) = object.owner {
                self.dependents.entry(owner).or_default().insert(id);
            }
            if let Some(owner) = object.attached_to() {
                self.attached.entry(owner).or_default().insert(id);
            }
            self.note_kin(id, object);
        }
        self.writes.push((self.now, id));
        let version = Version { since: self.now, object: object.map(Arc::new) };
        let now = self.now;
        let previous = replace(self.versions_mut(id), version, |version| version.since == now);
        self.journal.push(Undo::Object { id, previous });
    }

    /// The code of a routine that is replaced or dropped.
    fn forget_code(&self, id: ObjectId, new: Option<&Object>) {
        let body = |object: &Object| object.as_routine().and_then(|routine| routine.body.clone());
        let Some(old) = self.end().get(id).and_then(|object| body(object)) else { return };
        let stays = new.and_then(body).is_some_and(|new| Arc::ptr_eq(&new, &old));
        if let (FunctionBody::Text { code, .. }, false) = (&*old, stays) {
            code.forget();
        }
    }

    /// Notes what is asked for often: among all that needs a table it would be searched for long.
    fn note_kin(&mut self, id: ObjectId, object: &Object) {
        if let Kind::Cast(cast) = &object.kind {
            self.casts_system_types |= self.is_of_system(cast.source.id) && self.is_of_system(cast.target.id);
            self.cast_types.extend([cast.source.id, cast.target.id]);
            let casts = self.casts.entry((cast.source.id, cast.target.id)).or_default();
            if !casts.contains(&id) {
                casts.push(id);
            }
        }
        let mut note = |map: fn(&mut Catalog) -> &mut FxHashMap<ObjectId, Vec<ObjectId>>, of: ObjectId| {
            let kin = map(self).entry(of).or_default();
            if kin.last() != Some(&id) {
                kin.push(id);
            }
        };
        match &object.kind {
            Kind::Relation(relation) => {
                relation.parents.iter().for_each(|&parent| note(|catalog| &mut catalog.children, parent));
            }
            Kind::Sequence(Sequence { owned_by: Some((table, _)), .. }) => {
                note(|catalog| &mut catalog.sequences, *table)
            }
            _ => {}
        }
    }

    fn write_name(&mut self, key: NameKey, ids: Vec<ObjectId>) {
        let version = NameVersion { since: self.now, ids: ids.into() };
        let versions = self.names.entry(key).or_default();
        let previous = replace(versions, version, |version| version.since == self.now);
        self.journal.push(Undo::Name { key, previous });
    }
}

/// Pushes `new`, in the place of the last one where that is of the same statement; returns that one.
fn replace<T>(versions: &mut Vec<T>, new: T, same_statement: impl Fn(&T) -> bool) -> Option<T> {
    let previous = versions.pop_if(|last| same_statement(last));
    if versions.is_empty() {
        // Most things have one version for ever.
        versions.reserve_exact(1);
    }
    versions.push(new);
    previous
}

fn restore<T>(versions: &mut Vec<T>, previous: Option<T>) {
    versions.pop();
    versions.extend(previous);
}

/// The catalog at one moment.
#[derive(Clone, Copy, Debug)]
pub struct CatalogAt<'a> {
    catalog: &'a Catalog,
    /// Versions of statements before this one are seen.
    until: u32,
}

impl<'a> CatalogAt<'a> {
    /// The whole history.
    pub fn catalog(self) -> &'a Catalog {
        self.catalog
    }

    /// The object as it is at this moment.
    #[inline]
    pub fn get(self, id: ObjectId) -> Option<&'a Arc<Object>> {
        match self.version(id) {
            Some(version) => version.object.as_ref(),
            None => self.catalog.base_object(id),
        }
    }

    /// The statement that last changed the object.
    pub fn changed_by(self, id: ObjectId) -> Option<StatementId> {
        let base = || self.catalog.base_object(id).map(|_| StatementId::BASELINE);
        self.version(id).map(|version| StatementId(version.since)).or_else(base)
    }

    /// The statement that made the object.
    pub fn made_by(self, id: ObjectId) -> Option<StatementId> {
        self.catalog.history(id).next().map(|(statement, _)| statement)
    }

    /// The version of this moment; `None` where that is still the one of the base.
    #[inline]
    fn version(self, id: ObjectId) -> Option<&'a Version> {
        let versions = self.catalog.versions(id);
        let last = versions.last()?;
        if last.since < self.until {
            return Some(last);
        }
        let seen = versions.partition_point(|version| version.since < self.until);
        versions.get(seen.checked_sub(1)?)
    }

    /// The objects that have this name.
    pub fn named(self, key: NameKey) -> &'a [ObjectId] {
        let versions = self.catalog.names.get(&key).map_or(&[][..], Vec::as_slice);
        let seen = versions.partition_point(|version| version.since < self.until);
        match seen.checked_sub(1) {
            Some(last) => &versions[last].ids,
            None => self.catalog.base.names.get(&key).map_or(&[], |ids| ids),
        }
    }

    /// All objects there are, in the order they were made, but for those of the system catalogs.
    pub fn objects(self) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let system = &self.catalog.system;
        let ids = (0..system.start).chain(system.end..self.catalog.object_count());
        ids.filter_map(move |id| Some((ObjectId(id), self.get(ObjectId(id))?)))
    }

    /// Whether rows may have been written to a relation since the database was empty.
    pub fn may_hold_rows(self, relation: ObjectId) -> bool {
        let filled = |id: Option<ObjectId>| self.catalog.filled.get(&id).is_some_and(|since| *since < self.until);
        filled(Some(relation)) || filled(None)
    }

    /// All objects of a kind, in the order they were made.
    pub fn of_kind(self, tag: Tag) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let ids = self.catalog.by_tag.get(&tag).into_iter().flatten();
        ids.filter_map(move |&id| Some((id, self.get(id)?)))
    }

    /// The system's own of a kind.
    fn system_of_kind(self, tag: Tag) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let ids = self.catalog.system.clone().map(ObjectId);
        ids.filter_map(move |id| Some((id, self.get(id).filter(|object| object.tag() == tag)?)))
    }

    /// Those of some objects that are of a kind.
    fn of_kind_among(self, tag: Tag, some: &'a [ObjectId]) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let all = self.catalog.by_tag.get(&tag).map_or(&[][..], Vec::as_slice);
        // Objects are listed as they are made.
        let system = move |id: &ObjectId| self.catalog.is_of_system(*id);
        let listed = some.iter().filter(move |id| system(id) || all.binary_search(id).is_ok());
        listed.filter_map(move |&id| Some((id, self.get(id).filter(|object| !system(&id) || object.tag() == tag)?)))
    }

    /// Whether there ever was an operator that is not the system's own.
    fn has_operators(self) -> bool {
        self.catalog.by_tag.contains_key(&Tag::Operator)
    }

    /// The constraints, indexes, policies, triggers, rules … of a relation (or constraints of a domain), in the
    /// order they were made.
    pub fn attached(self, id: ObjectId) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let ids = self.catalog.attached.get(&id).into_iter().flatten();
        ids.filter_map(move |&other| {
            let object = self.get(other)?;
            (object.attached_to() == Some(id)).then_some((other, object))
        })
    }

    /// The objects that need `id`, with how: what was recorded, and what their content says.
    pub fn dependents(self, id: ObjectId) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>, Dependency)> {
        let ids = self.catalog.dependents.get(&id).into_iter().flatten();
        ids.filter_map(move |&other| Some((other, self.get(other)?))).flat_map(move |(other, object)| {
            let mut found = Vec::new();
            object.each_need(|dependency| {
                if dependency.on == id {
                    found.push((other, object, dependency));
                }
            });
            found
        })
    }

    /// The tables below a table, each once, in the order they were made: partitions, and those that inherit.
    pub fn children(self, table: ObjectId) -> Vec<ObjectId> {
        let is_child = |id: &&ObjectId| {
            let relation = self.get(**id).and_then(|object| object.as_relation());
            relation.is_some_and(|relation| relation.parents.contains(&table))
        };
        let mut children: Vec<ObjectId> =
            self.catalog.children.get(&table).into_iter().flatten().filter(is_child).copied().collect();
        children.sort_unstable();
        children.dedup();
        children
    }

    /// The casts from a type or its array to another or its array, in the order they were made.
    pub fn casts_between(self, source: ObjectId, target: ObjectId) -> impl Iterator<Item = &'a Arc<Object>> {
        let ids = self.catalog.casts.get(&(source, target)).into_iter().flatten();
        ids.filter_map(move |&id| self.get(id))
    }

    /// The sequences that belong to columns of a table, in the order they were made.
    pub fn owned_sequences(self, table: ObjectId) -> Vec<ObjectId> {
        let is_owned = |id: &&ObjectId| {
            let sequence = self.get(**id).and_then(|object| object.as_sequence());
            sequence.and_then(|sequence| sequence.owned_by).is_some_and(|(of, _)| of == table)
        };
        let mut sequences: Vec<ObjectId> =
            self.catalog.sequences.get(&table).into_iter().flatten().filter(is_owned).copied().collect();
        sequences.sort_unstable();
        sequences.dedup();
        sequences
    }

    /// The objects that `role` owns.
    pub fn owned_by(self, role: ObjectId) -> impl Iterator<Item = (ObjectId, &'a Arc<Object>)> {
        let ids = self.catalog.dependents.get(&role).into_iter().flatten();
        ids.filter_map(move |&other| Some((other, self.get(other)?)))
            .filter(move |(_, object)| object.owner == Some(role))
    }

    /// The schema of this name.
    pub fn schema(self, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Other(Tag::Schema), parent: None, name };
        self.named(key).first().copied()
    }

    /// The relation (table, view, index, sequence, composite type) of this name in a schema.
    pub fn relation_in(self, schema: ObjectId, name: Name) -> Option<ObjectId> {
        self.named(NameKey { space: NameSpace::Relation, parent: Some(schema), name }).first().copied()
    }

    /// The relation of a name as a statement with this search_path means it.
    pub fn relation_along(self, search_path: &[ObjectId], name: &QualifiedName) -> Option<ObjectId> {
        match &name.schema {
            Some(schema) => self.relation_in(self.schema(schema.name)?, name.name.name),
            None => search_path.iter().find_map(|&schema| self.relation_in(schema, name.name.name)),
        }
    }

    /// `schema.name` of an object, without quotes; only the name of what lives in no schema.
    pub fn qualified_name(self, id: ObjectId) -> String {
        let Some(object) = self.get(id) else { return String::new() };
        match object.schema.and_then(|schema| self.get(schema)) {
            Some(schema) => format!("{}.{}", schema.name, object.name),
            None => object.name.to_string(),
        }
    }
}
