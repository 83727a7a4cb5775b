//! Operators and functions of the system on values.

use std::cmp::Ordering;
use std::sync::Arc;

use super::convert::Looked;
use super::format::quoted;
use super::pattern::{self, like, matches_pattern};
use super::time::Moment;
use super::value::{Oid, Truth, Value, all, any, concat};
use super::{Evaluator, Halt, Result, json, time};
use crate::catalog::analyze::tree::{Expr, Modifiers};
use crate::catalog::analyze::{FunctionId, Type};
use crate::catalog::deparse::Style;
use crate::catalog::{ObjectId, Privileges, RoutineKind, StatementId, Tag, TypeClass};
use crate::source::Span;
use crate::syntax::Name;
use crate::syntax::quote::{quote_identifier, quote_literal};

/// An operator of the system; strict, as nearly all are.
pub(super) fn operator(name: &str, left: Option<&Value>, right: &Value) -> Value {
    if matches!(right, Value::Null) || matches!(left, Some(Value::Null)) {
        return Value::Null;
    }
    let Some(left) = left else { return prefix_operator(name, right) };
    match name {
        "=" => left.equals(right).value(),
        "<>" => left.equals(right).not().value(),
        "<" => ordered(left, right, Ordering::is_lt),
        "<=" => ordered(left, right, Ordering::is_le),
        ">" => ordered(left, right, Ordering::is_gt),
        ">=" => ordered(left, right, Ordering::is_ge),
        "||" => join(left, right),
        "~~" | "!~~" | "~~*" | "!~~*" => {
            let truth = match (left.beginning(), right) {
                (Some(beginning), Value::Text(pattern)) if !name.ends_with('*') => {
                    pattern::like_beginning(beginning, pattern)
                }
                _ => like(left, right, name.ends_with('*')),
            };
            if name.starts_with('!') { truth.not() } else { truth }.value()
        }
        "~" | "!~" | "~*" | "!~*" => {
            let truth = matches_pattern(left, right, name.ends_with('*'));
            if name.starts_with('!') { truth.not() } else { truth }.value()
        }
        "+" | "-" | "*" if matches!(left, Value::Time(_)) || matches!(right, Value::Time(_)) => {
            time::arithmetic(name, left, right).unwrap_or(Value::Unknown)
        }
        "+" | "-" | "*" | "/" | "%" => arithmetic(name, left, right),
        "->" | "->>" | "#>" | "#>>" | "?" => json::operator(name, left, right).unwrap_or(Value::Unknown),
        "@>" => contains(left, right).value(),
        "<@" => contains(right, left).value(),
        "&&" => overlaps(left, right).value(),
        _ => Value::Unknown,
    }
}

fn prefix_operator(name: &str, right: &Value) -> Value {
    match (name, right) {
        ("-", Value::Integer(value)) => value.checked_neg().map_or(Value::Unknown, Value::Integer),
        ("-", Value::Number(value)) => Value::Number(-value),
        ("-", Value::Time(_)) => time::arithmetic("*", right, &Value::Integer(-1)).unwrap_or(Value::Unknown),
        ("+", value) => value.clone(),
        _ => Value::Unknown,
    }
}

/// How texts are ordered depends on their collation, and oids have no order that is known.
fn ordered(left: &Value, right: &Value, test: fn(Ordering) -> bool) -> Value {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) if a != b => Value::Unknown,
        (Value::Object(Oid::Zero), _) | (_, Value::Object(Oid::Zero)) => {
            left.compare(right).map_or(Value::Unknown, |ordering| Value::Bool(test(ordering)))
        }
        (Value::Object(_), _) | (_, Value::Object(_)) => Value::Unknown,
        // What holds at both ends holds between them.
        (Value::Between(least, most), Value::Integer(number)) if test(least.cmp(number)) == test(most.cmp(number)) => {
            Value::Bool(test(least.cmp(number)))
        }
        _ => left.compare(right).map_or(Value::Unknown, |ordering| Value::Bool(test(ordering))),
    }
}

/// `||`.
fn join(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Array(a), Value::Array(b)) => Value::array(a.iter().chain(b.iter()).cloned()),
        (Value::Array(a), b) if !b.is_unknown() => Value::array(a.iter().cloned().chain([b.clone()])),
        (a, Value::Array(b)) if !a.is_unknown() => Value::array(std::iter::once(a.clone()).chain(b.iter().cloned())),
        (Value::Array(_), _) | (_, Value::Array(_)) => Value::Unknown,
        (a, b) => concat(&[shown(a), shown(b)]),
    }
}

