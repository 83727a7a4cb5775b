//! PL/pgSQL: statements one after the other.

use std::rc::Rc;
use std::sync::Arc;

use super::call::Returned;
use super::cursor::Cursor;
use super::expr::{Context, field};
use super::query::{Columns, ResultRow, RowSet};
use super::value::{Truth, Value};
use super::{Evaluator, Halt, RESOLVE, Result, condition};
use crate::catalog::analyze::{Scope, ScopeVariable};
use crate::catalog::{Refusal, Relation, TypeClass, TypeRef};
use crate::source::Span;
use crate::syntax::plpgsql::{
    Block, Body, CodeStatement, CodeStatementKind, Condition, DeclarationKind, IntoTargets, Loop, LoopKind, Raise,
    RaiseLevel, Sql, Target, VariableType,
};
use crate::syntax::{Ident, Name, Statement, StatementKind, Transaction};

/// A variable of the code.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    name: Option<Name>,
    qualifier: Option<Name>,
    /// `None` of a record, and where it is not known.
    ty: Option<TypeRef>,
    /// The fields of a record, of the row that it holds or of the table that it is declared for.
    fields: Option<Columns>,
    /// Declared as the row of a table: the fields stay.
    row_type: bool,
    value: Value,
    /// What it is as a cursor.
    pub cursor: Cursor,
}

/// The state of one body of code.
pub(super) struct Frame<'b> {
    pub body: &'b Body,
    /// Outermost first.
    pub variables: Vec<Variable>,
    /// `$1`, `$2` …
    pub parameters: Vec<(TypeRef, Value)>,
    /// The places of OUT parameters among the variables.
    pub outputs: Vec<usize>,
    pub is_set: bool,
    value: Value,
    rows: RowSet,
    /// Whether RETURN may have happened in code whose running is not known.
    maybe_returned: bool,
    /// ROW_COUNT of the last statement of SQL.
    row_count: Value,
    /// The error that is being handled.
    handled: Option<Box<Refusal>>,
}

/// Where control goes.
#[derive(Clone, PartialEq, Debug)]
enum Flow {
    Next,
    Exit(Option<Name>),
    Continue(Option<Name>),
    Return,
}

impl<'b> Frame<'b> {
    pub fn new(body: &'b Body) -> Frame<'b> {
        let mut frame = Frame {
            body,
            variables: Vec::new(),
            parameters: Vec::new(),
            outputs: Vec::new(),
            is_set: false,
            value: Value::Null,
            rows: RowSet::default(),
            maybe_returned: false,
            row_count: Value::Integer(0),
            handled: None,
        };
        frame.declare_hidden();
        frame
    }

    /// FOUND stands outside of everything; parameters come behind it.
    fn declare_hidden(&mut self) {
        self.declare(None, None, None, Value::Null);
    }

    pub fn declare(&mut self, name: Option<Name>, qualifier: Option<Name>, ty: Option<TypeRef>, value: Value) {
        let cursor = Cursor::default();
        self.variables.push(Variable { name, qualifier, ty, fields: None, row_type: false, value, cursor });
    }

    pub fn set_found(&mut self, found: Value) {
        self.variables[0].name = Some(Name::from("found"));
        self.variables[0].value = found;
    }

    /// What the function gave back.
    pub fn returned(self) -> Returned {
        if self.maybe_returned {
            return Returned { value: Value::Unknown, rows: RowSet::unknown() };
        }
        let outputs: Vec<Value> = self
            .outputs
            .iter()
            .filter_map(|at| self.variables.get(at + 1))
            .map(|variable| variable.value.clone())
            .collect();
        let value = match &outputs[..] {
            [] => self.value,
            [only] => only.clone(),
            _ => {
                let names = self.outputs.iter().filter_map(|at| self.variables.get(at + 1)?.name);
                Value::Row(names.zip(outputs.iter().cloned()).collect())
            }
        };
        let rows = match self.is_set {
            true => self.rows,
            false => RowSet {
                rows: vec![ResultRow { values: Rc::new([value.clone()]), certain: true }],
                open: false,
                ..RowSet::default()
            },
        };
        Returned { value, rows }
    }

    /// The scope for analysis, innermost variables first.
    fn scope(&self) -> Scope {
        let variable = |variable: &Variable| ScopeVariable {
            name: variable.name,
            qualifier: variable.qualifier,
            ty: variable.ty.clone(),
            fields: variable.fields.as_ref().map(|fields| fields.to_vec()),
        };
        let parameter = |(ty, _): &(TypeRef, Value)| ScopeVariable {
            name: None,
            qualifier: None,
            ty: Some(ty.clone()),
            fields: None,
        };
        Scope {
            variables: self.variables.iter().rev().map(variable).collect(),
            parameters: self.parameters.iter().map(parameter).collect(),
            variables_conflict: self.body.options.iter().all(|(option, _)| option.as_str() != "variable_conflict"),
            ..Scope::default()
        }
    }

    fn values(&self) -> (Vec<Value>, Vec<Value>) {
        let variables = self.variables.iter().rev().map(|variable| variable.value.clone()).collect();
        (variables, self.parameters.iter().map(|(_, value)| value.clone()).collect())
    }

    pub fn find(&self, parts: &[Ident]) -> Option<(usize, usize)> {
        let names = |variable: &Variable, qualifier: Option<Name>, name: Name| {
            variable.name == Some(name) && (qualifier.is_none() || variable.qualifier == qualifier)
        };
        let find = |qualifier: Option<Name>, name: Name| {
            self.variables.iter().rposition(|variable| names(variable, qualifier, name))
        };
        match parts {
            [first, second, ..] => find(Some(first.name), second.name)
                .map(|at| (at, 2))
                .or_else(|| find(None, first.name).map(|at| (at, 1))),
            [only] => find(None, only.name).map(|at| (at, 1)),
            [] => None,
        }
    }
}

impl Evaluator<'_> {
    /// Runs a whole body.
    pub(super) fn run_code(&mut self, frame: &mut Frame<'_>) -> Result<()> {
        let body = frame.body;
        frame.set_found(Value::Bool(false));
        self.statements(frame, &body.statements)?;
        Ok(())
    }

