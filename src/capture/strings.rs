//! Rows as a program's own language shows them: Ruby's `=>`, PHP's `var_dump`, Go's slices, records of Python, Elixir
//! and Java. What is kept are the strings, or what stands behind the column's name.

use super::unframe::{Document, html_text};

/// What only a plan holds.
const PLAN: [&str; 3] = ["(cost=", "(actual ", "Node Type"];
/// How the column is called, also where a name cannot hold a blank.
const COLUMN: [&str; 2] = ["QUERY PLAN", "QUERY_PLAN"];

/// The strings of the text, one below the other; `None` where no plan stands in one.
pub(super) fn strings(text: &str) -> Option<Document> {
    let first = PLAN.iter().filter_map(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes())).min()?;
    before(text, first).contains(['\'', '"']).then_some(())?;
    let found = all_strings(text);
    found.iter().any(|document| PLAN.iter().any(|word| document.text.contains(word))).then(|| Document::joined(found))
}

/// The same where each line of the plan is surely a string of its own, so that its quotes are no part of the plan.
pub(super) fn rows(text: &str) -> Option<Document> {
    let before = before(text, memchr::memmem::find(text.as_bytes(), b"(cost=")?);
    let open = before.find(['\'', '"']).filter(|open| !before[..*open].trim().is_empty())?;
    // `Seq Scan on "Odd Names"`: what opens before the name of a node is a name itself.
    before[..open].ends_with(['(', '[', '=', ' ']).then_some(())?;
    let found = all_strings(text);
    let nodes: Vec<&Document> = found.iter().filter(|row| row.text.contains("(cost=")).collect();
    // All of it in one string: what begins in its line goes on behind an escape.
    let escapes = before.len() < text.len() && text[offset(text, before)..].lines().next()?.contains("\\n");
    let in_one = escapes && nodes.len() == 1 && nodes[0].text.contains('\n');
    let in_lines = nodes.iter().filter(|row| !row.text.contains('\n')).count() > 1;
    (in_one || in_lines).then(|| Document::joined(found))
}

/// Where a part of a text stands in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

/// What stands before a byte in its line.
fn before(text: &str, at: usize) -> &str {
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    &text[line..at]
}

fn all_strings(text: &str) -> Vec<Document> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(['\'', '"']).map(|open| at + open) {
        match string(text, open) {
            Some((document, end)) => {
                found.push(document);
                at = end;
            }
            None => at = open + 1,
        }
    }
    found.retain(|document| !COLUMN.iter().any(|name| document.text.eq_ignore_ascii_case(name)));
    found
}

/// The string that opens here, decoded, and where it ends: at a quote behind which the value ends too.
fn string(text: &str, open: usize) -> Option<(Document, usize)> {
    let quote = char::from(text.as_bytes()[open]);
    // An apostrophe within a word opens nothing.
    let before = text[..open].chars().next_back();
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    if let Some(string) = counted(text, open) {
        return Some(string);
    }
    let mut document = Document::default();
    let mut at = open + 1;
    loop {
        let next = at + text[at..].find([quote, '\\'])?;
        document.push(&text[at..next], at);
        let rest = &text[next + 1..];
        let follows = rest.chars().next();
        match (text.as_bytes()[next], follows) {
            (b'\\', Some(escaped)) => {
                document.push_char(unescaped(escaped), next);
                at = next + 1 + escaped.len_utf8();
            }
            // Doubled, as SQL writes it.
            (_, Some(again)) if again == quote => {
                document.push_char(quote, next);
                at = next + 2;
            }
            (_, None | Some(',' | ')' | ']' | '}' | '>' | ';' | ':' | '\n' | '\r')) => {
                return Some((document, next + 1));
            }
            (_, Some(' ')) if rest.trim_start().starts_with(['}', ']', ')', '=']) || is_field(rest) => {
                return Some((document, next + 1));
            }
            (_, Some('=')) => return Some((document, next + 1)),
            _ => {
                document.push_char(quote, next);
                at = next + 1;
            }
        }
    }
}

/// A string of PHP's `var_dump`, which says how many bytes it has, `string(5) "Limit"`, and escapes nothing.
fn counted(text: &str, open: usize) -> Option<(Document, usize)> {
    let (_, bytes) = text[..open].strip_suffix(") ")?.rsplit_once("string(")?;
    let end = (open + 1).checked_add(bytes.parse().ok()?)?;
    let mut document = Document::default();
    document.push(text.get(open + 1..end)?, open + 1);
    text[end..].starts_with('"').then_some((document, end + 1))
}

/// ` n=5`: the next field of a log.
fn is_field(rest: &str) -> bool {
    let name = rest.trim_start().split(['=', ' ', '"']).next().unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    is_name && rest.trim_start()[name.len()..].starts_with('=')
}

fn unescaped(escaped: char) -> char {
    match escaped {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    }
}

/// What stands behind the column's name without quotes: `{QUERY PLAN=…}`, `map[QUERY PLAN:…]`, `[QUERY PLAN] => …`,
/// `<QUERY_PLAN>…</QUERY_PLAN>`.
pub(super) fn named(text: &str) -> Option<Document> {
    let mut places: Vec<usize> = COLUMN.iter().flat_map(|name| text.match_indices(name)).map(|(at, _)| at).collect();
    places.retain(|at| opening(text, *at).is_some());
    places.sort_unstable();
    let mut rows = Vec::new();
    for (number, &at) in places.iter().enumerate() {
        let open = opening(text, at)?;
        let end = places.get(number + 1).and_then(|next| opening(text, *next)).unwrap_or(text.len());
        let open = text.as_bytes()[open];
        let (from, to) = value(&text[at + COLUMN[0].len()..end], open)?;
        let base = at + COLUMN[0].len();
        let mut row = Document::default();
        match open {
            b'<' => html_text(text, base + from, base + to, &mut row),
            _ => row.push(&text[base + from..base + to], base + from),
        }
        rows.push(row);
    }
    (!rows.is_empty()).then(|| Document::joined(rows))
}

