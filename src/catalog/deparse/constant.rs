//! Constants (get_const_expr) as the output functions of their types print them.

use super::json;
use super::printer::Printer;
use crate::catalog::analyze::tree::{Constant, Expr};
use crate::catalog::analyze::{Facts, Type, array_elements, name_parts};
use crate::catalog::{Tag, TypeClass, datetime};
use crate::syntax::quote::quote_identifier;
use crate::syntax::{LONGEST_NAME, clip};

/// Whether the type is shown behind a constant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Never: a conversion around shows it.
    Omitted,
    /// Where it would be another without.
    Needed,
    /// Always.
    Forced,
}

/// get_const_expr.
pub(super) fn constant(printer: &mut Printer<'_>, expr: &Expr, value: &Constant, label: Label) -> Option<()> {
    let ty = expr.ty?;
    if *value == Constant::Null {
        printer.push("NULL");
        if label != Label::Omitted {
            printer.push("::");
            printer.type_of(expr)?;
        }
        return Some(());
    }
    let known = printer.facts.known;
    let text = match value {
        Constant::Object { .. } => printer.object_constant(value)?,
        Constant::Text(name) if ty == known.regconfig => text_search(printer, name, Tag::TextSearchConfiguration)?,
        _ => output(&printer.facts, value, ty)?,
    };
    let needed = match ty {
        _ if ty == known.int4 => bare_or_quoted(printer, &text, !text.starts_with('-')),
        _ if ty == known.numeric => {
            let is_number = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['e', 'E', '.']);
            bare_or_quoted(printer, &text, is_number) || !expr.modifiers.is_none()
        }
        _ if ty == known.bool => {
            printer.push(if text == "t" { "true" } else { "false" });
            false
        }
        _ => {
            quoted(printer, &text);
            ty != known.unknown
        }
    };
    if label == Label::Forced || (needed && label == Label::Needed) {
        printer.push("::");
        printer.type_of(expr)?;
    }
    Some(())
}

/// regconfigout: the name of a text search object, qualified where it must be.
fn text_search(printer: &Printer<'_>, text: &str, tag: Tag) -> Option<String> {
    let parts = name_parts(text)?;
    let (schema, name) = match parts[..] {
        [name] => (None, name),
        [schema, name] => (Some(schema), name),
        _ => return None,
    };
    let catalog = printer.facts.catalog;
    let mut made = catalog
        .of_kind(tag)
        .filter(|(_, object)| object.name == name && schema.is_none_or(|schema| catalog.schema_name(object) == schema));
    match made.next() {
        Some((id, _)) => printer.object_name(id),
        None => Some(quote_identifier(&name).into_owned()),
    }
}

/// Gives whether the type must be shown.
fn bare_or_quoted(printer: &mut Printer<'_>, text: &str, bare: bool) -> bool {
    if bare {
        printer.push(text);
    } else {
        quoted(printer, text);
    }
    !bare
}

/// simple_quote_literal, with standard_conforming_strings.
fn quoted(printer: &mut Printer<'_>, text: &str) {
    printer.out.push('\'');
    printer.out.push_str(&text.replace('\'', "''"));
    printer.out.push('\'');
}

/// The text that the type's output function makes of the value.
fn output(facts: &Facts<'_>, value: &Constant, ty: Type) -> Option<String> {
    Some(match value {
        Constant::Null | Constant::Object { .. } => return None,
        Constant::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
        Constant::Integer(value) => value.to_string(),
        Constant::Numeric(text) => numeric(text)?,
        Constant::Bits(text) => bits(text)?,
        Constant::Text(text) => input_output(facts, text, ty)?,
    })
}

/// What the input function of a type takes, as its output function prints it.
fn input_output(facts: &Facts<'_>, text: &str, ty: Type) -> Option<String> {
    let known = facts.known;
    if facts.element(ty).is_some() {
        return array(facts, text, ty);
    }
    if ty == known.unknown {
        return Some(text.to_owned());
    }
    if facts.is_enum(ty) {
        return enum_label(facts, text, ty);
    }
    let object = facts.catalog.get(ty.id)?;
    let name = object.name.as_str();
    if facts.catalog.schema_name(object).as_str() != "pg_catalog" {
        return ["citext", "ltree", "lquery"].contains(&name).then(|| text.to_owned());
    }
    match name {
        "text" | "varchar" | "bpchar" | "json" | "xml" | "cstring" | "uuid" => Some(text.to_owned()),
        "name" => Some(clip(text, LONGEST_NAME).to_owned()),
        "char" => Some(text.chars().take(1).collect()),
        "numeric" => numeric(text),
        "float4" | "float8" => float(text),
        "jsonb" => json::normal(text),
        "date" => datetime::date(text),
        "time" => datetime::time(text),
        "timestamp" => datetime::timestamp(text, false),
        "timestamptz" => datetime::timestamp(text, true),
        "interval" => datetime::interval(text),
        "oid" => text.trim().bytes().all(|byte| byte.is_ascii_digit()).then(|| text.trim().to_owned()),
        "bytea" if text.is_empty() => Some("\\x".to_owned()),
        "bytea" => text.starts_with("\\x").then(|| text.to_ascii_lowercase()),
        "inet" | "cidr" | "macaddr" | "tsquery" | "tsvector" | "jsonpath" | "money" | "point" => plain(name, text),
        _ => (text == "empty").then(|| text.to_owned()),
    }
}