    fn statements(&mut self, frame: &mut Frame<'_>, statements: &[CodeStatement]) -> Result<Flow> {
        for statement in statements {
            self.step()?;
            let flow = self.code_statement(frame, statement)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn code_statement(&mut self, frame: &mut Frame<'_>, statement: &CodeStatement) -> Result<Flow> {
        match &statement.kind {
            CodeStatementKind::Block(block) => return self.block(frame, block),
            CodeStatementKind::Assign { target, value } => {
                let value = self.value(frame, *value)?;
                self.assign(frame, target, value)?;
            }
            CodeStatementKind::If { arms, otherwise } => {
                return self.branches(frame, statement, arms, otherwise.as_deref());
            }
            CodeStatementKind::Case { operand, arms, otherwise } => {
                return self.case_statement(frame, statement, *operand, arms, otherwise.as_deref());
            }
            CodeStatementKind::Loop(it) => return self.loop_statement(frame, statement, it),
            CodeStatementKind::Exit { continues, label, when } => {
                let taken = match when {
                    Some(when) => self.value(frame, *when)?.truth(),
                    None => Truth::True,
                };
                let label = label.map(|label| label.name);
                match taken {
                    Truth::True if *continues => return Ok(Flow::Continue(label)),
                    Truth::True => return Ok(Flow::Exit(label)),
                    Truth::Unknown => return Err(Halt::Unknown("whether a loop goes on is not known".into())),
                    _ => {}
                }
            }
            CodeStatementKind::Return(value) => {
                frame.value = match value {
                    Some(value) => self.value(frame, *value)?,
                    None => Value::Null,
                };
                return Ok(Flow::Return);
            }
            CodeStatementKind::ReturnNext(value) => {
                let value = match value {
                    Some(value) => self.value(frame, *value)?,
                    None => Value::Unknown,
                };
                frame.rows.rows.push(ResultRow { values: Rc::new([value]), certain: true });
            }
            CodeStatementKind::ReturnQuery(query) => {
                let rows = self.rows(frame, *query)?;
                frame.rows.rows.extend(rows.rows);
                frame.rows.open |= rows.open;
            }
            CodeStatementKind::ReturnExecute { .. } => frame.rows.open = true,
            CodeStatementKind::Raise(raise) => self.raise(frame, raise, statement.span)?,
            CodeStatementKind::Assert { condition, .. } => {
                if self.value(frame, *condition)?.truth() == Truth::False {
                    return Err(Halt::Raised(Box::new(self.refusal("P0004", statement.span, "assertion failed"))));
                }
            }
            CodeStatementKind::Execute { query, into, using } => {
                let rows = self.execute(frame, *query, using)?;
                frame.row_count = row_count(&rows, into.is_some());
                self.into(frame, into.as_ref(), &rows)?;
            }
            CodeStatementKind::Perform(sql) => {
                let rows = self.rows(frame, *sql)?;
                frame.row_count = row_count(&rows, false);
                frame.set_found(found(&rows));
            }
            CodeStatementKind::Sql { sql, into } => {
                let rows = self.rows(frame, *sql)?;
                frame.row_count = row_count(&rows, into.is_some());
                if is_query(frame.body, *sql) {
                    frame.set_found(found(&rows));
                }
                self.into(frame, into.as_ref(), &rows)?;
            }
            CodeStatementKind::GetDiagnostics { items, .. } => {
                for (target, item) in items {
                    let value = match (item.as_str(), &frame.handled) {
                        ("message_text", Some(error)) => Value::text(&error.message),
                        ("row_count", _) => frame.row_count.clone(),
                        ("returned_sqlstate", Some(error)) => Value::text(error.sqlstate),
                        _ => Value::Unknown,
                    };
                    self.assign(frame, target, value)?;
                }
            }
            CodeStatementKind::Fetch { cursor, next, targets } => self.fetch(frame, *cursor, *next, targets)?,
            CodeStatementKind::Open { cursor, source } => self.open(frame, *cursor, source)?,
            CodeStatementKind::Close(cursor) => frame.forget_cursor(*cursor),
            CodeStatementKind::Null => {}
            CodeStatementKind::Commit { .. } => self.commit(statement.span)?,
            CodeStatementKind::Rollback { .. } => {
                return Err(Halt::Unknown("transactions that code rolls back are not followed".into()));
            }
            CodeStatementKind::Unknown => return Err(Halt::Unknown("a statement of the code cannot be read".into())),
        }
        Ok(Flow::Next)
    }

    /// COMMIT ends the transaction that the statement is; one that a block holds open is not the code's to end.
    fn commit(&mut self, span: Span) -> Result<()> {
        if self.replay.in_block() {
            let message = "invalid transaction termination";
            return Err(Halt::Raised(Box::new(self.refusal("2D000", span, message))));
        }
        let kind = StatementKind::Transaction(Transaction::Commit { chain: false });
        self.replay.run_within(self.file, Arc::new(Statement { span, written: true, kind }), self.within)
    }

    // --- blocks and errors ------------------------------------------------------------------------

    fn block(&mut self, frame: &mut Frame<'_>, block: &Block) -> Result<Flow> {
        let outer = frame.variables.len();
        let mark = self.replay.checkpoint();
        let result = self.declare_all(frame, block).and_then(|()| self.statements(frame, &block.statements));
        let flow = match result {
            Err(Halt::Raised(error)) if !block.handlers.is_empty() => {
                frame.variables.truncate(outer);
                self.handle(frame, block, error, mark)
            }
            other => other,
        };
        frame.variables.truncate(outer);
        match flow? {
            Flow::Exit(label) if label.is_some() && label == block.label.map(|label| label.name) => Ok(Flow::Next),
            flow => Ok(flow),
        }
    }

    fn declare_all(&mut self, frame: &mut Frame<'_>, block: &Block) -> Result<()> {
        let qualifier = block.label.map(|label| label.name);
        for declaration in &block.declarations {
            let name = declaration.name.name;
            match &declaration.kind {
                DeclarationKind::Variable { ty, default, .. } => {
                    let of = ty;
                    let ty = self.variable_type(frame, of)?;
                    let value = match default {
                        Some(default) => self.value(frame, *default)?,
                        None => Value::Null,
                    };
                    let value = self.as_variable(value, ty.as_ref())?;
                    let fields = self.row_fields(of, ty.as_ref());
                    // A variable that holds rows of a type is assigned to field by field.
                    let ty = ty.filter(|_| fields.is_none());
                    frame.declare(Some(name), qualifier, ty, value);
                    if let (Some(fields), Some(variable)) = (fields, frame.variables.last_mut()) {
                        if let Value::Null = variable.value {
                            variable.value = Value::Row(fields.iter().map(|(name, _)| (*name, Value::Null)).collect());
                        }
                        (variable.fields, variable.row_type) = (Some(fields), true);
                    }
                }
                DeclarationKind::Alias { of } => {
                    let number = of.as_str().strip_prefix('$').and_then(|number| number.parse::<usize>().ok());
                    let parameter = number.and_then(|number| frame.parameters.get(number.checked_sub(1)?).cloned());
                    let found = frame.find(&[*of]).map(|(at, _)| frame.variables[at].clone());
                    let (ty, value) = match (parameter, found) {
                        (Some((ty, value)), _) => (Some(ty), value),
                        (None, Some(variable)) => (variable.ty, variable.value),
                        (None, None) => (None, Value::Unknown),
                    };
                    frame.declare(Some(name), qualifier, ty, value);
                }
                DeclarationKind::Cursor { args, query, .. } => {
                    let mut parameters = Vec::new();
                    for (name, ty) in args {
                        parameters.push((name.name, self.variable_type(frame, ty)?));
                    }
                    frame.declare(Some(name), qualifier, None, Value::Unknown);
                    if let Some(variable) = frame.variables.last_mut() {
                        variable.cursor = Cursor::declared(*query, parameters);
                    }
                }
                DeclarationKind::Unknown => frame.declare(Some(name), qualifier, None, Value::Unknown),
            }
        }
        Ok(())
    }

    fn variable_type(&mut self, frame: &Frame<'_>, ty: &VariableType) -> Result<Option<TypeRef>> {
        match ty {
            VariableType::Type(sql) => {
                let Some(name) = frame.body.type_name(*sql) else { return Ok(None) };
                if name.is_system("record") {
                    return Ok(None);
                }
                self.replay.type_of_name(name).map_err(Halt::from)
            }
            VariableType::ColumnType { name, span } => self.column_type(frame, name, *span),
            VariableType::RowType { .. } => Ok(None),
        }
    }

    /// The fields of `table%ROWTYPE`, or of a type that is a row.
    fn row_fields(&self, written: &VariableType, ty: Option<&TypeRef>) -> Option<Columns> {
        let now = self.replay.now();
        if let Some(ty) = ty.filter(|ty| !ty.array) {
            let TypeClass::Composite { relation } = now.get(ty.id)?.as_type()?.class else { return None };
            let relation = now.get(relation)?.as_relation().filter(|relation| relation.columns_known)?;
            return Some(fields_of(relation));
        }
        let VariableType::RowType { name, .. } = written else { return None };
        let [.., table] = &name[..] else { return None };
        let schema = name.len().checked_sub(2).map(|at| name[at].name);
        let id = match schema {
            Some(schema) => now.relation_in(now.schema(schema)?, table.name),
            None => self.replay.path.iter().find_map(|schema| now.relation_in(*schema, table.name)),
        };
        let relation = now.get(id?)?.as_relation().filter(|relation| relation.columns_known)?;
        Some(fields_of(relation))
    }

    /// `table.column%TYPE`, `variable%TYPE`.
    fn column_type(&mut self, frame: &Frame<'_>, name: &[Ident], _span: Span) -> Result<Option<TypeRef>> {
        if let [variable] = name {
            return Ok(frame.find(&[*variable]).and_then(|(at, _)| frame.variables[at].ty.clone()));
        }
        let now = self.replay.now();
        let [.., table, column] = name else { return Ok(None) };
        let schema = name.len().checked_sub(3).map(|at| name[at].name);
        let relation = match schema {
            Some(schema) => now.schema(schema).and_then(|schema| now.relation_in(schema, table.name)),
            None => self.replay.path.iter().find_map(|schema| now.relation_in(*schema, table.name)),
        };
        let relation = relation.and_then(|id| now.get(id)).and_then(|object| object.as_relation());
        let found = relation.and_then(|relation| relation.column(column.name));
        Ok(found.and_then(|column| column.ty.clone()).map(|ty| TypeRef { modifiers: Vec::new(), ..ty }))
    }

    fn handle(
        &mut self,
        frame: &mut Frame<'_>,
        block: &Block,
        error: Box<Refusal>,
        mark: super::run::Checkpoint,
    ) -> Result<Flow> {
        let catches = |handler: &&crate::syntax::plpgsql::Handler| {
            handler.conditions.iter().any(|condition| condition::catches(condition, error.sqlstate))
        };
        let Some(handler) = block.handlers.iter().find(catches) else { return Err(Halt::Raised(error)) };
        // The database goes back to where the block began; variables keep what they were given.
        self.replay.back_to(mark);
        frame.declare(Some(Name::from("sqlstate")), None, None, Value::text(error.sqlstate));
        frame.declare(Some(Name::from("sqlerrm")), None, None, Value::text(&error.message));
        let before = frame.handled.replace(error);
        let flow = self.statements(frame, &handler.statements);
        frame.handled = before;
        flow
    }

    fn raise(&mut self, frame: &mut Frame<'_>, raise: &Raise, span: Span) -> Result<()> {
        if raise.again {
            return match &frame.handled {
                Some(error) => Err(Halt::Raised(error.clone())),
                None => Ok(()),
            };
        }
        if raise.level != RaiseLevel::Exception {
            return Ok(());
        }
        let mut code = raise.condition.as_ref().map(|condition| sqlstate_of(condition));
        let mut message = match &raise.format {
            Some(format) => Some(self.raised_message(frame, &format.text, &raise.args)?),
            None => None,
        };
        for (option, value) in &raise.options {
            let value = self.value(frame, *value)?;
            match (option.as_str(), value) {
                ("errcode", Value::Text(text)) => {
                    code = Some(
                        condition::sqlstate(&text).or_else(|| condition::known(&text)).or_else(|| own_code(&text)),
                    );
                }
                ("errcode", _) => code = Some(None),
                ("message", Value::Text(text)) => message = Some(text.to_string()),
                _ => {}
            }
        }
        let message = message.or_else(|| raise.condition.as_ref().map(condition_text)).unwrap_or_default();
        match code.unwrap_or(Some("P0001")) {
            Some(code) => Err(Halt::Raised(Box::new(self.refusal(code, span, message)))),
            None => Err(Halt::Unknown("code raises an error of its own number".into())),
        }
    }

    fn raised_message(&mut self, frame: &mut Frame<'_>, format: &str, args: &[Sql]) -> Result<String> {
        let mut message = String::new();
        let mut args = args.iter();
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '%' if chars.next_if_eq(&'%').is_some() => message.push('%'),
                '%' => match args.next() {
                    Some(arg) => match self.value(frame, *arg)? {
                        Value::Null => message.push_str("<NULL>"),
                        value => match self.show(&value, None) {
                            Value::Text(text) => message.push_str(&text),
                            _ => message.push('…'),
                        },
                    },
                    None => message.push('%'),
                },
                c => message.push(c),
            }
        }
        Ok(message)
    }

