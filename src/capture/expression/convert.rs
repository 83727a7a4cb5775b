//! From sqlparser's tree to ours.

use sqlparser::ast::{self, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::Expression;
use super::rewrite::sub_plan;

/// How deep brackets and calls may nest.
const MAX_DEPTH: usize = 100;

/// Reads an expression that was rewritten.
pub(super) fn parse(text: &str) -> Expression {
    let dialect = PostgreSqlDialect {};
    let parser = Parser::new(&dialect).with_recursion_limit(MAX_DEPTH);
    let Ok(mut parser) = parser.try_with_sql(text) else { return Expression::Opaque };
    match parser.parse_expr() {
        Ok(tree) if parser.peek_token().token == sqlparser::tokenizer::Token::EOF => expression(&tree, 0),
        _ => Expression::Opaque,
    }
}

fn expression(tree: &Expr, depth: usize) -> Expression {
    if depth > 2 * MAX_DEPTH {
        return Expression::Opaque;
    }
    let one = |part: &Expr| expression(part, depth + 1);
    let boxed = |part: &Expr| Box::new(one(part));
    let is = |left: &Expr, word: &str| Expression::Operation {
        operator: "IS".into(),
        left: Some(boxed(left)),
        right: Box::new(Expression::Constant(word.into())),
    };
    match tree {
        Expr::Nested(inner) => one(inner),
        Expr::Identifier(name) => identifier(None, name),
        Expr::CompoundIdentifier(names) => compound(names),
        Expr::Value(value) => constant(&value.value),
        Expr::TypedString(typed) => constant(&typed.value.value),
        Expr::Prefixed { value, .. } => one(value),
        Expr::BinaryOp { left, op, right } => binary(left, &op.to_string(), right, depth),
        Expr::AnyOp { left, compare_op, right, .. } => operation(left, &format!("{compare_op} ANY"), right, depth),
        Expr::AllOp { left, compare_op, right } => operation(left, &format!("{compare_op} ALL"), right, depth),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => Expression::Not(boxed(expr)),
        Expr::UnaryOp { op, expr } => {
            Expression::Operation { operator: op.to_string().into(), left: None, right: boxed(expr) }
        }
        Expr::IsNull(of) => Expression::IsNull(boxed(of)),
        Expr::IsNotNull(of) => Expression::Not(Box::new(Expression::IsNull(boxed(of)))),
        Expr::IsTrue(of) => is(of, "true"),
        Expr::IsNotTrue(of) => Expression::Not(Box::new(is(of, "true"))),
        Expr::IsFalse(of) => is(of, "false"),
        Expr::IsNotFalse(of) => Expression::Not(Box::new(is(of, "false"))),
        Expr::IsDistinctFrom(left, right) => operation(left, "IS DISTINCT FROM", right, depth),
        Expr::IsNotDistinctFrom(left, right) => operation(left, "IS NOT DISTINCT FROM", right, depth),
        Expr::AtTimeZone { timestamp, time_zone } => operation(timestamp, "AT TIME ZONE", time_zone, depth),
        Expr::Cast { expr, data_type, .. } => cast(one(expr), &data_type.to_string()),
        Expr::Collate { expr, .. } => one(expr),
        Expr::Function(function) => call(function, depth),
        Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => query(subquery),
        Expr::CompoundFieldAccess { root, access_chain } => field_access(one(root), access_chain, depth),
        Expr::Extract { expr, .. } => named("extract", vec![one(expr)]),
        Expr::Ceil { expr, .. } => named("ceil", vec![one(expr)]),
        Expr::Floor { expr, .. } => named("floor", vec![one(expr)]),
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            let rest = [substring_from, substring_for].into_iter().flatten().map(|part| one(part));
            named("substring", std::iter::once(one(expr)).chain(rest).collect())
        }
        Expr::Trim { expr, trim_what, .. } => {
            named("btrim", std::iter::once(one(expr)).chain(trim_what.as_deref().map(one)).collect())
        }
        Expr::Position { expr, r#in } => named("position", vec![one(expr), one(r#in)]),
        Expr::Overlay { expr, overlay_what, overlay_from, .. } => {
            named("overlay", vec![one(expr), one(overlay_what), one(overlay_from)])
        }
        Expr::InList { expr, list, .. } => Expression::Other(std::iter::once(&**expr).chain(list).map(one).collect()),
        Expr::Between { expr, low, high, .. } => Expression::Other(vec![one(expr), one(low), one(high)]),
        Expr::Case { operand, conditions, else_result, .. } => {
            let branches = conditions.iter().flat_map(|when| [&when.condition, &when.result]);
            let ends = operand.as_deref().into_iter().chain(branches).chain(else_result.as_deref());
            Expression::Other(ends.map(one).collect())
        }
        Expr::Tuple(parts) => Expression::Other(parts.iter().map(one).collect()),
        Expr::Array(array) => Expression::Other(array.elem.iter().map(one).collect()),
        _ => Expression::Opaque,
    }
}

fn named(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call { name: name.into(), arguments }
}

fn identifier(table: Option<&ast::Ident>, name: &ast::Ident) -> Expression {
    if let Some(sub_plan) = sub_plan(&name.value) {
        return Expression::SubPlan(sub_plan.into());
    }
    Expression::Column { table: table.map(|table| table.value.as_str().into()), name: name.value.as_str().into() }
}

fn compound(names: &[ast::Ident]) -> Expression {
    match names {
        // `(InitPlan 1).col1` without its brackets.
        [plan, _] if sub_plan(&plan.value).is_some() => identifier(None, plan),
        [.., table, name] => identifier(Some(table), name),
        [name] => identifier(None, name),
        [] => Expression::Opaque,
    }
}

fn constant(value: &ast::Value) -> Expression {
    match value {
        ast::Value::Placeholder(parameter) => Expression::Parameter(parameter.as_str().into()),
        ast::Value::SingleQuotedString(text) | ast::Value::EscapedStringLiteral(text) => {
            Expression::Constant(text.as_str().into())
        }
        other => Expression::Constant(other.to_string().into()),
    }
}

/// AND and OR chains lean to the left as deep as they are long, so they are walked and not recursed into.
fn binary(left: &Expr, operator: &str, right: &Expr, depth: usize) -> Expression {
    let make: fn(Vec<Expression>) -> Expression = match operator {
        "AND" => Expression::And,
        "OR" => Expression::Or,
        _ => return operation(left, operator, right, depth),
    };
    let mut parts = vec![right];
    let mut first = left;
    while let Expr::BinaryOp { left, op, right } = first {
        if op.to_string() != operator {
            break;
        }
        parts.push(right);
        first = left;
    }
    parts.push(first);
    make(parts.into_iter().rev().map(|part| expression(part, depth + 1)).collect())
}

fn operation(left: &Expr, operator: &str, right: &Expr, depth: usize) -> Expression {
    let operator = operator.strip_prefix("OPERATOR(").and_then(|name| name.strip_suffix(')')).unwrap_or(operator);
    let operator = operator.strip_prefix("pg_catalog.").unwrap_or(operator);
    Expression::Operation {
        operator: operator.into(),
        left: Some(Box::new(expression(left, depth + 1))),
        right: Box::new(expression(right, depth + 1)),
    }
}

fn cast(of: Expression, to: &str) -> Expression {
    match of {
        Expression::Column { .. } | Expression::Call { .. } | Expression::Operation { .. } => {
            Expression::Cast { of: Box::new(of), to: to.to_lowercase().into() }
        }
        other => other,
    }
}

fn call(function: &ast::Function, depth: usize) -> Expression {
    let name = function.name.0.last().and_then(ast::ObjectNamePart::as_ident);
    let name = name.map_or_else(|| function.name.to_string(), |name| name.value.clone());
    let arguments = match &function.args {
        FunctionArguments::List(list) => list.args.iter().map(|argument| self::argument(argument, depth)).collect(),
        FunctionArguments::Subquery(subquery) => vec![query(subquery)],
        FunctionArguments::None => Vec::new(),
    };
    match name.as_str() {
        // `ANY (a = (hashed SubPlan 1).col1)`, and ROW without which two rows cannot be compared.
        "any_of" | "ROW" => Expression::Other(arguments),
        _ => Expression::Call { name: name.into(), arguments },
    }
}

fn argument(argument: &FunctionArg, depth: usize) -> Expression {
    let (FunctionArg::Unnamed(value)
    | FunctionArg::Named { arg: value, .. }
    | FunctionArg::ExprNamed { arg: value, .. }) = argument;
    match value {
        FunctionArgExpr::Expr(tree) => expression(tree, depth + 1),
        _ => Expression::Constant("*".into()),
    }
}

/// A query stands only where a sub-plan was printed: `EXISTS(SubPlan 1)`.
fn query(query: &ast::Query) -> Expression {
    let ast::SetExpr::Select(select) = &*query.body else { return Expression::Opaque };
    match select.projection.first() {
        Some(ast::SelectItem::UnnamedExpr(Expr::Identifier(name))) => identifier(None, name),
        _ => Expression::Opaque,
    }
}

fn field_access(root: Expression, chain: &[ast::AccessExpr], depth: usize) -> Expression {
    if matches!(root, Expression::SubPlan(_)) {
        return root;
    }
    let mut parts = vec![root];
    for access in chain {
        if let ast::AccessExpr::Subscript(ast::Subscript::Index { index }) = access {
            parts.push(expression(index, depth + 1));
        }
    }
    Expression::Other(parts)
}
