//! Patterns: LIKE, and regular expressions as far as they mean the same to PostgreSQL and to the library.

use regex::{Regex, RegexBuilder};

use super::value::{Truth, Value};

/// LIKE, ILIKE.
pub(super) fn like(text: &Value, pattern: &Value, fold: bool) -> Truth {
    let (Value::Text(text), Value::Text(pattern)) = (text, pattern) else { return Truth::Unknown };
    let fold = |text: &str| if fold { text.to_lowercase() } else { text.to_owned() };
    let (text, pattern): (Vec<char>, Vec<char>) = (fold(text).chars().collect(), fold(pattern).chars().collect());
    Truth::from(like_matches(&text, &pattern))
}

/// LIKE with `\` as escape; linear but for going back to the last `%`.
fn like_matches(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = match pattern.get(p) {
            Some('%') => {
                back = Some((t, p + 1));
                p += 1;
                continue;
            }
            Some('_') => Some(1),
            Some('\\') => pattern.get(p + 1).filter(|c| **c == text[t]).map(|_| 2),
            Some(c) if *c == text[t] => Some(1),
            _ => None,
        };
        match (step, back) {
            (Some(step), _) => {
                t += 1;
                p += step;
            }
            (None, Some((from, after))) => {
                back = Some((from + 1, after));
                (t, p) = (from + 1, after);
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '%')
}

/// `pattern ESCAPE escape`: the same pattern with `\` as escape.
pub(super) fn like_escape(pattern: &str, escape: &str) -> Option<String> {
    let mut chars = escape.chars();
    let (escape, None) = (chars.next(), chars.next()) else { return None };
    let mut plain = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            c if Some(c) == escape => {
                plain.push('\\');
                plain.push(rest.next()?);
            }
            '\\' => plain.push_str("\\\\"),
            c => plain.push(c),
        }
    }
    Some(plain)
}

/// LIKE of a text of which the beginning is known.
pub(super) fn like_beginning(beginning: &str, pattern: &str) -> Truth {
    let Some(wanted) = pattern.strip_suffix('%') else { return Truth::Unknown };
    match wanted.contains(['%', '_', '\\']) {
        false if beginning.starts_with(wanted) => Truth::True,
        false if !wanted.starts_with(beginning) => Truth::False,
        _ => Truth::Unknown,
    }
}

/// `~`, `~*`.
pub(super) fn matches_pattern(text: &Value, pattern: &Value, fold: bool) -> Truth {
    let (Value::Text(text), Value::Text(pattern)) = (text, pattern) else { return Truth::Unknown };
    match Pattern::read(pattern, fold) {
        Some(pattern) => pattern.on(text).map_or(Truth::Unknown, |regex| Truth::from(regex.is_match(text))),
        None => Truth::Unknown,
    }
}

/// `substring(text from pattern)`: the first group, else the whole match.
pub(super) fn substring(text: &str, pattern: &str) -> Option<Value> {
    let Some(found) = Pattern::extracting(pattern, false)?.on(text)?.captures(text) else { return Some(Value::Null) };
    let part = if found.len() > 1 { found.get(1) } else { found.get(0) };
    Some(part.map_or(Value::Null, |part| Value::text(part.as_str())))
}

/// `regexp_match(text, pattern)`: the groups, else the whole match.
pub(super) fn groups(text: &str, pattern: &str) -> Option<Value> {
    let Some(found) = Pattern::extracting(pattern, false)?.on(text)?.captures(text) else { return Some(Value::Null) };
    let first = usize::from(found.len() > 1);
    let part = |part: Option<regex::Match<'_>>| part.map_or(Value::Null, |part| Value::text(part.as_str()));
    Some(Value::array(found.iter().skip(first).map(part)))
}

/// `regexp_replace(text, pattern, replacement, flags)` with the flags `g` and `i`.
pub(super) fn replace(text: &str, pattern: &str, with: &str, flags: &str) -> Option<Value> {
    if !flags.chars().all(|flag| matches!(flag, 'g' | 'i')) {
        return None;
    }
    let regex = Pattern::extracting(pattern, flags.contains('i'))?.on(text)?;
    let limit = usize::from(!flags.contains('g'));
    Some(Value::text(regex.replacen(text, limit, replacement(with)?)))
}

