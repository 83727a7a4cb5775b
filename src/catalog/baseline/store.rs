//! Objects of the system are made before the first statement and never go: they need no undo, and what
//! depends on them need not be known.

use std::sync::{Arc, OnceLock};

use crate::catalog::{Base, Catalog, NameKey, NameVersion, Object, ObjectId, StatementId, Version};

impl Catalog {
    /// Marks what was made since `first` as the system's own.
    pub(super) fn set_system(&mut self, first: u32) {
        self.system = first..self.object_count();
    }

    /// Makes an object of the system.
    pub(crate) fn insert_system(&mut self, object: Object) -> ObjectId {
        let id = ObjectId(self.object_count());
        self.objects.push(vec![Version { since: StatementId::BASELINE.0, object: Some(Arc::new(object)) }]);
        id
    }

    /// Lists the objects beside the system's own under their kinds.
    pub(super) fn list_others(&mut self) {
        let system = self.system.clone();
        for id in (0..system.start).chain(system.end..self.object_count()).map(ObjectId) {
            if let Some(tag) = self.end().get(id).map(|object| object.tag()) {
                self.by_tag.entry(tag).or_default().push(id);
            }
        }
    }

    /// Makes all that there is the base of this catalog and of its clones.
    pub(crate) fn freeze(&mut self) {
        let last = |versions: Vec<Version>| versions.into_iter().last().and_then(|version| version.object);
        let ids = |versions: Vec<NameVersion>| versions.into_iter().last().map(|version| version.ids);
        let names = std::mem::take(&mut self.names).into_iter();
        self.base = Arc::new(Base {
            objects: std::mem::take(&mut self.objects).into_iter().map(last).collect(),
            names: names.filter_map(|(key, versions)| Some((key, ids(versions)?))).collect(),
            system_types: OnceLock::new(),
        });
        self.writes.clear();
        self.commit();
    }

    /// Changes an object of the system while it is made.
    pub(super) fn change_system(&mut self, id: ObjectId, change: impl FnOnce(&mut Object)) {
        if let Some(object) = self.versions_mut(id).last_mut().and_then(|version| version.object.as_mut()) {
            change(Arc::make_mut(object));
        }
    }

    /// Gives an object of the system its name; no other has it.
    pub(super) fn bind_system(&mut self, key: NameKey, id: ObjectId) {
        self.names.insert(key, vec![NameVersion { since: StatementId::BASELINE.0, ids: Box::new([id]) }]);
    }
}