/// A value as text, where that does not depend on its type.
fn shown(value: &Value) -> Value {
    match value {
        Value::Text(_) | Value::Template(_) => value.clone(),
        Value::Integer(value) => Value::text(value.to_string()),
        Value::Bool(value) => Value::text(value.to_string()),
        _ => Value::Unknown,
    }
}

fn arithmetic(name: &str, left: &Value, right: &Value) -> Value {
    if let (Value::Between(least, most), Value::Integer(_)) = (left, right) {
        let (least, most) = (Value::Integer(*least), Value::Integer(*most));
        let (least, most) = (arithmetic(name, &least, right), arithmetic(name, &most, right));
        return if name != "%" && least == most { least } else { Value::Unknown };
    }
    if let (Value::Integer(a), Value::Integer(b)) = (left, right) {
        let result = match name {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "/" => a.checked_div(*b),
            _ => a.checked_rem(*b),
        };
        return result.map_or(Value::Unknown, Value::Integer);
    }
    let (Some(a), Some(b)) = (left.as_number(), right.as_number()) else { return Value::Unknown };
    match name {
        "+" => Value::Number(a + b),
        "-" => Value::Number(a - b),
        "*" => Value::Number(a * b),
        "/" if b != 0.0 => Value::Number(a / b),
        _ => Value::Unknown,
    }
}

/// The functions that make a whole number of any.
fn whole_number(function: &str, value: &Value) -> Value {
    let Some(number) = value.as_number() else { return Value::Unknown };
    let whole = match function {
        "floor" => number.floor(),
        "ceil" | "ceiling" => number.ceil(),
        "trunc" => number.trunc(),
        "sign" if number == 0.0 => 0.0,
        "sign" => number.signum(),
        // A half goes away from zero as numeric, and to the even neighbour as double precision.
        _ if number.fract().abs() == 0.5 => return Value::Unknown,
        _ => number.round(),
    };
    // Beyond this a double no longer tells one integer from the next.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if whole.abs() < EXACT { Value::Integer(whole as i64) } else { Value::Unknown }
}

fn contains(left: &Value, right: &Value) -> Truth {
    let (Value::Array(left), Value::Array(right)) = (left, right) else { return Truth::Unknown };
    all(right.iter().map(|wanted| any(left.iter().map(|element| element.equals(wanted)))))
}

fn overlaps(left: &Value, right: &Value) -> Truth {
    let (Value::Array(left), Value::Array(right)) = (left, right) else { return Truth::Unknown };
    any(right.iter().map(|wanted| any(left.iter().map(|element| element.equals(wanted)))))
}

