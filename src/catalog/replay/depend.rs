//! Dropping through dependencies, as the server's `findDependentObjects` does it.

use rustc_hash::FxHashMap;

use super::names::Target;
use super::{Effect, Replay};
use crate::catalog::{Dependency, DependencyKind, Kind, Object, ObjectId, Part, RelationClass, StatementId, TypeClass};
use crate::source::Span;
use crate::syntax::DropBehavior;

/// What is to go, in the order it was found, and whether it goes without CASCADE.
#[derive(Default)]
struct Plan {
    order: Vec<Target>,
    entries: FxHashMap<(ObjectId, Part), Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// It goes with something else even under RESTRICT.
    silently: bool,
    /// What it was found through.
    because: Option<Target>,
}

/// A target of DROP with the place of its name in the statement.
#[derive(Clone, Copy)]
pub(crate) struct Doomed {
    pub target: Target,
    pub span: Span,
}

impl Replay {
    /// Drops objects (or columns) with all that goes with them; refuses where RESTRICT forbids it.
    pub(crate) fn drop_all(&mut self, roots: &[Doomed], behavior: DropBehavior) -> Effect<()> {
        let mut plan = Plan::default();
        for root in roots {
            plan.add(root.target, Entry { silently: true, because: None });
        }
        for root in roots {
            self.check_droppable(root, &plan)?;
        }
        self.follow(&mut plan);
        if behavior == DropBehavior::Restrict {
            self.check_blockers(roots, &plan)?;
        }
        self.carry_out(&plan);
        Ok(())
    }

    /// Drops an object with all that depends on it, as what the server does by itself.
    pub(crate) fn drop_quietly(&mut self, id: ObjectId) {
        let mut plan = Plan::default();
        plan.add(Target { id, part: Part::Whole }, Entry { silently: true, because: None });
        self.follow(&mut plan);
        self.carry_out(&plan);
    }

    /// A part of another object cannot be dropped on its own, nor what the server itself needs.
    fn check_droppable(&self, root: &Doomed, plan: &Plan) -> Effect<()> {
        let Some(object) = self.now().get(root.target.id) else { return Ok(()) };
        if root.target.part != Part::Whole {
            return Ok(());
        }
        if self.is_pinned(root.target.id, object) {
            let is_table = object.as_relation().is_some_and(|relation| relation.class == RelationClass::Table);
            if is_table {
                let message = format!("permission denied: \"{}\" is a system catalog", object.name);
                return Err(self.refuse("42501", root.span, message));
            }
            let what = self.describe(root.target);
            let message = format!("cannot drop {what} because it is required by the database system");
            return Err(self.refuse("2BP01", root.span, message));
        }
        let mut owners = Vec::new();
        object.each_need(|need| owners.extend(is_owner(&need).then_some(need)));
        let chosen = |need: &Dependency| plan.covers(need.on, need.column);
        if owners.is_empty() || owners.iter().any(chosen) || self.is_composite_type(object) {
            return Ok(());
        }
        let owner = Target { id: owners[0].on, part: owners[0].column.map_or(Part::Whole, Part::Column) };
        let (what, by) = (self.describe(root.target), self.describe(owner));
        let message = format!("cannot drop {what} because {by} requires it");
        let place = self.now().get(owner.id).map_or(Span::NONE, |owner| owner.span);
        Err(self
            .refuse("2BP01", root.span, message)
            .label(place, format!("{by} is made here"))
            .help(format!("drop {by} instead")))
    }

    /// pg_catalog's own objects.
    fn is_pinned(&self, id: ObjectId, object: &Object) -> bool {
        let schema = object.schema.and_then(|schema| self.now().get(schema));
        let name = schema.map_or(object.name, |schema| schema.name);
        let system = name.as_str() == "pg_catalog" && (schema.is_some() || matches!(object.kind, Kind::Schema));
        system && object.extension.is_none() && self.now().made_by(id) == Some(StatementId::BASELINE)
    }

    /// The type made by CREATE TYPE … AS; its pg_class entry is the part, not the whole.
    fn is_composite_type(&self, object: &Object) -> bool {
        let Some(TypeClass::Composite { relation }) = object.as_type().map(|ty| &ty.class) else { return false };
        let relation = self.now().get(*relation).and_then(|relation| relation.as_relation());
        relation.is_some_and(|relation| relation.class == RelationClass::CompositeType)
    }

