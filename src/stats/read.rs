//! CSV and JSON.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;

use super::{Kind, Row, psql};
use crate::source::{FileId, Span};

/// The rows of all exports in a text; none where it holds no export.
pub fn read(file: FileId, text: &str) -> Vec<Row> {
    let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
    let rest = &text[start..];
    match rest.as_bytes().first() {
        Some(b'[') => array(file, text, rest),
        Some(b'{') => object(file, text, rest),
        None => Vec::new(),
        _ if psql::is_table(rest) => psql::read(file, text),
        _ => csv(file, rest, start),
    }
}

/// Whether a text may hold an export: it names a column that the exports have, or its first line is a row of one.
pub fn may_hold_statistics(text: &str) -> bool {
    const COLUMNS: [&str; 9] = [
        "seq_scan",
        "idx_scan",
        "heap_blks_read",
        "idx_blks_read",
        "mean_exec_time",
        "mean_time",
        "n_distinct",
        "indisvalid",
        "relpages",
    ];
    let head = &text[..text.floor_char_boundary(4096)];
    let named = COLUMNS.iter().any(|column| head.contains(column));
    named || head.contains("setting") && head.contains("boot_val") || has_no_header(text)
}

/// Whether a text starts with a row of a view, as psql writes it without headers.
fn has_no_header(text: &str) -> bool {
    let first = text.lines().next().unwrap_or("");
    let unnamed = |delimiter: &u8| shape(first, *delimiter).is_some_and(|(_, _, named)| !named);
    first.len() < 100_000 && !first.starts_with(['{', '[', '<']) && DELIMITERS.iter().any(unnamed)
}

/// A row of cells under these columns, where they are an export's.
pub(super) fn row(columns: &Arc<[Box<str>]>, cells: Vec<Option<Box<str>>>, span: Span) -> Option<Row> {
    Some(Row { kind: Kind::of(columns)?, span, columns: columns.clone(), cells })
}

/// What stands between the cells of an export: of CSV, and of psql's unaligned output and that without headers.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

fn csv(file: FileId, text: &str, start: usize) -> Vec<Row> {
    let first = text.lines().next().unwrap_or("");
    let Some((delimiter, columns, named)) = DELIMITERS.into_iter().find_map(|delimiter| shape(first, delimiter)) else {
        return Vec::new();
    };
    // psql quotes nothing where it does not write CSV.
    let quoting = delimiter != b'|';
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).quoting(quoting).has_headers(named);
    let mut reader = builder.from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records().map_while(Result::ok) {
        // A count of rows at the end, or a part of a query that goes over several lines.
        if record.len() != columns.len() && !quoting {
            continue;
        }
        let at = record.position().map_or(0, |position| position.byte() as usize);
        let line = text.get(at..).unwrap_or("");
        let lead = line.len() - line.trim_start_matches(['\r', '\n']).len();
        let len = line[lead..].find(['\r', '\n']).unwrap_or(line.len() - lead);
        let from = (start + at + lead) as u32;
        let cell = |cell: &str| (!cell.is_empty()).then(|| cell.into());
        let cells = record.iter().map(|it| if quoting { cell(it) } else { cell(it.trim()) }).collect();
        rows.extend(row(&columns, cells, Span::new(file, from, from + len as u32)));
    }
    rows
}

/// The columns by the first line, and whether that names them.
fn shape(first: &str, delimiter: u8) -> Option<(u8, Arc<[Box<str>]>, bool)> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(delimiter != b'|')
        .has_headers(false)
        .from_reader(first.as_bytes());
    let record = reader.records().next()?.ok()?;
    let cells: Vec<&str> = record.iter().map(str::trim).collect();
    let names: Arc<[Box<str>]> = cells.iter().map(|name| (*name).into()).collect();
    match Kind::of(&names) {
        Some(_) => Some((delimiter, names, true)),
        None => super::views::columns_of(&cells).map(|columns| (delimiter, columns, false)),
    }
}

fn array(file: FileId, text: &str, json: &str) -> Vec<Row> {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) else { return Vec::new() };
    let mut shapes: FxHashMap<Vec<Box<str>>, Arc<[Box<str>]>> = FxHashMap::default();
    items.into_iter().filter_map(|item| entry(file, text, item.get(), &mut shapes)).collect()
}

fn entry(file: FileId, text: &str, raw: &str, shapes: &mut FxHashMap<Vec<Box<str>>, Arc<[Box<str>]>>) -> Option<Row> {
    let map: fields::Fields = serde_json::from_str(raw).ok()?;
    let names: Vec<Box<str>> = map.0.iter().map(|(name, _)| name.as_str().into()).collect();
    Kind::of(&names)?;
    let columns = shapes.entry(names).or_insert_with_key(|names| names.clone().into()).clone();
    let cells = map.0.into_iter().map(|(_, value)| cell(value)).collect();
    // The item is a part of the text, so its place is the distance of the two.
    let start = raw.as_ptr() as usize - text.as_ptr() as usize;
    row(&columns, cells, Span::new(file, start as u32, (start + raw.len()) as u32))
}

fn cell(value: serde_json::Value) -> Option<Box<str>> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.into()),
        // An array of pg_stats is written as the server writes it: {a,b}.
        serde_json::Value::Array(items) => {
            let items: Vec<String> = items.into_iter().map(|item| cell(item).unwrap_or_default().into()).collect();
            Some(format!("{{{}}}", items.join(",")).into())
        }
        other => Some(other.to_string().into()),
    }
}

fn object(file: FileId, text: &str, json: &str) -> Vec<Row> {
    let Ok(exports) = serde_json::from_str::<std::collections::BTreeMap<String, &RawValue>>(json) else {
        return lines(file, text, json);
    };
    let names: Vec<Box<str>> = exports.keys().map(|name| name.as_str().into()).collect();
    if Kind::of(&names).is_some() {
        return lines(file, text, json);
    }
    let mut exports: Vec<&str> = exports.into_values().map(RawValue::get).collect();
    exports.sort_by_key(|raw| raw.as_ptr() as usize);
    exports.into_iter().filter(|raw| raw.starts_with('[')).flat_map(|raw| array(file, text, raw)).collect()
}

/// An object a line.
fn lines(file: FileId, text: &str, json: &str) -> Vec<Row> {
    let mut shapes = FxHashMap::default();
    let objects = serde_json::Deserializer::from_str(json).into_iter::<&RawValue>().map_while(Result::ok);
    objects.filter_map(|object| entry(file, text, object.get(), &mut shapes)).collect()
}

/// The fields of an object in their order.
mod fields {
    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

    pub struct Fields(pub Vec<(String, serde_json::Value)>);

    impl<'de> Deserialize<'de> for Fields {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
            struct Reader;
            impl<'de> Visitor<'de> for Reader {
                type Value = Fields;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                    let mut fields = Vec::new();
                    while let Some(field) = map.next_entry()? {
                        fields.push(field);
                    }
                    Ok(Fields(fields))
                }
            }
            deserializer.deserialize_map(Reader)
        }
    }
}
