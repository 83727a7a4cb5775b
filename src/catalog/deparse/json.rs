//! jsonb as it is printed: keys by length, then by bytes, the last of each kept.

use super::constant::numeric;

/// Nested deeper is not followed.
const MAX_DEPTH: u32 = 200;

/// jsonb_out of jsonb_in; `None` where the text is no JSON or nested too deep.
pub(in crate::catalog) fn normal(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text, depth: 0 };
    let printed = reader.value()?;
    reader.space();
    reader.rest.is_empty().then_some(printed)
}

struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Option<String> {
        self.space();
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let printed = match self.rest.chars().next()? {
            '{' => self.object(),
            '[' => self.array(),
            '"' => self.string().map(|text| quoted(&text)),
            't' => self.takes("true").then(|| "true".to_owned()),
            'f' => self.takes("false").then(|| "false".to_owned()),
            'n' => self.takes("null").then(|| "null".to_owned()),
            _ => self.number(),
        };
        self.depth -= 1;
        printed
    }

    fn number(&mut self) -> Option<String> {
        let in_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !in_number(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        numeric(text)
    }

    fn array(&mut self) -> Option<String> {
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        self.space();
        if self.takes("]") {
            return Some("[]".to_owned());
        }
        loop {
            items.push(self.value()?);
            self.space();
            if self.takes("]") {
                return Some(format!("[{}]", items.join(", ")));
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn object(&mut self) -> Option<String> {
        self.rest = &self.rest[1..];
        let mut fields: Vec<(String, String)> = Vec::new();
        self.space();
        if self.takes("}") {
            return Some("{}".to_owned());
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            if !self.takes(":") {
                return None;
            }
            fields.push((key, self.value()?));
            self.space();
            if self.takes("}") {
                break;
            }
            if !self.takes(",") {
                return None;
            }
        }
        fields.reverse();
        fields.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        fields.dedup_by(|later, kept| later.0 == kept.0);
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{}: {value}", quoted(key))).collect();
        Some(format!("{{{}}}", fields.join(", ")))
    }

    fn string(&mut self) -> Option<String> {
        let mut end = 1;
        let bytes = self.rest.as_bytes();
        if bytes.first() != Some(&b'"') {
            return None;
        }
        while *bytes.get(end)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let text = serde_json::from_str(self.rest.get(..=end)?).ok()?;
        self.rest = &self.rest[end + 1..];
        Some(text)
    }
}

/// escape_json.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn keys_are_sorted_by_length_and_the_last_wins() {
        let printed = normal(r#" {"bb":1,"a":[1.0,2e2,true,null],"a":{},"c":"x\ty"} "#);
        assert_eq!(printed.as_deref(), Some(r#"{"a": {}, "c": "x\ty", "bb": 1}"#));
        assert_eq!(normal("[1, 2.50, \"\\u00e9\"]").as_deref(), Some("[1, 2.50, \"é\"]"));
        assert_eq!(normal("{a:1}"), None);
        assert_eq!(normal(&"[".repeat(500)), None);
    }
}
