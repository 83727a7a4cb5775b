//! The suites that need a real PostgreSQL server: `./dev live`.

fn main() {}
