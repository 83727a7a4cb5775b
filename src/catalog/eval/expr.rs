//! The value of an analysed expression.

use std::rc::Rc;

use super::query::Cells;
use super::value::{Truth, Value, all, any};
use super::{Evaluator, Result};
use crate::catalog::analyze::tree::{
    Case, Coercion, CoercionMethod, Constant, ConstantObject, Expr, Node, RangeEntry, Sublink, SublinkKind,
    SubscriptStep, Var,
};
use crate::catalog::analyze::{FunctionId, OperatorId};
use crate::syntax::{Name, SqlValue, TruthValue};

use super::Oid;

/// What an expression may refer to.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    /// The rows of the query that the expression is in.
    pub rows: Option<&'c Bound<'c>>,
    /// The arguments of the function around.
    pub parameters: &'c [Value],
    /// The variables of the code around, in the order of the scope.
    pub variables: &'c [Value],
    /// The operand of the CASE around, or the value of a sub-select's row.
    pub case: Option<&'c Value>,
}

/// One row of each range entry of a query.
pub(super) struct Bound<'c> {
    pub ranges: &'c [RangeEntry],
    pub rows: Vec<Option<Cells>>,
    pub parent: Option<&'c Bound<'c>>,
    /// The queries of WITH.
    pub ctes: Rc<Vec<Rc<super::query::RowSet>>>,
    /// The rows of the group, where aggregates are computed.
    pub group: Option<Group<'c>>,
}

/// The rows that aggregates go over.
#[derive(Clone, Copy)]
pub(super) struct Group<'c> {
    pub rows: &'c [(Vec<Option<Cells>>, bool)],
    /// Whether these are certainly all.
    pub complete: bool,
}

