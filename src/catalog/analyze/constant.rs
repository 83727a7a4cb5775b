//! Constants of a type: what the server's input functions make of their text, as far as it is certain.

use serde::de::IgnoredAny;

use super::error::Missing;
use super::tree::{Constant, ConstantObject};
use super::types::Facts;
use super::{Error, Result, Type};
use crate::catalog::{NameKey, NameSpace, ObjectId, Tag, TypeClass};
use crate::source::Span;
use crate::syntax::Name;

/// The constant as a value of a type that is no domain.
pub(in crate::catalog) fn input(facts: &Facts<'_>, value: Constant, ty: Type, span: Span) -> Result<Constant> {
    let Constant::Text(text) = &value else { return Ok(value) };
    let known = facts.known;
    let invalid = |word: &str| {
        let message = format!("invalid input syntax for type {word}: \"{text}\"");
        Error::new("22P02", span, message)
    };
    if facts.element(ty).is_some() && !ty_is_vector(facts, ty) {
        return check_array(facts, text, ty, span).map(|()| value);
    }
    match ty {
        _ if ty == known.bool => parse_bool(text).map(Constant::Bool).ok_or_else(|| invalid("boolean")),
        _ if ty == known.int2 => integer(text, "smallint", i16::MIN.into(), i16::MAX.into(), span),
        _ if ty == known.int4 => integer(text, "integer", i32::MIN.into(), i32::MAX.into(), span),
        _ if ty == known.int8 => integer(text, "bigint", i64::MIN, i64::MAX, span),
        _ if ty == known.numeric => number(text).then_some(value.clone()).ok_or_else(|| invalid("numeric")),
        _ if ty == known.float8 => number(text).then_some(value.clone()).ok_or_else(|| invalid("double precision")),
        _ if ty == known.float4 => number(text).then_some(value.clone()).ok_or_else(|| invalid("real")),
        _ if ty == known.uuid => {
            parse_uuid(text).map(|uuid| Constant::Text(uuid.into())).ok_or_else(|| invalid("uuid"))
        }
        _ if ty == known.json || ty == known.jsonb => match is_json(text) {
            Some(false) => Err(invalid_json(span)),
            _ => Ok(value),
        },
        _ if ty == known.date || ty == known.timestamp || ty == known.timestamptz || ty == known.interval => {
            check_datetime(facts, text, ty, span).map(|()| value)
        }
        _ if ty == known.regclass => regclass(facts, text, span),
        _ if ty == known.regtype => Ok(regtype(facts, text)),
        _ if ty == known.regnamespace => global(facts, text, Tag::Schema, "3F000", "schema", span),
        _ if ty == known.regrole => global(facts, text, Tag::Role, "42704", "role", span),
        _ if facts.is_enum(ty) => enum_label(facts, text, ty, span).map(|()| value),
        _ => Ok(value),
    }
}

fn ty_is_vector(facts: &Facts<'_>, ty: Type) -> bool {
    ty == facts.known.int2vector || ty == facts.known.oidvector
}

/// parse_bool_with_len: any unambiguous beginning of the words.
pub(in crate::catalog) fn parse_bool(text: &str) -> Option<bool> {
    let text = text.trim_matches(is_space).to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    match () {
        () if begins("true", 1) || begins("yes", 1) || text == "on" || text == "1" => Some(true),
        () if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" => Some(false),
        () => None,
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn integer(text: &str, word: &str, least: i64, most: i64, span: Span) -> Result<Constant> {
    let trimmed = text.trim_matches(is_space);
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match trimmed.strip_prefix('+').unwrap_or(trimmed).parse::<i64>() {
        Ok(value) if plain && (least..=most).contains(&value) => Ok(Constant::Integer(value)),
        _ if plain => {
            let message = format!("value \"{text}\" is out of range for type {word}");
            Err(Error::new("22003", span, message))
        }
        // Since 16: hexadecimal and the like, and underscores.
        _ if digits.starts_with('0') || digits.contains('_') => Ok(Constant::Text(text.into())),
        _ => Err(Error::new("22P02", span, format!("invalid input syntax for type {word}: \"{text}\""))),
    }
}

/// A number constant of SQL that is an integer: `42`, `0x2a`, `1_000`.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let lower = plain.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok();
        }
    }
    plain.parse().ok()
}

