//! Takes the plan out of what it was pasted in, and remembers where each byte came from.

use crate::source::{FileId, Span};

/// Translates positions of a document into positions of the file it was taken out of.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Places {
    /// Where runs of bytes that stand together start, as (document, file); empty: the document is the file.
    runs: Vec<(u32, u32)>,
}

impl Places {
    /// The document starts at a byte of the file and is not changed.
    pub(super) fn starting_at(at: u32) -> Places {
        Places { runs: if at == 0 { Vec::new() } else { vec![(0, at)] } }
    }

    /// Where a byte of the document stands in the file.
    pub(super) fn at(&self, document: u32) -> u32 {
        let next = self.runs.partition_point(|&(from, _)| from <= document);
        match next.checked_sub(1) {
            Some(run) => self.runs[run].1 + (document - self.runs[run].0),
            None => document,
        }
    }

    /// The place of a part of the document.
    pub(super) fn span(&self, file: FileId, start: u32, end: u32) -> Span {
        if self.runs.is_empty() {
            return Span::new(file, start, end);
        }
        // The end belongs to the last byte within, since the next one may stand elsewhere.
        let end = if end > start { self.at(end - 1) + 1 } else { self.at(end) };
        Span::new(file, self.at(start), end)
    }
}
