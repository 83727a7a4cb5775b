//! Values as drivers show them in their own language: Python's `repr`, Node's `console.log`. Turned into JSON.

use super::unframe::Document;

/// The text as JSON; `None` where it is no list of values in quotes of their own.
pub(super) fn literal(text: &str) -> Option<Document> {
    let body = text.trim_start();
    let opens = body.starts_with(['[', '(', '{']) && body.contains('\'');
    opens.then_some(())?;
    let mut writer = Writer { text, at: text.len() - body.len(), document: Document::default() };
    while writer.at < text.len() {
        writer.token();
    }
    Some(writer.document)
}

struct Writer<'a> {
    text: &'a str,
    at: usize,
    document: Document,
}

impl Writer<'_> {
    fn token(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        match first {
            '\'' | '"' | '`' => self.string(first),
            '(' => self.put("[", 1),
            ')' => self.put("]", 1),
            ',' if rest[1..].trim_start().starts_with([')', ']', '}']) => self.at += 1,
            _ if first.is_ascii_alphabetic() || first == '_' => self.word(),
            _ => self.copy(first.len_utf8()),
        }
    }

    /// Writes what stands for the next bytes of the text.
    fn put(&mut self, meant: &str, len: usize) {
        self.document.push(meant, self.at);
        self.at += len;
    }

    fn copy(&mut self, len: usize) {
        self.document.push(&self.text[self.at..self.at + len], self.at);
        self.at += len;
    }

    /// A constant, or a key without quotes.
    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        match &rest[..len] {
            "True" => self.put("true", len),
            "False" => self.put("false", len),
            "None" | "undefined" => self.put("null", len),
            // The name of a row's type.
            _ if rest[len..].starts_with('(') => self.at += len,
            _ if rest[len..].trim_start().starts_with(':') => {
                self.put("\"", 0);
                self.copy(len);
                self.put("\"", 0);
            }
            _ => self.copy(len),
        }
    }

    fn string(&mut self, quote: char) {
        self.put("\"", 1);
        while let Some(next) = self.text[self.at..].chars().next() {
            match next {
                _ if next == quote => break,
                '\\' => self.escape(),
                '"' => self.put("\\\"", 1),
                '\n' => self.put("\\n", 1),
                _ => {
                    let rest = &self.text[self.at..];
                    let len = rest.find([quote, '\\', '"', '\n']).unwrap_or(rest.len());
                    self.copy(len);
                }
            }
        }
        self.put("\"", 1);
    }

    /// Python's and JavaScript's escapes are JSON's, but for quotes and `\x`.
    fn escape(&mut self) {
        match self.text[self.at + 1..].chars().next() {
            Some(quote @ ('\'' | '`')) => self.put(quote.encode_utf8(&mut [0; 4]), 2),
            Some('x') => self.put("\\u00", 2),
            Some(next) => self.copy(1 + next.len_utf8()),
            None => self.at += 1,
        }
    }
}
