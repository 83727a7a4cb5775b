//! What may have been made or dropped by code that replay could not follow.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Gap, Replay};
use crate::catalog::{NameKey, NameSpace, ObjectId, StatementId, Tag};
use crate::syntax::{AlterEnum, DropBehavior, Name, ObjectKind, ObjectName, Statement, StatementKind, TableActionKind};

/// Stands where a part of a statement is not known: an identifier that nobody has.
pub(crate) const GAP: &str = "pglint_gap";

/// What may or may not exist, and why.
#[derive(Clone, Default, Debug)]
pub(crate) struct Doubt {
    /// The last statement that was begun.
    now: StatementId,
    /// What may have been made.
    made: Side,
    /// What may have been dropped.
    dropped: Side,
    /// Counts the doubts that arose.
    changes: u32,
}

/// What may have happened to which objects.
#[derive(Clone, Default, Debug)]
struct Side {
    /// To any of them.
    everything: Option<Reason>,
    /// To objects of such kinds, whatever their names.
    kinds: FxHashMap<Tag, Reason>,
    /// To something of this name, in whatever schema.
    names: FxHashMap<Name, Reason>,
    /// To something whose name begins so, and to what is named after it.
    beginnings: Vec<(Box<str>, Reason)>,
}

/// Why something is in doubt.
#[derive(Clone, Debug)]
struct Reason {
    why: Arc<str>,
    /// The last statement that may have done it: what a later one made or dropped is certain.
    until: StatementId,
}

impl Side {
    fn is_empty(&self) -> bool {
        self.everything.is_none() && self.names.is_empty() && self.kinds.is_empty() && self.beginnings.is_empty()
    }

    /// Why it may have happened to such an object since a statement.
    fn about(&self, tags: &[Tag], name: Name, since: StatementId) -> Option<Arc<str>> {
        let kinds = tags.iter().filter_map(|tag| self.kinds.get(tag));
        let begun = self.beginnings.iter().filter(|(beginning, _)| name.starts_with(&**beginning));
        let begun = begun.map(|(_, reason)| reason);
        let mut reasons = self.names.get(&name).into_iter().chain(kinds).chain(begun).chain(&self.everything);
        reasons.find(|reason| reason.until >= since).map(|reason| reason.why.clone())
    }
}

impl Doubt {
    /// A statement begins: doubts that arise from now on are about what was before it.
    pub(crate) fn begin(&mut self, statement: StatementId) {
        self.now = statement;
    }

    fn reason(&mut self, why: impl Into<Arc<str>>) -> Reason {
        self.changes += 1;
        Reason { why: why.into(), until: self.now }
    }

    /// Another number whenever something more is in doubt.
    pub(crate) fn changes(&self) -> u32 {
        self.changes
    }

    /// From here on anything may exist, or be gone.
    pub(crate) fn everything(&mut self, why: impl Into<Arc<str>>) {
        let reason = self.reason(why);
        self.made.everything = Some(reason.clone());
        self.dropped.everything = Some(reason);
    }

    /// From here on any object of a kind may exist, or be gone.
    fn kind(&mut self, tag: Tag, fate: Fate, why: &str) {
        let reason = self.reason(why);
        self.side(fate).kinds.insert(tag, reason);
    }

    /// From here on something of this name may exist, or be gone.
    pub(crate) fn name(&mut self, name: Name, why: &Arc<str>) {
        let reason = self.reason(why.clone());
        self.made.names.insert(name, reason.clone());
        self.dropped.names.insert(name, reason);
    }

    /// From here on something may exist whose name begins so.
    fn beginning(&mut self, beginning: &str, why: &str) {
        let reason = self.reason(why);
        let known = self.made.beginnings.iter_mut().find(|(known, _)| &**known == beginning);
        match known {
            Some((_, known)) => *known = reason,
            None => self.made.beginnings.push((beginning.into(), reason)),
        }
    }

    fn side(&mut self, fate: Fate) -> &mut Side {
        match fate {
            Fate::Made => &mut self.made,
            Fate::Dropped => &mut self.dropped,
        }
    }

    /// Whether nothing is in doubt.
    pub(crate) fn is_empty(&self) -> bool {
        self.made.is_empty() && self.dropped.is_empty()
    }

    /// Why something of this name may exist though nothing was seen to make it.
    pub(crate) fn about(&self, name: Name) -> Option<Arc<str>> {
        self.made.about(NAMED_IN_QUERIES, name, StatementId::BASELINE)
    }

    /// The same for an object of a kind that has no names of its own in queries.
    pub(crate) fn about_kind(&self, tag: Tag, name: Name) -> Option<Arc<str>> {
        self.made.about(&[tag], name, StatementId::BASELINE)
    }

    /// Whether there may be objects whose names are not known.
    pub(crate) fn hides_names(&self) -> bool {
        self.made.everything.is_some() || !self.made.kinds.is_empty()
    }
}

/// The kinds of objects that expressions and queries name.
const NAMED_IN_QUERIES: &[Tag] = &[Tag::Relation, Tag::Sequence, Tag::Routine, Tag::Type];

