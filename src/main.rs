//! The command.

use std::process::ExitCode;

mod cli;

/// Statements and the catalog are many small objects, made on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
