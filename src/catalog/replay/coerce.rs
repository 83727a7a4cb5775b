//! Which types convert to which, as keys, defaults and operator classes need to know.

use super::Replay;
use crate::catalog::analyze::{self, Type};
use crate::catalog::baseline::{self, SystemOperatorClass, SystemType};
use crate::catalog::{TypeClass, TypeRef};
use crate::syntax::CastContext;

impl Replay {
    /// Whether a foreign key of this type can reference a column of that one: the index there must compare
    /// the two, or take the one for the other (`ATAddForeignKeyConstraint`).
    pub(crate) fn can_reference(&self, own: &TypeRef, other: &TypeRef) -> bool {
        let (own, other) = (self.base_type(own), self.base_type(other));
        // Which casts and operators an extension brings for its types is not known here.
        let of_extension = |ty: &TypeRef| self.now().get(ty.id).is_some_and(|object| object.extension.is_some());
        if of_extension(&own) || of_extension(&other) {
            return true;
        }
        if own.id == other.id && own.array == other.array {
            return true;
        }
        let Some(class) = self.default_class("btree", &other) else {
            return !self.is_system_type(&own) || !self.is_system_type(&other);
        };
        if class.input.name.starts_with("any") || class.input.name == "record" {
            return false;
        }
        let Some(input) = self.now().system_type(class.input, None) else { return true };
        let crosses = baseline::family_operators("btree", self.settings.version).any(|operator| {
            operator.family == class.family
                && operator.operator == "="
                && self.is_type(operator.left, &input)
                && self.is_type(operator.right, &own)
        });
        crosses || analyze::can_coerce(self.environment(), type_of(&own), type_of(&input), CastContext::Implicit)
    }

    fn is_type(&self, system: SystemType, ty: &TypeRef) -> bool {
        let object = self.now().get(ty.id);
        system.array == ty.array && object.is_some_and(|object| object.name.as_str() == system.name)
    }

    fn is_system_type(&self, ty: &TypeRef) -> bool {
        self.now().get(ty.id).is_some_and(|object| self.now().schema_name(object).as_str() == "pg_catalog")
    }

    /// The default operator class of the system that a type has with an index method.
    fn default_class(&self, method: &str, ty: &TypeRef) -> Option<SystemOperatorClass> {
        let classes =
            || baseline::operator_classes(method, self.settings.version).filter(|&class| class.default).cloned();
        let own = classes().find(|class| self.is_type(class.input, ty));
        own.or_else(|| classes().find(|class| self.takes(class, ty)))
    }

    /// Whether an operator class takes a type for the one it is made for.
    pub(crate) fn takes(&self, class: &SystemOperatorClass, ty: &TypeRef) -> bool {
        let Some(input) = self.now().system_type(class.input, None) else { return self.is_input(class, ty) };
        analyze::is_binary_coercible(self.environment(), type_of(ty), type_of(&input))
    }

    /// What a domain is made of, all the way down.
    pub(crate) fn base_type(&self, ty: &TypeRef) -> TypeRef {
        let mut ty = ty.clone();
        while let Some(TypeClass::Domain { base, .. }) = self.type_class(&ty).filter(|_| !ty.array) {
            ty = base.clone();
        }
        ty
    }

    pub(super) fn type_class(&self, ty: &TypeRef) -> Option<&TypeClass> {
        Some(&self.now().get(ty.id)?.as_type()?.class)
    }

    /// Whether a value converts by itself where it is stored.
    pub(crate) fn can_assign(&self, from: &TypeRef, to: &TypeRef) -> bool {
        analyze::can_coerce(self.environment(), type_of(from), type_of(to), CastContext::Assignment)
    }

    /// Whether it is the type of a string constant.
    pub(crate) fn is_unknown_type(&self, ty: &TypeRef) -> bool {
        self.now().get(ty.id).is_some_and(|object| object.name.as_str() == "unknown")
    }
}

fn type_of(ty: &TypeRef) -> Type {
    Type { id: ty.id, array: ty.array }
}
