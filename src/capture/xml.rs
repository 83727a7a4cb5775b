//! FORMAT XML, as EXPLAIN prints it: elements without attributes, lists of `Item`.

use std::borrow::Cow;

use super::builder::Builder;
use super::json::{Error, Scalar, Sink};
use super::key::Key;

/// Where the next document starts.
pub(super) fn start(text: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), b"<explain")
}

/// Reads the document whose `<explain` stands at `start`; returns where it ends.
pub(super) fn read(text: &str, start: usize, builder: &mut Builder<'_>) -> Result<usize, Error> {
    let mut open: Vec<Open> = Vec::new();
    let mut at = start;
    loop {
        let tag = next_tag(text, at).ok_or(Error::CutOff { open: open.last().map_or(at, |open| open.at) as u32 })?;
        at = tag.end;
        if tag.closes {
            let Some(closed) = open.pop() else { return Err(Error::Unexpected { at: tag.start as u32 }) };
            match closed.kind {
                Kind::Object => builder.end_object(tag.end as u32),
                Kind::Array => builder.end_array(tag.end as u32),
                Kind::Ignored => {}
            }
            if open.is_empty() {
                return Ok(at);
            }
            continue;
        }
        let within = open.last().map(|open| open.kind);
        if within == Some(Kind::Object) {
            let name = Key::xml_named(tag.name).map_or_else(|| tag.name.replace('-', " "), |key| key.name().to_owned());
            builder.key(&name, tag.start as u32, tag.end as u32);
        }
        if tag.is_empty {
            continue;
        }
        match content(text, &tag) {
            Content::Text(end) => {
                let value = decode(&text[tag.end..end]);
                builder.scalar(Scalar::String(value), tag.end as u32, end as u32);
                // The closing tag belongs to the value.
                at = next_tag(text, end).map_or(end, |closing| closing.end);
            }
            Content::Elements(kind) => {
                match kind {
                    Kind::Object => builder.begin_object(tag.start as u32),
                    Kind::Array => builder.begin_array(tag.start as u32),
                    Kind::Ignored => {}
                }
                open.push(Open { kind, at: tag.start });
            }
        }
    }
}

struct Open {
    kind: Kind,
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Ignored,
}

enum Content {
    Text(usize),
    Elements(Kind),
}

struct Tag<'a> {
    name: &'a str,
    closes: bool,
    is_empty: bool,
    start: usize,
    end: usize,
}

/// The next tag; comments and the XML declaration are skipped.
fn next_tag(text: &str, from: usize) -> Option<Tag<'_>> {
    let mut from = from;
    loop {
        let start = from + memchr::memchr(b'<', &text.as_bytes()[from..])?;
        let end = start + memchr::memchr(b'>', &text.as_bytes()[start..])? + 1;
        let inner = &text[start + 1..end - 1];
        if inner.starts_with(['?', '!']) {
            from = end;
            continue;
        }
        let (closes, name) = inner.strip_prefix('/').map_or((false, inner), |name| (true, name));
        let (is_empty, name) = name.strip_suffix('/').map_or((false, name), |name| (true, name));
        let name = name.split_ascii_whitespace().next().unwrap_or("");
        return Some(Tag { name, closes, is_empty, start, end });
    }
}

/// What stands between a tag and its closing one.
fn content(text: &str, tag: &Tag<'_>) -> Content {
    let rest = &text[tag.end..];
    let next = memchr::memchr(b'<', rest.as_bytes()).map_or(rest.len(), |at| at);
    let closes = rest[next..].starts_with("</");
    let is_list = matches!(tag.name, "explain" | "Plans" | "Workers" | "Triggers" | "Target-Tables" | "Grouping-Sets");
    if closes && !is_list {
        return Content::Text(tag.end + next);
    }
    let first = next_tag(text, tag.end).map_or("", |first| first.name);
    match (is_list, first) {
        (true, _) | (_, "Item") => Content::Elements(Kind::Array),
        _ if rest[..next].trim().is_empty() => Content::Elements(Kind::Object),
        // Text with elements in it: nothing that EXPLAIN prints.
        _ => Content::Elements(Kind::Ignored),
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, len) = entity(rest).unwrap_or(('&', 1));
        decoded.push(character);
        rest = &rest[len..];
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// The character that an entity at the start of a text stands for, and the entity's length.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.as_bytes().iter().take(12).position(|&byte| byte == b';')?;
    let name = &text[1..end];
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let code = match name.strip_prefix("#x") {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => name.strip_prefix('#')?.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, end + 1))
}
