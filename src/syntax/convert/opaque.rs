//! Expressions that are nested too deep: only their extent is known.

use super::*;
use crate::syntax::ExprKind;

/// Words that no expression goes past, except within brackets. CASE has its own, which it needs only
/// where an operand of it is nested too deep.
const AFTER_EXPRESSION: [&str; 27] = [
    "and",
    "or",
    "escape",
    "from",
    "where",
    "group",
    "having",
    "window",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
    "union",
    "intersect",
    "except",
    "then",
    "else",
    "when",
    "end",
    "as",
    "using",
    "on",
    "returning",
    "with",
    "asc",
    "desc",
];

impl Converter<'_> {
    /// Only the extent: from the leftmost leaf to where the expression must end.
    pub(super) fn opaque(&self, node: Node) -> Placed<Expr> {
        let first = self.leftmost(node);
        let rest = Extent::new(first, self.limit.get().min(self.end()));
        let is_end = |&index: &usize| {
            let closes = matches!(self.kind(index), TokenKind::RightParen | TokenKind::RightBracket);
            closes
                || matches!(self.kind(index), TokenKind::Comma | TokenKind::Semicolon)
                || (index > first && self.is_any(index, &AFTER_EXPRESSION))
        };
        let end = self.outside_brackets(rest).find(is_end).unwrap_or(rest.end);
        self.place(Extent::new(first, end.max(first + 1)), ExprKind::Opaque)
    }

    /// The first token of an expression, but for parentheses before it.
    pub(super) fn leftmost(&self, mut node: Node) -> usize {
        loop {
            let (location, before) = self.start(node);
            match before {
                Some(before) => node = before,
                None if location >= 0 => return self.at(location),
                None => return self.walked.get().min(self.end()),
            }
        }
    }

    /// A node's location, and the operand that is written before it, if there is one.
    fn start<'t>(&self, node: Node<'t>) -> (raw::ParseLoc, Option<Node<'t>>) {
        match node {
            Node::A_Expr(node) if node.kind == raw::AEXPR_NULLIF => (node.location, None),
            Node::A_Expr(node) => (node.location, node.lexpr.node()),
            Node::BoolExpr(node) if node.boolop == raw::NOT_EXPR => {
                let written_inside = |arg: &Node| matches!(arg, Node::SubLink(arg) if arg.location == node.location);
                (node.location, node.args.nodes().next().filter(written_inside))
            }
            Node::BoolExpr(node) => (node.location, node.args.nodes().next()),
            Node::TypeCast(node) if node.location < 0 => (node.typeName.get().map_or(-1, |ty| ty.location), None),
            Node::TypeCast(node) if self.kind(self.at(node.location)) != TokenKind::TypeCast => (node.location, None),
            Node::TypeCast(node) => (node.location, node.arg.node()),
            Node::CollateClause(node) => (node.location, node.arg.node()),
            Node::NullTest(node) => (node.location, node.arg.node()),
            Node::BooleanTest(node) => (node.location, node.arg.node()),
            Node::SubLink(node) => (node.location, node.testexpr.node()),
            Node::A_Indirection(node) => (-1, node.arg.node()),
            Node::FuncCall(node) if node.funcformat == raw::COERCE_SQL_SYNTAX => {
                let word = self.at(node.location);
                let mut args = node.args.nodes();
                let before = if self.is_word(word, "at") { args.next_back() } else { args.next() };
                let is_infix = node.location < 0 || self.is_any(word, &["at", "is", "overlaps"]);
                (node.location, before.filter(|_| is_infix))
            }
            Node::FuncCall(node) => (node.location, None),
            Node::ColumnRef(node) => (node.location, None),
            Node::A_Const(node) => (node.location, None),
            Node::ParamRef(node) => (node.location, None),
            Node::CaseExpr(node) => (node.location, None),
            Node::RowExpr(node) => (node.location, None),
            Node::A_ArrayExpr(node) => (node.location, None),
            Node::CoalesceExpr(node) => (node.location, None),
            Node::MinMaxExpr(node) => (node.location, None),
            _ => (-1, None),
        }
    }
}
