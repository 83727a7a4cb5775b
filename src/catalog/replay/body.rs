//! The code of a function where it is made: the server reads it then, and refuses what it cannot make sense of.

use super::{Effect, Replay};
use crate::catalog::analyze::{Scope, ScopeVariable};
use crate::catalog::{Dependency, Part, Routine};
use crate::syntax::{CodeText, CreateFunction, FunctionBody, Statement};

impl Replay {
    /// Checks the code, and tells what an SQL-standard body needs. Code in a string needs nothing to exist
    /// later on: it is read again at each call.
    pub(super) fn check_body(&mut self, create: &CreateFunction, routine: &Routine) -> Effect<Vec<Dependency>> {
        let scope = self.function_scope(create, routine);
        match &create.body {
            Some(FunctionBody::Return(expr)) => {
                let analysis = self.analyze(&scope, expr, &crate::catalog::analyze::Purpose::Value)?;
                Ok(self.needs_of(&analysis.needs(), Part::Whole))
            }
            Some(FunctionBody::Atomic(statements)) => self.check_statements(&scope, statements.iter()),
            Some(FunctionBody::Text { code, .. }) if !self.is_off("check_function_bodies") => {
                let checked = self.check_text(create, routine, &scope, code);
                if checked.is_err() {
                    code.forget();
                }
                checked.map(|()| Vec::new())
            }
            _ => Ok(Vec::new()),
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
            "plpgsql" => self.check_plpgsql_function(create.name.name, routine, code),
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
            Err(error) => return Err(self.refuse("42601", error.span, error.message.clone())),
        };
        let polymorphic = routine.inputs().any(|parameter| {
            let object = self.now().get(parameter.ty.id);
            object.is_some_and(|object| super::function::is_polymorphic(object.name.as_str()))
        });
        if polymorphic {
            return Ok(());
        }
        self.check_statements(scope, statements.iter().map(|statement| &**statement)).map(|_| ())
    }

    /// Whether a boolean setting that is on by default was switched off.
    pub(super) fn is_off(&self, setting: &str) -> bool {
        let value = self.session.settings.get(&crate::syntax::Name::from(setting));
        value.is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "off" | "false" | "no" | "0" | "f"))
    }
}