/// A function whose arguments are all text, as far as they are known.
fn text_function(name: &str, args: &[Value]) -> Option<Value> {
    let text = |at: usize| args.get(at).and_then(Value::as_str);
    let integer = |at: usize| args.get(at).and_then(Value::as_integer);
    let first = text(0)?;
    Some(match name {
        "lower" => Value::text(first.to_lowercase()),
        "upper" => Value::text(first.to_uppercase()),
        "initcap" => Value::text(initcap(first)),
        "length" | "char_length" | "character_length" => Value::Integer(first.chars().count() as i64),
        "octet_length" => Value::Integer(first.len() as i64),
        "btrim" => Value::text(first.trim_matches(trimmed(args)?)),
        "ltrim" => Value::text(first.trim_start_matches(trimmed(args)?)),
        "rtrim" => Value::text(first.trim_end_matches(trimmed(args)?)),
        "replace" => Value::text(first.replace(text(1).filter(|from| !from.is_empty())?, text(2)?)),
        "md5" => Value::text(format!("{:x}", md5::compute(first))),
        "reverse" => Value::text(first.chars().rev().collect::<String>()),
        "repeat" => Value::text(first.repeat(usize::try_from(integer(1)?).unwrap_or(0).min(1000))),
        "left" => Value::text(left(first, integer(1)?)),
        "right" => Value::text(right(first, integer(1)?)),
        "like_escape" => Value::text(pattern::like_escape(first, text(1)?)?),
        "regexp_replace" => {
            return pattern::replace(first, text(1)?, text(2)?, args.get(3).map_or(Some(""), Value::as_str)?);
        }
        "regexp_match" if args.len() == 2 => return pattern::groups(first, text(1)?),
        "regexp_like" if args.len() == 2 => matches_pattern(&args[0], &args[1], false).value(),
        "regexp_count" if args.len() == 2 => Value::Integer(pattern::count(first, text(1)?)?),
        "translate" => Value::text(translate(first, text(1)?, text(2)?)),
        "overlay" => overlay(first, text(1)?, integer(2)?, args.get(3).map(Value::as_integer))?,
        "ascii" => Value::Integer(first.chars().next().map_or(0, |c| i64::from(u32::from(c)))),
        "regexp_split_to_array" if args.len() == 2 => Value::array(pattern::split(first, text(1)?)?),
        "substring" if args.len() == 2 && text(1).is_some() => return pattern::substring(first, text(1)?),
        "substring" | "substr" => substring(first, integer(1)?, args.get(2).map(Value::as_integer))?,
        "split_part" => {
            let (delimiter, at) = (text(1)?, usize::try_from(integer(2)?).ok()?.checked_sub(1)?);
            Value::text(first.split(delimiter).nth(at).unwrap_or(""))
        }
        "position" | "strpos" => {
            // position(a in b) comes with its arguments turned round.
            let at = first.find(text(1)?).map_or(0, |byte| first[..byte].chars().count() + 1);
            Value::Integer(at as i64)
        }
        "starts_with" => Value::Bool(first.starts_with(text(1)?)),
        "quote_ident" => Value::text(quote_identifier(first)),
        "quote_literal" | "quote_nullable" => Value::text(quote_literal(first)),
        "string_to_array" => {
            let delimiter = text(1).filter(|delimiter| !delimiter.is_empty())?;
            let parts = first.split(delimiter).map(Value::text);
            if first.is_empty() { Value::array([]) } else { Value::array(parts) }
        }
        "lpad" | "rpad" => {
            let (length, fill) = (usize::try_from(integer(1)?).unwrap_or(0).min(10_000), text(2).unwrap_or(" "));
            pad(first, length, fill, name == "lpad")
        }
        "concat" => return None,
        _ => return None,
    })
}

fn trimmed(args: &[Value]) -> Option<impl Fn(char) -> bool + Copy> {
    let characters: &str = match args.get(1) {
        Some(value) => value.as_str()?,
        None => " ",
    };
    Some(move |c: char| characters.contains(c))
}

fn initcap(text: &str) -> String {
    let mut inside = false;
    let case = |c: char| {
        let cased: String = if inside { c.to_lowercase().collect() } else { c.to_uppercase().collect() };
        inside = c.is_alphanumeric();
        cased
    };
    text.chars().map(case).collect()
}

fn left(text: &str, count: i64) -> String {
    let length = text.chars().count() as i64;
    let kept = if count < 0 { length + count } else { count };
    text.chars().take(usize::try_from(kept).unwrap_or(0)).collect()
}

fn right(text: &str, count: i64) -> String {
    let length = text.chars().count() as i64;
    let skipped = if count < 0 { -count } else { length - count };
    text.chars().skip(usize::try_from(skipped).unwrap_or(0)).collect()
}

fn substring(text: &str, from: i64, count: Option<Option<i64>>) -> Option<Value> {
    let start = from.max(1) - 1;
    let end = match count {
        None => i64::MAX,
        Some(count) => from.checked_add(count?)?.checked_sub(1)?,
    };
    let kept = text.chars().enumerate().filter(|(at, _)| (*at as i64) >= start && (*at as i64) < end);
    Some(Value::text(kept.map(|(_, c)| c).collect::<String>()))
}

/// Characters of `from` become those of `to` in their places, or go.
fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    let place = |c: char| from.chars().position(|other| other == c);
    text.chars().filter_map(|c| place(c).map_or(Some(c), |at| to.get(at).copied())).collect()
}

/// overlay(text placing with from start for count).
fn overlay(text: &str, with: &str, start: i64, count: Option<Option<i64>>) -> Option<Value> {
    let count = count.unwrap_or(Some(with.chars().count() as i64))?;
    let before = usize::try_from(start.checked_sub(1)?).ok()?;
    let after = usize::try_from(start.checked_add(count)?.checked_sub(1)?).ok()?;
    let head: String = text.chars().take(before).collect();
    let tail: String = text.chars().skip(after).collect();
    Some(Value::text(format!("{head}{with}{tail}")))
}

fn pad(text: &str, length: usize, fill: &str, before: bool) -> Value {
    let count = text.chars().count();
    if count >= length || fill.is_empty() {
        return Value::text(text.chars().take(length).collect::<String>());
    }
    let padding: String = fill.chars().cycle().take(length - count).collect();
    Value::text(if before { format!("{padding}{text}") } else { format!("{text}{padding}") })
}

