//! A path that cannot be read.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine);