    // --- decisions --------------------------------------------------------------------------------

    fn branches(
        &mut self,
        frame: &mut Frame<'_>,
        statement: &CodeStatement,
        arms: &[(Sql, Vec<CodeStatement>)],
        otherwise: Option<&[CodeStatement]>,
    ) -> Result<Flow> {
        for (at, (condition, statements)) in arms.iter().enumerate() {
            match self.value(frame, *condition)?.truth() {
                Truth::True => return self.statements(frame, statements),
                Truth::Unknown => {
                    let rest = arms[at..].iter().map(|(_, statements)| &statements[..]).chain(otherwise);
                    return self.maybe(frame, statement, rest.collect());
                }
                _ => {}
            }
        }
        otherwise.map_or(Ok(Flow::Next), |statements| self.statements(frame, statements))
    }

    fn case_statement(
        &mut self,
        frame: &mut Frame<'_>,
        statement: &CodeStatement,
        operand: Option<Sql>,
        arms: &[(Sql, Vec<CodeStatement>)],
        otherwise: Option<&[CodeStatement]>,
    ) -> Result<Flow> {
        let operand = operand.map(|operand| self.value(frame, operand)).transpose()?;
        for (at, (when, statements)) in arms.iter().enumerate() {
            let rows = self.rows(frame, *when)?;
            let values: Vec<Value> = rows.rows.first().map(|row| row.values.to_vec()).unwrap_or_default();
            let truth = match &operand {
                Some(operand) => super::value::any(values.iter().map(|value| operand.equals(value))),
                None => values.first().map_or(Truth::Unknown, Value::truth),
            };
            match truth {
                Truth::True => return self.statements(frame, statements),
                Truth::Unknown => {
                    let rest = arms[at..].iter().map(|(_, statements)| &statements[..]).chain(otherwise);
                    return self.maybe(frame, statement, rest.collect());
                }
                _ => {}
            }
        }
        match otherwise {
            Some(statements) => self.statements(frame, statements),
            None => Err(Halt::Raised(Box::new(self.refusal("20000", statement.span, "case not found")))),
        }
    }

