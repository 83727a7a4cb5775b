//! Queries and statements that write rows: what the server refuses in them, and the few that change more.

use super::{Effect, Replay};
use crate::catalog::Outcome;
use crate::catalog::analyze::Scope;
use crate::syntax::{
    Call, Copy, DataStatement, Expr, ExprKind, Name, Part, Query, QueryBody, Statement, StatementKind, Target,
};

impl Replay {
    /// Carries out a query or a statement that writes rows; `None` where it is neither.
    pub(super) fn execute_data(&mut self, statement: &Statement) -> Option<Effect> {
        let data = match &statement.kind {
            StatementKind::Select(query) => return Some(self.select(query)),
            StatementKind::Insert(insert) => DataStatement::Insert(insert.clone()),
            StatementKind::Update(update) => DataStatement::Update(update.clone()),
            StatementKind::Delete(delete) => DataStatement::Delete(delete.clone()),
            StatementKind::Merge(merge) => DataStatement::Merge(merge.clone()),
            StatementKind::Copy(copy) => return Some(self.copy(copy)),
            _ => return None,
        };
        Some(self.analyze_statement(&Scope::empty(), &data).map(|_| Outcome::Done))
    }

    fn select(&mut self, query: &Query) -> Effect {
        if let QueryBody::Select(select) = &query.body
            && let Some(into) = &select.into
        {
            return self.select_into(into, query);
        }
        let analysis = self.analyze_query(&Scope::empty(), query)?;
        self.doubt_calls(&analysis.needs().functions, strings_of(query).into_iter());
        if let QueryBody::Select(select) = &query.body {
            select.targets.iter().for_each(|target| self.follow_set_config(target));
        }
        Ok(Outcome::Done)
    }

    /// `SELECT set_config('search_path', '', false)`, as dumps begin.
    fn follow_set_config(&mut self, target: &Target) {
        let ExprKind::Call(call) = &target.expr.kind else { return };
        if let Some((name, value, local)) = set_config_of(call) {
            self.set_config(Name::from(&name.to_lowercase()), value, local);
        }
    }

    fn copy(&mut self, copy: &Copy) -> Effect {
        if let Some(query) = &copy.query {
            self.analyze_statement(&Scope::empty(), query)?;
        }
        if let Some(relation) = &copy.relation {
            let id = self.relation_read(&relation.name)?;
            for column in &copy.columns {
                self.column_of(id, *column)?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// The string constants in a query.
fn strings_of(query: &Query) -> Vec<String> {
    let mut strings = Vec::new();
    Part::Query(query).walk(&mut |part| {
        if let Part::Expr(Expr { kind: ExprKind::String(text), .. }) = part {
            strings.push(text.to_string());
        }
        true
    });
    strings
}

fn set_config_of(call: &Call) -> Option<(&str, &str, bool)> {
    let system = call.function.schema.is_none_or(|schema| schema.as_str() == "pg_catalog");
    if call.function.name.as_str() != "set_config" || !system {
        return None;
    }
    let [name, value, local] = &call.args[..] else { return None };
    Some((string(&name.value)?, string(&value.value)?, boolean(&local.value)?))
}

fn string(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::String(text) => Some(text),
        ExprKind::Cast(cast) => string(&cast.expr),
        _ => None,
    }
}

fn boolean(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Bool(value) => Some(*value),
        ExprKind::Cast(cast) => boolean(&cast.expr),
        ExprKind::String(text) => match &**text {
            "t" | "true" => Some(true),
            "f" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
