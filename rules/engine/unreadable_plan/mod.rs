//! A capture that is no plan, or not all of one.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine, level: Some(Level::At(Severity::Warning)));