/// Whether a text is a number, or may be one by rules that are not followed here.
fn number(text: &str) -> bool {
    let text = text.trim_matches(is_space).to_ascii_lowercase();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let special = ["nan", "infinity", "inf"].contains(&unsigned);
    let plausible = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.chars().any(|c| c.is_ascii_digit())
        && unsigned.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '+' | '-' | '_' | 'x' | 'o' | 'p'));
    special || plausible
}

/// The uuid as the server prints it: 32 hexadecimal digits, hyphens after any four, braces around.
pub(in crate::catalog) fn parse_uuid(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = String::with_capacity(32);
    let mut bytes = inner.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if !byte.is_ascii_hexdigit() || digits.len() == 32 {
            return None;
        }
        digits.push(char::from(byte.to_ascii_lowercase()));
        if digits.len().is_multiple_of(4) && digits.len() < 32 {
            bytes.next_if_eq(&b'-');
        }
    }
    if digits.len() != 32 {
        return None;
    }
    Some(format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]))
}

/// Whether a text is JSON; `None` where it is nested deeper than is followed.
pub(in crate::catalog) fn is_json(text: &str) -> Option<bool> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Some(true),
        Err(error) if error.to_string().starts_with("recursion limit") => None,
        Err(_) => Some(false),
    }
}

fn invalid_json(span: Span) -> Box<Error> {
    Error::new("22P02", span, "invalid input syntax for type json")
}

/// Dates and the like have many forms: only a text without any digit or known word is certainly wrong.
/// A text without a digit is a moment only by one of these words.
fn check_datetime(facts: &Facts<'_>, text: &str, ty: Type, span: Span) -> Result<()> {
    const WORDS: &[&str] =
        &["now", "today", "tomorrow", "yesterday", "epoch", "infinity", "noon", "midnight", "allballs"];
    let lower = text.to_ascii_lowercase();
    if ty != facts.known.interval && names_no_day(text) {
        return Err(Error::new("22008", span, format!("date/time field value out of range: \"{text}\"")));
    }
    if text.contains(|c: char| c.is_ascii_digit()) || WORDS.iter().any(|word| lower.contains(word)) {
        return Ok(());
    }
    let message = format!("invalid input syntax for type {}: \"{text}\"", facts.name(ty));
    Err(Error::new("22007", span, message))
}

/// Whether a text begins with year, month and day of which the latter two are no day of a calendar.
fn names_no_day(text: &str) -> bool {
    let day = text.trim_matches(is_space).get(..10).unwrap_or_default();
    let digits = |at: std::ops::Range<usize>| day.get(at).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    let (Some(year), Some(month), Some(day_of_month)) = (digits(0..4), digits(5..7), digits(8..10)) else {
        return false;
    };
    let dashes = day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-';
    let number = |text: &str| text.parse().unwrap_or(0);
    dashes && jiff::civil::Date::new(number(year) as i16, number(month) as i8, number(day_of_month) as i8).is_err()
}