    /// Adds to the plan all that cannot stay.
    fn follow(&self, plan: &mut Plan) {
        let mut at = 0;
        while let Some(&target) = plan.order.get(at) {
            at += 1;
            self.add_owners(target, plan);
            if self.is_partitioned_by(target) {
                let whole = Target { id: target.id, part: Part::Whole };
                plan.add(whole, Entry { silently: true, because: Some(target) });
            }
            for (id, object, need) in self.now().dependents(target.id) {
                if id == target.id && target.part == Part::Whole || !concerns(target.part, &need) {
                    continue;
                }
                let dependent = Target { id, part: whole_generated_column(object, need.part) };
                // Up to 14 a generated column went with a column that it reads.
                let goes_along = self.settings.version < 15 && dependent.part != need.part && id == target.id;
                let silently = need.kind != DependencyKind::Normal || goes_along;
                plan.add(dependent, Entry { silently, because: Some(target) });
            }
        }
    }

    /// Whether it is a column that rows are sent to partitions by: there is no table without it.
    fn is_partitioned_by(&self, target: Target) -> bool {
        let Part::Column(number) = target.part else { return false };
        let key = self.now().relation(target.id).and_then(|table| table.is.partition_key.as_ref());
        key.is_some_and(|key| key.keys.iter().any(|it| it.column() == Some(number)))
    }

    /// What is a part of something else takes that along.
    fn add_owners(&self, target: Target, plan: &mut Plan) {
        let Some(object) = self.now().get(target.id) else { return };
        let because = plan.entries.get(&(target.id, target.part)).and_then(|entry| entry.because);
        if target.part != Part::Whole || because.is_none() || self.is_composite_type(object) {
            return;
        }
        let silently = plan.entries.get(&(target.id, target.part)).is_some_and(|entry| entry.silently);
        object.each_need(|need| {
            if need.kind == DependencyKind::Internal && !plan.covers(need.on, need.column) {
                let owner = Target { id: need.on, part: need.column.map_or(Part::Whole, Part::Column) };
                plan.add(owner, Entry { silently, because });
            }
        });
    }

    fn check_blockers(&self, roots: &[Doomed], plan: &Plan) -> Effect<()> {
        let blocks = |target: &&Target| {
            let entry = plan.entries.get(&(target.id, target.part));
            entry.is_some_and(|entry| !entry.silently) && !plan.goes_silently_with(**target)
        };
        let blockers: Vec<Target> = plan.order.iter().filter(blocks).copied().collect();
        // Where each of them may be gone by now, so may be the reason.
        let doubts: Option<Vec<_>> = blockers.iter().map(|blocker| self.doubt_about(blocker.id)).collect();
        if let Some(why) = doubts.and_then(|doubts| doubts.into_iter().next()) {
            return Err(super::Stop::Unknown(why));
        }
        let Some(first) = roots.first().filter(|_| !blockers.is_empty()) else { return Ok(()) };
        let message = match roots {
            [root] => format!("cannot drop {} because other objects depend on it", self.describe(root.target)),
            _ => "cannot drop desired object(s) because other objects depend on them".to_owned(),
        };
        let mut refusal = self.refuse("2BP01", first.span, message);
        for blocker in blockers.iter().take(10) {
            let place = self.place_of(*blocker);
            let entry = plan.entries.get(&(blocker.id, blocker.part));
            let on = entry.and_then(|entry| entry.because).map(|on| self.describe(on)).unwrap_or_default();
            refusal = refusal.label(place, format!("{} depends on {on}", self.describe(*blocker)));
        }
        Err(refusal.help("drop what depends on it first, or say CASCADE"))
    }

    fn place_of(&self, target: Target) -> Span {
        let Some(object) = self.now().get(target.id) else { return Span::NONE };
        let column = match (target.part, object.as_relation()) {
            (Part::Column(number) | Part::Default(number), Some(relation)) => relation.column_number(number),
            _ => None,
        };
        column.map_or(object.span, |column| column.span)
    }

    fn carry_out(&mut self, plan: &Plan) {
        // Parts first: afterwards their whole may be gone.
        for &target in plan.order.iter().rev() {
            match target.part {
                Part::Whole => self.erase(target.id),
                _ if plan.entries.contains_key(&(target.id, Part::Whole)) => {}
                Part::Column(number) => self.erase_column(target.id, number),
                Part::Default(number) => self.erase_default(target.id, number),
                Part::Entry => {
                    if let Some(on) = plan.entries.get(&(target.id, target.part)).and_then(|entry| entry.because) {
                        self.erase_entry(target.id, on.id);
                    }
                }
            }
        }
    }

