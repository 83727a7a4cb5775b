//! Text that PostgreSQL's grammar refuses.

use crate::rule::*;

/// The rule.
pub const RULE: Rule = rule!(Correctness, Check::Engine);