/// `regexp_count(text, pattern)`; empty matches are not followed.
pub(super) fn count(text: &str, pattern: &str) -> Option<i64> {
    let regex = Pattern::extracting(pattern, false)?.on(text)?;
    let is_empty = regex.is_match("");
    (!is_empty).then(|| regex.find_iter(text).count() as i64)
}

/// `regexp_split_to_array` and `regexp_split_to_table`.
pub(super) fn split(text: &str, pattern: &str) -> Option<Vec<Value>> {
    let regex = Pattern::extracting(pattern, false)?.on(text)?;
    // What an empty match splits is not followed.
    let is_empty = regex.is_match("");
    (!is_empty).then(|| regex.split(text).map(Value::text).collect())
}

/// `\1` and `\&` as the library spells them.
fn replacement(with: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = with.chars();
    while let Some(c) = rest.next() {
        match c {
            '$' => out.push_str("$$"),
            '\\' => match rest.next()? {
                '&' => out.push_str("${0}"),
                digit @ '1'..='9' => {
                    out.push_str("${");
                    out.push(digit);
                    out.push('}');
                }
                '\\' => out.push('\\'),
                _ => return None,
            },
            c => out.push(c),
        }
    }
    Some(out)
}

/// A regular expression of what PostgreSQL and the library both know: characters, classes, groups, anchors,
/// quantifiers.
struct Pattern {
    text: String,
    fold: bool,
    /// What a class holds beyond ASCII depends on the server's locale.
    ascii_only: bool,
}

impl Pattern {
    /// Where the match itself matters: the library takes the first branch that matches, the server the longest.
    fn extracting(pattern: &str, fold: bool) -> Option<Pattern> {
        let lazy = ["*?", "+?", "??", "}?"].iter().any(|quantifier| pattern.contains(quantifier));
        if pattern.contains('|') || lazy { None } else { Pattern::read(pattern, fold) }
    }

    fn read(pattern: &str, fold: bool) -> Option<Pattern> {
        let (fold, pattern) = pattern.strip_prefix("(?i)").map_or((fold, pattern), |rest| (true, rest));
        let mut it = Pattern { text: String::new(), fold, ascii_only: fold };
        let mut rest = pattern.chars().peekable();
        // How much quantifiers stand here already; at the beginning there is nothing to repeat.
        let mut quantifiers = 1;
        while let Some(c) = rest.next() {
            it.text.push(c);
            match c {
                '*' | '+' if quantifiers > 0 => return None,
                '?' if quantifiers > 1 || (quantifiers == 1 && it.text.len() == 1) => return None,
                '*' | '+' | '?' => {
                    quantifiers += 1;
                    continue;
                }
                '{' => {
                    let bounds: String = rest.by_ref().take_while(|c| *c != '}').collect();
                    let is_bounds = bounds.starts_with(|c: char| c.is_ascii_digit())
                        && bounds.chars().all(|c| c.is_ascii_digit() || c == ',');
                    if quantifiers > 0 || !is_bounds {
                        return None;
                    }
                    it.text.push_str(&bounds);
                    it.text.push('}');
                    quantifiers = 1;
                    continue;
                }
                '\\' => it.escape(rest.next()?)?,
                '(' if rest.peek() == Some(&'?') => {
                    rest.next();
                    if rest.next() != Some(':') {
                        return None;
                    }
                    it.text.push_str("?:");
                }
                '[' => it.class(&mut rest)?,
                _ => {}
            }
            quantifiers = usize::from(matches!(c, '(' | '|' | '^'));
        }
        Some(it)
    }

    /// What a backslash makes of a character.
    fn escape(&mut self, c: char) -> Option<()> {
        match c {
            'd' | 's' | 'w' | 'D' | 'S' | 'W' => {
                self.ascii_only = true;
                self.text.push(c);
            }
            'n' | 't' | 'r' => self.text.push(c),
            // The ends of words have other letters in the library.
            'y' => self.text.push('b'),
            'm' => self.text.push_str("b{start}"),
            'M' => self.text.push_str("b{end}"),
            c if !c.is_alphanumeric() && c.is_ascii() => self.text.push(c),
            _ => return None,
        }
        self.ascii_only |= matches!(c, 'y' | 'm' | 'M');
        Some(())
    }

