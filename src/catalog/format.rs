//! Types and signatures as the server prints them (format_type.c, ruleutils.c).

use std::fmt::Write;

use super::{CatalogAt, Object, ObjectId, Routine, RoutineKind, TypeRef};
use crate::syntax::{ParameterMode, quote::quote_identifier};

/// How a type without modifiers is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum WithoutModifiers {
    /// `format_type(oid, -1)`: as a column has it, where `bpchar` and `bit` differ from their words.
    Unlimited,
    /// `regtype`, signatures: the type as such.
    Bare,
}

impl CatalogAt<'_> {
    /// A column's type as `format_type(atttypid, atttypmod)` prints it with an empty search_path.
    pub fn column_type(self, ty: &TypeRef) -> String {
        self.format_type(ty, WithoutModifiers::Unlimited, &[])
    }

    /// A column's type as `format_type` prints it where the types of `path` need no schema.
    pub fn column_type_within(self, ty: &TypeRef, path: &[ObjectId]) -> String {
        self.format_type(ty, WithoutModifiers::Unlimited, path)
    }

    /// A type as `regtype` and signatures print it with an empty search_path: without modifiers.
    pub fn type_name(self, ty: &TypeRef) -> String {
        self.type_name_within(ty, &[])
    }

    /// A type as signatures print it where the types of `path` need no schema.
    pub fn type_name_within(self, ty: &TypeRef, path: &[ObjectId]) -> String {
        let bare = TypeRef { modifiers: Vec::new(), ..ty.clone() };
        self.format_type(&bare, WithoutModifiers::Bare, path)
    }

    fn format_type(self, ty: &TypeRef, without: WithoutModifiers, path: &[ObjectId]) -> String {
        let Some(object) = self.get(ty.id) else { return "???".to_owned() };
        let system = self.schema_name(object).as_str() == "pg_catalog";
        let special = if system { special_name(object.name.as_str(), &ty.modifiers, without) } else { None };
        let mut text = special.unwrap_or_else(|| {
            let mut text = self.visible_name(object, system, path);
            write_modifiers(&mut text, &ty.modifiers);
            text
        });
        if ty.array {
            text.push_str("[]");
        }
        text
    }

    fn visible_name(self, object: &Object, system: bool, path: &[ObjectId]) -> String {
        let name = quote_identifier(object.name.as_str());
        if system || object.schema.is_some_and(|schema| path.contains(&schema)) {
            return name.into_owned();
        }
        format!("{}.{name}", quote_identifier(self.schema_name(object).as_str()))
    }

    /// `schema.name`, quoted where it must be.
    pub fn quoted_name(self, object: &Object) -> String {
        self.visible_name(object, object.schema.is_none(), &[])
    }

    /// pg_get_function_identity_arguments.
    pub fn identity_arguments(self, routine: &Routine) -> String {
        self.identity_arguments_within(routine, &[])
    }

    /// pg_get_function_identity_arguments where the types of `path` need no schema.
    pub fn identity_arguments_within(self, routine: &Routine, path: &[ObjectId]) -> String {
        let mut text = String::new();
        let ordered_set_from = routine.direct_args.map(|direct| direct as usize);
        for (number, parameter) in routine.parameters.iter().filter(|p| p.mode != ParameterMode::Table).enumerate() {
            match ordered_set_from {
                Some(direct) if direct == number => text.push_str(if number == 0 { "ORDER BY " } else { " ORDER BY " }),
                _ if number > 0 => text.push_str(", "),
                _ => {}
            }
            text.push_str(mode_word(parameter.mode, routine.kind));
            if let Some(name) = parameter.name {
                let _ = write!(text, "{} ", quote_identifier(name.as_str()));
            }
            text.push_str(&self.type_name_within(&parameter.ty, path));
        }
        text
    }

    /// `schema.name(integer,text)`: an object of pg_proc as `regprocedure` prints it with an empty search_path.
    pub fn signature(self, object: &Object) -> String {
        let types = object.as_routine().map(|routine| self.input_types(routine)).unwrap_or_default();
        format!("{}({})", self.visible_name(object, self.schema_name(object).as_str() == "pg_catalog", &[]), types)
    }

    fn input_types(self, routine: &Routine) -> String {
        let types: Vec<String> = routine.inputs().map(|parameter| self.type_name(&parameter.ty)).collect();
        types.join(",")
    }
}

impl Routine {
    /// The parameters that a caller gives: IN, INOUT, VARIADIC.
    pub fn inputs(&self) -> impl Iterator<Item = &super::RoutineParameter> {
        self.parameters.iter().filter(|p| !matches!(p.mode, ParameterMode::Out | ParameterMode::Table))
    }
}