impl Evaluator<'_> {
    pub(super) fn eval(&mut self, expr: &Expr, context: Context<'_>) -> Result<Value> {
        self.step()?;
        match &expr.node {
            Node::Constant(constant) => self.constant(constant, expr),
            Node::Var(var) => Ok(self.column(var, context)),
            Node::Param(number) => Ok(at(context.parameters, number.checked_sub(1))),
            Node::Variable(place) => Ok(at(context.variables, Some(*place))),
            // The value that the CHECK of a domain is about comes the same way.
            Node::CaseTest | Node::DomainValue => Ok(context.case.cloned().unwrap_or(Value::Unknown)),
            Node::And(list) => self.all_of(list, context),
            Node::Or(list) => self.any_of(list, context),
            Node::Not(arg) => Ok(self.eval(arg, context)?.truth().not().value()),
            Node::Operator(it) => {
                let left = it.left.as_ref().map(|left| self.eval(left, context)).transpose()?;
                let right = self.eval(&it.right, context)?;
                let is_array = |value: &Value| matches!(value, Value::Array(_));
                if it.name.as_str() != "||" || is_array(&right) || left.as_ref().is_some_and(is_array) {
                    return Ok(self.operator(it.operator, left, right));
                }
                let left = left.zip(it.left.as_ref()).map(|(left, expr)| self.joined(left, expr));
                let right = self.joined(right, &it.right);
                Ok(self.operator(it.operator, left, right))
            }
            Node::Distinct(it) => {
                let left = it.left.as_ref().map(|left| self.eval(left, context)).transpose()?;
                let (left, right) = (left.unwrap_or(Value::Unknown), self.eval(&it.right, context)?);
                Ok(distinct(&left, &right).value())
            }
            Node::NullIf(it) => {
                let left = it.left.as_ref().map(|left| self.eval(left, context)).transpose()?;
                let (left, right) = (left.unwrap_or(Value::Unknown), self.eval(&it.right, context)?);
                Ok(match left.equals(&right) {
                    Truth::True => Value::Null,
                    Truth::Unknown => Value::Unknown,
                    _ => left,
                })
            }
            Node::ScalarArray(it) => {
                let (left, right) = (self.eval(&it.left, context)?, self.eval(&it.right, context)?);
                Ok(self.scalar_array(it.operator, &left, &right, it.all))
            }
            Node::NullTest(it) => {
                let value = self.eval(&it.arg, context)?;
                let is_null = match &value {
                    Value::Unknown => Truth::Unknown,
                    Value::Row(fields) => all(fields.iter().map(|(_, field)| is_null(field))),
                    value => is_null(value),
                };
                Ok(if it.negated { is_null.not() } else { is_null }.value())
            }
            Node::BooleanTest(it) => {
                let truth = self.eval(&it.arg, context)?.truth();
                let result = match (truth, it.value) {
                    (Truth::Unknown, _) => Truth::Unknown,
                    (truth, TruthValue::True) => Truth::from(truth == Truth::True),
                    (truth, TruthValue::False) => Truth::from(truth == Truth::False),
                    (truth, TruthValue::Unknown) => Truth::from(truth == Truth::Null),
                };
                Ok(if it.negated { result.not() } else { result }.value())
            }
            Node::Case(it) => self.case(it, context),
            Node::Coalesce(list) => {
                for arg in list {
                    match self.eval(arg, context)? {
                        Value::Null => {}
                        value => return Ok(value),
                    }
                }
                Ok(Value::Null)
            }
            Node::Greatest(list) => self.extreme(list, context, std::cmp::Ordering::Greater),
            Node::Least(list) => self.extreme(list, context, std::cmp::Ordering::Less),
            Node::Array(list) => Ok(Value::Array(self.eval_all(list, context)?.into())),
            Node::Row(row) => {
                let values = self.eval_all(&row.fields, context)?;
                Ok(Value::Row(row.names.iter().copied().zip(values).collect()))
            }
            Node::Field(it) => {
                let base = self.eval(&it.base, context)?;
                if let (Value::Row(fields), Node::Variable(_)) = (&base, &it.base.node)
                    && !fields.iter().any(|(name, _)| *name == it.name)
                {
                    let message = format!("record has no field \"{}\"", it.name);
                    return Err(super::Halt::Raised(Box::new(self.refusal("42703", expr.span, message))));
                }
                Ok(field(&base, it.name))
            }
            Node::Subscript(it) => {
                let base = self.eval(&it.base, context)?;
                let first = self.first_subscript(&it.base);
                self.subscript(base, first, &it.path, context)
            }
            Node::Coercion(it) => self.coercion(it, expr, context),
            Node::Collate(it) => self.eval(&it.arg, context),
            Node::NamedArgument { value, .. } => self.eval(value, context),
            Node::SqlValue(value) => Ok(self.sql_value(*value)),
            Node::Sublink(it) => self.sublink(it, context),
            Node::Call(call) => self.call(call, expr, context),
            Node::Aggregate(aggregate) => self.aggregate(aggregate, context),
            Node::RowCompare(_)
            | Node::Window(_)
            | Node::Default
            | Node::CurrentOf(_)
            | Node::Grouping(_)
            | Node::Constructor { .. }
            | Node::Unknown(_) => Ok(Value::Unknown),
        }
    }

    fn constant(&mut self, constant: &Constant, expr: &Expr) -> Result<Value> {
        match (constant, expr.ty) {
            (Constant::Text(text), Some(ty)) if self.is_plain(ty, text) => Ok(Value::Text(text.clone())),
            // The text of an array or of a type with a form of its own.
            (Constant::Text(_), Some(ty)) => {
                let text = self.replay.text_type();
                self.convert(value_of(constant), text, ty, expr.modifiers, expr.span)
            }
            _ => Ok(value_of(constant)),
        }
    }

    pub(super) fn eval_all(&mut self, list: &[Expr], context: Context<'_>) -> Result<Vec<Value>> {
        list.iter().map(|expr| self.eval(expr, context)).collect()
    }

    /// Stops at the first that decides.
    fn all_of(&mut self, list: &[Expr], context: Context<'_>) -> Result<Value> {
        let mut result = Truth::True;
        for expr in list {
            result = result.and(self.eval(expr, context)?.truth());
            if result == Truth::False {
                break;
            }
        }
        Ok(result.value())
    }

    fn any_of(&mut self, list: &[Expr], context: Context<'_>) -> Result<Value> {
        let mut result = Truth::False;
        for expr in list {
            result = result.or(self.eval(expr, context)?.truth());
            if result == Truth::True {
                break;
            }
        }
        Ok(result.value())
    }

    fn column(&mut self, var: &Var, context: Context<'_>) -> Value {
        let mut bound = context.rows;
        for _ in 0..var.levels_up {
            bound = bound.and_then(|bound| bound.parent);
        }
        let Some(bound) = bound else { return Value::Unknown };
        let place = var.range as usize;
        let (Some(entry), Some(row)) = (bound.ranges.get(place), bound.rows.get(place)) else { return Value::Unknown };
        match row {
            Some(cells) => self.cell(cells, entry, var.column),
            // A merged column of a FULL JOIN.
            None => Value::Unknown,
        }
    }

    fn case(&mut self, case: &Case, context: Context<'_>) -> Result<Value> {
        let operand = case.operand.as_ref().map(|operand| self.eval(operand, context)).transpose()?;
        let inner = Context { case: operand.as_ref().or(context.case), ..context };
        for (condition, result) in &case.arms {
            match self.eval(condition, inner)?.truth() {
                Truth::True => return self.eval(result, context),
                Truth::Unknown => return Ok(Value::Unknown),
                _ => {}
            }
        }
        self.eval(&case.otherwise, context)
    }

    fn extreme(&mut self, list: &[Expr], context: Context<'_>, wanted: std::cmp::Ordering) -> Result<Value> {
        let mut best = Value::Null;
        for expr in list {
            let value = self.eval(expr, context)?;
            if value.is_unknown() {
                return Ok(Value::Unknown);
            }
            match (&best, &value) {
                (_, Value::Null) => {}
                (Value::Null, _) => best = value,
                (a, b) => match b.compare(a) {
                    Some(ordering) if ordering == wanted => best = value,
                    Some(_) => {}
                    None => return Ok(Value::Unknown),
                },
            }
        }
        Ok(best)
    }

    /// What an array's subscripts count from; a cast to a plain array keeps it.
    fn first_subscript(&self, base: &Expr) -> i64 {
        match &base.node {
            Node::Coercion(it) => self.first_subscript(&it.arg),
            _ => i64::from(!base.ty.is_some_and(|ty| self.replay.is_vector(ty))),
        }
    }

    fn subscript(&mut self, base: Value, first: i64, path: &[SubscriptStep], context: Context<'_>) -> Result<Value> {
        let mut value = base;
        for step in path {
            let SubscriptStep::Index(index) = step else { return Ok(Value::Unknown) };
            let index = self.eval(index, context)?;
            value = match (&value, index) {
                (Value::Null, _) | (_, Value::Null) => Value::Null,
                (Value::Array(elements), Value::Integer(index)) => {
                    let at = index.checked_sub(first).and_then(|index| usize::try_from(index).ok());
                    at.and_then(|at| elements.get(at)).cloned().unwrap_or(Value::Null)
                }
                _ => Value::Unknown,
            };
        }
        Ok(value)
    }

    fn coercion(&mut self, it: &Coercion, expr: &Expr, context: Context<'_>) -> Result<Value> {
        let value = self.eval(&it.arg, context)?;
        self.cast(it, value, expr)
    }

    /// A value as the type of the cast around it.
    pub(super) fn cast(&mut self, it: &Coercion, value: Value, expr: &Expr) -> Result<Value> {
        if let (CoercionMethod::Function(FunctionId::Object(_)), _) | (CoercionMethod::Unknown, _) = (it.method, ()) {
            return Ok(Value::Unknown);
        }
        match (it.arg.ty, expr.ty) {
            (Some(from), Some(to)) => self.convert(value, from, to, expr.modifiers, expr.span),
            _ => Ok(Value::Unknown),
        }
    }

    fn sql_value(&self, value: SqlValue) -> Value {
        let now = self.replay.now();
        let name = |id: Option<crate::catalog::ObjectId>| match id.and_then(|id| now.get(id)) {
            Some(object) => Value::name(object.name),
            None => Value::Unknown,
        };
        match value {
            SqlValue::CurrentRole | SqlValue::CurrentUser | SqlValue::User => name(self.replay.session.role),
            SqlValue::SessionUser => name(self.replay.session.session_role),
            SqlValue::CurrentSchema => name(self.replay.creation_schema()),
            SqlValue::CurrentCatalog => Value::text("postgres"),
            _ => Value::Unknown,
        }
    }

    /// What `||` appends: of an oid that is shown by its name, that name.
    fn joined(&mut self, value: Value, expr: &Expr) -> Value {
        let (Value::Object(_), Some(ty)) = (&value, expr.ty) else { return value };
        self.text_of(&value, ty).map_or(Value::Unknown, Value::text)
    }

    /// An operator by its function's behaviour, which its name tells for those of the system.
    pub(super) fn operator(&mut self, operator: Option<OperatorId>, left: Option<Value>, right: Value) -> Value {
        let Some(OperatorId::System(at)) = operator else { return Value::Unknown };
        let Some(name) = self.replay.operator_name(at) else { return Value::Unknown };
        super::functions::operator(name, left.as_ref(), &right)
    }

    fn scalar_array(&mut self, operator: Option<OperatorId>, left: &Value, right: &Value, need_all: bool) -> Value {
        let elements = match right {
            Value::Null => return Value::Null,
            Value::Array(elements) => elements,
            _ => return Value::Unknown,
        };
        let truths: Vec<Truth> = elements
            .iter()
            .map(|element| self.operator(operator, Some(left.clone()), element.clone()).truth())
            .collect();
        if need_all { all(truths) } else { any(truths) }.value()
    }

    fn sublink(&mut self, it: &Sublink, context: Context<'_>) -> Result<Value> {
        let test = self.eval_all(&it.test, context)?;
        if it.kind == SublinkKind::Exists {
            return Ok(self.exists(&it.query, context)?.value());
        }
        let rows = self.query(&it.query, context)?;
        match it.kind {
            SublinkKind::Exists => Ok(Value::Unknown),
            SublinkKind::Scalar if it.test.is_empty() => Ok(match (&rows.rows[..], rows.open) {
                ([], false) => Value::Null,
                ([row], false) if row.certain => row.values.first().cloned().unwrap_or(Value::Unknown),
                _ => Value::Unknown,
            }),
            SublinkKind::Array => {
                let certain = !rows.open && rows.rows.iter().all(|row| row.certain);
                let values = rows.rows.iter().map(|row| row.values.first().cloned().unwrap_or(Value::Unknown));
                Ok(if certain { Value::array(values) } else { Value::Unknown })
            }
            SublinkKind::Any | SublinkKind::All | SublinkKind::Scalar => {
                let mut truths = Vec::new();
                for row in &rows.rows {
                    let pairs = test.iter().zip(row.values.iter()).zip(&it.operators);
                    let mut matches = Truth::True;
                    for ((left, right), operator) in pairs {
                        matches = matches.and(self.operator(*operator, Some(left.clone()), right.clone()).truth());
                    }
                    truths.push(if row.certain { matches } else { uncertain(matches, it.kind) });
                }
                if rows.open {
                    truths.push(Truth::Unknown);
                }
                Ok(if it.kind == SublinkKind::All { all(truths) } else { any(truths) }.value())
            }
        }
    }
}

