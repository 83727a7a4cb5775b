//! Parse analysis of what a statement holds: its refusals become those of the statement, told with the history.

use super::refuse::Missing;
use super::{Effect, Replay, Stop};
use crate::catalog::analyze::{self, Environment, ExprAnalysis, Purpose, QueryAnalysis, Scope};
use crate::catalog::{NameKey, NameSpace, Tag};
use crate::syntax::{DataRef, Expr, Query};

impl Replay {
    /// Where the current statement looks names up.
    pub(crate) fn environment(&self) -> Environment<'_> {
        Environment {
            doubt: Some(&self.doubt),
            transaction: Some(self.transaction.number),
            ..Environment::new(self.now(), &self.path, self.settings.version)
        }
    }

    /// Resolves an expression.
    pub(crate) fn analyze(&mut self, scope: &Scope, expr: &Expr, purpose: &Purpose) -> Effect<ExprAnalysis> {
        let result = analyze::expression(self.environment(), scope, expr, purpose);
        result.map_err(|error| self.stop_of(*error))
    }

    /// Resolves a query.
    pub(crate) fn analyze_query(&mut self, scope: &Scope, query: &Query) -> Effect<QueryAnalysis> {
        let result = analyze::query(self.environment(), scope, query);
        result.map_err(|error| self.stop_of(*error))
    }

    /// Resolves a query or a statement that writes rows.
    pub(crate) fn analyze_statement(&mut self, scope: &Scope, statement: DataRef<'_>) -> Effect<QueryAnalysis> {
        let result = analyze::statement(self.environment(), scope, statement);
        result.map_err(|error| self.stop_of(*error))
    }

    /// What analysis refuses, as the refusal of the current statement.
    pub(crate) fn stop_of(&mut self, error: analyze::Error) -> Stop {
        let stop = Stop::Refused(Box::new(error.refusal));
        match error.missing {
            None => stop,
            Some(analyze::Missing::Named(keys)) => self.stop_for_names(stop, keys),
            Some(analyze::Missing::Column(table, name)) => match self.doubt_about_column(table, name) {
                Some(why) => Stop::Unknown(why),
                None => match self.end_of_column(table, name) {
                    Some((place, what)) => stop.label(place, what),
                    None => stop,
                },
            },
            Some(analyze::Missing::Schema(name)) => {
                self.stop_for_names(stop, vec![NameKey { space: NameSpace::Other(Tag::Schema), parent: None, name }])
            }
        }
    }

    fn stop_for_names(&mut self, mut stop: Stop, keys: Vec<NameKey>) -> Stop {
        if let Some(why) = self.doubt_about_keys(&keys) {
            return Stop::Unknown(why);
        }
        for key in keys {
            let version = self.settings.version;
            if self.now().extension_may_hold(version, key.space, key.name, |schema| key.parent == Some(schema)) {
                return self.unknown("an extension whose contents are not known may have made it");
            }
            if let Some((place, what)) = self.last_end_of(key) {
                stop = stop.label(place, what);
            }
            self.missing.push(Missing { statement: self.current, key });
        }
        stop
    }
}
