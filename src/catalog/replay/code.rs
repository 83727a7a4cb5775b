//! Code that statements run: DO and CALL.

use super::{Effect, Replay};
use crate::catalog::Outcome;
use crate::syntax::{DoBlock, Name};

/// Words that code needs to make, change or drop anything.
const CHANGES: &[&str] = &["create", "alter", "drop", "execute", "rename", "grant", "revoke", "perform", "call"];

impl Replay {
    /// A DO block that changes the catalog leaves all names in it in doubt.
    pub(super) fn run_block(&mut self, block: &DoBlock) -> Effect {
        let words = || words(&block.code.text);
        if !words().any(|word| CHANGES.contains(&&*word.to_ascii_lowercase())) {
            return Ok(Outcome::Done);
        }
        let why = "a DO block names it";
        for word in words().filter(|word| word.len() > 1) {
            self.doubt.name(Name::from(word), why);
            self.doubt.name(Name::from(&word.to_ascii_lowercase()), why);
        }
        Ok(Outcome::Unknown(why.into()))
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty())
}
