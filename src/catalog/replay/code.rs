//! Code that statements run: DO and CALL.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::syntax::{DoBlock, Name};

/// Words that code needs to make, change or drop anything.
const CHANGES: &[&str] = &["create", "alter", "drop", "execute", "rename", "grant", "revoke", "perform", "call"];

impl Replay {
    /// DO.
    pub(super) fn run_block(&mut self, block: &DoBlock) -> Effect {
        if block.language.as_str() == "plpgsql" {
            self.check_plpgsql_block(&block.code)?;
        }
        self.run_do(block)
    }

    /// Code that could not be followed to its end leaves all names in it in doubt, if it changes anything.
    pub(crate) fn doubt_code(&mut self, code: &str, why: &str) {
        if makes_changes(code) {
            self.doubt_words(code, why);
        }
    }

    fn doubt_words(&mut self, code: &str, why: &str) {
        let why = &Arc::from(why);
        for word in words(code).filter(|word| word.len() > 1) {
            self.doubt.name(Name::from(word), why);
            self.doubt.name(Name::from(&word.to_ascii_lowercase()), why);
        }
    }
}

fn makes_changes(code: &str) -> bool {
    words(code).any(|word| CHANGES.contains(&&*word.to_ascii_lowercase()))
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty())
}