/// What code that could not be followed may have done to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Made,
    Dropped,
}

impl crate::catalog::analyze::Uncertainty for Doubt {
    fn may_exist(&self, name: Name) -> bool {
        self.about(name).is_some()
    }
}

impl Replay {
    /// Why it is not known whether an object is still there.
    pub(crate) fn doubt_about(&self, id: ObjectId) -> Option<Arc<str>> {
        let object = self.now().get(id)?;
        let made = self.now().made_by(id).unwrap_or(StatementId::BASELINE);
        self.doubt.dropped.about(&[object.tag()], object.name, made)
    }

    /// Why it is not known whether an object is what it was when it was made: it may be gone, or another in its place.
    pub(crate) fn doubt_about_definition(&self, id: ObjectId) -> Option<Arc<str>> {
        let object = self.now().get(id)?;
        let made = self.now().made_by(id).unwrap_or(StatementId::BASELINE);
        self.doubt_about(id).or_else(|| self.doubt.made.about(&[object.tag()], object.name, made))
    }

    /// Why it is not known whether a name is free: not where it was freed after the last doubt, nor where all that
    /// could hold it is younger.
    pub(crate) fn doubt_about_key(&self, key: NameKey) -> Option<Arc<str>> {
        self.doubt_about_keys(&[key])
    }

    /// The same for a name that is looked for in several schemas.
    pub(super) fn doubt_about_keys(&self, keys: &[NameKey]) -> Option<Arc<str>> {
        let freed = |key: &NameKey| self.catalog.name_history(*key).next().map(|(since, _)| since);
        let whole = |key: &NameKey| self.now().made_by(key.parent?);
        let since = keys.iter().filter_map(|key| freed(key).max(whole(key))).max().unwrap_or(StatementId::BASELINE);
        let first = keys.first()?;
        self.doubt.made.about(tags_of(first.space), first.name, since)
    }

    /// Why a table may have a column that was not seen to be made.
    pub(crate) fn doubt_about_column(&self, table: ObjectId, name: Name) -> Option<Arc<str>> {
        let made = self.now().made_by(table).unwrap_or(StatementId::BASELINE);
        self.doubt.made.about(&[], name, made)
    }

    /// Why a table may have lost a column.
    pub(crate) fn doubt_about_lost_column(&self, table: ObjectId, name: Name) -> Option<Arc<str>> {
        let made = self.now().made_by(table).unwrap_or(StatementId::BASELINE);
        self.doubt.dropped.about(&[], name, made)
    }

    /// A statement that nobody can read may have had any effect on what it names.
    pub(super) fn doubt_gap(&mut self, gap: &Gap) {
        let why: Arc<str> = "a statement before it cannot be read".into();
        if gap.anything {
            self.doubt.everything(why.clone());
        }
        for &name in &gap.names {
            self.doubt.name(name, &why);
        }
    }

    /// A statement of which nothing is known may have had its effect: what it names is in doubt.
    pub(crate) fn doubt_effects_of(&mut self, statement: &Statement) {
        let names = names_touched(statement);
        for (name, fate) in names {
            if !name.contains(GAP) {
                let reason = self.doubt.reason("whether the statement that names it succeeds is not known");
                self.doubt.side(fate).names.insert(name, reason);
                continue;
            }
            let why = "a name that is made at run time is not known";
            let beginning = name.as_str().split(GAP).next().unwrap_or_default();
            if fate == Fate::Made && !beginning.is_empty() {
                self.doubt.beginning(beginning, why);
                continue;
            }
            match kinds_touched(&statement.kind) {
                Some(tags) => tags.iter().for_each(|tag| self.doubt.kind(*tag, fate, why)),
                None => self.doubt.everything(why),
            }
        }
    }
}

/// The kinds of the objects that share a name space.
fn tags_of(space: NameSpace) -> &'static [Tag] {
    match space {
        NameSpace::Relation => &[Tag::Relation, Tag::Index, Tag::Sequence],
        NameSpace::Type => &[Tag::Type, Tag::Relation],
        NameSpace::Routine => &[Tag::Routine],
        NameSpace::Constraint => &[Tag::Constraint],
        NameSpace::Trigger => &[Tag::Trigger],
        NameSpace::Policy => &[Tag::Policy],
        _ => &[],
    }
}