    /// Takes a column out of a relation.
    pub(crate) fn erase_column(&mut self, table: ObjectId, number: i16) {
        self.catalog.modify(table, |object| {
            object.depends.retain(|need| !matches!(need.part, Part::Column(n) | Part::Default(n) if n == number));
            if let Kind::Relation(relation) = &mut object.kind {
                relation.columns.retain(|column| column.number != number);
            }
        });
    }

    fn erase_default(&mut self, table: ObjectId, number: i16) {
        self.catalog.modify(table, |object| {
            object.depends.retain(|need| need.part != Part::Default(number));
            if let Kind::Relation(relation) = &mut object.kind {
                change_column(relation, number, |column| column.default = None);
            }
        });
    }

    /// Takes what was dropped out of a list that names it.
    fn erase_entry(&mut self, id: ObjectId, gone: ObjectId) {
        self.catalog.modify(id, |object| {
            if let Kind::Publication(publication) = &mut object.kind {
                publication.tables.retain(|table| table.table != gone);
                publication.schemas.retain(|&schema| schema != gone);
            }
        });
    }

    /// `table t`, `constraint c on table t`, `column a of table t`.
    pub(crate) fn describe(&self, target: Target) -> String {
        let now = self.now();
        let Some(object) = now.get(target.id) else { return String::new() };
        let own = format!("{} {}", object.kind_word(), object.name);
        match (target.part, object.as_relation()) {
            (Part::Column(number), Some(relation)) => {
                let name = relation.column_number(number).map(|column| column.name).unwrap_or_default();
                return format!("column {name} of {own}");
            }
            (Part::Default(number), Some(relation)) => {
                let name = relation.column_number(number).map(|column| column.name).unwrap_or_default();
                return format!("default value for column {name} of {own}");
            }
            _ => {}
        }
        match object.attached_to().filter(|_| object.as_index().is_none()).and_then(|of| now.get(of)) {
            Some(of) => format!("{own} on {} {}", of.kind_word(), of.name),
            None => own,
        }
    }
}

impl Plan {
    fn add(&mut self, target: Target, entry: Entry) {
        match self.entries.entry((target.id, target.part)) {
            std::collections::hash_map::Entry::Occupied(mut known) => known.get_mut().silently |= entry.silently,
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(entry);
                self.order.push(target);
            }
        }
    }

    fn covers(&self, id: ObjectId, column: Option<i16>) -> bool {
        let whole = self.entries.contains_key(&(id, Part::Whole));
        whole || column.is_some_and(|column| self.entries.contains_key(&(id, Part::Column(column))))
    }

    /// Whether what the part belongs to goes silently anyway: its object, or its column.
    fn goes_silently_with(&self, target: Target) -> bool {
        let silently = |part: Part| self.entries.get(&(target.id, part)).is_some_and(|entry| entry.silently);
        let column = match target.part {
            Part::Default(number) => silently(Part::Column(number)),
            _ => false,
        };
        column || silently(Part::Whole)
    }
}

/// Whether a dependency is on what `part` of the dropped object says.
fn concerns(part: Part, need: &Dependency) -> bool {
    match part {
        Part::Whole => true,
        Part::Column(number) => need.column == Some(number),
        Part::Default(_) | Part::Entry => false,
    }
}

fn is_owner(need: &Dependency) -> bool {
    matches!(need.kind, DependencyKind::Internal | DependencyKind::Partition | DependencyKind::Extension)
        && need.part == Part::Whole
}

/// A generated column cannot live without its expression.
fn whole_generated_column(object: &Object, part: Part) -> Part {
    let Part::Default(number) = part else { return part };
    let column = object.as_relation().and_then(|relation| relation.column_number(number));
    if column.is_some_and(|column| column.generated.is_some()) { Part::Column(number) } else { part }
}

/// Changes one column of a relation.
pub(crate) fn change_column(
    relation: &mut crate::catalog::Relation,
    number: i16,
    change: impl FnOnce(&mut crate::catalog::Column),
) {
    if let Some(column) = relation.columns.iter_mut().find(|column| column.number == number) {
        change(std::sync::Arc::make_mut(column));
    }
}
