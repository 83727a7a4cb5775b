//! Types and casts.

use super::*;
use crate::syntax::{Cast, ExprKind, Ident};

/// Words that follow INTERVAL.
const INTERVAL_FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];

impl Converter<'_> {
    /// A type.
    pub(super) fn type_name(&self, ty: &raw::TypeName) -> TypeName {
        self.placed_type(ty).value
    }

    /// A type and its tokens.
    pub(super) fn placed_type(&self, ty: &raw::TypeName) -> Placed<TypeName> {
        let mut first = if ty.location < 0 { self.walked.get().saturating_sub(1) } else { self.at(ty.location) };
        let (parts, mut end) = self.type_parts(ty, first);
        let modifiers = self.type_modifiers(ty, Extent::new(first, end));
        // FLOAT (24) has a precision, which the grammar has turned into the type.
        let has_group = !ty.typmods.is_empty() || self.is_word(end.saturating_sub(1), "float");
        if has_group && self.kind(end) == TokenKind::LeftParen {
            end = self.after_group(end);
        }
        end = self.after_type_words(first, end);
        let array_dimensions = ty.arrayBounds.len() as u32;
        if array_dimensions > 0 {
            end = self.after_array_bounds(end, array_dimensions);
        }
        if ty.setof && first > 0 && self.is_word(first - 1, "setof") {
            first -= 1;
        }
        let at = Extent::new(first, end);
        self.reached(end);
        let value = TypeName {
            span: self.span(at),
            parts: parts.into(),
            modifiers,
            array_dimensions,
            setof: ty.setof,
            percent_type: ty.pct_type,
        };
        Placed { value, at }
    }

    /// The name of a type and the index after it.
    fn type_parts(&self, ty: &raw::TypeName, first: usize) -> (Vec<Ident>, usize) {
        let is_schema_written = ty.names.strings().next().is_some_and(|schema| {
            self.kind(first + 1) == TokenKind::Dot || schema != "pg_catalog" || ty.names.len() == 1
        });
        if is_schema_written {
            let (parts, end) = self.dotted(ty.names.strings(), ty.names.len(), first);
            return (parts, if ty.pct_type { end + 2 } else { end });
        }
        let end = self.grammar_type_end(first);
        let span = self.span(Extent::new(first, end));
        (ty.names.strings().map(|name| Ident::new(name, span)).exact(), end)
    }

    /// The index after the words of a type that the grammar knows, up to where its modifiers stand.
    fn grammar_type_end(&self, first: usize) -> usize {
        let varying = |index: usize| self.skip_word(index, "varying");
        match () {
            () if self.are_words(first, &["double", "precision"]) => first + 2,
            () if self.is_word(first, "national") => varying(first + 2),
            () if self.is_any(first, &["character", "char", "nchar", "bit"]) => varying(first + 1),
            () => first + 1,
        }
    }

    /// The index after words that stand behind a type's modifiers.
    fn after_type_words(&self, first: usize, end: usize) -> usize {
        if self.is_any(first, &["time", "timestamp"]) {
            let with = self.skip_words(end, &["with", "time", "zone"]);
            return self.skip_words(with, &["without", "time", "zone"]);
        }
        if self.is_word(first, "interval") { self.after_interval_fields(end) } else { end }
    }

    /// The index after `year`, `day to second (3)` and the like.
    fn after_interval_fields(&self, mut end: usize) -> usize {
        if !self.is_any(end, &INTERVAL_FIELDS) {
            return end;
        }
        end += 1;
        if self.is_word(end, "to") {
            end += 2;
        }
        let has_precision = self.is_word(end - 1, "second") && self.kind(end) == TokenKind::LeftParen;
        if has_precision { self.after_group(end) } else { end }
    }

    fn after_array_bounds(&self, mut end: usize, dimensions: u32) -> usize {
        end = self.skip_word(end, "array");
        for _ in 0..dimensions {
            if self.kind(end) == TokenKind::LeftBracket {
                end = self.after_group(end);
            }
        }
        end
    }

    /// The modifiers; with what the grammar adds, at their `name`: the length of `char` and `bit`, which is 1 where none
    /// is written, and the mask of an interval's fields.
    fn type_modifiers(&self, ty: &raw::TypeName, name: Extent) -> Vec<Expr> {
        ty.typmods.nodes().map(|node| self.expr_or_implied_at(node, name)).exact()
    }

    /// `a::type`, `CAST (a AS type)`, `type 'a'`.
    pub(super) fn cast(&self, cast: &raw::TypeCast) -> Placed<Expr> {
        let (Some(arg), Some(ty)) = (cast.arg.node(), cast.typeName.get()) else {
            return self.place(Extent::new(0, 0), ExprKind::Opaque);
        };
        if cast.location < 0 {
            return self.constant_cast(arg, ty);
        }
        let location = self.at(cast.location);
        if self.kind(location) == TokenKind::TypeCast {
            let (expr, first) = self.left_operand(Some(arg), location);
            let ty = self.placed_type(ty);
            return self.place(Extent::new(first, ty.at.end), ExprKind::Cast(Box::new(Cast { expr, ty: ty.value })));
        }
        let expr = self.expr(arg);
        let ty = self.type_name(ty);
        let at = Extent::new(location, self.after_group(location + 1));
        self.place(at, ExprKind::Cast(Box::new(Cast { expr, ty })))
    }

    fn constant_cast(&self, arg: Node, ty: &raw::TypeName) -> Placed<Expr> {
        // The grammar itself casts the length of SUBSTRING (a FOR b); nobody wrote that.
        if ty.location < 0 {
            return self.placed_expr(arg);
        }
        let mut ty = self.placed_type(ty);
        let expr = self.placed_expr(arg);
        // In INTERVAL '1' YEAR the fields stand behind the constant, outside of the type.
        ty.value.modifiers.retain(|modifier| ty.value.span.contains(modifier.span));
        let end =
            if self.is_word(ty.at.first, "interval") { self.after_interval_fields(expr.at.end) } else { expr.at.end };
        let at = Extent::new(ty.at.first, end);
        self.place(at, ExprKind::Cast(Box::new(Cast { expr: expr.value, ty: ty.value })))
    }
}
