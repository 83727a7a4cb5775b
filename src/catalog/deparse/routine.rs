//! Functions (pg_get_function_arguments, pg_get_function_result).

use super::Deparser;
use crate::catalog::{ObjectId, Routine, RoutineKind, RoutineParameter};
use crate::syntax::ParameterMode;
use crate::syntax::quote::quote_identifier;

impl Deparser<'_> {
    /// `pg_get_function_arguments(oid)`: the parameters with their defaults.
    pub fn routine_arguments(&self, id: ObjectId) -> Option<String> {
        let routine = self.at.get(id)?.as_routine()?;
        let mut text = String::new();
        let mut printed = 0;
        for (at, parameter) in routine.parameters.iter().enumerate() {
            if parameter.mode == ParameterMode::Table {
                continue;
            }
            let order = routine.direct_args == Some(printed);
            text.push_str(match (printed, order) {
                (0, true) => "ORDER BY ",
                (0, false) => "",
                (_, true) => " ORDER BY ",
                (_, false) => ", ",
            });
            printed += 1;
            text.push_str(mode(parameter.mode, routine.kind));
            text.push_str(&self.parameter(parameter));
            if parameter.default.is_some() {
                text.push_str(" DEFAULT ");
                text.push_str(&self.parameter_default(id, at)?);
            }
        }
        Some(text)
    }

    fn parameter(&self, parameter: &RoutineParameter) -> String {
        let ty = self.at.type_name_within(&parameter.ty, self.search_path);
        match parameter.name {
            Some(name) => format!("{} {ty}", quote_identifier(&name)),
            None => ty,
        }
    }

    /// `pg_get_function_result(oid)`; a procedure has none.
    pub fn routine_result(&self, id: ObjectId) -> Option<String> {
        let routine = self.at.get(id)?.as_routine()?;
        if routine.kind == RoutineKind::Procedure {
            return None;
        }
        let columns = table_columns(routine);
        if !columns.is_empty() {
            let columns: Vec<String> = columns.iter().map(|column| self.parameter(column)).collect();
            return Some(format!("TABLE({})", columns.join(", ")));
        }
        let ty = self.at.type_name_within(routine.returns.as_ref()?, self.search_path);
        Some(if routine.returns_set { format!("SETOF {ty}") } else { ty })
    }
}

fn table_columns(routine: &Routine) -> Vec<&RoutineParameter> {
    routine.parameters.iter().filter(|parameter| parameter.mode == ParameterMode::Table).collect()
}

fn mode(mode: ParameterMode, kind: RoutineKind) -> &'static str {
    match mode {
        ParameterMode::In if kind == RoutineKind::Procedure => "IN ",
        ParameterMode::In | ParameterMode::Table => "",
        ParameterMode::Out => "OUT ",
        ParameterMode::InOut => "INOUT ",
        ParameterMode::Variadic => "VARIADIC ",
    }
}
