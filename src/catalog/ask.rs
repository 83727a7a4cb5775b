//! Questions that rules ask: the iterators here do the nesting, so that a check reads like its README.

use std::sync::Arc;

use super::{
    Bucket, CatalogAt, Column, Constraint, ConstraintKind, DependencyKind, Extension, ForeignKey, Index, IndexColumn,
    Key, Kind, Object, ObjectId, Policy, Relation, RelationClass, Role, Routine, RoutineKind, Tag, Trigger,
};
use crate::source::Span;
use crate::syntax::Name;
use crate::syntax::quote::quote_identifier;

/// An object with what it is.
#[derive(Debug)]
pub struct Found<'a, T> {
    /// Its id.
    pub id: ObjectId,
    /// What every object has.
    pub object: &'a Object,
    /// What this kind has.
    pub is: &'a T,
}

impl<T> Clone for Found<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Found<'_, T> {}

impl<T> Found<'_, T> {
    /// Its name, without schema.
    pub fn name(&self) -> Name {
        self.object.name
    }

    /// Its name where it was made.
    pub fn span(&self) -> Span {
        self.object.span
    }
}

fn found<'a, T>(
    (id, object): (ObjectId, &'a Arc<Object>),
    is: impl FnOnce(&'a Kind) -> Option<&'a T>,
) -> Option<Found<'a, T>> {
    Some(Found { id, object, is: is(&object.kind)? })
}

