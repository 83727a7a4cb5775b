//! Where things are: from a node's start, if it has one, to an exact range of the file.
//!
//! Parse nodes say at best where they start (and some of them name their operator). Everything else
//! comes from the tokens: ends, names, keywords, and brackets, whose counterparts are known.

use std::cell::Cell;
use std::sync::Arc;

use super::ffi::{Ptr, raw};
use super::pieces::Pieces;
use super::token::{Token, TokenKind};
use super::{Ident, QualifiedName};
use crate::source::{FileId, Span};

/// A part of the text that was taken out before it was parsed: rows of a large VALUES list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// The byte of the parsed text before which it stood.
    pub at: u32,
    /// How many bytes it had.
    pub len: u32,
    /// How many rows it held.
    pub rows: u32,
}

/// Where a parsed text comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It stands in the file as it is, from byte `base` on, maybe with a piece taken out.
    Verbatim {
        /// The file.
        file: FileId,
        /// The byte of the file at which the text starts.
        base: u32,
        /// What was left out.
        cut: Option<Cut>,
    },
    /// It stands in no file (made by the program, or escaped there): everything in it is at this span.
    Elsewhere(Span),
    /// It is put together from pieces of the file.
    Pieces(Arc<Pieces>),
}

impl Origin {
    /// A text that starts at byte `base` of `file`.
    pub fn verbatim(file: FileId, base: u32) -> Origin {
        Origin::Verbatim { file, base, cut: None }
    }

    /// The file's span of `start..end` of the parsed text.
    #[inline]
    pub fn span(&self, start: u32, end: u32) -> Span {
        match *self {
            Origin::Verbatim { file, base, cut: None } => Span::new(file, base + start, base + end),
            _ => self.composed_span(start, end),
        }
    }

    /// The same for who asks for many spans, with the piece that was found last.
    #[inline]
    fn span_near(&self, start: u32, end: u32, found: &Cell<usize>) -> Span {
        match self {
            Origin::Pieces(pieces) => pieces.span_near(start, end, found),
            _ => self.span(start, end),
        }
    }

    fn composed_span(&self, start: u32, end: u32) -> Span {
        match *self {
            Origin::Pieces(ref pieces) => pieces.span(start, end),
            Origin::Verbatim { file, base, cut } => {
                let (before_start, before_end) = match cut {
                    Some(cut) => (if start >= cut.at { cut.len } else { 0 }, if end > cut.at { cut.len } else { 0 }),
                    None => (0, 0),
                };
                Span::new(file, base + start + before_start, base + end + before_end)
            }
            Origin::Elsewhere(span) => span,
        }
    }
}

/// A run of tokens by their indices, half-open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    pub first: usize,
    pub end: usize,
}

impl Extent {
    pub(super) fn new(first: usize, end: usize) -> Extent {
        Extent { first, end: end.max(first) }
    }
}

