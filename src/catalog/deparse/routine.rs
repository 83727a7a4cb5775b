//! Functions (pg_get_functiondef, pg_get_function_arguments, pg_get_function_result).

use std::fmt::Write as _;

use super::Deparser;
use crate::catalog::{ObjectId, Routine, RoutineKind, RoutineParameter};
use crate::syntax::quote::{quote_identifier, quote_literal};
use crate::syntax::{ParameterMode, Volatility};

impl Deparser<'_> {
    /// `pg_get_functiondef(oid)`; not of those whose body is parsed when they are made.
    pub fn routine_definition(&self, id: ObjectId) -> Option<String> {
        let object = self.at.get(id)?;
        let routine = object.as_routine()?;
        let procedure = routine.kind == RoutineKind::Procedure;
        let standard = routine.source.is_empty() && routine.language.as_str() == "sql";
        let numbers = [routine.cost.as_deref(), routine.rows.as_deref()];
        let plain = |number: &str| number.len() < 7 && number.bytes().all(|byte| byte.is_ascii_digit());
        if standard
            || routine.has_more
            || !numbers.into_iter().flatten().all(plain)
            || !(procedure || matches!(routine.kind, RoutineKind::Function | RoutineKind::Window))
        {
            return None;
        }
        let word = if procedure { "PROCEDURE" } else { "FUNCTION" };
        let arguments = self.routine_arguments(id)?;
        let mut sql = format!("CREATE OR REPLACE {word} {}({arguments})\n", self.at.quoted_name(object));
        if let Some(result) = self.routine_result(id) {
            let _ = writeln!(sql, " RETURNS {result}");
        }
        let _ = writeln!(sql, " LANGUAGE {}", quote_identifier(&routine.language));
        let options = options(routine);
        if !options.is_empty() {
            let _ = writeln!(sql, "{options}");
        }
        for (name, value) in &routine.settings {
            let _ = writeln!(sql, " SET {} TO {}", quote_identifier(name), setting(name, value));
        }
        let quote = dollar_quote(&routine.source, &word.to_lowercase());
        let _ = writeln!(sql, "AS {quote}{}{quote}", routine.source);
        Some(sql)
    }

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

fn options(routine: &Routine) -> String {
    let mut sql = String::from(if routine.kind == RoutineKind::Window { " WINDOW" } else { "" });
    sql.push_str(match routine.volatility {
        Volatility::Immutable => " IMMUTABLE",
        Volatility::Stable => " STABLE",
        Volatility::Volatile => "",
    });
    if let Some(parallel) = routine.parallel.filter(|parallel| parallel.as_str() != "unsafe") {
        let _ = write!(sql, " PARALLEL {}", parallel.to_uppercase());
    }
    sql.push_str(if routine.strict { " STRICT" } else { "" });
    sql.push_str(if routine.security_definer { " SECURITY DEFINER" } else { "" });
    sql.push_str(if routine.leakproof { " LEAKPROOF" } else { "" });
    for (word, number) in [("COST", &routine.cost), ("ROWS", &routine.rows)] {
        if let Some(number) = number {
            let _ = write!(sql, " {word} {number}");
        }
    }
    sql
}

/// The value of a setting: names in a list one by one, anything else as one text.
fn setting(name: &str, value: &str) -> String {
    let list = ["search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries"];
    if !list.contains(&name) {
        return quote_literal(value);
    }
    let parts: Vec<String> = split_list(value).iter().map(|part| quote_literal(part)).collect();
    if parts.is_empty() { "''".to_owned() } else { parts.join(", ") }
}

/// SplitGUCList: names between commas, quotes taken off.
fn split_list(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted.replace("\"\"", "\u{0}\u{0}").find('"') {
                Some(end) => (quoted[..end].replace("\"\"", "\""), &quoted[end + 1..]),
                None => (quoted.to_owned(), ""),
            },
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        parts.push(part);
        rest = after.trim_start().strip_prefix(',').unwrap_or("").trim_start();
    }
    parts
}

/// A dollar quote that the text does not hold.
fn dollar_quote(text: &str, word: &str) -> String {
    let mut tag = format!("${word}");
    while text.contains(&tag) {
        tag.push('x');
    }
    tag + "$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_lists() {
        assert_eq!(setting("search_path", "\"\""), "''");
        assert_eq!(setting("search_path", "public, \"My \"\"x\"\"\", pg_temp"), "'public', 'My \"x\"', 'pg_temp'");
        assert_eq!(setting("statement_timeout", "5s"), "'5s'");
    }

    #[test]
    fn a_quote_that_is_not_in_the_text() {
        assert_eq!(dollar_quote("select 1", "function"), "$function$");
        assert_eq!(dollar_quote("$function$", "function"), "$functionx$");
    }
}
