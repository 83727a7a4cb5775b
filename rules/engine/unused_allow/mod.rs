//! A directive that silences nothing.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine, level: Some(Level::At(Severity::Warning)));