    /// A class of characters, ranges and named classes.
    fn class(&mut self, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<()> {
        if rest.next_if_eq(&'^').is_some() {
            self.text.push('^');
        }
        let mut first = true;
        loop {
            let c = rest.next()?;
            match c {
                ']' if first => self.text.push_str("\\]"),
                ']' => {
                    self.text.push(']');
                    return Some(());
                }
                '[' => {
                    let name: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    if !name.starts_with(':') || !name.ends_with(':') {
                        return None;
                    }
                    self.ascii_only = true;
                    self.text.push_str(&format!("[{name}]"));
                }
                '\\' => {
                    self.text.push('\\');
                    self.escape(rest.next()?)?;
                }
                '&' | '~' => {
                    self.text.push('\\');
                    self.text.push(c);
                }
                c => self.text.push(c),
            }
            first = false;
        }
    }

    /// The library's form of it, for a text.
    fn on(&self, text: &str) -> Option<Regex> {
        if self.ascii_only && !text.is_ascii() {
            return None;
        }
        let mut builder = RegexBuilder::new(&self.text);
        builder.case_insensitive(self.fold).dot_matches_new_line(true).size_limit(1 << 20).build().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_like() {
        let like = |text: &str, pattern: &str| {
            like_matches(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>())
        };
        assert!(like("orders_2024", "orders\\_%"));
        assert!(!like("ordersX2024", "orders\\_%"));
        assert!(like("abcabc", "%b_"));
        assert!(like("", "%"));
        assert!(!like("a", ""));
    }

    #[test]
    fn other_escapes() {
        assert_eq!(like_escape("a!_%", "!").as_deref(), Some("a\\_%"));
        assert_eq!(like_escape("a\\_", "\\").as_deref(), Some("a\\_"));
        assert_eq!(like_escape("a\\_", "").as_deref(), Some("a\\\\_"));
        assert_eq!(like_escape("a!", "!"), None);
    }

    #[test]
    fn expressions_that_both_know() {
        let matches = |text: &str, pattern: &str| matches_pattern(&Value::text(text), &Value::text(pattern), false);
        for (text, pattern, truth) in [
            ("events_2024", "^events_[0-9]{4}$", Truth::True),
            ("events_2024", r"^events_\d+$", Truth::True),
            ("a.b", r"^a\.b$|^c", Truth::True),
            ("a", "^(b|c)$", Truth::False),
            ("aa", "^a*?$", Truth::True),
            ("the cat", r"\mcat\M", Truth::True),
            ("concat", r"\mcat", Truth::False),
            ("a", "^[[:alpha:]]$", Truth::True),
            ("a", "(?i)A", Truth::True),
            ("\u{e4}", "^[[:alpha:]]$", Truth::Unknown),
            ("a]", "^[]a]+$", Truth::True),
            ("a", "][", Truth::Unknown),
            ("a", "(?=a)", Truth::Unknown),
            ("a", "a**", Truth::Unknown),
            ("a", "*a", Truth::Unknown),
            ("a", r"(a)\1", Truth::Unknown),
        ] {
            assert_eq!(matches(text, pattern), truth, "{text} ~ {pattern}");
        }
    }

    #[test]
    fn parts_that_match() {
        assert_eq!(substring("events_2024_05", "events_([0-9]{4})"), Some(Value::text("2024")));
        assert_eq!(substring("abc", "[0-9]+"), Some(Value::Null));
        assert_eq!(substring("abc", "a|ab"), None);
        assert_eq!(replace("a1b2", "[0-9]", "$0", "g"), Some(Value::text("a$0b$0")));
        assert_eq!(replace("a1b2", "[0-9]", "", ""), Some(Value::text("ab2")));
        assert_eq!(replace("ab-cd", r"(\w+)-(\w+)", r"\2_\1\&", ""), Some(Value::text("cd_abab-cd")));
        assert_eq!(groups("v1_2", "v([0-9])_([0-9])"), Some(Value::array(["1", "2"].map(Value::text))));
        assert_eq!(split("a, b;c", "[,;] *"), Some(["a", "b", "c"].map(Value::text).to_vec()));
    }

    #[test]
    fn texts_that_go_on() {
        assert_eq!(like_beginning("PostgreSQL 17.", "PostgreSQL 17%"), Truth::True);
        assert_eq!(like_beginning("PostgreSQL 17.", "PostgreSQL 16%"), Truth::False);
        assert_eq!(like_beginning("PostgreSQL 17.", "PostgreSQL 17.2%"), Truth::Unknown);
    }
}
