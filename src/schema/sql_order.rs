//! In which order objects must be made.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Schema;
use crate::catalog::{Dependency, Kind, ObjectId, Part, TypeClass};

/// The objects of `wanted` so that each comes after what it needs; else in the order they were made.
pub(super) fn in_order(schema: &Schema<'_>, wanted: &[ObjectId]) -> Vec<ObjectId> {
    let known: FxHashSet<ObjectId> = wanted.iter().copied().collect();
    let mut state: FxHashMap<ObjectId, bool> = FxHashMap::default();
    let mut ordered = Vec::with_capacity(wanted.len());
    for &start in wanted {
        // `true` marks the way back out of an object, when all that it needs is there.
        let mut pending = vec![(start, false)];
        while let Some((id, done)) = pending.pop() {
            if done {
                if state.insert(id, true) == Some(false) {
                    ordered.push(id);
                }
                continue;
            }
            if state.contains_key(&id) {
                continue;
            }
            state.insert(id, false);
            pending.push((id, true));
            let mut needs = needs(schema, id);
            needs.retain(|need| known.contains(need) && *need != id);
            needs.sort_by_key(|need| std::cmp::Reverse(*need));
            pending.extend(needs.into_iter().map(|need| (need, false)));
        }
    }
    ordered
}

/// What an object needs to be made, each as the object whose statement makes it.
fn needs(schema: &Schema<'_>, id: ObjectId) -> Vec<ObjectId> {
    let Some(object) = schema.at.get(id) else { return Vec::new() };
    let mut needs = Vec::new();
    object.each_need(|need| {
        if is_needed_at_once(schema, id, &need) {
            needs.extend(maker(schema, need.on));
        }
    });
    // Constraints of a domain are part of its statement.
    if object.as_type().is_some() {
        for (_, part) in schema.at.attached(id) {
            part.each_need(|need| needs.extend(maker(schema, need.on)));
        }
    }
    needs
}

/// Defaults are set when all objects are there; what a column is generated from must be there before.
fn is_needed_at_once(schema: &Schema<'_>, id: ObjectId, need: &Dependency) -> bool {
    let sequence = schema.at.get(id).is_some_and(|object| object.as_sequence().is_some());
    match need.part {
        Part::Default(number) => schema.at.column(id, number).is_some_and(|column| column.generated.is_some()),
        _ => !sequence || need.column.is_none(),
    }
}

/// The object that a part, a row type or a member of an extension is made with.
fn maker(schema: &Schema<'_>, id: ObjectId) -> Option<ObjectId> {
    let object = schema.at.get(id)?;
    if object.extension.is_some() {
        return object.extension;
    }
    match &object.kind {
        Kind::Type(ty) => match ty.class {
            TypeClass::Composite { relation } => Some(relation),
            TypeClass::Multirange { range } => Some(range),
            _ => Some(id),
        },
        _ => Some(object.attached_to().unwrap_or(id)),
    }
}
