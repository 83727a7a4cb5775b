//! Values out of JSON that is known.

use serde_json::Value as Json;

use super::value::Value;
use crate::catalog::deparse::print_jsonb;

/// `->`, `->>`, `#>`, `#>>` and `?`.
pub(super) fn operator(name: &str, left: &Value, right: &Value) -> Option<Value> {
    let Value::Text(text) = left else { return None };
    let json: Json = serde_json::from_str(text).ok()?;
    let steps: Vec<&Value> = match right {
        Value::Array(steps) => steps.iter().collect(),
        step => vec![step],
    };
    if name == "?" {
        let key = right.as_str()?;
        return Some(Value::Bool(match &json {
            Json::Object(fields) => fields.contains_key(key),
            Json::Array(elements) => elements.iter().any(|element| element.as_str() == Some(key)),
            other => other.as_str() == Some(key),
        }));
    }
    let mut at = &json;
    for step in steps {
        let next = match (at, step) {
            (Json::Object(fields), Value::Text(key)) => fields.get(&**key),
            (Json::Array(elements), Value::Integer(place)) => element(elements, *place),
            (Json::Array(elements), Value::Text(place)) if name.starts_with('#') => {
                place.parse().ok().and_then(|place| element(elements, place))
            }
            (_, Value::Text(_) | Value::Integer(_)) => None,
            _ => return None,
        };
        let Some(next) = next else { return Some(Value::Null) };
        at = next;
    }
    if name.ends_with(">>") { as_text(at) } else { as_json(at) }
}

fn element(elements: &[Json], place: i64) -> Option<&Json> {
    let at = if place < 0 { elements.len() as i64 + place } else { place };
    usize::try_from(at).ok().and_then(|at| elements.get(at))
}

/// A value as jsonb prints it.
fn as_json(json: &Json) -> Option<Value> {
    print_jsonb(&json.to_string()).filter(|_| is_exact(json)).map(Value::text)
}

/// A value as text: NULL of null, a string without quotes. How `json` spaces what it holds is not kept.
fn as_text(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Null),
        Json::String(text) => Some(Value::text(text)),
        Json::Object(_) | Json::Array(_) => None,
        scalar => as_json(scalar),
    }
}

/// Whether no number in it lost digits.
fn is_exact(json: &Json) -> bool {
    let mut pending = vec![json];
    while let Some(json) = pending.pop() {
        match json {
            Json::Number(number) if !number.is_i64() => return false,
            Json::Array(elements) => pending.extend(elements),
            Json::Object(fields) => pending.extend(fields.values()),
            _ => {}
        }
    }
    true
}

/// Functions of the system over JSON.
pub(super) fn function(name: &str, args: &[Value]) -> Option<Value> {
    let text = args.first()?.as_str()?;
    let kind = name.strip_prefix("jsonb_").or_else(|| name.strip_prefix("json_"))?;
    let json: Json = serde_json::from_str(text).ok()?;
    match (kind, &json) {
        ("array_length", Json::Array(elements)) => Some(Value::Integer(elements.len() as i64)),
        ("typeof", json) => Some(Value::text(match json {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        })),
        _ => None,
    }
}

/// Functions that return sets: the rows.
pub(super) fn rows(name: &str, args: &[Value]) -> Option<Vec<Vec<Value>>> {
    let kind = name.strip_prefix("jsonb_").or_else(|| name.strip_prefix("json_"))?;
    let json: Json = serde_json::from_str(args.first()?.as_str()?).ok()?;
    let write = if kind.ends_with("_text") { as_text } else { as_json };
    match (kind, &json) {
        ("array_elements" | "array_elements_text", Json::Array(elements)) => {
            elements.iter().map(|element| Some(vec![write(element)?])).collect()
        }
        ("object_keys", Json::Object(fields)) => {
            Some(in_order(fields).into_iter().map(|(key, _)| vec![Value::text(key)]).collect())
        }
        ("each" | "each_text", Json::Object(fields)) => {
            in_order(fields).into_iter().map(|(key, value)| Some(vec![Value::text(key), write(value)?])).collect()
        }
        _ => None,
    }
}

/// The documents whose fields `json_to_record` and `json_to_recordset` make columns of.
pub(super) fn records(name: &str, args: &[Value]) -> Option<Vec<Json>> {
    let kind = name.strip_prefix("jsonb_").or_else(|| name.strip_prefix("json_"))?;
    let json: Json = serde_json::from_str(args.first()?.as_str()?).ok()?;
    match (kind, json) {
        ("to_record", json @ Json::Object(_)) => Some(vec![json]),
        ("to_recordset", Json::Array(elements)) => elements.iter().all(Json::is_object).then_some(elements),
        _ => None,
    }
}

/// A field of a document as text; NULL where there is none.
pub(super) fn field(json: &Json, name: &str) -> Option<Value> {
    match json.get(name) {
        None => Some(Value::Null),
        Some(field @ (Json::Object(_) | Json::Array(_))) => as_json(field),
        Some(field) => as_text(field),
    }
}

/// jsonb keeps its keys by length, then by bytes.
fn in_order(fields: &serde_json::Map<String, Json>) -> Vec<(&String, &Json)> {
    let mut fields: Vec<(&String, &Json)> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| (key.len(), *key));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_documents() {
        let json = Value::text(r#"{"a": {"b": [1, "x", null]}, "c": true}"#);
        let path = |parts: &[&str]| Value::array(parts.iter().map(Value::text));
        assert_eq!(operator("#>>", &json, &path(&["a", "b", "1"])), Some(Value::text("x")));
        assert_eq!(operator("->", &json, &Value::text("a")), Some(Value::text(r#"{"b": [1, "x", null]}"#)));
        assert_eq!(operator("->>", &json, &Value::text("c")), Some(Value::text("true")));
        assert_eq!(operator("->>", &json, &Value::text("nope")), Some(Value::Null));
        assert_eq!(operator("#>", &json, &path(&["a", "b", "-1"])), Some(Value::text("null")));
        assert_eq!(operator("->>", &Value::text("[1.50]"), &Value::Integer(0)), None);
        let each = rows("jsonb_each_text", &[Value::text(r#"{"bb": 1, "a": null}"#)]);
        assert_eq!(each, Some(vec![vec![Value::text("a"), Value::Null], vec![Value::text("bb"), Value::text("1")]]));
    }
}
