//! The command.

use std::process::ExitCode;

mod cli;

/// Statements and the catalog are many small objects, made on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    return_memory_soon();
    cli::main()
}

/// Has the allocator give back what is free after a millisecond instead of ten: a history is let go of as a whole, and
/// the next one takes its room.
#[allow(unsafe_code, reason = "a call of the allocator's own library, before there is any other thread")]
fn return_memory_soon() {
    // The place of mi_option_purge_delay in mimalloc.h; the binding has no name for it.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: it stores a number in a table of options and reads nothing else; an option that is not known is ignored.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 1) }
}
