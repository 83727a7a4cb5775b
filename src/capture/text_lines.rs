//! The lines of FORMAT TEXT, taken apart into the keys of the structured formats.

use std::borrow::Cow;

use super::key::Key;

/// A line of a plan; one whose quotes are open goes on in the next.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// White space before the content, a tab counting as one.
    pub(super) indent: usize,
    /// Without the white space around it.
    pub(super) content: &'a str,
    /// Where the content starts.
    pub(super) start: usize,
    /// Where the next line starts.
    pub(super) next: usize,
}

impl Line<'_> {
    /// One past the content.
    pub(super) fn end(&self) -> usize {
        self.start + self.content.len()
    }
}

/// The line that starts at `at`, with those that an open quote makes part of it; `None` at the end.
pub(super) fn logical_line(text: &str, at: usize) -> Option<Line<'_>> {
    if at >= text.len() {
        return None;
    }
    let mut next = line_end(text, at);
    // A string constant may hold line breaks. Properties alone do, and none holds more than a few.
    if property(text[at..next].trim()).is_some() {
        let first = next;
        let mut lines = 1;
        while !closed(&text[at..next]) && next < text.len() && lines < 200 {
            next = line_end(text, next);
            lines += 1;
        }
        if !closed(&text[at..next]) {
            next = first;
        }
    }
    let whole = &text[at..next];
    let content = whole.trim();
    let start = at + whole.len() - whole.trim_start().len();
    Some(Line { indent: if content.is_empty() { 0 } else { start - at }, content, start, next })
}

/// One past the line break after `at`.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found + 1)
}

fn closed(text: &str) -> bool {
    memchr::memchr_iter(b'\'', text.as_bytes()).count().is_multiple_of(2)
}

/// `Key: value`; `None` for a line of another shape.
pub(super) fn property(content: &str) -> Option<(&str, &str)> {
    let (name, value) = content.split_once(':')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '/' | '_');
    let fits = !name.is_empty() && name.len() < 64 && name.chars().all(is_name) && !value.starts_with(':');
    fits.then(|| (name.trim_end(), value.trim()))
}

/// Whether a line is a property that EXPLAIN prints.
pub(super) fn known_property(content: &str) -> bool {
    property(content).is_some_and(|(name, _)| {
        let composite = [
            "Buffers",
            "I/O Timings",
            "Buckets",
            "Batches",
            "Hits",
            "Heap Blocks",
            "WAL",
            "Sampling",
            "Tuples",
            "Async",
            "Worker 0",
        ];
        Key::named(name).is_some() || composite.contains(&name)
    })
}

/// `InitPlan 1 (returns $0)`, `SubPlan 2`, `CTE x`: a line that says what the next node is for.
pub(super) fn is_label(content: &str) -> bool {
    let numbered = content.strip_prefix("InitPlan ").or_else(|| content.strip_prefix("SubPlan "));
    match numbered {
        Some(rest) => rest.split(' ').count() == 1 || rest.contains("(returns "),
        None => {
            content.strip_prefix("CTE ").is_some_and(|name| !name.starts_with("Scan on ") && !name.contains("(cost="))
        }
    }
}

/// `Worker 0:  rest`
pub(super) fn worker_line(content: &str) -> Option<(&str, &str)> {
    let rest = content.strip_prefix("Worker ")?;
    let (number, rest) = rest.split_once(':')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| (number, rest.trim_start()))
}

/// The key of a property whose value is a list.
pub(super) fn list_key(name: &str) -> Option<&'static str> {
    let lists = ["Output", "Sort Key", "Group Key", "Presorted Key", "Params Evaluated", "Conflict Arbiter Indexes"];
    // The keys of grouping sets are told apart by their order alone.
    if name == "Hash Key" {
        return Some("Group Key");
    }
    lists.into_iter().find(|list| *list == name)
}

/// The items between commas that stand in no bracket and no quote.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut depth, mut quote, mut from) = (0u32, None, 0);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'[') => depth += 1,
            (None, b')' | b']') => depth = depth.saturating_sub(1),
            (None, b',') if depth == 0 => {
                items.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    items.push(text[from..].trim());
    items.retain(|item| !item.is_empty());
    items
}

/// Where a part of `text` stands in it.
pub(super) fn offset_in(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

/// How many bytes of a number a text starts with.
pub(super) fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let len = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    // `0.00..1.00`: the dots between two numbers are of neither.
    let len = memchr::memmem::find(&bytes[..len], b"..").unwrap_or(len);
    let exponent = &text[len..];
    let sign = ["e+", "e-", "e"].into_iter().find(|sign| exponent.starts_with(sign));
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    match sign {
        Some(sign) if digits(len + sign.len()) > 0 => len + sign.len() + digits(len + sign.len()),
        _ => len,
    }
}