fn mode_word(mode: ParameterMode, kind: RoutineKind) -> &'static str {
    match mode {
        ParameterMode::In if kind == RoutineKind::Procedure => "IN ",
        ParameterMode::In | ParameterMode::Table => "",
        ParameterMode::Out => "OUT ",
        ParameterMode::InOut => "INOUT ",
        ParameterMode::Variadic => "VARIADIC ",
    }
}

/// The words of the SQL standard for a type of pg_catalog.
fn special_name(name: &str, modifiers: &[i32], without: WithoutModifiers) -> Option<String> {
    let words = match name {
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "bool" => "boolean",
        "json" => "json",
        "bit" => return Some(limited("bit", "\"bit\"", modifiers, without)),
        "bpchar" => return Some(limited("character", "bpchar", modifiers, without)),
        "varbit" => return Some(limited("bit varying", "bit varying", modifiers, without)),
        "varchar" => return Some(limited("character varying", "character varying", modifiers, without)),
        "numeric" => return Some(limited("numeric", "numeric", modifiers, without)),
        "time" => return Some(with_zone("time", modifiers, "without")),
        "timetz" => return Some(with_zone("time", modifiers, "with")),
        "timestamp" => return Some(with_zone("timestamp", modifiers, "without")),
        "timestamptz" => return Some(with_zone("timestamp", modifiers, "with")),
        "interval" => return Some(interval(modifiers)),
        _ => return None,
    };
    Some(words.to_owned())
}

/// A type whose plain word means a limit of 1 has another name where it has none.
fn limited(words: &str, unlimited: &str, modifiers: &[i32], without: WithoutModifiers) -> String {
    if modifiers.is_empty() && without == WithoutModifiers::Unlimited {
        return unlimited.to_owned();
    }
    let mut text = words.to_owned();
    write_modifiers(&mut text, modifiers);
    text
}

fn with_zone(words: &str, modifiers: &[i32], with: &str) -> String {
    let mut text = words.to_owned();
    write_modifiers(&mut text, modifiers);
    text + " " + with + " time zone"
}

/// The fields of an interval by the bits that the grammar gives them (timestamp.c).
const INTERVAL_FIELDS: &[(i32, &str)] = &[
    (1 << 2, " year"),
    (1 << 1, " month"),
    (1 << 3, " day"),
    (1 << 10, " hour"),
    (1 << 11, " minute"),
    (1 << 12, " second"),
    (1 << 2 | 1 << 1, " year to month"),
    (1 << 3 | 1 << 10, " day to hour"),
    (1 << 3 | 1 << 10 | 1 << 11, " day to minute"),
    (1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, " day to second"),
    (1 << 10 | 1 << 11, " hour to minute"),
    (1 << 10 | 1 << 11 | 1 << 12, " hour to second"),
    (1 << 11 | 1 << 12, " minute to second"),
];

fn interval(modifiers: &[i32]) -> String {
    let mut text = "interval".to_owned();
    let Some((fields, precision)) = modifiers.split_first() else { return text };
    if let Some((_, words)) = INTERVAL_FIELDS.iter().find(|(bits, _)| bits == fields) {
        text.push_str(words);
    }
    write_modifiers(&mut text, precision);
    text
}

fn write_modifiers(text: &mut String, modifiers: &[i32]) {
    if modifiers.is_empty() {
        return;
    }
    let numbers: Vec<String> = modifiers.iter().map(i32::to_string).collect();
    let _ = write!(text, "({})", numbers.join(","));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, NameKey, NameSpace, baseline};
    use crate::syntax::Name;

    fn column_type(name: &str, modifiers: &[i32], array: bool) -> String {
        let mut catalog = Catalog::default();
        baseline::fill(&mut catalog, 17, "postgres");
        let now = catalog.end();
        let parent = now.schema(Name::from("pg_catalog"));
        let key = NameKey { space: NameSpace::Type, parent, name: Name::from(name) };
        now.column_type(&TypeRef { id: now.named(key)[0], modifiers: modifiers.to_vec(), array })
    }

    #[test]
    fn columns_have_the_words_of_the_standard() {
        assert_eq!(column_type("int4", &[], true), "integer[]");
        assert_eq!(column_type("varchar", &[50], false), "character varying(50)");
        assert_eq!(column_type("numeric", &[10, 2], false), "numeric(10,2)");
        assert_eq!(column_type("timestamptz", &[3], false), "timestamp(3) with time zone");
        assert_eq!(column_type("bpchar", &[1], false), "character(1)");
        assert_eq!(column_type("bpchar", &[], false), "bpchar");
        assert_eq!(column_type("bit", &[], false), "\"bit\"");
        assert_eq!(column_type("char", &[], false), "\"char\"");
        assert_eq!(
            column_type("interval", &[1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, 3], false),
            "interval day to second(3)"
        );
        assert_eq!(column_type("jsonb", &[], false), "jsonb");
    }
}
