//! Walks the tokens of a statement the way the grammar does, to find the places that no node has.

use super::*;
use crate::syntax::Label;

/// A place among the tokens of a statement or of a part of it.
///
/// Names come from the parse tree, which has folded and clipped them; the cursor says where they are.
/// A cursor that is not where its user believes it to be gives a wrong place, never a panic.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'c> {
    places: &'c Places<'c>,
    /// The next token.
    at: usize,
    /// The index past the last token.
    end: usize,
}

impl<'c> Cursor<'c> {
    pub(super) fn new(places: &'c Places<'c>, within: Extent) -> Cursor<'c> {
        Cursor { places, at: within.first, end: within.end }
    }

    pub(super) fn places(&self) -> &'c Places<'c> {
        self.places
    }

    // --- looking --------------------------------------------------------------------------------

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.end
    }

    /// Whether the next token is this word.
    pub(super) fn is(&self, word: &str) -> bool {
        self.is_ahead(0, word)
    }

    /// Whether the token `ahead` of the next one is this word.
    pub(super) fn is_ahead(&self, ahead: usize, word: &str) -> bool {
        self.at + ahead < self.end && self.places.is_word(self.at + ahead, word)
    }

    pub(super) fn is_kind(&self, kind: TokenKind) -> bool {
        !self.is_end() && self.places.kind(self.at) == kind
    }

    /// The next token's index, for [`Cursor::since`] and [`Cursor::seek`].
    pub(super) fn index(&self) -> usize {
        self.at
    }

    /// The next token's place; at the end, the empty place there.
    pub(super) fn here(&self) -> Span {
        self.places.span(Extent::new(self.at, (self.at + 1).min(self.end)))
    }

    /// From the token at `index` to the last one taken.
    pub(super) fn since(&self, index: usize) -> Span {
        self.places.span(Extent::new(index, self.at))
    }

    /// From the next token to the last.
    pub(super) fn rest(&self) -> Extent {
        Extent::new(self.at, self.end)
    }

    pub(super) fn rest_span(&self) -> Span {
        self.places.span(self.rest())
    }

    // --- moving ---------------------------------------------------------------------------------

    /// Takes these words, separated by single spaces, if all of them are next.
    pub(super) fn eat(&mut self, words: &str) -> Option<Span> {
        let start = self.at;
        self.at = self.places.after_phrase(start, words).filter(|&after| after <= self.end)?;
        Some(self.since(start))
    }

    /// Takes this word if it is next and a name follows; alone, it is the name.
    pub(super) fn eat_before_name(&mut self, word: &str) {
        if self.at + 1 < self.end {
            self.eat(word);
        }
    }

    /// Takes the first of these phrases that is next.
    pub(super) fn eat_any(&mut self, phrases: &[&str]) -> Option<Span> {
        phrases.iter().find_map(|words| self.eat(words))
    }

    pub(super) fn eat_kind(&mut self, kind: TokenKind) -> Option<Span> {
        self.is_kind(kind).then(|| self.bump())
    }

    /// Takes this operator if it is next.
    pub(super) fn eat_operator(&mut self, operator: &str) -> Option<Span> {
        (!self.is_end() && self.places.is_operator(self.at, operator)).then(|| self.bump())
    }

    /// Takes one token.
    pub(super) fn bump(&mut self) -> Span {
        let here = self.here();
        self.at = (self.at + 1).min(self.end);
        here
    }

    /// Takes a whole pair of brackets, or one token.
    pub(super) fn skip(&mut self) {
        self.at = self.places.after_group(self.at).min(self.end);
    }

    /// Moves to a token.
    pub(super) fn seek(&mut self, index: usize) {
        self.at = index.min(self.end);
    }

    /// Moves to the token at a node's place.
    pub(super) fn seek_location(&mut self, location: raw::ParseLoc) {
        self.seek(self.places.at(location));
    }

    /// The same place with an earlier end.
    pub(super) fn until(self, index: usize) -> Cursor<'c> {
        Cursor { end: index.clamp(self.at, self.end.max(self.at)), ..self }
    }

    /// The tokens from one index to another, as far as they are before this cursor's end.
    pub(super) fn between(self, start: usize, end: usize) -> Cursor<'c> {
        Cursor { at: start.min(self.end), end: end.min(self.end), ..self }
    }

    /// The cursor without the first of these phrases at its end, if one is there.
    pub(super) fn without_tail(self, phrases: &[&str]) -> Cursor<'c> {
        let ends_with = |words: &&&str| {
            let mut tail = self;
            tail.seek(self.end.saturating_sub(words.split(' ').count()).max(self.at));
            tail.eat(words).is_some() && tail.is_end()
        };
        let found = phrases.iter().find(ends_with);
        self.until(self.end - found.map_or(0, |words| words.split(' ').count()))
    }

    /// Moves to the first of these words outside brackets that is no part of a longer name; stays
    /// and says false where there is none.
    pub(super) fn skip_to(&mut self, words: &[&str]) -> bool {
        let outside = self.places.outside_brackets(self.rest());
        let is_part = |index: usize| index > self.at && self.places.kind(index - 1) == TokenKind::Dot;
        let found = { outside }.find(|&index| self.places.is_any(index, words) && !is_part(index));
        self.at = found.unwrap_or(self.at);
        found.is_some()
    }

    /// Takes parentheses that are next; the cursor within them.
    pub(super) fn parens(&mut self) -> Option<Cursor<'c>> {
        if !self.is_kind(TokenKind::LeftParen) {
            return None;
        }
        let inside = self.places.inside(self.at);
        self.skip();
        Some(Cursor { at: inside.first, end: inside.end.min(self.end), ..*self })
    }

    /// What is left, cut at the commas outside brackets.
    pub(super) fn pieces(self) -> impl Iterator<Item = Cursor<'c>> {
        self.cut(TokenKind::Comma)
    }

    /// What is left, cut at separators outside brackets.
    pub(super) fn cut(self, separator: TokenKind) -> impl Iterator<Item = Cursor<'c>> {
        let places = self.places;
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let piece = rest?;
            let found = places.outside_brackets(piece.rest()).find(|&index| places.kind(index) == separator);
            rest = found.map(|index| Cursor { at: index + 1, ..piece });
            Some(Cursor { end: found.unwrap_or(piece.end), ..piece })
        })
    }

    // --- taking names ---------------------------------------------------------------------------

    /// Takes the next token as the place of `name`.
    pub(super) fn ident(&mut self, name: &str) -> Ident {
        if self.is_end() {
            return Ident::new(name, self.here());
        }
        let ident = self.places.ident(self.at, name);
        self.seek(self.places.name_end(self.at));
        ident
    }

    /// Takes the next token as the place of a name that may be missing.
    pub(super) fn maybe_ident(&mut self, name: &Ptr<c_char>) -> Option<Ident> {
        name.str().map(|name| self.ident(name))
    }

    /// Takes the place of a name that is always written.
    pub(super) fn name(&mut self, name: &Ptr<c_char>) -> Ident {
        self.ident(name.str().unwrap_or_default())
    }

    /// Takes a dotted name; the parts.
    pub(super) fn dotted<'n>(&mut self, names: impl Iterator<Item = &'n str> + Clone) -> Vec<Ident> {
        let (idents, end) = self.places.dotted(names.clone(), names.count(), self.at);
        self.seek(end);
        idents
    }

    /// Takes a name that may be qualified.
    pub(super) fn qualified(&mut self, names: &Ptr<raw::List>) -> QualifiedName {
        let (name, end) = self.places.qualified_name(names, self.at);
        self.seek(end);
        name
    }

    /// Takes an operator that may be qualified.
    pub(super) fn operator(&mut self, names: &Ptr<raw::List>) -> OperatorName {
        let start = self.at;
        let mut parts = names.strings().rev();
        let name = parts.next().unwrap_or_default();
        let schema = parts.next();
        while self.places.kind(self.at + 1) == TokenKind::Dot && !self.is_end() {
            self.at += 2;
        }
        self.bump();
        OperatorName { schema: schema.map(Name::from), name: Name::from(name), span: self.since(start) }
    }

    /// The names of a list without brackets, one a piece.
    pub(super) fn names(self, names: &Ptr<raw::List>) -> Vec<Ident> {
        self.pieces().zip(names.strings()).map(|(mut piece, name)| piece.ident(name)).exact()
    }

    /// Takes a list of names in parentheses.
    pub(super) fn names_in_parens(&mut self, names: &Ptr<raw::List>) -> Vec<Ident> {
        self.parens().map(|inside| inside.names(names)).unwrap_or_default()
    }

    /// Takes a string constant, which may be several tokens.
    pub(super) fn string(&mut self) -> Extent {
        let start = self.at;
        self.seek(self.places.string_end(self.at));
        Extent::new(start, self.at)
    }

    /// Takes a string constant that is a name.
    pub(super) fn label(&mut self, text: &str) -> Label {
        let extent = self.string();
        Label { text: text.into(), span: self.places.span(extent) }
    }
}
