//! Questions about types: categories, what is behind a domain, elements, fields.

use std::sync::Arc;

use super::system::{KnownTypes, SystemIndex, SystemTypes};
use super::tree::{Modifiers, RangeColumn};
use super::{Environment, Type};
use crate::catalog::{CatalogAt, NameKey, NameSpace, Object, ObjectId, Relation, TypeClass, TypeRef};
use crate::syntax::Name;

/// The environment with the facts of its version at hand.
#[derive(Clone, Copy)]
pub(in crate::catalog) struct Facts<'a> {
    pub environment: Environment<'a>,
    pub catalog: CatalogAt<'a>,
    pub types: &'a SystemTypes,
    pub known: &'a KnownTypes,
    pub index: &'static SystemIndex,
}

/// typcategory.
pub(super) const ARRAY: char = 'A';
pub(super) const STRING: char = 'S';
pub(super) const USER: char = 'U';
pub(super) const UNKNOWN: char = 'X';

impl<'a> Facts<'a> {
    pub fn new(environment: Environment<'a>) -> Facts<'a> {
        let types = environment.catalog.catalog().system_types(environment.version);
        Facts {
            environment,
            catalog: environment.catalog,
            types,
            known: &types.known,
            index: SystemIndex::of(environment.version),
        }
    }

    /// The type itself, where the catalog has it.
    pub fn type_object(&self, ty: Type) -> Option<&'a crate::catalog::Type> {
        self.catalog.get(ty.id)?.as_type()
    }

