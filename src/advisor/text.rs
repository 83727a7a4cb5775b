//! Texts as the advisor's queries make and compare them.

/// The digest of a text, as the server's `md5()` prints it.
pub fn md5(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// A list of names as an array is printed (array_out): `{a,"b c"}`.
pub fn array<S: AsRef<str>>(names: &[S]) -> String {
    let elements: Vec<String> = names.iter().map(|name| element(name.as_ref())).collect();
    format!("{{{}}}", elements.join(","))
}

fn element(text: &str) -> String {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    let special = |c: char| matches!(c, '{' | '}' | ',' | '"' | '\\') || is_space(c);
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.contains(special) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether `text` holds these parts in this order: `LIKE '%a%b%'`.
pub fn holds(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_quoted_as_the_server_does() {
        assert_eq!(array(&["a", "b c", "d\"e", "", "null"]), r#"{a,"b c","d\"e","","null"}"#);
    }

    #[test]
    fn parts_come_in_order() {
        assert!(holds("select current_setting('a')", &["current_setting(", ")"]));
        assert!(!holds(") current_setting(", &["current_setting(", ")"]));
    }
}