    /// Some of these may run, or none: what they touch is in doubt from here on.
    fn maybe(&mut self, frame: &mut Frame<'_>, at: &CodeStatement, branches: Vec<&[CodeStatement]>) -> Result<Flow> {
        if branches.iter().all(|statements| is_harmless(frame.body, statements)) {
            return Ok(Flow::Next);
        }
        self.note_unknown("a condition of the code cannot be evaluated");
        _ = at;
        for statements in branches {
            self.doubt_statements(frame, statements)?;
        }
        Ok(Flow::Next)
    }

    /// What statements that may run or not would touch.
    pub(super) fn doubt_statements(&mut self, frame: &mut Frame<'_>, statements: &[CodeStatement]) -> Result<()> {
        let mut pending: Vec<&CodeStatement> = statements.iter().collect();
        while let Some(statement) = pending.pop() {
            self.step()?;
            match &statement.kind {
                CodeStatementKind::Assign { target, .. } => self.assign(frame, target, Value::Unknown)?,
                CodeStatementKind::Return(_) | CodeStatementKind::ReturnNext(_) | CodeStatementKind::ReturnQuery(_) => {
                    frame.maybe_returned = true;
                    self.maybe_left = true;
                }
                CodeStatementKind::Exit { .. } => self.maybe_left = true,
                CodeStatementKind::Execute { query, into, using } => {
                    let text = self.value(frame, *query).unwrap_or(Value::Unknown);
                    _ = using;
                    self.doubt_text(&text);
                    self.forget_into(frame, into.as_ref())?;
                }
                CodeStatementKind::Sql { sql, into } => {
                    self.doubt_sql(frame.body, *sql)?;
                    self.forget_into(frame, into.as_ref())?;
                }
                CodeStatementKind::Perform(sql) => self.doubt_sql(frame.body, *sql)?,
                CodeStatementKind::Fetch { cursor, targets, .. } => {
                    frame.forget_cursor(*cursor);
                    targets.iter().try_for_each(|target| self.assign(frame, target, Value::Unknown))?;
                }
                CodeStatementKind::Open { cursor, .. } | CodeStatementKind::Close(cursor) => {
                    frame.forget_cursor(*cursor);
                }
                CodeStatementKind::Loop(it) => {
                    if let LoopKind::Range { .. }
                    | LoopKind::Query { .. }
                    | LoopKind::Execute { .. }
                    | LoopKind::Array { .. } = &it.kind
                    {
                        self.forget_loop_targets(frame, it)?;
                    }
                }
                CodeStatementKind::Unknown => self.replay.doubt.everything("a statement of code cannot be read"),
                _ => {}
            }
            pending.extend(statement.children());
        }
        frame.set_found(Value::Unknown);
        frame.row_count = Value::Unknown;
        Ok(())
    }

