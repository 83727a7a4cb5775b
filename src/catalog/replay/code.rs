//! Code that statements run: DO and CALL.

use std::sync::Arc;

use super::{Effect, Replay};
use crate::catalog::{ObjectId, Outcome};
use crate::syntax::{DoBlock, Name};

/// Words that code needs to make, change or drop anything.
const CHANGES: &[&str] = &["create", "alter", "drop", "execute", "rename", "grant", "revoke", "perform", "call"];

impl Replay {
    /// A DO block that changes the catalog leaves all names in it in doubt.
    pub(super) fn run_block(&mut self, block: &DoBlock) -> Effect {
        if block.language.as_str() == "plpgsql" {
            self.check_plpgsql_block(&block.code)?;
        }
        if !makes_changes(&block.code.text) {
            return Ok(Outcome::Done);
        }
        let why = "a DO block names it";
        self.doubt_words(&block.code.text, why);
        Ok(Outcome::Unknown(why.into()))
    }

    /// A function of the project that makes changes leaves all names in it in doubt, and those in `text`.
    pub(super) fn doubt_calls(&mut self, functions: &[ObjectId], text: impl Iterator<Item = String>) {
        let sources: Vec<Arc<str>> = functions
            .iter()
            .filter_map(|&id| Some(self.now().get(id)?.as_routine()?.source.clone()))
            .filter(|source| makes_changes(source))
            .collect();
        if sources.is_empty() {
            return;
        }
        let why = "a function that is called here names it";
        sources.iter().for_each(|source| self.doubt_words(source, why));
        text.for_each(|text| self.doubt_words(&text, why));
    }

    fn doubt_words(&mut self, code: &str, why: &str) {
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
