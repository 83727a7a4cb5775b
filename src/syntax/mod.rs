//! The only door to the parsers: text in, our own statements with exact spans out.

pub mod ir;
pub mod mask;
pub mod quote;
pub mod split;
pub mod token;

pub use ir::*;
mod ffi;