impl Evaluator<'_> {
    /// A function of `pg_catalog`.
    pub(super) fn system_function(
        &mut self,
        (name, strict): (&str, bool),
        args: &[Value],
        types: &[Option<Type>],
        expr: &Expr,
    ) -> Result<Value> {
        if let Some(value) = self.lenient_function(name, args, types)? {
            return Ok(value);
        }
        if strict && args.iter().any(|arg| matches!(arg, Value::Null)) {
            return Ok(Value::Null);
        }
        // Those over enums go by the type of their argument.
        if let ("enum_range" | "enum_first" | "enum_last", [Value::Null], [Some(ty)]) = (name, args, types) {
            return Ok(self.enum_labels(name, *ty));
        }
        let vector = types.first().copied().flatten().is_some_and(|ty| self.replay.is_vector(ty));
        if vector && matches!(name, "array_lower" | "array_upper" | "array_position") {
            return Ok(Value::Unknown);
        }
        let known = text_function(name, args).or_else(|| array_function(name, args));
        let known = known.or_else(|| time::function(name, args)).or_else(|| self.zone_function(name, args));
        if let Some(value) = known.or_else(|| json::function(name, args)) {
            return Ok(value);
        }
        if let ("pg_get_serial_sequence", [Value::Text(table), Value::Text(column)]) = (name, args) {
            return self.serial_sequence(table, column, expr.span);
        }
        if let Some(value) = self.catalog_function(name, args, types) {
            return Ok(value);
        }
        // A type's name as a function is a cast.
        if let ([value], [Some(from)], Some(to)) = (args, types, expr.ty)
            && self.replay.now().get(to.id).is_some_and(|ty| ty.name.as_str() == name)
        {
            return self.convert(value.clone(), *from, to, Modifiers::NONE, expr.span);
        }
        Ok(match (name, args) {
            ("chr", [Value::Integer(code)]) if *code > 0 => {
                let c = u32::try_from(*code).ok().and_then(char::from_u32);
                c.map_or(Value::Unknown, |c| Value::text(c.to_string()))
            }
            ("abs", [Value::Integer(value)]) => Value::Integer(value.abs()),
            ("mod", [Value::Integer(_), Value::Integer(_)]) => arithmetic("%", &args[0], &args[1]),
            ("div", [Value::Integer(_), Value::Integer(_)]) => arithmetic("/", &args[0], &args[1]),
            ("floor" | "ceil" | "ceiling" | "round" | "trunc" | "sign", [value]) => whole_number(name, value),
            ("not", [value]) => value.truth().not().value(),
            _ => Value::Unknown,
        })
    }

    /// `enum_range(NULL::t)` and its like.
    fn enum_labels(&self, function: &str, ty: Type) -> Value {
        let class = self.replay.now().get(ty.id).and_then(|object| object.as_type()).map(|ty| &ty.class);
        let Some(TypeClass::Enum { labels }) = class.filter(|_| !ty.array) else { return Value::Unknown };
        let mut labels = labels.iter().map(|label| Value::Text(label.text.clone()));
        match function {
            "enum_range" => Value::array(labels),
            "enum_first" => labels.next().unwrap_or(Value::Null),
            _ => labels.next_back().unwrap_or(Value::Null),
        }
    }

    /// Functions that take NULL, or texts with gaps.
    fn lenient_function(&mut self, name: &str, args: &[Value], types: &[Option<Type>]) -> Result<Option<Value>> {
        Ok(Some(match (name, args) {
            ("format", [pattern, values @ ..]) => self.format(pattern, values, types.get(1..).unwrap_or_default()),
            ("concat", values) => {
                let shown: Vec<Value> = self.all_shown(values, types);
                concat(&shown)
            }
            ("concat_ws", [Value::Null, ..]) => Value::Null,
            ("concat_ws", [separator, values @ ..]) => {
                let shown = self.all_shown(values, types.get(1..).unwrap_or_default());
                let mut parts = Vec::new();
                for (value, original) in shown.into_iter().zip(values) {
                    if matches!(original, Value::Null) {
                        continue;
                    }
                    if !parts.is_empty() {
                        parts.push(separator.clone());
                    }
                    parts.push(value);
                }
                concat(&parts)
            }
            ("quote_nullable", [Value::Null]) => Value::text("NULL"),
            ("quote_ident", [Value::Template(_)]) => quoted('I', args[0].clone()),
            ("quote_literal" | "quote_nullable", [Value::Template(_)]) => quoted('L', args[0].clone()),
            ("num_nulls", values) if !values.iter().any(Value::is_unknown) => {
                Value::Integer(values.iter().filter(|value| matches!(value, Value::Null)).count() as i64)
            }
            ("num_nonnulls", values) if !values.iter().any(Value::is_unknown) => {
                Value::Integer(values.iter().filter(|value| !matches!(value, Value::Null)).count() as i64)
            }
            ("array_append", [Value::Array(array), value]) => {
                Value::array(array.iter().cloned().chain([value.clone()]))
            }
            ("array_append", [Value::Null, value]) => Value::array([value.clone()]),
            ("array_prepend", [value, Value::Array(array)]) => {
                Value::array(std::iter::once(value.clone()).chain(array.iter().cloned()))
            }
            ("array_cat", [Value::Null, other] | [other, Value::Null]) => other.clone(),
            ("array_to_string", [Value::Array(array), separator, ..]) => {
                let element = types.first().copied().flatten().and_then(|ty| self.replay.element_type(ty));
                let mut parts = Vec::new();
                for value in array.iter().filter(|value| !matches!(value, Value::Null)) {
                    if !parts.is_empty() {
                        parts.push(separator.clone());
                    }
                    parts.push(self.show(value, element));
                }
                concat(&parts)
            }
            ("set_config", [Value::Text(setting), value, local]) => {
                return self.set_config(setting, value, local).map(Some);
            }
            _ => return Ok(None),
        }))
    }

    /// A value as `%s` and concat print it: NULL is nothing.
    pub(super) fn show(&mut self, value: &Value, ty: Option<Type>) -> Value {
        match (value, ty) {
            (Value::Null, _) => Value::text(""),
            (Value::Text(_) | Value::Template(_), _) => value.clone(),
            (Value::Bool(value), _) => Value::text(if *value { "t" } else { "f" }),
            (value, Some(ty)) => self.text_of(value, ty).map_or(Value::Unknown, Value::text),
            (value, None) => shown(value),
        }
    }

    fn all_shown(&mut self, values: &[Value], types: &[Option<Type>]) -> Vec<Value> {
        let types = types.iter().copied().chain(std::iter::repeat(None));
        values.iter().zip(types).map(|(value, ty)| self.show(value, ty)).collect()
    }

    fn set_config(&mut self, setting: &Arc<str>, value: &Value, local: &Value) -> Result<Value> {
        let name = Name::from(&setting.to_lowercase());
        match (value, local) {
            (Value::Text(value), Value::Bool(local)) => {
                self.replay.set_config(name, value, *local);
                Ok(Value::Text(value.clone()))
            }
            _ if name.as_str() == "search_path" => {
                Err(super::Halt::Unknown("search_path is set to something that is not known".into()))
            }
            _ => Ok(Value::Unknown),
        }
    }

    /// Functions that ask the catalog.
    fn catalog_function(&mut self, name: &str, args: &[Value], types: &[Option<Type>]) -> Option<Value> {
        if let Some(ty) = name.strip_prefix("to_")
            && ty.starts_with("reg")
        {
            let Some(Value::Text(text)) = args.first() else { return Some(Value::Unknown) };
            return Some(match self.look_up(text, ty) {
                Looked::Found(oid) => Value::Object(oid),
                Looked::Absent => Value::Null,
                Looked::Unknown => Value::Unknown,
            });
        }
        let now = self.replay.now();
        let object_name =
            |id: Option<ObjectId>| id.and_then(|id| now.get(id)).map_or(Value::Unknown, |it| Value::name(it.name));
        Some(match (name, args) {
            ("current_schema", []) => object_name(self.replay.creation_schema()),
            ("current_database", []) => Value::text("postgres"),
            ("version", []) => self.version_text("PostgreSQL "),
            ("current_user" | "getpgusername", []) => object_name(self.replay.session.role),
            ("session_user", []) => object_name(self.replay.session.session_role),
            ("current_schemas", [Value::Bool(implicit)]) => {
                let listed = self.replay.path.iter().filter(|schema| *implicit || !self.is_implicit(**schema));
                Value::array(listed.map(|schema| object_name(Some(*schema))))
            }
            ("current_setting", [Value::Text(setting), rest @ ..]) => self.current_setting(setting, rest),
            ("pg_get_userbyid", [Value::Object(Oid::Object(id))]) => object_name(Some(*id)),
            (
                "pg_get_function_identity_arguments"
                | "pg_get_function_arguments"
                | "pg_get_function_result"
                | "pg_get_functiondef",
                [Value::Object(Oid::Function(FunctionId::Object(id)) | Oid::Object(id))],
            ) => self.about_routine(name, *id)?,
            ("oidvectortypes", [Value::Array(types)]) => {
                let names = types.iter().map(|ty| match ty {
                    Value::Object(Oid::Type(ty)) => Some(self.type_name(*ty)),
                    _ => None,
                });
                Value::text(names.collect::<Option<Vec<_>>>()?.join(", "))
            }
            ("pg_get_expr", [Value::Text(text), _]) => Value::Text(text.clone()),
            ("pg_get_constraintdef" | "pg_get_indexdef" | "pg_get_viewdef", [of, rest @ ..]) => {
                return Some(self.definition(name, of, rest));
            }
            ("format_type", [Value::Object(Oid::Type(ty)), _]) => Value::text(self.type_name(*ty)),
            ("pg_typeof", [_]) => Value::Object(Oid::Type(types.first().copied().flatten()?)),
            ("has_table_privilege" | "has_schema_privilege" | "has_function_privilege", args) => {
                self.has_privilege(name, args).unwrap_or(Value::Unknown)
            }
            ("pg_has_role", _) => Value::Unknown,
            ("obj_description", [of]) => self.description(of, None),
            ("obj_description", [of, Value::Text(catalog)]) => self.description(of, Some(catalog)),
            ("col_description", [Value::Object(Oid::Object(id)), Value::Integer(number)]) => {
                let column =
                    now.relation(*id).filter(|_| self.is_ours(*id))?.is.column_number(i16::try_from(*number).ok()?);
                column.and_then(|column| column.comment.clone()).map_or(Value::Null, Value::Text)
            }
            ("col_description", _) => Value::Unknown,
            ("pg_table_is_visible", [Value::Object(Oid::Object(id))]) => {
                let name = now.get(*id)?.name;
                let visible = self.replay.path.iter().find_map(|schema| now.relation_in(*schema, name));
                Value::Bool(visible == Some(*id))
            }
            _ => return None,
        })
    }

    /// Whether the migrations made an object: what is said of the others is not known.
    fn is_ours(&self, id: ObjectId) -> bool {
        self.replay.now().made_by(id).is_some_and(|by| by != StatementId::BASELINE)
    }

    /// obj_description: the comment on an object.
    fn description(&self, of: &Value, catalog: Option<&str>) -> Value {
        let (id, of_catalog) = match of {
            Value::Object(Oid::Object(id)) => (*id, "pg_class"),
            Value::Object(Oid::Function(FunctionId::Object(id))) => (*id, "pg_proc"),
            Value::Object(Oid::Type(ty)) if !ty.array => (ty.id, "pg_type"),
            _ => return Value::Unknown,
        };
        let Some(object) = self.replay.now().get(id).filter(|_| self.is_ours(id)) else { return Value::Unknown };
        let in_pg_class =
            object.as_relation().is_some() || object.as_index().is_some() || object.as_sequence().is_some();
        if catalog.is_some_and(|catalog| catalog != of_catalog) || of_catalog == "pg_class" && !in_pg_class {
            return Value::Unknown;
        }
        object.comment.clone().map_or(Value::Null, Value::Text)
    }

    /// pg_get_constraintdef and its like.
    fn definition(&mut self, function: &str, of: &Value, rest: &[Value]) -> Value {
        let id = match of {
            Value::Object(Oid::Object(id)) => *id,
            Value::Text(name) => match self.look_up(name, "regclass") {
                Looked::Found(Oid::Object(id)) => id,
                _ => return Value::Unknown,
            },
            _ => return Value::Unknown,
        };
        let deparser = self.system().deparser();
        let text = match (function, rest) {
            ("pg_get_constraintdef", []) => deparser.constraint(id),
            ("pg_get_constraintdef", [Value::Bool(true)]) => deparser.styled(Style::PRETTY).constraint(id),
            ("pg_get_indexdef", []) => deparser.styled(Style::PLAIN).index(id),
            ("pg_get_viewdef", [] | [Value::Bool(false)]) => deparser.view(id),
            ("pg_get_viewdef", [Value::Bool(true)]) => deparser.styled(Style::PRETTY).view(id),
            _ => None,
        };
        text.map_or(Value::Unknown, Value::text)
    }

    fn is_implicit(&self, schema: ObjectId) -> bool {
        let named = |name: &str| self.replay.session.search_path.iter().any(|listed| listed.as_str() == name);
        let name = self.replay.now().get(schema).map(|schema| schema.name).unwrap_or_default();
        matches!(name.as_str(), "pg_catalog" | "pg_temp") && !named(name.as_str())
    }

    fn current_setting(&self, setting: &str, missing_ok: &[Value]) -> Value {
        let name = Name::from(&setting.to_lowercase());
        match name.as_str() {
            "server_version_num" => self.version_number(),
            "server_version" => self.version_text(""),
            "role" => Value::Unknown,
            _ => match self.replay.current_setting(name) {
                Some(value) => Value::Text(value),
                // A setting with a dot that nobody set is NULL where that is asked for, else an error.
                None if setting.contains('.') && missing_ok.first() == Some(&Value::Bool(true)) => Value::Null,
                None => Value::Unknown,
            },
        }
    }

    /// server_version_num, whose last four digits are those of the minor version.
    pub(super) fn version_number(&self) -> Value {
        let major = i64::from(self.replay.version()) * 10_000;
        Value::Between(major, major + 9_999)
    }

    fn version_text(&self, word: &str) -> Value {
        concat(&[Value::text(format!("{word}{}.", self.replay.version())), Value::Unknown])
    }

    /// Whether times with a zone are shown in UTC, as the platform and most servers have it.
    pub(super) fn is_utc(&self) -> bool {
        let zone = self.replay.current_setting(Name::from("timezone"));
        zone.is_none_or(|zone| ["UTC", "GMT", "Etc/UTC"].iter().any(|name| zone.eq_ignore_ascii_case(name)))
    }

    /// AT TIME ZONE.
    fn zone_function(&self, name: &str, args: &[Value]) -> Option<Value> {
        let ("timezone", [Value::Text(zone), Value::Time(at)]) = (name, args) else { return None };
        let known = self.is_utc() && zone.eq_ignore_ascii_case("utc");
        match at {
            Moment::Zoned(at) if known => Some(Value::Time(Moment::Timestamp(*at))),
            Moment::Timestamp(at) if known => Some(Value::Time(Moment::Zoned(*at))),
            _ => None,
        }
    }

    /// pg_get_function_arguments and its like.
    fn about_routine(&self, function: &str, id: ObjectId) -> Option<Value> {
        let now = self.replay.now();
        let routine = now.get(id)?.as_routine()?;
        if function == "pg_get_functiondef" && self.replay.doubt_about_definition(id).is_some() {
            return Some(Value::Unknown);
        }
        let text = match function {
            "pg_get_function_identity_arguments" => Some(now.identity_arguments_within(routine, &self.replay.path)),
            "pg_get_function_arguments" => self.system().deparser().routine_arguments(id),
            "pg_get_functiondef" => self.system().deparser().routine_definition(id),
            _ if routine.kind == RoutineKind::Procedure => return Some(Value::Null),
            _ => self.system().deparser().routine_result(id),
        };
        Some(text.map_or(Value::Unknown, Value::text))
    }

    /// has_table_privilege and its like, with an object by name or oid.
    fn has_privilege(&mut self, function: &str, args: &[Value]) -> Option<Value> {
        let (role, object, privileges) = match args {
            [role, object, privileges] => (self.role_of(role)?, object, privileges.as_str()?),
            [object, privileges] => (self.replay.session.role?, object, privileges.as_str()?),
            _ => return None,
        };
        let ty = match function {
            "has_table_privilege" => "regclass",
            "has_schema_privilege" => "regnamespace",
            _ => "regprocedure",
        };
        let id = match object {
            Value::Object(Oid::Object(id)) => *id,
            Value::Text(text) => match self.look_up(text, ty) {
                Looked::Found(Oid::Object(id)) => id,
                _ => return None,
            },
            _ => return None,
        };
        let mut granted = Truth::False;
        for word in privileges.split(',') {
            let privilege = Privileges::from_word(&word.trim().to_lowercase())?;
            granted = granted.or(Truth::from(self.replay.now().has_privilege(role, id, privilege)));
        }
        Some(granted.value())
    }

    fn role_of(&self, value: &Value) -> Option<ObjectId> {
        match value {
            Value::Text(name) => self.global(Tag::Role, Name::from(name)),
            Value::Object(Oid::Object(id)) => Some(*id),
            _ => None,
        }
    }

    /// pg_get_serial_sequence: `table` is written as an identifier, `column` as it is.
    fn serial_sequence(&mut self, table: &str, column: &str, span: Span) -> Result<Value> {
        let table = match self.look_up(table, "regclass") {
            Looked::Found(Oid::Object(table)) => table,
            Looked::Absent => {
                let message = format!("relation \"{table}\" does not exist");
                return Err(Halt::Raised(Box::new(self.refusal("42P01", span, message))));
            }
            _ => return Ok(Value::Unknown),
        };
        let column = Name::from(column);
        let now = self.replay.now();
        let Some(relation) = now.get(table).and_then(|object| object.as_relation()) else { return Ok(Value::Unknown) };
        let Some(number) = relation.column(column).map(|column| column.number) else {
            if !relation.columns_known || self.replay.doubt_about_column(table, column).is_some() {
                return Ok(Value::Unknown);
            }
            let message = format!("column \"{column}\" of relation \"{}\" does not exist", self.replay.name_of(table));
            return Err(Halt::Raised(Box::new(self.refusal("42703", span, message))));
        };
        let mut sequences = now.of_kind(Tag::Sequence);
        let found = sequences.find(|(_, object)| {
            object.as_sequence().is_some_and(|sequence| sequence.owned_by == Some((table, number)))
        });
        Ok(match found {
            Some((_, object)) => Value::text(now.quoted_name(object)),
            None => Value::Null,
        })
    }
}

