//! An offline static analyzer for PostgreSQL and Supabase.
//!
//! Migrations are a program and the catalog is its state. pglint replays the program, and rules read
//! what it did. `ARCHITECTURE.md` is the map.

pub mod advise;
pub mod advisor;
pub mod baseline;
pub mod capture;
pub mod catalog;
pub mod compare;
pub mod config;
pub mod effects;
pub mod finding;
pub mod fix;
pub mod history;
pub mod lint;
pub mod locks;
pub mod migration;
pub mod page;
pub mod project;
pub mod query;
pub mod report;
pub mod row_security;
pub mod rule;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod schema;
pub mod source;
pub mod stats;
pub mod suppress;
pub mod syntax;