/// A text, its tokens and the brackets that belong together.
///
/// Tokens are named by their index. An index past the last token is fine everywhere: it stands for a
/// semicolon at the end of the text.
pub(super) struct Places<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// For each bracket the index of its counterpart; for all else, and for a lone one, its own index.
    partners: Vec<u32>,
    origin: &'a Origin,
    /// The token found last: the next one is mostly near.
    last_found: Cell<usize>,
    /// The same of the pieces that the text is put together from.
    last_piece: Cell<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], origin: &'a Origin) -> Places<'a> {
        Places { text, tokens, partners: partners(tokens), origin, last_found: Cell::new(0), last_piece: Cell::new(0) }
    }

    // --- tokens ---------------------------------------------------------------------------------

    /// The index past the last token.
    pub(super) fn end(&self) -> usize {
        self.tokens.len()
    }

    #[inline]
    pub(super) fn kind(&self, index: usize) -> TokenKind {
        self.tokens.get(index).map_or(TokenKind::Semicolon, |token| token.kind)
    }

    /// Whether it is this word, in any case, without quotes.
    #[inline]
    pub(super) fn is_word(&self, index: usize, word: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| token.is_word(self.text, word))
    }

    /// The index after these words, separated by single spaces, if all of them stand there.
    pub(super) fn after_phrase(&self, mut index: usize, phrase: &str) -> Option<usize> {
        let mut rest = phrase.as_bytes();
        loop {
            let token = self.tokens.get(index).filter(|token| token.kind == TokenKind::Word)?;
            let word = &self.text.as_bytes()[token.range()];
            if !rest.get(..word.len())?.eq_ignore_ascii_case(word) {
                return None;
            }
            index += 1;
            rest = match &rest[word.len()..] {
                [] => return Some(index),
                [b' ', rest @ ..] => rest,
                _ => return None,
            };
        }
    }

    /// Whether it is one of these words.
    pub(super) fn is_any(&self, index: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(index, word))
    }

    /// Whether these words stand there, one after the other.
    pub(super) fn are_words(&self, index: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.is_word(index + ahead, word))
    }

    #[inline]
    pub(super) fn is_operator(&self, index: usize, operator: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| token.is_operator(self.text, operator))
    }

    /// The index after this word if it stands there, else the same.
    #[inline]
    pub(super) fn skip_word(&self, index: usize, word: &str) -> usize {
        index + usize::from(self.is_word(index, word))
    }

    /// The index after all of these words if they stand there, else the same.
    pub(super) fn skip_words(&self, index: usize, words: &[&str]) -> usize {
        if self.are_words(index, words) { index + words.len() } else { index }
    }

    // --- from bytes to tokens -------------------------------------------------------------------

    /// The first token that ends after a byte: the one it lies in, or the next. Nowhere (a negative
    /// location) is past the end.
    #[inline]
    pub(super) fn at(&self, location: raw::ParseLoc) -> usize {
        let Ok(byte) = u32::try_from(location) else { return self.end() };
        let found = self.search(byte);
        self.last_found.set(found);
        found
    }

    /// Looks around the last find first, in steps that double.
    fn search(&self, byte: u32) -> usize {
        let ends_after = |index: usize| self.tokens[index].end > byte;
        let (mut low, mut high) = (0, self.tokens.len());
        let from = self.last_found.get();
        let mut step = 1;
        if from < high && ends_after(from) {
            high = from;
            while let Some(at) = high.checked_sub(step) {
                if !ends_after(at) {
                    low = at + 1;
                    break;
                }
                high = at;
                step *= 2;
            }
        } else {
            low = (from + 1).min(high);
            while low + step <= high {
                let at = low + step - 1;
                if ends_after(at) {
                    high = at;
                    break;
                }
                low = at + 1;
                step *= 2;
            }
        }
        low + self.tokens[low..high].partition_point(|token| token.end <= byte)
    }

    // --- brackets -------------------------------------------------------------------------------

    /// The counterpart of a bracket; the index itself where there is none.
    #[inline]
    pub(super) fn partner(&self, index: usize) -> usize {
        self.partners.get(index).map_or(index, |&partner| partner as usize)
    }

    /// The index after a token, or after the whole group if it opens one.
    #[inline]
    pub(super) fn after_group(&self, index: usize) -> usize {
        self.partner(index).max(index) + 1
    }

    /// What is between the parentheses that open at `index`.
    pub(super) fn inside(&self, index: usize) -> Extent {
        Extent::new(index + 1, self.partner(index).max(index + 1))
    }

    /// The index after all closing parentheses that stand there.
    #[inline]
    pub(super) fn skip_closing(&self, mut index: usize) -> usize {
        while self.kind(index) == TokenKind::RightParen {
            index += 1;
        }
        index
    }

    /// The index of the last token before `index` that is no opening parenthesis.
    pub(super) fn before_opening(&self, mut index: usize) -> usize {
        while index > 0 && self.kind(index - 1) == TokenKind::LeftParen {
            index -= 1;
        }
        index.saturating_sub(1)
    }

    /// The first token of an operand that is written before `operator`, its parentheses included.
    #[inline]
    pub(super) fn operand_start(&self, operand: Extent, operator: usize) -> usize {
        if operand.end >= operator { operand.first } else { self.partner(operator - 1).min(operand.first) }
    }

    /// The end of an operand that is written from `after` on, its parentheses included.
    #[inline]
    pub(super) fn operand_end(&self, operand: Extent, after: usize) -> usize {
        if operand.first <= after { operand.end } else { (self.partner(after) + 1).max(operand.end) }
    }

    // --- looking for something ------------------------------------------------------------------

    /// The first place of this word within an extent and outside of all brackets in it.
    pub(super) fn find_word(&self, within: Extent, word: &str) -> Option<usize> {
        self.outside_brackets(within).find(|&index| self.is_word(index, word))
    }

    /// The first place of these words, one after the other.
    pub(super) fn find_words(&self, within: Extent, words: &[&str]) -> Option<usize> {
        self.outside_brackets(within).find(|&index| self.are_words(index, words))
    }

    /// The tokens of an extent with each bracketed group as its opening bracket alone.
    pub(super) fn outside_brackets(&self, within: Extent) -> impl Iterator<Item = usize> + '_ {
        let inside = move |index: &usize| *index < within.end.min(self.tokens.len());
        std::iter::successors(Some(within.first), |&index| Some(self.after_group(index))).take_while(inside)
    }

    /// The end of the list element that holds `index`: at the next comma, closing bracket or semicolon
    /// outside of all brackets that open from `index` on.
    pub(super) fn element_end(&self, index: usize) -> usize {
        use TokenKind::{Comma, RightBracket, RightParen, Semicolon};
        self.outside_brackets(Extent::new(index, self.end()))
            .find(|&at| matches!(self.kind(at), Comma | RightParen | RightBracket | Semicolon))
            .unwrap_or(self.end())
    }

    // --- spans ----------------------------------------------------------------------------------

    pub(super) fn origin(&self) -> &'a Origin {
        self.origin
    }

    /// The span of a run of tokens; of none, the empty span where they would start.
    #[inline]
    pub(super) fn span(&self, extent: Extent) -> Span {
        let Some(first) = self.tokens.get(extent.first) else {
            let end = self.tokens.last().map_or(0, |token| token.end);
            return self.origin.span_near(end, end, &self.last_piece);
        };
        let last = self.tokens[..extent.end.min(self.tokens.len())].last();
        match last {
            Some(last) if extent.end > extent.first => self.origin.span_near(first.start, last.end, &self.last_piece),
            _ => self.origin.span_near(first.start, first.start, &self.last_piece),
        }
    }

    /// The bytes of the parsed text that a run of tokens takes.
    pub(super) fn bytes(&self, extent: Extent) -> std::ops::Range<usize> {
        let start = self.tokens.get(extent.first).map_or(self.text.len(), |token| token.start as usize);
        let last = self.tokens[..extent.end.min(self.tokens.len())].last();
        start..last.map_or(start, |token| token.end as usize).max(start)
    }

    /// The text of a run of tokens, as parsed.
    pub(super) fn source(&self, extent: Extent) -> &'a str {
        self.text.get(self.bytes(extent)).unwrap_or("")
    }

    /// The span of one token.
    #[inline]
    pub(super) fn token_span(&self, index: usize) -> Span {
        self.span(Extent::new(index, index + 1))
    }

    // --- names ----------------------------------------------------------------------------------

    /// The index after the identifier or string at `index` (`U&"…" UESCAPE '!'` is three tokens).
    #[inline]
    pub(super) fn name_end(&self, index: usize) -> usize {
        let escapes = matches!(self.kind(index), TokenKind::QuotedIdent | TokenKind::String);
        if escapes && self.is_word(index + 1, "uescape") { index + 3 } else { index + 1 }
    }

    /// The index after the string constant at `index`, which may go on after a line end.
    pub(super) fn string_end(&self, index: usize) -> usize {
        let mut end = index + 1;
        while self.kind(index) == TokenKind::String && self.kind(end) == TokenKind::String {
            end += 1;
        }
        if self.is_word(end, "uescape") { end + 2 } else { end }
    }

    /// The identifier at `index`, under the name that the parser gave it.
    #[inline]
    pub(super) fn ident(&self, index: usize, name: &str) -> Ident {
        Ident::new(name, self.span(Extent::new(index, self.name_end(index))))
    }

    /// The parts of a dotted name of `count` parts that starts at `first`, and the index after it.
    ///
    /// The parser may put parts before those that are written (`pg_catalog`): they get the span of the
    /// first written one.
    pub(super) fn dotted<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        count: usize,
        first: usize,
    ) -> (Vec<Ident>, usize) {
        let mut parts = Vec::with_capacity(count);
        let end = self.each_part(names, count, first, |part| parts.push(part));
        (parts, end)
    }

    /// The qualified name that starts at `first`, from a list of `String` nodes, and the index after it.
    pub(super) fn qualified_name(&self, names: &Ptr<raw::List>, first: usize) -> (QualifiedName, usize) {
        self.qualified_name_of(names.strings(), names.len(), first)
    }

    /// The same from `count` names.
    pub(super) fn qualified_name_of<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        count: usize,
        first: usize,
    ) -> (QualifiedName, usize) {
        let mut last: [Option<Ident>; 3] = [None; 3];
        let end = self.each_part(names, count, first, |part| last = [last[1], last[2], Some(part)]);
        let [database, schema, name] = last;
        let name = name.unwrap_or_else(|| self.ident(first, ""));
        (QualifiedName { database: database.map(Box::new), schema, name }, end)
    }

    /// Calls `take` for each part of a dotted name; the index after it.
    fn each_part<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        count: usize,
        first: usize,
        mut take: impl FnMut(Ident),
    ) -> usize {
        let mut end = self.name_end(first);
        let mut written = 1;
        while written < count && self.kind(end) == TokenKind::Dot {
            end = self.name_end(end + 1);
            written += 1;
        }
        let mut index = first;
        for (part, name) in names.enumerate() {
            take(self.ident(index, name));
            if part + written >= count {
                index = self.name_end(index) + 1;
            }
        }
        end
    }

    /// A qualified name from its parts; `first` is where it is if there are none.
    pub(super) fn qualified(&self, mut parts: Vec<Ident>, first: usize) -> QualifiedName {
        let name = parts.pop().unwrap_or_else(|| self.ident(first, ""));
        let schema = parts.pop();
        QualifiedName { database: parts.pop().map(Box::new), schema, name }
    }
}

