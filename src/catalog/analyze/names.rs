//! Types and relations by their written names.

use super::error::Missing;
use super::tree::Modifiers;
use super::types::Facts;
use super::{Error, Result, Type};
use crate::catalog::{NameKey, NameSpace, ObjectId, Tag};
use crate::source::Span;
use crate::syntax::{ExprKind, Name, QualifiedName, TypeName};

impl Facts<'_> {
    /// typenameType. `Ok(None)` where it is not known.
    pub fn resolve_type(&self, name: &TypeName) -> Result<Option<(Type, Modifiers)>> {
        if name.percent_type {
            return self.percent_type(name);
        }
        let Some(element) = self.named_type(name)? else { return Ok(None) };
        if name.array_dimensions == 0 {
            return Ok(Some((element, written_modifiers(name))));
        }
        Ok(self.array_of(element).map(|array| (array, written_modifiers(name))))
    }

    fn named_type(&self, name: &TypeName) -> Result<Option<Type>> {
        let schema = name.schema();
        if let Some(schema) = schema
            && self.catalog.schema(schema).is_none()
        {
            return if self.may_exist(None, schema, NameSpace::Other(Tag::Schema)) {
                Ok(None)
            } else {
                let message = format!("schema \"{schema}\" does not exist");
                Err(Error::new("3F000", name.span, message).missing(Missing::Schema(schema)))
            };
        }
        if let Some(ty) = self.find_type(schema, name.name()) {
            return Ok(Some(ty));
        }
        // `_text` is the array of `text`.
        let element = name.name().strip_prefix('_').and_then(|element| self.find_type(schema, Name::from(element)));
        if let Some(element) = element {
            return Ok(self.array_of(element));
        }
        if self.may_exist(schema, name.name(), NameSpace::Type) {
            return Ok(None);
        }
        let shown = schema.map(|schema| format!("{schema}.")).unwrap_or_default();
        let message = format!("type \"{shown}{}\" does not exist", name.name());
        let keys = self.keys(schema, name.name(), NameSpace::Type);
        Err(Error::new("42704", name.span, message).missing(Missing::Named(keys)))
    }

    /// `relation.column%TYPE`; the modifiers of the column are not taken along.
    fn percent_type(&self, name: &TypeName) -> Result<Option<(Type, Modifiers)>> {
        let [.., relation, column] = &name.parts[..] else { return Ok(None) };
        let schema = name.parts.len().checked_sub(3).map(|at| name.parts[at].name);
        let Some(id) = self.find_relation(schema, relation.name) else {
            if self.may_exist(schema, relation.name, NameSpace::Relation) {
                return Ok(None);
            }
            let keys = self.keys(schema, relation.name, NameSpace::Relation);
            let message = format!("relation \"{}\" does not exist", relation.name);
            return Err(Error::new("42P01", name.span, message).missing(Missing::Named(keys)));
        };
        let Some(relation) = self.catalog.get(id).and_then(|object| object.as_relation()) else { return Ok(None) };
        if let Some(found) = relation.column(column.name) {
            let ty = found.ty.as_ref().map(|ty| Type { id: ty.id, array: ty.array });
            return Ok(ty.map(|ty| (ty, Modifiers::NONE)));
        }
        if !relation.columns_known || self.is_doubtful(column.name) {
            return Ok(None);
        }
        let relation = self.catalog.get(id).map(|object| object.name).unwrap_or_default();
        let message = format!("column \"{}\" of relation \"{relation}\" does not exist", column.name);
        Err(Error::new("42703", name.span, message).missing(Missing::Column(id, column.name)))
    }

    /// The relation of a name along search_path or in a schema.
    pub fn find_relation(&self, schema: Option<Name>, name: Name) -> Option<ObjectId> {
        match schema {
            Some(schema) => self.catalog.relation_in(self.catalog.schema(schema)?, name),
            None => self.environment.search_path.iter().find_map(|schema| self.catalog.relation_in(*schema, name)),
        }
    }

    /// The names that an object could have had where it was looked for.
    pub(super) fn keys(&self, schema: Option<Name>, name: Name, space: NameSpace) -> Vec<NameKey> {
        let key = |parent| NameKey { space, parent: Some(parent), name };
        match schema {
            Some(schema) => self.catalog.schema(schema).map(key).into_iter().collect(),
            None => self.environment.search_path.iter().copied().map(key).collect(),
        }
    }

    /// Whether code that could not be followed may have made or dropped something of this name.
    pub(super) fn is_doubtful(&self, name: Name) -> bool {
        self.environment.doubt.is_some_and(|doubt| doubt.may_exist(name))
    }

    /// Whether something that was not found may be there all the same.
    pub(super) fn may_exist(&self, schema: Option<Name>, name: Name, space: NameSpace) -> bool {
        if self.is_doubtful(name) || schema.is_some_and(|schema| self.is_doubtful(schema)) {
            return true;
        }
        let written = schema.map(|schema| self.catalog.schema(schema));
        let in_sight = |of: ObjectId| match written {
            Some(written) => written == Some(of),
            None => self.environment.search_path.contains(&of),
        };
        self.catalog.extension_may_hold(self.environment.version, space, name, in_sight)
    }
}

/// The integers among the modifiers.
fn written_modifiers(name: &TypeName) -> Modifiers {
    let values: Vec<i32> = name
        .modifiers
        .iter()
        .filter_map(
            |modifier| if let ExprKind::Integer(value) = modifier.kind { i32::try_from(value).ok() } else { None },
        )
        .collect();
    // `character` and `bit` without a length have the length 1.
    if values.is_empty() && name.modifiers.is_empty() && !name.percent_type {
        return Modifiers::NONE;
    }
    Modifiers::new(&values)
}

/// The schema and name of a function or the like.
pub(super) fn parts(name: &QualifiedName) -> (Option<Name>, Name) {
    (name.schema.map(|schema| schema.name), name.name.name)
}

/// The place of a qualified name; that of `or` where it has none (the grammar made it up).
pub(super) fn span_of(name: &QualifiedName, or: Span) -> Span {
    let span = name.span();
    if span.is_none() { or } else { span }
}
