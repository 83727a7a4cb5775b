//! What identifiers and string constants say, without their quotes.

use std::borrow::Cow;

/// The server keeps this many bytes of an identifier.
const LONGEST_NAME: usize = 63;

/// The name that a word or quoted identifier stands for: case folded, quotes and escapes resolved, cut
/// to 63 bytes.
pub fn identifier(text: &str) -> Cow<'_, str> {
    let name = if let Some(quoted) = text.strip_prefix('"') {
        undouble(quoted.strip_suffix('"').unwrap_or(quoted), '"')
    } else if let Some(quoted) = text.get(2..).filter(|rest| rest.starts_with('"') && text.contains('&')) {
        Cow::Owned(unicode_escapes(&undouble(quoted.trim_matches('"'), '"')))
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    };
    truncate(name)
}

fn truncate(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    Cow::Owned(name[..name.floor_char_boundary(LONGEST_NAME)].to_owned())
}

/// The text that a string constant stands for; `None` for a bit string or what is no constant.
pub fn string(text: &str) -> Option<Cow<'_, str>> {
    let unquoted = |from: usize| text.get(from..)?.strip_suffix('\'');
    match text.as_bytes() {
        [b'\'', ..] => Some(undouble(unquoted(1)?, '\'')),
        [b'n' | b'N', b'\'', ..] => Some(undouble(unquoted(2)?, '\'')),
        [b'e' | b'E', b'\'', ..] => Some(Cow::Owned(backslash_escapes(unquoted(2)?))),
        [b'u' | b'U', b'&', b'\'', ..] => Some(Cow::Owned(unicode_escapes(&undouble(unquoted(3)?, '\'')))),
        [b'$', ..] => {
            let tag = text[1..].find('$')? + 2;
            text.get(tag..text.len().checked_sub(tag)?).map(Cow::Borrowed)
        }
        _ => None,
    }
}

fn undouble(text: &str, quote: char) -> Cow<'_, str> {
    if !text.contains(quote) {
        return Cow::Borrowed(text);
    }
    let doubled: String = [quote, quote].iter().collect();
    Cow::Owned(text.replace(&doubled, quote.encode_utf8(&mut [0; 4])))
}

/// `\0041` and `\+000041`, as in `U&'…'` where no other escape character is declared.
fn unicode_escapes(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = if rest.starts_with('+') { 1..7 } else { 0..4 };
        let character =
            rest.get(digits.clone()).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        if let Some(character) = character {
            result.push(character);
            rest = &rest[digits.end..];
        } else {
            result.push('\\');
            rest = rest.strip_prefix('\\').unwrap_or(rest);
        }
    }
    result + rest
}

/// The escapes of `E'…'`.
fn backslash_escapes(text: &str) -> String {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, rest.first()) {
            (b'\'', Some(b'\'')) => {
                result.push(b'\'');
                rest = &rest[1..];
            }
            (b'\\', Some(&letter)) => rest = escape(letter, rest, &mut result),
            _ => result.push(byte),
        }
    }
    String::from_utf8_lossy(&result).into_owned()
}

/// Resolves the escape that begins with `letter`, the first of `rest`; gives what is after it.
fn escape<'a>(letter: u8, rest: &'a [u8], result: &mut Vec<u8>) -> &'a [u8] {
    let (radix, from, most) = match letter {
        b'0'..=b'7' => (8, 0, 3),
        b'x' => (16, 1, 2),
        b'u' => (16, 1, 4),
        b'U' => (16, 1, 8),
        _ => (0, 0, 0),
    };
    let digits = rest[from..].iter().take(most).take_while(|&&digit| char::from(digit).is_digit(radix.max(2))).count();
    let number = std::str::from_utf8(&rest[from..from + digits])
        .ok()
        .and_then(|text| u32::from_str_radix(text, radix.max(2)).ok());
    match (letter, number) {
        (b'u' | b'U', Some(number)) => {
            let character = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            result.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        (_, Some(number)) => result.push(number as u8),
        (b'b', None) => result.push(8),
        (b'f', None) => result.push(12),
        (b'n', None) => result.push(b'\n'),
        (b'r', None) => result.push(b'\r'),
        (b't', None) => result.push(b'\t'),
        (other, None) => result.push(other),
    }
    &rest[(from + digits).max(1)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_named_as_on_the_server() {
        assert_eq!(identifier("Foo"), "foo");
        assert_eq!(identifier("\"Foo\"\"x\""), "Foo\"x");
        assert_eq!(identifier("U&\"d\\0061t\\+000061\""), "data");
        assert_eq!(identifier("É"), "É");
        assert_eq!(identifier(&"é".repeat(40)).len(), 62);
    }

    #[test]
    fn strings_are_what_they_say() {
        let said = |text| string(text).map(Cow::into_owned);
        assert_eq!(said("'it''s'").as_deref(), Some("it's"));
        assert_eq!(said("E'a\\n\\'\\x41\\101\\u00e9''\\q'").as_deref(), Some("a\n'AAé'q"));
        assert_eq!(said("$x$a'$$b$x$").as_deref(), Some("a'$$b"));
        assert_eq!(said("U&'\\0041\\\\b'").as_deref(), Some("A\\b"));
        assert_eq!(said("N'a'").as_deref(), Some("a"));
        assert_eq!(said("X'1f'"), None);
        assert_eq!(said("'"), None);
        assert_eq!(said("$$"), None);
    }
}
