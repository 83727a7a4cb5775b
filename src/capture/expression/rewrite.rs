//! Turns what EXPLAIN prints into what a parser of SQL reads.

/// Constants longer than this are shortened: no rule looks at the ten thousandth element of an array.
const MAX_CONSTANT: usize = 200;

/// Names of sub-plans become identifiers, words that only EXPLAIN writes go, long constants are cut.
pub(super) fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '\'' => push_quoted(&mut out, rest, '\''),
            '"' => push_quoted(&mut out, rest, '"'),
            c if c.is_alphabetic() || c == '_' => push_word(&mut out, rest),
            _ => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    out
}

/// Copies a quoted part, shortened where it is long; returns its length.
fn push_quoted(out: &mut String, rest: &str, quote: char) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 1;
    loop {
        match memchr::memchr(quote as u8, &bytes[end..]) {
            None => {
                end = bytes.len();
                break;
            }
            Some(at) if bytes.get(end + at + 1) == Some(&(quote as u8)) => end += at + 2,
            Some(at) => {
                end += at + 1;
                break;
            }
        }
    }
    let quoted = &rest[..end];
    if quote == '\'' && quoted.len() > MAX_CONSTANT && quoted.ends_with('\'') {
        let cut = quoted.floor_char_boundary(MAX_CONSTANT);
        // Half of a doubled quote would open the constant again.
        out.push_str(quoted[..cut].trim_end_matches('\''));
        out.push('\'');
    } else {
        out.push_str(quoted);
    }
    end
}

/// Copies a word, or what stands for it; returns the length of what was read.
fn push_word(out: &mut String, rest: &str) -> usize {
    let word_len = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let len = word_len(rest);
    let (word, after) = rest.split_at(len);
    match word {
        "SubPlan" | "InitPlan" if after.starts_with(' ') => {
            let number = word_len(&after[1..]);
            push_sub_plan(out, word, &after[1..1 + number]);
            len + 1 + number
        }
        "hashed" if after.starts_with(" SubPlan ") => {
            let from = " SubPlan ".len();
            let number = word_len(&after[from..]);
            push_sub_plan(out, "hashed_SubPlan", &after[from..from + number]);
            len + from + number
        }
        "alternatives" if after.starts_with(':') => {
            // `alternatives: SubPlan 1 or hashed SubPlan 2`: one of the two, whichever it is.
            let end = after.find(')').unwrap_or(after.len());
            push_sub_plan(out, "SubPlan", "alternatives");
            len + end
        }
        // Conditions are compared without their collations.
        "COLLATE" if after.starts_with(' ') => len + 1 + qualified_len(&after[1..]),
        "PARTIAL" if after.starts_with(' ') => len + 1,
        "ANY" | "ALL" if after.starts_with(" (") && !follows_operator(out) => {
            // `ANY (a = (hashed SubPlan 1).col1)`: the comparison stands inside.
            out.push_str("any_of");
            len + 1
        }
        "OVER" if after.starts_with(" (?)") => {
            out.push_str("OVER ()");
            len + " (?)".len()
        }
        _ => {
            out.push_str(word);
            len
        }
    }
}

/// How long a name with its schema is, quoted or not.
fn qualified_len(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        at += match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map_or(rest.len(), |end| end + 2),
            None => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
        };
        if !text[at..].starts_with('.') {
            return at;
        }
        at += 1;
    }
}

fn push_sub_plan(out: &mut String, kind: &str, number: &str) {
    // EXISTS and ARRAY want a query in their brackets.
    let before = out.trim_end();
    if before.ends_with("EXISTS(") || before.ends_with("ARRAY(") {
        out.push_str("SELECT ");
    }
    out.push_str("\"@");
    out.push_str(kind);
    out.push('@');
    out.push_str(number);
    out.push('"');
}

fn follows_operator(out: &str) -> bool {
    out.trim_end().ends_with(|c: char| "=<>~!@#%^&|`?+-*/".contains(c))
}

/// The sub-plan that an identifier stands for.
pub(super) fn sub_plan(identifier: &str) -> Option<String> {
    let (kind, number) = identifier.strip_prefix('@')?.split_once('@')?;
    Some(format!("{} {number}", kind.replace('_', " ")))
}
