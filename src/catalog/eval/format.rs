//! The function `format`.

use super::Evaluator;
use super::value::{Value, concat};
use crate::catalog::analyze::Type;
use crate::syntax::quote::{quote_identifier, quote_literal};

/// `%[position$][flags][width]type`; flags and width are not followed.
struct Directive {
    position: Option<usize>,
    letter: char,
}

impl Evaluator<'_> {
    /// format(pattern, values…). What is not known is a gap in the result.
    pub(super) fn format(&mut self, pattern: &Value, values: &[Value], types: &[Option<Type>]) -> Value {
        let pattern = match pattern {
            Value::Null => return Value::Null,
            Value::Text(pattern) => pattern.clone(),
            _ => return Value::Unknown,
        };
        let mut parts = Vec::new();
        let mut next = 0;
        let mut rest = &*pattern;
        while let Some(at) = rest.find('%') {
            parts.push(Value::text(&rest[..at]));
            let Some((directive, after)) = directive(&rest[at + 1..]) else { return Value::Unknown };
            rest = after;
            if directive.letter == '%' {
                parts.push(Value::text("%"));
                continue;
            }
            let place = directive.position.unwrap_or(next);
            next = place + 1;
            let Some(value) = values.get(place) else { return Value::Unknown };
            parts.push(self.formatted(directive.letter, value, types.get(place).copied().flatten()));
        }
        parts.push(Value::text(rest));
        concat(&parts)
    }

    fn formatted(&mut self, letter: char, value: &Value, ty: Option<Type>) -> Value {
        match (letter, value) {
            ('L', Value::Null) => Value::text("NULL"),
            ('s', value) => self.show(value, ty),
            ('I' | 'L', value) => quoted(letter, self.show(value, ty)),
            _ => Value::Unknown,
        }
    }
}

/// A text as an identifier (`I`) or as a literal.
pub(super) fn quoted(letter: char, text: Value) -> Value {
    let quote = |text: &str| match letter {
        'I' => quote_identifier(text).into_owned(),
        _ => quote_literal(text),
    };
    match text {
        Value::Text(text) => Value::text(quote(&text)),
        // Whether an identifier needs quotes depends on the rest too: if so, it has them around all.
        Value::Template(parts) if letter == 'I' && parts.iter().flatten().all(|part| is_bare(part)) => {
            Value::Template(parts)
        }
        Value::Template(parts) if letter == 'L' && !parts.iter().flatten().any(|part| part.contains(['\'', '\\'])) => {
            concat(&[Value::text("'"), Value::Template(parts), Value::text("'")])
        }
        _ => Value::Unknown,
    }
}

fn is_bare(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn directive(text: &str) -> Option<(Directive, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (position, rest) = match text[digits..].strip_prefix('$') {
        Some(rest) if digits > 0 => (Some(text[..digits].parse::<usize>().ok()?.checked_sub(1)?), rest),
        _ if digits > 0 => return None,
        _ => (None, text),
    };
    let letter = rest.chars().next()?;
    matches!(letter, '%' | 's' | 'I' | 'L').then(|| (Directive { position, letter }, &rest[letter.len_utf8()..]))
}
