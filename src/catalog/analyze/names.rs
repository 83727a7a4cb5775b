//! Types by their written names, and names of types as the server prints them (format_type.c).

use super::error::Missing;
use super::tree::Modifiers;
use super::types::Facts;
use super::{Environment, Error, Result, Type};
use crate::catalog::baseline::Contents;
use crate::catalog::{NameKey, NameSpace, ObjectId, Tag};
use crate::source::Span;
use crate::syntax::quote::quote_identifier;
use crate::syntax::{ExprKind, Name, QualifiedName, TypeName};

/// All fields of an interval: the mask that stands for none written.
const ALL_INTERVAL_FIELDS: i32 = 0x7FFF;

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
        // Of some extensions all members are known, of others those that are usually named, of others none.
        let least = match space {
            NameSpace::Routine | NameSpace::Operator => Contents::Usual,
            NameSpace::Relation | NameSpace::Type => Contents::None,
            _ => return false,
        };
        let mut schemas = self.catalog.extensions_with(self.environment.version, least);
        match schema {
            Some(schema) => {
                let written = self.catalog.schema(schema);
                schemas.any(|schema| Some(schema) == written)
            }
            None => schemas.any(|schema| self.environment.search_path.contains(&schema)),
        }
    }

    /// Whether an unqualified name of a type finds this one.
    fn is_visible(&self, ty: Type) -> bool {
        let Some(object) = self.catalog.get(ty.id) else { return false };
        self.find_type(None, object.name).is_some_and(|found| found.id == ty.id)
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

/// A type as the server prints it (format_type_with_typemod): the names of the standard for the types that have
/// one, qualified where search_path does not find it.
pub fn format_type(environment: Environment<'_>, ty: Type, modifiers: Modifiers) -> String {
    let facts = Facts::new(environment);
    let Some(object) = facts.catalog.get(ty.id) else { return "???".to_owned() };
    let schema = object.schema.and_then(|schema| facts.catalog.get(schema)).map(|schema| schema.name);
    let is_system = schema.is_some_and(|schema| schema.as_str() == "pg_catalog");
    let brackets = if ty.array { "[]" } else { "" };
    if is_system && let Some(name) = standard_name(object.name.as_str(), modifiers) {
        return format!("{name}{brackets}");
    }
    let name = quote_identifier(object.name.as_str());
    let written = written_list(modifiers);
    if facts.is_visible(Type { id: ty.id, array: false }) {
        return format!("{name}{written}{brackets}");
    }
    let schema = schema.map(|schema| quote_identifier(schema.as_str())).unwrap_or_default();
    format!("{schema}.{name}{written}{brackets}")
}

fn written_list(modifiers: Modifiers) -> String {
    if modifiers.is_none() {
        return String::new();
    }
    let values: Vec<String> = modifiers.as_slice().iter().map(ToString::to_string).collect();
    format!("({})", values.join(","))
}

/// The names that the standard has for types of `pg_catalog`.
fn standard_name(name: &str, modifiers: Modifiers) -> Option<String> {
    let list = written_list(modifiers);
    Some(match name {
        "bool" => "boolean".to_owned(),
        "int2" => "smallint".to_owned(),
        "int4" => "integer".to_owned(),
        "int8" => "bigint".to_owned(),
        "float4" => "real".to_owned(),
        "float8" => "double precision".to_owned(),
        "json" => "json".to_owned(),
        "numeric" => format!("numeric{list}"),
        "varchar" => format!("character varying{list}"),
        "bpchar" if list.is_empty() => "bpchar".to_owned(),
        "bpchar" => format!("character{list}"),
        "bit" if list.is_empty() => "\"bit\"".to_owned(),
        "bit" => format!("bit{list}"),
        "varbit" => format!("bit varying{list}"),
        "time" => format!("time{list} without time zone"),
        "timetz" => format!("time{list} with time zone"),
        "timestamp" => format!("timestamp{list} without time zone"),
        "timestamptz" => format!("timestamp{list} with time zone"),
        "interval" => format!("interval{}", interval_modifiers(modifiers)),
        _ => return None,
    })
}

fn interval_modifiers(modifiers: Modifiers) -> String {
    let (fields, precision) = match *modifiers.as_slice() {
        [fields] => (interval_fields(fields), None),
        [fields, precision, ..] => (interval_fields(fields), Some(precision)),
        [] => ("", None),
    };
    match precision {
        Some(precision) => format!("{fields}({precision})"),
        None => fields.to_owned(),
    }
}

/// The fields of an interval by their bits (INTERVAL_MASK of timestamp.h).
fn interval_fields(mask: i32) -> &'static str {
    const MONTH: i32 = 1 << 1;
    const YEAR: i32 = 1 << 2;
    const DAY: i32 = 1 << 3;
    const HOUR: i32 = 1 << 10;
    const MINUTE: i32 = 1 << 11;
    const SECOND: i32 = 1 << 12;
    const TABLE: &[(i32, &str)] = &[
        (YEAR, " year"),
        (MONTH, " month"),
        (DAY, " day"),
        (HOUR, " hour"),
        (MINUTE, " minute"),
        (SECOND, " second"),
        (YEAR | MONTH, " year to month"),
        (DAY | HOUR, " day to hour"),
        (DAY | HOUR | MINUTE, " day to minute"),
        (DAY | HOUR | MINUTE | SECOND, " day to second"),
        (HOUR | MINUTE, " hour to minute"),
        (HOUR | MINUTE | SECOND, " hour to second"),
        (MINUTE | SECOND, " minute to second"),
        (ALL_INTERVAL_FIELDS, ""),
    ];
    TABLE.iter().find(|(bits, _)| *bits == mask).map_or("", |(_, name)| name)
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