/// `Index Scan using i on public.t a` is head, index and target.
pub(super) fn name_parts(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (before, target) = match find_outside(text, " on ") {
        Some(at) => (&text[..at], Some(&text[at + " on ".len()..])),
        None => (text, None),
    };
    match find_outside(before, " using ") {
        Some(at) => (&before[..at], Some(unquote(&before[at + " using ".len()..])), target),
        None => (before, None, target),
    }
}

/// Finds a word that stands in no double quotes.
fn find_outside(text: &str, word: &str) -> Option<usize> {
    let found = memchr::memmem::find_iter(text.as_bytes(), word.as_bytes());
    found.into_iter().find(|&at| memchr::memchr_iter(b'"', &text.as_bytes()[..at]).count().is_multiple_of(2))
}

/// `public.posts p` is the name and the alias.
pub(super) fn split_alias(target: &str) -> (&str, Option<&str>) {
    match find_outside(target, " ") {
        Some(at) => (&target[..at], Some(unquote(target[at..].trim()))),
        None => (target, None),
    }
}

/// `public.posts` is the schema and the name.
pub(super) fn split_schema(qualified: &str) -> (Option<&str>, &str) {
    match find_outside(qualified, ".") {
        Some(at) => (Some(unquote(&qualified[..at])), unquote(&qualified[at + 1..])),
        None => (None, unquote(qualified)),
    }
}

fn unquote(name: &str) -> &str {
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

/// `Trigger t1: time=1.0 calls=2`, `Trigger for constraint c on t: …`, `Trigger t1 on t: …`.
pub(super) fn trigger(content: &str) -> Option<Vec<(&'static str, &str)>> {
    let rest = content.strip_prefix("Trigger ")?;
    let figures = rest.rfind(": time=").or_else(|| rest.rfind(": calls="))?;
    let (name, figures) = (&rest[..figures], &rest[figures + 2..]);
    let mut pairs = Vec::new();
    let (name, relation) = match find_outside(name, " on ") {
        Some(at) => (&name[..at], Some(&name[at + " on ".len()..])),
        None => (name, None),
    };
    match name.strip_prefix("for constraint ") {
        Some(constraint) => pairs.push(("Constraint Name", unquote(constraint))),
        None => pairs.push(("Trigger Name", unquote(name))),
    }
    pairs.extend(relation.map(|relation| ("Relation", unquote(relation))));
    for figure in figures.split(' ') {
        match figure.split_once('=') {
            Some(("time", time)) => pairs.push(("Time", time)),
            Some(("calls", calls)) => pairs.push(("Calls", calls)),
            _ => {}
        }
    }
    Some(pairs)
}

/// `work_mem = '4MB', enable_sort = 'off'`
pub(super) fn settings(value: &str) -> Vec<(&str, &str)> {
    let one = |item| {
        let (name, value): (&str, &str) = str::split_once(item, '=')?;
        Some((name.trim(), value.trim().trim_matches('\'')))
    };
    split_list(value).into_iter().filter_map(one).collect()
}

/// `time=1.0 ms  output=25kB  format=text`
pub(super) fn serialization(value: &str) -> Vec<(&'static str, &str)> {
    let figure = |item| match str::split_once(item, '=')? {
        ("time", time) => Some(("Time", time)),
        ("output", kb) => Some(("Output Volume", kb.trim_end_matches("kB"))),
        ("format", format) => Some(("Format", format)),
        _ => None,
    };
    value.split_whitespace().filter_map(figure).collect()
}

/// `Inlining false, Optimization true` and `Generation 1.2 ms (Deform 0.3 ms), Total 2.0 ms`
pub(super) fn jit(value: &str) -> Vec<(&str, &str)> {
    let one = |item| {
        let (name, value): (&str, &str) = str::split_once(item, ' ')?;
        Some((name, value.split(' ').next().unwrap_or(value)))
    };
    split_list(value).into_iter().filter_map(one).collect()
}

/// The nested object, and the one within it, that a pair belongs to.
pub(super) type Group<'a> = Option<(&'a str, Option<&'a str>)>;

/// A line of several figures, as keys and values of the structured formats.
pub(super) struct Pairs<'a> {
    pub(super) all: Vec<(Group<'a>, &'a str, Cow<'a, str>)>,
}

impl<'a> Pairs<'a> {
    /// Takes a line apart; `None` where it is one key and its value.
    pub(super) fn of(name: &'a str, value: &'a str) -> Option<Pairs<'a>> {
        let parts = || parts(name, value);
        let all: Vec<(&'a str, &'a str)> = match name {
            "Buffers" => buffers(value),
            "I/O Timings" => io_timings(value),
            "WAL" => equals(value, &WAL),
            "Heap Blocks" => equals(value, &[("exact", "Exact Heap Blocks"), ("lossy", "Lossy Heap Blocks")]),
            "Tuples" => equals(value, &TUPLES),
            "Sort Method" => sort(parts()),
            "Buckets" => hash(parts()),
            "Batches" | "Planned Partitions" => rename(parts(), &HASH_AGGREGATE),
            "Hits" => rename(parts(), &MEMOIZE),
            "Storage" => rename(parts(), &[]),
            "Sampling" => vec![("Sampling Method", value.split(' ').next().unwrap_or(value))],
            "Full-sort Groups" | "Pre-sorted Groups" => return Some(sort_groups(name, parts())),
            _ => return None,
        };
        Some(Pairs { all: all.into_iter().map(|(key, value)| (None, key, Cow::Borrowed(value))).collect() })
    }

    /// `used=19kB  allocated=64kB` of planning.
    pub(super) fn memory(value: &'a str) -> Pairs<'a> {
        let all = equals(value, &[("used", "Memory Used"), ("allocated", "Memory Allocated")]);
        let kb = |value: &'a str| Cow::Borrowed(value.trim_end_matches("kB"));
        Pairs { all: all.into_iter().map(|(key, value)| (None, key, kb(value))).collect() }
    }
}

const WAL: [(&str, &str); 4] =
    [("records", "WAL Records"), ("fpi", "WAL FPI"), ("bytes", "WAL Bytes"), ("full", "WAL Buffers Full")];
const TUPLES: [(&str, &str); 4] = [
    ("inserted", "Tuples Inserted"),
    ("updated", "Tuples Updated"),
    ("deleted", "Tuples Deleted"),
    ("skipped", "Tuples Skipped"),
];
const HASH_AGGREGATE: [(&str, &str); 2] = [("Batches", "HashAgg Batches"), ("Memory Usage", "Peak Memory Usage")];
const MEMOIZE: [(&str, &str); 5] = [
    ("Hits", "Cache Hits"),
    ("Misses", "Cache Misses"),
    ("Evictions", "Cache Evictions"),
    ("Overflows", "Cache Overflows"),
    ("Memory Usage", "Peak Memory Usage"),
];

/// `A: 1  B: 2` as pairs.
fn parts<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut parts = Vec::new();
    let mut key = name;
    for part in value.split("  ") {
        match property(part.trim()).filter(|_| !parts.is_empty()) {
            Some((next, value)) => {
                key = next;
                parts.push((key, value));
            }
            None => parts.push((key, part.trim())),
        }
    }
    parts
}

