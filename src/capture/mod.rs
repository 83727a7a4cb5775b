//! What people capture from a server: EXPLAIN in every form it is pasted in.

mod builder;
mod context;
mod exclusive;
mod expression;
pub mod figures;
mod json;
mod key;
mod log;
mod node;
mod plan;
mod read;
mod settings;
mod slots;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod text_lines;
mod unframe;
mod xml;
mod yaml;

pub use context::name_of;
pub use expression::{Expression, SortKey};
pub use key::Key;
pub use node::*;
pub use plan::*;
pub use read::{Reading, may_hold_plan, no_plan, read};
pub use settings::{PlanSettings, Target, Targets};
