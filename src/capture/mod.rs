//! What people capture from a server: EXPLAIN in every form it is pasted in.

mod builder;
mod conditions;
mod context;
mod exclusive;
mod expression;
pub mod figures;
#[cfg(test)]
mod forms_test;
mod json;
#[cfg(test)]
mod judge;
mod key;
mod literal;
mod log;
mod markup;
pub mod memory;
mod node;
mod plan;
mod query_text;
mod read;
mod settings;
mod slots;
mod strings;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod text_lines;
mod title;
mod unframe;
mod unused_index;
mod waste;
mod xml;
mod yaml;

pub use conditions::{Condition, ConditionKind, conditions};
pub use context::{IndexConditions, feeds_limit, index_conditions, name_of};
pub use expression::{Expression, SortKey};
pub use key::Key;
pub use node::*;
pub use plan::*;
pub use query_text::query_beside;
pub use read::{NO_PLAN, Reading, may_hold_plan, no_plan, read};
pub use settings::{PlanSettings, Setting, Target, Targets};
pub use unused_index::{tell_unused, tell_unused_order};
pub use waste::{Waste, wastes};