    fn class(&self, ty: Type) -> Option<&'a TypeClass> {
        if ty.array { None } else { self.type_object(ty).map(|it| &it.class) }
    }

    /// typcategory and typispreferred.
    pub fn category(&self, ty: Type) -> (char, bool) {
        if ty.array {
            return (ARRAY, false);
        }
        if ty == self.known.unknown {
            return (UNKNOWN, false);
        }
        self.type_object(ty).map_or((USER, false), |it| (it.category, it.preferred))
    }

    /// What is behind a domain, with the modifiers it sets; the type itself when it is none.
    pub fn base_with_modifiers(&self, ty: Type, modifiers: Modifiers) -> (Type, Modifiers) {
        let (mut ty, mut modifiers) = (ty, modifiers);
        // A domain over a domain is at most as deep as there are objects; a broken catalog must not hang.
        for _ in 0..64 {
            let Some(TypeClass::Domain { base, .. }) = self.class(ty) else { break };
            (ty, modifiers) = (Type { id: base.id, array: base.array }, Modifiers::new(&base.modifiers));
        }
        (ty, modifiers)
    }

    /// What is behind a domain; the type itself when it is none.
    pub fn base(&self, ty: Type) -> Type {
        self.base_with_modifiers(ty, Modifiers::NONE).0
    }

    pub fn is_domain(&self, ty: Type) -> bool {
        matches!(self.class(ty), Some(TypeClass::Domain { .. }))
    }

    pub fn is_enum(&self, ty: Type) -> bool {
        matches!(self.class(ty), Some(TypeClass::Enum { .. }))
    }

    pub fn is_range(&self, ty: Type) -> bool {
        matches!(self.class(ty), Some(TypeClass::Range { .. }))
    }

    pub fn is_multirange(&self, ty: Type) -> bool {
        matches!(self.class(ty), Some(TypeClass::Multirange { .. }))
    }

    /// A row type, or a domain over one.
    pub fn is_complex(&self, ty: Type) -> bool {
        matches!(self.class(self.base(ty)), Some(TypeClass::Composite { .. }))
    }

    /// The relation whose row type it is.
    pub fn relation_of(&self, ty: Type) -> Option<(ObjectId, &'a Relation)> {
        let Some(TypeClass::Composite { relation }) = self.class(ty) else { return None };
        Some((*relation, self.catalog.get(*relation)?.as_relation()?))
    }

    /// The element of an array type, not looking behind domains.
    pub fn element(&self, ty: Type) -> Option<Type> {
        if ty.array {
            return Some(Type { id: ty.id, array: false });
        }
        match ty {
            _ if ty == self.known.int2vector => Some(self.known.int2),
            _ if ty == self.known.oidvector => Some(self.known.oid),
            _ if ty == self.known.record_array => Some(self.known.record),
            _ => None,
        }
    }

    /// The array type of an element; there is none of arrays and of most pseudo-types.
    pub fn array_of(&self, ty: Type) -> Option<Type> {
        if ty.array {
            return None;
        }
        if ty == self.known.record {
            return Some(self.known.record_array);
        }
        match self.class(ty) {
            Some(TypeClass::Pseudo) => None,
            _ => Some(Type { id: ty.id, array: true }),
        }
    }

    /// The subtype of a range.
    pub fn range_subtype(&self, ty: Type) -> Option<Type> {
        match self.class(ty)? {
            TypeClass::Range { subtype } => Some(Type { id: subtype.id, array: subtype.array }),
            _ => None,
        }
    }

    /// The range of a multirange.
    pub fn range_of_multirange(&self, ty: Type) -> Option<Type> {
        match self.class(ty)? {
            TypeClass::Multirange { range } => Some(Type { id: *range, array: false }),
            _ => None,
        }
    }

    /// The range type over a subtype, where there is exactly one of the system.
    pub fn multirange_of(&self, range: Type) -> Option<Type> {
        let name = self.catalog.get(range.id)?.name;
        let schema = self.catalog.get(range.id)?.schema;
        // The server's default name: `range` in the name becomes `multirange`, else `_multirange` is added.
        let derived = match name.rfind("range") {
            Some(at) => format!("{}multirange{}", &name[..at], &name[at + 5..]),
            None => format!("{name}_multirange"),
        };
        let key = NameKey { space: NameSpace::Type, parent: schema, name: Name::from(&derived) };
        let id = *self.catalog.named(key).first()?;
        let ty = Type { id, array: false };
        (self.range_of_multirange(ty)? == range).then_some(ty)
    }

    pub fn is_polymorphic(&self, ty: Type) -> bool {
        self.is_polymorphic_of_one(ty) || self.is_polymorphic_of_compatible(ty)
    }

    /// The anyelement family.
    pub fn is_polymorphic_of_one(&self, ty: Type) -> bool {
        let known = self.known;
        [known.anyelement, known.anyarray, known.anynonarray, known.anyenum, known.anyrange, known.anymultirange]
            .contains(&ty)
    }

    /// The anycompatible family.
    pub fn is_polymorphic_of_compatible(&self, ty: Type) -> bool {
        let known = self.known;
        [
            known.anycompatible,
            known.anycompatiblearray,
            known.anycompatiblenonarray,
            known.anycompatiblerange,
            known.anycompatiblemultirange,
        ]
        .contains(&ty)
    }

    /// The columns of a composite type, `None` where they are not all known.
    pub fn fields(&self, ty: Type) -> Option<Vec<RangeColumn>> {
        let (_, relation) = self.relation_of(self.base(ty))?;
        relation.columns_known.then(|| relation_columns(relation))
    }

    /// The name as the server says it in messages: format_type_be.
    pub fn name(&self, ty: Type) -> String {
        let ty = TypeRef { id: ty.id, modifiers: Vec::new(), array: ty.array };
        self.catalog.type_name_within(&ty, self.environment.search_path)
    }

    /// The object of a relation.
    pub fn object(&self, id: ObjectId) -> Option<&'a Arc<Object>> {
        self.catalog.get(id)
    }
}

/// The columns of a relation as those of a range entry.
pub(super) fn relation_columns(relation: &Relation) -> Vec<RangeColumn> {
    relation.columns.iter().map(|column| column_of(column)).collect()
}

/// A column as that of a range entry.
pub(super) fn column_of(column: &crate::catalog::Column) -> RangeColumn {
    let (ty, modifiers) = from_ref(column.ty.as_ref());
    RangeColumn { name: column.name, ty, modifiers }
}

/// A type of the catalog, split.
pub(super) fn from_ref(ty: Option<&TypeRef>) -> (Option<Type>, Modifiers) {
    match ty {
        Some(ty) => (Some(Type { id: ty.id, array: ty.array }), Modifiers::new(&ty.modifiers)),
        None => (None, Modifiers::NONE),
    }
}
