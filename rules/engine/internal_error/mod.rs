//! A rule failed.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine);