fn rename<'a>(parts: Vec<(&'a str, &'a str)>, names: &[(&str, &'static str)]) -> Vec<(&'a str, &'a str)> {
    let new = |key: &'a str| names.iter().find(|(old, _)| *old == key).map_or(key, |(_, new)| *new);
    parts.into_iter().map(|(key, value)| (new(key), value.trim_end_matches("kB"))).collect()
}

fn sort<'a>(parts: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for (key, value) in parts {
        match key {
            "Memory" | "Disk" => {
                pairs.push(("Sort Space Type", key));
                pairs.push(("Sort Space Used", value.trim_end_matches("kB")));
            }
            _ => pairs.push((key, value)),
        }
    }
    pairs
}

/// `Buckets: 1024 (originally 512)  Batches: 4 (originally 1)  Memory Usage: 9kB`
fn hash<'a>(parts: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for (key, value) in parts {
        let (now, original) = value.split_once(" (originally ").unwrap_or((value, value));
        let original = original.trim_end_matches(')');
        match key {
            "Buckets" => pairs.extend([("Hash Buckets", now), ("Original Hash Buckets", original)]),
            "Batches" => pairs.extend([("Hash Batches", now), ("Original Hash Batches", original)]),
            "Memory Usage" => pairs.push(("Peak Memory Usage", value.trim_end_matches("kB"))),
            _ => pairs.push((key, value)),
        }
    }
    pairs
}

