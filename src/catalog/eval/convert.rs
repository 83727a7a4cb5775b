//! Values from one type to another.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::time::{Moment, MomentType};
use super::value::{Oid, Value};
use super::{Evaluator, Halt, Result};
use crate::catalog::analyze::tree::Constant;
use crate::catalog::analyze::{Modifiers, Type, array_elements, input, name_parts, parse_bool, parse_uuid};
use crate::catalog::{NameKey, NameSpace, ObjectId, Tag, TypeRef};
use crate::source::Span;
use crate::syntax::quote::quote_identifier;
use crate::syntax::{LONGEST_NAME, Name, clip};

/// What matters of a type where values become values of it.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// What is behind it where it is a domain.
    base: Type,
    /// The element, of an array.
    element: Option<Type>,
    form: Form,
}

/// The shapes of the server's own types, which nothing changes.
pub(super) type Shapes = FxHashMap<Type, Shape>;

/// What kind of form a type's values have here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Name,
    Bool,
    Integer,
    Number,
    Time(MomentType),
    /// oid and the reg* types.
    Oid,
    /// The text of a tree, which is not what pg_get_expr prints.
    Tree,
    /// Its input is not followed.
    Opaque,
}

impl Evaluator<'_> {
    /// A cast, written or not.
    pub(super) fn convert(
        &mut self,
        value: Value,
        from: Type,
        to: Type,
        modifiers: Modifiers,
        span: Span,
    ) -> Result<Value> {
        if matches!(value, Value::Null | Value::Unknown) {
            return Ok(value);
        }
        let (source, target) = (self.shape(from), self.shape(to));
        let (from, to) = (source.base, target.base);
        if let Some(element) = target.element {
            if matches!(value, Value::Text(_)) && self.replay.is_vector(to) {
                return Ok(Value::Unknown);
            }
            return self.to_array(value, from, element, span);
        }
        if source.element.is_some() {
            return Ok(self.text_of(&value, from).map_or(Value::Unknown, Value::text));
        }
        let (source, target) = (source.form, target.form);
        if source == Form::Tree {
            return Ok(Value::Unknown);
        }
        match (value, target) {
            (Value::Template(parts), Form::Text | Form::Name) => Ok(Value::Template(parts)),
            (Value::Template(_), _) => Ok(Value::Unknown),
            (Value::Text(text), _) if source != Form::Oid => self.from_text(text, to, target, modifiers, span),
            (value @ Value::Object(_), Form::Oid) => Ok(value),
            (value @ Value::Object(_), Form::Text | Form::Name) => {
                Ok(self.text_of(&value, from).map_or(Value::Unknown, Value::text))
            }
            (Value::Integer(0), Form::Oid) => Ok(Value::Object(Oid::Zero)),
            (Value::Integer(number), Form::Number) => Ok(Value::Number(number as f64)),
            (Value::Integer(number), Form::Bool) => Ok(Value::Bool(number != 0)),
            // A precision rounds.
            (Value::Time(_), Form::Time(_)) if !modifiers.as_slice().is_empty() => Ok(Value::Unknown),
            (Value::Time(moment), Form::Time(ty)) => Ok(moment.cast(ty).map_or(Value::Unknown, Value::Time)),
            (value @ Value::Between(..), Form::Integer | Form::Text) => Ok(value),
            (Value::Between(..), _) => Ok(Value::Unknown),
            (Value::Bool(value), Form::Integer) => Ok(Value::Integer(value.into())),
            (value @ Value::Integer(_), Form::Integer) => Ok(value),
            // numeric rounds a half away from zero, double precision to the even neighbour.
            (Value::Number(number), Form::Integer) if self.replay.facts().known.numeric == from => {
                Ok(Value::Integer(number.round() as i64))
            }
            (Value::Number(number), Form::Integer) => Ok(Value::Integer(number.round_ties_even() as i64)),
            (value, Form::Text | Form::Name) => Ok(self.text_of(&value, from).map_or(Value::Unknown, Value::text)),
            (value, target) if source == target && target != Form::Opaque => Ok(value),
            _ => Ok(Value::Unknown),
        }
    }

    /// Whether a text is a value of the type as it stands.
    pub(super) fn is_plain(&mut self, ty: Type, text: &str) -> bool {
        let shape = self.shape(ty);
        match shape.form {
            Form::Text => shape.base == self.replay.text_type(),
            Form::Name => shape.element.is_none() && text.len() <= LONGEST_NAME,
            _ => false,
        }
    }

    /// Whether values of one type are texts, and the same texts in the other.
    pub(super) fn keeps_text(&mut self, from: Type, to: Type) -> bool {
        if !self.is_text_type(from) || !self.is_text_type(to) {
            return false;
        }
        let (from, target) = (self.shape(from), self.shape(to));
        match target.form {
            // A name is no longer than a name may be.
            Form::Name => from.form == Form::Name,
            _ => target.base == self.replay.text_type(),
        }
    }

    /// Whether values of a type are texts, and equal where the texts are.
    pub(super) fn is_text_type(&mut self, ty: Type) -> bool {
        let shape = self.shape(ty);
        shape.element.is_none() && matches!(shape.form, Form::Text | Form::Name)
    }

    fn shape(&mut self, ty: Type) -> Shape {
        if let Some(shape) = self.shapes.get(&ty) {
            return *shape;
        }
        let base = self.replay.behind_domain(ty);
        let shape = Shape { base, element: self.replay.element_type(base), form: self.form(base) };
        if self.replay.catalog().is_of_system(ty.id) {
            self.shapes.insert(ty, shape);
        }
        shape
    }

    fn is_of_system(&self, ty: Type) -> bool {
        let now = self.replay.now();
        now.get(ty.id).is_some_and(|object| now.schema_name(object).as_str() == "pg_catalog")
    }

    fn form(&self, ty: Type) -> Form {
        let now = self.replay.now();
        let Some(object) = now.get(ty.id) else { return Form::Opaque };
        if !self.is_of_system(ty) {
            // Enums, and types of extensions that are texts.
            return Form::Text;
        }
        match object.name.as_str() {
            "pg_node_tree" if !ty.array => Form::Tree,
            "bool" => Form::Bool,
            "int2" | "int4" | "int8" => Form::Integer,
            "numeric" | "float4" | "float8" => Form::Number,
            "name" => Form::Name,
            "oid" | "regclass" | "regtype" | "regproc" | "regprocedure" | "regnamespace" | "regrole" => Form::Oid,
            "text" | "varchar" | "bpchar" | "char" | "unknown" | "json" | "jsonb" | "uuid" | "cstring" | "xml"
            | "any" | "anyelement" | "anynonarray" | "anycompatible" => Form::Text,
            name if !ty.array => MomentType::named(name).map_or(Form::Opaque, Form::Time),
            _ => Form::Opaque,
        }
    }

    fn to_array(&mut self, value: Value, from: Type, element: Type, span: Span) -> Result<Value> {
        match value {
            Value::Array(values) => {
                let from = self.replay.element_type(from).unwrap_or(element);
                let convert = |value: &Value| self.convert(value.clone(), from, element, Modifiers::NONE, span);
                Ok(Value::Array(values.iter().map(convert).collect::<Result<_>>()?))
            }
            Value::Text(text) => {
                let Some(Some(elements)) = array_elements(&text) else { return Ok(Value::Unknown) };
                let source = self.replay.text_type();
                let convert = |text: Option<String>| match text {
                    Some(text) => self.convert(Value::text(text), source, element, Modifiers::NONE, span),
                    None => Ok(Value::Null),
                };
                Ok(Value::Array(elements.into_iter().map(convert).collect::<Result<_>>()?))
            }
            _ => Ok(Value::Unknown),
        }
    }

    fn from_text(&mut self, text: Arc<str>, to: Type, form: Form, modifiers: Modifiers, span: Span) -> Result<Value> {
        let name = self.replay.now().get(to.id).map(|object| object.name).unwrap_or_default();
        let invalid = |evaluator: &Self, word: &str| {
            let message = format!("invalid input syntax for type {word}: \"{text}\"");
            Halt::Raised(Box::new(evaluator.refusal("22P02", span, message)))
        };
        let has_form = matches!(form, Form::Time(_)) || matches!(name.as_str(), "json" | "jsonb");
        if has_form || self.replay.is_enum(to) {
            let value = Constant::Text(text.clone());
            if let Err(error) = input(&self.replay.facts(), value, to, span) {
                return Err(Halt::Raised(Box::new(error.refusal)));
            }
        }
        match form {
            Form::Text if name.as_str() == "uuid" => match parse_uuid(&text) {
                Some(uuid) => Ok(Value::text(uuid)),
                None => Err(invalid(self, "uuid")),
            },
            Form::Text => Ok(match modifiers.as_slice() {
                [length] if matches!(name.as_str(), "varchar" | "bpchar") => {
                    Value::text(text.chars().take(usize::try_from(*length).unwrap_or(0)).collect::<String>())
                }
                _ => Value::Text(text),
            }),
            Form::Name if text.len() <= LONGEST_NAME => Ok(Value::Text(text)),
            Form::Name => Ok(Value::text(clip(&text, LONGEST_NAME))),
            Form::Bool => parse_bool(&text).map(Value::Bool).ok_or_else(|| invalid(self, "boolean")),
            Form::Integer => match text.trim().parse() {
                Ok(number) => Ok(Value::Integer(number)),
                Err(_) if text.trim().starts_with(|c: char| c.is_ascii_digit()) => Ok(Value::Unknown),
                Err(_) => Err(invalid(self, "integer")),
            },
            Form::Number => Ok(text.trim().parse().map_or(Value::Unknown, Value::Number)),
            Form::Time(ty) if modifiers.as_slice().is_empty() => {
                Ok(Moment::read(&text, ty, self.is_utc()).map_or(Value::Unknown, Value::Time))
            }
            Form::Oid => self.reg_value(&text, name.as_str(), span),
            Form::Tree | Form::Opaque | Form::Time(_) => Ok(Value::Unknown),
        }
    }

    /// The input of a reg* type; what is missing is an error.
    fn reg_value(&mut self, text: &str, ty: &str, span: Span) -> Result<Value> {
        if text == "-" || text == "0" {
            return Ok(Value::Object(Oid::Zero));
        }
        match self.look_up(text, ty) {
            Looked::Found(oid) => Ok(Value::Object(oid)),
            Looked::Unknown => Ok(Value::Unknown),
            Looked::Absent => {
                let (sqlstate, word) = match ty {
                    "regclass" => ("42P01", "relation"),
                    "regtype" => ("42704", "type"),
                    "regnamespace" => ("3F000", "schema"),
                    "regrole" => ("42704", "role"),
                    "regproc" | "regprocedure" => ("42883", "function"),
                    _ => return Ok(Value::Unknown),
                };
                let message = format!("{word} \"{text}\" does not exist");
                Err(Halt::Raised(Box::new(self.refusal(sqlstate, span, message))))
            }
        }
    }

    /// What a text names: the reg* types and to_reg* functions.
    pub(super) fn look_up(&mut self, text: &str, ty: &str) -> Looked {
        if ty == "regprocedure" || (ty == "regtype" && name_parts(text).is_none()) {
            return self.look_up_signature(text, ty);
        }
        let Some(parts) = name_parts(text) else { return Looked::Unknown };
        let (schema, name) = match parts[..] {
            [name] => (None, name),
            [.., schema, name] => (Some(schema), name),
            [] => return Looked::Unknown,
        };
        let found = match ty {
            "regclass" => self.find(NameSpace::Relation, schema, name).map(Oid::Object),
            "regtype" => {
                // The grammar's own words for types.
                let found = self.find(NameSpace::Type, schema, name);
                match found {
                    Some(id) => Some(Oid::Type(Type { id, array: false })),
                    None => return self.look_up_signature(text, ty),
                }
            }
            "regnamespace" => self.replay.now().schema(name).map(Oid::Object),
            "regrole" => self.replay.now().role(name).map(Oid::Object),
            "regproc" => self.find(NameSpace::Routine, schema, name).map(Oid::Object),
            _ => return Looked::Unknown,
        };
        match found {
            Some(Oid::Object(id)) if self.replay.doubt_about(id).is_some() => Looked::Unknown,
            Some(oid) => Looked::Found(oid),
            None if self.replay.doubt.about(name).is_some() => Looked::Unknown,
            None if ty == "regproc" && self.replay.is_system_function(name) => Looked::Unknown,
            None => Looked::Absent,
        }
    }

    fn find(&self, space: NameSpace, schema: Option<Name>, name: Name) -> Option<ObjectId> {
        let now = self.replay.now();
        let in_schema = |schema: ObjectId| now.named(NameKey { space, parent: Some(schema), name }).first().copied();
        match schema {
            Some(schema) => in_schema(now.schema(schema)?),
            None => self.replay.path.iter().find_map(|schema| in_schema(*schema)),
        }
    }

    /// A type or a function with its argument types, which the grammar must read.
    fn look_up_signature(&mut self, text: &str, ty: &str) -> Looked {
        match ty {
            "regtype" => self.replay.look_up_type(text),
            _ => self.replay.look_up_function(text),
        }
    }

    /// The text of a value of a type; `None` where it is not known.
    pub(super) fn text_of(&mut self, value: &Value, ty: Type) -> Option<String> {
        match value {
            Value::Text(text) => Some(text.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Integer(value) => Some(value.to_string()),
            Value::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(format!("{value:.0}")),
            Value::Time(moment) => moment.print(self.is_utc()),
            Value::Object(oid) => self.text_of_oid(*oid, ty),
            Value::Array(values) => {
                let element = self.replay.element_type(ty).unwrap_or(ty);
                let texts: Option<Vec<String>> = values.iter().map(|value| self.element_text(value, element)).collect();
                let texts = texts?;
                Some(if self.replay.is_vector(ty) { texts.join(" ") } else { format!("{{{}}}", texts.join(",")) })
            }
            _ => None,
        }
    }

    fn element_text(&mut self, value: &Value, ty: Type) -> Option<String> {
        if matches!(value, Value::Null) {
            return Some("NULL".to_owned());
        }
        let text = self.text_of(value, ty)?;
        let plain = !text.is_empty()
            && !text.eq_ignore_ascii_case("null")
            && !text.contains(|c: char| matches!(c, '"' | '\\' | '{' | '}' | ',') || c.is_whitespace());
        Some(if plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) })
    }

    /// regclass and the like print names, as short as search_path lets them; a plain oid's number is not known.
    fn text_of_oid(&self, oid: Oid, ty: Type) -> Option<String> {
        let now = self.replay.now();
        let type_name = now.get(ty.id)?.name;
        match (oid, type_name.as_str()) {
            (Oid::Zero, "oid") => Some("0".to_owned()),
            (Oid::Zero, _) => Some("-".to_owned()),
            (Oid::Object(id), "regclass") => Some(self.short_name(id, NameSpace::Relation)),
            (Oid::Object(id), "regnamespace" | "regrole") => {
                Some(quote_identifier(now.get(id)?.name.as_str()).into_owned())
            }
            (Oid::Object(id), "regproc") => Some(self.short_name(id, NameSpace::Routine)),
            (Oid::Object(id), "regprocedure") => {
                let routine = now.get(id)?.as_routine()?;
                let types: Vec<String> = routine
                    .inputs()
                    .map(|parameter| {
                        let ty = Type { id: parameter.ty.id, array: parameter.ty.array };
                        self.type_name(ty)
                    })
                    .collect();
                Some(format!("{}({})", self.short_name(id, NameSpace::Routine), types.join(",")))
            }
            (Oid::Type(ty), "regtype") => Some(self.type_name(ty)),
            _ => None,
        }
    }

    /// The name of a type as search_path lets it be written.
    pub(super) fn type_name(&self, ty: Type) -> String {
        let ty = TypeRef { id: ty.id, modifiers: Vec::new(), array: ty.array };
        self.replay.now().type_name_within(&ty, &self.replay.path)
    }

    /// The name, with its schema where search_path finds another or none.
    pub(super) fn short_name(&self, id: ObjectId, space: NameSpace) -> String {
        let now = self.replay.now();
        let Some(object) = now.get(id) else { return "-".to_owned() };
        let name = quote_identifier(object.name.as_str());
        if self.find(space, None, object.name) == Some(id) {
            return name.into_owned();
        }
        let schema = now.schema_name(object);
        format!("{}.{name}", quote_identifier(schema.as_str()))
    }

    /// A global object by its plain name.
    pub(super) fn global(&self, tag: Tag, name: Name) -> Option<ObjectId> {
        let key = NameKey { space: NameSpace::Other(tag), parent: None, name };
        self.replay.now().named(key).first().copied()
    }
}

/// What a text names.
pub(crate) enum Looked {
    Found(Oid),
    Absent,
    Unknown,
}
