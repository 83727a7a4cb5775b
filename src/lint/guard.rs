//! A failure in one rule or one file must not end the run.

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::finding::{Finding, Severity};
use crate::source::Span;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; where it panics, the finding that says so.
pub(super) fn guarded<T>(what: impl Display, span: Span, work: impl FnOnce() -> T) -> Result<T, Finding> {
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let mut finding = Finding::new("internal_error", span, format!("{what} failed"));
        finding.severity = Severity::Error;
        if !text.is_empty() {
            finding.note(text);
        }
        finding.help("please report this, with the file that brings it about");
        finding
    })
}

/// Keeps panics that become findings off standard error. Others are printed as before.
pub fn silence_guarded_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !GUARDED.get() {
            usual(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_finding() {
        silence_guarded_panics();
        let finding = guarded("rule x", Span::NONE, || panic!("lost {}", 1)).unwrap_err();
        assert_eq!((finding.rule, finding.message.as_str()), ("internal_error", "rule x failed"));
        assert_eq!(finding.notes, ["lost 1"]);
        assert_eq!(guarded("rule x", Span::NONE, || 1), Ok(1));
    }
}
