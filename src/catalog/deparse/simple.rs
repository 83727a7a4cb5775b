//! Where pretty printing may leave parentheses out (isSimpleNode).

use crate::catalog::analyze::tree::{CoercionMethod, Expr, Form, Node, Operation};

/// Whether `expr` needs no parentheses within `parent`.
pub(super) fn is_simple<'e>(mut expr: &'e Expr, mut parent: Option<&'e Expr>) -> bool {
    loop {
        match &expr.node {
            // What is written as a call is simple; other conversions are as simple as what they convert.
            Node::Coercion(it) => match it.method {
                CoercionMethod::Function(_) | CoercionMethod::Length => return true,
                _ => (expr, parent) = (&it.arg, Some(expr)),
            },
            Node::Field(_) => return !matches!(parent.map(|it| &it.node), Some(Node::Field(_))),
            Node::Operator(it) => {
                return match parent.map(|it| &it.node) {
                    Some(Node::Operator(around)) => is_simple_operand(expr, it, around),
                    _ => stands_alone(parent),
                };
            }
            Node::Sublink(_) | Node::NullTest(_) | Node::BooleanTest(_) | Node::Distinct(_) => {
                return matches!(parent.map(|it| &it.node), Some(Node::And(_) | Node::Or(_) | Node::Not(_)))
                    || stands_alone(parent);
            }
            Node::And(_) | Node::Not(_) => {
                return matches!(parent.map(|it| &it.node), Some(Node::And(_) | Node::Or(_))) || stands_alone(parent);
            }
            Node::Or(_) => return matches!(parent.map(|it| &it.node), Some(Node::Or(_))) || stands_alone(parent),
            Node::ScalarArray(_) | Node::RowCompare(_) | Node::Collate(_) | Node::Unknown(_) => return false,
            _ => return true,
        }
    }
}

/// Whether what is around separates its parts by itself.
fn stands_alone(parent: Option<&Expr>) -> bool {
    match parent.map(|it| &it.node) {
        Some(Node::Call(call)) => call.form == Form::Call,
        Some(Node::And(_) | Node::Or(_) | Node::Not(_)) => true,
        Some(
            Node::Subscript(_)
            | Node::Array(_)
            | Node::Row(_)
            | Node::Coalesce(_)
            | Node::Greatest(_)
            | Node::Least(_)
            | Node::NullIf(_)
            | Node::Aggregate(_)
            | Node::Grouping(_)
            | Node::Window(_)
            | Node::Case(_),
        ) => true,
        _ => false,
    }
}

/// Of operators only the arithmetic ones are known to bind as everybody expects.
fn is_simple_operand(expr: &Expr, inner: &Operation, outer: &Operation) -> bool {
    let (Some(inner), Some(around)) = (priority(inner), priority(outer)) else { return false };
    match inner.cmp(&around) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => outer.left.as_ref().is_some_and(|left| std::ptr::eq(left, expr)),
    }
}

fn priority(operation: &Operation) -> Option<u8> {
    operation.left.as_ref()?;
    match operation.name.as_str() {
        "+" | "-" => Some(1),
        "*" | "/" | "%" => Some(2),
        _ => None,
    }
}