/// What a row that may not be there contributes.
fn uncertain(truth: Truth, kind: SublinkKind) -> Truth {
    let neutral = if kind == SublinkKind::All { Truth::True } else { Truth::False };
    if truth == neutral { truth } else { Truth::Unknown }
}

fn is_null(value: &Value) -> Truth {
    match value {
        Value::Null => Truth::True,
        Value::Unknown => Truth::Unknown,
        _ => Truth::False,
    }
}

pub(super) fn distinct(left: &Value, right: &Value) -> Truth {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => Truth::Unknown,
        (Value::Null, Value::Null) => Truth::False,
        (Value::Null, _) | (_, Value::Null) => Truth::True,
        _ => left.equals(right).not(),
    }
}

fn at(values: &[Value], place: Option<u32>) -> Value {
    place.and_then(|place| values.get(place as usize)).cloned().unwrap_or(Value::Unknown)
}

/// A field of a row value.
pub(super) fn field(base: &Value, name: Name) -> Value {
    match base {
        Value::Row(fields) => {
            fields.iter().find(|(field, _)| *field == name).map_or(Value::Unknown, |(_, value)| value.clone())
        }
        Value::Null => Value::Null,
        _ => Value::Unknown,
    }
}

fn value_of(constant: &Constant) -> Value {
    match constant {
        Constant::Null => Value::Null,
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Integer(value) => Value::Integer(*value),
        Constant::Numeric(text) => text.parse().map_or(Value::Unknown, Value::Number),
        Constant::Text(text) => Value::Text(text.clone()),
        Constant::Bits(_) => Value::Unknown,
        Constant::Object { id, .. } => Value::Object(match *id {
            ConstantObject::Object(id) => Oid::Object(id),
            ConstantObject::Function(id) => Oid::Function(id),
            ConstantObject::Type(ty) => Oid::Type(ty),
        }),
    }
}