/// The kinds of what a statement makes or drops, where its names are not known; `None`: of any kind.
fn kinds_touched(statement: &StatementKind) -> Option<&'static [Tag]> {
    use StatementKind as K;
    Some(match statement {
        K::CreatePolicy(_) | K::AlterPolicy(_) => &[Tag::Policy],
        K::CreateTrigger(_) => &[Tag::Trigger],
        K::CreateIndex(_) => &[Tag::Index],
        K::CreateView(_) => &[Tag::Relation],
        K::CreateTable(_) | K::CreateTableAs(_) => &[Tag::Relation, Tag::Index, Tag::Sequence, Tag::Constraint],
        K::CreateSequence(_) => &[Tag::Sequence],
        K::CreateRole { .. } => &[Tag::Role],
        K::CreateFunction(_) => &[Tag::Routine],
        K::AlterTable(alter) => {
            let named = alter.actions.iter().filter(|action| name_in_action(&action.kind).is_some());
            let constraint = |kind: &TableActionKind| {
                matches!(kind, TableActionKind::AddConstraint(_) | TableActionKind::DropConstraint { .. })
            };
            if !named.into_iter().all(|action| constraint(&action.kind)) {
                return None;
            }
            &[Tag::Constraint, Tag::Index]
        }
        K::Drop(drop) => match drop.kind {
            ObjectKind::Policy => &[Tag::Policy],
            ObjectKind::Trigger => &[Tag::Trigger],
            // What depends on a view is a view.
            ObjectKind::View | ObjectKind::MaterializedView => &[Tag::Relation, Tag::Index],
            ObjectKind::Index if drop.behavior == DropBehavior::Restrict => &[Tag::Index],
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine
                if drop.behavior == DropBehavior::Restrict =>
            {
                &[Tag::Routine]
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// The names that a statement makes or takes away.
fn names_touched(statement: &Statement) -> Vec<(Name, Fate)> {
    use StatementKind as K;
    if let K::AlterTable(alter) = &statement.kind {
        return alter.actions.iter().filter_map(|action| name_in_action(&action.kind)).collect();
    }
    let made = |name: Name| vec![(name, Fate::Made)];
    match &statement.kind {
        K::CreateTable(create) => made(create.relation.name.name.name),
        K::CreateForeignTable(create) => made(create.table.relation.name.name.name),
        K::CreateTableAs(create) => made(create.into.relation.name.name.name),
        K::CreateView(create) => made(create.relation.name.name.name),
        K::CreateSequence(create) => made(create.relation.name.name.name),
        K::CreateIndex(create) => made(create.name.map_or(create.relation.name.name.name, |name| name.name)),
        K::CreateFunction(create) => made(create.name.name.name),
        K::CreatePolicy(create) => made(create.name.name),
        K::CreateTrigger(create) => made(create.name.name),
        K::CreateExtension { name, .. } => made(name.name),
        K::CreatePublication(create) => made(create.name.name),
        K::CreateEnum { name, .. }
        | K::CreateCompositeType { name, .. }
        | K::AlterCompositeType { name, .. }
        | K::CreateRange { name, .. } => made(name.name.name),
        K::AlterEnum(alter) => match &**alter {
            AlterEnum::Add { name, .. } | AlterEnum::Rename { name, .. } => made(name.name.name),
        },
        K::CreateDomain(create) => made(create.name.name.name),
        K::CreateSchema(create) => create.name.map(|name| (name.name, Fate::Made)).into_iter().collect(),
        K::CreateRole { name, .. }
        | K::CreateForeignDataWrapper { name, .. }
        | K::CreateSubscription { name, .. }
        | K::CreateLanguage { name, .. }
        | K::CreateAccessMethod { name, .. } => made(name.name),
        K::CreateForeignServer(create) => made(create.name.name),
        K::CreateEventTrigger(create) => made(create.name.name),
        K::CreateRule(create) => made(create.name.name),
        K::CreateStatistics(create) => create.name.iter().map(|name| (name.name.name, Fate::Made)).collect(),
        K::Define(define) => made(define.name.name.name),
        K::Rename(rename) => {
            let old = name_of(&rename.object.name).map(|name| (name, Fate::Dropped));
            old.into_iter().chain([(rename.new_name.name, Fate::Made)]).collect()
        }
        K::SetSchema { object, .. } => {
            let name = name_of(&object.name);
            name.into_iter().flat_map(|name| [(name, Fate::Dropped), (name, Fate::Made)]).collect()
        }
        K::Drop(drop) => {
            drop.objects.iter().filter_map(|object| Some((name_of(&object.name)?, Fate::Dropped))).collect()
        }
        _ => Vec::new(),
    }
}

/// The column or constraint that an action of ALTER TABLE makes or takes away.
fn name_in_action(action: &TableActionKind) -> Option<(Name, Fate)> {
    Some(match action {
        TableActionKind::AddColumn { column, .. } => (column.name.name, Fate::Made),
        TableActionKind::DropColumn { column, .. } => (column.name, Fate::Dropped),
        TableActionKind::AddConstraint(constraint) => (constraint.name?.name, Fate::Made),
        TableActionKind::DropConstraint { name, .. } => (name.name, Fate::Dropped),
        _ => return None,
    })
}

/// The last part of an object's name.
fn name_of(name: &ObjectName) -> Option<Name> {
    match name {
        ObjectName::Qualified(name) => Some(name.name.name),
        ObjectName::OfRelation { name, .. } | ObjectName::OfDomain { name, .. } => Some(name.name),
        ObjectName::Function(signature) => Some(signature.name.name.name),
        ObjectName::Type(ty) => Some(ty.name()),
        _ => None,
    }
}
