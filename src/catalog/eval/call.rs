//! Calls: of the system's functions, of those of extensions that make objects, and of the project's own.

use std::rc::Rc;

use super::code::Frame;
use super::expr::Context;
use super::query::{ResultRow, RowSet};
use super::time::{self, Moment};
use super::value::Value;
use super::{DEPTH, Evaluator, Halt, Result, json, pattern};
use crate::catalog::analyze::tree::{Call, Expr, Node, RangeFunction};
use crate::catalog::analyze::{FunctionId, Scope, ScopeVariable};
use crate::catalog::{Kind, Object, ObjectId, Routine, RoutineKind, Tag, TypeRef};
use crate::syntax::{CodeText, FunctionBody, Name, ParameterMode};

/// What a function of one's own gave back.
pub(super) struct Returned {
    pub value: Value,
    pub rows: RowSet,
}

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &Call, expr: &Expr, context: Context<'_>) -> Result<Value> {
        let args = self.eval_all(&call.args, context)?;
        match call.function {
            Some(FunctionId::System(at)) => {
                let Some((_, name)) = self.replay.function_name(at) else { return Ok(Value::Unknown) };
                let types: Vec<_> = call.args.iter().map(|arg| arg.ty).collect();
                let strict = self.replay.is_strict(at);
                self.system_function((name, strict), &args, &types, expr)
            }
            Some(FunctionId::Object(id)) => Ok(self.own_function(id, call, args)?.value),
            None => {
                self.note_unknown(format!("which function {} is called is not known", call.name));
                Ok(Value::Unknown)
            }
        }
    }

    /// A call in FROM: its rows; `None` where they are not known.
    pub(super) fn from_function(&mut self, expr: &Expr, context: Context<'_>) -> Result<Option<RowSet>> {
        if let Node::Call(call) = &expr.node
            && call.returns_set
        {
            return self.set_function(call, expr, context);
        }
        let value = self.eval(expr, context)?;
        let values: Rc<[Value]> = match value {
            Value::Row(fields) => fields.iter().map(|(_, value)| value.clone()).collect(),
            value => Rc::new([value]),
        };
        Ok(Some(RowSet { rows: vec![ResultRow { values, certain: true }], open: false, ..RowSet::default() }))
    }

    /// `json_to_recordset` and its like: a column for each entry of the column definition list.
    pub(super) fn from_json(&mut self, function: &RangeFunction, context: Context<'_>) -> Result<Option<RowSet>> {
        let Node::Call(call) = &function.expr.node else { return Ok(None) };
        let Some(FunctionId::System(at)) = call.function else { return Ok(None) };
        let Some((_, name)) = self.replay.function_name(at) else { return Ok(None) };
        let args = self.eval_all(&call.args, context)?;
        let Some(records) = json::records(name, &args) else { return Ok(None) };
        let text = self.replay.facts().known.text;
        let mut rows = Vec::new();
        for record in &records {
            let mut values = Vec::new();
            for column in &function.definition {
                self.step()?;
                values.push(match (json::field(record, &column.name), column.ty) {
                    (Some(field), Some(ty)) => self.convert(field, text, ty, column.modifiers, function.expr.span)?,
                    _ => Value::Unknown,
                });
            }
            rows.push(ResultRow { values: values.into(), certain: true });
        }
        Ok(Some(RowSet { rows, open: false, ..RowSet::default() }))
    }

    /// A function that returns a set.
    pub(super) fn set_function(&mut self, call: &Call, _expr: &Expr, context: Context<'_>) -> Result<Option<RowSet>> {
        let args = self.eval_all(&call.args, context)?;
        let name = match call.function {
            Some(FunctionId::System(at)) => self.replay.function_name(at).map(|(_, name)| name),
            Some(FunctionId::Object(id)) => return Ok(Some(self.own_function(id, call, args)?.rows)),
            None => None,
        };
        if name == Some("pg_event_trigger_ddl_commands") {
            return Ok(Some(self.ddl_commands()));
        }
        let values: Vec<Value> = match (name, &args[..]) {
            (Some("unnest"), [Value::Array(values)]) => values.to_vec(),
            (Some("unnest"), [Value::Null]) => Vec::new(),
            (Some("generate_series"), [Value::Integer(from), Value::Integer(to), rest @ ..]) => {
                let step = match rest {
                    [] => 1,
                    [Value::Integer(step)] if *step != 0 => *step,
                    _ => return Ok(None),
                };
                let mut values = Vec::new();
                let mut next = *from;
                while (step > 0 && next <= *to) || (step < 0 && next >= *to) {
                    self.step()?;
                    values.push(Value::Integer(next));
                    let Some(after) = next.checked_add(step) else { break };
                    next = after;
                }
                values
            }
            (Some("generate_subscripts"), [Value::Array(values), Value::Integer(1), ..]) => {
                let first = i64::from(!call.args[0].ty.is_some_and(|ty| self.replay.is_vector(ty)));
                (0..values.len()).map(|at| Value::Integer(at as i64 + first)).collect()
            }
            (Some("string_to_table"), [Value::Text(text), Value::Text(delimiter)]) if !delimiter.is_empty() => {
                text.split(&**delimiter).map(Value::text).collect()
            }
            (Some("generate_series"), [Value::Time(from), Value::Time(to), Value::Time(Moment::Interval(step))]) => {
                let Some(values) = time::series(*from, *to, *step) else { return Ok(None) };
                self.spend(values.len() as u32)?;
                values
            }
            (Some("regexp_split_to_table"), [Value::Text(text), Value::Text(pattern)]) => {
                let Some(values) = pattern::split(text, pattern) else { return Ok(None) };
                values
            }
            (Some(name), args) => {
                let Some(rows) = json::rows(name, args) else { return Ok(None) };
                let row = |values: Vec<Value>| ResultRow { values: values.into(), certain: true };
                return Ok(Some(RowSet {
                    rows: rows.into_iter().map(row).collect(),
                    open: false,
                    ..RowSet::default()
                }));
            }
            (None, _) => return Ok(None),
        };
        let rows = values.into_iter().map(|value| ResultRow { values: Rc::new([value]), certain: true }).collect();
        Ok(Some(RowSet { rows, open: false, ..RowSet::default() }))
    }

    /// A function of the catalog: its code is run, if it can be read.
    pub(super) fn own_function(&mut self, id: ObjectId, call: &Call, args: Vec<Value>) -> Result<Returned> {
        let unknown = Returned { value: Value::Unknown, rows: RowSet::unknown() };
        let Some(object) = self.replay.now().get(id).cloned() else { return Ok(unknown) };
        let Kind::Routine(routine) = &object.kind else { return Ok(unknown) };
        if let Some(value) = self.extension_function(&object, &args)? {
            return Ok(Returned { value, rows: RowSet::unknown() });
        }
        if routine.strict && args.iter().any(|arg| matches!(arg, Value::Null)) {
            return Ok(Returned { value: Value::Null, rows: RowSet::default() });
        }
        let Some(body) = routine.body.clone() else { return Ok(unknown) };
        let Some(args) = self.all_arguments(routine, call, args)? else { return Ok(unknown) };
        if self.depth >= DEPTH {
            return Err(Halt::Unknown("calls nest deeper than is followed".into()));
        }
        self.depth += 1;
        let session = self.replay.enter_function(&object);
        let result = match (routine.language.as_str(), &*body) {
            ("plpgsql", FunctionBody::Text { code, .. }) => self.plpgsql(&object, routine, code, args),
            ("sql", FunctionBody::Text { code, .. }) => self.sql_function(&object, routine, code, &args),
            ("sql", FunctionBody::Return(_) | FunctionBody::Atomic(_)) => Ok(unknown),
            _ => Ok(unknown),
        };
        self.replay.leave_function(session);
        self.depth -= 1;
        result
    }

    /// The arguments in the order of the parameters, defaults filled in; `None` where that cannot be done.
    fn all_arguments(&mut self, routine: &Routine, call: &Call, args: Vec<Value>) -> Result<Option<Vec<Value>>> {
        let inputs: Vec<_> = routine
            .parameters
            .iter()
            .filter(|parameter| {
                let output = matches!(parameter.mode, ParameterMode::Out | ParameterMode::Table);
                !output || (routine.kind == RoutineKind::Procedure && parameter.mode == ParameterMode::Out)
            })
            .cloned()
            .collect();
        let mut values: Vec<Option<Value>> = vec![None; inputs.len()];
        for (at, (arg, value)) in call.args.iter().zip(args).enumerate() {
            let place = match &arg.node {
                Node::NamedArgument { number, .. } => *number as usize,
                _ => at,
            };
            match values.get_mut(place) {
                Some(slot) => *slot = Some(value),
                None => return Ok(None),
            }
        }
        let mut filled = Vec::with_capacity(inputs.len());
        for (value, input) in values.into_iter().zip(&inputs) {
            filled.push(match (value, &input.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.plain_expression(default)?,
                (None, None) => Value::Unknown,
            });
        }
        Ok(Some(filled))
    }

    /// An expression that names nothing around it.
    fn plain_expression(&mut self, expr: &crate::syntax::Expr) -> Result<Value> {
        let analysis = self.analyze_expression(&Scope::empty(), expr)?;
        self.eval(&analysis.expr, Context { rows: None, parameters: &[], variables: &[], case: None })
    }

    fn plpgsql(&mut self, object: &Object, routine: &Routine, code: &CodeText, args: Vec<Value>) -> Result<Returned> {
        let body = code.body();
        let mut frame = Frame::new(&body);
        frame.is_set = routine.returns_set;
        let mut given = args.into_iter();
        for (number, parameter) in routine.parameters.iter().enumerate() {
            let is_output = matches!(parameter.mode, ParameterMode::Out | ParameterMode::Table);
            let takes = !is_output || (routine.kind == RoutineKind::Procedure && parameter.mode == ParameterMode::Out);
            let value = if takes { given.next().unwrap_or(Value::Unknown) } else { Value::Null };
            let value = if is_output { Value::Null } else { value };
            frame.declare(parameter.name, Some(object.name), Some(parameter.ty.clone()), value.clone());
            if takes {
                frame.parameters.push((parameter.ty.clone(), value));
            }
            if is_output || parameter.mode == ParameterMode::InOut {
                frame.outputs.push(number);
            }
        }
        self.run_code(&mut frame)?;
        Ok(frame.returned())
    }

    /// A function in SQL: the rows of its last statement.
    fn sql_function(
        &mut self,
        object: &Object,
        routine: &Routine,
        code: &CodeText,
        args: &[Value],
    ) -> Result<Returned> {
        let read = code.statements();
        let Ok(statements) = &*read else {
            return Ok(Returned { value: Value::Unknown, rows: RowSet::unknown() });
        };
        let variable = |parameter: &crate::catalog::RoutineParameter| ScopeVariable {
            name: parameter.name,
            qualifier: Some(object.name),
            ty: Some(parameter.ty.clone()),
            fields: None,
        };
        let scope = Scope {
            parameters: routine.inputs().map(variable).collect(),
            function: Some(object.name),
            ..Scope::default()
        };
        let mut rows = RowSet::default();
        for statement in statements {
            let context = Context { rows: None, parameters: args, variables: &[], case: None };
            rows = self.statement(statement.clone(), &scope, context)?;
        }
        let value = match (&rows.rows[..], rows.open) {
            ([], false) => Value::Null,
            ([first, ..], false) if first.certain => first.values.first().cloned().unwrap_or(Value::Unknown),
            _ => Value::Unknown,
        };
        let value = match (&routine.returns, routine.parameters.iter().any(|p| p.mode == ParameterMode::Out)) {
            (Some(returns), false) => self.converted_to(value, returns)?,
            _ => Value::Unknown,
        };
        Ok(Returned { value, rows })
    }

    /// A value of whatever type as one of a type.
    pub(super) fn converted_to(&mut self, value: Value, ty: &TypeRef) -> Result<Value> {
        let to = crate::catalog::analyze::Type { id: ty.id, array: ty.array };
        let modifiers = crate::catalog::analyze::Modifiers::new(&ty.modifiers);
        match value {
            Value::Text(_) => {
                let text = self.replay.text_type();
                self.convert(value, text, to, modifiers, crate::source::Span::NONE)
            }
            value => Ok(value),
        }
    }

    /// Functions of extensions that make objects. `None` for all others; of an extension's function nothing is
    /// known then.
    fn extension_function(&mut self, object: &Object, args: &[Value]) -> Result<Option<Value>> {
        let now = self.replay.now();
        let schema = now.schema_name(object);
        let span = self.replay.current_span();
        match (schema.as_str(), object.name.as_str(), args) {
            ("cron", "schedule" | "schedule_in_database", [Value::Text(name), _, _, ..]) => {
                self.replay.schedule(name, span);
                Ok(Some(Value::Unknown))
            }
            ("cron", "unschedule", [Value::Text(name)]) => {
                if !self.replay.unschedule(name) && self.replay.doubt.about(Name::from(name)).is_none() {
                    let message = format!("could not find valid entry for job '{name}'");
                    return Err(Halt::Raised(Box::new(self.refusal("XX000", span, message))));
                }
                Ok(Some(Value::Bool(true)))
            }
            ("pgmq", "create" | "create_non_partitioned" | "create_unlogged", [Value::Text(name), ..]) => {
                let persistence = if object.name.as_str() == "create_unlogged" { "unlogged" } else { "" };
                self.replay.create_queue(name, persistence, span)?;
                Ok(Some(Value::Unknown))
            }
            ("pgmq", "drop_queue", [Value::Text(name), ..]) => {
                self.replay.drop_queue(name, span)?;
                Ok(Some(Value::Bool(true)))
            }
            _ if object.extension.is_some() => Ok(Some(Value::Unknown)),
            _ => Ok(None),
        }
    }

    /// Whether a statement's calls could do anything but give a value.
    pub(super) fn has_effects(&self, call: &Call) -> bool {
        match call.function {
            Some(FunctionId::System(at)) => self.replay.function_name(at).is_some_and(|(_, name)| name == "set_config"),
            Some(FunctionId::Object(id)) => {
                let routine = self.replay.now().get(id);
                routine.is_some_and(|object| object.tag() == Tag::Routine)
            }
            None => false,
        }
    }
}