fn array_function(name: &str, args: &[Value]) -> Option<Value> {
    let Some(Value::Array(array)) = args.first() else { return None };
    // NULL is found where it stands, which equality does not tell.
    if args.get(1) == Some(&Value::Null) && array.contains(&Value::Null) {
        return Some(Value::Unknown);
    }
    Some(match (name, args.get(1)) {
        ("array_length", Some(Value::Integer(1))) if array.is_empty() => Value::Null,
        ("array_length" | "array_upper", Some(Value::Integer(1))) => Value::Integer(array.len() as i64),
        ("array_lower", Some(Value::Integer(1))) if !array.is_empty() => Value::Integer(1),
        ("cardinality", None) => Value::Integer(array.len() as i64),
        ("array_cat", Some(Value::Array(other))) => Value::array(array.iter().chain(other.iter()).cloned()),
        ("array_remove", Some(value)) => {
            if array.iter().any(|element| element.equals(value) == Truth::Unknown) {
                return Some(Value::Unknown);
            }
            Value::array(array.iter().filter(|element| element.equals(value) != Truth::True).cloned())
        }
        ("array_position", Some(value)) => {
            let truths: Vec<Truth> = array.iter().map(|element| element.equals(value)).collect();
            match truths.iter().position(|truth| matches!(truth, Truth::True | Truth::Unknown)) {
                Some(at) if truths[at] == Truth::True => Value::Integer(at as i64 + 1),
                Some(_) => Value::Unknown,
                None => Value::Null,
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_texts() {
        let call = |name: &str, args: &[Value]| text_function(name, args);
        assert_eq!(call("left", &[Value::text("abc"), Value::Integer(-1)]), Some(Value::text("ab")));
        assert_eq!(call("right", &[Value::text("abc"), Value::Integer(2)]), Some(Value::text("bc")));
        assert_eq!(
            call("substring", &[Value::text("abcdef"), Value::Integer(2), Value::Integer(3)]),
            Some(Value::text("bcd"))
        );
        assert_eq!(
            call("split_part", &[Value::text("a.b.c"), Value::text("."), Value::Integer(2)]),
            Some(Value::text("b"))
        );
        let text = |text: &str| Value::text(text);
        assert_eq!(call("translate", &["12345", "143", "ax"].map(text)), Some(text("a2x5")));
        let args = [text("Txxxxas"), text("hom"), Value::Integer(2), Value::Integer(4)];
        assert_eq!(call("overlay", &args), Some(text("Thomas")));
        assert_eq!(call("regexp_count", &["a1b22", "[0-9]+"].map(text)), Some(Value::Integer(2)));
        assert_eq!(call("initcap", &[Value::text("foo_bar baz")]), Some(Value::text("Foo_Bar Baz")));
    }

    #[test]
    fn arrays_and_oids() {
        let array = Value::array([Value::text("a"), Value::text("b")]);
        assert_eq!(operator("||", Some(&array), &Value::text("c")), Value::array(["a", "b", "c"].map(Value::text)));
        assert_eq!(operator("<@", Some(&Value::array([Value::text("a")])), &array), Value::Bool(true));
        assert_eq!(operator("<", Some(&Value::text("a")), &Value::text("b")), Value::Unknown);
    }
}
