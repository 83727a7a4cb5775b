//! FORMAT YAML, as EXPLAIN prints it: one key or item a line, nested by indentation, texts in JSON's quotes.

use std::borrow::Cow;

use super::builder::Builder;
use super::json::{self, Scalar, Sink};
use super::text_lines::line_end;

/// Whether a plan in YAML form may start at a line: `- Plan:` or `Plan:`.
pub(super) fn is_start(line: &str) -> bool {
    let content = line.trim();
    content.strip_prefix("- ").unwrap_or(content).trim_matches(['"', '\'']) == "Plan:"
        || content.starts_with("- Query Text: \"")
        || content.starts_with("Query Text: \"") && content.ends_with('"')
}

/// Reads the document that starts at `start`; returns where it ends.
pub(super) fn read(text: &str, start: usize, builder: &mut Builder<'_>) -> usize {
    let mut reader = Reader { builder, open: Vec::new(), pending: None, end: start };
    let mut at = start;
    while at < text.len() {
        let next = line_end(text, at);
        let line = &text[at..next];
        let content = line.trim();
        let blank = &line[..line.len() - line.trim_start().len()];
        // Some editors make tabs of the blanks that a line starts with.
        let indent = blank.len() + 7 * memchr::memchr_iter(b'\t', blank.as_bytes()).count();
        if !content.is_empty() && !reader.line(content, at + blank.len(), indent) {
            break;
        }
        at = next;
    }
    reader.close(0);
    while reader.open.pop().is_some_and(|open| reader.end_container(open.object)) {}
    reader.end
}

struct Open {
    indent: usize,
    object: bool,
}

struct Reader<'b, 'c> {
    builder: &'b mut Builder<'c>,
    open: Vec<Open>,
    /// Indentation of a key whose value is on the lines below.
    pending: Option<usize>,
    end: usize,
}

impl Reader<'_, '_> {
    /// One line; false where it is none of the document.
    fn line(&mut self, content: &str, at: usize, indent: usize) -> bool {
        let first = self.open.first().map_or(indent, |open| open.indent);
        if indent < first {
            return false;
        }
        let item = content.strip_prefix("- ").map(str::trim_start);
        let fits = item.map_or_else(|| pair(content).is_some(), |_| true);
        if !fits || item.is_none() && indent == first && self.open.first().is_some_and(|open| !open.object) {
            return false;
        }
        self.resolve_pending(indent, item.is_some(), at);
        self.close_to(indent, item.is_some());
        match item {
            Some(item) => self.item(item, at + content.len() - item.len(), indent, at),
            None => {
                if self.open.is_empty() {
                    self.begin(indent, true, at);
                }
                self.pair(content, at, indent);
            }
        }
        self.end = at + content.len();
        true
    }

    /// The value of a key that had none on its own line: a list, an object, or nothing.
    fn resolve_pending(&mut self, indent: usize, is_item: bool, at: usize) {
        let Some(key_indent) = self.pending.take() else { return };
        if indent > key_indent || is_item && indent == key_indent {
            self.begin(indent, !is_item, at);
        } else {
            self.builder.scalar(Scalar::Plain("null"), self.end as u32, self.end as u32);
        }
    }

    fn begin(&mut self, indent: usize, object: bool, at: usize) {
        self.open.push(Open { indent, object });
        if object {
            self.builder.begin_object(at as u32);
        } else {
            self.builder.begin_array(at as u32);
        }
    }

    /// Closes what is indented deeper, and a list that stood at its key's own indentation.
    fn close_to(&mut self, indent: usize, is_item: bool) {
        self.close(indent + 1);
        if !is_item && self.open.last().is_some_and(|open| !open.object && open.indent == indent) {
            self.open.pop();
            self.end_container(false);
        }
    }

    fn close(&mut self, indent: usize) {
        if self.pending.take().is_some() {
            self.builder.scalar(Scalar::Plain("null"), self.end as u32, self.end as u32);
        }
        while let Some(open) = self.open.pop_if(|open| open.indent >= indent && indent > 0) {
            self.end_container(open.object);
        }
    }

    fn end_container(&mut self, object: bool) -> bool {
        if object {
            self.builder.end_object(self.end as u32);
        } else {
            self.builder.end_array(self.end as u32);
        }
        true
    }

    fn item(&mut self, item: &str, item_at: usize, indent: usize, at: usize) {
        if self.open.is_empty() {
            self.begin(indent, false, at);
        }
        if pair(item).is_some() {
            self.begin(indent + item_at - at, true, item_at);
            self.pair(item, item_at, indent + item_at - at);
        } else {
            self.builder.scalar(Scalar::String(value(item)), item_at as u32, (item_at + item.len()) as u32);
        }
    }

    fn pair(&mut self, content: &str, at: usize, indent: usize) {
        let Some((key, text)) = pair(content) else { return };
        self.builder.key(key, at as u32, (at + key.len()) as u32);
        if text.is_empty() {
            self.pending = Some(indent);
            return;
        }
        let from = at + content.len() - text.len();
        self.builder.scalar(Scalar::String(value(text)), from as u32, (at + content.len()) as u32);
    }
}

/// `Key: value`; the value is empty where it stands on the lines below.
fn pair(content: &str) -> Option<(&str, &str)> {
    let colon = match content.strip_prefix('"') {
        Some(quoted) => 1 + quoted.find("\":")? + 1,
        None => content.find(": ").or_else(|| content.ends_with(':').then(|| content.len() - 1))?,
    };
    let key = content[..colon].trim_matches('"');
    (!key.is_empty() && key.len() < 80).then(|| (key, content[colon + 1..].trim()))
}

fn value(text: &str) -> Cow<'_, str> {
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return match inner.contains('\\') {
            true => Cow::Owned(json::unescape(inner, |_, _| {})),
            false => Cow::Borrowed(inner),
        };
    }
    match text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => Cow::Owned(inner.replace("''", "'")),
        None => Cow::Borrowed(text),
    }
}
