//! The code of a function where it is made: the server reads it then, and refuses what it cannot make sense of.

use super::{Effect, Replay};
use crate::catalog::analyze::{self, Purpose, Scope, ScopeVariable, Type};
use crate::catalog::{Dependency, Part, Routine, RoutineKind, TypeClass, TypeRef};
use crate::source::Span;
use crate::syntax::{CastContext, CodeText, CreateFunction, ExprKind, FunctionBody, Name, ParameterMode, Statement};

impl Replay {
    /// Reads an SQL-standard body, and tells what it needs. Code in a string needs nothing to exist later on: it is read
    /// again at each call.
    pub(super) fn read_standard_body(&mut self, create: &CreateFunction, routine: &Routine) -> Effect<Vec<Dependency>> {
        match &create.body {
            Some(FunctionBody::Return(expr)) => {
                let scope = self.function_scope(create, routine);
                let analysis = self.analyze(&scope, expr, &Purpose::Value)?;
                Ok(self.needs_of(&analysis.needs(), Part::Whole))
            }
            Some(FunctionBody::Atomic(statements)) => {
                let scope = self.function_scope(create, routine);
                self.check_statements(&scope, statements.iter())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The function's validator: the code, or what a body that was read already gives back.
    pub(super) fn check_body(&mut self, create: &CreateFunction, routine: &Routine) -> Effect<()> {
        match &create.body {
            Some(FunctionBody::Return(expr)) => {
                let scope = self.function_scope(create, routine);
                let analysis = self.analyze(&scope, expr, &Purpose::Value)?;
                // A constant that has no type yet becomes text.
                let ty = match expr.kind {
                    ExprKind::String(_) => self.system_type(Name::from("text")),
                    _ => analysis.ty(),
                };
                self.check_sql_columns(routine, &[ty], expr.span)
            }
            Some(FunctionBody::Atomic(statements)) => {
                let scope = self.function_scope(create, routine);
                let span = statements.last().map_or(create.name.span(), |last| last.span);
                self.check_sql_result(&scope, routine, statements.last(), span)
            }
            Some(FunctionBody::Text { code, .. }) if !self.is_off("check_function_bodies") => {
                let scope = self.function_scope(create, routine);
                let checked = self.check_text(create, routine, &scope, code);
                if checked.is_err() {
                    code.forget();
                }
                checked
            }
            _ => Ok(()),
        }
    }

    /// ProcedureCreate: the validator runs under the settings that the function brings along.
    fn check_text(&mut self, create: &CreateFunction, routine: &Routine, scope: &Scope, code: &CodeText) -> Effect<()> {
        let before = (!routine.settings.is_empty()).then(|| self.session.clone());
        for (name, value) in &routine.settings {
            self.set_for_function(*name, value);
        }
        self.refresh_path();
        let checked = match routine.language.as_str() {
            _ if self.is_off("check_function_bodies") => Ok(()),
            "sql" => self.check_sql_text(scope, routine, code),
            "plpgsql" => self.check_plpgsql_function(&create.name, routine, code),
            _ => Ok(()),
        };
        if let Some(before) = before {
            self.session = before;
            self.refresh_path();
        }
        checked
    }

    fn function_scope(&self, create: &CreateFunction, routine: &Routine) -> Scope {
        let variable = |parameter: &crate::catalog::RoutineParameter| ScopeVariable {
            name: parameter.name,
            qualifier: Some(create.name.name.name),
            ty: Some(parameter.ty.clone()),
            fields: None,
        };
        Scope {
            parameters: routine.inputs().map(variable).collect(),
            function: Some(create.name.name.name),
            ..Scope::default()
        }
    }

    fn check_statements<'s>(
        &mut self,
        scope: &Scope,
        statements: impl Iterator<Item = &'s Statement>,
    ) -> Effect<Vec<Dependency>> {
        let mut depends = Vec::new();
        for statement in statements {
            let Some(statement) = statement.kind.as_data() else { continue };
            let analysis = self.analyze_statement(scope, statement)?;
            depends.extend(self.needs_of(&analysis.needs(), Part::Whole));
        }
        Ok(depends)
    }

    /// fmgr_sql_validator: with polymorphic arguments only the grammar is checked.
    fn check_sql_text(&mut self, scope: &Scope, routine: &Routine, code: &CodeText) -> Effect<()> {
        let read = code.statements();
        let statements = match &*read {
            Ok(statements) => statements,
            Err(error) => return Err(self.refuse(error.sqlstate(), error.span, error.message.clone())),
        };
        let polymorphic = routine.inputs().any(|parameter| {
            let object = self.now().get(parameter.ty.id);
            object.is_some_and(|object| super::function::is_polymorphic(object.name.as_str()))
        });
        if polymorphic {
            return Ok(());
        }
        self.check_statements(scope, statements.iter().map(|statement| &**statement))?;
        self.check_sql_result(scope, routine, statements.last().map(|statement| &**statement), code.span)
    }

    /// check_sql_fn_retval: the last statement must give what the function is declared to return.
    fn check_sql_result(
        &mut self,
        scope: &Scope,
        routine: &Routine,
        last: Option<&Statement>,
        span: Span,
    ) -> Effect<()> {
        if routine.kind != RoutineKind::Function {
            return Ok(());
        }
        let given = match last.and_then(|last| last.kind.as_data()) {
            Some(data) => {
                let analysis = self.analyze_statement(scope, data)?;
                if analysis.query.incomplete {
                    return Ok(());
                }
                analysis.columns()
            }
            None => Vec::new(),
        };
        let given: Vec<Option<TypeRef>> = given.into_iter().map(|column| column.ty).collect();
        self.check_sql_columns(routine, &given, span)
    }

    fn check_sql_columns(&mut self, routine: &Routine, given: &[Option<TypeRef>], span: Span) -> Effect<()> {
        let Some(returns) = routine.returns.clone().filter(|_| routine.kind == RoutineKind::Function) else {
            return Ok(());
        };
        let result = self.now().get(returns.id).map(|object| object.name).unwrap_or_default();
        if result.as_str() == "void" || super::function::is_polymorphic(result.as_str()) {
            return Ok(());
        }
        if self.is_result(routine, &returns, given) {
            return Ok(());
        }
        let name = self.now().type_name_within(&returns, &self.path);
        let message = format!("return type mismatch in function declared to return {name}");
        Err(self.refuse("42P13", span, message))
    }

    /// Whether columns of these types are a row that a function may return.
    fn is_result(&self, routine: &Routine, returns: &TypeRef, given: &[Option<TypeRef>]) -> bool {
        let is_output = |mode| matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table);
        let outputs = routine.parameters.iter().filter(|parameter| is_output(parameter.mode));
        let outputs: Vec<&TypeRef> = outputs.map(|parameter| &parameter.ty).collect();
        let composite = match self.type_class(&self.base_type(returns)).filter(|_| !returns.array) {
            Some(&TypeClass::Composite { relation }) => match self.now().relation(relation) {
                Some(relation) if relation.is.columns_known => {
                    Some(relation.is.columns.iter().filter_map(|column| column.ty.as_ref()).collect::<Vec<_>>())
                }
                _ => return true,
            },
            _ => None,
        };
        let wanted = match (composite, &outputs[..]) {
            // A whole row may stand for its columns.
            (Some(_), _) if given.len() == 1 && self.may_become(given[0].as_ref(), returns) => return true,
            (Some(columns), _) => columns,
            (None, [_, _, ..]) => outputs,
            (None, _) if self.now().get(returns.id).is_some_and(|it| it.name.as_str() == "record") => {
                return !given.is_empty();
            }
            (None, _) => vec![returns],
        };
        let pairs = given.iter().zip(&wanted);
        given.len() == wanted.len() && pairs.into_iter().all(|(given, wanted)| self.may_become(given.as_ref(), wanted))
    }

    fn may_become(&self, given: Option<&TypeRef>, wanted: &TypeRef) -> bool {
        let Some(given) = given else { return true };
        let (given, wanted) = (self.base_type(given), self.base_type(wanted));
        let ty = |ty: &TypeRef| Type { id: ty.id, array: ty.array };
        analyze::can_coerce(self.environment(), ty(&given), ty(&wanted), CastContext::Assignment)
    }

    /// Whether a boolean setting that is on by default was switched off.
    pub(super) fn is_off(&self, setting: &str) -> bool {
        let value = self.session.settings.get(&crate::syntax::Name::from(setting));
        value.is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "off" | "false" | "no" | "0" | "f"))
    }
}