    fn forget_into(&mut self, frame: &mut Frame<'_>, into: Option<&IntoTargets>) -> Result<()> {
        for target in into.into_iter().flat_map(|into| &into.targets) {
            self.assign(frame, target, Value::Unknown)?;
        }
        Ok(())
    }

    fn forget_loop_targets(&mut self, frame: &mut Frame<'_>, it: &Loop) -> Result<()> {
        match &it.kind {
            LoopKind::Query { targets, .. } | LoopKind::Execute { targets, .. } | LoopKind::Array { targets, .. } => {
                targets.iter().try_for_each(|target| self.assign(frame, target, Value::Unknown))
            }
            _ => Ok(()),
        }
    }

    // --- loops ------------------------------------------------------------------------------------

    fn loop_statement(&mut self, frame: &mut Frame<'_>, statement: &CodeStatement, it: &Loop) -> Result<Flow> {
        match &it.kind {
            LoopKind::Forever => self.repeat(frame, it, |_, _| Ok(Truth::True)),
            LoopKind::While(condition) => {
                let condition = *condition;
                self.repeat(frame, it, move |evaluator, frame| Ok(evaluator.value(frame, condition)?.truth()))
            }
            LoopKind::Range { variable, reverse, from, to, step } => {
                let (from, to) = (self.value(frame, *from)?, self.value(frame, *to)?);
                let step = step.map(|step| self.value(frame, step)).transpose()?.unwrap_or(Value::Integer(1));
                let (Value::Integer(from), Value::Integer(to), Value::Integer(step)) = (from, to, step) else {
                    return self.maybe(frame, statement, vec![&it.statements]);
                };
                let step = if *reverse { -step } else { step };
                let outer = frame.variables.len();
                let integer = self.replay.integer_type();
                let label = it.label.map(|label| label.name);
                frame.declare(Some(variable.name), label, integer, Value::Integer(from));
                let mut next = from;
                while step != 0 && ((step > 0 && next <= to) || (step < 0 && next >= to)) {
                    self.step()?;
                    frame.variables[outer].value = Value::Integer(next);
                    match self.iteration(frame, it)? {
                        Some(flow) => {
                            frame.variables.truncate(outer);
                            return Ok(flow);
                        }
                        None => next = next.saturating_add(step),
                    }
                }
                frame.variables.truncate(outer);
                Ok(Flow::Next)
            }
            LoopKind::Query { targets, query } => {
                let rows = self.rows(frame, *query)?;
                self.for_rows(frame, statement, it, targets, &rows)
            }
            LoopKind::Execute { targets, query, using } => {
                let rows = self.execute(frame, *query, using)?;
                self.for_rows(frame, statement, it, targets, &rows)
            }
            LoopKind::Cursor { targets, cursor, args } => {
                let rows = self.cursor_rows(frame, *cursor, args)?;
                self.for_rows(frame, statement, it, targets, &rows)
            }
            LoopKind::Array { targets, slice, array } => match self.value(frame, *array)? {
                Value::Array(values) if !slice => {
                    let values = elements(&values);
                    self.check_takes_element(frame, targets, &values)?;
                    for value in values.iter() {
                        self.step()?;
                        if let [target] = &targets[..] {
                            self.assign(frame, target, value.clone())?;
                        }
                        if let Some(flow) = self.iteration(frame, it)? {
                            return Ok(flow);
                        }
                    }
                    Ok(Flow::Next)
                }
                _ => {
                    self.forget_loop_targets(frame, it)?;
                    self.maybe(frame, statement, vec![&it.statements])
                }
            },
        }
    }

