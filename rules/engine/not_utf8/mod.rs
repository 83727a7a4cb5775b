//! A file that is not UTF-8 text.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine);
