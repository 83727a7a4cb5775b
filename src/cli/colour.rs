//! Whether to use colours.

use anstream::{AutoStream, ColorChoice as Choice};

use super::args::ColorChoice;

/// By the flag; else by the terminal, NO_COLOR, CLICOLOR and CLICOLOR_FORCE.
pub fn on_stdout(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => AutoStream::choice(&std::io::stdout()) != Choice::Never,
    }
}