    /// The elements of FOREACH are no rows, unless their type is one.
    fn check_takes_element(&mut self, frame: &Frame<'_>, targets: &[Target], values: &[Value]) -> Result<()> {
        let [target] = targets else { return Ok(()) };
        let is_record = frame.find(&target.parts).is_some_and(|(at, used)| {
            used == target.parts.len() && frame.variables[at].ty.is_none() && !frame.variables[at].row_type
        });
        if !is_record || !matches!(values.first(), Some(Value::Text(_) | Value::Integer(_) | Value::Bool(_))) {
            return Ok(());
        }
        let message = "cannot assign non-composite value to a record variable";
        Err(Halt::Raised(Box::new(self.refusal("42804", target.span, message))))
    }

    fn repeat(
        &mut self,
        frame: &mut Frame<'_>,
        it: &Loop,
        condition: impl Fn(&mut Self, &mut Frame<'_>) -> Result<Truth>,
    ) -> Result<Flow> {
        let left_before = std::mem::take(&mut self.maybe_left);
        let flow = self.repeat_while_known(frame, it, condition);
        self.maybe_left |= left_before;
        flow
    }

    /// Ends where it is not known whether the body runs again.
    fn repeat_while_known(
        &mut self,
        frame: &mut Frame<'_>,
        it: &Loop,
        condition: impl Fn(&mut Self, &mut Frame<'_>) -> Result<Truth>,
    ) -> Result<Flow> {
        loop {
            self.step()?;
            match condition(self, frame)? {
                Truth::True if !self.maybe_left => {}
                Truth::True | Truth::Unknown => {
                    self.note_unknown("a condition of the code cannot be evaluated");
                    self.doubt_statements(frame, &it.statements)?;
                    return Ok(Flow::Next);
                }
                _ => return Ok(Flow::Next),
            }
            if let Some(flow) = self.iteration(frame, it)? {
                return Ok(flow);
            }
        }
    }

    /// Runs the body once; tells how the loop ends, if it does.
    fn iteration(&mut self, frame: &mut Frame<'_>, it: &Loop) -> Result<Option<Flow>> {
        let own = |label: &Option<Name>| label.is_none() || *label == it.label.map(|label| label.name);
        Ok(match self.statements(frame, &it.statements)? {
            Flow::Next => None,
            Flow::Continue(label) if own(&label) => None,
            Flow::Exit(label) if own(&label) => Some(Flow::Next),
            flow => Some(flow),
        })
    }

    fn for_rows(
        &mut self,
        frame: &mut Frame<'_>,
        statement: &CodeStatement,
        it: &Loop,
        targets: &[Target],
        rows: &RowSet,
    ) -> Result<Flow> {
        let outer = frame.variables.len();
        // A record variable that is not declared exists for the loop alone.
        if let [target] = targets
            && frame.find(&target.parts).is_none()
            && let [name] = &target.parts[..]
        {
            frame.declare(Some(name.name), it.label.map(|label| label.name), None, Value::Null);
        }
        let mut result = Flow::Next;
        for row in &rows.rows {
            self.step()?;
            self.assign_row(frame, targets, &row.values, &rows.columns)?;
            if !row.certain {
                self.maybe(frame, statement, vec![&it.statements])?;
                continue;
            }
            if let Some(flow) = self.iteration(frame, it)? {
                result = flow;
                break;
            }
        }
        if rows.open && result == Flow::Next {
            for target in targets {
                self.assign(frame, target, Value::Unknown)?;
            }
            self.maybe(frame, statement, vec![&it.statements])?;
        }
        frame.variables.truncate(outer);
        Ok(result)
    }

    // --- values -----------------------------------------------------------------------------------

    /// The value of an expression.
    pub(super) fn value(&mut self, frame: &mut Frame<'_>, sql: Sql) -> Result<Value> {
        Ok(only_value(&self.rows(frame, sql)?))
    }

    /// The rows of a query, or of any other statement none.
    pub(super) fn rows(&mut self, frame: &mut Frame<'_>, sql: Sql) -> Result<RowSet> {
        self.spend(RESOLVE)?;
        let statement = match frame.body.statement(sql) {
            Ok(statement) => statement.clone(),
            Err(error) => {
                return Err(Halt::Raised(Box::new(self.refusal(error.sqlstate(), error.span, error.message.clone()))));
            }
        };
        let (variables, parameters) = frame.values();
        let context = Context { rows: None, parameters: &parameters, variables: &variables, case: None };
        self.statement(statement, &frame.scope(), context)
    }

    /// EXECUTE.
    pub(super) fn execute(&mut self, frame: &mut Frame<'_>, query: Sql, using: &[Sql]) -> Result<RowSet> {
        let text = self.value(frame, query)?;
        let (mut parameters, mut types) = (Vec::new(), Vec::new());
        for value in using {
            let rows = self.rows(frame, *value)?;
            types.push(rows.columns.first().and_then(|(_, ty)| ty.clone()));
            parameters.push(only_value(&rows));
        }
        match text {
            Value::Text(text) => {
                let place = super::run::place_of(frame.body.expression(query), &text, query.span);
                self.execute_text(&text, &place, query.span, &parameters, types)
            }
            Value::Null => {
                let message = "query string argument of EXECUTE is null";
                Err(Halt::Raised(Box::new(self.refusal("22004", query.span, message))))
            }
            Value::Bool(_) | Value::Integer(_) | Value::Number(_) => {
                let message = "syntax error in the text of EXECUTE: it is no statement";
                Err(Halt::Raised(Box::new(self.refusal("42601", query.span, message))))
            }
            text => {
                if !self.doubt_text(&text) {
                    self.note_unknown("the text of an EXECUTE is not known");
                }
                Ok(RowSet::unknown())
            }
        }
    }

    fn into(&mut self, frame: &mut Frame<'_>, into: Option<&IntoTargets>, rows: &RowSet) -> Result<()> {
        let Some(into) = into else { return Ok(()) };
        let known = !rows.open && rows.rows.first().is_none_or(|row| row.certain);
        match (rows.rows.first(), known) {
            (Some(row), true) => self.assign_row(frame, &into.targets, &row.values.clone(), &rows.columns),
            (None, true) if into.strict => {
                Err(Halt::Raised(Box::new(self.refusal("P0002", into.span, "query returned no rows"))))
            }
            (None, true) => into.targets.iter().try_for_each(|target| self.assign(frame, target, Value::Null)),
            _ => into.targets.iter().try_for_each(|target| self.assign(frame, target, Value::Unknown)),
        }
    }

    /// A row into one record or into as many variables as it has columns.
    pub(super) fn assign_row(
        &mut self,
        frame: &mut Frame<'_>,
        targets: &[Target],
        values: &[Value],
        columns: &Columns,
    ) -> Result<()> {
        if let [target] = targets {
            let record = frame.find(&target.parts).map(|(at, _)| at).filter(|at| frame.variables[*at].ty.is_none());
            let value = match (record, values) {
                (Some(at), values) if !columns.is_empty() => {
                    let variable = &mut frame.variables[at];
                    if !variable.row_type {
                        variable.fields = Some(columns.clone());
                    }
                    let names = variable.fields.iter().flat_map(|fields| fields.iter()).map(|(name, _)| *name);
                    Value::Row(names.zip(values.iter().cloned()).collect())
                }
                (_, [only, ..]) => only.clone(),
                (_, []) => Value::Null,
            };
            return self.assign(frame, target, value);
        }
        let values = values.iter().cloned().chain(std::iter::repeat(Value::Null));
        targets.iter().zip(values).try_for_each(|(target, value)| self.assign(frame, target, value))
    }

    pub(super) fn assign(&mut self, frame: &mut Frame<'_>, target: &Target, value: Value) -> Result<()> {
        let Some((at, used)) = frame.find(&target.parts) else { return Ok(()) };
        let fields = &target.parts[used..];
        let variable = &frame.variables[at];
        let value = match fields {
            _ if target.subscripted => Value::Unknown,
            [] => {
                let ty = variable.ty.clone();
                let value = self.as_variable(value, ty.as_ref())?;
                match &variable.fields {
                    Some(fields) if variable.row_type => as_row(value, fields),
                    _ => value,
                }
            }
            [name] => with_field(&variable.value, name.name, value),
            _ => Value::Unknown,
        };
        frame.variables[at].value = value;
        Ok(())
    }

    pub(super) fn as_variable(&mut self, value: Value, ty: Option<&TypeRef>) -> Result<Value> {
        match ty {
            Some(ty) => self.converted_to(value, ty),
            None => Ok(value),
        }
    }
}

/// The value of an expression, which is a query of one row.
fn only_value(rows: &RowSet) -> Value {
    match (&rows.rows[..], rows.open) {
        ([], false) => Value::Null,
        ([first, ..], false) if first.certain => first.values.first().cloned().unwrap_or(Value::Unknown),
        _ => Value::Unknown,
    }
}

/// The elements of an array of any number of dimensions.
fn elements(array: &[Value]) -> Vec<Value> {
    let mut elements = Vec::new();
    let mut pending: Vec<&Value> = array.iter().rev().collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(inner) => pending.extend(inner.iter().rev()),
            value => elements.push(value.clone()),
        }
    }
    elements
}

