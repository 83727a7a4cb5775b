//! Which types convert to which, as constraints and defaults need to know.

use super::Replay;
use crate::catalog::TypeRef;

impl Replay {
    /// Whether a foreign key of this type can reference a column of that one.
    pub(crate) fn can_reference(&self, own: &TypeRef, other: &TypeRef) -> bool {
        _ = (own, other);
        true
    }

    /// Whether a value converts by itself where it is stored.
    pub(crate) fn can_assign(&self, from: &TypeRef, to: &TypeRef) -> bool {
        _ = (from, to);
        true
    }

    /// Whether it is the type of a string constant.
    pub(crate) fn is_unknown_type(&self, ty: &TypeRef) -> bool {
        self.now().get(ty.id).is_some_and(|object| object.name.as_str() == "unknown")
    }
}