/// The elements of an array constant: each an element's text, or NULL; `None` where it is malformed.
/// Dimensions and decorations that are not followed give `Some(None)`.
#[allow(clippy::option_option, reason = "malformed, not followed, or the elements")]
pub(in crate::catalog) fn array_elements(text: &str) -> Option<Option<Vec<Option<String>>>> {
    let trimmed = text.trim_matches(is_space);
    if trimmed.starts_with('[') {
        // "[1:2]={a,b}"; anything else is no array.
        let (bounds, rest) = trimmed.split_once('=')?;
        let is_bound = |c: char| c.is_ascii_digit() || is_space(c) || "[]:+-".contains(c);
        return (bounds.chars().all(is_bound) && rest.trim_start_matches(is_space).starts_with('{')).then_some(None);
    }
    let inner = trimmed.strip_prefix('{')?.strip_suffix('}')?;
    let mut elements = Vec::new();
    let mut chars = inner.chars().peekable();
    if inner.trim_matches(is_space).is_empty() {
        return Some(Some(elements));
    }
    loop {
        while chars.next_if(|c| is_space(*c)).is_some() {}
        match chars.peek()? {
            '{' => return Some(None),
            '"' => {
                chars.next();
                elements.push(Some(quoted_element(&mut chars)?));
                while chars.next_if(|c| is_space(*c)).is_some() {}
            }
            _ => elements.push(bare_element(&mut chars)?),
        }
        match chars.next() {
            None => return Some(Some(elements)),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

fn quoted_element(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut element = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(element),
            '\\' => element.push(chars.next()?),
            c => element.push(c),
        }
    }
}

#[allow(clippy::option_option, reason = "malformed, NULL, or the element")]
fn bare_element(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Option<String>> {
    let mut element = String::new();
    let mut escaped = false;
    while let Some(c) = chars.next_if(|c| *c != ',') {
        match c {
            '"' | '{' | '}' => return None,
            '\\' => {
                escaped = true;
                element.push(chars.next()?);
            }
            c => element.push(c),
        }
    }
    let trimmed = element.trim_end_matches(is_space);
    if trimmed.is_empty() && !escaped {
        return None;
    }
    let null = !escaped && trimmed.eq_ignore_ascii_case("null");
    Some((!null).then(|| trimmed.to_owned()))
}

fn check_array(facts: &Facts<'_>, text: &str, ty: Type, span: Span) -> Result<()> {
    let Some(elements) = array_elements(text) else {
        return Err(Error::new("22P02", span, format!("malformed array literal: \"{text}\"")));
    };
    let element = facts.element(ty).map(|element| facts.base(element));
    for (text, element) in elements.into_iter().flatten().flatten().zip(std::iter::repeat(element)) {
        if let Some(element) = element {
            input(facts, Constant::Text(text.into()), element, span)?;
        }
    }
    Ok(())
}

fn enum_label(facts: &Facts<'_>, text: &str, ty: Type, span: Span) -> Result<()> {
    let Some(TypeClass::Enum { labels }) = facts.type_object(ty).map(|ty| &ty.class) else { return Ok(()) };
    let found = labels.iter().find(|label| &*label.text == text);
    let transaction = facts.environment.transaction;
    match found {
        Some(label) if label.added_in != 0 && Some(label.added_in) == transaction => {
            let message = format!("unsafe use of new value \"{text}\" of enum type {}", facts.name(ty));
            let mut error = Error::new("55P04", span, message);
            error.refusal.labels.push((label.span, "added in the same transaction".to_owned()));
            Err(error.help("commit before the new value is used: move its use to a later migration"))
        }
        Some(_) => Ok(()),
        None if facts.object(ty.id).is_some_and(|object| facts.is_doubtful(object.name)) => Ok(()),
        None => {
            let message = format!("invalid input value for enum {}: \"{text}\"", facts.name(ty));
            Err(Error::new("22P02", span, message))
        }
    }
}

/// The parts of a name as reg* types read it: folded unless quoted; `None` where it is no plain name.
pub(in crate::catalog) fn name_parts(text: &str) -> Option<Vec<Name>> {
    let mut parts = Vec::new();
    let mut rest = text.trim_matches(is_space);
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let mut end = 0;
                loop {
                    end += quoted[end..].find('"')?;
                    if quoted[end + 1..].starts_with('"') {
                        end += 2;
                        continue;
                    }
                    break;
                }
                (quoted[..end].replace("\"\"", "\""), &quoted[end + 1..])
            }
            None => {
                let end = rest.find(|c: char| c == '.' || is_space(c)).unwrap_or(rest.len());
                let word = &rest[..end];
                let starts_well = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
                if !starts_well || !word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                    return None;
                }
                (word.to_lowercase(), &rest[end..])
            }
        };
        parts.push(Name::from(&part));
        match after.trim_start_matches(is_space).strip_prefix('.') {
            Some(next) => rest = next.trim_start_matches(is_space),
            None if after.trim_matches(is_space).is_empty() => return Some(parts),
            None => return None,
        }
    }
}

