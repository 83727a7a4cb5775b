//! Sets of objects, of which a catalog holds many.

use rustc_hash::FxHashSet;

use super::ObjectId;

/// Objects in the order they were added, each once.
///
/// They mostly come in the order they were made, and are found by that; only where one does not is there a table.
#[derive(Clone, Default, Debug)]
pub(super) struct IdSet {
    ids: Vec<ObjectId>,
    seen: Option<Box<FxHashSet<ObjectId>>>,
}

impl IdSet {
    /// Adds an object that is not there yet.
    pub fn insert(&mut self, id: ObjectId) {
        let is_new = match &mut self.seen {
            Some(seen) => seen.insert(id),
            None => match self.ids.last() {
                Some(last) if id <= *last => self.ids.binary_search(&id).is_err() && self.insert_between(id),
                _ => true,
            },
        };
        if is_new {
            self.ids.push(id);
        }
    }

    /// From here on the order does not tell what is there.
    fn insert_between(&mut self, id: ObjectId) -> bool {
        let mut seen: FxHashSet<ObjectId> = self.ids.iter().copied().collect();
        let is_new = seen.insert(id);
        self.seen = Some(Box::new(seen));
        is_new
    }
}

impl<'s> IntoIterator for &'s IdSet {
    type Item = &'s ObjectId;
    type IntoIter = std::slice::Iter<'s, ObjectId>;

    fn into_iter(self) -> Self::IntoIter {
        self.ids.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_once_in_the_order_of_coming() {
        let mut set = IdSet::default();
        for id in [3, 3, 7, 3, 9, 5, 9, 5, 1, 7, 11, 1] {
            set.insert(ObjectId(id));
        }
        let ids: Vec<u32> = set.into_iter().map(|id| id.0).collect();
        assert_eq!(ids, [3, 7, 9, 5, 1, 11]);
    }
}
