//! Whether two expressions are the same, wherever they are written (equalfuncs.c).

use super::tree::{Coercion, Expr, Form, Node, Query, SubscriptStep};

/// Whether two expressions mean the same. Sub-selects are the same only where they are one and the same text.
pub(super) fn same(a: &Expr, b: &Expr) -> bool {
    if a.ty != b.ty || a.modifiers != b.modifiers {
        return false;
    }
    match (&a.node, &b.node) {
        (Node::Constant(a), Node::Constant(b)) => a == b,
        (Node::Var(a), Node::Var(b)) => (a.levels_up, a.range, a.column) == (b.levels_up, b.range, b.column),
        (Node::Param(a), Node::Param(b)) | (Node::Variable(a), Node::Variable(b)) => a == b,
        (Node::Call(a), Node::Call(b)) => {
            a.function.is_some() && a.function == b.function && a.variadic == b.variadic && all_same(&a.args, &b.args)
        }
        (Node::Aggregate(a), Node::Aggregate(b)) => {
            let keys =
                |a: &super::tree::SortKey, b: &super::tree::SortKey| a.order == b.order && same(&a.expr, &b.expr);
            a.function.is_some()
                && (a.function, a.star, a.distinct, a.levels_up) == (b.function, b.star, b.distinct, b.levels_up)
                && all_same(&a.args, &b.args)
                && all_same(&a.direct_args, &b.direct_args)
                && a.order_by.len() == b.order_by.len()
                && a.order_by.iter().zip(&b.order_by).all(|(a, b)| keys(a, b))
                && both(a.filter.as_ref(), b.filter.as_ref())
        }
        (Node::Window(a), Node::Window(b)) => {
            a.function.is_some()
                && (a.function, a.star, a.window) == (b.function, b.star, b.window)
                && all_same(&a.args, &b.args)
                && both(a.filter.as_ref(), b.filter.as_ref())
        }
        (Node::Operator(a), Node::Operator(b))
        | (Node::Distinct(a), Node::Distinct(b))
        | (Node::NullIf(a), Node::NullIf(b)) => {
            a.operator.is_some()
                && a.operator == b.operator
                && both(a.left.as_ref(), b.left.as_ref())
                && same(&a.right, &b.right)
        }
        (Node::ScalarArray(a), Node::ScalarArray(b)) => {
            a.operator.is_some()
                && a.operator == b.operator
                && a.all == b.all
                && same(&a.left, &b.left)
                && same(&a.right, &b.right)
        }
        (Node::Sublink(a), Node::Sublink(b)) => same_text(&a.query, &b.query) && all_same(&a.test, &b.test),
        (Node::Field(a), Node::Field(b)) => a.field == b.field && same(&a.base, &b.base),
        (Node::Subscript(a), Node::Subscript(b)) => {
            same(&a.base, &b.base)
                && a.path.len() == b.path.len()
                && a.path.iter().zip(&b.path).all(|(a, b)| same_step(a, b))
        }
        (Node::Coercion(a), Node::Coercion(b)) => a.method == b.method && same(&a.arg, &b.arg),
        (Node::Case(a), Node::Case(b)) => {
            both(a.operand.as_ref(), b.operand.as_ref())
                && a.arms.len() == b.arms.len()
                && a.arms.iter().zip(&b.arms).all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1))
                && same(&a.otherwise, &b.otherwise)
        }
        (Node::CaseTest, Node::CaseTest) | (Node::DomainValue, Node::DomainValue) => true,
        (Node::And(a), Node::And(b))
        | (Node::Or(a), Node::Or(b))
        | (Node::Array(a), Node::Array(b))
        | (Node::Coalesce(a), Node::Coalesce(b))
        | (Node::Greatest(a), Node::Greatest(b))
        | (Node::Least(a), Node::Least(b))
        | (Node::Grouping(a), Node::Grouping(b)) => all_same(a, b),
        (Node::Not(a), Node::Not(b)) => same(a, b),
        (Node::NamedArgument { number: m, value: a, .. }, Node::NamedArgument { number: n, value: b, .. }) => {
            m == n && same(a, b)
        }
        (Node::Row(a), Node::Row(b)) => all_same(&a.fields, &b.fields),
        (Node::SqlValue(a), Node::SqlValue(b)) => a == b,
        (Node::NullTest(a), Node::NullTest(b)) => a.negated == b.negated && same(&a.arg, &b.arg),
        (Node::BooleanTest(a), Node::BooleanTest(b)) => {
            (a.value, a.negated) == (b.value, b.negated) && same(&a.arg, &b.arg)
        }
        (Node::Collate(a), Node::Collate(b)) => a.collation == b.collation && same(&a.arg, &b.arg),
        _ => false,
    }
}

fn all_same(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn both(a: Option<&Expr>, b: Option<&Expr>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_step(a: &SubscriptStep, b: &SubscriptStep) -> bool {
    match (a, b) {
        (SubscriptStep::Index(a), SubscriptStep::Index(b)) => same(a, b),
        (SubscriptStep::Slice(a, c), SubscriptStep::Slice(b, d)) => {
            both(a.as_ref(), b.as_ref()) && both(c.as_ref(), d.as_ref())
        }
        _ => false,
    }
}

fn same_text(a: &Query, b: &Query) -> bool {
    !a.span.is_none() && a.span == b.span
}

/// strip_implicit_coercions.
pub(super) fn without_implicit(expr: &Expr) -> &Expr {
    let mut expr = expr;
    while let Node::Coercion(coercion) = &expr.node {
        let Coercion { form: Form::ImplicitCast, arg, .. } = &**coercion else { break };
        expr = arg;
    }
    expr
}
