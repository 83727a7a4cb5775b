//! A text to parse that is put together from pieces of a file.

use std::cell::Cell;

use crate::source::{FileId, Span};

/// Where the bytes of such a text stand in the file: code whose quotes are doubled in the file, SQL
/// without the INTO that PL/pgSQL reads by itself, expressions after a SELECT that nobody wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pieces {
    file: FileId,
    /// Holds from the text's start.
    first: Piece,
    /// In order of their place in the text.
    others: Vec<Piece>,
}

/// From here on to the next piece, text and file go side by side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    text: u32,
    file: u32,
    kind: PieceKind,
}

/// How a piece hangs together with what is before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PieceKind {
    /// What the file has before it is not in the text.
    Continued,
    /// What the file has before it belongs to the byte before it: the second of two quotes.
    Glued,
    /// Text that the file does not have: all of it is at one place.
    Inserted,
}

impl Piece {
    /// What holds from `text` on, which lies within this piece.
    fn from(self, text: u32) -> Piece {
        Piece { text, file: self.place(text), kind: self.kind }
    }

    fn place(self, offset: u32) -> u32 {
        match self.kind {
            PieceKind::Inserted => self.file,
            PieceKind::Continued | PieceKind::Glued => self.file + (offset - self.text),
        }
    }
}

impl Pieces {
    /// The text is the file's from `start` on.
    pub fn at(file: FileId, start: u32) -> Pieces {
        Pieces { file, first: Piece { text: 0, file: start, kind: PieceKind::Continued }, others: Vec::new() }
    }

    /// The file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// From `text` on, the text is the file's from `file` on. To be called in order of `text`.
    pub fn continue_at(&mut self, text: u32, file: u32) {
        self.push(Piece { text, file, kind: PieceKind::Continued });
    }

    /// Like [`Pieces::continue_at`], where the file writes the byte before `text` with more than one.
    pub fn glue_at(&mut self, text: u32, file: u32) {
        self.push(Piece { text, file, kind: PieceKind::Glued });
    }

    /// From `text` on, the text is not the file's, but stands for the place `file`. In order of `text`.
    pub fn insert_at(&mut self, text: u32, file: u32) {
        self.push(Piece { text, file, kind: PieceKind::Inserted });
    }

    /// Maps in `other`, from `at` on, what this maps in `start..end`.
    pub fn copy_part(&self, start: u32, end: u32, at: u32, other: &mut Pieces) {
        let first = self.others.partition_point(|piece| piece.text <= start);
        other.push(Piece { text: at, ..self.piece(first).from(start) });
        for piece in self.others[first..].iter().take_while(|piece| piece.text < end) {
            other.push(Piece { text: at + (piece.text - start), ..*piece });
        }
    }

    fn push(&mut self, piece: Piece) {
        match self.others.last_mut() {
            Some(last) if last.text == piece.text => *last = piece,
            None if piece.text == 0 => self.first = piece,
            _ => self.others.push(piece),
        }
    }

    /// The span of a part of the text.
    pub fn span(&self, start: u32, end: u32) -> Span {
        self.span_near(start, end, &Cell::new(usize::MAX))
    }

    /// The span of a part of the text, looked for near the piece that was found before. Where something is cut out, a
    /// part that ends there ends before what was cut.
    pub fn span_near(&self, start: u32, end: u32, found: &Cell<usize>) -> Span {
        if self.others.is_empty() {
            return Span::new(self.file, self.first.place(start), self.first.place(end));
        }
        let (first, end) = (self.count_before(start + 1, found.get()), end.max(start));
        let last = self.count_before(end, first);
        found.set(last);
        let end = match self.others.get(last) {
            Some(glued) if glued.text == end && glued.kind == PieceKind::Glued => glued.file,
            _ => self.piece(last).place(end),
        };
        Span::new(self.file, self.piece(first).place(start), end)
    }

    /// How many pieces after the first begin before `offset`; mostly as many as `near`, or few more.
    fn count_before(&self, offset: u32, near: usize) -> usize {
        const FEW: usize = 4;
        let begins_before = |piece: &Piece| piece.text < offset;
        if near.checked_sub(1).is_some_and(|last| !self.others.get(last).is_some_and(begins_before)) {
            return self.others.partition_point(begins_before);
        }
        let more = self.others[near..].iter().take(FEW).take_while(|piece| begins_before(piece)).count();
        if more < FEW { near + more } else { self.others.partition_point(begins_before) }
    }

    /// The piece after which `count` begin.
    fn piece(&self, count: usize) -> Piece {
        count.checked_sub(1).map_or(self.first, |last| self.others[last])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_file_is_shifted() {
        let pieces = Pieces::at(FileId(1), 10);
        assert_eq!(pieces.span(2, 5), Span::new(FileId(1), 12, 15));
    }

    #[test]
    fn what_is_cut_out_belongs_to_neither_side() {
        // The file has `ab--cd`, the text `abcd`.
        let mut pieces = Pieces::at(FileId(0), 0);
        pieces.continue_at(2, 4);
        assert_eq!(pieces.span(0, 2), Span::new(FileId(0), 0, 2));
        assert_eq!(pieces.span(2, 4), Span::new(FileId(0), 4, 6));
        assert_eq!(pieces.span(1, 3), Span::new(FileId(0), 1, 5));
    }

    #[test]
    fn a_part_of_pieces_is_taken_over() {
        // The file has `a''b''c`, the text `a'b'c`.
        let mut pieces = Pieces::at(FileId(0), 0);
        pieces.glue_at(2, 3);
        pieces.glue_at(4, 6);
        let mut part = Pieces::at(FileId(0), 0);
        part.insert_at(0, 1);
        pieces.copy_part(1, 5, 7, &mut part);
        let text_offsets = [0, 7, 8, 9, 10];
        assert_eq!(text_offsets.map(|at| part.span(at, at + 1).start), [1, 1, 3, 4, 6]);
        assert_eq!(text_offsets.map(|at| part.span(0, at).end), [1, 1, 3, 4, 6]);
    }

    #[test]
    fn it_does_not_matter_what_was_found_before() {
        let mut pieces = Pieces::at(FileId(0), 0);
        for at in 1..20 {
            match at % 3 {
                0 => pieces.continue_at(at * 2, at * 10),
                1 => pieces.glue_at(at * 2, at * 10),
                _ => pieces.insert_at(at * 2, at * 10),
            }
        }
        let parts = || (0..42).flat_map(|start| (start..42).map(move |end| (start, end)));
        for near in 0..20 {
            for (start, end) in parts() {
                assert_eq!(pieces.span_near(start, end, &Cell::new(near)), pieces.span(start, end), "{start}..{end}");
            }
        }
    }

    #[test]
    fn what_is_inserted_is_one_place() {
        // The text has `select ` before what the file has at 20.
        let mut pieces = Pieces::at(FileId(0), 0);
        pieces.insert_at(0, 20);
        pieces.continue_at(7, 20);
        assert_eq!(pieces.span(0, 6), Span::new(FileId(0), 20, 20));
        assert_eq!(pieces.span(0, 9), Span::new(FileId(0), 20, 22));
        assert_eq!(pieces.span(7, 9), Span::new(FileId(0), 20, 22));
    }
}