impl<'a> CatalogAt<'a> {
    /// Tables, views and the like, in the order they were made.
    pub fn relations(self) -> impl Iterator<Item = Found<'a, Relation>> {
        self.objects()
            .filter_map(|entry| found(entry, |kind| if let Kind::Relation(it) = kind { Some(it) } else { None }))
    }

    /// Ordinary and partitioned tables.
    pub fn tables(self) -> impl Iterator<Item = Found<'a, Relation>> {
        self.relations().filter(|it| matches!(it.is.class, RelationClass::Table | RelationClass::PartitionedTable))
    }

    /// Functions, procedures and aggregates.
    pub fn routines(self) -> impl Iterator<Item = Found<'a, Routine>> {
        self.objects()
            .filter_map(|entry| found(entry, |kind| if let Kind::Routine(it) = kind { Some(it) } else { None }))
    }

    /// The roles, in the order they were made.
    pub fn roles(self) -> impl Iterator<Item = Found<'a, Role>> {
        self.of_kind(Tag::Role)
            .filter_map(|entry| found(entry, |kind| if let Kind::Role(it) = kind { Some(it) } else { None }))
    }

    /// The extensions that are installed.
    pub fn extensions(self) -> impl Iterator<Item = Found<'a, Extension>> {
        self.of_kind(Tag::Extension)
            .filter_map(|entry| found(entry, |kind| if let Kind::Extension(it) = kind { Some(it) } else { None }))
    }

    /// The buckets of Supabase's storage.
    pub fn buckets(self) -> impl Iterator<Item = Found<'a, Bucket>> {
        self.of_kind(Tag::Bucket)
            .filter_map(|entry| found(entry, |kind| if let Kind::Bucket(it) = kind { Some(it) } else { None }))
    }

    /// The relation of this id.
    pub fn relation(self, id: ObjectId) -> Option<Found<'a, Relation>> {
        found((id, self.get(id)?), |kind| if let Kind::Relation(it) = kind { Some(it) } else { None })
    }

    /// The indexes of a table, those of its constraints too.
    pub fn indexes(self, table: ObjectId) -> impl Iterator<Item = Found<'a, Index>> {
        self.attached(table)
            .filter_map(|entry| found(entry, |kind| if let Kind::Index(it) = kind { Some(it) } else { None }))
    }

    /// The constraints of a table or domain.
    pub fn constraints(self, of: ObjectId) -> impl Iterator<Item = Found<'a, Constraint>> {
        self.attached(of)
            .filter_map(|entry| found(entry, |kind| if let Kind::Constraint(it) = kind { Some(it) } else { None }))
    }

    /// The foreign keys that a table has.
    pub fn foreign_keys(self, table: ObjectId) -> impl Iterator<Item = (Found<'a, Constraint>, &'a ForeignKey)> {
        self.constraints(table).filter_map(|constraint| match &constraint.is.kind {
            ConstraintKind::ForeignKey(key) => Some((constraint, key)),
            _ => None,
        })
    }

    /// The foreign keys of other tables (and its own) that reference a table.
    pub fn referencing(self, table: ObjectId) -> impl Iterator<Item = (Found<'a, Constraint>, &'a ForeignKey)> {
        self.dependents(table).filter_map(move |(id, object, dependency)| {
            let Kind::Constraint(constraint) = &object.kind else { return None };
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { return None };
            // One dependency stands for each referenced column: take the first.
            let first = dependency.kind == DependencyKind::Normal
                && dependency.column == key.referenced_columns.first().copied();
            (key.references == table && first).then_some((Found { id, object, is: constraint }, key))
        })
    }

    /// The policies of a table.
    pub fn policies(self, table: ObjectId) -> impl Iterator<Item = Found<'a, Policy>> {
        self.attached(table)
            .filter_map(|entry| found(entry, |kind| if let Kind::Policy(it) = kind { Some(it) } else { None }))
    }

    /// The triggers of a relation, without those of foreign keys.
    pub fn triggers(self, table: ObjectId) -> impl Iterator<Item = Found<'a, Trigger>> {
        self.attached(table)
            .filter_map(|entry| found(entry, |kind| if let Kind::Trigger(it) = kind { Some(it) } else { None }))
    }

    /// The name of the schema an object lives in; empty for what lives in none.
    pub fn schema_name(self, object: &Object) -> Name {
        object.schema.and_then(|id| self.get(id)).map_or_else(Name::default, |schema| schema.name)
    }

    /// The name for messages: with its schema where that is not `public`.
    pub fn short_name(self, id: ObjectId) -> String {
        let name = self.qualified_name(id);
        name.strip_prefix("public.").map_or(name.clone(), str::to_owned)
    }

    /// The object's name as SQL: with its schema, quoted where needed.
    pub fn sql_name(self, id: ObjectId) -> String {
        let Some(object) = self.get(id) else { return String::new() };
        let name = quote_identifier(&object.name).into_owned();
        match object.schema.and_then(|schema| self.get(schema)) {
            Some(schema) => format!("{}.{name}", quote_identifier(&schema.name)),
            None => name,
        }
    }

    /// The name of a column; a dropped or unknown one is `?column?`, the server's word for it.
    pub fn column_name(self, relation: ObjectId, number: i16) -> Name {
        self.column(relation, number).map_or_else(|| Name::from("?column?"), |column| column.name)
    }

    /// The names of columns, in the order given.
    pub fn column_names(self, relation: ObjectId, numbers: &[i16]) -> Vec<Name> {
        numbers.iter().map(|&number| self.column_name(relation, number)).collect()
    }

    /// The column of this number.
    pub fn column(self, relation: ObjectId, number: i16) -> Option<&'a Arc<Column>> {
        self.get(relation)?.as_relation()?.column_number(number)
    }

    /// `function public.f(integer, text)`: a function or procedure as ALTER and REVOKE name it.
    pub fn sql_routine(self, routine: &Found<'_, Routine>) -> String {
        let kind = if routine.is.kind == RoutineKind::Procedure { "procedure" } else { "function" };
        let types: Vec<String> = routine.is.inputs().map(|parameter| self.type_name(&parameter.ty)).collect();
        format!("{kind} {}({})", self.sql_name(routine.id), types.join(", "))
    }

    /// Whether an extension is installed.
    pub fn has_extension(self, name: &str) -> bool {
        let key =
            super::NameKey { space: super::NameSpace::Other(Tag::Extension), parent: None, name: Name::from(name) };
        !self.named(key).is_empty()
    }
}

impl Index {
    /// Whether the first entries (INCLUDE columns count, as the server's indkey does) are these columns, in this order.
    pub fn starts_with(&self, columns: &[i16]) -> bool {
        let keys = self.keys.iter().map(|key| if let Key::Column(number) = key.key { number } else { 0 });
        let mut entries = keys.chain(self.include.iter().copied());
        columns.iter().all(|&column| entries.next() == Some(column))
    }

    /// Whether another index answers all that this one does: it starts with the same columns and goes on. Of expressions
    /// and conditions nothing is said.
    pub fn is_beginning_of(&self, wider: &Index) -> bool {
        let same = |a: &IndexColumn, b: &IndexColumn| {
            matches!((&a.key, &b.key), (Key::Column(a), Key::Column(b)) if a == b)
                && (a.operator_class, a.collation) == (b.operator_class, b.collation)
                && (a.descending, a.nulls_first) == (b.descending, b.nulls_first)
        };
        let btrees = self.access_method.as_str() == "btree" && wider.access_method.as_str() == "btree";
        btrees
            && wider.valid
            && wider.keys.len() > self.keys.len()
            && self.predicate.is_none()
            && wider.predicate.is_none()
            && self.keys.iter().zip(&wider.keys).all(|(a, b)| same(a, b))
            && self.include.iter().all(|column| wider.include.contains(column))
    }
}
