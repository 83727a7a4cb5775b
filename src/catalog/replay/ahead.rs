//! What the history holds further on, as far as a look over its texts tells. It saves work and decides nothing.

use memchr::memmem;
use rustc_hash::FxHashMap;

use crate::source::FileId;
use crate::syntax::{Name, QualifiedName};

/// The functions that are made again further on: of their code the server's grammar is all that matters until then.
#[derive(Default, Debug)]
pub struct Ahead {
    /// Where the text makes a function of this name for the last time.
    last_made: FxHashMap<Name, (FileId, u32)>,
}

impl Ahead {
    /// Looks over the texts of a history, in their order.
    pub fn of<'t>(texts: impl Iterator<Item = (FileId, &'t str)>) -> Ahead {
        let mut ahead = Ahead::default();
        let finders = ["unction", "UNCTION"].map(memmem::Finder::new);
        for (file, text) in texts {
            for finder in &finders {
                for at in finder.find_iter(text.as_bytes()) {
                    let Some((start, name)) = made_at(text, at + "unction".len()) else { continue };
                    let here = (file, start as u32);
                    // Each finder goes over the text by itself.
                    ahead
                        .last_made
                        .entry(name)
                        .and_modify(|last| *last = if last.0 == file { here.max(*last) } else { here })
                        .or_insert(here);
                }
            }
        }
        ahead
    }

    /// Whether a function that is made here is made again later.
    pub fn makes_again(&self, name: &QualifiedName) -> bool {
        let here = (name.span().file, name.span().start);
        self.last_made.get(&name.name.name).is_some_and(|last| *last != here)
    }
}

/// Where the name begins, and its last part, if `create [or replace] function` ends here.
fn made_at(text: &str, end: usize) -> Option<(usize, Name)> {
    let before = text.get(..end - "function".len())?.trim_ascii_end();
    let makes =
        |word: &str| before.get(before.len().checked_sub(word.len())?..).filter(|end| end.eq_ignore_ascii_case(word));
    makes("create").or_else(|| makes("replace"))?;
    let rest = text[end..].trim_ascii_start();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '$');
    let name = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
    let last = name.rsplit('.').next()?;
    let last = match last.strip_prefix('"').and_then(|last| last.strip_suffix('"')) {
        Some(quoted) => Name::from(quoted),
        None => Name::from(last.to_lowercase().as_str()),
    };
    Some((text.len() - rest.len(), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_that_makes_a_function_is_found_in_any_spelling() {
        let texts = [
            "create function a() returns int; CREATE OR REPLACE FUNCTION public.\"B c\"() ; grant all on function a to x;",
            "drop function a; Create Or Replace\n Function  api.A (int);",
        ];
        let ahead = Ahead::of(texts.iter().zip(0..).map(|(text, file)| (FileId(file), *text)));
        let place = |name: &str| ahead.last_made.get(&Name::from(name)).copied();
        assert_eq!(place("a"), Some((FileId(1), texts[1].find("api").unwrap() as u32)));
        assert_eq!(place("b c"), None);
        assert_eq!(place("B c"), None, "a name with a blank is left out");
        assert_eq!(ahead.last_made.len(), 2);
    }
}