fn regclass(facts: &Facts<'_>, text: &str, span: Span) -> Result<Constant> {
    if let Ok(oid) = text.trim_matches(is_space).parse::<u32>() {
        return Ok(Constant::Integer(oid.into()));
    }
    let Some(parts) = name_parts(text) else { return Ok(Constant::Text(text.into())) };
    let (schema, name) = match parts[..] {
        [name] => (None, name),
        [.., schema, name] => (Some(schema), name),
        [] => return Ok(Constant::Text(text.into())),
    };
    if let Some(id) = facts.find_relation(schema, name) {
        return Ok(Constant::Object { id: ConstantObject::Object(id), text: text.into() });
    }
    if facts.may_be_relation(schema, name) {
        return Ok(Constant::Text(text.into()));
    }
    let keys = facts.keys(schema, name, NameSpace::Relation);
    if let Some(schema) = schema.filter(|schema| facts.catalog.schema(*schema).is_none()) {
        let message = format!("schema \"{schema}\" does not exist");
        return Err(Error::new("3F000", span, message).missing(Missing::Schema(schema)));
    }
    let message = format!("relation \"{text}\" does not exist");
    Err(Error::new("42P01", span, message).missing(Missing::Named(keys)))
}

fn regtype(facts: &Facts<'_>, text: &str) -> Constant {
    let named = name_parts(text).and_then(|parts| match parts[..] {
        [name] => facts.find_type(None, name),
        [.., schema, name] => facts.find_type(Some(schema), name),
        [] => None,
    });
    match named {
        Some(ty) => Constant::Object { id: ConstantObject::Type(ty), text: text.into() },
        None => Constant::Text(text.into()),
    }
}

fn global(facts: &Facts<'_>, text: &str, tag: Tag, sqlstate: &'static str, word: &str, span: Span) -> Result<Constant> {
    let Some([name]) = name_parts(text).as_deref().map(|parts| <[Name; 1]>::try_from(parts).unwrap_or_default()) else {
        return Ok(Constant::Text(text.into()));
    };
    let key = NameKey { space: NameSpace::Other(tag), parent: None, name };
    let found: Option<ObjectId> = facts.catalog.named(key).first().copied();
    match found {
        Some(id) => Ok(Constant::Object { id: ConstantObject::Object(id), text: text.into() }),
        None if facts.is_doubtful(name) || name.is_empty() => Ok(Constant::Text(text.into())),
        None => {
            let message = format!("{word} \"{text}\" does not exist");
            Err(Error::new(sqlstate, span, message).missing(Missing::Named(vec![key])))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_by_their_beginnings() {
        for (text, value) in [("t", Some(true)), (" YES ", Some(true)), ("of", Some(false)), ("o", None), ("", None)] {
            assert_eq!(parse_bool(text), value, "{text}");
        }
    }

    #[test]
    fn uuids_as_the_server_prints_them() {
        let plain = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        for text in [plain, "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11"] {
            assert_eq!(parse_uuid(text).as_deref(), Some(plain));
        }
        assert_eq!(parse_uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1"), None);
    }

    #[test]
    fn arrays_and_their_elements() {
        let some = |list: &[Option<&str>]| Some(Some(list.iter().map(|e| e.map(str::to_owned)).collect::<Vec<_>>()));
        assert_eq!(array_elements("{}"), some(&[]));
        assert_eq!(array_elements(r#"{a, "b ""#), None);
        assert_eq!(array_elements(r#"{a b , "c,\"", null}"#), some(&[Some("a b"), Some("c,\""), None]));
        assert_eq!(array_elements("[]"), None);
        assert_eq!(array_elements("[0:1]={a,b}"), Some(None));
        assert_eq!(array_elements("a,b"), None);
        assert_eq!(array_elements("{{1},{2}}"), Some(None));
    }

    #[test]
    fn names_of_reg_types() {
        let names = |text: &str| name_parts(text).map(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(names("Public.Orders"), Some(vec!["public".to_owned(), "orders".to_owned()]));
        assert_eq!(names("\"Odd \"\"Name\""), Some(vec!["Odd \"Name".to_owned()]));
        assert_eq!(names("int4[]"), None);
    }
}
