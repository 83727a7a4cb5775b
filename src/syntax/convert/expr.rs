//! Expressions and types.

use super::*;
use crate::syntax::ExprKind;

impl Converter<'_> {
    /// An expression.
    pub(super) fn expr(&self, node: Node) -> Expr {
        self.placed_expr(node).value
    }

    /// An expression and its tokens, parentheses around it left out.
    pub(super) fn placed_expr(&self, _node: Node) -> Placed<Expr> {
        let at = Extent::new(0, self.end());
        Placed { value: Expr { span: self.span(at), kind: ExprKind::Opaque }, at }
    }

    /// An expression that may be left out.
    pub(super) fn optional_expr(&self, node: &Ptr<raw::Node>) -> Option<Expr> {
        node.node().map(|node| self.expr(node))
    }

    /// The expressions of a list.
    pub(super) fn exprs(&self, list: &Ptr<raw::List>) -> Vec<Expr> {
        list.nodes().map(|node| self.expr(node)).collect()
    }

    /// The one expression of a text parsed as such.
    pub(super) fn only_expression(&self, roots: &Ptr<raw::List>) -> Option<Expr> {
        let statement = roots.of::<raw::RawStmt>().next()?;
        let Node::SelectStmt(select) = statement.stmt.node()? else { return None };
        let target = select.targetList.of::<raw::ResTarget>().next()?;
        self.optional_expr(&target.val)
    }

    /// A type.
    pub(super) fn type_name(&self, ty: &raw::TypeName) -> TypeName {
        self.placed_type(ty).value
    }

    /// A type and its tokens.
    pub(super) fn placed_type(&self, ty: &raw::TypeName) -> Placed<TypeName> {
        let at = Extent::new(self.at(ty.location), self.at(ty.location) + 1);
        let value = TypeName {
            span: self.span(at),
            parts: Box::new([]),
            modifiers: Vec::new(),
            array_dimensions: 0,
            setof: ty.setof,
            percent_type: ty.pct_type,
        };
        Placed { value, at }
    }
}
