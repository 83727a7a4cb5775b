//! A directive that allows nothing as it is written.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine, level: Some(Level::At(Severity::Warning)));