/// Pairs up the brackets. A closing one that does not fit the last opened one is left alone.
fn partners(tokens: &[Token]) -> Vec<u32> {
    let mut partners: Vec<u32> = (0..tokens.len() as u32).collect();
    let mut open: Vec<(TokenKind, u32)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let opening = match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket => {
                open.push((token.kind, index as u32));
                continue;
            }
            TokenKind::RightParen => TokenKind::LeftParen,
            TokenKind::RightBracket => TokenKind::LeftBracket,
            _ => continue,
        };
        if let Some((_, partner)) = open.pop_if(|(kind, _)| *kind == opening) {
            partners[index] = partner;
            partners[partner as usize] = index as u32;
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::super::token::Tokens;
    use super::*;

    fn with_places(text: &str, check: impl FnOnce(&Places)) {
        let tokens = Tokens::of(text);
        check(&Places::new(text, &tokens.tokens, &Origin::verbatim(FileId(0), 0)));
    }

    #[test]
    fn a_byte_is_found_from_wherever_the_last_one_was() {
        with_places("select a , b from t where x = 'é' and y", |places| {
            for from in 0..places.end() {
                for (index, token) in places.tokens.iter().enumerate() {
                    for byte in token.start..token.end {
                        places.last_found.set(from);
                        assert_eq!(places.at(byte as i32), index);
                    }
                }
            }
            assert_eq!(places.at(100), places.end());
            assert_eq!(places.at(-1), places.end());
        });
    }

    #[test]
    fn brackets_know_each_other() {
        with_places("f(a[1], (b)) ) (", |places| {
            assert_eq!(places.partner(1), 10);
            assert_eq!(places.partner(3), 5);
            assert_eq!(places.partner(9), 7);
            assert_eq!(places.partner(11), 11);
            assert_eq!(places.partner(12), 12);
            assert_eq!(places.after_group(1), 11);
        });
    }

    #[test]
    fn a_cut_moves_what_comes_after_it() {
        let cut = Some(Cut { at: 10, len: 100, rows: 7 });
        let origin = Origin::Verbatim { file: FileId(3), base: 1000, cut };
        assert_eq!(origin.span(2, 10), Span::new(FileId(3), 1002, 1010));
        assert_eq!(origin.span(2, 12), Span::new(FileId(3), 1002, 1112));
        assert_eq!(origin.span(10, 12), Span::new(FileId(3), 1110, 1112));
    }
}