/// The columns of a relation as the fields of a row.
fn fields_of(relation: &Relation) -> Columns {
    relation.columns.iter().map(|column| (column.name, column.ty.clone())).collect()
}

/// A row as one with other fields: by their order.
fn as_row(value: Value, fields: &Columns) -> Value {
    match value {
        Value::Row(values) if values.len() == fields.len() => {
            fields.iter().zip(values.iter()).map(|((name, _), (_, value))| (*name, value.clone())).collect()
        }
        Value::Row(_) => Value::Unknown,
        Value::Null => fields.iter().map(|(name, _)| (*name, Value::Null)).collect(),
        value => value,
    }
}

fn with_field(base: &Value, name: Name, value: Value) -> Value {
    if field(base, name).is_unknown() && !matches!(base, Value::Row(_)) {
        return Value::Unknown;
    }
    let Value::Row(fields) = base else { return Value::Unknown };
    let set = |(field, old): &(Name, Value)| (*field, if *field == name { value.clone() } else { old.clone() });
    Value::Row(fields.iter().map(set).collect())
}

/// ROW_COUNT: of INTO at most one.
fn row_count(rows: &RowSet, into: bool) -> Value {
    if rows.open || rows.rows.iter().any(|row| !row.certain) {
        return Value::Unknown;
    }
    let count = if into { rows.rows.len().min(1) } else { rows.rows.len() };
    Value::Integer(count as i64)
}

