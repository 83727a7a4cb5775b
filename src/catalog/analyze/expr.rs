//! Expressions (parse_expr.c).

use std::ops::Deref;

use super::coerce::{Goal, common_modifiers};
use super::scope::{Level, Site, unknown, unknown_of};
use super::tree::{
    BooleanTest, Case, Collate, Constant, Expr, Form, Modifiers, Node, NullTest, Operation, Row, RowCompare, Sublink,
    SublinkKind, Subscript, SubscriptStep,
};
use super::types::Facts;
use super::{Error, Result, Scope, Type};
use crate::source::Span;
use crate::syntax::{
    self as ir, Accessor, CastContext, ExprKind, Ident, Name, OperatorName, PatternKind, QualifiedName, SqlValue,
    SubqueryKind,
};

/// Analysis of one statement.
pub(super) struct Analyzer<'a> {
    pub facts: Facts<'a>,
    pub scope: &'a Scope,
}

impl<'a> Deref for Analyzer<'a> {
    type Target = Facts<'a>;

    fn deref(&self) -> &Facts<'a> {
        &self.facts
    }
}

impl Analyzer<'_> {
    /// transformExpr.
    pub fn expr(&self, level: &Level<'_>, expr: &ir::Expr) -> Result<Expr> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Null => Ok(self.literal(Constant::Null, span)),
            ExprKind::Bool(value) => Ok(typed(Node::Constant(Constant::Bool(*value)), self.known.bool, span)),
            ExprKind::Integer(value) => Ok(self.integer(*value, span)),
            ExprKind::Float(text) => Ok(self.number(text, span)),
            ExprKind::String(text) => Ok(self.literal(Constant::Text((**text).into()), span)),
            ExprKind::BitString(text) => Ok(typed(Node::Constant(Constant::Bits(text.clone())), self.known.bit, span)),
            ExprKind::Column(column) => self.column(level, column, span),
            ExprKind::Param(number) => self.parameter(self.scope, *number, span),
            ExprKind::Cast(cast) => self.cast(level, cast, span),
            ExprKind::Operator(operation) => self.operation(level, operation, span),
            ExprKind::Quantified(it) => {
                let (left, right) = (self.expr(level, &it.left)?, self.expr(level, &it.right)?);
                self.make_scalar_array(&it.operator, left, right, it.all, span)
            }
            ExprKind::Distinct(it) => self.distinct(level, it, span),
            ExprKind::NullIf(it) => self.null_if(level, it, span),
            ExprKind::In(it) => self.in_list(level, it, span),
            ExprKind::Like(it) => self.like(level, it, span),
            ExprKind::Between(it) => self.between(level, it, span),
            ExprKind::And(list) => Ok(self.boolean(Node::And(self.booleans(level, list, "AND")?), span)),
            ExprKind::Or(list) => Ok(self.boolean(Node::Or(self.booleans(level, list, "OR")?), span)),
            ExprKind::Not(arg) => {
                let arg = self.to_boolean(self.expr(level, arg)?, "NOT")?;
                Ok(self.boolean(Node::Not(Box::new(arg)), span))
            }
            ExprKind::Subquery(it) => self.subquery(level, it, span),
            ExprKind::Case(it) => self.case(level, it, span),
            ExprKind::Coalesce(list) => self.of_common_type(level, list, span, "COALESCE", Node::Coalesce),
            ExprKind::Greatest(list) => self.of_common_type(level, list, span, "GREATEST", Node::Greatest),
            ExprKind::Least(list) => self.of_common_type(level, list, span, "LEAST", Node::Least),
            ExprKind::SqlValue(value) => Ok(typed(Node::SqlValue(*value), self.type_of_sql_value(*value), span)),
            ExprKind::Call(call) => self.call(level, call, span),
            ExprKind::Row(fields) => self.row(level, fields, span),
            ExprKind::Array(elements) => self.array(level, elements, None, span),
            ExprKind::Indirection(it) => self.indirection(level, it, span),
            ExprKind::Collate(it) => self.collate(level, it, span),
            ExprKind::NullTest(it) => {
                let arg = self.expr(level, &it.expr)?;
                Ok(self.boolean(Node::NullTest(Box::new(NullTest { arg, negated: it.negated })), span))
            }
            ExprKind::BooleanTest(it) => {
                let arg = self.to_boolean(self.expr(level, &it.expr)?, "IS TRUE")?;
                let test = BooleanTest { arg, value: it.value, negated: it.negated };
                Ok(self.boolean(Node::BooleanTest(Box::new(test)), span))
            }
            ExprKind::Default => Err(Error::new("42601", span, "DEFAULT is not allowed in this context")),
            ExprKind::CurrentOf(cursor) => Ok(self.boolean(Node::CurrentOf(*cursor), span)),
            ExprKind::Grouping(list) => {
                let args = self.exprs(level, list)?;
                Ok(typed(Node::Grouping(args), self.known.int4, span))
            }
            ExprKind::Constructor(it) => self.constructor(level, it, span),
            ExprKind::Opaque => {
                level.incomplete.set(true);
                Ok(unknown(span))
            }
        }
    }

    /// The expressions of a list.
    pub fn exprs(&self, level: &Level<'_>, list: &[ir::Expr]) -> Result<Vec<Expr>> {
        list.iter().map(|expr| self.expr(level, expr)).collect()
    }

    fn booleans(&self, level: &Level<'_>, list: &[ir::Expr], construct: &str) -> Result<Vec<Expr>> {
        list.iter().map(|expr| self.to_boolean(self.expr(level, expr)?, construct)).collect()
    }

    /// A constant whose type is not known yet.
    pub fn literal(&self, value: Constant, span: Span) -> Expr {
        typed(Node::Constant(value), self.known.unknown, span)
    }

    fn integer(&self, value: i64, span: Span) -> Expr {
        let ty = if i32::try_from(value).is_ok() { self.known.int4 } else { self.known.int8 };
        typed(Node::Constant(Constant::Integer(value)), ty, span)
    }

    /// A number that is no int4: int8 where it fits, else numeric.
    fn number(&self, text: &str, span: Span) -> Expr {
        match super::constant::parse_integer(text) {
            Some(value) => self.integer(value, span),
            None => typed(Node::Constant(Constant::Numeric(text.into())), self.known.numeric, span),
        }
    }

    pub fn boolean(&self, node: Node, span: Span) -> Expr {
        typed(node, self.known.bool, span)
    }

    fn column(&self, level: &Level<'_>, column: &ir::ColumnRef, span: Span) -> Result<Expr> {
        if !column.star {
            return self.column_ref(level, self.scope, column, span);
        }
        // `t.*` as a value is the row.
        let (schema, relation) = match column.parts[..] {
            [relation] => (None, relation),
            [.., schema, relation] => (Some(schema), relation),
            [] => return Err(Error::new("42601", span, "improper use of \"*\"")),
        };
        match self.range_by_name(level, schema, relation)? {
            Some((levels_up, range)) => Ok(self.whole_row(level, levels_up, range, span)),
            None => {
                let row = ir::ColumnRef { parts: column.parts.clone(), star: false };
                self.column_ref(level, self.scope, &row, span)
            }
        }
    }

    /// transformTypeCast.
    fn cast(&self, level: &Level<'_>, cast: &ir::Cast, span: Span) -> Result<Expr> {
        let Some((ty, modifiers)) = self.resolve_type(&cast.ty)? else {
            let arg = self.expr(level, &cast.expr)?;
            return Ok(unknown_of(span, vec![arg]));
        };
        let arg = match &cast.expr.kind {
            // The elements of an array constructor are converted one by one.
            ExprKind::Array(elements) => {
                let target = self.base_with_modifiers(ty, modifiers);
                match self.element(target.0) {
                    Some(_) => self.array(level, elements, Some(target), cast.expr.span)?,
                    None => self.expr(level, &cast.expr)?,
                }
            }
            _ => self.expr(level, &cast.expr)?,
        };
        let goal = Goal { ty, modifiers, context: CastContext::Explicit, form: Form::ExplicitCast, span };
        let source = arg.ty;
        match self.coerce_to_target(arg, goal)? {
            Some(mut expr) => {
                expr.span = span;
                Ok(expr)
            }
            None => {
                let from = source.map(|ty| self.name(ty)).unwrap_or_default();
                let to = self.name(ty);
                Err(Error::new("42846", span, format!("cannot cast type {from} to {to}")))
            }
        }
    }

    /// transformAExprOp. A chain of operators is followed along its left side without recursion.
    fn operation(&self, level: &Level<'_>, operation: &ir::Operation, span: Span) -> Result<Expr> {
        let mut chain = vec![(operation, span)];
        let mut innermost = operation.left.as_ref();
        while let Some(ir::Expr { kind: ExprKind::Operator(left), span }) = innermost {
            chain.push((left, *span));
            innermost = left.left.as_ref();
        }
        let mut left = match innermost {
            Some(left) if matches!(left.kind, ExprKind::Row(_)) => None,
            Some(left) => Some(self.expr(level, left)?),
            None => None,
        };
        while let Some((operation, span)) = chain.pop() {
            left = Some(self.operation_on(level, operation, left.take(), span)?);
        }
        Ok(left.unwrap_or_else(|| unknown(span)))
    }

    /// `left` is the analysed left operand, unless that is a row.
    fn operation_on(
        &self,
        level: &Level<'_>,
        operation: &ir::Operation,
        left: Option<Expr>,
        span: Span,
    ) -> Result<Expr> {
        if let (None, Some(written)) = (&left, &operation.left) {
            return self.row_operation(level, operation, written, span);
        }
        let right = self.expr(level, &operation.right)?;
        self.make_operation(&operation.operator, left, right, span)
    }

    /// `(a, b) op (c, d)` and `(a, b) op (SELECT …)`.
    fn row_operation(&self, level: &Level<'_>, operation: &ir::Operation, left: &ir::Expr, span: Span) -> Result<Expr> {
        match (&left.kind, &operation.right.kind) {
            (ExprKind::Row(left), ExprKind::Row(right)) => {
                let (left, right) = (self.row_fields(level, left)?, self.row_fields(level, right)?);
                self.compare_rows(&operation.operator, left, right, span)
            }
            (ExprKind::Row(fields), ExprKind::Subquery(it)) if matches!(it.kind, SubqueryKind::Scalar) => {
                let test = self.row_fields(level, fields)?;
                self.sublink_with_test(level, SublinkKind::Scalar, test, &operation.operator, &it.query, true, span)
            }
            _ => {
                let left = self.expr(level, left)?;
                let right = self.expr(level, &operation.right)?;
                self.make_operation(&operation.operator, Some(left), right, span)
            }
        }
    }

    /// make_row_comparison_op.
    fn compare_rows(&self, operator: &OperatorName, left: Vec<Expr>, right: Vec<Expr>, span: Span) -> Result<Expr> {
        if left.len() != right.len() {
            return Err(Error::new("42601", span, "unequal number of entries in row expressions"));
        }
        if left.is_empty() {
            return Err(Error::new("0A000", span, "cannot compare rows of zero length"));
        }
        let pairs = left.into_iter().zip(right);
        let mut comparisons: Vec<Expr> =
            pairs.map(|(left, right)| self.make_operation(operator, Some(left), right, span)).collect::<Result<_>>()?;
        if comparisons.len() == 1 {
            return Ok(comparisons.swap_remove(0));
        }
        match operator.name.as_str() {
            "=" => Ok(self.boolean(Node::And(comparisons), span)),
            "<>" | "!=" => Ok(self.boolean(Node::Or(comparisons), span)),
            _ => {
                let mut it =
                    RowCompare { operators: Vec::new(), name: operator.name, left: Vec::new(), right: Vec::new() };
                for comparison in comparisons {
                    if let Node::Operator(comparison) = comparison.node {
                        let Operation { operator, left, right, .. } = *comparison;
                        it.operators.push(operator);
                        it.left.extend(left);
                        it.right.push(right);
                    }
                }
                Ok(self.boolean(Node::RowCompare(Box::new(it)), span))
            }
        }
    }

    /// transformAExprDistinct.
    fn distinct(&self, level: &Level<'_>, it: &ir::Comparison, span: Span) -> Result<Expr> {
        // A bare NULL makes it a null test.
        for (null, other) in [(&it.right, &it.left), (&it.left, &it.right)] {
            if matches!(null.kind, ExprKind::Null) {
                let arg = self.expr(level, other)?;
                return Ok(self.boolean(Node::NullTest(Box::new(NullTest { arg, negated: !it.negated })), span));
            }
        }
        let distinct = match (&it.left.kind, &it.right.kind) {
            (ExprKind::Row(left), ExprKind::Row(right)) => self.distinct_rows(level, left, right, span)?,
            _ => self.distinct_values(self.expr(level, &it.left)?, self.expr(level, &it.right)?, span)?,
        };
        Ok(if it.negated { self.boolean(Node::Not(Box::new(distinct)), span) } else { distinct })
    }

    /// make_distinct_op.
    fn distinct_values(&self, left: Expr, right: Expr, span: Span) -> Result<Expr> {
        let comparison = self.make_operation(&self.system_operator_name("=", span), Some(left), right, span)?;
        Ok(match comparison.node {
            Node::Operator(operation) => self.boolean(Node::Distinct(operation), span),
            node => Expr { node, ..comparison },
        })
    }

    /// make_row_distinct_op: two rows differ where any of their fields do.
    fn distinct_rows(&self, level: &Level<'_>, left: &[ir::Expr], right: &[ir::Expr], span: Span) -> Result<Expr> {
        let (left, right) = (self.row_fields(level, left)?, self.row_fields(level, right)?);
        if left.len() != right.len() {
            return Err(Error::new("42601", span, "unequal number of entries in row expressions"));
        }
        let mut result = None;
        for (left, right) in left.into_iter().zip(right) {
            let next = self.distinct_values(left, right, span)?;
            result = Some(match result {
                None => next,
                Some(before) => self.boolean(Node::Or(vec![before, next]), span),
            });
        }
        // Rows without fields do not differ.
        Ok(result.unwrap_or_else(|| self.boolean(Node::Constant(Constant::Bool(false)), span)))
    }

    /// transformAExprNullIf.
    fn null_if(&self, level: &Level<'_>, it: &ir::Comparison, span: Span) -> Result<Expr> {
        let (left, right) = (self.expr(level, &it.left)?, self.expr(level, &it.right)?);
        let comparison = self.make_operation(&self.system_operator_name("=", span), Some(left), right, span)?;
        let Node::Operator(operation) = comparison.node else { return Ok(unknown(span)) };
        let (ty, modifiers) = operation.left.as_ref().map_or((None, Modifiers::NONE), |left| (left.ty, left.modifiers));
        Ok(Expr { span, ty, modifiers, node: Node::NullIf(operation) })
    }

    /// An operator that the grammar implies; it is looked up by its plain name.
    pub fn system_operator_name(&self, name: &str, span: Span) -> OperatorName {
        OperatorName { schema: None, name: Name::from(name), span }
    }

    /// transformAExprIn: what names no column becomes one array, if the types allow it.
    fn in_list(&self, level: &Level<'_>, it: &ir::InList, span: Span) -> Result<Expr> {
        let operator = self.system_operator_name(if it.negated { "<>" } else { "=" }, span);
        let rows =
            matches!(it.expr.kind, ExprKind::Row(_)) || it.list.iter().any(|e| matches!(e.kind, ExprKind::Row(_)));
        if rows {
            return self.in_rows(level, it, &operator, span);
        }
        let left = self.expr(level, &it.expr)?;
        let items = self.exprs(level, &it.list)?;
        let constant = || items.iter().filter(|item| !names_column(item));
        let mut parts = Vec::new();
        let mut single = items.clone();
        if constant().count() > 1
            && let Some(array) = self.in_array(&left, constant().cloned().collect(), &operator, it.negated, span)?
        {
            parts.push(array);
            single.retain(names_column);
        }
        for item in single {
            parts.push(self.make_operation(&operator, Some(left.clone()), item, span)?);
        }
        Ok(self.combine(parts, it.negated, span))
    }

    /// Each test in a pair with those before it, as the server has it; so many that it would be too deep are one.
    fn combine(&self, parts: Vec<Expr>, negated: bool, span: Span) -> Expr {
        const DEEP: usize = 200;
        let connect = |parts| self.boolean(if negated { Node::And(parts) } else { Node::Or(parts) }, span);
        if parts.len() > DEEP {
            return connect(parts);
        }
        let pair = |before: Expr, next: Expr| connect(vec![before, next]);
        parts.into_iter().reduce(pair).unwrap_or_else(|| self.literal(Constant::Null, span))
    }

    /// `left op ANY (ARRAY[…])`; `None` where the items have no common type.
    fn in_array(
        &self,
        left: &Expr,
        items: Vec<Expr>,
        operator: &OperatorName,
        negated: bool,
        span: Span,
    ) -> Result<Option<Expr>> {
        let all: Vec<&Expr> = std::iter::once(left).chain(&items).collect();
        let types: Option<Vec<Type>> = all.iter().map(|expr| expr.ty).collect();
        let Some(types) = types else {
            let array = Expr { span, ty: None, modifiers: Modifiers::NONE, node: Node::Array(items) };
            return self.make_scalar_array(operator, left.clone(), array, negated, span).map(Some);
        };
        let common = self.common_of(&types).ok().filter(|common| {
            *common != self.known.record
                && types.iter().all(|ty| self.can_coerce_one(*ty, *common, CastContext::Implicit))
        });
        let Some((common, array_type)) = common.and_then(|common| Some((common, self.array_of(common)?))) else {
            return Ok(None);
        };
        let elements: Vec<Expr> =
            items.into_iter().map(|item| self.to_common(item, Some(common), "IN")).collect::<Result<_>>()?;
        let array = typed(Node::Array(elements), array_type, span);
        self.make_scalar_array(operator, left.clone(), array, negated, span).map(Some)
    }

    fn in_rows(&self, level: &Level<'_>, it: &ir::InList, operator: &OperatorName, span: Span) -> Result<Expr> {
        let mut parts = Vec::new();
        for item in &it.list {
            let (ExprKind::Row(left), ExprKind::Row(right)) = (&it.expr.kind, &item.kind) else {
                let (left, right) = (self.expr(level, &it.expr)?, self.expr(level, item)?);
                parts.push(self.make_operation(operator, Some(left), right, span)?);
                continue;
            };
            let (left, right) = (self.row_fields(level, left)?, self.row_fields(level, right)?);
            parts.push(self.compare_rows(operator, left, right, span)?);
        }
        Ok(self.combine(parts, it.negated, span))
    }

    /// LIKE, ILIKE and SIMILAR TO are operators.
    fn like(&self, level: &Level<'_>, it: &ir::Like, span: Span) -> Result<Expr> {
        let left = self.expr(level, &it.expr)?;
        let mut right = self.expr(level, &it.pattern)?;
        let escape = it.escape.as_ref().map(|escape| self.expr(level, escape)).transpose()?;
        if it.kind == PatternKind::Similar || escape.is_some() {
            let function = if it.kind == PatternKind::Similar { "similar_to_escape" } else { "like_escape" };
            let args = std::iter::once(right).chain(escape).collect();
            right = self.system_call(level, function, args, span)?;
        }
        let name = match (it.kind, it.negated) {
            (PatternKind::Like, false) => "~~",
            (PatternKind::Like, true) => "!~~",
            (PatternKind::ILike, false) => "~~*",
            (PatternKind::ILike, true) => "!~~*",
            (PatternKind::Similar, false) => "~",
            (PatternKind::Similar, true) => "!~",
        };
        self.make_operation(&self.system_operator_name(name, span), Some(left), right, span)
    }

    /// transformAExprBetween: the operand is analysed twice, as the server does it.
    fn between(&self, level: &Level<'_>, it: &ir::Between, span: Span) -> Result<Expr> {
        let test = |name: &str, bound: &ir::Expr| {
            let (left, right) = (self.expr(level, &it.expr)?, self.expr(level, bound)?);
            self.make_operation(&self.system_operator_name(name, span), Some(left), right, span)
        };
        let range = |low: &ir::Expr, high: &ir::Expr| -> Result<Expr> {
            let (lower, upper) = if it.negated { ("<", ">") } else { (">=", "<=") };
            let parts = vec![test(lower, low)?, test(upper, high)?];
            Ok(self.boolean(if it.negated { Node::Or(parts) } else { Node::And(parts) }, span))
        };
        let straight = range(&it.low, &it.high)?;
        if !it.symmetric {
            return Ok(straight);
        }
        let parts = vec![straight, range(&it.high, &it.low)?];
        Ok(self.boolean(if it.negated { Node::And(parts) } else { Node::Or(parts) }, span))
    }

    /// transformCaseExpr. The ELSE decides first about the type.
    fn case(&self, level: &Level<'_>, it: &ir::Case, span: Span) -> Result<Expr> {
        let mut operand = it.operand.as_ref().map(|operand| self.expr(level, operand)).transpose()?;
        if let Some(expr) = operand.take_if(|expr| expr.ty == Some(self.known.unknown)) {
            operand = Some(self.to_common(expr, Some(self.known.text), "CASE")?);
        }
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for (condition, result) in &it.arms {
            conditions.push(self.case_condition(level, operand.as_ref(), condition)?);
            results.push(self.expr(level, result)?);
        }
        let otherwise = match &it.otherwise {
            Some(otherwise) => self.expr(level, otherwise)?,
            None => self.literal(Constant::Null, span),
        };
        let all: Vec<&Expr> = std::iter::once(&otherwise).chain(&results).collect();
        let common = self.common_type(&all, "CASE")?;
        let otherwise = self.to_common(otherwise, common, "CASE/ELSE")?;
        let results: Vec<Expr> =
            results.into_iter().map(|result| self.to_common(result, common, "CASE/WHEN")).collect::<Result<_>>()?;
        let modifiers = common_modifiers(results.iter().chain([&otherwise]), common);
        let arms = conditions.into_iter().zip(results).collect();
        let case = Case { operand, arms, otherwise, otherwise_written: it.otherwise.is_some() };
        Ok(Expr { span, ty: common, modifiers, node: Node::Case(Box::new(case)) })
    }

    fn case_condition(&self, level: &Level<'_>, operand: Option<&Expr>, condition: &ir::Expr) -> Result<Expr> {
        let span = condition.span;
        let written = self.expr(level, condition)?;
        let condition = match operand {
            Some(operand) => {
                let test = Expr { span, ty: operand.ty, modifiers: operand.modifiers, node: Node::CaseTest };
                self.make_operation(&self.system_operator_name("=", span), Some(test), written, span)?
            }
            None => written,
        };
        self.to_boolean(condition, "CASE/WHEN")
    }

    /// COALESCE, GREATEST, LEAST.
    fn of_common_type(
        &self,
        level: &Level<'_>,
        list: &[ir::Expr],
        span: Span,
        construct: &str,
        node: fn(Vec<Expr>) -> Node,
    ) -> Result<Expr> {
        let args = self.exprs(level, list)?;
        let common = self.common_type(&args.iter().collect::<Vec<_>>(), construct)?;
        let args: Vec<Expr> =
            args.into_iter().map(|arg| self.to_common(arg, common, construct)).collect::<Result<_>>()?;
        let modifiers = common_modifiers(&args, common);
        Ok(Expr { span, ty: common, modifiers, node: node(args) })
    }

    fn type_of_sql_value(&self, value: SqlValue) -> Type {
        let known = self.known;
        match value {
            SqlValue::CurrentDate => known.date,
            SqlValue::CurrentTime => known.timetz,
            SqlValue::CurrentTimestamp => known.timestamptz,
            SqlValue::LocalTime => known.time,
            SqlValue::LocalTimestamp => known.timestamp,
            SqlValue::CurrentRole
            | SqlValue::CurrentUser
            | SqlValue::User
            | SqlValue::SessionUser
            | SqlValue::CurrentCatalog
            | SqlValue::CurrentSchema => known.name,
        }
    }

    fn row_fields(&self, level: &Level<'_>, fields: &[ir::Expr]) -> Result<Vec<Expr>> {
        let mut expanded = Vec::new();
        for field in fields {
            match self.expand_star(level, field)? {
                Some(columns) => expanded.extend(columns.into_iter().map(|(_, expr)| expr)),
                None => expanded.push(self.expr(level, field)?),
            }
        }
        Ok(expanded)
    }

    fn row(&self, level: &Level<'_>, fields: &[ir::Expr], span: Span) -> Result<Expr> {
        let fields = self.row_fields(level, fields)?;
        let names = (1..=fields.len()).map(|number| Name::from(&format!("f{number}"))).collect();
        Ok(typed(Node::Row(Row { fields, names }), self.known.record, span))
    }

    /// transformArrayExpr; `target` is the array type that a cast around asks for.
    fn array(
        &self,
        level: &Level<'_>,
        elements: &[ir::Expr],
        target: Option<(Type, Modifiers)>,
        span: Span,
    ) -> Result<Expr> {
        let mut analysed = Vec::new();
        let mut nested = false;
        for element in elements {
            let expr = match &element.kind {
                ExprKind::Array(inner) => self.array(level, inner, target, element.span)?,
                _ => self.expr(level, element)?,
            };
            nested |= expr.ty.is_some_and(|ty| self.element(ty).is_some()) && !self.is_vector(expr.ty);
            analysed.push(expr);
        }
        let (array, element, modifiers) = match target {
            Some((array, modifiers)) => {
                let element = if nested { Some(array) } else { self.element(array) };
                (Some(array), element, modifiers)
            }
            None if analysed.is_empty() => {
                let error = Error::new("42P18", span, "cannot determine type of empty array");
                return Err(error.help("cast it to the type you mean: ARRAY[]::integer[]"));
            }
            None => {
                let element = self.common_type(&analysed.iter().collect::<Vec<_>>(), "ARRAY")?;
                let array = element.and_then(|ty| if nested { Some(ty) } else { self.array_of(ty) });
                if let (Some(element), None) = (element, array) {
                    let message = format!("could not find array type for data type {}", self.name(element));
                    return Err(Error::new("42704", span, message));
                }
                (array, element, Modifiers::NONE)
            }
        };
        let explicit = target.is_some();
        let elements: Vec<Expr> =
            analysed.into_iter().map(|it| self.to_element(it, element, modifiers, explicit)).collect::<Result<_>>()?;
        let common = common_modifiers(&elements, element);
        Ok(Expr { span, ty: array, modifiers: common, node: Node::Array(elements) })
    }

    fn is_vector(&self, ty: Option<Type>) -> bool {
        ty == Some(self.known.int2vector) || ty == Some(self.known.oidvector)
    }

    fn to_element(&self, expr: Expr, element: Option<Type>, modifiers: Modifiers, explicit: bool) -> Result<Expr> {
        let (Some(target), span, source) = (element, expr.span, expr.ty) else { return Ok(expr) };
        if !explicit {
            return self.to_common(expr, element, "ARRAY");
        }
        let context = CastContext::Explicit;
        let goal = Goal { ty: target, modifiers, context, form: Form::ExplicitCast, span };
        self.coerce_to_target(expr, goal)?.ok_or_else(|| {
            let from = source.map(|ty| self.name(ty)).unwrap_or_default();
            Error::new("42846", span, format!("cannot cast type {from} to {}", self.name(target)))
        })
    }

    /// transformIndirection.
    fn indirection(&self, level: &Level<'_>, it: &ir::Indirection, span: Span) -> Result<Expr> {
        let mut base = self.expr(level, &it.base)?;
        let mut path = Vec::new();
        for accessor in &it.path {
            match accessor {
                Accessor::Subscript(index) => path.push(SubscriptStep::Index(self.expr(level, index)?)),
                Accessor::Slice(low, high) => {
                    let low = low.as_ref().map(|low| self.expr(level, low)).transpose()?;
                    let high = high.as_ref().map(|high| self.expr(level, high)).transpose()?;
                    path.push(SubscriptStep::Slice(low, high));
                }
                Accessor::Field(name) => {
                    base = self.subscript(base, std::mem::take(&mut path), span)?;
                    base = self.field_of(base, *name, span)?;
                }
                // Expanded where it stands in a list; else it is the row itself.
                Accessor::Star => {}
            }
        }
        self.subscript(base, path, span)
    }

    /// ParseFuncOrColumn for a field of a value.
    fn field_of(&self, base: Expr, name: Ident, span: Span) -> Result<Expr> {
        let Some(ty) = base.ty else { return Ok(unknown_of(span, vec![base])) };
        if let Some(field) = self.field(base.clone(), name, span) {
            return Ok(field);
        }
        if let Node::Row(row) = &base.node
            && let Some(at) = row.names.iter().position(|field| *field == name.name)
        {
            return Ok(row.fields[at].clone());
        }
        let known_fields = self.is_complex(ty) && self.fields(ty).is_some();
        let shape = QualifiedName::unqualified(name);
        let call = super::function::CallShape {
            function: &shape,
            args: &[Some(ty)],
            names: &[],
            variadic: false,
            procedure: false,
        };
        let as_function = matches!(self.function_detail(&call), super::function::Detail::Found(_));
        if !known_fields || as_function || self.is_doubtful(name.name) {
            return Ok(unknown_of(span, vec![base]));
        }
        let message = format!("column \"{}\" not found in data type {}", name.name, self.name(ty));
        Err(Error::new("42703", name.span, message))
    }

    /// transformContainerSubscripts.
    fn subscript(&self, base: Expr, path: Vec<SubscriptStep>, span: Span) -> Result<Expr> {
        if path.is_empty() {
            return Ok(base);
        }
        let Some(ty) = base.ty else { return Ok(unknown_of(span, vec![base])) };
        let container = self.base(ty);
        let known = self.known;
        if container == known.jsonb {
            let path = self.convert_subscripts(path, known.text)?;
            return Ok(typed(Node::Subscript(Box::new(Subscript { base, path })), known.jsonb, span));
        }
        let Some(element) = self.element(container) else {
            // Base types of extensions may have subscripts of their own (hstore).
            if !self.has_subscripts(container) {
                let message =
                    format!("cannot subscript type {} because it does not support subscripting", self.name(ty));
                return Err(Error::new("42804", span, message));
            }
            return Ok(unknown_of(span, vec![base]));
        };
        let slices = path.iter().any(|step| matches!(step, SubscriptStep::Slice(..)));
        let modifiers = base.modifiers;
        let path = self.convert_subscripts(path, known.int4)?;
        let node = Node::Subscript(Box::new(Subscript { base, path }));
        Ok(Expr { span, ty: Some(if slices { container } else { element }), modifiers, node })
    }

    fn has_subscripts(&self, ty: Type) -> bool {
        self.types.code(ty).is_none() && !self.is_enum(ty) && !self.is_complex(ty) && !self.is_range(ty)
    }

    fn convert_subscripts(&self, path: Vec<SubscriptStep>, ty: Type) -> Result<Vec<SubscriptStep>> {
        let convert = |expr: Expr| {
            let span = expr.span;
            let goal = Goal { context: CastContext::Assignment, ..Goal::implicit(ty, span) };
            // jsonb takes integers as well.
            if expr.ty == Some(self.known.int4) {
                return Ok(expr);
            }
            self.coerce_to_target(expr, goal)?
                .ok_or_else(|| Error::new("42804", span, format!("subscript must have type {}", self.name(ty))))
        };
        path.into_iter()
            .map(|step| match step {
                SubscriptStep::Index(index) => Ok(SubscriptStep::Index(convert(index)?)),
                SubscriptStep::Slice(low, high) => {
                    Ok(SubscriptStep::Slice(low.map(convert).transpose()?, high.map(convert).transpose()?))
                }
            })
            .collect()
    }

    fn collate(&self, level: &Level<'_>, it: &ir::Collate, span: Span) -> Result<Expr> {
        let arg = self.expr(level, &it.expr)?;
        let (ty, modifiers) = (arg.ty, arg.modifiers);
        let collatable = |ty: Type| {
            let base = self.base(ty);
            let element = self.element(base).unwrap_or(base);
            let name = self.catalog.get(element.id).map(|object| object.name);
            let system = self.types.code(element).is_some();
            !system
                || name.is_some_and(|name| ["text", "varchar", "bpchar", "name", "unknown"].contains(&name.as_str()))
        };
        if let Some(ty) = ty.filter(|ty| !collatable(*ty)) {
            let message = format!("collations are not supported by type {}", self.name(ty));
            return Err(Error::new("42804", span, message));
        }
        let (schema, collation) = super::names::parts(&it.collation);
        let node = Node::Collate(Box::new(Collate { arg, schema, collation }));
        Ok(Expr { span, ty, modifiers, node })
    }

    /// XML and SQL/JSON.
    fn constructor(&self, level: &Level<'_>, it: &ir::Constructor, span: Span) -> Result<Expr> {
        let args = self.exprs(level, &it.args)?;
        let written = match &it.ty {
            Some(ty) => self.resolve_type(ty)?,
            None => None,
        };
        let known = self.known;
        let default = match it.keyword {
            "xmlelement" | "xmlforest" | "xmlconcat" | "xmlparse" | "xmlpi" | "xmlroot" | "xmlagg" => Some(known.xml),
            "json_object" | "json_array" | "json_scalar" | "json" | "json_objectagg" | "json_arrayagg" => {
                Some(known.json)
            }
            "json_query" => Some(known.jsonb),
            "json_value" | "json_serialize" => Some(known.text),
            "is_json" | "xmlexists" | "is_document" | "json_exists" => Some(known.bool),
            _ => None,
        };
        if matches!(it.keyword, "json_objectagg" | "json_arrayagg") {
            level.aggregates.set(true);
        }
        let (ty, modifiers) = match (written, &it.ty) {
            (Some((ty, modifiers)), _) => (Some(ty), modifiers),
            (None, Some(_)) => (None, Modifiers::NONE),
            (None, None) => (default, Modifiers::NONE),
        };
        Ok(Expr { span, ty, modifiers, node: Node::Constructor { keyword: it.keyword, args } })
    }

    /// transformSubLink.
    fn subquery(&self, level: &Level<'_>, it: &ir::Subquery, span: Span) -> Result<Expr> {
        self.check_subquery_allowed(level.site.get(), span)?;
        match &it.kind {
            SubqueryKind::Exists => {
                let query = self.sub_select(level, &it.query)?;
                Ok(self.boolean(Node::Sublink(Box::new(plain_sublink(SublinkKind::Exists, query))), span))
            }
            SubqueryKind::Scalar | SubqueryKind::Array => {
                let query = self.sub_select(level, &it.query)?;
                let array = matches!(it.kind, SubqueryKind::Array);
                let (ty, modifiers) = self.single_column(&query, span)?;
                let ty = if array { ty.and_then(|ty| if ty.array { Some(ty) } else { self.array_of(ty) }) } else { ty };
                let kind = if array { SublinkKind::Array } else { SublinkKind::Scalar };
                Ok(Expr { span, ty, modifiers, node: Node::Sublink(Box::new(plain_sublink(kind, query))) })
            }
            SubqueryKind::Any { test, operator, .. } => {
                self.tested_sublink(level, SublinkKind::Any, test, operator, &it.query, span)
            }
            SubqueryKind::All { test, operator } => {
                self.tested_sublink(level, SublinkKind::All, test, operator, &it.query, span)
            }
        }
    }

    fn sub_select(&self, level: &Level<'_>, query: &ir::Query) -> Result<super::tree::Query> {
        self.sub_query(level, query, None, false)
    }

    fn single_column(&self, query: &super::tree::Query, span: Span) -> Result<(Option<Type>, Modifiers)> {
        let mut columns = query.targets.iter().filter(|target| !target.junk);
        match (columns.next(), columns.next()) {
            _ if query.incomplete && query.targets.is_empty() => Ok((None, Modifiers::NONE)),
            (Some(column), None) => Ok((column.expr.ty, column.expr.modifiers)),
            (None, _) => Err(Error::new("42601", span, "subquery must return a column")),
            (Some(_), Some(_)) if query.incomplete => Ok((None, Modifiers::NONE)),
            (Some(_), Some(_)) => Err(Error::new("42601", span, "subquery must return only one column")),
        }
    }

    fn tested_sublink(
        &self,
        level: &Level<'_>,
        kind: SublinkKind,
        test: &ir::Expr,
        operator: &OperatorName,
        query: &ir::Query,
        span: Span,
    ) -> Result<Expr> {
        let (fields, row) = match &test.kind {
            ExprKind::Row(fields) => (self.row_fields(level, fields)?, true),
            _ => (vec![self.expr(level, test)?], false),
        };
        self.sublink_with_test(level, kind, fields, operator, query, row, span)
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one SubLink node")]
    fn sublink_with_test(
        &self,
        level: &Level<'_>,
        kind: SublinkKind,
        test: Vec<Expr>,
        operator: &OperatorName,
        query: &ir::Query,
        row: bool,
        span: Span,
    ) -> Result<Expr> {
        let query = self.sub_select(level, query)?;
        let columns: Vec<&Expr> =
            query.targets.iter().filter(|target| !target.junk).map(|target| &target.expr).collect();
        if !query.incomplete && columns.len() != test.len() {
            let what = if test.len() < columns.len() { "many" } else { "few" };
            return Err(Error::new("42601", span, format!("subquery has too {what} columns")));
        }
        let mut tests = Vec::new();
        let mut operators = Vec::new();
        for (left, column) in test.into_iter().zip(columns) {
            // The column stands for its value in each row.
            let value = Expr { span, ty: column.ty, modifiers: column.modifiers, node: Node::CaseTest };
            let comparison = self.make_operation(operator, Some(left), value, span)?;
            if let Node::Operator(comparison) = comparison.node {
                operators.push(comparison.operator);
                tests.extend(comparison.left);
            }
        }
        let sublink = Sublink { kind, test: tests, row, operators, operator: Some(operator.name), query };
        Ok(self.boolean(Node::Sublink(Box::new(sublink)), span))
    }

    fn check_subquery_allowed(&self, site: Site, span: Span) -> Result<()> {
        let what = match site {
            Site::Check | Site::DomainCheck => "check constraint",
            Site::Default => "DEFAULT expression",
            Site::Index => "index expression",
            Site::IndexPredicate => "index predicate",
            Site::Statistics => "statistics expression",
            Site::AlterType => "transform expression",
            Site::CallArgument => "CALL argument",
            Site::TriggerWhen => "trigger WHEN condition",
            Site::PartitionKey => "partition key expression",
            Site::PartitionBound => "partition bound",
            Site::Generated => "column generation expression",
            _ => return Ok(()),
        };
        Err(Error::new("0A000", span, format!("cannot use subquery in {what}")))
    }
}

fn plain_sublink(kind: SublinkKind, query: super::tree::Query) -> Sublink {
    Sublink { kind, test: Vec::new(), row: false, operators: Vec::new(), operator: None, query }
}

/// An expression of a type without modifiers.
pub(super) fn typed(node: Node, ty: Type, span: Span) -> Expr {
    Expr { span, ty: Some(ty), modifiers: Modifiers::NONE, node }
}

/// contain_vars_of_level(expr, 0): whether a column of this query is named.
fn names_column(expr: &Expr) -> bool {
    let mut found = false;
    let mut walk = super::walk::Walk::expr(expr, &[]);
    while let Some(place) = walk.next() {
        if let super::walk::Part::Expr(Expr { node: Node::Var(var), .. }) = place.part {
            found |= usize::from(var.levels_up) == walk.depth(&place);
        }
    }
    found
}