/// The bracket before the column's name.
fn opening(text: &str, name: usize) -> Option<usize> {
    let before = text[..name].strip_suffix(' ').unwrap_or(&text[..name]);
    before.ends_with(['{', '[', '<']).then(|| before.len() - 1)
}

/// Where the value stands in what follows the name, by what opened before it.
fn value(rest: &str, open: u8) -> Option<(usize, usize)> {
    let from = |mark: &str| rest.starts_with(mark).then_some(mark.len());
    match open {
        b'<' => Some((from(">")?, rest.find("</")?)),
        b'[' if rest.starts_with(']') => {
            let from = from("] => ")?;
            // A document goes on over many lines, a row ends with its own.
            let document = rest[from..].starts_with(['[', '{', '<']);
            let end = if document { rest.rfind("\n        )") } else { rest.find('\n') };
            Some((from, end.unwrap_or(rest.len())))
        }
        b'[' => Some((from(":")?, rest.rfind(']')?)),
        _ => {
            let end = rest.rfind('}')?;
            let end = end - usize::from(rest.starts_with(" = ") && rest[..end].ends_with(' '));
            Some((from(" = ").or_else(|| from("="))?, end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(document: Option<Document>) -> String {
        document.map(|document| document.text).unwrap_or_default()
    }

    const ROWS: &str = "Limit  (cost=1)\n  Filter: (a = 'x \"y\"'::text)";

    #[test]
    fn strings_of_many_languages() {
        let forms = [
            r#"[{"QUERY PLAN"=>"Limit  (cost=1)"}, {"QUERY PLAN"=>"  Filter: (a = 'x \"y\"'::text)"}]"#,
            r#"[{"QUERY PLAN" => "Limit  (cost=1)"}, {"QUERY PLAN" => "  Filter: (a = 'x \"y\"'::text)"}]"#,
            "[<Record QUERY PLAN='Limit  (cost=1)'>, <Record QUERY PLAN='  Filter: (a = \\'x \"y\"\\'::text)'>]",
            "insert into t values ('Limit  (cost=1)');\ninsert into t values ('  Filter: (a = ''x \"y\"''::text)');\n",
            "  [\"QUERY PLAN\"]=>\n  string(15) \"Limit  (cost=1)\"\n  string(3) \"  Filter: (a = 'x \"y\"'::text)\"\n",
            r#"%Result{rows: [["Limit  (cost=1)"], ["  Filter: (a = 'x \"y\"'::text)"]], n: 2}"#,
        ];
        for form in forms {
            assert_eq!(text(strings(form)), ROWS, "{form}");
        }
    }

    #[test]
    fn a_string_with_its_length_may_hold_quotes() {
        let form = "string(15) \"Limit  (cost=1)\"\nstring(27) \"  Filter: (a = '{\"x\",\"y\"}')\"\n";
        assert_eq!(text(strings(form)), "Limit  (cost=1)\n  Filter: (a = '{\"x\",\"y\"}')");
    }

    #[test]
    fn values_behind_the_name_of_the_column() {
        let forms = [
            "[{QUERY PLAN=Limit  (cost=1)}, {QUERY PLAN=  Filter: (a = 'x \"y\"'::text)}]",
            "{ QUERY PLAN = Limit  (cost=1) }\n{ QUERY PLAN =   Filter: (a = 'x \"y\"'::text) }\n",
            "map[QUERY PLAN:Limit  (cost=1)]\nmap[QUERY PLAN:  Filter: (a = 'x \"y\"'::text)]\n",
            "[0] => Array\n(\n  [QUERY PLAN] => Limit  (cost=1)\n)\n(\n  [QUERY PLAN] =>   Filter: (a = 'x \"y\"'::text)\n)\n",
            "<row><QUERY_PLAN>Limit  (cost=1)</QUERY_PLAN></row><row><QUERY_PLAN>  Filter: (a = &apos;x &quot;y&quot;&apos;::text)</QUERY_PLAN></row>",
        ];
        for form in forms {
            assert_eq!(text(named(form)), ROWS, "{form}");
        }
    }

    #[test]
    fn a_field_of_a_log_may_hold_all_of_it() {
        let form = "level=info msg=\"slow\" plan=\"Limit  (cost=1)\\n  Filter: (a = 'x \\\"y\\\"'::text)\"\n";
        assert!(text(rows(form)).ends_with(ROWS), "{}", text(rows(form)));
        assert!(rows("Seq Scan on \"a\" b  (cost=1)\n  Filter: (c = \"d\")\n").is_none());
    }

    #[test]
    fn a_plan_with_quotes_of_its_own_is_no_string() {
        assert!(strings("Seq Scan on \"Odd Names\"  (cost=1)\n  Filter: (a = 'x'::text)").is_none());
        assert!(named("          QUERY PLAN\n-----\n Limit  (cost=1)").is_none());
    }
}