fn found(rows: &RowSet) -> Value {
    match () {
        () if rows.rows.iter().any(|row| row.certain) => Value::Bool(true),
        () if rows.rows.is_empty() && !rows.open => Value::Bool(false),
        () => Value::Unknown,
    }
}

fn is_query(body: &Body, sql: Sql) -> bool {
    body.statement(sql).is_ok_and(|statement| statement.kind.is_data())
}

fn sqlstate_of(condition: &Condition) -> Option<&'static str> {
    match condition {
        Condition::Name(name) => condition::sqlstate(name.as_str()),
        Condition::SqlState(label) => condition::known(&label.text),
    }
}

fn condition_text(condition: &Condition) -> String {
    match condition {
        Condition::Name(name) => name.name.to_string(),
        Condition::SqlState(label) => label.text.to_string(),
    }
}

/// Statements that change nothing that later statements could meet: messages alone.
fn is_harmless(body: &Body, statements: &[CodeStatement]) -> bool {
    let mut harmless = true;
    for statement in statements {
        let mut see = |statement: &CodeStatement| {
            harmless &= match &statement.kind {
                CodeStatementKind::Raise(raise) => raise.level != RaiseLevel::Exception,
                CodeStatementKind::Null | CodeStatementKind::If { .. } | CodeStatementKind::Case { .. } => true,
                CodeStatementKind::Sql { sql, into } => into.is_none() && writes_rows_only(body, *sql),
                _ => false,
            };
        };
        statement.walk(&mut see);
    }
    harmless
}

fn writes_rows_only(body: &Body, sql: Sql) -> bool {
    body.statement(sql)
        .is_ok_and(|statement| matches!(statement.kind, StatementKind::Update(_) | StatementKind::Delete(_)))
}

/// A SQLSTATE of the project's own: five digits or capitals.
fn own_code(text: &str) -> Option<&'static str> {
    let is_code = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    is_code.then(|| Name::from(text).as_str())
}
