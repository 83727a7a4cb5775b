//! Two schemas compared.

use serde_json::{Map, Value};

use super::Objects;

/// An object that is not the same in both.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// Its kind, as the data names it.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What is different.
    pub change: Change,
}

/// What became of an object.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Fields with their values in the first and the second; a column's is `columns.name.field`.
    Changed(Vec<(String, Value, Value)>),
}

/// All differences, by kind and name.
pub fn diff(from: &Objects, to: &Objects) -> Vec<Difference> {
    let empty = Map::new();
    let mut kinds: Vec<&String> = from.keys().chain(to.keys()).collect();
    kinds.sort();
    kinds.dedup();
    let mut differences = Vec::new();
    for kind in kinds {
        let objects = |all: &'_ Objects| all.get(kind).and_then(Value::as_object).cloned();
        let (old, new) = (objects(from).unwrap_or(empty.clone()), objects(to).unwrap_or(empty.clone()));
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let change = match (old.get(name), new.get(name)) {
                (Some(_), None) => Change::Removed,
                (None, Some(_)) => Change::Added,
                (Some(old), Some(new)) => match fields(old, new) {
                    changed if changed.is_empty() => continue,
                    changed => Change::Changed(changed),
                },
                (None, None) => continue,
            };
            differences.push(Difference { kind: kind.clone(), name: name.clone(), change });
        }
    }
    differences
}

/// The fields that differ. Where an object was made, and the number of a column, are its history, not what it is.
fn fields(old: &Value, new: &Value) -> Vec<(String, Value, Value)> {
    let mut changed = Vec::new();
    for (name, (old, new)) in paired(old, new) {
        match name.as_str() {
            "made" | "attnum" => {}
            "columns" if old.get(0).is_some_and(Value::is_object) || new.get(0).is_some_and(Value::is_object) => {
                columns(&old, &new, &mut changed);
            }
            _ if old != new => changed.push((name, old, new)),
            _ => {}
        }
    }
    changed
}

fn paired(old: &Value, new: &Value) -> Vec<(String, (Value, Value))> {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return Vec::new() };
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let value = |map: &Map<String, Value>, name: &String| map.get(name).cloned().unwrap_or(Value::Null);
    names.into_iter().map(|name| (name.clone(), (value(old, name), value(new, name)))).collect()
}

fn columns(old: &Value, new: &Value, changed: &mut Vec<(String, Value, Value)>) {
    let by_name = |columns: &Value| -> Map<String, Value> {
        let columns = columns.as_array().into_iter().flatten();
        columns.filter_map(|column| Some((column.get("name")?.as_str()?.to_owned(), column.clone()))).collect()
    };
    let (old, new) = (Value::Object(by_name(old)), Value::Object(by_name(new)));
    for (column, (old, new)) in paired(&old, &new) {
        if old.is_null() || new.is_null() {
            changed.push((format!("columns.{column}"), old, new));
            continue;
        }
        for (field, old, new) in fields(&old, &new) {
            changed.push((format!("columns.{column}.{field}"), old, new));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn objects(value: Value) -> Objects {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn objects_and_columns_by_name() {
        let column = |ty: &str, at: i32| json!({"name": "a", "type": ty, "attnum": at});
        let from = objects(json!({"relations": {"public.t": {"rls": true, "columns": [column("text", 1)]},
            "public.gone": {}}}));
        let to = objects(json!({"relations": {"public.t": {"rls": true, "made": {"line": 3},
            "columns": [column("integer", 2)]}}, "types": {"public.e": {}}}));
        let found: Vec<(String, Change)> = diff(&from, &to).into_iter().map(|it| (it.name, it.change)).collect();
        let changed = vec![("columns.a.type".to_owned(), json!("text"), json!("integer"))];
        assert_eq!(
            found,
            vec![
                ("public.gone".to_owned(), Change::Removed),
                ("public.t".to_owned(), Change::Changed(changed)),
                ("public.e".to_owned(), Change::Added)
            ]
        );
        assert!(diff(&to, &to).is_empty());
    }
}
