//! The only door to the parsers: text in, our own statements with exact spans out.

mod code;
mod convert;
mod ffi;
mod file;
mod hint;
pub mod ir;
mod keyword;
mod literal;
pub mod mask;
pub mod pieces;
pub mod plpgsql;
pub mod quote;
mod runs;
mod span;
pub mod split;
pub mod token;
pub mod visit;

pub use code::CodeStatements;
pub use convert::{SyntaxError, parse_expression, parse_statements, parse_statements_of, parse_type};
pub use file::{BrokenStatement, ParsedFile, parse_file};
pub use ir::*;
pub use span::{Cut, Origin};