/// The name that a label has now: a constant of an enum names the label, whatever it is called.
fn enum_label(facts: &Facts<'_>, text: &str, ty: Type) -> Option<String> {
    let labels = |object: &crate::catalog::Object| match object.as_type().map(|ty| &ty.class) {
        Some(TypeClass::Enum { labels }) => labels.clone(),
        _ => Vec::new(),
    };
    let now = labels(facts.catalog.get(ty.id)?);
    if now.iter().any(|label| &*label.text == text) {
        return Some(text.to_owned());
    }
    let mut versions = facts.catalog.catalog().history(ty.id).filter_map(|(_, object)| object);
    let then = versions.find_map(|object| labels(object).into_iter().find(|label| &*label.text == text))?;
    now.into_iter().find(|label| label.span == then.span).map(|label| label.text.to_string())
}

/// Types whose plainest values are printed as they are written.
fn plain(name: &str, text: &str) -> Option<String> {
    let as_written = match name {
        "tsvector" | "tsquery" => text.is_empty(),
        "inet" => text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'),
        "cidr" => text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/')),
        "point" => {
            let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
            inner.is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b','))
        }
        _ => false,
    };
    as_written.then(|| text.to_owned())
}

/// numeric_out: the digits with the scale they were written with.
pub(super) fn numeric(text: &str) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| *c != '_').collect();
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    match unsigned.to_ascii_lowercase().as_str() {
        "nan" => return Some("NaN".to_owned()),
        "inf" | "infinity" => return Some(format!("{sign}Infinity")),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || exponent.abs() > 1000 {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let scale = usize::try_from((i32::try_from(fraction.len()).ok()? - exponent).max(0)).ok()?;
    let padded = match usize::try_from(point) {
        Ok(point) => format!("{digits}{}", "0".repeat(point.saturating_sub(digits.len()))),
        Err(_) => format!("{}{digits}", "0".repeat(usize::try_from(-point).ok()?)),
    };
    let (whole, fraction) = padded.split_at(usize::try_from(point.max(0)).ok()?.min(padded.len()));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let zero = padded.bytes().all(|byte| byte == b'0');
    let sign = if zero { "" } else { sign };
    Some(if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// float8out: the shortest digits that are read back as the same number.
fn float(text: &str) -> Option<String> {
    let value: f64 = text.trim().parse().ok()?;
    if value.is_nan() {
        return Some("NaN".to_owned());
    }
    if value.is_infinite() {
        return Some(if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned());
    }
    let plain = value == 0.0 || (1e-4..1e15).contains(&value.abs());
    plain.then(|| value.to_string())
}

/// `b101`, `x1f` as bits.
fn bits(text: &str) -> Option<String> {
    let digits = text.get(1..)?;
    match text.as_bytes().first()? {
        b'b' | b'B' => Some(digits.to_owned()),
        _ => digits.chars().map(|digit| Some(format!("{:04b}", digit.to_digit(16)?))).collect(),
    }
}

/// array_out, for arrays of one dimension.
fn array(facts: &Facts<'_>, text: &str, ty: Type) -> Option<String> {
    let element = facts.base(facts.element(ty)?);
    let elements = array_elements(text)??;
    let mut items = Vec::with_capacity(elements.len());
    for item in elements {
        items.push(match item {
            None => "NULL".to_owned(),
            Some(item) => quoted_element(&element_output(facts, &item, element)?),
        });
    }
    Some(format!("{{{}}}", items.join(",")))
}

fn element_output(facts: &Facts<'_>, text: &str, ty: Type) -> Option<String> {
    let known = facts.known;
    if ty == known.bool {
        let value = crate::catalog::analyze::parse_bool(text)?;
        return Some(if value { "t" } else { "f" }.to_owned());
    }
    if ty == known.uuid {
        return crate::catalog::analyze::parse_uuid(text);
    }
    if [known.int2, known.int4, known.int8].contains(&ty) {
        return text.trim().parse::<i64>().ok().map(|value| value.to_string());
    }
    input_output(facts, text, ty)
}

fn quoted_element(text: &str) -> String {
    let special = |c: char| matches!(c, '"' | '\\' | '{' | '}' | ',') || c.is_ascii_whitespace() || c == '\x0b';
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.contains(special) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_scale() {
        for (text, printed) in [
            ("1.50", "1.50"),
            (".5", "0.5"),
            ("-0.0", "0.0"),
            ("1e10", "10000000000"),
            ("1.5e3", "1500"),
            ("12.5e-3", "0.0125"),
            ("007", "7"),
            ("5.", "5"),
            ("1_000.5", "1000.5"),
        ] {
            assert_eq!(numeric(text).as_deref(), Some(printed), "{text}");
        }
    }

    #[test]
    fn elements_are_quoted_where_they_must_be() {
        assert_eq!(quoted_element("a"), "a");
        assert_eq!(quoted_element(""), "\"\"");
        assert_eq!(quoted_element("a b"), "\"a b\"");
        assert_eq!(quoted_element("Null"), "\"Null\"");
        assert_eq!(quoted_element("a\"\\"), "\"a\\\"\\\\\"");
    }

    #[test]
    fn bits_of_both_notations() {
        assert_eq!(bits("b101").as_deref(), Some("101"));
        assert_eq!(bits("x1f").as_deref(), Some("00011111"));
    }
}
