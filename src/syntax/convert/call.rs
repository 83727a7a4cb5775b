//! Function calls, also those that the grammar makes of other syntax, and what may follow them.

use super::*;
use crate::syntax::{Argument, Call, ExprKind, Ident, QualifiedName, SortBy, WindowDefinition};

/// FRAMEOPTION_DEFAULTS: RANGE, from the first row to this one.
const DEFAULT_FRAME: i32 = 0x2 | 0x20 | 0x400;

impl Converter<'_> {
    pub(super) fn call(&self, call: &raw::FuncCall) -> Placed<Expr> {
        let first = self.at(call.location);
        if call.funcformat == raw::COERCE_SQL_SYNTAX {
            return self.syntax_call(call, first);
        }
        let (function, paren) = self.qualified_name(&call.funcname, first);
        let mut placed = self.call_with(call, function, Extent::new(first, self.after_group(paren)));
        if let ExprKind::Call(made) = &mut placed.value.kind {
            placed.at.end = self.call_clauses(call, made, placed.at.end);
            placed.value.span = self.span(placed.at);
        }
        placed
    }

    fn call_with(&self, call: &raw::FuncCall, function: QualifiedName, at: Extent) -> Placed<Expr> {
        let mut args = Vec::with_capacity(call.args.len());
        args.extend(call.args.nodes().map(|arg| self.argument(arg, at.first)));
        let made = Call {
            function,
            args,
            star: call.agg_star,
            distinct: call.agg_distinct,
            variadic: call.func_variadic,
            order_by: Vec::new(),
            within_group: call.agg_within_group,
            filter: None,
            over: None,
        };
        self.place(at, ExprKind::Call(Box::new(made)))
    }

    /// What follows the arguments, from the token `end` on; the index after it.
    fn call_clauses(&self, call: &raw::FuncCall, made: &mut Call, mut end: usize) -> usize {
        made.order_by = self.sort_list(&call.agg_order);
        if call.agg_within_group {
            end = self.after_group(end + 2);
        }
        if let Some(filter) = call.agg_filter.node() {
            made.filter = Some(self.expr(filter));
            end = self.after_group(end + 1);
        }
        if let Some(over) = call.over.get() {
            made.over = Some(Box::new(self.over(over)));
            end = self.after_over(end);
        }
        end
    }

    /// The index after `OVER (…)` or `OVER name`.
    pub(super) fn after_over(&self, over: usize) -> usize {
        match self.kind(over + 1) {
            TokenKind::LeftParen => self.after_group(over + 1),
            _ => self.name_end(over + 1),
        }
    }

    /// An argument of the call whose first token is `word`.
    fn argument(&self, node: Node, word: usize) -> Argument {
        let name = match node {
            Node::NamedArgExpr(named) => {
                Some(self.ident(self.at(named.location), named.name.str().unwrap_or_default()))
            }
            _ => None,
        };
        Argument { name, value: self.expr_or_implied_at(node, Extent::new(word, word + 1)) }
    }

    /// `EXTRACT (…)`, `a AT TIME ZONE b` and the like: the words are the function's name.
    fn syntax_call(&self, call: &raw::FuncCall, word: usize) -> Placed<Expr> {
        // AT LOCAL has no location.
        if call.location < 0 || self.is_any(word, &["at", "is", "overlaps"]) {
            return self.infix_call(call, word);
        }
        let words = self.skip_words(word, &["collation", "for"]).max(word + 1);
        // SYSTEM_USER has no parentheses.
        let end = if self.kind(words) == TokenKind::LeftParen { self.after_group(words) } else { words };
        let function = self.words_as_name(call, Extent::new(word, words));
        self.call_with(call, function, Extent::new(word, end))
    }

    fn words_as_name(&self, call: &raw::FuncCall, words: Extent) -> QualifiedName {
        let span = self.span(words);
        let mut parts = call.funcname.strings().rev();
        let name = Ident::new(parts.next().unwrap_or_default(), span);
        let schema = parts.next().map(|schema| Ident::new(schema, span));
        QualifiedName { database: None, schema, name }
    }

    /// `a AT TIME ZONE b`, `a AT LOCAL`, `a IS [NOT] NFC NORMALIZED`, `(a, b) OVERLAPS (c, d)`.
    fn infix_call(&self, call: &raw::FuncCall, operator: usize) -> Placed<Expr> {
        let args: Vec<_> = call.args.nodes().map(|arg| self.placed_expr(arg)).exact();
        let operator = match args.first() {
            Some(arg) if call.location < 0 => self.skip_closing(arg.at.end),
            _ => operator,
        };
        let after = self.after_infix_words(operator);
        let at = if self.is_word(operator, "overlaps") {
            self.overlapping_rows(operator)
        } else {
            let operands = args.iter().map(|arg| arg.at);
            operands.fold(Extent::new(operator, after), |at, operand| match () {
                () if operand.first < operator => Extent::new(self.operand_start(operand, operator), at.end),
                () if operand.first >= after => Extent::new(at.first, self.operand_end(operand, after)),
                () => at,
            })
        };
        let function = self.words_as_name(call, Extent::new(operator, after));
        let made = Call {
            function,
            args: args.into_iter().map(|arg| Argument { name: None, value: arg.value }).exact(),
            star: false,
            distinct: false,
            variadic: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
        };
        self.place(at, ExprKind::Call(Box::new(made)))
    }

    fn after_infix_words(&self, operator: usize) -> usize {
        if self.is_word(operator, "is") {
            let words = Extent::new(operator, (operator + 4).min(self.end()));
            return self.find_word(words, "normalized").map_or(words.end, |normalized| normalized + 1);
        }
        let phrases: [&[&str]; 2] = [&["at", "time", "zone"], &["at", "local"]];
        let written = phrases.into_iter().find(|words| self.are_words(operator, words));
        operator + written.map_or(1, <[&str]>::len)
    }

    /// The rows on both sides of OVERLAPS, whose fields are its arguments.
    fn overlapping_rows(&self, operator: usize) -> Extent {
        let left = self.partner(operator.saturating_sub(1));
        let first = left - usize::from(left > 0 && self.is_word(left - 1, "row"));
        Extent::new(first, self.after_group(self.skip_word(operator + 1, "row")))
    }

    // --- windows and order ----------------------------------------------------------------------

    /// `OVER name` or `OVER (…)`.
    pub(super) fn over(&self, window: &raw::WindowDef) -> WindowDefinition {
        let at = self.at(window.location);
        if self.kind(at) == TokenKind::LeftParen {
            return self.window(window);
        }
        WindowDefinition {
            name: None,
            base: window.name.str().map(|name| self.ident(at, name)),
            partition_by: Vec::new(),
            order_by: Vec::new(),
            frame_options: DEFAULT_FRAME,
            frame: Vec::new(),
        }
    }

    /// A window's definition; its location is the parenthesis, before which the WINDOW clause has `name AS`.
    pub(super) fn window(&self, window: &raw::WindowDef) -> WindowDefinition {
        let paren = self.at(window.location);
        let frame = [&window.startOffset, &window.endOffset];
        WindowDefinition {
            name: window.name.str().map(|name| self.ident(paren.saturating_sub(2), name)),
            base: window.refname.str().map(|name| self.ident(paren + 1, name)),
            partition_by: self.exprs(&window.partitionClause),
            order_by: self.sort_list(&window.orderClause),
            frame_options: window.frameOptions,
            frame: frame.into_iter().filter_map(|offset| self.optional_expr(offset)).exact(),
        }
    }

    /// The elements of ORDER BY.
    pub(super) fn sort_list(&self, list: &Ptr<raw::List>) -> Vec<SortBy> {
        list.of::<raw::SortBy>().filter_map(|sort| self.sort(sort)).exact()
    }

    fn sort(&self, sort: &raw::SortBy) -> Option<SortBy> {
        let expr = self.placed_expr(sort.node.node()?);
        let mut end = expr.at.end;
        let descending = match sort.sortby_dir {
            raw::SORTBY_ASC => Some(false),
            raw::SORTBY_DESC => Some(true),
            _ => None,
        };
        if descending.is_some() {
            end = self.skip_closing(end) + 1;
        }
        let using = (sort.sortby_dir == raw::SORTBY_USING).then(|| {
            let (operator, after) = self.operator_name(&sort.useOp, self.at(sort.location));
            end = after;
            operator
        });
        let nulls_first = match sort.sortby_nulls {
            raw::SORTBY_NULLS_FIRST => Some(true),
            raw::SORTBY_NULLS_LAST => Some(false),
            _ => None,
        };
        if nulls_first.is_some() {
            end = self.skip_closing(end) + 2;
        }
        self.reached(end);
        Some(SortBy { expr: expr.value, descending, nulls_first, using })
    }
}