/// `Full-sort Groups: 5  Sort Method: quicksort  Average Memory: 26kB  Peak Memory: 26kB`
fn sort_groups<'a>(name: &'a str, parts: Vec<(&'a str, &'a str)>) -> Pairs<'a> {
    let mut all = Vec::new();
    for (key, value) in parts {
        let space = |kind| Some((name, Some(kind)));
        let kb = Cow::Borrowed(value.trim_end_matches("kB"));
        match key {
            "Sort Method" | "Sort Methods" => {
                let methods = value.split(", ");
                all.extend(methods.map(|method| (Some((name, None)), "Sort Methods Used", Cow::Borrowed(method))));
            }
            "Average Memory" => all.push((space("Sort Space Memory"), "Average Sort Space Used", kb)),
            "Peak Memory" => all.push((space("Sort Space Memory"), "Peak Sort Space Used", kb)),
            "Average Disk" => all.push((space("Sort Space Disk"), "Average Sort Space Used", kb)),
            "Peak Disk" => all.push((space("Sort Space Disk"), "Peak Sort Space Used", kb)),
            _ => all.push((Some((name, None)), "Group Count", Cow::Borrowed(value))),
        }
    }
    Pairs { all }
}

/// `a=1 b=2` as pairs, renamed; others are left out.
fn equals<'a>(value: &'a str, names: &[(&str, &'static str)]) -> Vec<(&'a str, &'a str)> {
    let one = |item: &'a str| {
        let (name, value) = item.split_once('=')?;
        let key = names.iter().find(|(old, _)| *old == name)?.1;
        Some((key, value.trim_end_matches(',')))
    };
    value.split_whitespace().filter_map(one).collect()
}

/// `shared hit=1 read=2, temp read=3 written=4`
fn buffers(value: &str) -> Vec<(&str, &str)> {
    let shared = [
        ("hit", "Shared Hit Blocks"),
        ("read", "Shared Read Blocks"),
        ("dirtied", "Shared Dirtied Blocks"),
        ("written", "Shared Written Blocks"),
    ];
    let local = [
        ("hit", "Local Hit Blocks"),
        ("read", "Local Read Blocks"),
        ("dirtied", "Local Dirtied Blocks"),
        ("written", "Local Written Blocks"),
    ];
    let temp = [("read", "Temp Read Blocks"), ("written", "Temp Written Blocks")];
    by_kind(value, &shared, &local, &temp)
}

/// `shared read=1.0 write=2.0, temp read=3.0`; up to 14 without a kind, in 15 and 16 `shared/local`.
fn io_timings(value: &str) -> Vec<(&str, &str)> {
    let shared = [("read", "Shared I/O Read Time"), ("write", "Shared I/O Write Time")];
    let local = [("read", "Local I/O Read Time"), ("write", "Local I/O Write Time")];
    let temp = [("read", "Temp I/O Read Time"), ("write", "Temp I/O Write Time")];
    by_kind(value, &shared, &local, &temp)
}

type Names = [(&'static str, &'static str)];

fn by_kind<'a>(value: &'a str, shared: &Names, local: &Names, temp: &Names) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for kind in value.split(", ") {
        let names = match kind.split(' ').next() {
            Some("local") => local,
            Some("temp") => temp,
            _ => shared,
        };
        pairs.extend(equals(kind, names));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_the_dots_between_two_start() {
        for (text, expected) in [("0.00..1.00", 4), ("12 rows", 2), ("1e+18)", 5), ("3.00)", 4), ("5e", 1), ("", 0)] {
            assert_eq!(number_len(text), expected, "{text}");
        }
    }

    #[test]
    fn names_may_hold_the_words_around_them() {
        let parts = name_parts("Index Scan using \"an index on x\" on public.\"a on b\" c");
        assert_eq!(parts, ("Index Scan", Some("an index on x"), Some("public.\"a on b\" c")));
        assert_eq!(split_alias("public.\"a b\" c"), ("public.\"a b\"", Some("c")));
        assert_eq!(split_schema("public.\"a.b\""), (Some("public"), "a.b"));
    }

    #[test]
    fn lists_are_split_outside_of_brackets_and_quotes() {
        assert_eq!(split_list("a, (b, c), 'x, y', lower(d, e) DESC"), ["a", "(b, c)", "'x, y'", "lower(d, e) DESC"]);
    }

    #[test]
    fn a_property_is_a_word_and_its_value() {
        assert_eq!(property("Filter: (a = 'x: y')"), Some(("Filter", "(a = 'x: y')")));
        assert_eq!(property("(a)::text: x"), None);
        assert_eq!(property("id::text"), None);
        assert_eq!(trigger("Trigger for constraint a_fkey on a: time=1.5 calls=2").map(|pairs| pairs.len()), Some(4));
    }
}
